// RUN: tern-opt %s --tern-saturate | FileCheck %s

// Equalities that the laws find, and next to them terms that are no such thing.

// An embedding and a linear layer are one table.
// CHECK-LABEL: @table(
// CHECK:         %[[T:.*]] = tern.contract {{.*}} tensor<100x16xf32>, tensor<64x16xf32>
// CHECK-NEXT:    tern.gather "ab,c->cb" %[[T]], %arg0
func.func @table(%i: tensor<5xi32>) -> tensor<5x64xf32> {
  %e = tern.weight "e" : tensor<100x16xf32>
  %w = tern.weight "w" : tensor<64x16xf32>
  %x = tern.gather "vd,t->td" %e, %i : tensor<100x16xf32>, tensor<5xi32>
  %y = tern.contract "td,nd->tn" %x, %w : tensor<5x16xf32>, tensor<64x16xf32>
  return %y : tensor<5x64xf32>
}

// What is constant along the row cancels.
// CHECK-LABEL: @shift(
// CHECK-NEXT:    %[[P:.*]] = tern.softmax "ab/b" %arg0
// CHECK-NEXT:    return %[[P]]
func.func @shift(%x: tensor<5x7xf32>, %c: tensor<5xf32>) -> tensor<5x7xf32> {
  %b = tern.broadcast "t->ts" %c : tensor<5xf32> to tensor<5x7xf32>
  %y = tern.add %b, %x : tensor<5x7xf32>, tensor<5x7xf32>
  %p = tern.softmax "ts/s" %y : tensor<5x7xf32>
  return %p : tensor<5x7xf32>
}

// The delayed division is the softmax, which does not overflow.
// CHECK-LABEL: @onepass(
// CHECK-NEXT:    %[[P:.*]] = tern.softmax "ab/b" %arg0
// CHECK-NEXT:    tern.contract "ab,ca->cb" %arg1, %[[P]]
func.func @onepass(%x: tensor<5x7xf32>, %v: tensor<7x3xf32>) -> tensor<5x3xf32> {
  %e = tern.exp %x : tensor<5x7xf32>
  %z = tern.sum "ts->t" %e : tensor<5x7xf32>
  %z1 = tern.broadcast "t->td" %z : tensor<5xf32> to tensor<5x3xf32>
  %n = tern.contract "ts,sd->td" %e, %v : tensor<5x7xf32>, tensor<7x3xf32>
  %r = tern.div %n, %z1 : tensor<5x3xf32>, tensor<5x3xf32>
  return %r : tensor<5x3xf32>
}

// A low-rank term is folded into the weight at load.
// CHECK-LABEL: @lora(
// CHECK-COUNT-2: tern.contract
// CHECK-NOT:     tern.contract
// CHECK:         return
func.func @lora(%x: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %c = tern.constant dense<2.0> : tensor<f32>
  %w = tern.weight "w" : tensor<32x64xf32>
  %a = tern.weight "a" : tensor<4x64xf32>
  %b = tern.weight "b" : tensor<32x4xf32>
  %y = tern.contract "tk,nk->tn" %x, %w : tensor<5x64xf32>, tensor<32x64xf32>
  %u = tern.contract "tk,ak->ta" %x, %a : tensor<5x64xf32>, tensor<4x64xf32>
  %d = tern.contract "ta,na->tn" %u, %b : tensor<5x4xf32>, tensor<32x4xf32>
  %d1 = tern.mul %d, %c : tensor<5x32xf32>, tensor<f32>
  %r = tern.add %y, %d1 : tensor<5x32xf32>, tensor<5x32xf32>
  return %r : tensor<5x32xf32>
}

// CHECK-LABEL: @rmsnorm(
// CHECK-NEXT:    %[[Y:.*]] = tern.rms_norm "ab/b" %arg0 epsilon
// CHECK-NEXT:    return %[[Y]]
func.func @rmsnorm(%x: tensor<5x64xf32>) -> tensor<5x64xf32> {
  %e = tern.constant dense<1.0e-6> : tensor<f32>
  %s = tern.square %x : tensor<5x64xf32>
  %m = tern.mean "tk->t" %s : tensor<5x64xf32>
  %a = tern.add %m, %e : tensor<5xf32>, tensor<f32>
  %q = tern.rsqrt %a : tensor<5xf32>
  %b = tern.broadcast "t->tk" %q : tensor<5xf32> to tensor<5x64xf32>
  %r = tern.mul %x, %b : tensor<5x64xf32>, tensor<5x64xf32>
  return %r : tensor<5x64xf32>
}

