// Norms: found, their scales and means absorbed, moved past products.

// The root of the mean square, in three spellings.
func.func @rms_rsqrt(%x: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @rms_form} {
  %0 = tern.square %x : tensor<64x64xf32>
  %1 = tern.mean "tk->t" %0 : tensor<64x64xf32>
  %2 = tern.constant dense<7.6293945312500000e-06> : tensor<f32>
  %3 = tern.add %1, %2 : tensor<64xf32>, tensor<f32>
  %4 = tern.rsqrt %3 : tensor<64xf32>
  %5 = tern.broadcast "t->tk" %4 : tensor<64xf32> to tensor<64x64xf32>
  %6 = tern.mul %x, %5 : tensor<64x64xf32>, tensor<64x64xf32>
  return %6 : tensor<64x64xf32>
}
func.func @rms_div(%x: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @rms_form} {
  %0 = tern.mul %x, %x : tensor<64x64xf32>, tensor<64x64xf32>
  %1 = tern.mean "tk->t" %0 : tensor<64x64xf32>
  %2 = tern.constant dense<7.6293945312500000e-06> : tensor<f32>
  %3 = tern.add %1, %2 : tensor<64xf32>, tensor<f32>
  %4 = tern.sqrt %3 : tensor<64xf32>
  %5 = tern.broadcast "t->tk" %4 : tensor<64xf32> to tensor<64x64xf32>
  %6 = tern.div %x, %5 : tensor<64x64xf32>, tensor<64x64xf32>
  return %6 : tensor<64x64xf32>
}
func.func @rms_sum(%x: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @rms_form} {
  %0 = tern.square %x : tensor<64x64xf32>
  %1 = tern.sum "tk->t" %0 : tensor<64x64xf32>
  %2 = tern.constant dense<64.0> : tensor<f32>
  %3 = tern.div %1, %2 : tensor<64xf32>, tensor<f32>
  %4 = tern.constant dense<7.6293945312500000e-06> : tensor<f32>
  %5 = tern.add %3, %4 : tensor<64xf32>, tensor<f32>
  %6 = tern.rsqrt %5 : tensor<64xf32>
  %7 = tern.broadcast "t->tk" %6 : tensor<64xf32> to tensor<64x64xf32>
  %8 = tern.mul %x, %7 : tensor<64x64xf32>, tensor<64x64xf32>
  return %8 : tensor<64x64xf32>
}
func.func @rms_form(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}
func.func @rms_not_axis(%x: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @rms_form} {
  %0 = tern.square %x : tensor<64x64xf32>
  %1 = tern.mean "tk->k" %0 : tensor<64x64xf32>
  %2 = tern.constant dense<7.6293945312500000e-06> : tensor<f32>
  %3 = tern.add %1, %2 : tensor<64xf32>, tensor<f32>
  %4 = tern.rsqrt %3 : tensor<64xf32>
  %5 = tern.broadcast "k->tk" %4 : tensor<64xf32> to tensor<64x64xf32>
  %6 = tern.mul %x, %5 : tensor<64x64xf32>, tensor<64x64xf32>
  return %6 : tensor<64x64xf32>
}
func.func @rms_not_epsilon(%x: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @rms_form} {
  %0 = tern.square %x : tensor<64x64xf32>
  %1 = tern.mean "tk->t" %0 : tensor<64x64xf32>
  %2 = tern.rsqrt %1 : tensor<64xf32>
  %3 = tern.broadcast "t->tk" %2 : tensor<64xf32> to tensor<64x64xf32>
  %4 = tern.mul %x, %3 : tensor<64x64xf32>, tensor<64x64xf32>
  return %4 : tensor<64x64xf32>
}
func.func @rms_not_sum(%x: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @rms_form} {
  %0 = tern.square %x : tensor<64x64xf32>
  %1 = tern.sum "tk->t" %0 : tensor<64x64xf32>
  %2 = tern.constant dense<7.6293945312500000e-06> : tensor<f32>
  %3 = tern.add %1, %2 : tensor<64xf32>, tensor<f32>
  %4 = tern.rsqrt %3 : tensor<64xf32>
  %5 = tern.broadcast "t->tk" %4 : tensor<64xf32> to tensor<64x64xf32>
  %6 = tern.mul %x, %5 : tensor<64x64xf32>, tensor<64x64xf32>
  return %6 : tensor<64x64xf32>
}

