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
func.func private @views(%x: tensor<?x64xf32, #tern.dims<T>>) -> tensor<?x2x16xf32, #tern.dims<T>> {
  %s = tern.slice %x axis 1 from 32 size 32 : tensor<?x64xf32, #tern.dims<T>>
  %r = tern.reshape %s : tensor<?x32xf32, #tern.dims<T>> to tensor<?x2x16xf32, #tern.dims<T>>
  return %r : tensor<?x2x16xf32, #tern.dims<T>>
}

// But what a program returns lies side by side: a part of each row is copied.
// CHECK-LABEL: @returned
// CHECK:         tern.slice
// CHECK:         tern.dispatch loops
// CHECK:           tern.reshape
func.func @returned(%x: tensor<?x64xf32, #tern.dims<T>>) -> tensor<?x2x16xf32, #tern.dims<T>> {
  %s = tern.slice %x axis 1 from 32 size 32 : tensor<?x64xf32, #tern.dims<T>>
  %r = tern.reshape %s : tensor<?x32xf32, #tern.dims<T>> to tensor<?x2x16xf32, #tern.dims<T>>
  return %r : tensor<?x2x16xf32, #tern.dims<T>>
}

// Rows that lie side by side may be regrouped in place.
// CHECK-LABEL: @regrouped
// CHECK:         tern.dispatch rows
// CHECK:         tern.reshape
// CHECK:         tern.dispatch rows
func.func @regrouped(%x: tensor<6x4xf32>) -> tensor<3x8xf32> {
  %e = tern.exp %x : tensor<6x4xf32>
  %r = tern.reshape %e : tensor<6x4xf32> to tensor<3x8xf32>
  %n = tern.neg %r : tensor<3x8xf32>
  return %n : tensor<3x8xf32>
}

// Terms of other axes than rows are loops; what they read of one shape joins them.
// CHECK-LABEL: @loops
// CHECK:         tern.dispatch loops
// CHECK:           tern.transpose
// CHECK:           tern.exp
// CHECK-NOT:     tern.dispatch
// CHECK:         return
func.func @loops(%x: tensor<?x3x4xf32, #tern.dims<T>>) -> tensor<3x?x4xf32, #tern.dims<T>> {
  %t = tern.transpose "thd->htd" %x : tensor<?x3x4xf32, #tern.dims<T>>
  %e = tern.exp %t : tensor<3x?x4xf32, #tern.dims<T>>
  return %e : tensor<3x?x4xf32, #tern.dims<T>>
}

// A fold of other axes than the last takes in what it alone reads.
// CHECK-LABEL: @fold
// CHECK:         tern.dispatch fold
// CHECK:           tern.square
// CHECK:           tern.sum
func.func @fold(%x: tensor<?x4xf32, #tern.dims<T>>) -> tensor<4xf32> {
  %q = tern.square %x : tensor<?x4xf32, #tern.dims<T>>
  %s = tern.sum "tk->k" %q : tensor<?x4xf32, #tern.dims<T>>
  return %s : tensor<4xf32>
}

// A contraction without packed weights reads moved operands where they lie; any element-wise term
// of its result follows it.
// CHECK-LABEL: @general
// CHECK:         tern.dispatch contraction
// CHECK:           tern.transpose
// CHECK:           tern.contract
// CHECK:           tern.exp
// CHECK-NOT:     tern.dispatch
// CHECK:         return
func.func @general(%x: tensor<?x8xf32, #tern.dims<T>>, %y: tensor<8x?xf32, #tern.dims<T>>) -> tensor<?x?xf32, #tern.dims<T, T>> {
  %t = tern.transpose "kn->nk" %y : tensor<8x?xf32, #tern.dims<T>>
  %c = tern.contract "tk,nk->tn" %x, %t : tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
  %e = tern.exp %c : tensor<?x?xf32, #tern.dims<T, T>>
  return %e : tensor<?x?xf32, #tern.dims<T, T>>
}