// CHECK-LABEL: @gelu(
// CHECK-NEXT:    %[[Y:.*]] = tern.gelu %arg0
// CHECK-NEXT:    return %[[Y]]
func.func @gelu(%x: tensor<5xf32>) -> tensor<5xf32> {
  %h = tern.constant dense<0.5> : tensor<f32>
  %o = tern.constant dense<1.0> : tensor<f32>
  %q = tern.constant dense<0.7071067811865476> : tensor<f32>
  %m = tern.mul %x, %q : tensor<5xf32>, tensor<f32>
  %e = tern.erf %m : tensor<5xf32>
  %a = tern.add %e, %o : tensor<5xf32>, tensor<f32>
  %b = tern.mul %h, %x : tensor<f32>, tensor<5xf32>
  %r = tern.mul %b, %a : tensor<5xf32>, tensor<5xf32>
  return %r : tensor<5xf32>
}

// Like terms; scalars are read as they are.
// CHECK-LABEL: @collect(
// CHECK-NEXT:    %[[S:.*]] = tern.add %arg1, %arg2 : tensor<f32>, tensor<f32>
// CHECK-NEXT:    tern.mul %arg0, %[[S]]
func.func @collect(%x: tensor<5xf32>, %a: tensor<f32>, %b: tensor<f32>) -> tensor<5xf32> {
  %0 = tern.mul %x, %a : tensor<5xf32>, tensor<f32>
  %1 = tern.mul %b, %x : tensor<f32>, tensor<5xf32>
  %2 = tern.add %0, %1 : tensor<5xf32>, tensor<5xf32>
  return %2 : tensor<5xf32>
}

// A row first, though the matrices were written to be multiplied first.
// CHECK-LABEL: @chain(
// CHECK-NEXT:    %[[Y:.*]] = tern.contract "ab,ca->bc" %arg1, %arg0
// CHECK-NEXT:    tern.contract "ab,ac->cb" %arg2, %[[Y]]
func.func @chain(%x: tensor<1x64xf32>, %y: tensor<64x64xf32>, %z: tensor<64x64xf32>) -> tensor<1x64xf32> {
  %0 = tern.contract "ab,bc->ac" %y, %z : tensor<64x64xf32>, tensor<64x64xf32>
  %1 = tern.contract "ab,bc->ac" %x, %0 : tensor<1x64xf32>, tensor<64x64xf32>
  return %1 : tensor<1x64xf32>
}

// The best of five orders is (a (b c)) d.
// CHECK-LABEL: @chain_four(
// CHECK-NEXT:    %[[Y:.*]] = tern.contract "ab,bc->ac" %arg1, %arg2
// CHECK-NEXT:    %[[X:.*]] = tern.contract "ab,bc->ac" %arg0, %[[Y]]
// CHECK-NEXT:    tern.contract "ab,bc->ac" %[[X]], %arg3
func.func @chain_four(%a: tensor<30x35xf32>, %b: tensor<35x15xf32>, %c: tensor<15x5xf32>, %d: tensor<5x400xf32>) -> tensor<30x400xf32> {
  %0 = tern.contract "ab,bc->ac" %a, %b : tensor<30x35xf32>, tensor<35x15xf32>
  %1 = tern.contract "ab,bc->ac" %0, %c : tensor<30x15xf32>, tensor<15x5xf32>
  %2 = tern.contract "ab,bc->ac" %1, %d : tensor<30x5xf32>, tensor<5x400xf32>
  return %2 : tensor<30x400xf32>
}

