// Mixtures of experts.

// A renormalised choice of a softmax needs the chosen logits alone.
func.func @router(%x: tensor<5x8xf32>) -> tensor<5x8xf32> attributes {tern.seek = @router_form} {
  %0 = tern.softmax "te/e" %x : tensor<5x8xf32>
  %1 = tern.top_k_mask "te/e" %0 k 2 : tensor<5x8xf32>
  %2 = tern.mul %1, %0 : tensor<5x8xf32>, tensor<5x8xf32>
  %3 = tern.sum "te->t" %2 : tensor<5x8xf32>
  %4 = tern.broadcast "t->te" %3 : tensor<5xf32> to tensor<5x8xf32>
  %5 = tern.div %2, %4 : tensor<5x8xf32>, tensor<5x8xf32>
  return %5 : tensor<5x8xf32>
}
func.func @router_form(%x: tensor<5x8xf32>) -> tensor<5x8xf32> {
  %0 = tern.top_k_mask "te/e" %x k 2 : tensor<5x8xf32>
  %1 = tern.masked_softmax "te/e" %x mask %0 : tensor<5x8xf32>, tensor<5x8xf32>
  return %1 : tensor<5x8xf32>
}
func.func @router_not_raw(%x: tensor<5x8xf32>) -> tensor<5x8xf32> attributes {tern.seek = @router_form} {
  %0 = tern.softmax "te/e" %x : tensor<5x8xf32>
  %1 = tern.top_k_mask "te/e" %0 k 2 : tensor<5x8xf32>
  %2 = tern.mul %1, %0 : tensor<5x8xf32>, tensor<5x8xf32>
  return %2 : tensor<5x8xf32>
}
func.func @router_not_k(%x: tensor<5x8xf32>) -> tensor<5x8xf32> attributes {tern.seek = @router_form} {
  %0 = tern.softmax "te/e" %x : tensor<5x8xf32>
  %1 = tern.top_k_mask "te/e" %0 k 3 : tensor<5x8xf32>
  %2 = tern.mul %1, %0 : tensor<5x8xf32>, tensor<5x8xf32>
  %3 = tern.sum "te->t" %2 : tensor<5x8xf32>
  %4 = tern.broadcast "t->te" %3 : tensor<5xf32> to tensor<5x8xf32>
  %5 = tern.div %2, %4 : tensor<5x8xf32>, tensor<5x8xf32>
  return %5 : tensor<5x8xf32>
}

