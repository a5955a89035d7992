// RUN: tern-opt %s --tern-scalarise | FileCheck %s

// CHECK-LABEL: @product
// CHECK-SAME:    (%[[A:.*]]: tensor<2x2xf64>, %[[X:.*]]: tensor<2xf64>)
// CHECK:         tern.reshape %[[A]] : tensor<2x2xf64> to tensor<4xf64>
// CHECK:         %[[P:.*]] = tern.mul
// CHECK:         %[[Q:.*]] = tern.mul
// CHECK:         tern.add %[[P]], %[[Q]]
// CHECK:         tern.concat
// CHECK-NOT:     tern.contract
func.func @product(%a: tensor<2x2xf64>, %x: tensor<2xf64>) -> tensor<2xf64> {
  %0 = tern.contract "ik,k->i" %a, %x : tensor<2x2xf64>, tensor<2xf64>
  return %0 : tensor<2xf64>
}

// Products with a constant 0 are left out: the matrix is diagonal.
// CHECK-LABEL: @diagonal
// CHECK-COUNT-2: tern.mul
// CHECK-NOT:     tern.mul
// CHECK-NOT:     tern.add
func.func @diagonal(%x: tensor<2xf64>) -> tensor<2xf64> {
  %a = tern.constant dense<[[2.0, 0.0], [0.0, 3.0]]> : tensor<2x2xf64>
  %0 = tern.contract "ik,k->i" %a, %x : tensor<2x2xf64>, tensor<2xf64>
  return %0 : tensor<2xf64>
}
