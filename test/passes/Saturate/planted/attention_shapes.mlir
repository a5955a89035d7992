// Attention in the shapes that importers and users write.

// A bias is added to soft-capped scores.
func.func @capped_bias(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @capped_bias_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.constant dense<30.0> : tensor<f32>
  %4 = tern.div %2, %3 : tensor<4x5x7xf32>, tensor<f32>
  %5 = tern.tanh %4 : tensor<4x5x7xf32>
  %6 = tern.constant dense<30.0> : tensor<f32>
  %7 = tern.mul %5, %6 : tensor<4x5x7xf32>, tensor<f32>
  %8 = tern.add %7, %b : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %9 = tern.softmax "hts/s" %8 : tensor<4x5x7xf32>
  %10 = tern.contract "hts,shv->thv" %9, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %10 : tensor<5x4x8xf32>
}
func.func @capped_bias_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v mask %b scale 0.25 soft_cap 30.0 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>, tensor<4x5x7xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @capped_bias_not_inside(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @capped_bias_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.add %2, %b : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %4 = tern.constant dense<30.0> : tensor<f32>
  %5 = tern.div %3, %4 : tensor<4x5x7xf32>, tensor<f32>
  %6 = tern.tanh %5 : tensor<4x5x7xf32>
  %7 = tern.constant dense<30.0> : tensor<f32>
  %8 = tern.mul %6, %7 : tensor<4x5x7xf32>, tensor<f32>
  %9 = tern.softmax "hts/s" %8 : tensor<4x5x7xf32>
  %10 = tern.contract "hts,shv->thv" %9, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %10 : tensor<5x4x8xf32>
}
func.func @capped_bias_not_cap(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @capped_bias_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.constant dense<20.0> : tensor<f32>
  %4 = tern.div %2, %3 : tensor<4x5x7xf32>, tensor<f32>
  %5 = tern.tanh %4 : tensor<4x5x7xf32>
  %6 = tern.constant dense<20.0> : tensor<f32>
  %7 = tern.mul %5, %6 : tensor<4x5x7xf32>, tensor<f32>
  %8 = tern.add %7, %b : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %9 = tern.softmax "hts/s" %8 : tensor<4x5x7xf32>
  %10 = tern.contract "hts,shv->thv" %9, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %10 : tensor<5x4x8xf32>
}
func.func @capped_bias_not_uncapped(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @capped_bias_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.add %2, %b : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %4 = tern.softmax "hts/s" %3 : tensor<4x5x7xf32>
  %5 = tern.contract "hts,shv->thv" %4, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %5 : tensor<5x4x8xf32>
}

