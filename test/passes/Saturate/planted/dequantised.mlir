// Codes and their scales.

// One scale a row of the weight, after the product.
func.func @row_scale(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @row_scale_form} {
  %0 = tern.weight "q" : tensor<16x64xf32>
  %1 = tern.weight "s" : tensor<16xf32>
  %2 = tern.broadcast "n->nk" %1 : tensor<16xf32> to tensor<16x64xf32>
  %3 = tern.mul %0, %2 : tensor<16x64xf32>, tensor<16x64xf32>
  %4 = tern.contract "tk,nk->tn" %x, %3 : tensor<5x64xf32>, tensor<16x64xf32>
  return %4 : tensor<5x16xf32>
}
func.func @row_scale_form(%x: tensor<5x64xf32>) -> tensor<5x16xf32> {
  %0 = tern.weight "s" : tensor<16xf32>
  %1 = tern.broadcast "n->tn" %0 : tensor<16xf32> to tensor<5x16xf32>
  %2 = tern.weight "q" : tensor<16x64xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<5x64xf32>, tensor<16x64xf32>
  %4 = tern.mul %1, %3 : tensor<5x16xf32>, tensor<5x16xf32>
  return %4 : tensor<5x16xf32>
}
func.func @row_scale_not_axis(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @row_scale_form} {
  %0 = tern.weight "q" : tensor<16x64xf32>
  %1 = tern.weight "r" : tensor<64xf32>
  %2 = tern.broadcast "k->nk" %1 : tensor<64xf32> to tensor<16x64xf32>
  %3 = tern.mul %0, %2 : tensor<16x64xf32>, tensor<16x64xf32>
  %4 = tern.contract "tk,nk->tn" %x, %3 : tensor<5x64xf32>, tensor<16x64xf32>
  return %4 : tensor<5x16xf32>
}
func.func @row_scale_not_scale(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @row_scale_form} {
  %0 = tern.weight "q" : tensor<16x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<16x64xf32>
  return %1 : tensor<5x16xf32>
}

// Scales of the rows of both.
func.func @both_scales(%x: tensor<5x64xf32>, %a: tensor<5xf32>) -> tensor<5x16xf32> attributes {tern.seek = @both_scales_form} {
  %0 = tern.broadcast "t->tk" %a : tensor<5xf32> to tensor<5x64xf32>
  %1 = tern.mul %x, %0 : tensor<5x64xf32>, tensor<5x64xf32>
  %2 = tern.weight "q" : tensor<16x64xf32>
  %3 = tern.weight "s" : tensor<16xf32>
  %4 = tern.broadcast "n->nk" %3 : tensor<16xf32> to tensor<16x64xf32>
  %5 = tern.mul %2, %4 : tensor<16x64xf32>, tensor<16x64xf32>
  %6 = tern.contract "tk,nk->tn" %1, %5 : tensor<5x64xf32>, tensor<16x64xf32>
  return %6 : tensor<5x16xf32>
}
func.func @both_scales_form(%x: tensor<5x64xf32>, %a: tensor<5xf32>) -> tensor<5x16xf32> {
  %0 = tern.broadcast "t->tn" %a : tensor<5xf32> to tensor<5x16xf32>
  %1 = tern.weight "s" : tensor<16xf32>
  %2 = tern.broadcast "n->tn" %1 : tensor<16xf32> to tensor<5x16xf32>
  %3 = tern.mul %0, %2 : tensor<5x16xf32>, tensor<5x16xf32>
  %4 = tern.weight "q" : tensor<16x64xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  %6 = tern.mul %3, %5 : tensor<5x16xf32>, tensor<5x16xf32>
  return %6 : tensor<5x16xf32>
}
func.func @both_scales_not_one(%x: tensor<5x64xf32>, %a: tensor<5xf32>) -> tensor<5x16xf32> attributes {tern.seek = @both_scales_form} {
  %0 = tern.weight "q" : tensor<16x64xf32>
  %1 = tern.weight "s" : tensor<16xf32>
  %2 = tern.broadcast "n->nk" %1 : tensor<16xf32> to tensor<16x64xf32>
  %3 = tern.mul %0, %2 : tensor<16x64xf32>, tensor<16x64xf32>
  %4 = tern.contract "tk,nk->tn" %x, %3 : tensor<5x64xf32>, tensor<16x64xf32>
  return %4 : tensor<5x16xf32>
}