// The layer norm, from its mean and variance.
func.func @layer_div(%x: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @layer_form} {
  %0 = tern.mean "tk->t" %x : tensor<64x64xf32>
  %1 = tern.broadcast "t->tk" %0 : tensor<64xf32> to tensor<64x64xf32>
  %2 = tern.sub %x, %1 : tensor<64x64xf32>, tensor<64x64xf32>
  %3 = tern.square %2 : tensor<64x64xf32>
  %4 = tern.mean "tk->t" %3 : tensor<64x64xf32>
  %5 = tern.constant dense<7.6293945312500000e-06> : tensor<f32>
  %6 = tern.add %4, %5 : tensor<64xf32>, tensor<f32>
  %7 = tern.sqrt %6 : tensor<64xf32>
  %8 = tern.broadcast "t->tk" %7 : tensor<64xf32> to tensor<64x64xf32>
  %9 = tern.div %2, %8 : tensor<64x64xf32>, tensor<64x64xf32>
  return %9 : tensor<64x64xf32>
}
func.func @layer_rsqrt(%x: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @layer_form} {
  %0 = tern.mean "tk->t" %x : tensor<64x64xf32>
  %1 = tern.broadcast "t->tk" %0 : tensor<64xf32> to tensor<64x64xf32>
  %2 = tern.sub %x, %1 : tensor<64x64xf32>, tensor<64x64xf32>
  %3 = tern.square %2 : tensor<64x64xf32>
  %4 = tern.mean "tk->t" %3 : tensor<64x64xf32>
  %5 = tern.constant dense<7.6293945312500000e-06> : tensor<f32>
  %6 = tern.add %4, %5 : tensor<64xf32>, tensor<f32>
  %7 = tern.rsqrt %6 : tensor<64xf32>
  %8 = tern.broadcast "t->tk" %7 : tensor<64xf32> to tensor<64x64xf32>
  %9 = tern.mul %2, %8 : tensor<64x64xf32>, tensor<64x64xf32>
  return %9 : tensor<64x64xf32>
}
func.func @layer_form(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %0 = tern.layer_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}
func.func @layer_not_mean(%x: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @layer_form} {
  %0 = tern.mean "tk->t" %x : tensor<64x64xf32>
  %1 = tern.broadcast "t->tk" %0 : tensor<64xf32> to tensor<64x64xf32>
  %2 = tern.sub %x, %1 : tensor<64x64xf32>, tensor<64x64xf32>
  %3 = tern.square %2 : tensor<64x64xf32>
  %4 = tern.mean "tk->t" %3 : tensor<64x64xf32>
  %5 = tern.constant dense<7.6293945312500000e-06> : tensor<f32>
  %6 = tern.add %4, %5 : tensor<64xf32>, tensor<f32>
  %7 = tern.sqrt %6 : tensor<64xf32>
  %8 = tern.broadcast "t->tk" %7 : tensor<64xf32> to tensor<64x64xf32>
  %9 = tern.div %x, %8 : tensor<64x64xf32>, tensor<64x64xf32>
  return %9 : tensor<64x64xf32>
}
func.func @layer_not_variance(%x: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @layer_form} {
  %0 = tern.mean "tk->t" %x : tensor<64x64xf32>
  %1 = tern.broadcast "t->tk" %0 : tensor<64xf32> to tensor<64x64xf32>
  %2 = tern.sub %x, %1 : tensor<64x64xf32>, tensor<64x64xf32>
  %3 = tern.square %x : tensor<64x64xf32>
  %4 = tern.mean "tk->t" %3 : tensor<64x64xf32>
  %5 = tern.constant dense<7.6293945312500000e-06> : tensor<f32>
  %6 = tern.add %4, %5 : tensor<64xf32>, tensor<f32>
  %7 = tern.sqrt %6 : tensor<64xf32>
  %8 = tern.broadcast "t->tk" %7 : tensor<64xf32> to tensor<64x64xf32>
  %9 = tern.div %2, %8 : tensor<64x64xf32>, tensor<64x64xf32>
  return %9 : tensor<64x64xf32>
}

