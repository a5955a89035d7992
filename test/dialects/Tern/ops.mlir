// RUN: tern-opt %s --verify-roundtrip

// Every spelling of each operation survives parse, print, parse.

tern.dim @T from 1 to 512
tern.dim @S from 0 to 8192

func.func @weights(%layer: index) -> (tensor<4x64x!tern.block<4, 32, f16, min>>, tensor<8xbf16>) {
  %0 = tern.weight "blk.{}.attn_q.weight" at %layer : tensor<4x64x!tern.block<4, 32, f16, min>>
  %1 = tern.weight "output_norm.weight" : tensor<8xbf16>
  return %0, %1 : tensor<4x64x!tern.block<4, 32, f16, min>>, tensor<8xbf16>
}

func.func @elementwise(%x: tensor<?x8xf32, #tern.dims<T>>, %y: tensor<?x8xf32, #tern.dims<T>>) -> tensor<?x8xf32, #tern.dims<T>> {
  %half = tern.constant dense<0.5> : tensor<f32>
  %0 = tern.add %x, %y : tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
  %1 = tern.mul %0, %half : tensor<?x8xf32, #tern.dims<T>>, tensor<f32>
  %2 = tern.silu %1 : tensor<?x8xf32, #tern.dims<T>>
  %3 = tern.where %2, %half, %x : tensor<?x8xf32, #tern.dims<T>>, tensor<f32>, tensor<?x8xf32, #tern.dims<T>>
  %4 = tern.cast %3 : tensor<?x8xf32, #tern.dims<T>> to tensor<?x8xbf16, #tern.dims<T>>
  %5 = tern.cast %4 : tensor<?x8xbf16, #tern.dims<T>> to tensor<?x8xf32, #tern.dims<T>>
  return %5 : tensor<?x8xf32, #tern.dims<T>>
}

func.func @sums(%x: tensor<?x64xf32, #tern.dims<S + 2 * T - 1>>, %w: tensor<96x64xbf16>, %e: tensor<5x96x64xbf16>, %i: tensor<?xi32, #tern.dims<S + 2 * T - 1>>) {
  %0 = tern.contract "tk,nk->tn" %x, %w : tensor<?x64xf32, #tern.dims<S + 2 * T - 1>>, tensor<96x64xbf16>
  %1 = tern.contract "tk,nk->tn" %x, %e groups %i : tensor<?x64xf32, #tern.dims<S + 2 * T - 1>>, tensor<5x96x64xbf16>, tensor<?xi32, #tern.dims<S + 2 * T - 1>>
  %2 = tern.add %0, %1 : tensor<?x96xf32, #tern.dims<S + 2 * T - 1>>, tensor<?x96xf32, #tern.dims<S + 2 * T - 1>>
  %3 = tern.sum "tn->t" %2 : tensor<?x96xf32, #tern.dims<S + 2 * T - 1>>
  %4 = tern.broadcast "t->tn" %3 : tensor<?xf32, #tern.dims<S + 2 * T - 1>> to tensor<?x96xf32, #tern.dims<S + 2 * T - 1>>
  %5 = tern.softmax "tn/n" %4 : tensor<?x96xf32, #tern.dims<S + 2 * T - 1>>
  %6 = tern.rms_norm "tn/n" %5 epsilon 1.0e-05 : tensor<?x96xf32, #tern.dims<S + 2 * T - 1>>
  %7 = tern.layer_norm "tn/n" %6 epsilon 1.0e-05 : tensor<?x96xf32, #tern.dims<S + 2 * T - 1>>
  %values, %indices = tern.top_k %7 k 4 : tensor<?x96xf32, #tern.dims<S + 2 * T - 1>>
  return
}

func.func @layout(%x: tensor<?x64xf32, #tern.dims<T>>, %w: tensor<32x64xf32>, %i: tensor<?xi32, #tern.dims<T>>) {
  %0 = tern.reshape %x : tensor<?x64xf32, #tern.dims<T>> to tensor<?x4x16xf32, #tern.dims<T>>
  %1 = tern.transpose "thd->htd" %0 : tensor<?x4x16xf32, #tern.dims<T>>
  %2 = tern.slice %1 axis 0 from 1 size 2 : tensor<4x?x16xf32, #tern.dims<T>>
  %3 = tern.concat %2, %1 axis 0 : tensor<2x?x16xf32, #tern.dims<T>>, tensor<4x?x16xf32, #tern.dims<T>>
  %4 = tern.gather "vd,t->td" %w, %i : tensor<32x64xf32>, tensor<?xi32, #tern.dims<T>>
  %5 = tern.add %4, %x : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>
  %6 = tern.pack %w, %w : tensor<32x64xf32>, tensor<32x64xf32>
  %turned = tern.pack %w turned : tensor<32x64xf32>
  %7 = tern.contract "tk,nk->tn" %5, %6 : tensor<?x64xf32, #tern.dims<T>>, tensor<64x64xf32, #tern.panels<32>>
  %8 = tern.quantise %7 : tensor<?x64xf32, #tern.dims<T>> to tensor<?x64x!tern.block<8, 32, f32>, #tern.dims<T>>
  %9 = tern.dequantise %8 : tensor<?x64x!tern.block<8, 32, f32>, #tern.dims<T>>
  return
}

