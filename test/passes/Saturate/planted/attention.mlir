// Attention from its unfused form, and what passes it.

// Scores scaled after the product, before it, on both sides; divided by the root of the width.
func.func @scaled_after(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @scaled_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.softmax "hts/s" %2 : tensor<4x5x7xf32>
  %4 = tern.contract "hts,shv->thv" %3, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %4 : tensor<5x4x8xf32>
}
func.func @scaled_query(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @scaled_form} {
  %0 = tern.constant dense<0.25> : tensor<f32>
  %1 = tern.mul %q, %0 : tensor<5x4x16xf32>, tensor<f32>
  %2 = tern.contract "thd,shd->hts" %1, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %3 = tern.softmax "hts/s" %2 : tensor<4x5x7xf32>
  %4 = tern.contract "hts,shv->thv" %3, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %4 : tensor<5x4x8xf32>
}
func.func @scaled_key(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @scaled_form} {
  %0 = tern.constant dense<0.25> : tensor<f32>
  %1 = tern.mul %0, %k : tensor<f32>, tensor<7x4x16xf32>
  %2 = tern.contract "thd,shd->hts" %q, %1 : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %3 = tern.softmax "hts/s" %2 : tensor<4x5x7xf32>
  %4 = tern.contract "hts,shv->thv" %3, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %4 : tensor<5x4x8xf32>
}
func.func @scaled_both(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @scaled_form} {
  %0 = tern.constant dense<0.5> : tensor<f32>
  %1 = tern.mul %q, %0 : tensor<5x4x16xf32>, tensor<f32>
  %2 = tern.mul %k, %0 : tensor<7x4x16xf32>, tensor<f32>
  %3 = tern.contract "thd,shd->hts" %1, %2 : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %4 = tern.softmax "hts/s" %3 : tensor<4x5x7xf32>
  %5 = tern.contract "hts,shv->thv" %4, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %5 : tensor<5x4x8xf32>
}
func.func @scaled_root(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @scaled_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<4.0> : tensor<f32>
  %2 = tern.div %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.softmax "hts/s" %2 : tensor<4x5x7xf32>
  %4 = tern.contract "hts,shv->thv" %3, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %4 : tensor<5x4x8xf32>
}
func.func @scaled_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @scaled_not_scale(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @scaled_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.softmax "hts/s" %0 : tensor<4x5x7xf32>
  %2 = tern.contract "hts,shv->thv" %1, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %2 : tensor<5x4x8xf32>
}
func.func @scaled_not_twice(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @scaled_form} {
  %0 = tern.constant dense<0.25> : tensor<f32>
  %1 = tern.mul %q, %0 : tensor<5x4x16xf32>, tensor<f32>
  %2 = tern.contract "thd,shd->hts" %1, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %3 = tern.mul %2, %0 : tensor<4x5x7xf32>, tensor<f32>
  %4 = tern.softmax "hts/s" %3 : tensor<4x5x7xf32>
  %5 = tern.contract "hts,shv->thv" %4, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %5 : tensor<5x4x8xf32>
}
func.func @scaled_not_late(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @scaled_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.softmax "hts/s" %0 : tensor<4x5x7xf32>
  %2 = tern.constant dense<0.25> : tensor<f32>
  %3 = tern.mul %1, %2 : tensor<4x5x7xf32>, tensor<f32>
  %4 = tern.contract "hts,shv->thv" %3, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %4 : tensor<5x4x8xf32>
}

