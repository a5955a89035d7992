// RUN: tern-opt %s --tern-sort-terms | FileCheck %s

// Two spellings of one program: the order of operands and of independent operations, letters.
// CHECK-LABEL: @first
// CHECK:         %[[A:.*]] = tern.exp %[[X:.*]] :
// CHECK-NEXT:    %[[B:.*]] = tern.log %[[X]] :
// CHECK-NEXT:    %[[S:.*]] = tern.add %[[L:.*]], %[[R:.*]] :
// CHECK-NEXT:    tern.contract "ab,cb->ac" %[[S]], %[[X]]
func.func @first(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = tern.exp %x : tensor<4x4xf32>
  %1 = tern.log %x : tensor<4x4xf32>
  %2 = tern.add %0, %1 : tensor<4x4xf32>, tensor<4x4xf32>
  %3 = tern.contract "tk,nk->tn" %2, %x : tensor<4x4xf32>, tensor<4x4xf32>
  return %3 : tensor<4x4xf32>
}

// CHECK-LABEL: @second
// CHECK:         %[[A2:.*]] = tern.exp %[[X2:.*]] :
// CHECK-NEXT:    %[[B2:.*]] = tern.log %[[X2]] :
// CHECK-NEXT:    %[[S2:.*]] = tern.add
// CHECK-NEXT:    tern.contract "ab,cb->ac" %[[S2]], %[[X2]]
// CHECK-NOT:     tern.neg
func.func @second(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %unused = tern.neg %x : tensor<4x4xf32>
  %1 = tern.log %x : tensor<4x4xf32>
  %0 = tern.exp %x : tensor<4x4xf32>
  %2 = tern.add %1, %0 : tensor<4x4xf32>, tensor<4x4xf32>
  %3 = tern.contract "kj,ij->ik" %x, %2 : tensor<4x4xf32>, tensor<4x4xf32>
  return %3 : tensor<4x4xf32>
}

tern.dim @T from 0 to 8
tern.dim @B from 0 to 8

// What reads the old cache stays in front of what changes it, though nothing else orders them.
// CHECK-LABEL: @cache
// CHECK:         kv.attend
// CHECK:         kv.append
func.func @cache(%q: tensor<?x2x16xf32, #tern.dims<T>>, %p: tensor<?xi32, #tern.dims<T>>, %c: !kv.cache<1 x 2, 16, 16, f32>, %b: !kv.batch<T, B>, %l: index) -> (!kv.cache<1 x 2, 16, 16, f32>, tensor<?x2x16xf32, #tern.dims<T>>) {
  %0 = kv.attend %q, %c, %p, %b at %l scale 1.0 : tensor<?x2x16xf32, #tern.dims<T>>, !kv.cache<1 x 2, 16, 16, f32>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  %1 = kv.append %c, %q, %q, %p, %b at %l : !kv.cache<1 x 2, 16, 16, f32>, tensor<?x2x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  return %1, %0 : !kv.cache<1 x 2, 16, 16, f32>, tensor<?x2x16xf32, #tern.dims<T>>
}

// A kernel reads numbers in f32.
// CHECK-LABEL: @numbers_are_of_f32
// CHECK:         tern.rms_norm "ab/b" %arg0 epsilon 9.9999997473787516E-6
func.func @numbers_are_of_f32(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %0 = tern.rms_norm "tk/k" %x epsilon 1.0e-5 : tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// CHECK-LABEL: @numbers_of_f64_stay
// CHECK:         epsilon 1.000000e-05
func.func @numbers_of_f64_stay(%x: tensor<2x4xf64>) -> tensor<2x4xf64> {
  %0 = tern.rms_norm "tk/k" %x epsilon 1.0e-5 : tensor<2x4xf64>
  return %0 : tensor<2x4xf64>
}