// Zero points by sums of the input.
func.func @zero_points(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @zero_points_form} {
  %0 = tern.weight "q" : tensor<16x64xf32>
  %1 = tern.weight "z" : tensor<16xf32>
  %2 = tern.broadcast "n->nk" %1 : tensor<16xf32> to tensor<16x64xf32>
  %3 = tern.sub %0, %2 : tensor<16x64xf32>, tensor<16x64xf32>
  %4 = tern.contract "tk,nk->tn" %x, %3 : tensor<5x64xf32>, tensor<16x64xf32>
  return %4 : tensor<5x16xf32>
}
func.func @zero_points_form(%x: tensor<5x64xf32>) -> tensor<5x16xf32> {
  %0 = tern.weight "q" : tensor<16x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<16x64xf32>
  %2 = tern.sum "tk->t" %x : tensor<5x64xf32>
  %3 = tern.broadcast "t->tn" %2 : tensor<5xf32> to tensor<5x16xf32>
  %4 = tern.weight "z" : tensor<16xf32>
  %5 = tern.broadcast "n->tn" %4 : tensor<16xf32> to tensor<5x16xf32>
  %6 = tern.mul %3, %5 : tensor<5x16xf32>, tensor<5x16xf32>
  %7 = tern.sub %1, %6 : tensor<5x16xf32>, tensor<5x16xf32>
  return %7 : tensor<5x16xf32>
}
func.func @zero_points_not_mean(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @zero_points_form} {
  %0 = tern.weight "q" : tensor<16x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<16x64xf32>
  %2 = tern.mean "tk->t" %x : tensor<5x64xf32>
  %3 = tern.broadcast "t->tn" %2 : tensor<5xf32> to tensor<5x16xf32>
  %4 = tern.weight "z" : tensor<16xf32>
  %5 = tern.broadcast "n->tn" %4 : tensor<16xf32> to tensor<5x16xf32>
  %6 = tern.mul %3, %5 : tensor<5x16xf32>, tensor<5x16xf32>
  %7 = tern.sub %1, %6 : tensor<5x16xf32>, tensor<5x16xf32>
  return %7 : tensor<5x16xf32>
}

// Products inside a group, one scale a group.
func.func @groups(%x: tensor<5x8x8xf32>, %q: tensor<8x8x16xf32>, %s: tensor<8x16xf32>, %z: tensor<8x16xf32>) -> tensor<5x16xf32> attributes {tern.seek = @groups_form} {
  %0 = tern.broadcast "gn->gen" %z : tensor<8x16xf32> to tensor<8x8x16xf32>
  %1 = tern.sub %q, %0 : tensor<8x8x16xf32>, tensor<8x8x16xf32>
  %2 = tern.broadcast "gn->gen" %s : tensor<8x16xf32> to tensor<8x8x16xf32>
  %3 = tern.mul %1, %2 : tensor<8x8x16xf32>, tensor<8x8x16xf32>
  %4 = tern.contract "tge,gen->tn" %x, %3 : tensor<5x8x8xf32>, tensor<8x8x16xf32>
  return %4 : tensor<5x16xf32>
}
func.func @groups_form(%x: tensor<5x8x8xf32>, %q: tensor<8x8x16xf32>, %s: tensor<8x16xf32>, %z: tensor<8x16xf32>) -> tensor<5x16xf32> {
  %0 = tern.contract "tge,gen->tgn" %x, %q : tensor<5x8x8xf32>, tensor<8x8x16xf32>
  %1 = tern.sum "tge->tg" %x : tensor<5x8x8xf32>
  %2 = tern.contract "tg,gn->tgn" %1, %z : tensor<5x8xf32>, tensor<8x16xf32>
  %3 = tern.sub %0, %2 : tensor<5x8x16xf32>, tensor<5x8x16xf32>
  %4 = tern.contract "tgn,gn->tn" %3, %s : tensor<5x8x16xf32>, tensor<8x16xf32>
  return %4 : tensor<5x16xf32>
}
func.func @groups_not_zero(%x: tensor<5x8x8xf32>, %q: tensor<8x8x16xf32>, %s: tensor<8x16xf32>, %z: tensor<8x16xf32>) -> tensor<5x16xf32> attributes {tern.seek = @groups_form} {
  %0 = tern.broadcast "gn->gen" %s : tensor<8x16xf32> to tensor<8x8x16xf32>
  %1 = tern.mul %q, %0 : tensor<8x8x16xf32>, tensor<8x8x16xf32>
  %2 = tern.contract "tge,gen->tn" %x, %1 : tensor<5x8x8xf32>, tensor<8x8x16xf32>
  return %2 : tensor<5x16xf32>
}