// Indices and sizes are made where they are read, and lie in memory only for what reads that alone.
// CHECK-LABEL: @indices
// CHECK:         %[[I:.*]] = tern.dispatch loops()
// CHECK-NEXT:      tern.iota
// CHECK:         tern.dispatch gather(%{{.*}}, %[[I]])
// CHECK:         tern.dispatch fold(
// CHECK-DAG:       tern.iota
// CHECK-DAG:       tern.size
// CHECK:           tern.le
// CHECK:           tern.masked_softmax
// CHECK-NOT:     tern.dispatch
// CHECK:         return
func.func @indices(%x: tensor<?x8xf32, #tern.dims<T>>, %s: tensor<?x?xf32, #tern.dims<T, T>>) -> (tensor<?x8xf32, #tern.dims<T>>, tensor<?x?xf32, #tern.dims<T, T>>) {
  %i = tern.iota "t->t" : tensor<?xi32, #tern.dims<T>>
  %g = tern.gather "vd,t->td" %x, %i : tensor<?x8xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>
  %j = tern.iota "s->ts" : tensor<?x?xf32, #tern.dims<T, T>>
  %n = tern.size <T> : tensor<f32>
  %m = tern.le %j, %n : tensor<?x?xf32, #tern.dims<T, T>>, tensor<f32>
  %p = tern.masked_softmax "ts/s" %s mask %m : tensor<?x?xf32, #tern.dims<T, T>>, tensor<?x?xf32, #tern.dims<T, T>>
  return %g, %p : tensor<?x8xf32, #tern.dims<T>>, tensor<?x?xf32, #tern.dims<T, T>>
}

// A look-up of rows of any length is a loop's: kernels of schema gather know how long they are.
// CHECK-LABEL: @columns
// CHECK:         tern.dispatch loops
// CHECK-NEXT:    bb0
// CHECK-NEXT:      tern.gather
func.func @columns(%x: tensor<4x?xf32, #tern.dims<T>>, %i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x?xf32, #tern.dims<T, T>> {
  %g = tern.gather "ab,t->tb" %x, %i : tensor<4x?xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>
  return %g : tensor<?x?xf32, #tern.dims<T, T>>
}

// One of each row stands in no memory either; what is written at an index, and around a tensor, does.
// CHECK-LABEL: @chosen
// CHECK:         tern.dispatch contraction
// CHECK-NEXT:    bb0
// CHECK-NEXT:      tern.one_hot
// CHECK-NEXT:      tern.contract
// CHECK:         tern.dispatch scatter
// CHECK:         tern.dispatch loops
// CHECK-NEXT:    bb0
// CHECK-NEXT:      tern.pad
// CHECK:         tern.dispatch selection
func.func @chosen(%i: tensor<?xi32, #tern.dims<T>>, %w: tensor<9x8xf32>) -> tensor<12x8xf32> {
  %h = tern.one_hot "t->tv" %i : tensor<?xi32, #tern.dims<T>> to tensor<?x9xf32, #tern.dims<T>>
  %c = tern.contract "tv,vd->td" %h, %w : tensor<?x9xf32, #tern.dims<T>>, tensor<9x8xf32>
  %s = tern.scatter_add "td,t->vd" %c, %i : tensor<?x8xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>> to tensor<9x8xf32>
  %p = tern.pad %s axis 0 low 1 high 2 : tensor<9x8xf32>
  %m = tern.top_k_mask "vd/d" %p k 2 : tensor<12x8xf32>
  return %m : tensor<12x8xf32>
}

// What a template returns may lie in rows apart: a program returns a copy.
// CHECK-LABEL: @layers
// CHECK:         %[[R:.*]] = tern.repeat
// CHECK:         tern.dispatch loops(%[[R]])
// CHECK:           tern.reshape
func.func @layers(%x: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %0 = tern.repeat @layer [0, 1] (%x) : (tensor<6x8xf32>)
  return %0 : tensor<6x8xf32>
}
func.func private @layer(%i: index, %x: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %0 = tern.exp %x : tensor<6x8xf32>
  return %0 : tensor<6x8xf32>
}
