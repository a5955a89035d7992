// Attention with a mask that is at hand.

// A mask at hand, any number but 0 where a key is seen; before the scale, too.
func.func @seen_after(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @seen_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.constant dense<0xFF800000> : tensor<f32>
  %4 = tern.where %m, %2, %3 : tensor<4x5x7xf32>, tensor<4x5x7xf32>, tensor<f32>
  %5 = tern.softmax "hts/s" %4 : tensor<4x5x7xf32>
  %6 = tern.contract "hts,shv->thv" %5, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %6 : tensor<5x4x8xf32>
}
func.func @seen_before(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @seen_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0xFF800000> : tensor<f32>
  %2 = tern.where %m, %0, %1 : tensor<4x5x7xf32>, tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.constant dense<0.25> : tensor<f32>
  %4 = tern.mul %2, %3 : tensor<4x5x7xf32>, tensor<f32>
  %5 = tern.softmax "hts/s" %4 : tensor<4x5x7xf32>
  %6 = tern.contract "hts,shv->thv" %5, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %6 : tensor<5x4x8xf32>
}
func.func @seen_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.constant dense<0.0> : tensor<f32>
  %1 = tern.constant dense<0xFF800000> : tensor<f32>
  %2 = tern.where %m, %0, %1 : tensor<4x5x7xf32>, tensor<f32>, tensor<f32>
  %3 = tern.attention %q, %k, %v mask %2 scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>, tensor<4x5x7xf32>
  return %3 : tensor<5x4x8xf32>
}
func.func @seen_not_hidden(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @seen_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.constant dense<0xFF800000> : tensor<f32>
  %4 = tern.where %m, %3, %2 : tensor<4x5x7xf32>, tensor<f32>, tensor<4x5x7xf32>
  %5 = tern.softmax "hts/s" %4 : tensor<4x5x7xf32>
  %6 = tern.contract "hts,shv->thv" %5, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %6 : tensor<5x4x8xf32>
}
func.func @seen_not_finite(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @seen_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.constant dense<-1.0e+09> : tensor<f32>
  %4 = tern.where %m, %2, %3 : tensor<4x5x7xf32>, tensor<4x5x7xf32>, tensor<f32>
  %5 = tern.softmax "hts/s" %4 : tensor<4x5x7xf32>
  %6 = tern.contract "hts,shv->thv" %5, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %6 : tensor<5x4x8xf32>
}

// One mask for all heads.
func.func @seen_shared(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @seen_shared_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.broadcast "ts->hts" %m : tensor<5x7xf32> to tensor<4x5x7xf32>
  %4 = tern.constant dense<0xFF800000> : tensor<f32>
  %5 = tern.where %3, %2, %4 : tensor<4x5x7xf32>, tensor<4x5x7xf32>, tensor<f32>
  %6 = tern.softmax "hts/s" %5 : tensor<4x5x7xf32>
  %7 = tern.contract "hts,shv->thv" %6, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %7 : tensor<5x4x8xf32>
}
func.func @seen_shared_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<5x7xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.constant dense<0.0> : tensor<f32>
  %1 = tern.constant dense<0xFF800000> : tensor<f32>
  %2 = tern.where %m, %0, %1 : tensor<5x7xf32>, tensor<f32>, tensor<f32>
  %3 = tern.attention %q, %k, %v mask %2 scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>, tensor<5x7xf32>
  return %3 : tensor<5x4x8xf32>
}
func.func @seen_shared_not_hidden(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @seen_shared_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.broadcast "ts->hts" %m : tensor<5x7xf32> to tensor<4x5x7xf32>
  %4 = tern.constant dense<0xFF800000> : tensor<f32>
  %5 = tern.where %3, %4, %2 : tensor<4x5x7xf32>, tensor<f32>, tensor<4x5x7xf32>
  %6 = tern.softmax "hts/s" %5 : tensor<4x5x7xf32>
  %7 = tern.contract "hts,shv->thv" %6, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %7 : tensor<5x4x8xf32>
}
func.func @seen_shared_not_scale(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @seen_shared_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.5> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.broadcast "ts->hts" %m : tensor<5x7xf32> to tensor<4x5x7xf32>
  %4 = tern.constant dense<0xFF800000> : tensor<f32>
  %5 = tern.where %3, %2, %4 : tensor<4x5x7xf32>, tensor<4x5x7xf32>, tensor<f32>
  %6 = tern.softmax "hts/s" %5 : tensor<4x5x7xf32>
  %7 = tern.contract "hts,shv->thv" %6, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %7 : tensor<5x4x8xf32>
}