// A mask of soft-capped scores, by choice or by addition.
func.func @capped_causal_where(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @capped_causal_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.broadcast "ts->hts" %2 : tensor<8x8xf32> to tensor<4x8x8xf32>
  %4 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %5 = tern.constant dense<0.25> : tensor<f32>
  %6 = tern.mul %4, %5 : tensor<4x8x8xf32>, tensor<f32>
  %7 = tern.constant dense<30.0> : tensor<f32>
  %8 = tern.div %6, %7 : tensor<4x8x8xf32>, tensor<f32>
  %9 = tern.tanh %8 : tensor<4x8x8xf32>
  %10 = tern.constant dense<30.0> : tensor<f32>
  %11 = tern.mul %9, %10 : tensor<4x8x8xf32>, tensor<f32>
  %12 = tern.constant dense<0xFF800000> : tensor<f32>
  %13 = tern.where %3, %11, %12 : tensor<4x8x8xf32>, tensor<4x8x8xf32>, tensor<f32>
  %14 = tern.softmax "hts/s" %13 : tensor<4x8x8xf32>
  %15 = tern.contract "hts,shv->thv" %14, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %15 : tensor<8x4x8xf32>
}
func.func @capped_causal_bias(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @capped_causal_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.broadcast "ts->hts" %2 : tensor<8x8xf32> to tensor<4x8x8xf32>
  %4 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %5 = tern.constant dense<0.25> : tensor<f32>
  %6 = tern.mul %4, %5 : tensor<4x8x8xf32>, tensor<f32>
  %7 = tern.constant dense<30.0> : tensor<f32>
  %8 = tern.div %6, %7 : tensor<4x8x8xf32>, tensor<f32>
  %9 = tern.tanh %8 : tensor<4x8x8xf32>
  %10 = tern.constant dense<30.0> : tensor<f32>
  %11 = tern.mul %9, %10 : tensor<4x8x8xf32>, tensor<f32>
  %12 = tern.constant dense<0.0> : tensor<f32>
  %13 = tern.constant dense<0xFF800000> : tensor<f32>
  %14 = tern.where %3, %12, %13 : tensor<4x8x8xf32>, tensor<f32>, tensor<f32>
  %15 = tern.add %11, %14 : tensor<4x8x8xf32>, tensor<4x8x8xf32>
  %16 = tern.softmax "hts/s" %15 : tensor<4x8x8xf32>
  %17 = tern.contract "hts,shv->thv" %16, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %17 : tensor<8x4x8xf32>
}
func.func @capped_causal_form(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.constant dense<0.0> : tensor<f32>
  %4 = tern.constant dense<0xFF800000> : tensor<f32>
  %5 = tern.where %2, %3, %4 : tensor<8x8xf32>, tensor<f32>, tensor<f32>
  %6 = tern.attention %q, %k, %v mask %5 scale 0.25 soft_cap 30.0 : tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x8xf32>, tensor<8x8xf32>
  return %6 : tensor<8x4x8xf32>
}
func.func @capped_causal_not_anticausal(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @capped_causal_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %1, %0 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.broadcast "ts->hts" %2 : tensor<8x8xf32> to tensor<4x8x8xf32>
  %4 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %5 = tern.constant dense<0.25> : tensor<f32>
  %6 = tern.mul %4, %5 : tensor<4x8x8xf32>, tensor<f32>
  %7 = tern.constant dense<30.0> : tensor<f32>
  %8 = tern.div %6, %7 : tensor<4x8x8xf32>, tensor<f32>
  %9 = tern.tanh %8 : tensor<4x8x8xf32>
  %10 = tern.constant dense<30.0> : tensor<f32>
  %11 = tern.mul %9, %10 : tensor<4x8x8xf32>, tensor<f32>
  %12 = tern.constant dense<0xFF800000> : tensor<f32>
  %13 = tern.where %3, %11, %12 : tensor<4x8x8xf32>, tensor<4x8x8xf32>, tensor<f32>
  %14 = tern.softmax "hts/s" %13 : tensor<4x8x8xf32>
  %15 = tern.contract "hts,shv->thv" %14, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %15 : tensor<8x4x8xf32>
}
func.func @capped_causal_not_inside(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @capped_causal_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.broadcast "ts->hts" %2 : tensor<8x8xf32> to tensor<4x8x8xf32>
  %4 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %5 = tern.constant dense<0.25> : tensor<f32>
  %6 = tern.mul %4, %5 : tensor<4x8x8xf32>, tensor<f32>
  %7 = tern.constant dense<0xFF800000> : tensor<f32>
  %8 = tern.where %3, %6, %7 : tensor<4x8x8xf32>, tensor<4x8x8xf32>, tensor<f32>
  %9 = tern.constant dense<30.0> : tensor<f32>
  %10 = tern.div %8, %9 : tensor<4x8x8xf32>, tensor<f32>
  %11 = tern.tanh %10 : tensor<4x8x8xf32>
  %12 = tern.constant dense<30.0> : tensor<f32>
  %13 = tern.mul %11, %12 : tensor<4x8x8xf32>, tensor<f32>
  %14 = tern.softmax "hts/s" %13 : tensor<4x8x8xf32>
  %15 = tern.contract "hts,shv->thv" %14, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %15 : tensor<8x4x8xf32>
}
func.func @capped_causal_not_all(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @capped_causal_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x8x8xf32>, tensor<f32>
  %3 = tern.constant dense<30.0> : tensor<f32>
  %4 = tern.div %2, %3 : tensor<4x8x8xf32>, tensor<f32>
  %5 = tern.tanh %4 : tensor<4x8x8xf32>
  %6 = tern.constant dense<30.0> : tensor<f32>
  %7 = tern.mul %5, %6 : tensor<4x8x8xf32>, tensor<f32>
  %8 = tern.softmax "hts/s" %7 : tensor<4x8x8xf32>
  %9 = tern.contract "hts,shv->thv" %8, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %9 : tensor<8x4x8xf32>
}

