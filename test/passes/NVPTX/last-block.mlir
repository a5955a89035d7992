// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A norm after a contraction is its last block's if the rows are no more than a block's warps, and a
// launch of its own if they are more.
// RUN: tern-opt %s --tern-to-plan --tern-generate-ptx-kernels=chip=sm_80 | FileCheck %s

tern.dim @T from 0 to 512
func.func private @w() -> tensor<96x64xbf16> {
  %0 = tern.weight "w" : tensor<96x64xbf16>
  return %0 : tensor<96x64xbf16>
}
func.func private @v() -> tensor<96x96xf32> {
  %0 = tern.weight "v" : tensor<96x96xf32>
  return %0 : tensor<96x96xf32>
}

// CHECK-NOT:  plan.kernel @contraction_0 {{.*}}
// CHECK:      plan.kernel @contraction_0_[[ROWS:rows_[0-9]+]] strides [64, 0, 96] block [32, 1, 0]
// CHECK:      plan.program @few
// CHECK:        %[[Y:.*]] = plan.buffer arena "" from {{.*}} bytes <384 * T>
// CHECK:        %[[Z:.*]] = plan.buffer output
// CHECK:        plan.launch @contraction_0_[[ROWS]](%{{.*}}, %{{.*}}, %[[Y]], %[[Z]]) indices [] sizes [#tern.extent<T>, #tern.extent<T>] tiles <6> if <-T + 9>
// CHECK-NEXT:   plan.launch @contraction_0_many({{.*}}, {{.*}}, %[[Y]]) {{.*}} if <T - 8>
// CHECK:        plan.launch @[[ROWS]]({{.*}}) indices [] sizes [] tiles <T> if <T - 1>
func.func @few(%x: tensor<?x64xbf16, #tern.dims<T>>) -> tensor<?x96xf32, #tern.dims<T>> {
  %w = func.call @w() : () -> tensor<96x64xbf16>
  %0 = tern.contract "ab,cb->ac" %x, %w : tensor<?x64xbf16, #tern.dims<T>>, tensor<96x64xbf16>
  %1 = tern.rms_norm "ab/b" %0 epsilon 1.0e-5 : tensor<?x96xf32, #tern.dims<T>>
  return %1 : tensor<?x96xf32, #tern.dims<T>>
}

// Four warps have four rows.
// CHECK:      plan.program @four
// CHECK:        plan.launch @contraction_{{[0-9]+}}_[[ROWS]]({{.*}}) indices [] sizes [#tern.extent<T>, #tern.extent<T>] tiles <{{[0-9]+}}>{{$}}
// CHECK:        plan.launch @[[ROWS]]({{.*}}) indices [] sizes [] tiles <T> if <T - 4>
func.func @four(%x: tensor<?x96xf32, #tern.dims<T>>) -> tensor<?x96xf32, #tern.dims<T>> {
  %v = func.call @v() : () -> tensor<96x96xf32>
  %0 = tern.contract "ab,cb->ac" %x, %v : tensor<?x96xf32, #tern.dims<T>>, tensor<96x96xf32>
  %1 = tern.rms_norm "ab/b" %0 epsilon 1.0e-5 : tensor<?x96xf32, #tern.dims<T>>
  return %1 : tensor<?x96xf32, #tern.dims<T>>
}

// Two rows, one after the other, as a norm after a layer's part and that before the next.
// CHECK:      plan.program @two
// CHECK:        plan.launch @contraction_{{[0-9]+}}_[[SUM:rows_[0-9]+]]_[[NORM:[0-9]+]]({{.*}}) indices [] sizes [#tern.extent<T>, #tern.extent<T>] tiles <{{[0-9]+}}>{{$}}
// CHECK:        plan.launch @[[SUM]]({{.*}}) indices [] sizes [] tiles <T> if <T - 4>
// CHECK:        plan.launch @rows_[[NORM]]({{.*}}) indices [] sizes [] tiles <T> if <T - 4>
func.func @two(%x: tensor<?x96xf32, #tern.dims<T>>)
    -> (tensor<?x96xf32, #tern.dims<T>>, tensor<?x96xf32, #tern.dims<T>>) {
  %v = func.call @v() : () -> tensor<96x96xf32>
  %0 = tern.contract "ab,cb->ac" %x, %v : tensor<?x96xf32, #tern.dims<T>>, tensor<96x96xf32>
  %1 = tern.rms_norm "ab/b" %0 epsilon 1.0e-5 : tensor<?x96xf32, #tern.dims<T>>
  %2 = tern.add %1, %x : tensor<?x96xf32, #tern.dims<T>>, tensor<?x96xf32, #tern.dims<T>>
  %3 = tern.rms_norm "ab/b" %2 epsilon 1.0e-5 : tensor<?x96xf32, #tern.dims<T>>
  return %2, %3 : tensor<?x96xf32, #tern.dims<T>>, tensor<?x96xf32, #tern.dims<T>>
}

// CHECK:      func.func @contraction_0_[[ROWS]](
// CHECK:        nvvm.mma.sync
// CHECK:        nvvm.barrier
// CHECK:        llvm.fence syncscope("device") acq_rel
// CHECK:        llvm.atomicrmw uinc_wrap
// CHECK:        nvvm.barrier #nvvm.reduction<or>
// CHECK:        llvm.fence syncscope("device") acq_rel