// A scaled sum of dequantised products is one product with a weight that is dequantised at load.
func.func @scaled_sum(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @scaled_sum_form} {
  %0 = tern.constant dense<0.75> : tensor<f32>
  %1 = tern.weight "q" : tensor<16x64xf32>
  %2 = tern.weight "s" : tensor<16xf32>
  %3 = tern.broadcast "n->nk" %2 : tensor<16xf32> to tensor<16x64xf32>
  %4 = tern.mul %1, %3 : tensor<16x64xf32>, tensor<16x64xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  %6 = tern.mul %0, %5 : tensor<f32>, tensor<5x16xf32>
  %7 = tern.constant dense<0.25> : tensor<f32>
  %8 = tern.weight "p" : tensor<16x64xf32>
  %9 = tern.weight "r" : tensor<16xf32>
  %10 = tern.broadcast "n->nk" %9 : tensor<16xf32> to tensor<16x64xf32>
  %11 = tern.mul %8, %10 : tensor<16x64xf32>, tensor<16x64xf32>
  %12 = tern.contract "tk,nk->tn" %x, %11 : tensor<5x64xf32>, tensor<16x64xf32>
  %13 = tern.mul %7, %12 : tensor<f32>, tensor<5x16xf32>
  %14 = tern.add %6, %13 : tensor<5x16xf32>, tensor<5x16xf32>
  return %14 : tensor<5x16xf32>
}
func.func @scaled_sum_form(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x16xf32> {
  %0 = tern.constant dense<0.75> : tensor<f32>
  %1 = tern.weight "q" : tensor<16x64xf32>
  %2 = tern.weight "s" : tensor<16xf32>
  %3 = tern.broadcast "n->nk" %2 : tensor<16xf32> to tensor<16x64xf32>
  %4 = tern.mul %1, %3 : tensor<16x64xf32>, tensor<16x64xf32>
  %5 = tern.mul %0, %4 : tensor<f32>, tensor<16x64xf32>
  %6 = tern.constant dense<0.25> : tensor<f32>
  %7 = tern.weight "p" : tensor<16x64xf32>
  %8 = tern.weight "r" : tensor<16xf32>
  %9 = tern.broadcast "n->nk" %8 : tensor<16xf32> to tensor<16x64xf32>
  %10 = tern.mul %7, %9 : tensor<16x64xf32>, tensor<16x64xf32>
  %11 = tern.mul %6, %10 : tensor<f32>, tensor<16x64xf32>
  %12 = tern.add %5, %11 : tensor<16x64xf32>, tensor<16x64xf32>
  %13 = tern.contract "tk,nk->tn" %x, %12 : tensor<5x64xf32>, tensor<16x64xf32>
  return %13 : tensor<5x16xf32>
}
func.func @scaled_sum_not_operand(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @scaled_sum_form} {
  %0 = tern.constant dense<0.75> : tensor<f32>
  %1 = tern.weight "q" : tensor<16x64xf32>
  %2 = tern.weight "s" : tensor<16xf32>
  %3 = tern.broadcast "n->nk" %2 : tensor<16xf32> to tensor<16x64xf32>
  %4 = tern.mul %1, %3 : tensor<16x64xf32>, tensor<16x64xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  %6 = tern.mul %0, %5 : tensor<f32>, tensor<5x16xf32>
  %7 = tern.constant dense<0.25> : tensor<f32>
  %8 = tern.weight "p" : tensor<16x64xf32>
  %9 = tern.weight "r" : tensor<16xf32>
  %10 = tern.broadcast "n->nk" %9 : tensor<16xf32> to tensor<16x64xf32>
  %11 = tern.mul %8, %10 : tensor<16x64xf32>, tensor<16x64xf32>
  %12 = tern.contract "tk,nk->tn" %y, %11 : tensor<5x64xf32>, tensor<16x64xf32>
  %13 = tern.mul %7, %12 : tensor<f32>, tensor<5x16xf32>
  %14 = tern.add %6, %13 : tensor<5x16xf32>, tensor<5x16xf32>
  return %14 : tensor<5x16xf32>
}
func.func @scaled_sum_not_scale(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @scaled_sum_form} {
  %0 = tern.weight "q" : tensor<16x64xf32>
  %1 = tern.weight "s" : tensor<16xf32>
  %2 = tern.broadcast "n->nk" %1 : tensor<16xf32> to tensor<16x64xf32>
  %3 = tern.mul %0, %2 : tensor<16x64xf32>, tensor<16x64xf32>
  %4 = tern.contract "tk,nk->tn" %x, %3 : tensor<5x64xf32>, tensor<16x64xf32>
  %5 = tern.constant dense<0.25> : tensor<f32>
  %6 = tern.weight "p" : tensor<16x64xf32>
  %7 = tern.weight "r" : tensor<16xf32>
  %8 = tern.broadcast "n->nk" %7 : tensor<16xf32> to tensor<16x64xf32>
  %9 = tern.mul %6, %8 : tensor<16x64xf32>, tensor<16x64xf32>
  %10 = tern.contract "tk,nk->tn" %x, %9 : tensor<5x64xf32>, tensor<16x64xf32>
  %11 = tern.mul %5, %10 : tensor<f32>, tensor<5x16xf32>
  %12 = tern.add %4, %11 : tensor<5x16xf32>, tensor<5x16xf32>
  return %12 : tensor<5x16xf32>
}

// Its factors join the scales; the codes stay.
func.func @scaled_sum_scales(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @scaled_sum_scales_form} {
  %0 = tern.constant dense<0.75> : tensor<f32>
  %1 = tern.weight "q" : tensor<16x64xf32>
  %2 = tern.weight "s" : tensor<16xf32>
  %3 = tern.broadcast "n->nk" %2 : tensor<16xf32> to tensor<16x64xf32>
  %4 = tern.mul %1, %3 : tensor<16x64xf32>, tensor<16x64xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  %6 = tern.mul %0, %5 : tensor<f32>, tensor<5x16xf32>
  %7 = tern.constant dense<0.25> : tensor<f32>
  %8 = tern.weight "p" : tensor<16x64xf32>
  %9 = tern.weight "r" : tensor<16xf32>
  %10 = tern.broadcast "n->nk" %9 : tensor<16xf32> to tensor<16x64xf32>
  %11 = tern.mul %8, %10 : tensor<16x64xf32>, tensor<16x64xf32>
  %12 = tern.contract "tk,nk->tn" %x, %11 : tensor<5x64xf32>, tensor<16x64xf32>
  %13 = tern.mul %7, %12 : tensor<f32>, tensor<5x16xf32>
  %14 = tern.add %6, %13 : tensor<5x16xf32>, tensor<5x16xf32>
  return %14 : tensor<5x16xf32>
}
func.func @scaled_sum_scales_form(%x: tensor<5x64xf32>) -> tensor<5x16xf32> {
  %0 = tern.constant dense<0.75> : tensor<f32>
  %1 = tern.weight "s" : tensor<16xf32>
  %2 = tern.mul %0, %1 : tensor<f32>, tensor<16xf32>
  %3 = tern.broadcast "n->tn" %2 : tensor<16xf32> to tensor<5x16xf32>
  %4 = tern.weight "q" : tensor<16x64xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  %6 = tern.mul %3, %5 : tensor<5x16xf32>, tensor<5x16xf32>
  %7 = tern.constant dense<0.25> : tensor<f32>
  %8 = tern.weight "r" : tensor<16xf32>
  %9 = tern.mul %7, %8 : tensor<f32>, tensor<16xf32>
  %10 = tern.broadcast "n->tn" %9 : tensor<16xf32> to tensor<5x16xf32>
  %11 = tern.weight "p" : tensor<16x64xf32>
  %12 = tern.contract "tk,nk->tn" %x, %11 : tensor<5x64xf32>, tensor<16x64xf32>
  %13 = tern.mul %10, %12 : tensor<5x16xf32>, tensor<5x16xf32>
  %14 = tern.add %6, %13 : tensor<5x16xf32>, tensor<5x16xf32>
  return %14 : tensor<5x16xf32>
}
func.func @scaled_sum_scales_not_swapped(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @scaled_sum_scales_form} {
  %0 = tern.constant dense<0.25> : tensor<f32>
  %1 = tern.weight "q" : tensor<16x64xf32>
  %2 = tern.weight "s" : tensor<16xf32>
  %3 = tern.broadcast "n->nk" %2 : tensor<16xf32> to tensor<16x64xf32>
  %4 = tern.mul %1, %3 : tensor<16x64xf32>, tensor<16x64xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  %6 = tern.mul %0, %5 : tensor<f32>, tensor<5x16xf32>
  %7 = tern.constant dense<0.75> : tensor<f32>
  %8 = tern.weight "p" : tensor<16x64xf32>
  %9 = tern.weight "r" : tensor<16xf32>
  %10 = tern.broadcast "n->nk" %9 : tensor<16xf32> to tensor<16x64xf32>
  %11 = tern.mul %8, %10 : tensor<16x64xf32>, tensor<16x64xf32>
  %12 = tern.contract "tk,nk->tn" %x, %11 : tensor<5x64xf32>, tensor<16x64xf32>
  %13 = tern.mul %7, %12 : tensor<f32>, tensor<5x16xf32>
  %14 = tern.add %6, %13 : tensor<5x16xf32>, tensor<5x16xf32>
  return %14 : tensor<5x16xf32>
}

// A factor joins the scales.
func.func @factor(%q: tensor<8x8x16xf32>, %s: tensor<8x16xf32>, %z: tensor<8x16xf32>) -> tensor<8x8x16xf32> attributes {tern.seek = @factor_form} {
  %0 = tern.constant dense<0.75> : tensor<f32>
  %1 = tern.broadcast "gn->gen" %z : tensor<8x16xf32> to tensor<8x8x16xf32>
  %2 = tern.sub %q, %1 : tensor<8x8x16xf32>, tensor<8x8x16xf32>
  %3 = tern.broadcast "gn->gen" %s : tensor<8x16xf32> to tensor<8x8x16xf32>
  %4 = tern.mul %2, %3 : tensor<8x8x16xf32>, tensor<8x8x16xf32>
  %5 = tern.mul %0, %4 : tensor<f32>, tensor<8x8x16xf32>
  return %5 : tensor<8x8x16xf32>
}
func.func @factor_form(%q: tensor<8x8x16xf32>, %s: tensor<8x16xf32>, %z: tensor<8x16xf32>) -> tensor<8x8x16xf32> {
  %0 = tern.broadcast "gn->gen" %z : tensor<8x16xf32> to tensor<8x8x16xf32>
  %1 = tern.sub %q, %0 : tensor<8x8x16xf32>, tensor<8x8x16xf32>
  %2 = tern.constant dense<0.75> : tensor<f32>
  %3 = tern.mul %2, %s : tensor<f32>, tensor<8x16xf32>
  %4 = tern.broadcast "gn->gen" %3 : tensor<8x16xf32> to tensor<8x8x16xf32>
  %5 = tern.mul %1, %4 : tensor<8x8x16xf32>, tensor<8x8x16xf32>
  return %5 : tensor<8x8x16xf32>
}
func.func @factor_not_zeros(%q: tensor<8x8x16xf32>, %s: tensor<8x16xf32>, %z: tensor<8x16xf32>) -> tensor<8x8x16xf32> attributes {tern.seek = @factor_form} {
  %0 = tern.constant dense<0.75> : tensor<f32>
  %1 = tern.mul %0, %z : tensor<f32>, tensor<8x16xf32>
  %2 = tern.broadcast "gn->gen" %1 : tensor<8x16xf32> to tensor<8x8x16xf32>
  %3 = tern.sub %q, %2 : tensor<8x8x16xf32>, tensor<8x8x16xf32>
  %4 = tern.broadcast "gn->gen" %s : tensor<8x16xf32> to tensor<8x8x16xf32>
  %5 = tern.mul %3, %4 : tensor<8x8x16xf32>, tensor<8x8x16xf32>
  return %5 : tensor<8x8x16xf32>
}

// Only the rows that are read are dequantised.
func.func @rows(%i: tensor<5xi32>, %j: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @rows_form} {
  %0 = tern.weight "q" : tensor<100x16xf32>
  %1 = tern.weight "z" : tensor<100xf32>
  %2 = tern.broadcast "v->ve" %1 : tensor<100xf32> to tensor<100x16xf32>
  %3 = tern.sub %0, %2 : tensor<100x16xf32>, tensor<100x16xf32>
  %4 = tern.weight "s" : tensor<100xf32>
  %5 = tern.broadcast "v->ve" %4 : tensor<100xf32> to tensor<100x16xf32>
  %6 = tern.mul %3, %5 : tensor<100x16xf32>, tensor<100x16xf32>
  %7 = tern.gather "ve,t->te" %6, %i : tensor<100x16xf32>, tensor<5xi32>
  return %7 : tensor<5x16xf32>
}
func.func @rows_form(%i: tensor<5xi32>, %j: tensor<5xi32>) -> tensor<5x16xf32> {
  %0 = tern.weight "q" : tensor<100x16xf32>
  %1 = tern.gather "ve,t->te" %0, %i : tensor<100x16xf32>, tensor<5xi32>
  %2 = tern.weight "z" : tensor<100xf32>
  %3 = tern.gather "v,t->t" %2, %i : tensor<100xf32>, tensor<5xi32>
  %4 = tern.broadcast "t->te" %3 : tensor<5xf32> to tensor<5x16xf32>
  %5 = tern.sub %1, %4 : tensor<5x16xf32>, tensor<5x16xf32>
  %6 = tern.weight "s" : tensor<100xf32>
  %7 = tern.gather "v,t->t" %6, %i : tensor<100xf32>, tensor<5xi32>
  %8 = tern.broadcast "t->te" %7 : tensor<5xf32> to tensor<5x16xf32>
  %9 = tern.mul %5, %8 : tensor<5x16xf32>, tensor<5x16xf32>
  return %9 : tensor<5x16xf32>
}
func.func @rows_not_scales(%i: tensor<5xi32>, %j: tensor<5xi32>) -> tensor<5x16xf32> attributes {tern.seek = @rows_form} {
  %0 = tern.weight "q" : tensor<100x16xf32>
  %1 = tern.gather "ve,t->te" %0, %i : tensor<100x16xf32>, tensor<5xi32>
  %2 = tern.weight "z" : tensor<100xf32>
  %3 = tern.gather "v,t->t" %2, %i : tensor<100xf32>, tensor<5xi32>
  %4 = tern.broadcast "t->te" %3 : tensor<5xf32> to tensor<5x16xf32>
  %5 = tern.sub %1, %4 : tensor<5x16xf32>, tensor<5x16xf32>
  %6 = tern.weight "s" : tensor<100xf32>
  %7 = tern.gather "v,t->t" %6, %j : tensor<100xf32>, tensor<5xi32>
  %8 = tern.broadcast "t->te" %7 : tensor<5xf32> to tensor<5x16xf32>
  %9 = tern.mul %5, %8 : tensor<5x16xf32>, tensor<5x16xf32>
  return %9 : tensor<5x16xf32>
}

// Joined siblings stay codes.
func.func @joined(%q: tensor<8x8x16xf32>, %p: tensor<8x8x4xf32>, %s: tensor<8x16xf32>, %r: tensor<8x4xf32>, %z: tensor<8x16xf32>, %y: tensor<8x4xf32>) -> tensor<8x8x20xf32> attributes {tern.seek = @joined_form} {
  %0 = tern.broadcast "gn->gen" %z : tensor<8x16xf32> to tensor<8x8x16xf32>
  %1 = tern.sub %q, %0 : tensor<8x8x16xf32>, tensor<8x8x16xf32>
  %2 = tern.broadcast "gn->gen" %s : tensor<8x16xf32> to tensor<8x8x16xf32>
  %3 = tern.mul %1, %2 : tensor<8x8x16xf32>, tensor<8x8x16xf32>
  %4 = tern.broadcast "gn->gen" %y : tensor<8x4xf32> to tensor<8x8x4xf32>
  %5 = tern.sub %p, %4 : tensor<8x8x4xf32>, tensor<8x8x4xf32>
  %6 = tern.broadcast "gn->gen" %r : tensor<8x4xf32> to tensor<8x8x4xf32>
  %7 = tern.mul %5, %6 : tensor<8x8x4xf32>, tensor<8x8x4xf32>
  %8 = tern.concat %3, %7 axis 2 : tensor<8x8x16xf32>, tensor<8x8x4xf32>
  return %8 : tensor<8x8x20xf32>
}
func.func @joined_form(%q: tensor<8x8x16xf32>, %p: tensor<8x8x4xf32>, %s: tensor<8x16xf32>, %r: tensor<8x4xf32>, %z: tensor<8x16xf32>, %y: tensor<8x4xf32>) -> tensor<8x8x20xf32> {
  %0 = tern.concat %q, %p axis 2 : tensor<8x8x16xf32>, tensor<8x8x4xf32>
  %1 = tern.concat %z, %y axis 1 : tensor<8x16xf32>, tensor<8x4xf32>
  %2 = tern.broadcast "gn->gen" %1 : tensor<8x20xf32> to tensor<8x8x20xf32>
  %3 = tern.sub %0, %2 : tensor<8x8x20xf32>, tensor<8x8x20xf32>
  %4 = tern.concat %s, %r axis 1 : tensor<8x16xf32>, tensor<8x4xf32>
  %5 = tern.broadcast "gn->gen" %4 : tensor<8x20xf32> to tensor<8x8x20xf32>
  %6 = tern.mul %3, %5 : tensor<8x8x20xf32>, tensor<8x8x20xf32>
  return %6 : tensor<8x8x20xf32>
}
func.func @joined_not_zeros(%q: tensor<8x8x16xf32>, %p: tensor<8x8x4xf32>, %s: tensor<8x16xf32>, %r: tensor<8x4xf32>, %z: tensor<8x16xf32>, %y: tensor<8x4xf32>) -> tensor<8x8x20xf32> attributes {tern.seek = @joined_form} {
  %0 = tern.broadcast "gn->gen" %s : tensor<8x16xf32> to tensor<8x8x16xf32>
  %1 = tern.sub %q, %0 : tensor<8x8x16xf32>, tensor<8x8x16xf32>
  %2 = tern.mul %1, %0 : tensor<8x8x16xf32>, tensor<8x8x16xf32>
  %3 = tern.broadcast "gn->gen" %y : tensor<8x4xf32> to tensor<8x8x4xf32>
  %4 = tern.sub %p, %3 : tensor<8x8x4xf32>, tensor<8x8x4xf32>
  %5 = tern.broadcast "gn->gen" %r : tensor<8x4xf32> to tensor<8x8x4xf32>
  %6 = tern.mul %4, %5 : tensor<8x8x4xf32>, tensor<8x8x4xf32>
  %7 = tern.concat %2, %6 axis 2 : tensor<8x8x16xf32>, tensor<8x8x4xf32>
  return %7 : tensor<8x8x20xf32>
}

// Sums by code first, the table after.
func.func @code_table(%x: tensor<5x64xf32>, %t: tensor<4xf32>, %i: tensor<64x16xi32>, %j: tensor<64x16xi32>) -> tensor<5x16xf32> attributes {tern.seek = @code_table_form} {
  %0 = tern.gather "v,kn->kn" %t, %i : tensor<4xf32>, tensor<64x16xi32>
  %1 = tern.contract "tk,kn->tn" %x, %0 : tensor<5x64xf32>, tensor<64x16xf32>
  return %1 : tensor<5x16xf32>
}
func.func @code_table_form(%x: tensor<5x64xf32>, %t: tensor<4xf32>, %i: tensor<64x16xi32>, %j: tensor<64x16xi32>) -> tensor<5x16xf32> {
  %0 = tern.one_hot "kn->knv" %i : tensor<64x16xi32> to tensor<64x16x4xf32>
  %1 = tern.contract "tk,knv->tnv" %x, %0 : tensor<5x64xf32>, tensor<64x16x4xf32>
  %2 = tern.contract "tnv,v->tn" %1, %t : tensor<5x16x4xf32>, tensor<4xf32>
  return %2 : tensor<5x16xf32>
}
func.func @code_table_not_index(%x: tensor<5x64xf32>, %t: tensor<4xf32>, %i: tensor<64x16xi32>, %j: tensor<64x16xi32>) -> tensor<5x16xf32> attributes {tern.seek = @code_table_form} {
  %0 = tern.gather "v,kn->kn" %t, %j : tensor<4xf32>, tensor<64x16xi32>
  %1 = tern.contract "tk,kn->tn" %x, %0 : tensor<5x64xf32>, tensor<64x16xf32>
  return %1 : tensor<5x16xf32>
}