// A norm's scale is paid at load.
func.func @rms_scale(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @rms_scale_form} {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  %1 = tern.weight "g" : tensor<64xf32>
  %2 = tern.broadcast "k->tk" %1 : tensor<64xf32> to tensor<5x64xf32>
  %3 = tern.mul %0, %2 : tensor<5x64xf32>, tensor<5x64xf32>
  %4 = tern.weight "w" : tensor<16x64xf32>
  %5 = tern.contract "tk,nk->tn" %3, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  return %5 : tensor<5x16xf32>
}
func.func @rms_scale_form(%x: tensor<5x64xf32>) -> tensor<5x16xf32> {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  %1 = tern.weight "w" : tensor<16x64xf32>
  %2 = tern.weight "g" : tensor<64xf32>
  %3 = tern.broadcast "k->nk" %2 : tensor<64xf32> to tensor<16x64xf32>
  %4 = tern.mul %1, %3 : tensor<16x64xf32>, tensor<16x64xf32>
  %5 = tern.contract "tk,nk->tn" %0, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  return %5 : tensor<5x16xf32>
}
func.func @rms_scale_not_scale(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @rms_scale_form} {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  %1 = tern.weight "w" : tensor<16x64xf32>
  %2 = tern.contract "tk,nk->tn" %0, %1 : tensor<5x64xf32>, tensor<16x64xf32>
  return %2 : tensor<5x16xf32>
}
func.func @rms_scale_not_rounding(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @rms_scale_form} {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  %1 = tern.weight "g" : tensor<64xf32>
  %2 = tern.broadcast "k->tk" %1 : tensor<64xf32> to tensor<5x64xf32>
  %3 = tern.mul %0, %2 : tensor<5x64xf32>, tensor<5x64xf32>
  %4 = tern.cast %3 : tensor<5x64xf32> to tensor<5x64xbf16>
  %5 = tern.cast %4 : tensor<5x64xbf16> to tensor<5x64xf32>
  %6 = tern.weight "w" : tensor<16x64xf32>
  %7 = tern.contract "tk,nk->tn" %5, %6 : tensor<5x64xf32>, tensor<16x64xf32>
  return %7 : tensor<5x16xf32>
}

// That is the scale along the summed axis alone.
func.func @rms_scale_axis(%x: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @rms_scale_axis_form} {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<64x64xf32>
  %1 = tern.weight "g" : tensor<64xf32>
  %2 = tern.broadcast "k->tk" %1 : tensor<64xf32> to tensor<64x64xf32>
  %3 = tern.mul %0, %2 : tensor<64x64xf32>, tensor<64x64xf32>
  %4 = tern.weight "w" : tensor<64x64xf32>
  %5 = tern.contract "tk,nk->tn" %3, %4 : tensor<64x64xf32>, tensor<64x64xf32>
  return %5 : tensor<64x64xf32>
}
func.func @rms_scale_axis_form(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<64x64xf32>
  %1 = tern.weight "w" : tensor<64x64xf32>
  %2 = tern.weight "g" : tensor<64xf32>
  %3 = tern.broadcast "k->nk" %2 : tensor<64xf32> to tensor<64x64xf32>
  %4 = tern.mul %1, %3 : tensor<64x64xf32>, tensor<64x64xf32>
  %5 = tern.contract "tk,nk->tn" %0, %4 : tensor<64x64xf32>, tensor<64x64xf32>
  return %5 : tensor<64x64xf32>
}
func.func @rms_scale_axis_not_axis(%x: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @rms_scale_axis_form} {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<64x64xf32>
  %1 = tern.weight "g" : tensor<64xf32>
  %2 = tern.broadcast "t->tk" %1 : tensor<64xf32> to tensor<64x64xf32>
  %3 = tern.mul %0, %2 : tensor<64x64xf32>, tensor<64x64xf32>
  %4 = tern.weight "w" : tensor<64x64xf32>
  %5 = tern.contract "tk,nk->tn" %3, %4 : tensor<64x64xf32>, tensor<64x64xf32>
  return %5 : tensor<64x64xf32>
}
func.func @rms_scale_axis_not_column(%x: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @rms_scale_axis_form} {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<64x64xf32>
  %1 = tern.weight "w" : tensor<64x64xf32>
  %2 = tern.weight "g" : tensor<64xf32>
  %3 = tern.broadcast "n->nk" %2 : tensor<64xf32> to tensor<64x64xf32>
  %4 = tern.mul %1, %3 : tensor<64x64xf32>, tensor<64x64xf32>
  %5 = tern.contract "tk,nk->tn" %0, %4 : tensor<64x64xf32>, tensor<64x64xf32>
  return %5 : tensor<64x64xf32>
}

