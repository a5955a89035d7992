// A rotation between a norm and a contraction: what a law needs is not there.
func.func @broken(%x: tensor<4x64xf32>, %q: tensor<64x64xf32>) -> tensor<4x64xf32> {
  %w = tern.weight "w" : tensor<64x64xf32>
  %n = tern.rms_norm "tk/k" %x epsilon 1.0e-6 : tensor<4x64xf32>
  %s = tern.silu %n : tensor<4x64xf32>
  %y = tern.contract "tk,nk->tn" %s, %w : tensor<4x64xf32>, tensor<64x64xf32>
  return %y : tensor<4x64xf32>
}

// Logarithms of what may be negative.
func.func @condition(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  %p = tern.mul %x, %y : tensor<8xf32>, tensor<8xf32>
  %r = tern.sqrt %p : tensor<8xf32>
  return %r : tensor<8xf32>
}

// A low-rank term that is cheaper folded.
func.func @dearer(%x: tensor<4x64xf32>) -> tensor<4x32xf32> {
  %w = tern.weight "w" : tensor<32x64xf32>
  %v = tern.weight "v" : tensor<32x64xf32>
  %s = tern.add %w, %v : tensor<32x64xf32>, tensor<32x64xf32>
  %y = tern.contract "tk,nk->tn" %x, %s : tensor<4x64xf32>, tensor<32x64xf32>
  return %y : tensor<4x32xf32>
}

// Products in another order.
func.func @order(%x: tensor<4x64xf32>, %a: tensor<64x8xf32>, %b: tensor<8x64xf32>) -> tensor<4x64xf32> {
  %0 = tern.contract "nk,km->nm" %a, %b : tensor<64x8xf32>, tensor<8x64xf32>
  %1 = tern.contract "tn,nm->tm" %x, %0 : tensor<4x64xf32>, tensor<64x64xf32>
  return %1 : tensor<4x64xf32>
}

// A softmax that attention takes up.
func.func @attention(%q: tensor<64x64xf32>, %k: tensor<128x64xf32>, %v: tensor<128x64xf32>) -> tensor<64x64xf32> {
  %qk = tern.contract "td,sd->ts" %q, %k : tensor<64x64xf32>, tensor<128x64xf32>
  %c = tern.constant dense<0.125> : tensor<f32>
  %x = tern.mul %qk, %c : tensor<64x128xf32>, tensor<f32>
  %e = tern.exp %x : tensor<64x128xf32>
  %sum = tern.sum "ts->t" %e : tensor<64x128xf32>
  %all = tern.broadcast "t->ts" %sum : tensor<64xf32> to tensor<64x128xf32>
  %p = tern.div %e, %all : tensor<64x128xf32>, tensor<64x128xf32>
  %y = tern.contract "ts,sv->tv" %p, %v : tensor<64x128xf32>, tensor<128x64xf32>
  return %y : tensor<64x64xf32>
}

// The same without a scale.
func.func @softmax(%q: tensor<64x64xf32>, %k: tensor<128x64xf32>, %v: tensor<128x64xf32>) -> tensor<64x64xf32> {
  %qk = tern.contract "td,sd->ts" %q, %k : tensor<64x64xf32>, tensor<128x64xf32>
  %e = tern.exp %qk : tensor<64x128xf32>
  %sum = tern.sum "ts->t" %e : tensor<64x128xf32>
  %all = tern.broadcast "t->ts" %sum : tensor<64xf32> to tensor<64x128xf32>
  %p = tern.div %e, %all : tensor<64x128xf32>, tensor<64x128xf32>
  %y = tern.contract "ts,sv->tv" %p, %v : tensor<64x128xf32>, tensor<128x64xf32>
  return %y : tensor<64x64xf32>
}

// What laws of a test make longer.
func.func @budget(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  %p = tern.mul %x, %y : tensor<8xf32>, tensor<8xf32>
  %r = tern.sqrt %p : tensor<8xf32>
  %t = tern.tanh %x : tensor<8xf32>
  %s = tern.add %r, %t : tensor<8xf32>, tensor<8xf32>
  return %s : tensor<8xf32>
}

// A softmax of which nothing is left.
func.func @unneeded(%x: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %e = tern.exp %x : tensor<8x16xf32>
  %sum = tern.sum "ts->t" %e : tensor<8x16xf32>
  %all = tern.broadcast "t->ts" %sum : tensor<8xf32> to tensor<8x16xf32>
  %p = tern.div %e, %all : tensor<8x16xf32>, tensor<8x16xf32>
  %y = tern.sub %p, %p : tensor<8x16xf32>, tensor<8x16xf32>
  return %y : tensor<8x16xf32>
}
