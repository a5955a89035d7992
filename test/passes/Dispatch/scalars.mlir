// RUN: tern-opt %s --tern-form-dispatches --split-input-file | FileCheck %s

// A program of numbers is one dispatch, with the elements that it reads and the vector that it
// makes.
// CHECK-LABEL: @program
// CHECK-SAME:    (%[[X:.*]]: tensor<4xf64>
// CHECK:         tern.dispatch scalars(%[[X]])
// CHECK-COUNT-2:   tern.slice
// CHECK:           tern.concat
// CHECK-NOT:     tern.dispatch
func.func @program(%x: tensor<4xf64>) -> tensor<2xf64> {
  %0 = tern.slice %x axis 0 from 1 size 1 : tensor<4xf64>
  %1 = tern.reshape %0 : tensor<1xf64> to tensor<f64>
  %2 = tern.slice %x axis 0 from 3 size 1 : tensor<4xf64>
  %3 = tern.reshape %2 : tensor<1xf64> to tensor<f64>
  %4 = tern.mul %1, %3 : tensor<f64>, tensor<f64>
  %5 = tern.sqrt %4 : tensor<f64>
  %6 = tern.reshape %4 : tensor<f64> to tensor<1xf64>
  %7 = tern.reshape %5 : tensor<f64> to tensor<1xf64>
  %8 = tern.concat %6, %7 axis 0 : tensor<1xf64>, tensor<1xf64>
  return %8 : tensor<2xf64>
}

// -----

// What lies between two terms of a program parts it in two.
// CHECK-LABEL: @parted
// CHECK:         tern.dispatch scalars
// CHECK:           tern.exp
// CHECK:         tern.dispatch
// CHECK:           tern.sum
// CHECK:         tern.dispatch scalars
// CHECK:           tern.cos
func.func @parted(%x: tensor<f32>, %y: tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<f32>) {
  %0 = tern.exp %x : tensor<f32>
  %1 = tern.mul %0, %y : tensor<f32>, tensor<f32>
  %2 = tern.reshape %1 : tensor<f32> to tensor<1x1xf32>
  %3 = tern.sum "ab->" %2 : tensor<1x1xf32>
  %4 = tern.sin %3 : tensor<f32>
  %5 = tern.cos %4 : tensor<f32>
  // In the first program, though it stands after the sum.
  %6 = tern.add %0, %y : tensor<f32>, tensor<f32>
  return %4, %5, %6 : tensor<f32>, tensor<f32>, tensor<f32>
}

// -----

// A number that another dispatch repeats is left to it.
// CHECK-LABEL: @repeated
// CHECK:         tern.dispatch rows
// CHECK-NOT:     tern.dispatch scalars
func.func @repeated(%x: tensor<4x8xf32>, %y: tensor<f32>) -> tensor<4x8xf32> {
  %0 = tern.exp %y : tensor<f32>
  %1 = tern.square %0 : tensor<f32>
  %2 = tern.mul %x, %1 : tensor<4x8xf32>, tensor<f32>
  return %2 : tensor<4x8xf32>
}
