// RUN: tern-opt %s --split-input-file --verify-diagnostics

// One function for each labelled constraint.

// expected-error @below {{ranges from 3 to 2, expected 0 <= min <= max < 2^31}}
tern.dim @dim_d1 from 3 to 2

// -----

func.func @weight_w1() {
  // expected-error @below {{names 'blk.{}.norm' with 1 '{}', expected none without a layer}}
  %0 = tern.weight "blk.{}.norm" : tensor<8xf32>
  return
}

// -----

func.func @weight_w1_layer(%layer: index) {
  // expected-error @below {{names 'norm' with 0 '{}', expected one for the layer}}
  %0 = tern.weight "norm" at %layer : tensor<8xf32>
  return
}

// -----

func.func @weight_w2() {
  // expected-error @below {{has the dynamic type 'tensor<?xf32>', expected a static shape}}
  %0 = tern.weight "norm" : tensor<?xf32>
  return
}

// -----

func.func @choice_o1(%x: tensor<2xf32>, %y: tensor<2xf16>) {
  // expected-error @below {{chooses between 'tensor<2xf32>' and 'tensor<2xf16>', expected one type}}
  %0 = tern.choice "w" %x, %y : tensor<2xf32>, tensor<2xf16>
  return
}

// -----

func.func @add_e1(%x: tensor<2xf32>, %y: tensor<2xf16>) {
  // expected-error @below {{operands have one element type, found 'tensor<2xf32>' and 'tensor<2xf16>'}}
  %0 = tern.add %x, %y : tensor<2xf32>, tensor<2xf16>
  return
}

// -----

func.func @add_e2(%x: tensor<2xf32>, %y: tensor<3xf32>) {
  // expected-error @below {{operands have one shape or rank 0, found 'tensor<2xf32>' and 'tensor<3xf32>'}}
  %0 = tern.add %x, %y : tensor<2xf32>, tensor<3xf32>
  return
}

// -----

// Named sizes that differ by a constant never meet.
func.func @add_e2_named(%x: tensor<?xf32, #tern.dims<T>>, %y: tensor<?xf32, #tern.dims<T + 1>>) {
  // expected-error @below {{operands have one shape or rank 0}}
  %0 = tern.add %x, %y : tensor<?xf32, #tern.dims<T>>, tensor<?xf32, #tern.dims<T + 1>>
  return
}

// -----

func.func @where_e2(%c: tensor<f32>, %x: tensor<2x3xf32>, %y: tensor<6xf32>) {
  // expected-error @below {{operands have one shape or rank 0}}
  %0 = tern.where %c, %x, %y : tensor<f32>, tensor<2x3xf32>, tensor<6xf32>
  return
}

// -----

func.func @cast_c1(%x: tensor<2x3xf32>) {
  // expected-error @below {{changes the shape from 'tensor<2x3xf32>' to 'tensor<3x2xf16>'}}
  %0 = tern.cast %x : tensor<2x3xf32> to tensor<3x2xf16>
  return
}

// -----

func.func @contract_m1(%x: tensor<2x3xf32>) {
  // expected-error @below {{"tk->t" has 1 operands, expected 2}}
  %0 = tern.contract "tk->t" %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  return
}

// -----

func.func @contract_m1_result(%x: tensor<2x3xf32>) {
  // expected-error @below {{axis 'z' of the result stands in no operand}}
  %0 = tern.contract "tk,nk->tz" %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  return
}

// -----

func.func @contract_m2(%x: tensor<2x3xf32>, %w: tensor<3xf32>) {
  // expected-error @below {{"nk" names 2 axes of 'tensor<3xf32>'}}
  %0 = tern.contract "tk,nk->tn" %x, %w : tensor<2x3xf32>, tensor<3xf32>
  return
}

// -----

func.func @contract_m3(%x: tensor<2x3xf32>, %w: tensor<5x4xf32>) {
  // expected-error @below {{axis 'k' of 'tensor<5x4xf32>' has another extent than before}}
  %0 = tern.contract "tk,nk->tn" %x, %w : tensor<2x3xf32>, tensor<5x4xf32>
  return
}

// -----

func.func @contract_m4_axes(%x: tensor<2x3x4xf32>, %w: tensor<7x5x4xf32>, %g: tensor<2x4xi32>) {
  // expected-error @below {{groups 'tensor<2x4xi32>' do not number the rows of 'tensor<2x3x4xf32>'}}
  %0 = tern.contract "tak,nk->tan" %x, %w groups %g : tensor<2x3x4xf32>, tensor<7x5x4xf32>, tensor<2x4xi32>
  return
}

// -----