// The scale and the cap are one number.
func.func @capped_folded(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @capped_folded_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.0078125> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.tanh %2 : tensor<4x5x7xf32>
  %4 = tern.constant dense<32.0> : tensor<f32>
  %5 = tern.mul %3, %4 : tensor<4x5x7xf32>, tensor<f32>
  %6 = tern.softmax "hts/s" %5 : tensor<4x5x7xf32>
  %7 = tern.contract "hts,shv->thv" %6, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %7 : tensor<5x4x8xf32>
}
func.func @capped_folded_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v scale 0.25 soft_cap 32.0 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @capped_folded_not_factor(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @capped_folded_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.tanh %2 : tensor<4x5x7xf32>
  %4 = tern.constant dense<32.0> : tensor<f32>
  %5 = tern.mul %3, %4 : tensor<4x5x7xf32>, tensor<f32>
  %6 = tern.softmax "hts/s" %5 : tensor<4x5x7xf32>
  %7 = tern.contract "hts,shv->thv" %6, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %7 : tensor<5x4x8xf32>
}
func.func @capped_folded_not_sigmoid(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @capped_folded_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.0078125> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.sigmoid %2 : tensor<4x5x7xf32>
  %4 = tern.constant dense<32.0> : tensor<f32>
  %5 = tern.mul %3, %4 : tensor<4x5x7xf32>, tensor<f32>
  %6 = tern.softmax "hts/s" %5 : tensor<4x5x7xf32>
  %7 = tern.contract "hts,shv->thv" %6, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %7 : tensor<5x4x8xf32>
}

