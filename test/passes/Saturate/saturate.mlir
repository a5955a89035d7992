// RUN: tern-opt %s --tern-saturate | FileCheck %s
// RUN: tern-opt %s --tern-saturate=rules-file=%S/Inputs/double.rules | FileCheck %s --check-prefix=MORE
// RUN: not tern-opt %s --tern-saturate=rules-file=%S/Inputs/wrong.rules 2>&1 | FileCheck %s --check-prefix=WRONG
// RUN: not tern-opt %s --tern-saturate=rules-file=%S/Inputs/taken.rules 2>&1 | FileCheck %s --check-prefix=TAKEN
// RUN: not tern-opt %s --tern-saturate=rules-file=%S/Inputs/none.rules 2>&1 | FileCheck %s --check-prefix=ABSENT

// WRONG: error: {{.*}}wrong.rules:5: law 'wrong': expected an operation, found 'nag'
// TAKEN: error: {{.*}}taken.rules:2: law 'product-one': expected a new name, found that of product.rules:{{[0-9]+$}}
// ABSENT: error: {{.*}}none.rules: expected a file that can be read: No such file or directory

tern.dim @T from 1 to 512
tern.dim @B from 1 to 64

// What reads or changes a cache stays, in its order, and equal terms become one.
// CHECK-LABEL: @skeleton
// CHECK:         kv.append
// CHECK-NEXT:    kv.append
// CHECK-NEXT:    tern.neg
// CHECK-NEXT:    kv.attend
// CHECK-NEXT:    tern.add
// CHECK-NEXT:    return
func.func @skeleton(%q: tensor<?x4x16xf32, #tern.dims<T>>, %k: tensor<?x2x16xf32, #tern.dims<T>>, %p: tensor<?xi32, #tern.dims<T>>, %c: !kv.cache<2 x 2, 16, 16, f16>, %b: !kv.batch<T, B>, %layer: index) -> (tensor<?x4x16xf32, #tern.dims<T>>, !kv.cache<2 x 2, 16, 16, f16>) {
  %0 = tern.neg %q : tensor<?x4x16xf32, #tern.dims<T>>
  %1 = tern.neg %q : tensor<?x4x16xf32, #tern.dims<T>>
  %unused = tern.abs %q : tensor<?x4x16xf32, #tern.dims<T>>
  %c1 = kv.append %c, %k, %k, %p, %b at %layer : !kv.cache<2 x 2, 16, 16, f16>, tensor<?x2x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  %c2 = kv.append %c1, %k, %k, %p, %b at %layer : !kv.cache<2 x 2, 16, 16, f16>, tensor<?x2x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  %2 = kv.attend %0, %c2, %p, %b at %layer scale 2.5e-01 : tensor<?x4x16xf32, #tern.dims<T>>, !kv.cache<2 x 2, 16, 16, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  %3 = tern.add %2, %1 : tensor<?x4x16xf32, #tern.dims<T>>, tensor<?x4x16xf32, #tern.dims<T>>
  return %3, %c2 : tensor<?x4x16xf32, #tern.dims<T>>, !kv.cache<2 x 2, 16, 16, f16>
}

// CHECK-LABEL: @more_rules
// CHECK:         tern.add
// MORE-LABEL:  @more_rules
// MORE:          %[[TWO:.*]] = tern.constant dense<2.000000e+00> : tensor<f32>
// MORE:          tern.mul %{{.*}}, %[[TWO]]
func.func @more_rules(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = tern.exp %x : tensor<8xf32>
  %1 = tern.abs %0 : tensor<8xf32>
  %2 = tern.add %1, %1 : tensor<8xf32>, tensor<8xf32>
  return %2 : tensor<8xf32>
}
