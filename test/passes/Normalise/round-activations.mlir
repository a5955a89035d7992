// RUN: tern-opt %s --tern-round-activations | FileCheck %s
// RUN: tern-opt %s --tern-round-activations=blocks=false | FileCheck %s --check-prefix=GPU

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

// On a GPU there are no kernels for blocks: one rounding to bf16, whatever corrections weights need.
// CHECK-LABEL: @blocks
// CHECK:         tern.quantise {{.*}} to tensor<3x64x!tern.block<8, 32, f32>>
// CHECK:         tern.quantise {{.*}} to tensor<3x64x!tern.block<8, 32, f32>>
// GPU-LABEL: @blocks
// GPU-SAME:    (%[[X:.*]]: tensor<3x64xf32>
// GPU-NEXT:    %[[R:.*]] = tern.cast %[[X]] : tensor<3x64xf32> to tensor<3x64xbf16>
// GPU-NOT:     tern.cast
// GPU-NOT:     tern.quantise
// GPU:         tern.contract "tk,nk->tn" %[[R]]
// GPU:         tern.contract "tk,nk->tn" %[[R]]
func.func @blocks(%x: tensor<3x64xf32>) -> (tensor<3x8xf32>, tensor<3x8xf32>) {
  %a = tern.weight "a" : tensor<8x64x!tern.block<4, 32, f16, zero = 8>>
  %b = tern.weight "b" : tensor<8x64x!tern.block<4, 32, f16, min>>
  %0 = tern.contract "tk,nk->tn" %x, %a : tensor<3x64xf32>, tensor<8x64x!tern.block<4, 32, f16, zero = 8>>
  %1 = tern.contract "tk,nk->tn" %x, %b : tensor<3x64xf32>, tensor<8x64x!tern.block<4, 32, f16, min>>
  return %0, %1 : tensor<3x8xf32>, tensor<3x8xf32>
}

// Numbers by name are for floats: f32 on a CPU, bf16 on a GPU.
// CHECK-LABEL: @named
// CHECK-NOT:     tern.cast
// CHECK-NOT:     tern.quantise
// CHECK:         return
// GPU-LABEL: @named
// GPU:         tern.cast {{.*}} to tensor<3x64xbf16>
func.func @named(%x: tensor<3x64xf32>) -> tensor<3x8xf32> {
  %a = tern.weight "a" : tensor<8x64x!tern.block<4, 32, f32, numbers = nf4>>
  %0 = tern.contract "tk,nk->tn" %x, %a : tensor<3x64xf32>, tensor<8x64x!tern.block<4, 32, f32, numbers = nf4>>
  return %0 : tensor<3x8xf32>
}

// Weights of f32 round nothing.
// GPU-LABEL: @f32
// GPU-NOT:     tern.cast
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
// GPU-LABEL: @other_axis
// GPU-NOT:     tern.cast
// CHECK-NOT:     tern.cast
// CHECK:         return
func.func @other_axis(%x: tensor<64x3xf32>) -> tensor<3x8xf32> {
  %a = tern.weight "a" : tensor<8x64xbf16>
  %0 = tern.contract "kt,nk->tn" %x, %a : tensor<64x3xf32>, tensor<8x64xbf16>
  return %0 : tensor<3x8xf32>
}