// The scale is computed from the width.
func.func @root_rsqrt(%q: tensor<5x4x80xf32>, %k: tensor<7x4x80xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @root_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x80xf32>, tensor<7x4x80xf32>
  %1 = tern.constant dense<80.0> : tensor<f32>
  %2 = tern.rsqrt %1 : tensor<f32>
  %3 = tern.mul %0, %2 : tensor<4x5x7xf32>, tensor<f32>
  %4 = tern.softmax "hts/s" %3 : tensor<4x5x7xf32>
  %5 = tern.contract "hts,shv->thv" %4, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %5 : tensor<5x4x8xf32>
}
func.func @root_power(%q: tensor<5x4x80xf32>, %k: tensor<7x4x80xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @root_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x80xf32>, tensor<7x4x80xf32>
  %1 = tern.constant dense<80.0> : tensor<f32>
  %2 = tern.constant dense<-0.5> : tensor<f32>
  %3 = tern.pow %1, %2 : tensor<f32>, tensor<f32>
  %4 = tern.mul %0, %3 : tensor<4x5x7xf32>, tensor<f32>
  %5 = tern.softmax "hts/s" %4 : tensor<4x5x7xf32>
  %6 = tern.contract "hts,shv->thv" %5, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %6 : tensor<5x4x8xf32>
}
func.func @root_one(%q: tensor<5x4x80xf32>, %k: tensor<7x4x80xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @root_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x80xf32>, tensor<7x4x80xf32>
  %1 = tern.constant dense<80.0> : tensor<f32>
  %2 = tern.constant dense<1.0> : tensor<f32>
  %3 = tern.sqrt %1 : tensor<f32>
  %4 = tern.div %2, %3 : tensor<f32>, tensor<f32>
  %5 = tern.mul %0, %4 : tensor<4x5x7xf32>, tensor<f32>
  %6 = tern.softmax "hts/s" %5 : tensor<4x5x7xf32>
  %7 = tern.contract "hts,shv->thv" %6, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %7 : tensor<5x4x8xf32>
}
func.func @root_div(%q: tensor<5x4x80xf32>, %k: tensor<7x4x80xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @root_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x80xf32>, tensor<7x4x80xf32>
  %1 = tern.constant dense<80.0> : tensor<f32>
  %2 = tern.sqrt %1 : tensor<f32>
  %3 = tern.div %0, %2 : tensor<4x5x7xf32>, tensor<f32>
  %4 = tern.softmax "hts/s" %3 : tensor<4x5x7xf32>
  %5 = tern.contract "hts,shv->thv" %4, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %5 : tensor<5x4x8xf32>
}
func.func @root_query(%q: tensor<5x4x80xf32>, %k: tensor<7x4x80xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @root_form} {
  %0 = tern.constant dense<80.0> : tensor<f32>
  %1 = tern.rsqrt %0 : tensor<f32>
  %2 = tern.mul %q, %1 : tensor<5x4x80xf32>, tensor<f32>
  %3 = tern.contract "thd,shd->hts" %2, %k : tensor<5x4x80xf32>, tensor<7x4x80xf32>
  %4 = tern.softmax "hts/s" %3 : tensor<4x5x7xf32>
  %5 = tern.contract "hts,shv->thv" %4, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %5 : tensor<5x4x8xf32>
}
func.func @root_form(%q: tensor<5x4x80xf32>, %k: tensor<7x4x80xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v scale 0.11180339887498948 : tensor<5x4x80xf32>, tensor<7x4x80xf32>, tensor<7x4x8xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @root_not_square(%q: tensor<5x4x80xf32>, %k: tensor<7x4x80xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @root_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x80xf32>, tensor<7x4x80xf32>
  %1 = tern.constant dense<80.0> : tensor<f32>
  %2 = tern.recip %1 : tensor<f32>
  %3 = tern.mul %0, %2 : tensor<4x5x7xf32>, tensor<f32>
  %4 = tern.softmax "hts/s" %3 : tensor<4x5x7xf32>
  %5 = tern.contract "hts,shv->thv" %4, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %5 : tensor<5x4x8xf32>
}
func.func @root_not_twice(%q: tensor<5x4x80xf32>, %k: tensor<7x4x80xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @root_form} {
  %0 = tern.constant dense<80.0> : tensor<f32>
  %1 = tern.rsqrt %0 : tensor<f32>
  %2 = tern.mul %q, %1 : tensor<5x4x80xf32>, tensor<f32>
  %3 = tern.contract "thd,shd->hts" %2, %k : tensor<5x4x80xf32>, tensor<7x4x80xf32>
  %4 = tern.constant dense<80.0> : tensor<f32>
  %5 = tern.rsqrt %4 : tensor<f32>
  %6 = tern.mul %3, %5 : tensor<4x5x7xf32>, tensor<f32>
  %7 = tern.softmax "hts/s" %6 : tensor<4x5x7xf32>
  %8 = tern.contract "hts,shv->thv" %7, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %8 : tensor<5x4x8xf32>
}

// A scale that is no power of two divides; a bias is added.
func.func @divided_bias(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @divided_bias_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<3.0> : tensor<f32>
  %2 = tern.div %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.add %2, %b : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %4 = tern.softmax "hts/s" %3 : tensor<4x5x7xf32>
  %5 = tern.contract "hts,shv->thv" %4, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %5 : tensor<5x4x8xf32>
}
func.func @divided_bias_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v mask %b scale 0.33333333333333331 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>, tensor<4x5x7xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @divided_bias_not_times(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @divided_bias_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<3.0> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.add %2, %b : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %4 = tern.softmax "hts/s" %3 : tensor<4x5x7xf32>
  %5 = tern.contract "hts,shv->thv" %4, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %5 : tensor<5x4x8xf32>
}

// No scale at all.
func.func @unscaled(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @unscaled_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.softmax "hts/s" %0 : tensor<4x5x7xf32>
  %2 = tern.contract "hts,shv->thv" %1, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %2 : tensor<5x4x8xf32>
}
func.func @unscaled_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v scale 1.0 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @unscaled_not_scaled(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @unscaled_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.softmax "hts/s" %2 : tensor<4x5x7xf32>
  %4 = tern.contract "hts,shv->thv" %3, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %4 : tensor<5x4x8xf32>
}

// A bias without a scale.
func.func @unscaled_bias(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @unscaled_bias_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.add %0, %b : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %2 = tern.softmax "hts/s" %1 : tensor<4x5x7xf32>
  %3 = tern.contract "hts,shv->thv" %2, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %3 : tensor<5x4x8xf32>
}
func.func @unscaled_bias_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v mask %b scale 1.0 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>, tensor<4x5x7xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @unscaled_bias_not_product(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @unscaled_bias_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.mul %0, %b : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %2 = tern.softmax "hts/s" %1 : tensor<4x5x7xf32>
  %3 = tern.contract "hts,shv->thv" %2, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %3 : tensor<5x4x8xf32>
}

// The bias is scaled, too.
func.func @bias_before(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @bias_before_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.add %0, %b : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %2 = tern.constant dense<0.25> : tensor<f32>
  %3 = tern.mul %1, %2 : tensor<4x5x7xf32>, tensor<f32>
  %4 = tern.softmax "hts/s" %3 : tensor<4x5x7xf32>
  %5 = tern.contract "hts,shv->thv" %4, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %5 : tensor<5x4x8xf32>
}
func.func @bias_before_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.constant dense<0.25> : tensor<f32>
  %1 = tern.mul %b, %0 : tensor<4x5x7xf32>, tensor<f32>
  %2 = tern.attention %q, %k, %v mask %1 scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>, tensor<4x5x7xf32>
  return %2 : tensor<5x4x8xf32>
}
func.func @bias_before_not_after(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @bias_before_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.add %2, %b : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %4 = tern.softmax "hts/s" %3 : tensor<4x5x7xf32>
  %5 = tern.contract "hts,shv->thv" %4, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %5 : tensor<5x4x8xf32>
}

