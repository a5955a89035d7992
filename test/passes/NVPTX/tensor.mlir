// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Contractions in bf16 have a kernel for few rows and one for more; or the first alone, with a remark; or none.
// RUN: tern-opt %s --tern-to-plan --tern-generate-ptx-kernels=chip=sm_80 | FileCheck %s

tern.dim @T from 0 to 512

// CHECK:      plan.kernel @contraction_0 strides [64, 0, 96] block [32, 1, 0] {
// CHECK:      plan.kernel @contraction_0_many strides [64, 0, 96] block [128, 128, 65536]
// CHECK:      plan.program @product
// CHECK:        plan.launch @contraction_0({{.*}}) indices [] sizes [#tern.extent<T>] tiles <6> if <-T + 9>
// CHECK-NEXT:   plan.launch @contraction_0_many({{.*}}) indices [] sizes [#tern.extent<T>] tiles <T + 127> if <T - 8>
func.func private @w() -> tensor<96x64xbf16> {
  %0 = tern.weight "w" : tensor<96x64xbf16>
  return %0 : tensor<96x64xbf16>
}
func.func @product(%x: tensor<?x64xbf16, #tern.dims<T>>) -> tensor<?x96xf32, #tern.dims<T>> {
  %w = func.call @w() : () -> tensor<96x64xbf16>
  %0 = tern.contract "ab,cb->ac" %x, %w : tensor<?x64xbf16, #tern.dims<T>>, tensor<96x64xbf16>
  return %0 : tensor<?x96xf32, #tern.dims<T>>
}

// CHECK:      plan.kernel @contraction_1 strides [66, 0, 32] block [32, 1, 0] remark "tensor cores read rows at multiples of 16 bytes, found a stride of 66 elements at a multiple of 64 bytes"
// CHECK-NOT:  plan.kernel @contraction_1_many
// CHECK:      plan.program @odd
// CHECK:        plan.launch @contraction_1({{.*}}) indices [] sizes [#tern.extent<T>] tiles <2>{{$}}
func.func private @v() -> tensor<32x66xbf16> {
  %0 = tern.weight "v" : tensor<32x66xbf16>
  return %0 : tensor<32x66xbf16>
}
func.func @odd(%x: tensor<?x66xbf16, #tern.dims<T>>) -> tensor<?x32xf32, #tern.dims<T>> {
  %w = func.call @v() : () -> tensor<32x66xbf16>
  %0 = tern.contract "ab,cb->ac" %x, %w : tensor<?x66xbf16, #tern.dims<T>>, tensor<32x66xbf16>
  return %0 : tensor<?x32xf32, #tern.dims<T>>
}

// Rows of an odd number of elements do not even lie at words.
// CHECK:      plan.kernel @contraction_2 {{.*}} remark "tensor cores read rows
// CHECK-NOT:  plan.kernel @contraction_2_many
func.func private @u() -> tensor<32x65xbf16> {
  %0 = tern.weight "u" : tensor<32x65xbf16>
  return %0 : tensor<32x65xbf16>
}
func.func @words(%x: tensor<?x65xbf16, #tern.dims<T>>) -> tensor<?x32xf32, #tern.dims<T>> {
  %w = func.call @u() : () -> tensor<32x65xbf16>
  %0 = tern.contract "ab,cb->ac" %x, %w : tensor<?x65xbf16, #tern.dims<T>>, tensor<32x65xbf16>
  return %0 : tensor<?x32xf32, #tern.dims<T>>
}

