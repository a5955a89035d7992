// RUN: tern-opt %s --tern-round-activations | FileCheck %s

// Weights of bf16: one rounding for both contractions.
// CHECK-LABEL: @bf16_shared
// CHECK-SAME:    (%[[X:.*]]: tensor<3x64xf32>
// CHECK-NEXT:    %[[R:.*]] = tern.cast %[[X]] : tensor<3x64xf32> to tensor<3x64xbf16>
// CHECK-NOT:     tern.cast
// CHECK:         tern.contract "tk,nk->tn" %[[R]]
// CHECK:         tern.contract "tk,nk->tn" %[[R]]
func.func @bf16_shared(%x: tensor<3x64xf32>) -> (tensor<3x8xf32>, tensor<3x4xf32>) {
  %a = tern.weight "a" : tensor<8x64xbf16>
  %b = tern.weight "b" : tensor<4x64xbf16>
  %0 = tern.contract "tk,nk->tn" %x, %a : tensor<3x64xf32>, tensor<8x64xbf16>
  %1 = tern.contract "tk,nk->tn" %x, %b : tensor<3x64xf32>, tensor<4x64xbf16>
  return %0, %1 : tensor<3x8xf32>, tensor<3x4xf32>
}

// CHECK-LABEL: @blocks
// CHECK:         tern.quantise {{.*}} to tensor<3x64x!tern.block<8, 32, f32>>
func.func @blocks(%x: tensor<3x64xf32>) -> tensor<3x8xf32> {
  %a = tern.weight "a" : tensor<8x64x!tern.block<4, 32, f16, zero = 8>>
  %0 = tern.contract "tk,nk->tn" %x, %a : tensor<3x64xf32>, tensor<8x64x!tern.block<4, 32, f16, zero = 8>>
  return %0 : tensor<3x8xf32>
}

// Weights of f32 round nothing.
// CHECK-LABEL: @f32
// CHECK-NOT:     tern.cast
// CHECK-NOT:     tern.quantise
// CHECK:         return
func.func @f32(%x: tensor<3x64xf32>) -> tensor<3x8xf32> {
  %a = tern.weight "a" : tensor<8x64xf32>
  %0 = tern.contract "tk,nk->tn" %x, %a : tensor<3x64xf32>, tensor<8x64xf32>
  return %0 : tensor<3x8xf32>
}

// The last axis is not summed, so its blocks would mix sums: nothing is rounded.
// CHECK-LABEL: @other_axis
// CHECK-NOT:     tern.cast
// CHECK:         return
func.func @other_axis(%x: tensor<64x3xf32>) -> tensor<3x8xf32> {
  %a = tern.weight "a" : tensor<8x64xbf16>
  %0 = tern.contract "kt,nk->tn" %x, %a : tensor<64x3xf32>, tensor<8x64xbf16>
  return %0 : tensor<3x8xf32>
}