func.func @contract_m4(%x: tensor<2x3xf32>, %w: tensor<7x5x3xf32>, %g: tensor<3xi32>) {
  // expected-error @below {{groups 'tensor<3xi32>' do not number the rows of 'tensor<2x3xf32>'}}
  %0 = tern.contract "tk,nk->tn" %x, %w groups %g : tensor<2x3xf32>, tensor<7x5x3xf32>, tensor<3xi32>
  return
}

// -----

func.func @sum_r1(%x: tensor<2x3xf32>) {
  // expected-error @below {{"tkd" names 3 axes of 'tensor<2x3xf32>'}}
  %0 = tern.sum "tkd->t" %x : tensor<2x3xf32>
  return
}

// -----

func.func @softmax_a1(%x: tensor<2x3xf32>) {
  // expected-error @below {{does not name the 2 axes of 'tensor<2x3xf32>' and, after a slash, some of them}}
  %0 = tern.softmax "tks/s" %x : tensor<2x3xf32>
  return
}

// -----

func.func @rms_norm_a1(%x: tensor<2x3xf32>) {
  // expected-error @below {{axis 'z' after the slash is not one of "tk"}}
  %0 = tern.rms_norm "tk/z" %x epsilon 1.0e-05 : tensor<2x3xf32>
  return
}

// -----

func.func @rms_norm_n1(%x: tensor<2x3xf32>) {
  // expected-error @below {{has the epsilon -1.0}}
  %0 = tern.rms_norm "tk/k" %x epsilon -1.0 : tensor<2x3xf32>
  return
}

// -----

func.func @layer_norm_n1(%x: tensor<2x3xf32>) {
  // expected-error @below {{has the epsilon -2.0}}
  %0 = tern.layer_norm "tk/k" %x epsilon -2.0 : tensor<2x3xf32>
  return
}

// -----

func.func @top_k_k1(%x: tensor<2x3xf32>) {
  // expected-error @below {{k = 4 is no number of elements of the last axis of 'tensor<2x3xf32>'}}
  %0, %1 = tern.top_k %x k 4 : tensor<2x3xf32>
  return
}

// -----

func.func @broadcast_l1(%x: tensor<3xf32>) {
  // expected-error @below {{loses the axis 'k' of its operand}}
  %0 = tern.broadcast "k->t" %x : tensor<3xf32> to tensor<2xf32>
  return
}

// -----

func.func @broadcast_l2(%x: tensor<3xf32>) {
  // expected-error @below {{axis 'k' of 'tensor<3xf32>' has another extent than before}}
  %0 = tern.broadcast "k->tk" %x : tensor<3xf32> to tensor<2x4xf32>
  return
}

// -----

func.func @broadcast_l3(%x: tensor<3xf32>) {
  // expected-error @below {{changes the element type from 'tensor<3xf32>' to 'tensor<2x3xf16>'}}
  %0 = tern.broadcast "k->tk" %x : tensor<3xf32> to tensor<2x3xf16>
  return
}

// -----

func.func @transpose_l4(%x: tensor<2x3xf32>) {
  // expected-error @below {{"tk->k" is no order of the 2 axes of 'tensor<2x3xf32>'}}
  %0 = tern.transpose "tk->k" %x : tensor<2x3xf32>
  return
}

// -----

func.func @reshape_l3(%x: tensor<2x3xf32>) {
  // expected-error @below {{changes the element type from 'tensor<2x3xf32>' to 'tensor<6xf16>'}}
  %0 = tern.reshape %x : tensor<2x3xf32> to tensor<6xf16>
  return
}

// -----

func.func @reshape_l5(%x: tensor<2x3xf32>) {
  // expected-error @below {{regroups 'tensor<2x3xf32>' as 'tensor<7xf32>', which has other elements}}
  %0 = tern.reshape %x : tensor<2x3xf32> to tensor<7xf32>
  return
}

// -----

// Dynamic extents keep their order.
func.func @reshape_l5_named(%x: tensor<?x?xf32, #tern.dims<T, T + 1>>) {
  // expected-error @below {{which has other elements}}
  %0 = tern.reshape %x : tensor<?x?xf32, #tern.dims<T, T + 1>> to tensor<?x?xf32, #tern.dims<T + 1, T>>
  return
}

// -----

func.func @slice_s1(%x: tensor<4xf32>) {
  // expected-error @below {{axis 1 from 0 size 2 is no range of 'tensor<4xf32>'}}
  %0 = tern.slice %x axis 1 from 0 size 2 : tensor<4xf32>
  return
}

// -----

