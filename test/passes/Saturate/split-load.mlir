// RUN: tern-opt %s --tern-split-load --split-input-file | FileCheck %s

tern.dim @T from 1 to 512

// A weight that a contraction reads is packed, once for each layer.
// CHECK-LABEL: func.func private @layer.load(
// CHECK-SAME:    %[[LAYER:.*]]: index) -> tensor<96x64xf32, #tern.panels<32>> attributes {tern.load}
// CHECK:         %[[W:.*]] = tern.weight "blk.{}.up.weight" at %[[LAYER]]
// CHECK:         %[[P:.*]] = tern.pack %[[W]]
// CHECK:         return %[[P]]
// CHECK-LABEL: func.func @layer(
// CHECK-SAME:    %[[LAYER:.*]]: index, %[[X:.*]]: tensor<?x64xf32
// CHECK-NOT:     tern.weight
// CHECK:         %[[P:.*]] = tern.loaded @layer.load result 0 at %[[LAYER]]
// CHECK:         tern.contract "tk,nk->tn" %[[X]], %[[P]]
func.func @layer(%layer: index, %x: tensor<?x64xf32, #tern.dims<T>>) -> tensor<?x96xf32, #tern.dims<T>> {
  %w = tern.weight "blk.{}.up.weight" at %layer : tensor<96x64xf32>
  %y = tern.contract "tk,nk->tn" %x, %w : tensor<?x64xf32, #tern.dims<T>>, tensor<96x64xf32>
  return %y : tensor<?x96xf32, #tern.dims<T>>
}

// -----

tern.dim @T from 1 to 512

// An embedding whose matrix the last contraction shares is resident once.
// CHECK-LABEL: func.func private @tied.load() -> tensor<32x64xbf16, #tern.panels<32>>
// CHECK-COUNT-1: tern.pack
// CHECK-LABEL: func.func @tied(
// CHECK:         %[[P:.*]] = tern.loaded @tied.load result 0
// CHECK:         tern.gather "vd,t->td" %[[P]]
// CHECK:         tern.contract "tk,nk->tn" %{{.*}}, %[[P]]
func.func @tied(%tokens: tensor<?xi32, #tern.dims<T>>) -> tensor<?x32xf32, #tern.dims<T>> {
  %w = tern.weight "token_embd.weight" : tensor<32x64xbf16>
  %x = tern.gather "vd,t->td" %w, %tokens : tensor<32x64xbf16>, tensor<?xi32, #tern.dims<T>>
  %y = tern.contract "tk,nk->tn" %x, %w : tensor<?x64xbf16, #tern.dims<T>>, tensor<32x64xbf16>
  return %y : tensor<?x32xf32, #tern.dims<T>>
}

// -----

tern.dim @T from 1 to 512

// Activations in bf16 meet weights in blocks.
// CHECK-LABEL: func.func @narrow(
// CHECK-SAME:    %[[X:[a-z0-9]*]]: tensor<?x64xbf16
// CHECK-NOT:     tern.cast
// CHECK:         tern.contract "tk,nk->tn" %[[X]], %{{.*}} : tensor<?x64xbf16, #tern.dims<T>>, tensor<96x64x!tern.block<8, 32, f16>, #tern.panels<32>>
func.func @narrow(%x: tensor<?x64xbf16, #tern.dims<T>>) -> tensor<?x96xf32, #tern.dims<T>> {
  %w = tern.weight "w" : tensor<96x64x!tern.block<8, 32, f16>>
  %y = tern.contract "tk,nk->tn" %x, %w : tensor<?x64xbf16, #tern.dims<T>>, tensor<96x64x!tern.block<8, 32, f16>>
  return %y : tensor<?x96xf32, #tern.dims<T>>
}

// -----

tern.dim @T from 1 to 512

