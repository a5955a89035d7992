// RUN: tern-opt %s --tern-saturate | FileCheck %s
// RUN: tern-opt %s --tern-saturate=rules=bit | FileCheck %s --check-prefix=BIT
// RUN: tern-opt %s --tern-saturate=rules=none | FileCheck %s --check-prefix=NONE

tern.dim @T from 1 to 512

// CHECK-LABEL: @product_one
// CHECK-SAME:    (%[[X:.*]]: tensor<?x8xf32
// CHECK-NEXT:    return %[[X]]
// NONE-LABEL:  @product_one
// NONE:          tern.mul
func.func @product_one(%x: tensor<?x8xf32, #tern.dims<T>>) -> tensor<?x8xf32, #tern.dims<T>> {
  %c = tern.constant dense<1.0> : tensor<f32>
  %0 = tern.mul %c, %x : tensor<f32>, tensor<?x8xf32, #tern.dims<T>>
  return %0 : tensor<?x8xf32, #tern.dims<T>>
}

// CHECK-LABEL: @product_two
// CHECK:         tern.mul
func.func @product_two(%x: tensor<?x8xf32, #tern.dims<T>>) -> tensor<?x8xf32, #tern.dims<T>> {
  %c = tern.constant dense<2.0> : tensor<f32>
  %0 = tern.mul %c, %x : tensor<f32>, tensor<?x8xf32, #tern.dims<T>>
  return %0 : tensor<?x8xf32, #tern.dims<T>>
}

// A number that the constant spreads over more than the other operand.
// CHECK-LABEL: @product_ones
// CHECK-SAME:    (%[[X:.*]]: tensor<f32>)
// CHECK-NEXT:    tern.broadcast "->a" %[[X]]
// CHECK-NEXT:    return
func.func @product_ones(%x: tensor<f32>) -> tensor<4xf32> {
  %c = tern.constant dense<1.0> : tensor<4xf32>
  %0 = tern.mul %c, %x : tensor<4xf32>, tensor<f32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: @product_div_one
// CHECK-SAME:    (%[[X:.*]]: tensor<4xf32>)
// CHECK-NEXT:    return %[[X]]
func.func @product_div_one(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c = tern.constant dense<1.0> : tensor<f32>
  %0 = tern.div %x, %c : tensor<4xf32>, tensor<f32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: @one_div
// CHECK-NEXT:    tern.recip
// CHECK-NEXT:    return
// BIT-LABEL:   @one_div
// BIT:           tern.div
func.func @one_div(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c = tern.constant dense<1.0> : tensor<f32>
  %0 = tern.div %c, %x : tensor<f32>, tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: @sum_minus_zero
// CHECK-SAME:    (%[[X:.*]]: tensor<4xf32>)
// CHECK-NEXT:    return %[[X]]
// BIT-LABEL:   @sum_minus_zero
// BIT-NEXT:      return
func.func @sum_minus_zero(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c = tern.constant dense<0.0> : tensor<f32>
  %0 = tern.sub %x, %c : tensor<4xf32>, tensor<f32>
  return %0 : tensor<4xf32>
}

// x - (-0) is +0 for x = -0.
// CHECK-LABEL: @sum_minus_negative_zero
// CHECK-NEXT:    return
// BIT-LABEL:   @sum_minus_negative_zero
// BIT:           tern.{{sub|add}}
func.func @sum_minus_negative_zero(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c = tern.constant dense<-0.0> : tensor<f32>
  %0 = tern.sub %x, %c : tensor<4xf32>, tensor<f32>
  return %0 : tensor<4xf32>
}

// The sign of -0 is lost, so bit for bit it is no law.
// CHECK-LABEL: @sum_zero
// CHECK-SAME:    (%[[X:.*]]: tensor<4xf32>)
// CHECK-NEXT:    return %[[X]]
// BIT-LABEL:   @sum_zero
// BIT:           tern.add
func.func @sum_zero(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c = tern.constant dense<0.0> : tensor<f32>
  %0 = tern.add %x, %c : tensor<4xf32>, tensor<f32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: @sum_neg_neg
// CHECK-SAME:    (%[[X:.*]]: tensor<4xf32>)
// CHECK-NEXT:    return %[[X]]
func.func @sum_neg_neg(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tern.neg %x : tensor<4xf32>
  %1 = tern.neg %0 : tensor<4xf32>
  return %1 : tensor<4xf32>
}

// CHECK-LABEL: @sum_neg_abs_neg
// CHECK-NEXT:    tern.abs
// CHECK-NEXT:    tern.neg
// CHECK-NEXT:    return
func.func @sum_neg_abs_neg(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tern.neg %x : tensor<4xf32>
  %1 = tern.abs %0 : tensor<4xf32>
  %2 = tern.neg %1 : tensor<4xf32>
  return %2 : tensor<4xf32>
}

// CHECK-LABEL: @rounding_after_exact
// CHECK-SAME:    (%[[X:.*]]: tensor<4xbf16>)
// CHECK-NEXT:    tern.cast %[[X]] : tensor<4xbf16> to tensor<4xf16>
// CHECK-NEXT:    return
func.func @rounding_after_exact(%x: tensor<4xbf16>) -> tensor<4xf16> {
  %0 = tern.cast %x : tensor<4xbf16> to tensor<4xf32>
  %1 = tern.cast %0 : tensor<4xf32> to tensor<4xf16>
  return %1 : tensor<4xf16>
}

// Rounding twice is not rounding once.
// CHECK-LABEL: @rounding_twice
// CHECK-COUNT-2: tern.cast
func.func @rounding_twice(%x: tensor<4xf32>) -> tensor<4xf16> {
  %0 = tern.cast %x : tensor<4xf32> to tensor<4xbf16>
  %1 = tern.cast %0 : tensor<4xbf16> to tensor<4xf16>
  return %1 : tensor<4xf16>
}

// CHECK-LABEL: @bcast_scalar
// CHECK:         %[[C:.*]] = tern.constant
// CHECK-NEXT:    %[[Y:.*]] = tern.sub %{{.*}}, %[[C]]
// CHECK-NEXT:    tern.div %[[C]], %[[Y]]
func.func @bcast_scalar(%x: tensor<?x8xf32, #tern.dims<T>>) -> tensor<?x8xf32, #tern.dims<T>> {
  %c = tern.constant dense<3.0> : tensor<f32>
  %b = tern.broadcast "->tk" %c : tensor<f32> to tensor<?x8xf32, #tern.dims<T>>
  %0 = tern.sub %x, %b : tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
  %1 = tern.div %b, %0 : tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
  return %1 : tensor<?x8xf32, #tern.dims<T>>
}

// CHECK-LABEL: @bcast_row
// CHECK:         tern.broadcast
func.func @bcast_row(%x: tensor<?x8xf32, #tern.dims<T>>, %c: tensor<8xf32>) -> tensor<?x8xf32, #tern.dims<T>> {
  %b = tern.broadcast "k->tk" %c : tensor<8xf32> to tensor<?x8xf32, #tern.dims<T>>
  %0 = tern.sub %x, %b : tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
  return %0 : tensor<?x8xf32, #tern.dims<T>>
}