func.func @slice_s2(%x: tensor<4xf32>) {
  // expected-error @below {{the range from 3 size 2 leaves axis 0 of 'tensor<4xf32>'}}
  %0 = tern.slice %x axis 0 from 3 size 2 : tensor<4xf32>
  return
}

// -----

func.func @concat_j1(%x: tensor<4xf32>) {
  // expected-error @below {{axis 1 is no axis of 'tensor<4xf32>'}}
  %0 = tern.concat %x, %x axis 1 : tensor<4xf32>, tensor<4xf32>
  return
}

// -----

func.func @concat_j2(%x: tensor<4x2xf32>, %y: tensor<4x3xf32>) {
  // expected-error @below {{operands agree but for axis 0, found 'tensor<4x2xf32>' and 'tensor<4x3xf32>'}}
  %0 = tern.concat %x, %y axis 0 : tensor<4x2xf32>, tensor<4x3xf32>
  return
}

// -----

func.func @gather_g1(%x: tensor<9x4xf32>, %i: tensor<2xi32>) {
  // expected-error @below {{must lack one letter of the table and none of the indices}}
  %0 = tern.gather "vd,t->tvd" %x, %i : tensor<9x4xf32>, tensor<2xi32>
  return
}

// -----

func.func @gather_g2(%x: tensor<9x4xf32>, %i: tensor<2x2xi32>) {
  // expected-error @below {{"t" names 1 axes of 'tensor<2x2xi32>'}}
  %0 = tern.gather "vd,t->td" %x, %i : tensor<9x4xf32>, tensor<2x2xi32>
  return
}

// -----

func.func @rotary_q1(%x: tensor<2x1x8xf32>, %c: tensor<3x4xf32>) {
  // expected-error @below {{cosines 'tensor<3x4xf32>' and sines 'tensor<3x4xf32>' do not fit the rows of 'tensor<2x1x8xf32>'}}
  %0 = tern.rotary half %x, %c, %c : tensor<2x1x8xf32>, tensor<3x4xf32>, tensor<3x4xf32>
  return
}

// -----

func.func @rotary_q2(%x: tensor<2x1x8xf32>, %c: tensor<2x5xf32>) {
  // expected-error @below {{turns 10 of only 8 elements}}
  %0 = tern.rotary half %x, %c, %c : tensor<2x1x8xf32>, tensor<2x5xf32>, tensor<2x5xf32>
  return
}

// -----

func.func @attention_t1(%q: tensor<2x4x8xf32>, %k: tensor<5x2x8xf32>, %v: tensor<6x2x8xf32>) {
  // expected-error @below {{expected query TxHxD, key SxGxD, value SxGxE, mask TxS or HxTxS; 'tensor<6x2x8xf32>' does not fit}}
  %0 = tern.attention %q, %k, %v scale 1.0 : tensor<2x4x8xf32>, tensor<5x2x8xf32>, tensor<6x2x8xf32>
  return
}

// -----

func.func @attention_t1_mask(%q: tensor<2x4x8xf32>, %k: tensor<5x2x8xf32>, %m: tensor<5x2xf32>) {
  // expected-error @below {{'tensor<5x2xf32>' does not fit}}
  %0 = tern.attention %q, %k, %k mask %m scale 1.0 : tensor<2x4x8xf32>, tensor<5x2x8xf32>, tensor<5x2x8xf32>, tensor<5x2xf32>
  return
}

// -----

func.func @attention_t2(%q: tensor<2x4x8xf32>, %k: tensor<5x3x8xf32>) {
  // expected-error @below {{the heads of 'tensor<5x3x8xf32>' do not divide those of 'tensor<2x4x8xf32>'}}
  %0 = tern.attention %q, %k, %k scale 1.0 : tensor<2x4x8xf32>, tensor<5x3x8xf32>, tensor<5x3x8xf32>
  return
}

// -----

func.func @attention_t3(%q: tensor<2x4x8xf32>, %k: tensor<5x2x8xf32>) {
  // expected-error @below {{has the window -1 and soft_cap 0.0}}
  %0 = tern.attention %q, %k, %k scale 1.0 window -1 : tensor<2x4x8xf32>, tensor<5x2x8xf32>, tensor<5x2x8xf32>
  return
}

// -----

func.func @sample_u1(%l: tensor<2x9xf32>, %h: tensor<4xi32>, %n: tensor<3xi32>, %p: tensor<2x7xf32>) {
  // expected-error @below {{samples R rows by f32 logits, an i32 history and its R + 1 starts, and 8 f32 parameters a row}}
  %0, %1 = tern.sample %l, %h, %n, %p : tensor<2x9xf32>, tensor<4xi32>, tensor<3xi32>, tensor<2x7xf32>
  return
}

