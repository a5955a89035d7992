// RUN: tern-opt %s --tern-saturate | FileCheck %s --check-prefix=EGRAPH
// RUN: tern-opt %s --tern-saturate=engine=classic | FileCheck %s --check-prefix=CLASSIC

// Inputs on which the engines differ, and why.

tern.dim @T from 1 to 512

// A way through a term that is no cheaper: x / y is x * (1 / y), and then 1 * (1 / y) is 1 / y. The
// classic engine keeps an application only if it pays by itself.
// EGRAPH-LABEL: @through_a_dearer_term(
// EGRAPH-NEXT:    tern.recip %arg0
// CLASSIC-LABEL: @through_a_dearer_term(
// CLASSIC:         tern.div %{{.*}}, %arg0
func.func @through_a_dearer_term(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c = tern.constant dense<1.0> : tensor<f32>
  %0 = tern.div %c, %x : tensor<f32>, tensor<4xf32>
  return %0 : tensor<4xf32>
}

// Other brackets: the e-graph has all orders of a product, a law has one.
// EGRAPH-LABEL: @brackets(
// EGRAPH-NEXT:    tern.gelu %arg0
// CLASSIC-LABEL: @brackets(
// CLASSIC:         tern.erf
// CLASSIC:         return
func.func @brackets(%x: tensor<5xf32>) -> tensor<5xf32> {
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

// Order of steps: two constants become one where that saves a multiplication, and then the scores
// no longer have the form of a soft cap.
// EGRAPH-LABEL: @order(
// EGRAPH-NEXT:    tern.attention %arg0, %arg1, %arg2 scale 2.500000e-01 soft_cap 3.000000e+01
// CLASSIC-LABEL: @order(
// CLASSIC:         tern.softmax
// CLASSIC:         return
func.func @order(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> {
  %c = tern.constant dense<0.25> : tensor<f32>
  %a = tern.constant dense<30.0> : tensor<f32>
  %s = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %m = tern.mul %s, %c : tensor<4x5x7xf32>, tensor<f32>
  %d = tern.div %m, %a : tensor<4x5x7xf32>, tensor<f32>
  %t = tern.tanh %d : tensor<4x5x7xf32>
  %e = tern.mul %t, %a : tensor<4x5x7xf32>, tensor<f32>
  %p = tern.softmax "hts/s" %e : tensor<4x5x7xf32>
  %r = tern.contract "hts,shv->thv" %p, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %r : tensor<5x4x8xf32>
}

// Two laws at once: the broadcast goes only if neither of its users needs it, and they need a law
// each. One law at all users of a term is tried by both engines.
// EGRAPH-LABEL: @two_laws_at_once(
// EGRAPH-NOT:     tern.broadcast
// EGRAPH:         return
// CLASSIC-LABEL: @two_laws_at_once(
// CLASSIC:         tern.broadcast
func.func @two_laws_at_once(%x: tensor<?x8xf32, #tern.dims<T>>) -> tensor<?x8xf32, #tern.dims<T>> {
  %c = tern.constant dense<3.0> : tensor<f32>
  %b = tern.broadcast "->tk" %c : tensor<f32> to tensor<?x8xf32, #tern.dims<T>>
  %0 = tern.sub %x, %b : tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
  %1 = tern.div %b, %0 : tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
  return %1 : tensor<?x8xf32, #tern.dims<T>>
}

// Words: no operation stands for the rotation of a law, so that engine reads none of its laws.
// EGRAPH-LABEL: @rotation(
// EGRAPH:         tern.rotary half
// CLASSIC-LABEL: @rotation(
// CLASSIC-NOT:     tern.rotary
// CLASSIC:         return
func.func @rotation(%x: tensor<5x4x16xf32>, %a: tensor<5x8xf32>) -> tensor<5x4x16xf32> {
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
