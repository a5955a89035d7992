// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The threads of a warp are the lanes of a kernel's vectors.
// RUN: tern-opt %s --tern-to-plan --tern-generate-ptx-kernels=chip=sm_80 | FileCheck %s

tern.dim @T from 0 to 128

// A row is a warp's, of 8 lanes each: one load a thread, sums by exchange of halves, numbers that stay in shared memory
// in step with what reads them.
// CHECK-LABEL: plan.kernel @rows_0
// CHECK-SAME:    block [128, 4, 256]
// CHECK:       func.func @rows_0(%[[X:.*]]: !llvm.ptr, %[[Y:.*]]: !llvm.ptr, %[[TILES:.*]]: i64) attributes {tern.threads = 128 : i32}
// CHECK:         %[[THREAD:.*]] = nvvm.read.ptx.sreg.tid.x
// CHECK:         %[[LANE:.*]] = arith.andi %[[THREAD]]
// CHECK:         scf.for
// CHECK:           %[[READS:.*]] = scf.if %{{.*}} -> (f32) {
// CHECK-NEXT:        llvm.load
// CHECK-NOT:       vector<
// CHECK:           nvvm.bar.warp.sync
// CHECK:           scf.if
// CHECK-NEXT:        llvm.store %{{.*}} : f32
// CHECK:           nvvm.bar.warp.sync
// CHECK:           %[[HALF:.*]] = arith.xori %[[LANE]], %{{.*}}
// CHECK:           nvvm.shfl.sync idx
func.func @softmax(%x: tensor<?x8xf32, #tern.dims<T>>) -> tensor<?x8xf32, #tern.dims<T>> {
  %0 = tern.softmax "ab/b" %x : tensor<?x8xf32, #tern.dims<T>>
  return %0 : tensor<?x8xf32, #tern.dims<T>>
}

// Elements that are not neighbours are read and written by each thread for itself.
// CHECK-LABEL: func.func @loops_1
// CHECK:         %[[OWN:.*]] = nvvm.read.ptx.sreg.laneid
// CHECK-NOT:     nvvm.shfl
// CHECK:       }
func.func @turned(%x: tensor<40x8xf32>) -> tensor<8x40xf32> {
  %0 = tern.transpose "ab->ba" %x : tensor<40x8xf32>
  %1 = tern.exp %0 : tensor<8x40xf32>
  return %1 : tensor<8x40xf32>
}