// -----

func.func @sample_u1_starts(%l: tensor<2x9xf32>, %h: tensor<4xi32>, %n: tensor<2xi32>, %p: tensor<2x8xf32>) {
  // expected-error @below {{samples R rows by f32 logits, an i32 history and its R + 1 starts}}
  %0, %1 = tern.sample %l, %h, %n, %p : tensor<2x9xf32>, tensor<4xi32>, tensor<2xi32>, tensor<2x8xf32>
  return
}

// -----

func.func @sample_u1_rows(%l: tensor<2x9xf32>, %h: tensor<4xi32>, %n: tensor<3xi32>, %p: tensor<3x8xf32>) {
  // expected-error @below {{axis 'r' of 'tensor<3x8xf32>' has another extent than before}}
  %0, %1 = tern.sample %l, %h, %n, %p : tensor<2x9xf32>, tensor<4xi32>, tensor<3xi32>, tensor<3x8xf32>
  return
}

// -----

// expected-error @below {{expected 2 to 6 or 8 bits, a positive group and a scale of f16, f32 or f8E8M0FNU, found 7, 32, 'f16'}}
func.func private @block_b1(tensor<32x!tern.block<7, 32, f16>>)

// -----

// expected-error @below {{zero point 16 is no code of 4 bits without a minimum or a table}}
func.func private @block_b2(tensor<32x!tern.block<4, 32, f16, zero = 16>>)

// -----

// expected-error @below {{expected scale codes of 4, 6 or 8 bits, or one group without, found 5 bits in 2}}
func.func private @block_b3(tensor<32x!tern.block<4, 32, f16, scale_bits = 5, groups = 2>>)

// -----

// expected-error @below {{expected a table of 4 numbers without a minimum, found one of 2}}
func.func private @block_b4(tensor<32x!tern.block<2, 32, f16, table = [-1, 1]>>)

// -----

// expected-error @below {{expected a name of 256 numbers without a zero point, minimum, scale codes or table, found 'nf4'}}
func.func private @block_b5(tensor<32x!tern.block<8, 32, f32, numbers = nf4>>)

// -----

func.func @quantise_c1(%x: tensor<2x32xf32>) {
  // expected-error @below {{changes the shape}}
  %0 = tern.quantise %x : tensor<2x32xf32> to tensor<32x!tern.block<8, 32, f32>>
  return
}

// -----

func.func @quantise_z1(%x: tensor<2x32xf32>) {
  // expected-error @below {{needs signed blocks with one scale each and no minimum}}
  %0 = tern.quantise %x : tensor<2x32xf32> to tensor<2x32x!tern.block<4, 32, f16, zero = 8>>
  return
}

// -----

func.func @quantise_z2(%x: tensor<2x48xf32>) {
  // expected-error @below {{needs a last axis in groups of 32}}
  %0 = tern.quantise %x : tensor<2x48xf32> to tensor<2x48x!tern.block<8, 32, f32>>
  return
}

// -----

func.func @dequantise_z3(%x: tensor<2x32xf32>) {
  // expected-error @below {{needs elements of a block type, found 'tensor<2x32xf32>'}}
  %0 = tern.dequantise %x : tensor<2x32xf32>
  return
}

// -----

func.func @quantise_z4(%x: tensor<2x32xf32>) {
  // expected-error @below {{has the correction 'half', expected 'none', '-8', '-128', 'scaled' or 'halves'}}
  %0 = tern.quantise %x {correction = "half"} : tensor<2x32xf32> to tensor<2x32x!tern.block<8, 32, f32>>
  return
}

// -----

func.func @blocks_o1(%q: tensor<2x64xi32>, %d: tensor<2x2xf16>) {
  // expected-error @below {{needs codes of i8 of the shape of 'tensor<2x64x!tern.block<8, 32, f16>>', found 'tensor<2x64xi32>'}}
  %0 = tern.blocks %q, %d : tensor<2x64xi32>, tensor<2x2xf16> to tensor<2x64x!tern.block<8, 32, f16>>
  return
}

// -----

func.func @blocks_o2(%q: tensor<2x64xi8>, %d: tensor<2x2xf16>) {
  // expected-error @below {{makes blocks of codes of 4 or 8 bits with one scale, found 'tensor<2x64x!tern.block<4, 32, f16, min>>'}}
  %0 = tern.blocks %q, %d : tensor<2x64xi8>, tensor<2x2xf16> to tensor<2x64x!tern.block<4, 32, f16, min>>
  return
}

// -----