// Blocks of codes have both kernels for rows at multiples of 8 bytes, those of other numbers none.
// CHECK:      plan.kernel @contraction_3 strides [64, 0, 32] block [32, 1, 1152] {
// CHECK:      plan.kernel @contraction_3_many strides [64, 0, 32] block [32, 32, 4608]
// CHECK:      plan.program @blocks
// CHECK:        plan.launch @contraction_3({{.*}}) indices [] sizes [#tern.extent<T>] tiles <1> if <-T + 9>
// CHECK-NEXT:   plan.launch @contraction_3_many({{.*}}) indices [] sizes [#tern.extent<T>] tiles <T + 31> if <T - 8>
func.func private @b() -> tensor<32x64x!tern.block<4, 32, f16, zero = 8>> {
  %0 = tern.weight "b" : tensor<32x64x!tern.block<4, 32, f16, zero = 8>>
  return %0 : tensor<32x64x!tern.block<4, 32, f16, zero = 8>>
}
func.func @blocks(%x: tensor<?x64xbf16, #tern.dims<T>>) -> tensor<?x32xf32, #tern.dims<T>> {
  %w = func.call @b() : () -> tensor<32x64x!tern.block<4, 32, f16, zero = 8>>
  %0 = tern.contract "ab,cb->ac" %x, %w : tensor<?x64xbf16, #tern.dims<T>>, tensor<32x64x!tern.block<4, 32, f16, zero = 8>>
  return %0 : tensor<?x32xf32, #tern.dims<T>>
}
// CHECK:      plan.kernel @contraction_4 strides [64, 0, 32]
// CHECK-NOT:  plan.kernel @contraction_4_many
func.func private @t() -> tensor<32x64x!tern.block<4, 32, f32, numbers = nf4>> {
  %0 = tern.weight "t" : tensor<32x64x!tern.block<4, 32, f32, numbers = nf4>>
  return %0 : tensor<32x64x!tern.block<4, 32, f32, numbers = nf4>>
}
func.func @table(%x: tensor<?x64xbf16, #tern.dims<T>>) -> tensor<?x32xf32, #tern.dims<T>> {
  %w = func.call @t() : () -> tensor<32x64x!tern.block<4, 32, f32, numbers = nf4>>
  %0 = tern.contract "ab,cb->ac" %x, %w : tensor<?x64xbf16, #tern.dims<T>>, tensor<32x64x!tern.block<4, 32, f32, numbers = nf4>>
  return %0 : tensor<?x32xf32, #tern.dims<T>>
}

// A block for each panel of each weight that rows may choose, whatever the rows.
// CHECK:      plan.kernel @contraction_5 strides [64, 0, 0, 32] block [32, 1, 3204] {
// CHECK:      plan.kernel @contraction_5_many strides [64, 0, 0, 32] block [32, 1, 4356]
// CHECK:      plan.program @experts
// CHECK:        plan.launch @contraction_5({{.*}}) indices [] sizes [#tern.extent<T>] tiles <3> if <-T + 9>
// CHECK-NEXT:   plan.launch @contraction_5_many({{.*}}) indices [] sizes [#tern.extent<T>] tiles <3> if <T - 8>
func.func private @e() -> tensor<3x32x64x!tern.block<4, 32, f16, zero = 8>> {
  %0 = tern.weight "e" : tensor<3x32x64x!tern.block<4, 32, f16, zero = 8>>
  return %0 : tensor<3x32x64x!tern.block<4, 32, f16, zero = 8>>
}
func.func @experts(%x: tensor<?x64xbf16, #tern.dims<T>>, %i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x32xf32, #tern.dims<T>> {
  %w = func.call @e() : () -> tensor<3x32x64x!tern.block<4, 32, f16, zero = 8>>
  %0 = tern.contract "tk,nk->tn" %x, %w groups %i : tensor<?x64xbf16, #tern.dims<T>>, tensor<3x32x64x!tern.block<4, 32, f16, zero = 8>>, tensor<?xi32, #tern.dims<T>>
  return %0 : tensor<?x32xf32, #tern.dims<T>>
}

// CHECK:      module @device
// CHECK:      func.func @contraction_0_many(
// CHECK:        nvvm.cp.async.shared.global
// CHECK:        nvvm.ldmatrix
// CHECK:        nvvm.mma.sync