// Activations of 16 bits meet weights of the same type, and others as f32.
// CHECK-LABEL: func.func @widened(
// CHECK-SAME:    %[[X:[a-z0-9]*]]: tensor<?x64xf16
// CHECK:         %[[WIDE:.*]] = tern.cast %[[X]] : tensor<?x64xf16, #tern.dims<T>> to tensor<?x64xf32, #tern.dims<T>>
// CHECK:         tern.contract "tk,nk->tn" %[[WIDE]], %{{.*}} : tensor<?x64xf32, #tern.dims<T>>, tensor<96x64xbf16, #tern.panels<32>>
func.func @widened(%x: tensor<?x64xf16, #tern.dims<T>>) -> tensor<?x96xf32, #tern.dims<T>> {
  %w = tern.weight "w" : tensor<96x64xbf16>
  %y = tern.contract "tk,nk->tn" %x, %w : tensor<?x64xf16, #tern.dims<T>>, tensor<96x64xbf16>
  return %y : tensor<?x96xf32, #tern.dims<T>>
}

// -----

tern.dim @T from 1 to 512

// Joined rows are packed part by part.
// CHECK-LABEL: func.func private @joined.load()
// CHECK-NOT:     tern.concat
// CHECK:         tern.pack %{{.*}}, %{{.*}}, %{{.*}} : tensor<8x64xf32>, tensor<8x64xf32>, tensor<16x64xf32>
// CHECK-LABEL: func.func @joined(
func.func @joined(%x: tensor<?x64xf32, #tern.dims<T>>) -> tensor<?x32xf32, #tern.dims<T>> {
  %a = tern.weight "a" : tensor<8x64xf32>
  %b = tern.weight "b" : tensor<8x64xf32>
  %c = tern.weight "c" : tensor<16x64xf32>
  %ab = tern.concat %a, %b axis 0 : tensor<8x64xf32>, tensor<8x64xf32>
  %w = tern.concat %ab, %c axis 0 : tensor<16x64xf32>, tensor<16x64xf32>
  %y = tern.contract "tk,nk->tn" %x, %w : tensor<?x64xf32, #tern.dims<T>>, tensor<32x64xf32>
  return %y : tensor<?x32xf32, #tern.dims<T>>
}

// -----

tern.dim @T from 1 to 512

// A matrix stored [K, N] is turned while it is packed.
// CHECK-LABEL: func.func private @turned.load() -> tensor<96x64xf32, #tern.panels<32>>
// CHECK-NOT:     tern.transpose
// CHECK:         tern.pack %{{.*}} turned : tensor<64x96xf32>
// CHECK-LABEL: func.func @turned(
// CHECK:         tern.contract "tk,nk->tn"
func.func @turned(%x: tensor<?x64xf32, #tern.dims<T>>) -> tensor<?x96xf32, #tern.dims<T>> {
  %w = tern.weight "w" : tensor<64x96xf32>
  %y = tern.contract "tk,kn->tn" %x, %w : tensor<?x64xf32, #tern.dims<T>>, tensor<64x96xf32>
  return %y : tensor<?x96xf32, #tern.dims<T>>
}

// -----

tern.dim @T from 1 to 512

// All that depends on weights alone moves, but a broadcast is not stored. A product of weights
// reads a packed matrix too.
// CHECK-LABEL: func.func private @folded.load() -> (tensor<64xf32>, tensor<96x64xf32, #tern.panels<32>>)
// CHECK:         %[[G:.*]] = tern.cast
// CHECK:         %[[A:.*]] = tern.pack %{{.*}} turned : tensor<8x64xf32>
// CHECK:         %[[D:.*]] = tern.contract "na,ka->nk" %{{.*}}, %[[A]]
// CHECK:         %[[S:.*]] = tern.add %{{.*}}, %[[D]]
// CHECK:         %[[P:.*]] = tern.pack %[[S]]
// CHECK:         return %[[G]], %[[P]]
// CHECK-LABEL: func.func @folded(
// CHECK:         %[[G:.*]] = tern.loaded @folded.load result 0 : tensor<64xf32>
// CHECK:         tern.broadcast "k->tk" %[[G]]
func.func @folded(%x: tensor<4x64xf32>) -> tensor<4x96xf32> {
  %g = tern.weight "norm" : tensor<64xbf16>
  %w = tern.weight "w" : tensor<96x64xf32>
  %a = tern.weight "lora_a" : tensor<8x64xf32>
  %b = tern.weight "lora_b" : tensor<96x8xf32>
  %wide = tern.cast %g : tensor<64xbf16> to tensor<64xf32>
  %all = tern.broadcast "k->tk" %wide : tensor<64xf32> to tensor<4x64xf32>
  %scaled = tern.mul %x, %all : tensor<4x64xf32>, tensor<4x64xf32>
  %d = tern.contract "na,ak->nk" %b, %a : tensor<96x8xf32>, tensor<8x64xf32>
  %s = tern.add %w, %d : tensor<96x64xf32>, tensor<96x64xf32>
  %y = tern.contract "tk,nk->tn" %scaled, %s : tensor<4x64xf32>, tensor<96x64xf32>
  return %y : tensor<4x96xf32>
}