// A causal mask: what is hidden instead of what is seen, the order of the comparison, before the scale.
func.func @hidden_negated(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @hidden_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.not %2 : tensor<8x8xf32>
  %4 = tern.broadcast "ts->hts" %3 : tensor<8x8xf32> to tensor<4x8x8xf32>
  %5 = tern.constant dense<0xFF800000> : tensor<f32>
  %6 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %7 = tern.constant dense<0.25> : tensor<f32>
  %8 = tern.mul %6, %7 : tensor<4x8x8xf32>, tensor<f32>
  %9 = tern.where %4, %5, %8 : tensor<4x8x8xf32>, tensor<f32>, tensor<4x8x8xf32>
  %10 = tern.softmax "hts/s" %9 : tensor<4x8x8xf32>
  %11 = tern.contract "hts,shv->thv" %10, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %11 : tensor<8x4x8xf32>
}
func.func @hidden_after(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @hidden_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.lt %1, %0 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.broadcast "ts->hts" %2 : tensor<8x8xf32> to tensor<4x8x8xf32>
  %4 = tern.constant dense<0xFF800000> : tensor<f32>
  %5 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %6 = tern.constant dense<0.25> : tensor<f32>
  %7 = tern.mul %5, %6 : tensor<4x8x8xf32>, tensor<f32>
  %8 = tern.where %3, %4, %7 : tensor<4x8x8xf32>, tensor<f32>, tensor<4x8x8xf32>
  %9 = tern.softmax "hts/s" %8 : tensor<4x8x8xf32>
  %10 = tern.contract "hts,shv->thv" %9, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %10 : tensor<8x4x8xf32>
}
func.func @hidden_at_least(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @hidden_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.lt %1, %0 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.not %2 : tensor<8x8xf32>
  %4 = tern.broadcast "ts->hts" %3 : tensor<8x8xf32> to tensor<4x8x8xf32>
  %5 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %6 = tern.constant dense<0.25> : tensor<f32>
  %7 = tern.mul %5, %6 : tensor<4x8x8xf32>, tensor<f32>
  %8 = tern.constant dense<0xFF800000> : tensor<f32>
  %9 = tern.where %4, %7, %8 : tensor<4x8x8xf32>, tensor<4x8x8xf32>, tensor<f32>
  %10 = tern.softmax "hts/s" %9 : tensor<4x8x8xf32>
  %11 = tern.contract "hts,shv->thv" %10, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %11 : tensor<8x4x8xf32>
}
func.func @hidden_before(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @hidden_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.broadcast "ts->hts" %2 : tensor<8x8xf32> to tensor<4x8x8xf32>
  %4 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %5 = tern.constant dense<0xFF800000> : tensor<f32>
  %6 = tern.where %3, %4, %5 : tensor<4x8x8xf32>, tensor<4x8x8xf32>, tensor<f32>
  %7 = tern.constant dense<0.25> : tensor<f32>
  %8 = tern.mul %6, %7 : tensor<4x8x8xf32>, tensor<f32>
  %9 = tern.softmax "hts/s" %8 : tensor<4x8x8xf32>
  %10 = tern.contract "hts,shv->thv" %9, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %10 : tensor<8x4x8xf32>
}
func.func @hidden_form(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.constant dense<0.0> : tensor<f32>
  %4 = tern.constant dense<0xFF800000> : tensor<f32>
  %5 = tern.where %2, %3, %4 : tensor<8x8xf32>, tensor<f32>, tensor<f32>
  %6 = tern.attention %q, %k, %v mask %5 scale 0.25 : tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x4x8xf32>, tensor<8x8xf32>
  return %6 : tensor<8x4x8xf32>
}
func.func @hidden_not_swapped(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @hidden_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.not %2 : tensor<8x8xf32>
  %4 = tern.broadcast "ts->hts" %3 : tensor<8x8xf32> to tensor<4x8x8xf32>
  %5 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %6 = tern.constant dense<0.25> : tensor<f32>
  %7 = tern.mul %5, %6 : tensor<4x8x8xf32>, tensor<f32>
  %8 = tern.constant dense<0xFF800000> : tensor<f32>
  %9 = tern.where %4, %7, %8 : tensor<4x8x8xf32>, tensor<4x8x8xf32>, tensor<f32>
  %10 = tern.softmax "hts/s" %9 : tensor<4x8x8xf32>
  %11 = tern.contract "hts,shv->thv" %10, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %11 : tensor<8x4x8xf32>
}
func.func @hidden_not_strict(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @hidden_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.lt %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.broadcast "ts->hts" %2 : tensor<8x8xf32> to tensor<4x8x8xf32>
  %4 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %5 = tern.constant dense<0.25> : tensor<f32>
  %6 = tern.mul %4, %5 : tensor<4x8x8xf32>, tensor<f32>
  %7 = tern.constant dense<0xFF800000> : tensor<f32>
  %8 = tern.where %3, %6, %7 : tensor<4x8x8xf32>, tensor<4x8x8xf32>, tensor<f32>
  %9 = tern.softmax "hts/s" %8 : tensor<4x8x8xf32>
  %10 = tern.contract "hts,shv->thv" %9, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %10 : tensor<8x4x8xf32>
}
func.func @hidden_not_negative(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @hidden_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.broadcast "ts->hts" %2 : tensor<8x8xf32> to tensor<4x8x8xf32>
  %4 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %5 = tern.constant dense<0xFF800000> : tensor<f32>
  %6 = tern.where %3, %4, %5 : tensor<4x8x8xf32>, tensor<4x8x8xf32>, tensor<f32>
  %7 = tern.constant dense<-0.25> : tensor<f32>
  %8 = tern.mul %6, %7 : tensor<4x8x8xf32>, tensor<f32>
  %9 = tern.softmax "hts/s" %8 : tensor<4x8x8xf32>
  %10 = tern.contract "hts,shv->thv" %9, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %10 : tensor<8x4x8xf32>
}

