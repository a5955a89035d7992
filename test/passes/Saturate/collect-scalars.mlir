// RUN: tern-opt %s --tern-collect-scalars --cse | FileCheck %s

// Like terms are collected, whatever the brackets.
// CHECK-LABEL: @like_terms
// CHECK-SAME:    (%[[X:.*]]: tensor<f64>, %[[Y:.*]]: tensor<f64>)
// CHECK-DAG:     %[[C:.*]] = tern.constant dense<5.000000e+00>
// CHECK-DAG:     %[[P:.*]] = tern.mul %{{.*}}, %{{.*}}
// CHECK:         %[[R:.*]] = tern.mul %[[C]], %[[P]]
// CHECK-NEXT:    return %[[R]]
func.func @like_terms(%x: tensor<f64>, %y: tensor<f64>) -> tensor<f64> {
  %two = tern.constant dense<2.0> : tensor<f64>
  %three = tern.constant dense<3.0> : tensor<f64>
  %0 = tern.mul %x, %y : tensor<f64>, tensor<f64>
  %1 = tern.mul %two, %0 : tensor<f64>, tensor<f64>
  %2 = tern.mul %y, %three : tensor<f64>, tensor<f64>
  %3 = tern.mul %2, %x : tensor<f64>, tensor<f64>
  %4 = tern.add %1, %3 : tensor<f64>, tensor<f64>
  return %4 : tensor<f64>
}

// (x + y) - y is x.
// CHECK-LABEL: @cancelled
// CHECK-SAME:    (%[[X:.*]]: tensor<f32>,
// CHECK-NEXT:    return %[[X]]
func.func @cancelled(%x: tensor<f32>, %y: tensor<f32>) -> tensor<f32> {
  %0 = tern.add %x, %y : tensor<f32>, tensor<f32>
  %1 = tern.sub %0, %y : tensor<f32>, tensor<f32>
  return %1 : tensor<f32>
}

// a x + a y is a (x + y): one product for two.
// CHECK-LABEL: @factored
// CHECK-COUNT-1: tern.mul
// CHECK-NOT:     tern.mul
func.func @factored(%a: tensor<f32>, %x: tensor<f32>, %y: tensor<f32>) -> tensor<f32> {
  %0 = tern.mul %a, %x : tensor<f32>, tensor<f32>
  %1 = tern.mul %y, %a : tensor<f32>, tensor<f32>
  %2 = tern.add %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}

// Where the products are needed anyway, taking a factor out would cost one more.
// CHECK-LABEL: @needed_elsewhere
// CHECK-COUNT-2: tern.mul
// CHECK-NOT:     tern.mul
func.func @needed_elsewhere(%a: tensor<f32>, %x: tensor<f32>, %y: tensor<f32>)
    -> (tensor<f32>, tensor<f32>, tensor<f32>) {
  %0 = tern.mul %a, %x : tensor<f32>, tensor<f32>
  %1 = tern.mul %a, %y : tensor<f32>, tensor<f32>
  %2 = tern.add %0, %1 : tensor<f32>, tensor<f32>
  return %0, %1, %2 : tensor<f32>, tensor<f32>, tensor<f32>
}

// x / x may be 0 / 0, and is not touched.
// CHECK-LABEL: @quotient
// CHECK:         tern.recip
// CHECK:         tern.mul
func.func @quotient(%x: tensor<f32>) -> tensor<f32> {
  %0 = tern.recip %x : tensor<f32>
  %1 = tern.mul %x, %0 : tensor<f32>, tensor<f32>
  return %1 : tensor<f32>
}

// Functions of equal sums are one.
// CHECK-LABEL: @functions
// CHECK-COUNT-1: tern.exp
// CHECK-NOT:     tern.exp
func.func @functions(%x: tensor<f32>, %y: tensor<f32>) -> tensor<f32> {
  %0 = tern.add %x, %y : tensor<f32>, tensor<f32>
  %1 = tern.exp %0 : tensor<f32>
  %2 = tern.add %y, %x : tensor<f32>, tensor<f32>
  %3 = tern.exp %2 : tensor<f32>
  %4 = tern.mul %1, %3 : tensor<f32>, tensor<f32>
  return %4 : tensor<f32>
}

// Tensors are left to the laws.
// CHECK-LABEL: @tensors
// CHECK-COUNT-2: tern.mul
func.func @tensors(%a: tensor<4xf32>, %x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tern.mul %a, %x : tensor<4xf32>, tensor<4xf32>
  %1 = tern.mul %a, %y : tensor<4xf32>, tensor<4xf32>
  %2 = tern.add %0, %1 : tensor<4xf32>, tensor<4xf32>
  return %2 : tensor<4xf32>
}