// -----

tern.dim @T from 1 to 512

// Constants, and numbers that depend on them alone, stay in the step.
// CHECK-NOT: tern.loaded
// CHECK-NOT: tern.load
// CHECK-LABEL: func.func @constants(
// CHECK:         tern.constant dense<5.000000e-01> : tensor<f32>
func.func @constants(%x: tensor<?x4xf32, #tern.dims<T>>) -> tensor<?x4xf32, #tern.dims<T>> {
  %half = tern.constant dense<0.5> : tensor<f32>
  %root = tern.sqrt %half : tensor<f32>
  %v = tern.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %0 = tern.mul %x, %root : tensor<?x4xf32, #tern.dims<T>>, tensor<f32>
  %1 = tern.broadcast "k->tk" %v : tensor<4xf32> to tensor<?x4xf32, #tern.dims<T>>
  %2 = tern.add %0, %1 : tensor<?x4xf32, #tern.dims<T>>, tensor<?x4xf32, #tern.dims<T>>
  return %2 : tensor<?x4xf32, #tern.dims<T>>
}

// -----

tern.dim @T from 1 to 512
tern.dim @S from 1 to 512

// A matrix of the step, one that is not summed over its columns, and elements without a packed
// layout are not packed.
// CHECK-LABEL: func.func private @plain.load() -> (tensor<64xf32>, tensor<96x64xf64>)
// CHECK-NOT: tern.pack
// CHECK: func.func @plain(
func.func @plain(%x: tensor<?x64xf32, #tern.dims<T>>, %y: tensor<?x64xf32, #tern.dims<S>>, %z: tensor<?x64xf64, #tern.dims<T>>) -> (tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x64x64xf32, #tern.dims<T>>, tensor<?x96xf64, #tern.dims<T>>) {
  %g = tern.weight "g" : tensor<64xf32>
  %w = tern.weight "w" : tensor<96x64xf64>
  %0 = tern.contract "tk,sk->ts" %x, %y : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<S>>
  %1 = tern.contract "tk,n->tkn" %x, %g : tensor<?x64xf32, #tern.dims<T>>, tensor<64xf32>
  %2 = tern.contract "tk,nk->tn" %z, %w : tensor<?x64xf64, #tern.dims<T>>, tensor<96x64xf64>
  return %0, %1, %2 : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x64x64xf32, #tern.dims<T>>, tensor<?x96xf64, #tern.dims<T>>
}

// -----

tern.dim @T from 1 to 512
tern.dim @B from 1 to 64

// The matrices of recurrences are packed as those of contractions are.
// CHECK-LABEL: func.func private @recur.load()
// CHECK:         %[[W:.*]] = tern.weight "w"
// CHECK:         tern.pack %[[W]] : tensor<64x4xf32>
// CHECK:         %[[E:.*]] = tern.exp
// CHECK:         tern.pack %[[E]] : tensor<64x8xf32>
// CHECK-LABEL: func.func @recur(
// CHECK:         kv.convolve {{.*}}tensor<64x4xf32, #tern.panels<32>>
// CHECK:         kv.scan {{.*}}tensor<64x8xf32, #tern.panels<32>>
func.func @recur(%x: tensor<?x64xf32, #tern.dims<T>>, %in: tensor<?x8xf32, #tern.dims<T>>, %c: !kv.state<2, 3 x 64>, %s: !kv.state<2, 8 x 64>, %b: !kv.batch<T, B>, %layer: index) -> (tensor<?x64xf32, #tern.dims<T>>, !kv.state<2, 3 x 64>, !kv.state<2, 8 x 64>) {
  %w = tern.weight "w" : tensor<64x4xf32>
  %a = tern.weight "a" : tensor<64x8xf32>
  %e = tern.exp %a : tensor<64x8xf32>
  %y, %c1 = kv.convolve %x, %w, %c, %b at %layer : tensor<?x64xf32, #tern.dims<T>>, tensor<64x4xf32>, !kv.state<2, 3 x 64>, !kv.batch<T, B>
  %z, %s1 = kv.scan %y, %x, %e, %in, %in, %s, %b at %layer : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>, tensor<64x8xf32>, tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>, !kv.state<2, 8 x 64>, !kv.batch<T, B>
  return %z, %c1, %s1 : tensor<?x64xf32, #tern.dims<T>>, !kv.state<2, 3 x 64>, !kv.state<2, 8 x 64>
}

