// RUN: tern-opt %s --tern-expand-composites --tern-find-composites | FileCheck %s

// What a composite spells is found, and what differs from it in one place is not.

!cache = !kv.cache<2 x 2, 4, 6, f16>
!batch = !kv.batch<T, B>
!query = tensor<?x4x4xf32, #tern.dims<T>>
!numbers = tensor<?xi32, #tern.dims<T>>
!keys = tensor<?x2x?x4xf32, #tern.dims<T, S>>
!values = tensor<?x2x?x6xf32, #tern.dims<T, S>>
!seen = tensor<?x2x?xf32, #tern.dims<T, S>>
!scores = tensor<?x2x2x?xf32, #tern.dims<T, S>>

tern.dim @T from 1 to 8
tern.dim @B from 1 to 8
tern.dim @S from 0 to 64

// CHECK-LABEL: @over_a_cache
// CHECK-SAME:    (%[[Q:.*]]: tensor<?x4x4xf32{{.*}}, %[[CACHE:.*]]: !kv.cache
// CHECK-NEXT:    %[[RESULT:.*]] = kv.attend %[[Q]], %[[CACHE]], %{{.*}}, %{{.*}} at %{{.*}} scale 5.000000e-01 window 3 soft_cap 2.000000e+00
// CHECK-NEXT:    return %[[RESULT]]
func.func @over_a_cache(%q: !query, %c: !cache, %p: !numbers, %b: !batch, %layer: index) -> tensor<?x4x6xf32, #tern.dims<T>> {
  %0 = kv.attend %q, %c, %p, %b at %layer scale 0.5 window 3 soft_cap 2.0 : !query, !cache, !numbers, !batch
  return %0 : tensor<?x4x6xf32, #tern.dims<T>>
}

// CHECK-LABEL: @with_slopes
// CHECK:         kv.attend {{.*}} scale 5.000000e-01 slopes %{{.*}} in bf16
// CHECK-NEXT:    kv.attend {{.*}} scale 5.000000e-01 slopes %{{[^ ]*}} :
// CHECK-NOT:     kv.keys
func.func @with_slopes(%q: !query, %c: !cache, %p: !numbers, %b: !batch, %layer: index, %a: tensor<4xf32>) -> (tensor<?x4x6xf32, #tern.dims<T>>, tensor<?x4x6xf32, #tern.dims<T>>) {
  %0 = kv.attend %q, %c, %p, %b at %layer scale 0.5 slopes %a in bf16 : !query, !cache, !numbers, !batch, tensor<4xf32>
  %1 = kv.attend %q, %c, %p, %b at %layer scale 0.5 slopes %a : !query, !cache, !numbers, !batch, tensor<4xf32>
  return %0, %1 : tensor<?x4x6xf32, #tern.dims<T>>, tensor<?x4x6xf32, #tern.dims<T>>
}

// Two results are no term: such attention is not spelt.
// CHECK-LABEL: @with_sums
// CHECK:         kv.attend {{.*}} scores
func.func @with_sums(%q: !query, %c: !cache, %p: !numbers, %b: !batch, %layer: index) -> (tensor<?x4x6xf32, #tern.dims<T>>, tensor<?x4xf32, #tern.dims<T>>) {
  %0, %1 = kv.attend %q, %c, %p, %b at %layer scale 0.5 scores : !query, !cache, !numbers, !batch
  return %0, %1 : tensor<?x4x6xf32, #tern.dims<T>>, tensor<?x4xf32, #tern.dims<T>>
}

// CHECK-LABEL: @over_keys_at_hand
// CHECK-COUNT-1: tern.attention %{{.*}}, %{{.*}}, %{{.*}} mask %{{[^ ]*}} scale 5.000000e-01 causal
// CHECK-COUNT-1: tern.attention %{{.*}}, %{{.*}}, %{{.*}} mask %{{[^ ]*}} scale 5.000000e-01 :
// CHECK-COUNT-1: tern.attention %{{.*}}, %{{.*}}, %{{[^ ]*}} scale 5.000000e-01 :
// CHECK-NEXT:    return
func.func @over_keys_at_hand(%q: !query, %k: tensor<?x2x4xf32, #tern.dims<S>>, %m: tensor<4x?x?xf32, #tern.dims<T, S>>) -> (!query, !query, !query) {
  %0 = tern.attention %q, %k, %k mask %m scale 0.5 causal : !query, tensor<?x2x4xf32, #tern.dims<S>>, tensor<?x2x4xf32, #tern.dims<S>>, tensor<4x?x?xf32, #tern.dims<T, S>>
  %1 = tern.attention %q, %k, %k mask %m scale 0.5 : !query, tensor<?x2x4xf32, #tern.dims<S>>, tensor<?x2x4xf32, #tern.dims<S>>, tensor<4x?x?xf32, #tern.dims<T, S>>
  %2 = tern.attention %q, %k, %k scale 0.5 : !query, tensor<?x2x4xf32, #tern.dims<S>>, tensor<?x2x4xf32, #tern.dims<S>>
  return %0, %1, %2 : !query, !query, !query
}