// Or it says what is hidden.
func.func @filled(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @filled_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.broadcast "ts->hts" %m : tensor<5x7xf32> to tensor<4x5x7xf32>
  %4 = tern.constant dense<0xFF800000> : tensor<f32>
  %5 = tern.where %3, %4, %2 : tensor<4x5x7xf32>, tensor<f32>, tensor<4x5x7xf32>
  %6 = tern.softmax "hts/s" %5 : tensor<4x5x7xf32>
  %7 = tern.contract "hts,shv->thv" %6, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %7 : tensor<5x4x8xf32>
}
func.func @filled_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<5x7xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.constant dense<0.0> : tensor<f32>
  %1 = tern.constant dense<0xFF800000> : tensor<f32>
  %2 = tern.where %m, %1, %0 : tensor<5x7xf32>, tensor<f32>, tensor<f32>
  %3 = tern.attention %q, %k, %v mask %2 scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>, tensor<5x7xf32>
  return %3 : tensor<5x4x8xf32>
}
func.func @filled_not_seen(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @filled_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.broadcast "ts->hts" %m : tensor<5x7xf32> to tensor<4x5x7xf32>
  %4 = tern.constant dense<0xFF800000> : tensor<f32>
  %5 = tern.where %3, %2, %4 : tensor<4x5x7xf32>, tensor<4x5x7xf32>, tensor<f32>
  %6 = tern.softmax "hts/s" %5 : tensor<4x5x7xf32>
  %7 = tern.contract "hts,shv->thv" %6, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %7 : tensor<5x4x8xf32>
}
func.func @filled_not_finite(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @filled_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.broadcast "ts->hts" %m : tensor<5x7xf32> to tensor<4x5x7xf32>
  %4 = tern.constant dense<-1.0e+09> : tensor<f32>
  %5 = tern.where %3, %4, %2 : tensor<4x5x7xf32>, tensor<f32>, tensor<4x5x7xf32>
  %6 = tern.softmax "hts/s" %5 : tensor<4x5x7xf32>
  %7 = tern.contract "hts,shv->thv" %6, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %7 : tensor<5x4x8xf32>
}

// And without a scale.
func.func @filled_unscaled(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @filled_unscaled_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0xFF800000> : tensor<f32>
  %2 = tern.where %m, %1, %0 : tensor<4x5x7xf32>, tensor<f32>, tensor<4x5x7xf32>
  %3 = tern.softmax "hts/s" %2 : tensor<4x5x7xf32>
  %4 = tern.contract "hts,shv->thv" %3, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %4 : tensor<5x4x8xf32>
}
func.func @filled_unscaled_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.constant dense<0.0> : tensor<f32>
  %1 = tern.constant dense<0xFF800000> : tensor<f32>
  %2 = tern.where %m, %1, %0 : tensor<4x5x7xf32>, tensor<f32>, tensor<f32>
  %3 = tern.attention %q, %k, %v mask %2 scale 1.0 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>, tensor<4x5x7xf32>
  return %3 : tensor<5x4x8xf32>
}
func.func @filled_unscaled_not_seen(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @filled_unscaled_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0xFF800000> : tensor<f32>
  %2 = tern.where %m, %0, %1 : tensor<4x5x7xf32>, tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.softmax "hts/s" %2 : tensor<4x5x7xf32>
  %4 = tern.contract "hts,shv->thv" %3, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %4 : tensor<5x4x8xf32>
}
func.func @filled_unscaled_not_scaled(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @filled_unscaled_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.5> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.constant dense<0xFF800000> : tensor<f32>
  %4 = tern.where %m, %3, %2 : tensor<4x5x7xf32>, tensor<f32>, tensor<4x5x7xf32>
  %5 = tern.softmax "hts/s" %4 : tensor<4x5x7xf32>
  %6 = tern.contract "hts,shv->thv" %5, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %6 : tensor<5x4x8xf32>
}