// -----

// What does not depend on the layer is loaded once for all layers.
// CHECK-LABEL: func.func private @mixed.load() -> tensor<8xf32>
// CHECK-LABEL: func.func private @mixed.load_0(%{{.*}}: index) -> tensor<8xf32>
// CHECK-LABEL: func.func @mixed(
// CHECK-DAG:     tern.loaded @mixed.load result 0 : tensor<8xf32>
// CHECK-DAG:     tern.loaded @mixed.load_0 result 0 at %{{.*}} : tensor<8xf32>
func.func @mixed(%layer: index, %x: tensor<8xf32>) -> tensor<8xf32> {
  %a = tern.weight "a" : tensor<8xf32>
  %b = tern.weight "b.{}" at %layer : tensor<8xf32>
  %0 = tern.mul %x, %a : tensor<8xf32>, tensor<8xf32>
  %1 = tern.add %0, %b : tensor<8xf32>, tensor<8xf32>
  return %1 : tensor<8xf32>
}

// -----

tern.dim @T from 1 to 512

// The matrices that rows choose from are packed as one stack.
// CHECK-LABEL: func.func private @experts.load() -> tensor<3x96x64xbf16, #tern.panels<32>>
// CHECK:         tern.pack %{{.*}}, %{{.*}} : tensor<1x96x64xbf16>, tensor<2x96x64xbf16>
// CHECK-LABEL: func.func @experts(
// CHECK:         %[[P:.*]] = tern.loaded @experts.load result 0
// CHECK:         tern.contract "tak,nk->tan" %{{.*}}, %[[P]] groups
func.func @experts(%x: tensor<?x2x64xf32, #tern.dims<T>>, %i: tensor<?x2xi32, #tern.dims<T>>) -> tensor<?x2x96xf32, #tern.dims<T>> {
  %a = tern.weight "a.weight" : tensor<1x96x64xbf16>
  %b = tern.weight "b.weight" : tensor<2x96x64xbf16>
  %w = tern.concat %a, %b axis 0 : tensor<1x96x64xbf16>, tensor<2x96x64xbf16>
  %y = tern.contract "tak,nk->tan" %x, %w groups %i : tensor<?x2x64xf32, #tern.dims<T>>, tensor<3x96x64xbf16>, tensor<?x2xi32, #tern.dims<T>>
  return %y : tensor<?x2x96xf32, #tern.dims<T>>
}

// -----

tern.dim @T from 1 to 512

// What sorts a weight is of the load program, with all its results.
// CHECK-LABEL: func.func private @sorted.load() -> tensor<8xi32>
// CHECK:         %{{.*}}, %[[ORDER:.*]] = tern.top_k
// CHECK:         return %[[ORDER]]
// CHECK-LABEL: func.func @sorted(
// CHECK-NOT:     tern.top_k
// CHECK:         %[[ORDER:.*]] = tern.loaded @sorted.load result 0
// CHECK:         tern.gather "tk,i->ti" %{{.*}}, %[[ORDER]]
func.func @sorted(%x: tensor<?x8xf32, #tern.dims<T>>) -> tensor<?x8xf32, #tern.dims<T>> {
  %w = tern.weight "groups" : tensor<8xf32>
  %values, %order = tern.top_k %w k 8 : tensor<8xf32>
  %y = tern.gather "tk,i->ti" %x, %order : tensor<?x8xf32, #tern.dims<T>>, tensor<8xi32>
  return %y : tensor<?x8xf32, #tern.dims<T>>
}
