// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Codes of tables: of bytes four by four in a word, of f32 each among the lanes of the warp.
// RUN: tern-compile %s --target=sm_80 --numerics=exact --compile-to=codegen | FileCheck %s

tern.dim @T from 0 to 128

// CHECK-LABEL: func.func @contraction_0
// CHECK:         %[[PAIRS:.*]] = arith.ori
// CHECK:         %[[CODES:.*]] = llvm.call_intrinsic "llvm.nvvm.prmt"(%[[PAIRS]], %[[PAIRS]], %{{.*}})
// CHECK:         %[[PLACES:.*]] = arith.andi %[[CODES]]
// CHECK:         %[[LOW:.*]] = llvm.call_intrinsic "llvm.nvvm.prmt"(%{{.*}}, %{{.*}}, %[[PLACES]])
// CHECK:         %[[HIGH:.*]] = llvm.call_intrinsic "llvm.nvvm.prmt"(%{{.*}}, %{{.*}}, %[[PLACES]])
// CHECK:         llvm.call_intrinsic "llvm.nvvm.prmt"(%[[LOW]], %[[HIGH]], %{{.*}})
func.func @bytes(%x: tensor<?x32xf32, #tern.dims<T>>) -> tensor<?x32xf32, #tern.dims<T>> {
  %w = tern.weight "w" : tensor<32x32x!tern.block<4, 32, f8E8M0FNU, table = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]>>
  %0 = tern.contract "tk,nk->tn" %x, %w : tensor<?x32xf32, #tern.dims<T>>, tensor<32x32x!tern.block<4, 32, f8E8M0FNU, table = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]>>
  return %0 : tensor<?x32xf32, #tern.dims<T>>
}

// CHECK-LABEL: func.func @contraction_1
// CHECK:         %[[NUMBER:.*]] = arith.index_cast %{{.*}} : i32 to index
// CHECK:         %[[FROM:.*]] = arith.index_cast %[[NUMBER]] : index to i32
// CHECK:         nvvm.shfl.sync idx %{{.*}}, %{{.*}}, %[[FROM]]
func.func @floats(%x: tensor<?x32xf32, #tern.dims<T>>) -> tensor<?x32xf32, #tern.dims<T>> {
  %w = tern.weight "w" : tensor<32x32x!tern.block<4, 32, f32, numbers = nf4>>
  %0 = tern.contract "tk,nk->tn" %x, %w : tensor<?x32xf32, #tern.dims<T>>, tensor<32x32x!tern.block<4, 32, f32, numbers = nf4>>
  return %0 : tensor<?x32xf32, #tern.dims<T>>
}