// Scales that are stored as offsets from 1.
func.func @rms_offset(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @rms_offset_form} {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  %1 = tern.constant dense<1.0> : tensor<f32>
  %2 = tern.weight "g" : tensor<64xf32>
  %3 = tern.add %1, %2 : tensor<f32>, tensor<64xf32>
  %4 = tern.broadcast "k->tk" %3 : tensor<64xf32> to tensor<5x64xf32>
  %5 = tern.mul %0, %4 : tensor<5x64xf32>, tensor<5x64xf32>
  %6 = tern.weight "w" : tensor<16x64xf32>
  %7 = tern.contract "tk,nk->tn" %5, %6 : tensor<5x64xf32>, tensor<16x64xf32>
  return %7 : tensor<5x16xf32>
}
func.func @rms_offset_form(%x: tensor<5x64xf32>) -> tensor<5x16xf32> {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  %1 = tern.weight "w" : tensor<16x64xf32>
  %2 = tern.constant dense<1.0> : tensor<f32>
  %3 = tern.weight "g" : tensor<64xf32>
  %4 = tern.add %2, %3 : tensor<f32>, tensor<64xf32>
  %5 = tern.broadcast "k->nk" %4 : tensor<64xf32> to tensor<16x64xf32>
  %6 = tern.mul %1, %5 : tensor<16x64xf32>, tensor<16x64xf32>
  %7 = tern.contract "tk,nk->tn" %0, %6 : tensor<5x64xf32>, tensor<16x64xf32>
  return %7 : tensor<5x16xf32>
}
func.func @rms_offset_not_one(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @rms_offset_form} {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  %1 = tern.weight "g" : tensor<64xf32>
  %2 = tern.broadcast "k->tk" %1 : tensor<64xf32> to tensor<5x64xf32>
  %3 = tern.mul %0, %2 : tensor<5x64xf32>, tensor<5x64xf32>
  %4 = tern.weight "w" : tensor<16x64xf32>
  %5 = tern.contract "tk,nk->tn" %3, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  return %5 : tensor<5x16xf32>
}

// All that read the scaled row take its scale, and are merged then.
func.func @norm_readers(%x: tensor<5x64xf32>) -> (tensor<5x8xf32>, tensor<5x16xf32>) attributes {tern.seek = @norm_readers_form} {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  %1 = tern.weight "g" : tensor<64xf32>
  %2 = tern.broadcast "k->tk" %1 : tensor<64xf32> to tensor<5x64xf32>
  %3 = tern.mul %0, %2 : tensor<5x64xf32>, tensor<5x64xf32>
  %4 = tern.weight "v" : tensor<8x64xf32>
  %5 = tern.contract "tk,nk->tn" %3, %4 : tensor<5x64xf32>, tensor<8x64xf32>
  %6 = tern.weight "w" : tensor<16x64xf32>
  %7 = tern.contract "tk,nk->tn" %3, %6 : tensor<5x64xf32>, tensor<16x64xf32>
  return %5, %7 : tensor<5x8xf32>, tensor<5x16xf32>
}
func.func @norm_readers_form(%x: tensor<5x64xf32>) -> (tensor<5x8xf32>, tensor<5x16xf32>) {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  %1 = tern.weight "v" : tensor<8x64xf32>
  %2 = tern.weight "w" : tensor<16x64xf32>
  %3 = tern.concat %1, %2 axis 0 : tensor<8x64xf32>, tensor<16x64xf32>
  %4 = tern.weight "g" : tensor<64xf32>
  %5 = tern.broadcast "k->nk" %4 : tensor<64xf32> to tensor<24x64xf32>
  %6 = tern.mul %3, %5 : tensor<24x64xf32>, tensor<24x64xf32>
  %7 = tern.contract "tk,nk->tn" %0, %6 : tensor<5x64xf32>, tensor<24x64xf32>
  %8 = tern.slice %7 axis 1 from 0 size 8 : tensor<5x24xf32>
  %9 = tern.slice %7 axis 1 from 8 size 16 : tensor<5x24xf32>
  return %8, %9 : tensor<5x8xf32>, tensor<5x16xf32>
}
func.func @norm_readers_not_scale(%x: tensor<5x64xf32>) -> (tensor<5x8xf32>, tensor<5x16xf32>) attributes {tern.seek = @norm_readers_form} {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  %1 = tern.weight "v" : tensor<8x64xf32>
  %2 = tern.contract "tk,nk->tn" %0, %1 : tensor<5x64xf32>, tensor<8x64xf32>
  %3 = tern.weight "g" : tensor<64xf32>
  %4 = tern.broadcast "k->tk" %3 : tensor<64xf32> to tensor<5x64xf32>
  %5 = tern.mul %0, %4 : tensor<5x64xf32>, tensor<5x64xf32>
  %6 = tern.weight "w" : tensor<16x64xf32>
  %7 = tern.contract "tk,nk->tn" %5, %6 : tensor<5x64xf32>, tensor<16x64xf32>
  return %2, %7 : tensor<5x8xf32>, tensor<5x16xf32>
}