// The softmax is one over keys.
func.func @softmax_axis(%q: tensor<8x4x8xf32>, %k: tensor<8x4x8xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @softmax_axis_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x8xf32>, tensor<8x4x8xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x8x8xf32>, tensor<f32>
  %3 = tern.softmax "hts/s" %2 : tensor<4x8x8xf32>
  %4 = tern.contract "hts,shv->thv" %3, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %4 : tensor<8x4x8xf32>
}
func.func @softmax_axis_form(%q: tensor<8x4x8xf32>, %k: tensor<8x4x8xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> {
  %0 = tern.attention %q, %k, %v scale 0.25 : tensor<8x4x8xf32>, tensor<8x4x8xf32>, tensor<8x4x8xf32>
  return %0 : tensor<8x4x8xf32>
}
func.func @softmax_axis_not_queries(%q: tensor<8x4x8xf32>, %k: tensor<8x4x8xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @softmax_axis_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x8xf32>, tensor<8x4x8xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x8x8xf32>, tensor<f32>
  %3 = tern.softmax "hts/t" %2 : tensor<4x8x8xf32>
  %4 = tern.contract "hts,shv->thv" %3, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %4 : tensor<8x4x8xf32>
}
func.func @softmax_axis_not_heads(%q: tensor<8x4x8xf32>, %k: tensor<8x4x8xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @softmax_axis_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x8xf32>, tensor<8x4x8xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x8x8xf32>, tensor<f32>
  %3 = tern.softmax "hts/h" %2 : tensor<4x8x8xf32>
  %4 = tern.contract "hts,shv->thv" %3, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %4 : tensor<8x4x8xf32>
}
func.func @softmax_axis_not_turned(%q: tensor<8x4x8xf32>, %k: tensor<8x4x8xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @softmax_axis_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x8xf32>, tensor<8x4x8xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x8x8xf32>, tensor<f32>
  %3 = tern.softmax "hts/s" %2 : tensor<4x8x8xf32>
  %4 = tern.contract "hts,thv->shv" %3, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %4 : tensor<8x4x8xf32>
}

// With all transposes that eager code writes.
func.func @transposed(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @transposed_form} {
  %0 = tern.transpose "thd->htd" %q : tensor<5x4x16xf32>
  %1 = tern.transpose "shd->hds" %k : tensor<7x4x16xf32>
  %2 = tern.contract "htd,hds->hts" %0, %1 : tensor<4x5x16xf32>, tensor<4x16x7xf32>
  %3 = tern.constant dense<0.25> : tensor<f32>
  %4 = tern.mul %2, %3 : tensor<4x5x7xf32>, tensor<f32>
  %5 = tern.softmax "hts/s" %4 : tensor<4x5x7xf32>
  %6 = tern.transpose "shv->hsv" %v : tensor<7x4x8xf32>
  %7 = tern.contract "hts,hsv->htv" %5, %6 : tensor<4x5x7xf32>, tensor<4x7x8xf32>
  %8 = tern.transpose "htv->thv" %7 : tensor<4x5x8xf32>
  return %8 : tensor<5x4x8xf32>
}
func.func @transposed_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @transposed_not_rounded(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @transposed_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.cast %2 : tensor<4x5x7xf32> to tensor<4x5x7xbf16>
  %4 = tern.cast %3 : tensor<4x5x7xbf16> to tensor<4x5x7xf32>
  %5 = tern.softmax "hts/s" %4 : tensor<4x5x7xf32>
  %6 = tern.contract "hts,shv->thv" %5, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %6 : tensor<5x4x8xf32>
}

// Without an axis of heads.
func.func @one_head(%q: tensor<5x16xf32>, %k: tensor<7x16xf32>, %v: tensor<7x8xf32>) -> tensor<5x8xf32> attributes {tern.seek = @one_head_form} {
  %0 = tern.contract "td,sd->ts" %q, %k : tensor<5x16xf32>, tensor<7x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<5x7xf32>, tensor<f32>
  %3 = tern.softmax "ts/s" %2 : tensor<5x7xf32>
  %4 = tern.contract "ts,sv->tv" %3, %v : tensor<5x7xf32>, tensor<7x8xf32>
  return %4 : tensor<5x8xf32>
}
func.func @one_head_form(%q: tensor<5x16xf32>, %k: tensor<7x16xf32>, %v: tensor<7x8xf32>) -> tensor<5x8xf32> {
  %0 = tern.reshape %q : tensor<5x16xf32> to tensor<5x1x16xf32>
  %1 = tern.reshape %k : tensor<7x16xf32> to tensor<7x1x16xf32>
  %2 = tern.reshape %v : tensor<7x8xf32> to tensor<7x1x8xf32>
  %3 = tern.attention %0, %1, %2 scale 0.25 : tensor<5x1x16xf32>, tensor<7x1x16xf32>, tensor<7x1x8xf32>
  %4 = tern.reshape %3 : tensor<5x1x8xf32> to tensor<5x8xf32>
  return %4 : tensor<5x8xf32>
}
func.func @one_head_not_keys(%q: tensor<5x16xf32>, %k: tensor<7x16xf32>, %v: tensor<7x8xf32>) -> tensor<5x8xf32> attributes {tern.seek = @one_head_form} {
  %0 = tern.contract "td,sd->ts" %q, %k : tensor<5x16xf32>, tensor<7x16xf32>
  %1 = tern.constant dense<0.5> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<5x7xf32>, tensor<f32>
  %3 = tern.softmax "ts/s" %2 : tensor<5x7xf32>
  %4 = tern.contract "ts,sv->tv" %3, %v : tensor<5x7xf32>, tensor<7x8xf32>
  return %4 : tensor<5x8xf32>
}

// With an axis of sequences in front.
func.func @batch(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x7x16xf32>, %v: tensor<2x4x7x8xf32>) -> tensor<2x4x5x8xf32> attributes {tern.seek = @batch_form} {
  %0 = tern.contract "bhtd,bhsd->bhts" %q, %k : tensor<2x4x5x16xf32>, tensor<2x4x7x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<2x4x5x7xf32>, tensor<f32>
  %3 = tern.softmax "bhts/s" %2 : tensor<2x4x5x7xf32>
  %4 = tern.contract "bhts,bhsv->bhtv" %3, %v : tensor<2x4x5x7xf32>, tensor<2x4x7x8xf32>
  return %4 : tensor<2x4x5x8xf32>
}
func.func @batch_form(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x7x16xf32>, %v: tensor<2x4x7x8xf32>) -> tensor<2x4x5x8xf32> {
  %0 = tern.transpose "bhtd->tbhd" %q : tensor<2x4x5x16xf32>
  %1 = tern.reshape %0 : tensor<5x2x4x16xf32> to tensor<5x8x16xf32>
  %2 = tern.transpose "bhsd->sbhd" %k : tensor<2x4x7x16xf32>
  %3 = tern.reshape %2 : tensor<7x2x4x16xf32> to tensor<7x8x16xf32>
  %4 = tern.transpose "bhsv->sbhv" %v : tensor<2x4x7x8xf32>
  %5 = tern.reshape %4 : tensor<7x2x4x8xf32> to tensor<7x8x8xf32>
  %6 = tern.attention %1, %3, %5 scale 0.25 : tensor<5x8x16xf32>, tensor<7x8x16xf32>, tensor<7x8x8xf32>
  %7 = tern.reshape %6 : tensor<5x8x8xf32> to tensor<5x2x4x8xf32>
  %8 = tern.transpose "tbhv->bhtv" %7 : tensor<5x2x4x8xf32>
  return %8 : tensor<2x4x5x8xf32>
}
func.func @batch_not_across(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x7x16xf32>, %v: tensor<2x4x7x8xf32>) -> tensor<2x4x5x8xf32> attributes {tern.seek = @batch_form} {
  %0 = tern.contract "bhtd,bhsd->bhts" %q, %k : tensor<2x4x5x16xf32>, tensor<2x4x7x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<2x4x5x7xf32>, tensor<f32>
  %3 = tern.softmax "bhts/s" %2 : tensor<2x4x5x7xf32>
  %4 = tern.contract "bhts,chsv->bhtv" %3, %v : tensor<2x4x5x7xf32>, tensor<2x4x7x8xf32>
  return %4 : tensor<2x4x5x8xf32>
}

// With a softmax by maximum, exponential and sum.
func.func @primitive(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @primitive_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.amax "hts->ht" %2 : tensor<4x5x7xf32>
  %4 = tern.broadcast "ht->hts" %3 : tensor<4x5xf32> to tensor<4x5x7xf32>
  %5 = tern.sub %2, %4 : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %6 = tern.exp %5 : tensor<4x5x7xf32>
  %7 = tern.sum "hts->ht" %6 : tensor<4x5x7xf32>
  %8 = tern.broadcast "ht->hts" %7 : tensor<4x5xf32> to tensor<4x5x7xf32>
  %9 = tern.div %6, %8 : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %10 = tern.contract "hts,shv->thv" %9, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %10 : tensor<5x4x8xf32>
}
func.func @primitive_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @primitive_not_sum(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @primitive_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.amax "hts->ht" %2 : tensor<4x5x7xf32>
  %4 = tern.broadcast "ht->hts" %3 : tensor<4x5xf32> to tensor<4x5x7xf32>
  %5 = tern.sub %2, %4 : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %6 = tern.exp %5 : tensor<4x5x7xf32>
  %7 = tern.sum "hts->hs" %6 : tensor<4x5x7xf32>
  %8 = tern.broadcast "hs->hts" %7 : tensor<4x7xf32> to tensor<4x5x7xf32>
  %9 = tern.div %6, %8 : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %10 = tern.contract "hts,shv->thv" %9, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %10 : tensor<5x4x8xf32>
}

// With the division after the product.
func.func @delayed(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @delayed_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.exp %2 : tensor<4x5x7xf32>
  %4 = tern.contract "hts,shv->thv" %3, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  %5 = tern.sum "hts->ht" %3 : tensor<4x5x7xf32>
  %6 = tern.broadcast "ht->thv" %5 : tensor<4x5xf32> to tensor<5x4x8xf32>
  %7 = tern.div %4, %6 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  return %7 : tensor<5x4x8xf32>
}
func.func @delayed_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @delayed_not_scale(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @delayed_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.exp %2 : tensor<4x5x7xf32>
  %4 = tern.contract "hts,shv->thv" %3, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  %5 = tern.exp %0 : tensor<4x5x7xf32>
  %6 = tern.sum "hts->ht" %5 : tensor<4x5x7xf32>
  %7 = tern.broadcast "ht->thv" %6 : tensor<4x5xf32> to tensor<5x4x8xf32>
  %8 = tern.div %4, %7 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  return %8 : tensor<5x4x8xf32>
}

// Key heads that several query heads share, repeated for each.
func.func @grouped_repeat(%q: tensor<5x4x16xf32>, %k: tensor<7x2x16xf32>, %v: tensor<7x2x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @grouped_repeat_form} {
  %0 = tern.broadcast "sgd->sgmd" %k : tensor<7x2x16xf32> to tensor<7x2x2x16xf32>
  %1 = tern.reshape %0 : tensor<7x2x2x16xf32> to tensor<7x4x16xf32>
  %2 = tern.contract "thd,shd->hts" %q, %1 : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %3 = tern.constant dense<0.25> : tensor<f32>
  %4 = tern.mul %2, %3 : tensor<4x5x7xf32>, tensor<f32>
  %5 = tern.softmax "hts/s" %4 : tensor<4x5x7xf32>
  %6 = tern.broadcast "sgv->sgmv" %v : tensor<7x2x8xf32> to tensor<7x2x2x8xf32>
  %7 = tern.reshape %6 : tensor<7x2x2x8xf32> to tensor<7x4x8xf32>
  %8 = tern.contract "hts,shv->thv" %5, %7 : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %8 : tensor<5x4x8xf32>
}
func.func @grouped_repeat_form(%q: tensor<5x4x16xf32>, %k: tensor<7x2x16xf32>, %v: tensor<7x2x8xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v scale 0.25 : tensor<5x4x16xf32>, tensor<7x2x16xf32>, tensor<7x2x8xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @grouped_repeat_not_tiled(%q: tensor<5x4x16xf32>, %k: tensor<7x2x16xf32>, %v: tensor<7x2x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @grouped_repeat_form} {
  %0 = tern.broadcast "sgd->smgd" %k : tensor<7x2x16xf32> to tensor<7x2x2x16xf32>
  %1 = tern.reshape %0 : tensor<7x2x2x16xf32> to tensor<7x4x16xf32>
  %2 = tern.contract "thd,shd->hts" %q, %1 : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %3 = tern.constant dense<0.25> : tensor<f32>
  %4 = tern.mul %2, %3 : tensor<4x5x7xf32>, tensor<f32>
  %5 = tern.softmax "hts/s" %4 : tensor<4x5x7xf32>
  %6 = tern.broadcast "sgv->smgv" %v : tensor<7x2x8xf32> to tensor<7x2x2x8xf32>
  %7 = tern.reshape %6 : tensor<7x2x2x8xf32> to tensor<7x4x8xf32>
  %8 = tern.contract "hts,shv->thv" %5, %7 : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %8 : tensor<5x4x8xf32>
}
func.func @grouped_repeat_not_values(%q: tensor<5x4x16xf32>, %k: tensor<7x2x16xf32>, %v: tensor<7x2x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @grouped_repeat_form} {
  %0 = tern.broadcast "sgd->sgmd" %k : tensor<7x2x16xf32> to tensor<7x2x2x16xf32>
  %1 = tern.reshape %0 : tensor<7x2x2x16xf32> to tensor<7x4x16xf32>
  %2 = tern.contract "thd,shd->hts" %q, %1 : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %3 = tern.constant dense<0.25> : tensor<f32>
  %4 = tern.mul %2, %3 : tensor<4x5x7xf32>, tensor<f32>
  %5 = tern.softmax "hts/s" %4 : tensor<4x5x7xf32>
  %6 = tern.broadcast "sgv->smgv" %v : tensor<7x2x8xf32> to tensor<7x2x2x8xf32>
  %7 = tern.reshape %6 : tensor<7x2x2x8xf32> to tensor<7x4x8xf32>
  %8 = tern.contract "hts,shv->thv" %5, %7 : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %8 : tensor<5x4x8xf32>
}

// The same by an axis of their own.
func.func @grouped_axis(%q: tensor<5x2x2x16xf32>, %k: tensor<7x2x16xf32>, %v: tensor<7x2x8xf32>) -> tensor<5x2x2x8xf32> attributes {tern.seek = @grouped_axis_form} {
  %0 = tern.contract "tgmd,sgd->gmts" %q, %k : tensor<5x2x2x16xf32>, tensor<7x2x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<2x2x5x7xf32>, tensor<f32>
  %3 = tern.softmax "gmts/s" %2 : tensor<2x2x5x7xf32>
  %4 = tern.contract "gmts,sgv->tgmv" %3, %v : tensor<2x2x5x7xf32>, tensor<7x2x8xf32>
  return %4 : tensor<5x2x2x8xf32>
}
func.func @grouped_axis_form(%q: tensor<5x2x2x16xf32>, %k: tensor<7x2x16xf32>, %v: tensor<7x2x8xf32>) -> tensor<5x2x2x8xf32> {
  %0 = tern.reshape %q : tensor<5x2x2x16xf32> to tensor<5x4x16xf32>
  %1 = tern.attention %0, %k, %v scale 0.25 : tensor<5x4x16xf32>, tensor<7x2x16xf32>, tensor<7x2x8xf32>
  %2 = tern.reshape %1 : tensor<5x4x8xf32> to tensor<5x2x2x8xf32>
  return %2 : tensor<5x2x2x8xf32>
}
func.func @grouped_axis_not_other(%q: tensor<5x2x2x16xf32>, %k: tensor<7x2x16xf32>, %v: tensor<7x2x8xf32>) -> tensor<5x2x2x8xf32> attributes {tern.seek = @grouped_axis_form} {
  %0 = tern.contract "tgmd,sgd->gmts" %q, %k : tensor<5x2x2x16xf32>, tensor<7x2x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<2x2x5x7xf32>, tensor<f32>
  %3 = tern.softmax "gmts/s" %2 : tensor<2x2x5x7xf32>
  %4 = tern.contract "gmts,smv->tgmv" %3, %v : tensor<2x2x5x7xf32>, tensor<7x2x8xf32>
  return %4 : tensor<5x2x2x8xf32>
}

// All query heads share one key head.
func.func @one_key_head(%q: tensor<5x4x16xf32>, %k: tensor<7x16xf32>, %v: tensor<7x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @one_key_head_form} {
  %0 = tern.contract "thd,sd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.softmax "hts/s" %2 : tensor<4x5x7xf32>
  %4 = tern.contract "hts,sv->thv" %3, %v : tensor<4x5x7xf32>, tensor<7x8xf32>
  return %4 : tensor<5x4x8xf32>
}
func.func @one_key_head_form(%q: tensor<5x4x16xf32>, %k: tensor<7x16xf32>, %v: tensor<7x8xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.reshape %k : tensor<7x16xf32> to tensor<7x1x16xf32>
  %1 = tern.reshape %v : tensor<7x8xf32> to tensor<7x1x8xf32>
  %2 = tern.attention %q, %0, %1 scale 0.25 : tensor<5x4x16xf32>, tensor<7x1x16xf32>, tensor<7x1x8xf32>
  return %2 : tensor<5x4x8xf32>
}
func.func @one_key_head_not_scale(%q: tensor<5x4x16xf32>, %k: tensor<7x16xf32>, %v: tensor<7x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @one_key_head_form} {
  %0 = tern.contract "thd,sd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x16xf32>
  %1 = tern.softmax "hts/s" %0 : tensor<4x5x7xf32>
  %2 = tern.contract "hts,sv->thv" %1, %v : tensor<4x5x7xf32>, tensor<7x8xf32>
  return %2 : tensor<5x4x8xf32>
}

// Biases of positions, for each head or for all.
func.func @biased(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>, %c: tensor<5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @biased_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.add %2, %b : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %4 = tern.softmax "hts/s" %3 : tensor<4x5x7xf32>
  %5 = tern.contract "hts,shv->thv" %4, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %5 : tensor<5x4x8xf32>
}
func.func @biased_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>, %c: tensor<5x7xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v mask %b scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>, tensor<4x5x7xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @biased_not_late(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>, %c: tensor<5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @biased_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.softmax "hts/s" %2 : tensor<4x5x7xf32>
  %4 = tern.add %3, %b : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %5 = tern.contract "hts,shv->thv" %4, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %5 : tensor<5x4x8xf32>
}
func.func @biased_not_inside(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>, %c: tensor<5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @biased_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.add %0, %b : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %2 = tern.constant dense<0.25> : tensor<f32>
  %3 = tern.mul %1, %2 : tensor<4x5x7xf32>, tensor<f32>
  %4 = tern.softmax "hts/s" %3 : tensor<4x5x7xf32>
  %5 = tern.contract "hts,shv->thv" %4, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %5 : tensor<5x4x8xf32>
}

// One bias for all heads.
func.func @biased_shared(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %c: tensor<5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @biased_shared_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.broadcast "ts->hts" %c : tensor<5x7xf32> to tensor<4x5x7xf32>
  %4 = tern.add %2, %3 : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %5 = tern.softmax "hts/s" %4 : tensor<4x5x7xf32>
  %6 = tern.contract "hts,shv->thv" %5, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %6 : tensor<5x4x8xf32>
}
func.func @biased_shared_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %c: tensor<5x7xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v mask %c scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>, tensor<5x7xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @biased_shared_not_sign(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %c: tensor<5x7xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @biased_shared_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.broadcast "ts->hts" %c : tensor<5x7xf32> to tensor<4x5x7xf32>
  %4 = tern.sub %2, %3 : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %5 = tern.softmax "hts/s" %4 : tensor<4x5x7xf32>
  %6 = tern.contract "hts,shv->thv" %5, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %6 : tensor<5x4x8xf32>
}

// A causal mask, by choice or by addition.
func.func @causal_where(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @causal_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
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
func.func @causal_bias(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @causal_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x8x8xf32>, tensor<f32>
  %3 = tern.iota "s->ts" : tensor<8x8xf32>
  %4 = tern.iota "t->ts" : tensor<8x8xf32>
  %5 = tern.le %3, %4 : tensor<8x8xf32>, tensor<8x8xf32>
  %6 = tern.broadcast "ts->hts" %5 : tensor<8x8xf32> to tensor<4x8x8xf32>
  %7 = tern.constant dense<0.0> : tensor<f32>
  %8 = tern.constant dense<0xFF800000> : tensor<f32>
  %9 = tern.where %6, %7, %8 : tensor<4x8x8xf32>, tensor<f32>, tensor<f32>
  %10 = tern.add %2, %9 : tensor<4x8x8xf32>, tensor<4x8x8xf32>
  %11 = tern.softmax "hts/s" %10 : tensor<4x8x8xf32>
  %12 = tern.contract "hts,shv->thv" %11, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %12 : tensor<8x4x8xf32>
}
func.func @causal_shared(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @causal_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x8x8xf32>, tensor<f32>
  %3 = tern.iota "s->ts" : tensor<8x8xf32>
  %4 = tern.iota "t->ts" : tensor<8x8xf32>
  %5 = tern.le %3, %4 : tensor<8x8xf32>, tensor<8x8xf32>
  %6 = tern.constant dense<0.0> : tensor<f32>
  %7 = tern.constant dense<0xFF800000> : tensor<f32>
  %8 = tern.where %5, %6, %7 : tensor<8x8xf32>, tensor<f32>, tensor<f32>
  %9 = tern.broadcast "ts->hts" %8 : tensor<8x8xf32> to tensor<4x8x8xf32>
  %10 = tern.add %2, %9 : tensor<4x8x8xf32>, tensor<4x8x8xf32>
  %11 = tern.softmax "hts/s" %10 : tensor<4x8x8xf32>
  %12 = tern.contract "hts,shv->thv" %11, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %12 : tensor<8x4x8xf32>
}
func.func @causal_form(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x8x8xf32>, tensor<f32>
  %3 = tern.iota "s->ts" : tensor<8x8xf32>
  %4 = tern.iota "t->ts" : tensor<8x8xf32>
  %5 = tern.le %3, %4 : tensor<8x8xf32>, tensor<8x8xf32>
  %6 = tern.broadcast "ts->hts" %5 : tensor<8x8xf32> to tensor<4x8x8xf32>
  %7 = tern.masked_softmax "hts/s" %2 mask %6 : tensor<4x8x8xf32>, tensor<4x8x8xf32>
  %8 = tern.contract "hts,shv->thv" %7, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %8 : tensor<8x4x8xf32>
}
func.func @causal_not_strict(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @causal_form} {
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
func.func @causal_not_finite(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @causal_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.broadcast "ts->hts" %2 : tensor<8x8xf32> to tensor<4x8x8xf32>
  %4 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %5 = tern.constant dense<0.25> : tensor<f32>
  %6 = tern.mul %4, %5 : tensor<4x8x8xf32>, tensor<f32>
  %7 = tern.constant dense<-1.0000000000000000e+30> : tensor<f32>
  %8 = tern.where %3, %6, %7 : tensor<4x8x8xf32>, tensor<4x8x8xf32>, tensor<f32>
  %9 = tern.softmax "hts/s" %8 : tensor<4x8x8xf32>
  %10 = tern.contract "hts,shv->thv" %9, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %10 : tensor<8x4x8xf32>
}
func.func @causal_not_anticausal(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @causal_form} {
  %0 = tern.iota "t->ts" : tensor<8x8xf32>
  %1 = tern.iota "s->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
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
func.func @causal_not_after(%q: tensor<8x4x16xf32>, %k: tensor<8x4x16xf32>, %v: tensor<8x4x8xf32>) -> tensor<8x4x8xf32> attributes {tern.seek = @causal_form} {
  %0 = tern.iota "s->ts" : tensor<8x8xf32>
  %1 = tern.iota "t->ts" : tensor<8x8xf32>
  %2 = tern.le %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.broadcast "ts->hts" %2 : tensor<8x8xf32> to tensor<4x8x8xf32>
  %4 = tern.contract "thd,shd->hts" %q, %k : tensor<8x4x16xf32>, tensor<8x4x16xf32>
  %5 = tern.constant dense<0.25> : tensor<f32>
  %6 = tern.mul %4, %5 : tensor<4x8x8xf32>, tensor<f32>
  %7 = tern.softmax "hts/s" %6 : tensor<4x8x8xf32>
  %8 = tern.mul %3, %7 : tensor<4x8x8xf32>, tensor<4x8x8xf32>
  %9 = tern.contract "hts,shv->thv" %8, %v : tensor<4x8x8xf32>, tensor<8x4x8xf32>
  return %9 : tensor<8x4x8xf32>
}

// Soft-capped scores.
func.func @capped(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @capped_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.constant dense<30.0> : tensor<f32>
  %4 = tern.div %2, %3 : tensor<4x5x7xf32>, tensor<f32>
  %5 = tern.tanh %4 : tensor<4x5x7xf32>
  %6 = tern.mul %5, %3 : tensor<4x5x7xf32>, tensor<f32>
  %7 = tern.softmax "hts/s" %6 : tensor<4x5x7xf32>
  %8 = tern.contract "hts,shv->thv" %7, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %8 : tensor<5x4x8xf32>
}
func.func @capped_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v scale 0.25 soft_cap 30.0 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @capped_not_cap(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @capped_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.constant dense<30.0> : tensor<f32>
  %4 = tern.div %2, %3 : tensor<4x5x7xf32>, tensor<f32>
  %5 = tern.tanh %4 : tensor<4x5x7xf32>
  %6 = tern.constant dense<50.0> : tensor<f32>
  %7 = tern.mul %5, %6 : tensor<4x5x7xf32>, tensor<f32>
  %8 = tern.softmax "hts/s" %7 : tensor<4x5x7xf32>
  %9 = tern.contract "hts,shv->thv" %8, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %9 : tensor<5x4x8xf32>
}
func.func @capped_not_uncapped(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @capped_form} {
  %0 = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<4x5x7xf32>, tensor<f32>
  %3 = tern.softmax "hts/s" %2 : tensor<4x5x7xf32>
  %4 = tern.contract "hts,shv->thv" %3, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %4 : tensor<5x4x8xf32>
}