// What keeps the order keeps the choice.
func.func @order_softmax(%x: tensor<5x8xf32>, %y: tensor<5xf32>) -> tensor<5x8xf32> attributes {tern.seek = @order_form} {
  %0 = tern.softmax "te/e" %x : tensor<5x8xf32>
  %1 = tern.top_k_mask "te/e" %0 k 2 : tensor<5x8xf32>
  return %1 : tensor<5x8xf32>
}
func.func @order_sigmoid(%x: tensor<5x8xf32>, %y: tensor<5xf32>) -> tensor<5x8xf32> attributes {tern.seek = @order_form} {
  %0 = tern.sigmoid %x : tensor<5x8xf32>
  %1 = tern.top_k_mask "te/e" %0 k 2 : tensor<5x8xf32>
  return %1 : tensor<5x8xf32>
}
func.func @order_shift(%x: tensor<5x8xf32>, %y: tensor<5xf32>) -> tensor<5x8xf32> attributes {tern.seek = @order_form} {
  %0 = tern.broadcast "t->te" %y : tensor<5xf32> to tensor<5x8xf32>
  %1 = tern.add %x, %0 : tensor<5x8xf32>, tensor<5x8xf32>
  %2 = tern.top_k_mask "te/e" %1 k 2 : tensor<5x8xf32>
  return %2 : tensor<5x8xf32>
}
func.func @order_scale(%x: tensor<5x8xf32>, %y: tensor<5xf32>) -> tensor<5x8xf32> attributes {tern.seek = @order_form} {
  %0 = tern.exp %y : tensor<5xf32>
  %1 = tern.broadcast "t->te" %0 : tensor<5xf32> to tensor<5x8xf32>
  %2 = tern.mul %x, %1 : tensor<5x8xf32>, tensor<5x8xf32>
  %3 = tern.top_k_mask "te/e" %2 k 2 : tensor<5x8xf32>
  return %3 : tensor<5x8xf32>
}
func.func @order_form(%x: tensor<5x8xf32>, %y: tensor<5xf32>) -> tensor<5x8xf32> {
  %0 = tern.top_k_mask "te/e" %x k 2 : tensor<5x8xf32>
  return %0 : tensor<5x8xf32>
}
func.func @order_not_negative(%x: tensor<5x8xf32>, %y: tensor<5xf32>) -> tensor<5x8xf32> attributes {tern.seek = @order_form} {
  %0 = tern.neg %x : tensor<5x8xf32>
  %1 = tern.top_k_mask "te/e" %0 k 2 : tensor<5x8xf32>
  return %1 : tensor<5x8xf32>
}
func.func @order_not_sign(%x: tensor<5x8xf32>, %y: tensor<5xf32>) -> tensor<5x8xf32> attributes {tern.seek = @order_form} {
  %0 = tern.broadcast "t->te" %y : tensor<5xf32> to tensor<5x8xf32>
  %1 = tern.mul %x, %0 : tensor<5x8xf32>, tensor<5x8xf32>
  %2 = tern.top_k_mask "te/e" %1 k 2 : tensor<5x8xf32>
  return %2 : tensor<5x8xf32>
}
func.func @order_not_silu(%x: tensor<5x8xf32>, %y: tensor<5xf32>) -> tensor<5x8xf32> attributes {tern.seek = @order_form} {
  %0 = tern.silu %x : tensor<5x8xf32>
  %1 = tern.top_k_mask "te/e" %0 k 2 : tensor<5x8xf32>
  return %1 : tensor<5x8xf32>
}

