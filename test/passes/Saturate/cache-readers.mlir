// RUN: tern-opt %s --tern-saturate | FileCheck %s

!cache = !kv.cache<1 x 1, 4, 4, f32>
!batch = !kv.batch<T, B>
!heads = tensor<?x1x4xf32, #tern.dims<T>>
!numbers = tensor<?xi32, #tern.dims<T>>

tern.dim @T from 1 to 8
tern.dim @B from 1 to 8

// What reads a cache is computed before the cache changes, whoever asks for it later.
// CHECK-LABEL: @reads_before_the_change
// CHECK:         %[[FIRST:.*]] = kv.append %arg2
// CHECK:         %[[READ:.*]] = kv.attend %arg0, %[[FIRST]]
// CHECK:         %[[SECOND:.*]] = kv.append %[[FIRST]]
// CHECK:         %[[AGAIN:.*]] = kv.attend %arg0, %[[SECOND]]
// CHECK:         tern.add %[[READ]], %[[AGAIN]]
func.func @reads_before_the_change(%q: !heads, %p: !numbers, %c: !cache, %b: !batch) -> (!heads, !cache) {
  %layer = arith.constant 0 : index
  %c1 = kv.append %c, %q, %q, %p, %b at %layer : !cache, !heads, !heads, !numbers, !batch
  %0 = kv.attend %q, %c1, %p, %b at %layer scale 1.0 : !heads, !cache, !numbers, !batch
  %c2 = kv.append %c1, %q, %q, %p, %b at %layer : !cache, !heads, !heads, !numbers, !batch
  %1 = kv.attend %q, %c2, %p, %b at %layer scale 1.0 : !heads, !cache, !numbers, !batch
  %2 = tern.add %0, %1 : !heads, !heads
  return %2, %c2 : !heads, !cache
}