// And with soft-capped scores.
func.func @filled_capped(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @filled_capped_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.constant dense<30.0> : tensor<f32>
  %4 = tern.div %2, %3 : tensor<4x5x7xf32>, tensor<f32>
  %5 = tern.tanh %4 : tensor<4x5x7xf32>
  %6 = tern.constant dense<30.0> : tensor<f32>
  %7 = tern.mul %5, %6 : tensor<4x5x7xf32>, tensor<f32>
  %8 = tern.constant dense<0xFF800000> : tensor<f32>
  %9 = tern.where %m, %8, %7 : tensor<4x5x7xf32>, tensor<f32>, tensor<4x5x7xf32>
  %10 = tern.softmax "hts/s" %9 : tensor<4x5x7xf32>
  %11 = tern.contract "hts,shv->thv" %10, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %11 : tensor<5x4x8xf32>
}
func.func @filled_capped_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.constant dense<0.0> : tensor<f32>
  %1 = tern.constant dense<0xFF800000> : tensor<f32>
  %2 = tern.where %m, %1, %0 : tensor<4x5x7xf32>, tensor<f32>, tensor<f32>
  %3 = tern.attention %q, %k, %v mask %2 scale 0.25 soft_cap 30.0 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>, tensor<4x5x7xf32>
  return %3 : tensor<5x4x8xf32>
}
func.func @filled_capped_not_seen(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @filled_capped_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.constant dense<30.0> : tensor<f32>
  %4 = tern.div %2, %3 : tensor<4x5x7xf32>, tensor<f32>
  %5 = tern.tanh %4 : tensor<4x5x7xf32>
  %6 = tern.constant dense<30.0> : tensor<f32>
  %7 = tern.mul %5, %6 : tensor<4x5x7xf32>, tensor<f32>
  %8 = tern.constant dense<0xFF800000> : tensor<f32>
  %9 = tern.where %m, %7, %8 : tensor<4x5x7xf32>, tensor<4x5x7xf32>, tensor<f32>
  %10 = tern.softmax "hts/s" %9 : tensor<4x5x7xf32>
  %11 = tern.contract "hts,shv->thv" %10, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %11 : tensor<5x4x8xf32>
}
func.func @filled_capped_not_uncapped(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @filled_capped_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.constant dense<0xFF800000> : tensor<f32>
  %4 = tern.where %m, %3, %2 : tensor<4x5x7xf32>, tensor<f32>, tensor<4x5x7xf32>
  %5 = tern.softmax "hts/s" %4 : tensor<4x5x7xf32>
  %6 = tern.contract "hts,shv->thv" %5, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %6 : tensor<5x4x8xf32>
}

// Keys that only fill a sequence up are seen by no query.
func.func @padding(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @padding_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.broadcast "s->hts" %m : tensor<7xf32> to tensor<4x5x7xf32>
  %4 = tern.constant dense<0xFF800000> : tensor<f32>
  %5 = tern.where %3, %2, %4 : tensor<4x5x7xf32>, tensor<4x5x7xf32>, tensor<f32>
  %6 = tern.softmax "hts/s" %5 : tensor<4x5x7xf32>
  %7 = tern.contract "hts,shv->thv" %6, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %7 : tensor<5x4x8xf32>
}
func.func @padding_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<7xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.broadcast "s->ts" %m : tensor<7xf32> to tensor<5x7xf32>
  %1 = tern.constant dense<0.0> : tensor<f32>
  %2 = tern.constant dense<0xFF800000> : tensor<f32>
  %3 = tern.where %0, %1, %2 : tensor<5x7xf32>, tensor<f32>, tensor<f32>
  %4 = tern.attention %q, %k, %v mask %3 scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>, tensor<5x7xf32>
  return %4 : tensor<5x4x8xf32>
}
func.func @padding_not_hidden(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @padding_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.broadcast "s->hts" %m : tensor<7xf32> to tensor<4x5x7xf32>
  %4 = tern.constant dense<0xFF800000> : tensor<f32>
  %5 = tern.where %3, %4, %2 : tensor<4x5x7xf32>, tensor<f32>, tensor<4x5x7xf32>
  %6 = tern.softmax "hts/s" %5 : tensor<4x5x7xf32>
  %7 = tern.contract "hts,shv->thv" %6, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %7 : tensor<5x4x8xf32>
}
func.func @padding_not_scale(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @padding_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.5> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.broadcast "s->hts" %m : tensor<7xf32> to tensor<4x5x7xf32>
  %4 = tern.constant dense<0xFF800000> : tensor<f32>
  %5 = tern.where %3, %2, %4 : tensor<4x5x7xf32>, tensor<4x5x7xf32>, tensor<f32>
  %6 = tern.softmax "hts/s" %5 : tensor<4x5x7xf32>
  %7 = tern.contract "hts,shv->thv" %6, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %7 : tensor<5x4x8xf32>
}