// A layer norm's scale and shift become weight and bias.
func.func @layer_scale_shift(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @layer_scale_shift_form} {
  %0 = tern.layer_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  %1 = tern.weight "g" : tensor<64xf32>
  %2 = tern.broadcast "k->tk" %1 : tensor<64xf32> to tensor<5x64xf32>
  %3 = tern.mul %0, %2 : tensor<5x64xf32>, tensor<5x64xf32>
  %4 = tern.weight "b" : tensor<64xf32>
  %5 = tern.broadcast "k->tk" %4 : tensor<64xf32> to tensor<5x64xf32>
  %6 = tern.add %3, %5 : tensor<5x64xf32>, tensor<5x64xf32>
  %7 = tern.weight "w" : tensor<16x64xf32>
  %8 = tern.contract "tk,nk->tn" %6, %7 : tensor<5x64xf32>, tensor<16x64xf32>
  return %8 : tensor<5x16xf32>
}
func.func @layer_scale_shift_form(%x: tensor<5x64xf32>) -> tensor<5x16xf32> {
  %0 = tern.layer_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  %1 = tern.weight "w" : tensor<16x64xf32>
  %2 = tern.weight "g" : tensor<64xf32>
  %3 = tern.broadcast "k->nk" %2 : tensor<64xf32> to tensor<16x64xf32>
  %4 = tern.mul %1, %3 : tensor<16x64xf32>, tensor<16x64xf32>
  %5 = tern.contract "tk,nk->tn" %0, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  %6 = tern.weight "b" : tensor<64xf32>
  %7 = tern.contract "k,nk->n" %6, %1 : tensor<64xf32>, tensor<16x64xf32>
  %8 = tern.broadcast "n->tn" %7 : tensor<16xf32> to tensor<5x16xf32>
  %9 = tern.add %5, %8 : tensor<5x16xf32>, tensor<5x16xf32>
  return %9 : tensor<5x16xf32>
}
func.func @layer_scale_shift_not_order(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @layer_scale_shift_form} {
  %0 = tern.layer_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  %1 = tern.weight "b" : tensor<64xf32>
  %2 = tern.broadcast "k->tk" %1 : tensor<64xf32> to tensor<5x64xf32>
  %3 = tern.add %0, %2 : tensor<5x64xf32>, tensor<5x64xf32>
  %4 = tern.weight "g" : tensor<64xf32>
  %5 = tern.broadcast "k->tk" %4 : tensor<64xf32> to tensor<5x64xf32>
  %6 = tern.mul %3, %5 : tensor<5x64xf32>, tensor<5x64xf32>
  %7 = tern.weight "w" : tensor<16x64xf32>
  %8 = tern.contract "tk,nk->tn" %6, %7 : tensor<5x64xf32>, tensor<16x64xf32>
  return %8 : tensor<5x16xf32>
}

