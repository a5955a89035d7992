// RUN: tern-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: @same_type
// CHECK-SAME:    (%[[X:.*]]: tensor<2x3xf32>)
// CHECK-NEXT:    return %[[X]], %[[X]], %[[X]], %[[X]], %[[X]]
func.func @same_type(%x: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) {
  %0 = tern.cast %x : tensor<2x3xf32> to tensor<2x3xf32>
  %1 = tern.broadcast "tk->tk" %x : tensor<2x3xf32> to tensor<2x3xf32>
  %2 = tern.transpose "tk->tk" %x : tensor<2x3xf32>
  %3 = tern.reshape %x : tensor<2x3xf32> to tensor<2x3xf32>
  %4 = tern.slice %x axis 1 from 0 size 3 : tensor<2x3xf32>
  return %0, %1, %2, %3, %4 : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
}

// A square transposed has its own type, and is not itself.
// CHECK-LABEL: @square
// CHECK:         tern.transpose
// CHECK:         tern.broadcast
func.func @square(%x: tensor<3x3xf32>) -> (tensor<3x3xf32>, tensor<3x3xf32>) {
  %0 = tern.transpose "tk->kt" %x : tensor<3x3xf32>
  %1 = tern.broadcast "tk->kt" %x : tensor<3x3xf32> to tensor<3x3xf32>
  return %0, %1 : tensor<3x3xf32>, tensor<3x3xf32>
}

// A dynamic axis may be longer than what the slice takes.
// CHECK-LABEL: @part
// CHECK-COUNT-2: tern.slice
func.func @part(%x: tensor<4xf32>, %y: tensor<?xf32, #tern.dims<T>>) -> (tensor<3xf32>, tensor<3xf32>) {
  %0 = tern.slice %x axis 0 from 1 size 3 : tensor<4xf32>
  %1 = tern.slice %y axis 0 from 0 size 3 : tensor<?xf32, #tern.dims<T>>
  return %0, %1 : tensor<3xf32>, tensor<3xf32>
}

// Extents that are all known are a number; nothing around a tensor leaves it.
// CHECK-LABEL: @sizes
// CHECK-SAME:    (%[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[N:.*]] = tern.constant dense<9.600000e+01> : tensor<f32>
// CHECK-DAG:     %[[I:.*]] = tern.constant dense<1> : tensor<i32>
// CHECK-DAG:     %[[T:.*]] = tern.size <T, 3> : tensor<f32>
// CHECK:         return %[[N]], %[[I]], %[[T]], %[[X]]
func.func @sizes(%x: tensor<4xf32>) -> (tensor<f32>, tensor<i32>, tensor<f32>, tensor<4xf32>) {
  %0 = tern.size <32, 3> : tensor<f32>
  %1 = tern.size <> : tensor<i32>
  %2 = tern.size <T, 3> : tensor<f32>
  %3 = tern.pad %x axis 0 low 0 high 0 : tensor<4xf32>
  return %0, %1, %2, %3 : tensor<f32>, tensor<i32>, tensor<f32>, tensor<4xf32>
}

// CHECK-LABEL: @reshapes
// CHECK-SAME:    (%[[X:.*]]: tensor<2x6xf32>)
// CHECK-NEXT:    %[[Y:.*]] = tern.reshape %[[X]] : tensor<2x6xf32> to tensor<3x4xf32>
// CHECK-NEXT:    return %[[Y]], %[[X]]
func.func @reshapes(%x: tensor<2x6xf32>) -> (tensor<3x4xf32>, tensor<2x6xf32>) {
  %0 = tern.reshape %x : tensor<2x6xf32> to tensor<12xf32>
  %1 = tern.reshape %0 : tensor<12xf32> to tensor<3x4xf32>
  %2 = tern.reshape %1 : tensor<3x4xf32> to tensor<2x6xf32>
  return %1, %2 : tensor<3x4xf32>, tensor<2x6xf32>
}

// Ties go to even: 1 + 2^-8 is half way between 1 and 1 + 2^-7.
// CHECK-LABEL: @rounded
// CHECK:         dense<[1.000000e+00, 1.015630e+00, -3.000000e+00]> : tensor<3xbf16>
func.func @rounded() -> tensor<3xbf16> {
  %0 = tern.constant dense<[1.00390625, 1.01171875, -3.0]> : tensor<3xf32>
  %1 = tern.cast %0 : tensor<3xf32> to tensor<3xbf16>
  return %1 : tensor<3xbf16>
}

// Integers are not numbers of a float constant.
// CHECK-LABEL: @integers
// CHECK:         tern.cast
func.func @integers() -> tensor<2xf32> {
  %0 = tern.constant dense<[1, 2]> : tensor<2xi32>
  %1 = tern.cast %0 : tensor<2xi32> to tensor<2xf32>
  return %1 : tensor<2xf32>
}
