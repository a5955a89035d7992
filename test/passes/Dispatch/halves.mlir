// RUN: tern-opt %s --tern-form-dispatches | FileCheck %s

tern.dim @T from 1 to 512

// Two packed weights, one after the other, and a term that reads both products: one kernel, which
// narrows what it makes.
// CHECK-LABEL: @gated
// CHECK:         tern.dispatch contraction
// CHECK:           tern.contract
// CHECK-DAG:       tern.slice %{{.*}} axis 1 from 0 size 64
// CHECK-DAG:       tern.slice %{{.*}} axis 1 from 64 size 64
// CHECK:           tern.silu
// CHECK:           tern.mul
// CHECK:           tern.quantise
// CHECK-NOT:     tern.dispatch
// CHECK:         return
func.func private @gated(%x: tensor<?x32xf32, #tern.dims<T>>, %w: tensor<128x32xf32, #tern.panels<32>>) -> tensor<?x64x!tern.block<8, 32, f32>, #tern.dims<T>> {
  %0 = tern.contract "ab,cb->ac" %x, %w : tensor<?x32xf32, #tern.dims<T>>, tensor<128x32xf32, #tern.panels<32>>
  %1 = tern.slice %0 axis 1 from 0 size 64 : tensor<?x128xf32, #tern.dims<T>>
  %2 = tern.slice %0 axis 1 from 64 size 64 : tensor<?x128xf32, #tern.dims<T>>
  %3 = tern.silu %1 : tensor<?x64xf32, #tern.dims<T>>
  %4 = tern.mul %3, %2 : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>
  %5 = tern.quantise %4 {correction = "scaled"} : tensor<?x64xf32, #tern.dims<T>> to tensor<?x64x!tern.block<8, 32, f32>, #tern.dims<T>>
  return %5 : tensor<?x64x!tern.block<8, 32, f32>, #tern.dims<T>>
}

// CHECK-LABEL: @narrowed
// CHECK:         tern.dispatch contraction
// CHECK:           tern.cast
// CHECK-NOT:     tern.dispatch
// CHECK:         return
func.func private @narrowed(%x: tensor<?x32xf32, #tern.dims<T>>, %w: tensor<40x32xf32, #tern.panels<32>>) -> tensor<?x40xbf16, #tern.dims<T>> {
  %0 = tern.contract "ab,cb->ac" %x, %w : tensor<?x32xf32, #tern.dims<T>>, tensor<40x32xf32, #tern.panels<32>>
  %1 = tern.relu %0 : tensor<?x40xf32, #tern.dims<T>>
  %2 = tern.cast %1 : tensor<?x40xf32, #tern.dims<T>> to tensor<?x40xbf16, #tern.dims<T>>
  return %2 : tensor<?x40xbf16, #tern.dims<T>>
}

// Halves of no whole panels, and a product that something else reads, stay in memory.
// CHECK-LABEL: @ragged
// CHECK:         tern.dispatch contraction
// CHECK:           tern.contract
// CHECK-NEXT:      tern.yield
// CHECK:         tern.dispatch rows
// CHECK:         return
func.func private @ragged(%x: tensor<?x32xf32, #tern.dims<T>>, %w: tensor<96x32xf32, #tern.panels<32>>) -> tensor<?x48xf32, #tern.dims<T>> {
  %0 = tern.contract "ab,cb->ac" %x, %w : tensor<?x32xf32, #tern.dims<T>>, tensor<96x32xf32, #tern.panels<32>>
  %1 = tern.slice %0 axis 1 from 0 size 48 : tensor<?x96xf32, #tern.dims<T>>
  %2 = tern.slice %0 axis 1 from 48 size 48 : tensor<?x96xf32, #tern.dims<T>>
  %3 = tern.mul %1, %2 : tensor<?x48xf32, #tern.dims<T>>, tensor<?x48xf32, #tern.dims<T>>
  return %3 : tensor<?x48xf32, #tern.dims<T>>
}

// CHECK-LABEL: @read_twice
// CHECK:         tern.dispatch contraction
// CHECK:           tern.contract
// CHECK-NEXT:      tern.yield
// CHECK:         tern.dispatch rows
// CHECK:         return
func.func private @read_twice(%x: tensor<?x32xf32, #tern.dims<T>>, %w: tensor<128x32xf32, #tern.panels<32>>) -> (tensor<?x128xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>) {
  %0 = tern.contract "ab,cb->ac" %x, %w : tensor<?x32xf32, #tern.dims<T>>, tensor<128x32xf32, #tern.panels<32>>
  %1 = tern.slice %0 axis 1 from 0 size 64 : tensor<?x128xf32, #tern.dims<T>>
  %2 = tern.slice %0 axis 1 from 64 size 64 : tensor<?x128xf32, #tern.dims<T>>
  %3 = tern.mul %1, %2 : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>
  return %0, %3 : tensor<?x128xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>
}

// Both halves by way of one term each, but no term reads both.
// CHECK-LABEL: @apart
// CHECK:         tern.dispatch contraction
// CHECK:           tern.contract
// CHECK-NEXT:      tern.yield
// CHECK:         tern.dispatch rows
// CHECK:         return
func.func private @apart(%x: tensor<?x32xf32, #tern.dims<T>>, %w: tensor<128x32xf32, #tern.panels<32>>) -> (tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>) {
  %0 = tern.contract "ab,cb->ac" %x, %w : tensor<?x32xf32, #tern.dims<T>>, tensor<128x32xf32, #tern.panels<32>>
  %1 = tern.slice %0 axis 1 from 0 size 64 : tensor<?x128xf32, #tern.dims<T>>
  %2 = tern.slice %0 axis 1 from 64 size 64 : tensor<?x128xf32, #tern.dims<T>>
  %3 = tern.silu %1 : tensor<?x64xf32, #tern.dims<T>>
  %4 = tern.relu %2 : tensor<?x64xf32, #tern.dims<T>>
  return %3, %4 : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>
}