// A softmax by a product with the reciprocal of each sum.
func.func @reciprocal_naive(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @reciprocal_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.exp %2 : tensor<4x5x7xf32>
  %4 = tern.sum "hts->ht" %3 : tensor<4x5x7xf32>
  %5 = tern.recip %4 : tensor<4x5xf32>
  %6 = tern.broadcast "ht->hts" %5 : tensor<4x5xf32> to tensor<4x5x7xf32>
  %7 = tern.mul %3, %6 : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %8 = tern.contract "hts,shv->thv" %7, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %8 : tensor<5x4x8xf32>
}
func.func @reciprocal_stable(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @reciprocal_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.amax "hts->ht" %2 : tensor<4x5x7xf32>
  %4 = tern.broadcast "ht->hts" %3 : tensor<4x5xf32> to tensor<4x5x7xf32>
  %5 = tern.sub %2, %4 : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %6 = tern.exp %5 : tensor<4x5x7xf32>
  %7 = tern.sum "hts->ht" %6 : tensor<4x5x7xf32>
  %8 = tern.recip %7 : tensor<4x5xf32>
  %9 = tern.broadcast "ht->hts" %8 : tensor<4x5xf32> to tensor<4x5x7xf32>
  %10 = tern.mul %6, %9 : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %11 = tern.contract "hts,shv->thv" %10, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %11 : tensor<5x4x8xf32>
}
func.func @reciprocal_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @reciprocal_not_queries(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @reciprocal_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.exp %2 : tensor<4x5x7xf32>
  %4 = tern.sum "hts->hs" %3 : tensor<4x5x7xf32>
  %5 = tern.recip %4 : tensor<4x7xf32>
  %6 = tern.broadcast "hs->hts" %5 : tensor<4x7xf32> to tensor<4x5x7xf32>
  %7 = tern.mul %3, %6 : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %8 = tern.contract "hts,shv->thv" %7, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %8 : tensor<5x4x8xf32>
}