func.func @blocks_o3(%q: tensor<2x64xi8>, %d: tensor<2x64xf16>) {
  // expected-error @below {{needs a scale for each 32 elements of 'tensor<2x64x!tern.block<8, 32, f16>>', found 'tensor<2x64xf16>'}}
  %0 = tern.blocks %q, %d : tensor<2x64xi8>, tensor<2x64xf16> to tensor<2x64x!tern.block<8, 32, f16>>
  return
}

// -----

func.func @pack_p2(%x: tensor<4x48x64xf32>) {
  // expected-error @below {{packs 'tensor<4x48x64xf32>', expected neither stacks nor blocks turned}}
  %0 = tern.pack %x turned : tensor<4x48x64xf32>
  return
}

// -----

func.func @pack_p3(%x: tensor<96x64xf32>) {
  // expected-error @below {{alternates pairs of 32 rows of a matrix, found 96}}
  %0 = tern.pack %x alternating : tensor<96x64xf32>
  return
}

// -----

func.func @panels_alternate(%x: tensor<96x64xf32>) {
  // expected-error @below {{panels alternate in a matrix of an even number of them, found 96 rows in panels of 32}}
  %0 = tern.constant dense<0.0> : tensor<96x64xf32, #tern.panels<32, alternating>>
  return
}

// -----

func.func @pack_p1(%x: tensor<2x32xf32>, %y: tensor<2x16xf32>) {
  // expected-error @below {{packs static matrices of one width, found 'tensor<2x32xf32>' and 'tensor<2x16xf32>'}}
  %0 = tern.pack %x, %y : tensor<2x32xf32>, tensor<2x16xf32>
  return
}

// -----

func.func private @layer(%layer: index, %x: tensor<8xf32>) -> tensor<8xf32>

func.func @repeat_f1(%x: tensor<9xf32>) {
  // expected-error @below {{calls @layer of type '(index, tensor<8xf32>) -> tensor<8xf32>', expected '(index, tensor<9xf32>) -> tensor<9xf32>'}}
  %0 = tern.repeat @layer [0] (%x) : (tensor<9xf32>)
  return
}

// -----

func.func private @layer(%layer: index, %x: tensor<8xf32>) -> tensor<8xf32>

func.func @repeat_f2(%x: tensor<8xf32>) {
  // expected-error @below {{repeats @layer for no layer}}
  %0 = tern.repeat @layer [] (%x) : (tensor<8xf32>)
  return
}

// -----

func.func private @load() -> tensor<8xf32>

func.func @loaded_f3() {
  // expected-error @below {{reads result 1 of @load as 'tensor<8xf32>', which is no such load function}}
  %0 = tern.loaded @load result 1 : tensor<8xf32>
  return
}

// -----

func.func @dispatch_h1(%x: tensor<8xf32>) {
  // expected-error @below {{has a body of other arguments than its inputs}}
  %0 = tern.dispatch rows (%x) : (tensor<8xf32>) -> tensor<8xf32> {
  ^bb0(%a: tensor<9xf32>):
    %1 = tern.constant dense<0.0> : tensor<8xf32>
    tern.yield %1 : tensor<8xf32>
  }
  return
}

// -----

func.func @dispatch_h2(%x: tensor<8xf32>) {
  // expected-error @below {{has a body that does not yield its results}}
  %0 = tern.dispatch rows (%x) : (tensor<8xf32>) -> tensor<8xf32> {
  ^bb0(%a: tensor<8xf32>):
    %1 = tern.constant dense<0.0> : tensor<9xf32>
    tern.yield %1 : tensor<9xf32>
  }
  return
}

// -----

// expected-error @below {{tern.model: expected a dictionary, found "llama"}}
module attributes {tern.model = "llama"} {
}

// -----

// expected-error @below {{tern.model: 'family': expected a text, found 3 : i64}}
module attributes {tern.model = {family = 3}} {
}

// -----

// expected-error @below {{tern.model: 'eos': expected tokens, array<i64: ...>, found array<i64: -1>}}
module attributes {tern.model = {family = "llama", eos = array<i64: -1>}} {
}

// -----

// expected-error @below {{tern.model: 'bos': expected an i64 from 0 to 2^31 - 1, found "s"}}
module attributes {tern.model = {family = "llama", bos = "s"}} {
}

// -----

// expected-error @below {{tern.model: 'vocab': expected no such fact, found 3 : i64}}
module attributes {tern.model = {family = "llama", vocab = 3}} {
}

// -----

// expected-error @below {{tern.checkpoint: expected a dictionary of hashes as texts, found 5 : i64}}
module attributes {tern.checkpoint = 5} {
}