func.func @functions(%x: tensor<?x8xf32, #tern.dims<T>>, %i: tensor<?xi32, #tern.dims<T>>) {
  %0 = tern.log1p %x : tensor<?x8xf32, #tern.dims<T>>
  %1 = tern.tan %0 : tensor<?x8xf32, #tern.dims<T>>
  %2 = tern.cot %1 : tensor<?x8xf32, #tern.dims<T>>
  %3 = tern.rint %2 : tensor<?x8xf32, #tern.dims<T>>
  %4 = tern.not %i : tensor<?xi32, #tern.dims<T>>
  %5 = tern.and %4, %i : tensor<?xi32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>
  %6 = tern.or %5, %i : tensor<?xi32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>
  %7 = tern.masked_softmax "tk/k" %3 mask %x : tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
  %8 = tern.cumsum "tk/k" %7 : tensor<?x8xf32, #tern.dims<T>>
  %9 = tern.top_k_mask "tk/k" %8 k 2 : tensor<?x8xf32, #tern.dims<T>>
  %10 = tern.logsumexp "tk->t" %9 : tensor<?x8xf32, #tern.dims<T>>
  return
}

func.func @indices(%x: tensor<?x8xf32, #tern.dims<T>>, %i: tensor<?xi32, #tern.dims<T>>) {
  %0 = tern.iota "s->ts" : tensor<?x?xi32, #tern.dims<T, S>>
  %1 = tern.size <T, S + 1, 64> : tensor<f32>
  %2 = tern.size <> : tensor<i64>
  %3 = tern.one_hot "t->tv" %i : tensor<?xi32, #tern.dims<T>> to tensor<?x9xbf16, #tern.dims<T>>
  %4 = tern.scatter_add "td,t->vd" %x, %i : tensor<?x8xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>> to tensor<9x8xf32>
  %5 = tern.pad %x axis 0 low 1 high 2 : tensor<?x8xf32, #tern.dims<T>>
  %6 = tern.neg %5 : tensor<?x8xf32, #tern.dims<T + 3>>
  return
}

func.func @blocks(%q: tensor<2x64xi8>, %d: tensor<2x2xf32>, %h: tensor<2x1xf16>, %z: tensor<2x1xi8>) {
  %0 = tern.blocks %q, %d : tensor<2x64xi8>, tensor<2x2xf32> to tensor<2x64x!tern.block<4, 32, f32, numbers = nf4>>
  %1 = tern.blocks %q, %h zeros %z : tensor<2x64xi8>, tensor<2x1xf16>, tensor<2x1xi8> to tensor<2x64x!tern.block<4, 32, f16, scale_bits = 6, groups = 2, min>>
  return
}

func.func @transformer(%q: tensor<?x4x16xf32, #tern.dims<T>>, %k: tensor<?x2x16xf32, #tern.dims<S>>, %m: tensor<?x?xf32, #tern.dims<T, S>>, %c: tensor<?x8xf32, #tern.dims<T>>) {
  %0 = tern.rotary half %q, %c, %c : tensor<?x4x16xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
  %1 = tern.attention %0, %k, %k scale 2.5e-01 : tensor<?x4x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<S>>, tensor<?x2x16xf32, #tern.dims<S>>
  %2 = tern.attention %1, %k, %k mask %m scale 2.5e-01 causal window 7 soft_cap 5.0e+01 : tensor<?x4x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<S>>, tensor<?x2x16xf32, #tern.dims<S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return
}

func.func @choice(%x: tensor<?x8xf32, #tern.dims<T>>, %y: tensor<?x8xf32, #tern.dims<T>>) {
  %0 = tern.choice "w" %x, %y : tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
  return
}

func.func @sampling(%l: tensor<?x320xf32, #tern.dims<T>>, %h: tensor<?xi32, #tern.dims<S>>, %n: tensor<?xi32, #tern.dims<T + 1>>, %p: tensor<?x8xf32, #tern.dims<T>>) {
  %0, %1 = tern.sample %l, %h, %n, %p : tensor<?x320xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<S>>, tensor<?xi32, #tern.dims<T + 1>>, tensor<?x8xf32, #tern.dims<T>>
  return
}

func.func private @layer(%layer: index, %x: tensor<?x8xf32, #tern.dims<T>>, %c: tensor<8xf32>) -> tensor<?x8xf32, #tern.dims<T>>
func.func private @alone(%layer: index, %x: tensor<?x8xf32, #tern.dims<T>>) -> tensor<?x8xf32, #tern.dims<T>>
func.func private @load() -> tensor<8xf32>

func.func @templates(%x: tensor<?x8xf32, #tern.dims<T>>) -> tensor<?x8xf32, #tern.dims<T>> {
  %c = tern.loaded @load result 0 : tensor<8xf32>
  %0 = tern.repeat @layer [0, 1, 2] (%x) with (%c) : (tensor<?x8xf32, #tern.dims<T>>) with (tensor<8xf32>)
  %4 = tern.repeat @alone [2] (%0) : (tensor<?x8xf32, #tern.dims<T>>)
  %1 = tern.dispatch rows (%4) : (tensor<?x8xf32, #tern.dims<T>>) -> tensor<?x8xf32, #tern.dims<T>> {
  ^bb0(%a: tensor<?x8xf32, #tern.dims<T>>):
    %2 = tern.gelu %a : tensor<?x8xf32, #tern.dims<T>>
    tern.yield %2 : tensor<?x8xf32, #tern.dims<T>>
  }
  return %1 : tensor<?x8xf32, #tern.dims<T>>
}