// Centring is linear, so the weight before the norm is centred at load.
func.func @layer_mean(%x: tensor<5x32xf32>) -> tensor<5x64xf32> attributes {tern.seek = @layer_mean_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.contract "tm,mk->tk" %x, %0 : tensor<5x32xf32>, tensor<32x64xf32>
  %2 = tern.layer_norm "tk/k" %1 epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  return %2 : tensor<5x64xf32>
}
func.func @layer_mean_form(%x: tensor<5x32xf32>) -> tensor<5x64xf32> {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.mean "mk->m" %0 : tensor<32x64xf32>
  %2 = tern.broadcast "m->mk" %1 : tensor<32xf32> to tensor<32x64xf32>
  %3 = tern.sub %0, %2 : tensor<32x64xf32>, tensor<32x64xf32>
  %4 = tern.contract "tm,mk->tk" %x, %3 : tensor<5x32xf32>, tensor<32x64xf32>
  %5 = tern.rms_norm "tk/k" %4 epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  return %5 : tensor<5x64xf32>
}
func.func @layer_mean_not_mean(%x: tensor<5x32xf32>) -> tensor<5x64xf32> attributes {tern.seek = @layer_mean_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.contract "tm,mk->tk" %x, %0 : tensor<5x32xf32>, tensor<32x64xf32>
  %2 = tern.rms_norm "tk/k" %1 epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  return %2 : tensor<5x64xf32>
}
func.func @layer_mean_not_axis(%x: tensor<5x32xf32>) -> tensor<5x64xf32> attributes {tern.seek = @layer_mean_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.mean "mk->k" %0 : tensor<32x64xf32>
  %2 = tern.broadcast "k->mk" %1 : tensor<64xf32> to tensor<32x64xf32>
  %3 = tern.sub %0, %2 : tensor<32x64xf32>, tensor<32x64xf32>
  %4 = tern.contract "tm,mk->tk" %x, %3 : tensor<5x32xf32>, tensor<32x64xf32>
  %5 = tern.rms_norm "tk/k" %4 epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  return %5 : tensor<5x64xf32>
}

// The row factor of a norm can follow the product.
func.func @rms_delayed(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @rms_delayed_form} {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<5x64xf32>
  %1 = tern.weight "w" : tensor<16x64xf32>
  %2 = tern.contract "tk,nk->tn" %0, %1 : tensor<5x64xf32>, tensor<16x64xf32>
  return %2 : tensor<5x16xf32>
}
func.func @rms_delayed_form(%x: tensor<5x64xf32>) -> tensor<5x16xf32> {
  %0 = tern.weight "w" : tensor<16x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<16x64xf32>
  %2 = tern.square %x : tensor<5x64xf32>
  %3 = tern.mean "tk->t" %2 : tensor<5x64xf32>
  %4 = tern.constant dense<7.6293945312500000e-06> : tensor<f32>
  %5 = tern.add %3, %4 : tensor<5xf32>, tensor<f32>
  %6 = tern.rsqrt %5 : tensor<5xf32>
  %7 = tern.broadcast "t->tn" %6 : tensor<5xf32> to tensor<5x16xf32>
  %8 = tern.mul %1, %7 : tensor<5x16xf32>, tensor<5x16xf32>
  return %8 : tensor<5x16xf32>
}
func.func @rms_delayed_not_epsilon(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @rms_delayed_form} {
  %0 = tern.rms_norm "tk/k" %x epsilon 3.8146972656250000e-06 : tensor<5x64xf32>
  %1 = tern.weight "w" : tensor<16x64xf32>
  %2 = tern.contract "tk,nk->tn" %0, %1 : tensor<5x64xf32>, tensor<16x64xf32>
  return %2 : tensor<5x16xf32>
}

// Centring removes what is constant along the row.
func.func @layer_shift(%x: tensor<64x64xf32>, %c: tensor<64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @layer_shift_form} {
  %0 = tern.broadcast "t->tk" %c : tensor<64xf32> to tensor<64x64xf32>
  %1 = tern.add %x, %0 : tensor<64x64xf32>, tensor<64x64xf32>
  %2 = tern.layer_norm "tk/k" %1 epsilon 7.6293945312500000e-06 : tensor<64x64xf32>
  return %2 : tensor<64x64xf32>
}
func.func @layer_shift_form(%x: tensor<64x64xf32>, %c: tensor<64xf32>) -> tensor<64x64xf32> {
  %0 = tern.layer_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}
func.func @layer_shift_not_axis(%x: tensor<64x64xf32>, %c: tensor<64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @layer_shift_form} {
  %0 = tern.broadcast "k->tk" %c : tensor<64xf32> to tensor<64x64xf32>
  %1 = tern.add %x, %0 : tensor<64x64xf32>, tensor<64x64xf32>
  %2 = tern.layer_norm "tk/k" %1 epsilon 7.6293945312500000e-06 : tensor<64x64xf32>
  return %2 : tensor<64x64xf32>
}