// Rotary positions by halves, the same angles for all heads.
// CHECK-LABEL: @rotary(
// CHECK-DAG:     %[[C:.*]] = tern.cos %arg1
// CHECK-DAG:     %[[S:.*]] = tern.sin %arg1
// CHECK:         tern.rotary half %arg0, %[[C]], %[[S]]
func.func @rotary(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> {
  %c = tern.cos %a : tensor<5x8xf32>
  %s = tern.sin %a : tensor<5x8xf32>
  %c1 = tern.broadcast "th->tnh" %c : tensor<5x8xf32> to tensor<5x4x8xf32>
  %s1 = tern.broadcast "th->tnh" %s : tensor<5x8xf32> to tensor<5x4x8xf32>
  %l = tern.slice %x axis 2 from 0 size 8 : tensor<5x4x16xf32>
  %h = tern.slice %x axis 2 from 8 size 8 : tensor<5x4x16xf32>
  %lc = tern.mul %l, %c1 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %hs = tern.mul %h, %s1 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %hc = tern.mul %h, %c1 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %ls = tern.mul %l, %s1 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %f = tern.sub %lc, %hs : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %g = tern.add %hc, %ls : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %r = tern.concat %f, %g axis 2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  return %r : tensor<5x4x16xf32>
}

// What varies along the row stays.
// CHECK-LABEL: @shift_columns(
// CHECK:         tern.add
func.func @shift_columns(%x: tensor<7x7xf32>, %c: tensor<7xf32>) -> tensor<7x7xf32> {
  %b = tern.broadcast "s->ts" %c : tensor<7xf32> to tensor<7x7xf32>
  %y = tern.add %b, %x : tensor<7x7xf32>, tensor<7x7xf32>
  %p = tern.softmax "ts/s" %y : tensor<7x7xf32>
  return %p : tensor<7x7xf32>
}

// A softmax removes shifts, not scales.
// CHECK-LABEL: @scale(
// CHECK:         tern.mul
func.func @scale(%x: tensor<5x7xf32>, %c: tensor<f32>) -> tensor<5x7xf32> {
  %y = tern.mul %x, %c : tensor<5x7xf32>, tensor<f32>
  %p = tern.softmax "ts/s" %y : tensor<5x7xf32>
  return %p : tensor<5x7xf32>
}

// The mean of squares is taken over the other axis.
// CHECK-LABEL: @rmsnorm_columns(
// CHECK-NOT:     tern.rms_norm
// CHECK:         return
func.func @rmsnorm_columns(%x: tensor<5x5xf32>) -> tensor<5x5xf32> {
  %e = tern.constant dense<1.0e-6> : tensor<f32>
  %s = tern.square %x : tensor<5x5xf32>
  %m = tern.mean "tk->t" %s : tensor<5x5xf32>
  %a = tern.add %m, %e : tensor<5xf32>, tensor<f32>
  %q = tern.rsqrt %a : tensor<5xf32>
  %b = tern.broadcast "k->tk" %q : tensor<5xf32> to tensor<5x5xf32>
  %r = tern.mul %x, %b : tensor<5x5xf32>, tensor<5x5xf32>
  return %r : tensor<5x5xf32>
}

// Another function.
// CHECK-LABEL: @no_gelu(
// CHECK-NOT:     tern.gelu
// CHECK:         return
func.func @no_gelu(%x: tensor<5xf32>) -> tensor<5xf32> {
  %h = tern.constant dense<0.5> : tensor<f32>
  %o = tern.constant dense<1.0> : tensor<f32>
  %q = tern.constant dense<0.75> : tensor<f32>
  %m = tern.mul %x, %q : tensor<5xf32>, tensor<f32>
  %e = tern.erf %m : tensor<5xf32>
  %a = tern.add %e, %o : tensor<5xf32>, tensor<f32>
  %b = tern.mul %h, %x : tensor<f32>, tensor<5xf32>
  %r = tern.mul %b, %a : tensor<5xf32>, tensor<5xf32>
  return %r : tensor<5xf32>
}

// Turned the other way in the second half alone, which is no rotation.
// CHECK-LABEL: @no_rotary(
// CHECK-NOT:     tern.rotary
// CHECK:         return
func.func @no_rotary(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> {
  %c = tern.cos %a : tensor<5x8xf32>
  %s = tern.sin %a : tensor<5x8xf32>
  %c1 = tern.broadcast "th->tnh" %c : tensor<5x8xf32> to tensor<5x4x8xf32>
  %s1 = tern.broadcast "th->tnh" %s : tensor<5x8xf32> to tensor<5x4x8xf32>
  %l = tern.slice %x axis 2 from 0 size 8 : tensor<5x4x16xf32>
  %h = tern.slice %x axis 2 from 8 size 8 : tensor<5x4x16xf32>
  %lc = tern.mul %l, %c1 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %hs = tern.mul %h, %s1 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %hc = tern.mul %h, %c1 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %ls = tern.mul %l, %s1 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %f = tern.sub %lc, %hs : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %g = tern.sub %hc, %ls : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  %r = tern.concat %f, %g axis 2 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  return %r : tensor<5x4x16xf32>
}
