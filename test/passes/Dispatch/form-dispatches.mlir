// RUN: tern-opt %s --tern-form-dispatches | FileCheck %s

tern.dim @T from 0 to 8

// A norm and the product with its weights are one dispatch; the residual follows the contraction.
// CHECK-LABEL: @block
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: tensor<?x64xf32, {{[^,]*}}, %[[W:[a-z0-9]+]]: tensor<64x64xf32, {{[^,]*}}, %[[G:[a-z0-9]+]]:
// CHECK:         %[[N:.*]] = tern.dispatch rows(%[[X]], %[[G]])
// CHECK:           tern.rms_norm
// CHECK:           tern.broadcast
// CHECK:           tern.mul
// CHECK:         %[[Y:.*]] = tern.dispatch contraction(%[[N]], %[[W]], %[[X]])
// CHECK:           tern.contract
// CHECK:           tern.add
// CHECK:         return %[[Y]]
func.func @block(%x: tensor<?x64xf32, #tern.dims<T>>, %w: tensor<64x64xf32, #tern.panels<32>>, %g: tensor<64xf32>) -> tensor<?x64xf32, #tern.dims<T>> {
  %n = tern.rms_norm "tk/k" %x epsilon 1.0e-5 : tensor<?x64xf32, #tern.dims<T>>
  %b = tern.broadcast "k->tk" %g : tensor<64xf32> to tensor<?x64xf32, #tern.dims<T>>
  %m = tern.mul %n, %b : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>
  %c = tern.contract "tk,nk->tn" %m, %w : tensor<?x64xf32, #tern.dims<T>>, tensor<64x64xf32, #tern.panels<32>>
  %r = tern.add %c, %x : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>
  return %r : tensor<?x64xf32, #tern.dims<T>>
}

// A value that two dispatches read is computed once, in a dispatch of its own.
// CHECK-LABEL: @shared
// CHECK:         %[[E:.*]] = tern.dispatch rows
// CHECK:           tern.exp
// CHECK:         tern.dispatch contraction(%[[E]]
// CHECK:         tern.dispatch contraction(%[[E]]
func.func @shared(%x: tensor<?x64xf32, #tern.dims<T>>, %w: tensor<64x64xf32, #tern.panels<32>>, %v: tensor<32x64xf32, #tern.panels<32>>) -> (tensor<?x64xf32, #tern.dims<T>>, tensor<?x32xf32, #tern.dims<T>>) {
  %e = tern.exp %x : tensor<?x64xf32, #tern.dims<T>>
  %a = tern.contract "tk,nk->tn" %e, %w : tensor<?x64xf32, #tern.dims<T>>, tensor<64x64xf32, #tern.panels<32>>
  %b = tern.contract "tk,nk->tn" %e, %v : tensor<?x64xf32, #tern.dims<T>>, tensor<32x64xf32, #tern.panels<32>>
  return %a, %b : tensor<?x64xf32, #tern.dims<T>>, tensor<?x32xf32, #tern.dims<T>>
}

// Looking at memory in another way is no kernel.
// CHECK-LABEL: @views
// CHECK-NOT:     tern.dispatch
// CHECK:         return
func.func @views(%x: tensor<?x64xf32, #tern.dims<T>>) -> tensor<?x2x16xf32, #tern.dims<T>> {
  %s = tern.slice %x axis 1 from 32 size 32 : tensor<?x64xf32, #tern.dims<T>>
  %r = tern.reshape %s : tensor<?x32xf32, #tern.dims<T>> to tensor<?x2x16xf32, #tern.dims<T>>
  return %r : tensor<?x2x16xf32, #tern.dims<T>>
}