// And an RMS norm does not.
func.func @rms_shift(%x: tensor<64x64xf32>, %c: tensor<64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @rms_shift_form} {
  %0 = tern.exp %c : tensor<64xf32>
  %1 = tern.broadcast "t->tk" %0 : tensor<64xf32> to tensor<64x64xf32>
  %2 = tern.mul %x, %1 : tensor<64x64xf32>, tensor<64x64xf32>
  %3 = tern.rms_norm "tk/k" %2 epsilon 0.0 : tensor<64x64xf32>
  return %3 : tensor<64x64xf32>
}
func.func @rms_shift_form(%x: tensor<64x64xf32>, %c: tensor<64xf32>) -> tensor<64x64xf32> {
  %0 = tern.rms_norm "tk/k" %x epsilon 0.0 : tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}
func.func @rms_shift_not_shift(%x: tensor<64x64xf32>, %c: tensor<64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @rms_shift_form} {
  %0 = tern.broadcast "t->tk" %c : tensor<64xf32> to tensor<64x64xf32>
  %1 = tern.add %x, %0 : tensor<64x64xf32>, tensor<64x64xf32>
  %2 = tern.rms_norm "tk/k" %1 epsilon 0.0 : tensor<64x64xf32>
  return %2 : tensor<64x64xf32>
}
func.func @rms_shift_not_sign(%x: tensor<64x64xf32>, %c: tensor<64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @rms_shift_form} {
  %0 = tern.broadcast "t->tk" %c : tensor<64xf32> to tensor<64x64xf32>
  %1 = tern.mul %x, %0 : tensor<64x64xf32>, tensor<64x64xf32>
  %2 = tern.rms_norm "tk/k" %1 epsilon 0.0 : tensor<64x64xf32>
  return %2 : tensor<64x64xf32>
}
func.func @rms_shift_not_epsilon(%x: tensor<64x64xf32>, %c: tensor<64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @rms_shift_form} {
  %0 = tern.exp %c : tensor<64xf32>
  %1 = tern.broadcast "t->tk" %0 : tensor<64xf32> to tensor<64x64xf32>
  %2 = tern.mul %x, %1 : tensor<64x64xf32>, tensor<64x64xf32>
  %3 = tern.rms_norm "tk/k" %2 epsilon 1.5258789062500000e-05 : tensor<64x64xf32>
  return %3 : tensor<64x64xf32>
}

