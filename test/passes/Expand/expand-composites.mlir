// RUN: tern-opt %s --tern-expand-composites | FileCheck %s

// CHECK-LABEL: @silu
// CHECK-SAME:    (%[[X:.*]]: tensor<4xf32>)
// CHECK:         %[[NEG:.*]] = tern.neg %[[X]]
// CHECK:         %[[POWER:.*]] = tern.exp %[[NEG]]
// CHECK:         %[[SUM:.*]] = tern.add %{{.*}}, %[[POWER]]
// CHECK:         %[[SIGMOID:.*]] = tern.recip %[[SUM]]
// CHECK:         tern.mul %[[X]], %[[SIGMOID]]
func.func @silu(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tern.silu %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// The size may be known at run time only.
// CHECK-LABEL: @mean_over_tokens
// CHECK:         %[[SUM:.*]] = tern.sum "tk->k"
// CHECK:         %[[COUNT:.*]] = tern.size <T>
// CHECK:         tern.div %[[SUM]], %[[COUNT]]
func.func @mean_over_tokens(%x: tensor<?x4xf32, #tern.dims<T>>) -> tensor<4xf32> {
  %0 = tern.mean "tk->k" %x : tensor<?x4xf32, #tern.dims<T>>
  return %0 : tensor<4xf32>
}

// What changes the cache stays, what reads it is spelt.
// CHECK-LABEL: @attend
// CHECK:         %[[CACHE:.*]] = kv.append
// CHECK:         kv.keys %[[CACHE]]
// CHECK:         kv.values %[[CACHE]]
// CHECK:         kv.visible %[[CACHE]], {{.*}} slots "S" window 8
// CHECK-NOT:     kv.attend
func.func @attend(%q: tensor<?x4x16xf32, #tern.dims<T>>, %k: tensor<?x2x16xf32, #tern.dims<T>>, %p: tensor<?xi32, #tern.dims<T>>, %c: !kv.cache<2 x 2, 16, 16, f16>, %b: !kv.batch<T, B>, %layer: index) -> (tensor<?x4x16xf32, #tern.dims<T>>, !kv.cache<2 x 2, 16, 16, f16>) {
  %0 = kv.append %c, %k, %k, %p, %b at %layer : !kv.cache<2 x 2, 16, 16, f16>, tensor<?x2x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  %1 = kv.attend %q, %0, %p, %b at %layer scale 0.25 window 8 : tensor<?x4x16xf32, #tern.dims<T>>, !kv.cache<2 x 2, 16, 16, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  return %1, %0 : tensor<?x4x16xf32, #tern.dims<T>>, !kv.cache<2 x 2, 16, 16, f16>
}