// CHECK-LABEL: @pairs_of_some_elements
// CHECK-NEXT:    %[[RESULT:.*]] = tern.rotary interleaved %arg0, %arg1, %arg2
// CHECK-NEXT:    return %[[RESULT]]
func.func @pairs_of_some_elements(%x: tensor<8x3x6xf32>, %c: tensor<8x2xf32>, %s: tensor<8x2xf32>) -> tensor<8x3x6xf32> {
  %0 = tern.rotary interleaved %x, %c, %s : tensor<8x3x6xf32>, tensor<8x2xf32>, tensor<8x2xf32>
  return %0 : tensor<8x3x6xf32>
}

// CHECK-LABEL: @mean_over_tokens
// CHECK-NEXT:    %[[MEAN:.*]] = tern.mean "ab->b" %arg0
// CHECK:         tern.sum
// CHECK:         tern.size <B>
// CHECK:         tern.div
func.func @mean_over_tokens(%x: tensor<?x4xf32, #tern.dims<T>>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = tern.mean "tk->k" %x : tensor<?x4xf32, #tern.dims<T>>
  %1 = tern.sum "tk->k" %x : tensor<?x4xf32, #tern.dims<T>>
  %2 = tern.size <B> : tensor<f32>
  %3 = tern.div %1, %2 : tensor<4xf32>, tensor<f32>
  return %0, %3 : tensor<4xf32>, tensor<4xf32>
}

// Keys, values and what is visible are of one cache and one layer.
// CHECK-LABEL: @of_two_layers
// CHECK:         tern.masked_softmax
// CHECK-NOT:     kv.attend
// CHECK-LABEL: @of_one_layer
// CHECK:         kv.attend
func.func @of_two_layers(%q: tensor<?x2x2x4xf32, #tern.dims<T>>, %c: !cache, %p: !numbers, %b: !batch, %layer: index, %other: index) -> tensor<?x2x2x6xf32, #tern.dims<T>> {
  %k = kv.keys %c, %b at %layer slots "S" : !cache, !batch
  %v = kv.values %c, %b at %layer slots "S" : !cache, !batch
  %n = kv.visible %c, %p, %b at %other slots "S" : !cache, !numbers, !batch
  %half = tern.constant dense<0.5> : tensor<f32>
  %0 = tern.contract "tgmd,tgsd->tgms" %q, %k : tensor<?x2x2x4xf32, #tern.dims<T>>, !keys
  %1 = tern.mul %0, %half : !scores, tensor<f32>
  %2 = tern.broadcast "tgs->tgms" %n : !seen to !scores
  %3 = tern.masked_softmax "tgms/s" %1 mask %2 : !scores, !scores
  %4 = tern.contract "tgms,tgse->tgme" %3, %v : !scores, !values
  return %4 : tensor<?x2x2x6xf32, #tern.dims<T>>
}
func.func @of_one_layer(%q: tensor<?x2x2x4xf32, #tern.dims<T>>, %c: !cache, %p: !numbers, %b: !batch, %layer: index) -> tensor<?x2x2x6xf32, #tern.dims<T>> {
  %k = kv.keys %c, %b at %layer slots "S" : !cache, !batch
  %v = kv.values %c, %b at %layer slots "S" : !cache, !batch
  %n = kv.visible %c, %p, %b at %layer slots "S" : !cache, !numbers, !batch
  %half = tern.constant dense<0.5> : tensor<f32>
  %0 = tern.contract "tgmd,tgsd->tgms" %q, %k : tensor<?x2x2x4xf32, #tern.dims<T>>, !keys
  %1 = tern.mul %0, %half : !scores, tensor<f32>
  %2 = tern.broadcast "tgs->tgms" %n : !seen to !scores
  %3 = tern.masked_softmax "tgms/s" %1 mask %2 : !scores, !scores
  %4 = tern.contract "tgms,tgse->tgme" %3, %v : !scores, !values
  return %4 : tensor<?x2x2x6xf32, #tern.dims<T>>
}