// Centring twice.
func.func @layer_centred(%x: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @layer_centred_form} {
  %0 = tern.mean "tk->t" %x : tensor<64x64xf32>
  %1 = tern.broadcast "t->tk" %0 : tensor<64xf32> to tensor<64x64xf32>
  %2 = tern.sub %x, %1 : tensor<64x64xf32>, tensor<64x64xf32>
  %3 = tern.layer_norm "tk/k" %2 epsilon 7.6293945312500000e-06 : tensor<64x64xf32>
  return %3 : tensor<64x64xf32>
}
func.func @layer_centred_form(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %0 = tern.layer_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}
func.func @layer_centred_not_axis(%x: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {tern.seek = @layer_centred_form} {
  %0 = tern.mean "tk->k" %x : tensor<64x64xf32>
  %1 = tern.broadcast "k->tk" %0 : tensor<64xf32> to tensor<64x64xf32>
  %2 = tern.sub %x, %1 : tensor<64x64xf32>, tensor<64x64xf32>
  %3 = tern.layer_norm "tk/k" %2 epsilon 7.6293945312500000e-06 : tensor<64x64xf32>
  return %3 : tensor<64x64xf32>
}

// By a power, or by the product of the row with itself.
func.func @rms_power(%x: tensor<5x16xf32>, %y: tensor<5x16xf32>) -> tensor<5x16xf32> attributes {tern.seek = @rms_power_form} {
  %0 = tern.square %x : tensor<5x16xf32>
  %1 = tern.mean "tk->t" %0 : tensor<5x16xf32>
  %2 = tern.constant dense<7.6293945312500000e-06> : tensor<f32>
  %3 = tern.add %1, %2 : tensor<5xf32>, tensor<f32>
  %4 = tern.constant dense<-0.5> : tensor<f32>
  %5 = tern.pow %3, %4 : tensor<5xf32>, tensor<f32>
  %6 = tern.broadcast "t->tk" %5 : tensor<5xf32> to tensor<5x16xf32>
  %7 = tern.mul %x, %6 : tensor<5x16xf32>, tensor<5x16xf32>
  return %7 : tensor<5x16xf32>
}
func.func @rms_power_squares(%x: tensor<5x16xf32>, %y: tensor<5x16xf32>) -> tensor<5x16xf32> attributes {tern.seek = @rms_power_form} {
  %0 = tern.contract "tk,tk->t" %x, %x : tensor<5x16xf32>, tensor<5x16xf32>
  %1 = tern.constant dense<16.0> : tensor<f32>
  %2 = tern.div %0, %1 : tensor<5xf32>, tensor<f32>
  %3 = tern.constant dense<7.6293945312500000e-06> : tensor<f32>
  %4 = tern.add %2, %3 : tensor<5xf32>, tensor<f32>
  %5 = tern.rsqrt %4 : tensor<5xf32>
  %6 = tern.broadcast "t->tk" %5 : tensor<5xf32> to tensor<5x16xf32>
  %7 = tern.mul %x, %6 : tensor<5x16xf32>, tensor<5x16xf32>
  return %7 : tensor<5x16xf32>
}
func.func @rms_power_form(%x: tensor<5x16xf32>, %y: tensor<5x16xf32>) -> tensor<5x16xf32> {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<5x16xf32>
  return %0 : tensor<5x16xf32>
}
func.func @rms_power_not_root(%x: tensor<5x16xf32>, %y: tensor<5x16xf32>) -> tensor<5x16xf32> attributes {tern.seek = @rms_power_form} {
  %0 = tern.square %x : tensor<5x16xf32>
  %1 = tern.mean "tk->t" %0 : tensor<5x16xf32>
  %2 = tern.constant dense<7.6293945312500000e-06> : tensor<f32>
  %3 = tern.add %1, %2 : tensor<5xf32>, tensor<f32>
  %4 = tern.constant dense<-0.25> : tensor<f32>
  %5 = tern.pow %3, %4 : tensor<5xf32>, tensor<f32>
  %6 = tern.broadcast "t->tk" %5 : tensor<5xf32> to tensor<5x16xf32>
  %7 = tern.mul %x, %6 : tensor<5x16xf32>, tensor<5x16xf32>
  return %7 : tensor<5x16xf32>
}
func.func @rms_power_not_other(%x: tensor<5x16xf32>, %y: tensor<5x16xf32>) -> tensor<5x16xf32> attributes {tern.seek = @rms_power_form} {
  %0 = tern.contract "tk,tk->t" %x, %y : tensor<5x16xf32>, tensor<5x16xf32>
  %1 = tern.constant dense<16.0> : tensor<f32>
  %2 = tern.div %0, %1 : tensor<5xf32>, tensor<f32>
  %3 = tern.constant dense<7.6293945312500000e-06> : tensor<f32>
  %4 = tern.add %2, %3 : tensor<5xf32>, tensor<f32>
  %5 = tern.rsqrt %4 : tensor<5xf32>
  %6 = tern.broadcast "t->tk" %5 : tensor<5xf32> to tensor<5x16xf32>
  %7 = tern.mul %x, %6 : tensor<5x16xf32>, tensor<5x16xf32>
  return %7 : tensor<5x16xf32>
}
func.func @rms_power_not_count(%x: tensor<5x16xf32>, %y: tensor<5x16xf32>) -> tensor<5x16xf32> attributes {tern.seek = @rms_power_form} {
  %0 = tern.contract "tk,tk->t" %x, %x : tensor<5x16xf32>, tensor<5x16xf32>
  %1 = tern.constant dense<8.0> : tensor<f32>
  %2 = tern.div %0, %1 : tensor<5xf32>, tensor<f32>
  %3 = tern.constant dense<7.6293945312500000e-06> : tensor<f32>
  %4 = tern.add %2, %3 : tensor<5xf32>, tensor<f32>
  %5 = tern.rsqrt %4 : tensor<5xf32>
  %6 = tern.broadcast "t->tk" %5 : tensor<5xf32> to tensor<5x16xf32>
  %7 = tern.mul %x, %6 : tensor<5x16xf32>, tensor<5x16xf32>
  return %7 : tensor<5x16xf32>
}
