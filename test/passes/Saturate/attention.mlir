// RUN: tern-opt %s --tern-saturate | FileCheck %s

// Attention from its unfused form.

// Scores scaled after the product.
// CHECK-LABEL: @scaled(
// CHECK-NEXT:    %[[A:.*]] = tern.attention %arg0, %arg1, %arg2 scale 2.500000e-01
// CHECK-NEXT:    return %[[A]]
func.func @scaled(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> {
  %c = tern.constant dense<0.25> : tensor<f32>
  %s = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %m = tern.mul %s, %c : tensor<4x5x7xf32>, tensor<f32>
  %p = tern.softmax "hts/s" %m : tensor<4x5x7xf32>
  %r = tern.contract "hts,shv->thv" %p, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %r : tensor<5x4x8xf32>
}

// With all transposes that eager code writes, divided by sqrt(D).
// CHECK-LABEL: @transposed(
// CHECK-NEXT:    %[[A:.*]] = tern.attention %arg0, %arg1, %arg2 scale 2.500000e-01
// CHECK-NEXT:    %[[R:.*]] = tern.reshape %[[A]]
// CHECK-NEXT:    return %[[R]]
func.func @transposed(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x32xf32> {
  %c = tern.constant dense<4.0> : tensor<f32>
  %q1 = tern.transpose "thd->htd" %q : tensor<5x4x16xf32>
  %k1 = tern.transpose "shd->hds" %k : tensor<7x4x16xf32>
  %v1 = tern.transpose "shv->hsv" %v : tensor<7x4x8xf32>
  %s = tern.contract "htd,hds->hts" %q1, %k1 : tensor<4x5x16xf32>, tensor<4x16x7xf32>
  %m = tern.div %s, %c : tensor<4x5x7xf32>, tensor<f32>
  %p = tern.softmax "hts/s" %m : tensor<4x5x7xf32>
  %r = tern.contract "hts,hsv->htv" %p, %v1 : tensor<4x5x7xf32>, tensor<4x7x8xf32>
  %r1 = tern.transpose "htv->thv" %r : tensor<4x5x8xf32>
  %r2 = tern.reshape %r1 : tensor<5x4x8xf32> to tensor<5x32xf32>
  return %r2 : tensor<5x32xf32>
}

// Queries scaled before the product, without an axis of heads.
// CHECK-LABEL: @one_head(
// CHECK-NEXT:    tern.reshape %arg0
// CHECK-NEXT:    tern.reshape %arg1
// CHECK-NEXT:    tern.reshape %arg2
// CHECK-NEXT:    %[[A:.*]] = tern.attention {{.*}} scale 2.500000e-01
// CHECK-NEXT:    %[[R:.*]] = tern.reshape %[[A]]
// CHECK-NEXT:    return %[[R]]
func.func @one_head(%q: tensor<5x16xf32>, %k: tensor<7x16xf32>, %v: tensor<7x8xf32>) -> tensor<5x8xf32> {
  %c = tern.constant dense<0.25> : tensor<f32>
  %q1 = tern.mul %q, %c : tensor<5x16xf32>, tensor<f32>
  %s = tern.contract "td,sd->ts" %q1, %k : tensor<5x16xf32>, tensor<7x16xf32>
  %p = tern.softmax "ts/s" %s : tensor<5x7xf32>
  %r = tern.contract "ts,sv->tv" %p, %v : tensor<5x7xf32>, tensor<7x8xf32>
  return %r : tensor<5x8xf32>
}

// Key heads that several query heads share, by an axis of their own.
// CHECK-LABEL: @grouped_bcast(
// CHECK-NEXT:    %[[Q:.*]] = tern.reshape %arg0 : tensor<5x2x2x16xf32> to tensor<5x4x16xf32>
// CHECK-NEXT:    tern.attention %[[Q]], %arg1, %arg2 scale 2.500000e-01
func.func @grouped_bcast(%q: tensor<5x2x2x16xf32>, %k: tensor<7x2x16xf32>, %v: tensor<7x2x8xf32>) -> tensor<5x2x2x8xf32> {
  %c = tern.constant dense<0.25> : tensor<f32>
  %s = tern.contract "tgmd,sgd->gmts" %q, %k : tensor<5x2x2x16xf32>, tensor<7x2x16xf32>
  %m = tern.mul %s, %c : tensor<2x2x5x7xf32>, tensor<f32>
  %p = tern.softmax "gmts/s" %m : tensor<2x2x5x7xf32>
  %r = tern.contract "gmts,sgv->tgmv" %p, %v : tensor<2x2x5x7xf32>, tensor<7x2x8xf32>
  return %r : tensor<5x2x2x8xf32>
}

// The same by repeated keys and values.
// CHECK-LABEL: @grouped_repeat(
// CHECK-NEXT:    %[[A:.*]] = tern.attention %arg0, %arg1, %arg2 scale 2.500000e-01
// CHECK-NEXT:    return %[[A]]
func.func @grouped_repeat(%q: tensor<5x4x16xf32>, %k: tensor<7x2x16xf32>, %v: tensor<7x2x8xf32>) -> tensor<5x4x8xf32> {
  %c = tern.constant dense<0.25> : tensor<f32>
  %k1 = tern.broadcast "sgd->sgmd" %k : tensor<7x2x16xf32> to tensor<7x2x2x16xf32>
  %v1 = tern.broadcast "sgd->sgmd" %v : tensor<7x2x8xf32> to tensor<7x2x2x8xf32>
  %k2 = tern.reshape %k1 : tensor<7x2x2x16xf32> to tensor<7x4x16xf32>
  %v2 = tern.reshape %v1 : tensor<7x2x2x8xf32> to tensor<7x4x8xf32>
  %s = tern.contract "thd,shd->hts" %q, %k2 : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %m = tern.mul %s, %c : tensor<4x5x7xf32>, tensor<f32>
  %p = tern.softmax "hts/s" %m : tensor<4x5x7xf32>
  %r = tern.contract "hts,shv->thv" %p, %v2 : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %r : tensor<5x4x8xf32>
}

// CHECK-LABEL: @biased(
// CHECK-NEXT:    tern.attention %arg0, %arg1, %arg2 mask %arg3 scale 2.500000e-01
func.func @biased(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> {
  %c = tern.constant dense<0.25> : tensor<f32>
  %s = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %m = tern.mul %s, %c : tensor<4x5x7xf32>, tensor<f32>
  %m1 = tern.add %m, %b : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %p = tern.softmax "hts/s" %m1 : tensor<4x5x7xf32>
  %r = tern.contract "hts,shv->thv" %p, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %r : tensor<5x4x8xf32>
}

// One bias for all heads.
// CHECK-LABEL: @biased_shared(
// CHECK-NEXT:    tern.attention %arg0, %arg1, %arg2 mask %arg3 scale 2.500000e-01
func.func @biased_shared(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<5x7xf32>) -> tensor<5x4x8xf32> {
  %c = tern.constant dense<0.25> : tensor<f32>
  %b1 = tern.broadcast "ts->hts" %b : tensor<5x7xf32> to tensor<4x5x7xf32>
  %s = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %m = tern.mul %s, %c : tensor<4x5x7xf32>, tensor<f32>
  %m1 = tern.add %m, %b1 : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %p = tern.softmax "hts/s" %m1 : tensor<4x5x7xf32>
  %r = tern.contract "hts,shv->thv" %p, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %r : tensor<5x4x8xf32>
}

// CHECK-LABEL: @capped(
// CHECK-NEXT:    tern.attention %arg0, %arg1, %arg2 scale 2.500000e-01 soft_cap 3.000000e+01
func.func @capped(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> {
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

// Softmax by maximum, exponential and sum.
// CHECK-LABEL: @primitive(
// CHECK-NEXT:    %[[A:.*]] = tern.attention %arg0, %arg1, %arg2 scale 2.500000e-01
// CHECK-NEXT:    return %[[A]]
func.func @primitive(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> {
  %c = tern.constant dense<0.25> : tensor<f32>
  %s = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %m = tern.mul %s, %c : tensor<4x5x7xf32>, tensor<f32>
  %x = tern.amax "hts->ht" %m : tensor<4x5x7xf32>
  %x1 = tern.broadcast "ht->hts" %x : tensor<4x5xf32> to tensor<4x5x7xf32>
  %d = tern.sub %m, %x1 : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %e = tern.exp %d : tensor<4x5x7xf32>
  %z = tern.sum "hts->ht" %e : tensor<4x5x7xf32>
  %z1 = tern.broadcast "ht->hts" %z : tensor<4x5xf32> to tensor<4x5x7xf32>
  %p = tern.div %e, %z1 : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %r = tern.contract "hts,shv->thv" %p, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %r : tensor<5x4x8xf32>
}

// A softmax over the queries is none over the keys, though there are as many.
// CHECK-LABEL: @wrong_axis(
// CHECK-NOT:     tern.attention
// CHECK:         return
func.func @wrong_axis(%q: tensor<5x4x16xf32>, %k: tensor<5x4x16xf32>, %v: tensor<5x4x8xf32>) -> tensor<5x4x8xf32> {
  %c = tern.constant dense<0.25> : tensor<f32>
  %s = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  %m = tern.mul %s, %c : tensor<4x5x5xf32>, tensor<f32>
  %p = tern.softmax "hts/t" %m : tensor<4x5x5xf32>
  %r = tern.contract "hts,shv->thv" %p, %v : tensor<4x5x5xf32>, tensor<5x4x8xf32>
  return %r : tensor<5x4x8xf32>
}

// Scores that somebody rounds are others.
// CHECK-LABEL: @rounded_scores(
// CHECK-NOT:     tern.attention
// CHECK:         return
func.func @rounded_scores(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> {
  %c = tern.constant dense<0.25> : tensor<f32>
  %s = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %m = tern.mul %s, %c : tensor<4x5x7xf32>, tensor<f32>
  %n = tern.cast %m : tensor<4x5x7xf32> to tensor<4x5x7xbf16>
  %w = tern.cast %n : tensor<4x5x7xbf16> to tensor<4x5x7xf32>
  %p = tern.softmax "hts/s" %w : tensor<4x5x7xf32>
  %r = tern.contract "hts,shv->thv" %p, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %r : tensor<5x4x8xf32>
}

// The weights of the values are scaled after the softmax: the result is, too.
// CHECK-LABEL: @scaled_after(
// CHECK:         tern.softmax "abc/c"
func.func @scaled_after(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %m: tensor<4x5x7xf32>) -> tensor<5x4x8xf32> {
  %s = tern.contract "thd,shd->hts" %q, %k : tensor<5x4x16xf32>, tensor<7x4x16xf32>
  %p = tern.softmax "hts/s" %s : tensor<4x5x7xf32>
  %n = tern.mul %p, %m : tensor<4x5x7xf32>, tensor<4x5x7xf32>
  %r = tern.contract "hts,shv->thv" %n, %v : tensor<4x5x7xf32>, tensor<7x4x8xf32>
  return %r : tensor<5x4x8xf32>
}