// Shared experts are one wider layer.
func.func @shared(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x64xf32> attributes {tern.seek = @shared_form} {
  %0 = tern.weight "g1" : tensor<16x64xf32>
  %1 = tern.contract "tk,fk->tf" %x, %0 : tensor<5x64xf32>, tensor<16x64xf32>
  %2 = tern.silu %1 : tensor<5x16xf32>
  %3 = tern.weight "u1" : tensor<16x64xf32>
  %4 = tern.contract "tk,fk->tf" %x, %3 : tensor<5x64xf32>, tensor<16x64xf32>
  %5 = tern.mul %2, %4 : tensor<5x16xf32>, tensor<5x16xf32>
  %6 = tern.weight "d1" : tensor<64x16xf32>
  %7 = tern.contract "tf,nf->tn" %5, %6 : tensor<5x16xf32>, tensor<64x16xf32>
  %8 = tern.weight "g2" : tensor<8x64xf32>
  %9 = tern.contract "tk,fk->tf" %x, %8 : tensor<5x64xf32>, tensor<8x64xf32>
  %10 = tern.silu %9 : tensor<5x8xf32>
  %11 = tern.weight "u2" : tensor<8x64xf32>
  %12 = tern.contract "tk,fk->tf" %x, %11 : tensor<5x64xf32>, tensor<8x64xf32>
  %13 = tern.mul %10, %12 : tensor<5x8xf32>, tensor<5x8xf32>
  %14 = tern.weight "d2" : tensor<64x8xf32>
  %15 = tern.contract "tf,nf->tn" %13, %14 : tensor<5x8xf32>, tensor<64x8xf32>
  %16 = tern.add %7, %15 : tensor<5x64xf32>, tensor<5x64xf32>
  return %16 : tensor<5x64xf32>
}
func.func @shared_form(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x64xf32> {
  %0 = tern.weight "g1" : tensor<16x64xf32>
  %1 = tern.weight "g2" : tensor<8x64xf32>
  %2 = tern.concat %0, %1 axis 0 : tensor<16x64xf32>, tensor<8x64xf32>
  %3 = tern.contract "tk,fk->tf" %x, %2 : tensor<5x64xf32>, tensor<24x64xf32>
  %4 = tern.silu %3 : tensor<5x24xf32>
  %5 = tern.weight "u1" : tensor<16x64xf32>
  %6 = tern.weight "u2" : tensor<8x64xf32>
  %7 = tern.concat %5, %6 axis 0 : tensor<16x64xf32>, tensor<8x64xf32>
  %8 = tern.contract "tk,fk->tf" %x, %7 : tensor<5x64xf32>, tensor<24x64xf32>
  %9 = tern.mul %4, %8 : tensor<5x24xf32>, tensor<5x24xf32>
  %10 = tern.weight "d1" : tensor<64x16xf32>
  %11 = tern.weight "d2" : tensor<64x8xf32>
  %12 = tern.concat %10, %11 axis 1 : tensor<64x16xf32>, tensor<64x8xf32>
  %13 = tern.contract "tf,nf->tn" %9, %12 : tensor<5x24xf32>, tensor<64x24xf32>
  return %13 : tensor<5x64xf32>
}
func.func @shared_not_operand(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x64xf32> attributes {tern.seek = @shared_form} {
  %0 = tern.weight "g1" : tensor<16x64xf32>
  %1 = tern.contract "tk,fk->tf" %x, %0 : tensor<5x64xf32>, tensor<16x64xf32>
  %2 = tern.silu %1 : tensor<5x16xf32>
  %3 = tern.weight "u1" : tensor<16x64xf32>
  %4 = tern.contract "tk,fk->tf" %x, %3 : tensor<5x64xf32>, tensor<16x64xf32>
  %5 = tern.mul %2, %4 : tensor<5x16xf32>, tensor<5x16xf32>
  %6 = tern.weight "d1" : tensor<64x16xf32>
  %7 = tern.contract "tf,nf->tn" %5, %6 : tensor<5x16xf32>, tensor<64x16xf32>
  %8 = tern.weight "g2" : tensor<8x64xf32>
  %9 = tern.contract "tk,fk->tf" %y, %8 : tensor<5x64xf32>, tensor<8x64xf32>
  %10 = tern.silu %9 : tensor<5x8xf32>
  %11 = tern.weight "u2" : tensor<8x64xf32>
  %12 = tern.contract "tk,fk->tf" %y, %11 : tensor<5x64xf32>, tensor<8x64xf32>
  %13 = tern.mul %10, %12 : tensor<5x8xf32>, tensor<5x8xf32>
  %14 = tern.weight "d2" : tensor<64x8xf32>
  %15 = tern.contract "tf,nf->tn" %13, %14 : tensor<5x8xf32>, tensor<64x8xf32>
  %16 = tern.add %7, %15 : tensor<5x64xf32>, tensor<5x64xf32>
  return %16 : tensor<5x64xf32>
}

// The factor of an expert is one of its down-projection.
func.func @scale_down(%x: tensor<5x64xf32>) -> tensor<5x64xf32> attributes {tern.seek = @scale_down_form} {
  %0 = tern.constant dense<2.5> : tensor<f32>
  %1 = tern.weight "g1" : tensor<16x64xf32>
  %2 = tern.contract "tk,fk->tf" %x, %1 : tensor<5x64xf32>, tensor<16x64xf32>
  %3 = tern.silu %2 : tensor<5x16xf32>
  %4 = tern.weight "u1" : tensor<16x64xf32>
  %5 = tern.contract "tk,fk->tf" %x, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  %6 = tern.mul %3, %5 : tensor<5x16xf32>, tensor<5x16xf32>
  %7 = tern.weight "d1" : tensor<64x16xf32>
  %8 = tern.contract "tf,nf->tn" %6, %7 : tensor<5x16xf32>, tensor<64x16xf32>
  %9 = tern.mul %0, %8 : tensor<f32>, tensor<5x64xf32>
  return %9 : tensor<5x64xf32>
}
func.func @scale_down_form(%x: tensor<5x64xf32>) -> tensor<5x64xf32> {
  %0 = tern.weight "g1" : tensor<16x64xf32>
  %1 = tern.contract "tk,fk->tf" %x, %0 : tensor<5x64xf32>, tensor<16x64xf32>
  %2 = tern.silu %1 : tensor<5x16xf32>
  %3 = tern.weight "u1" : tensor<16x64xf32>
  %4 = tern.contract "tk,fk->tf" %x, %3 : tensor<5x64xf32>, tensor<16x64xf32>
  %5 = tern.mul %2, %4 : tensor<5x16xf32>, tensor<5x16xf32>
  %6 = tern.constant dense<2.5> : tensor<f32>
  %7 = tern.weight "d1" : tensor<64x16xf32>
  %8 = tern.mul %6, %7 : tensor<f32>, tensor<64x16xf32>
  %9 = tern.contract "tf,nf->tn" %5, %8 : tensor<5x16xf32>, tensor<64x16xf32>
  return %9 : tensor<5x64xf32>
}
func.func @scale_down_not_inside(%x: tensor<5x64xf32>) -> tensor<5x64xf32> attributes {tern.seek = @scale_down_form} {
  %0 = tern.constant dense<2.5> : tensor<f32>
  %1 = tern.mul %0, %x : tensor<f32>, tensor<5x64xf32>
  %2 = tern.weight "g1" : tensor<16x64xf32>
  %3 = tern.contract "tk,fk->tf" %1, %2 : tensor<5x64xf32>, tensor<16x64xf32>
  %4 = tern.silu %3 : tensor<5x16xf32>
  %5 = tern.weight "u1" : tensor<16x64xf32>
  %6 = tern.contract "tk,fk->tf" %1, %5 : tensor<5x64xf32>, tensor<16x64xf32>
  %7 = tern.mul %4, %6 : tensor<5x16xf32>, tensor<5x16xf32>
  %8 = tern.weight "d1" : tensor<64x16xf32>
  %9 = tern.contract "tf,nf->tn" %7, %8 : tensor<5x16xf32>, tensor<64x16xf32>
  return %9 : tensor<5x64xf32>
}

// Identical experts add their gates.
func.func @same(%x: tensor<5x64xf32>, %p: tensor<5xf32>, %q: tensor<5xf32>) -> tensor<5x64xf32> attributes {tern.seek = @same_form} {
  %0 = tern.broadcast "t->tk" %p : tensor<5xf32> to tensor<5x64xf32>
  %1 = tern.mul %0, %x : tensor<5x64xf32>, tensor<5x64xf32>
  %2 = tern.broadcast "t->tk" %q : tensor<5xf32> to tensor<5x64xf32>
  %3 = tern.mul %2, %x : tensor<5x64xf32>, tensor<5x64xf32>
  %4 = tern.add %1, %3 : tensor<5x64xf32>, tensor<5x64xf32>
  return %4 : tensor<5x64xf32>
}
func.func @same_form(%x: tensor<5x64xf32>, %p: tensor<5xf32>, %q: tensor<5xf32>) -> tensor<5x64xf32> {
  %0 = tern.add %p, %q : tensor<5xf32>, tensor<5xf32>
  %1 = tern.broadcast "t->tk" %0 : tensor<5xf32> to tensor<5x64xf32>
  %2 = tern.mul %1, %x : tensor<5x64xf32>, tensor<5x64xf32>
  return %2 : tensor<5x64xf32>
}
func.func @same_not_axis(%x: tensor<5x64xf32>, %p: tensor<5xf32>, %q: tensor<5xf32>) -> tensor<5x64xf32> attributes {tern.seek = @same_form} {
  %0 = tern.mul %p, %q : tensor<5xf32>, tensor<5xf32>
  %1 = tern.broadcast "t->tk" %0 : tensor<5xf32> to tensor<5x64xf32>
  %2 = tern.mul %1, %x : tensor<5x64xf32>, tensor<5x64xf32>
  return %2 : tensor<5x64xf32>
}

// Tokens sorted by expert and put back.
func.func @sorted(%x: tensor<5x64xf32>, %i: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @sorted_form} {
  %0 = tern.iota "t->t" : tensor<5xi32>
  %1 = tern.gather "rk,t->tk" %x, %0 : tensor<5x64xf32>, tensor<5xi32>
  %2 = tern.weight "w" : tensor<16x64xf32>
  %3 = tern.contract "tk,nk->tn" %1, %2 : tensor<5x64xf32>, tensor<16x64xf32>
  %4 = tern.scatter_add "tn,t->rn" %3, %0 : tensor<5x16xf32>, tensor<5xi32> to tensor<5x16xf32>
  return %4 : tensor<5x16xf32>
}
func.func @sorted_form(%x: tensor<5x64xf32>, %i: tensor<5xi32>) -> tensor<5x16xf32> {
  %0 = tern.weight "w" : tensor<16x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<16x64xf32>
  return %1 : tensor<5x16xf32>
}
func.func @sorted_not_any(%x: tensor<5x64xf32>, %i: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @sorted_form} {
  %0 = tern.gather "rk,t->tk" %x, %i : tensor<5x64xf32>, tensor<5xi32>
  %1 = tern.weight "w" : tensor<16x64xf32>
  %2 = tern.contract "tk,nk->tn" %0, %1 : tensor<5x64xf32>, tensor<16x64xf32>
  %3 = tern.scatter_add "tn,t->rn" %2, %i : tensor<5x16xf32>, tensor<5xi32> to tensor<5x16xf32>
  return %3 : tensor<5x16xf32>
}

// An expert on its own tokens, or on all.
func.func @own_tokens(%x: tensor<9x64xf32>, %g: tensor<9xf32>, %i: tensor<5xi32>) -> tensor<9x16xf32> attributes {tern.seek = @own_tokens_form} {
  %0 = tern.gather "r,t->t" %g, %i : tensor<9xf32>, tensor<5xi32>
  %1 = tern.broadcast "t->tn" %0 : tensor<5xf32> to tensor<5x16xf32>
  %2 = tern.gather "rk,t->tk" %x, %i : tensor<9x64xf32>, tensor<5xi32>
  %3 = tern.weight "w" : tensor<16x64xf32>
  %4 = tern.contract "tk,nk->tn" %2, %3 : tensor<5x64xf32>, tensor<16x64xf32>
  %5 = tern.mul %1, %4 : tensor<5x16xf32>, tensor<5x16xf32>
  %6 = tern.scatter_add "tn,t->rn" %5, %i : tensor<5x16xf32>, tensor<5xi32> to tensor<9x16xf32>
  return %6 : tensor<9x16xf32>
}
func.func @own_tokens_form(%x: tensor<9x64xf32>, %g: tensor<9xf32>, %i: tensor<5xi32>) -> tensor<9x16xf32> {
  %0 = tern.constant dense<1.0> : tensor<f32>
  %1 = tern.broadcast "->t" %0 : tensor<f32> to tensor<5xf32>
  %2 = tern.scatter_add "t,t->r" %1, %i : tensor<5xf32>, tensor<5xi32> to tensor<9xf32>
  %3 = tern.mul %g, %2 : tensor<9xf32>, tensor<9xf32>
  %4 = tern.broadcast "r->rn" %3 : tensor<9xf32> to tensor<9x16xf32>
  %5 = tern.weight "w" : tensor<16x64xf32>
  %6 = tern.contract "rk,nk->rn" %x, %5 : tensor<9x64xf32>, tensor<16x64xf32>
  %7 = tern.mul %4, %6 : tensor<9x16xf32>, tensor<9x16xf32>
  return %7 : tensor<9x16xf32>
}
func.func @own_tokens_not_gate(%x: tensor<9x64xf32>, %g: tensor<9xf32>, %i: tensor<5xi32>) -> tensor<9x16xf32> attributes {tern.seek = @own_tokens_form} {
  %0 = tern.gather "rk,t->tk" %x, %i : tensor<9x64xf32>, tensor<5xi32>
  %1 = tern.weight "w" : tensor<16x64xf32>
  %2 = tern.contract "tk,nk->tn" %0, %1 : tensor<5x64xf32>, tensor<16x64xf32>
  %3 = tern.scatter_add "tn,t->rn" %2, %i : tensor<5x16xf32>, tensor<5xi32> to tensor<9x16xf32>
  return %3 : tensor<9x16xf32>
}

// Rows are taken before the layer.
func.func @rows_first(%x: tensor<9x64xf32>, %i: tensor<5xi32>, %j: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @rows_first_form} {
  %0 = tern.weight "w" : tensor<16x64xf32>
  %1 = tern.contract "rk,nk->rn" %x, %0 : tensor<9x64xf32>, tensor<16x64xf32>
  %2 = tern.silu %1 : tensor<9x16xf32>
  %3 = tern.gather "rn,t->tn" %2, %i : tensor<9x16xf32>, tensor<5xi32>
  return %3 : tensor<5x16xf32>
}
func.func @rows_first_form(%x: tensor<9x64xf32>, %i: tensor<5xi32>, %j: tensor<5xi32>) -> tensor<5x16xf32> {
  %0 = tern.gather "rk,t->tk" %x, %i : tensor<9x64xf32>, tensor<5xi32>
  %1 = tern.weight "w" : tensor<16x64xf32>
  %2 = tern.contract "tk,nk->tn" %0, %1 : tensor<5x64xf32>, tensor<16x64xf32>
  %3 = tern.silu %2 : tensor<5x16xf32>
  return %3 : tensor<5x16xf32>
}
func.func @rows_first_not_index(%x: tensor<9x64xf32>, %i: tensor<5xi32>, %j: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @rows_first_form} {
  %0 = tern.weight "w" : tensor<16x64xf32>
  %1 = tern.contract "rk,nk->rn" %x, %0 : tensor<9x64xf32>, tensor<16x64xf32>
  %2 = tern.silu %1 : tensor<9x16xf32>
  %3 = tern.gather "rn,t->tn" %2, %j : tensor<9x16xf32>, tensor<5xi32>
  return %3 : tensor<5x16xf32>
}

// Linear experts mix in weight space.
func.func @mixed(%x: tensor<1x64xf32>, %p: tensor<1x8xf32>) -> tensor<1x16xf32> attributes {tern.seek = @mixed_form} {
  %0 = tern.weight "w" : tensor<8x16x64xf32>
  %1 = tern.contract "tk,enk->etn" %x, %0 : tensor<1x64xf32>, tensor<8x16x64xf32>
  %2 = tern.contract "te,etn->tn" %p, %1 : tensor<1x8xf32>, tensor<8x1x16xf32>
  return %2 : tensor<1x16xf32>
}
func.func @mixed_form(%x: tensor<1x64xf32>, %p: tensor<1x8xf32>) -> tensor<1x16xf32> {
  %0 = tern.weight "w" : tensor<8x16x64xf32>
  %1 = tern.contract "te,enk->tnk" %p, %0 : tensor<1x8xf32>, tensor<8x16x64xf32>
  %2 = tern.contract "tk,tnk->tn" %x, %1 : tensor<1x64xf32>, tensor<1x16x64xf32>
  return %2 : tensor<1x16xf32>
}
func.func @mixed_not_weights(%x: tensor<1x64xf32>, %p: tensor<1x8xf32>) -> tensor<1x16xf32> attributes {tern.seek = @mixed_form} {
  %0 = tern.softmax "te/e" %p : tensor<1x8xf32>
  %1 = tern.weight "w" : tensor<8x16x64xf32>
  %2 = tern.contract "tk,enk->etn" %x, %1 : tensor<1x64xf32>, tensor<8x16x64xf32>
  %3 = tern.contract "te,etn->tn" %0, %2 : tensor<1x8xf32>, tensor<8x1x16xf32>
  return %3 : tensor<1x16xf32>
}
