// Attention in the order of axes of importers, with key heads copied and a causal mask.

// One sequence: heads share the mask.
func.func @sequence_causal(%q: tensor<1x8x4x16xf32>, %k: tensor<1x8x2x16xf32>, %v: tensor<1x8x2x16xf32>) -> tensor<1x8x4x16xf32> attributes {tern.seek = @sequence_causal_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x8x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x8x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x8x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<1x2x8x16xf32> to tensor<1x2x2x8x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x8x16xf32> to tensor<1x4x8x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<1x2x8x16xf32> to tensor<1x2x2x8x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x8x16xf32> to tensor<1x4x8x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x8x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x8x16xf32>, tensor<1x4x16x8xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x8x8xf32>, tensor<f32>
  %11 = tern.iota "s->ts" : tensor<8x8xf32>
  %12 = tern.iota "t->ts" : tensor<8x8xf32>
  %13 = tern.le %11, %12 : tensor<8x8xf32>, tensor<8x8xf32>
  %14 = tern.broadcast "ts->bhts" %13 : tensor<8x8xf32> to tensor<1x4x8x8xf32>
  %15 = tern.constant dense<0xFF800000> : tensor<f32>
  %16 = tern.where %14, %10, %15 : tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<f32>
  %17 = tern.softmax "bhts/s" %16 : tensor<1x4x8x8xf32>
  %18 = tern.contract "bhts,bhsd->bhtd" %17, %6 : tensor<1x4x8x8xf32>, tensor<1x4x8x16xf32>
  %19 = tern.transpose "bhtd->bthd" %18 : tensor<1x4x8x16xf32>
  return %19 : tensor<1x8x4x16xf32>
}
func.func @sequence_causal_form(%q: tensor<1x8x4x16xf32>, %k: tensor<1x8x2x16xf32>, %v: tensor<1x8x2x16xf32>) -> tensor<1x8x4x16xf32> {
  %0 = tern.reshape %q : tensor<1x8x4x16xf32> to tensor<1x8x2x2x16xf32>
  %1 = tern.transpose "btgmd->tbgmd" %0 : tensor<1x8x2x2x16xf32>
  %2 = tern.reshape %1 : tensor<8x1x2x2x16xf32> to tensor<8x4x16xf32>
  %3 = tern.transpose "bshd->sbhd" %k : tensor<1x8x2x16xf32>
  %4 = tern.reshape %3 : tensor<8x1x2x16xf32> to tensor<8x2x16xf32>
  %5 = tern.transpose "bshd->sbhd" %v : tensor<1x8x2x16xf32>
  %6 = tern.reshape %5 : tensor<8x1x2x16xf32> to tensor<8x2x16xf32>
  %7 = tern.iota "s->ts" : tensor<8x8xf32>
  %8 = tern.iota "t->ts" : tensor<8x8xf32>
  %9 = tern.le %7, %8 : tensor<8x8xf32>, tensor<8x8xf32>
  %10 = tern.constant dense<0.0> : tensor<f32>
  %11 = tern.constant dense<0xFF800000> : tensor<f32>
  %12 = tern.where %9, %10, %11 : tensor<8x8xf32>, tensor<f32>, tensor<f32>
  %13 = tern.attention %2, %4, %6 mask %12 scale 0.25 : tensor<8x4x16xf32>, tensor<8x2x16xf32>, tensor<8x2x16xf32>, tensor<8x8xf32>
  %14 = tern.reshape %13 : tensor<8x4x16xf32> to tensor<8x1x4x16xf32>
  %15 = tern.transpose "tbhd->bthd" %14 : tensor<8x1x4x16xf32>
  return %15 : tensor<1x8x4x16xf32>
}
func.func @sequence_causal_not_anticausal(%q: tensor<1x8x4x16xf32>, %k: tensor<1x8x2x16xf32>, %v: tensor<1x8x2x16xf32>) -> tensor<1x8x4x16xf32> attributes {tern.seek = @sequence_causal_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x8x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x8x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x8x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<1x2x8x16xf32> to tensor<1x2x2x8x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x8x16xf32> to tensor<1x4x8x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<1x2x8x16xf32> to tensor<1x2x2x8x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x8x16xf32> to tensor<1x4x8x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x8x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x8x16xf32>, tensor<1x4x16x8xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x8x8xf32>, tensor<f32>
  %11 = tern.iota "s->ts" : tensor<8x8xf32>
  %12 = tern.iota "t->ts" : tensor<8x8xf32>
  %13 = tern.le %12, %11 : tensor<8x8xf32>, tensor<8x8xf32>
  %14 = tern.broadcast "ts->bhts" %13 : tensor<8x8xf32> to tensor<1x4x8x8xf32>
  %15 = tern.constant dense<0xFF800000> : tensor<f32>
  %16 = tern.where %14, %10, %15 : tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<f32>
  %17 = tern.softmax "bhts/s" %16 : tensor<1x4x8x8xf32>
  %18 = tern.contract "bhts,bhsd->bhtd" %17, %6 : tensor<1x4x8x8xf32>, tensor<1x4x8x16xf32>
  %19 = tern.transpose "bhtd->bthd" %18 : tensor<1x4x8x16xf32>
  return %19 : tensor<1x8x4x16xf32>
}
func.func @sequence_causal_not_tiled(%q: tensor<1x8x4x16xf32>, %k: tensor<1x8x2x16xf32>, %v: tensor<1x8x2x16xf32>) -> tensor<1x8x4x16xf32> attributes {tern.seek = @sequence_causal_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x8x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x8x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x8x2x16xf32>
  %3 = tern.broadcast "bgsd->bmgsd" %1 : tensor<1x2x8x16xf32> to tensor<1x2x2x8x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x8x16xf32> to tensor<1x4x8x16xf32>
  %5 = tern.broadcast "bgsd->bmgsd" %2 : tensor<1x2x8x16xf32> to tensor<1x2x2x8x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x8x16xf32> to tensor<1x4x8x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x8x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x8x16xf32>, tensor<1x4x16x8xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x8x8xf32>, tensor<f32>
  %11 = tern.iota "s->ts" : tensor<8x8xf32>
  %12 = tern.iota "t->ts" : tensor<8x8xf32>
  %13 = tern.le %11, %12 : tensor<8x8xf32>, tensor<8x8xf32>
  %14 = tern.broadcast "ts->bhts" %13 : tensor<8x8xf32> to tensor<1x4x8x8xf32>
  %15 = tern.constant dense<0xFF800000> : tensor<f32>
  %16 = tern.where %14, %10, %15 : tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<f32>
  %17 = tern.softmax "bhts/s" %16 : tensor<1x4x8x8xf32>
  %18 = tern.contract "bhts,bhsd->bhtd" %17, %6 : tensor<1x4x8x8xf32>, tensor<1x4x8x16xf32>
  %19 = tern.transpose "bhtd->bthd" %18 : tensor<1x4x8x16xf32>
  return %19 : tensor<1x8x4x16xf32>
}

// Several: they share it, too.
func.func @sequences_causal(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x2x16xf32>, %v: tensor<2x8x2x16xf32>) -> tensor<2x8x4x16xf32> attributes {tern.seek = @sequences_causal_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<2x8x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<2x8x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<2x8x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<2x2x8x16xf32> to tensor<2x2x2x8x16xf32>
  %4 = tern.reshape %3 : tensor<2x2x2x8x16xf32> to tensor<2x4x8x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<2x2x8x16xf32> to tensor<2x2x2x8x16xf32>
  %6 = tern.reshape %5 : tensor<2x2x2x8x16xf32> to tensor<2x4x8x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<2x4x8x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<2x4x8x16xf32>, tensor<2x4x16x8xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<2x4x8x8xf32>, tensor<f32>
  %11 = tern.iota "s->ts" : tensor<8x8xf32>
  %12 = tern.iota "t->ts" : tensor<8x8xf32>
  %13 = tern.le %11, %12 : tensor<8x8xf32>, tensor<8x8xf32>
  %14 = tern.broadcast "ts->bhts" %13 : tensor<8x8xf32> to tensor<2x4x8x8xf32>
  %15 = tern.constant dense<0xFF800000> : tensor<f32>
  %16 = tern.where %14, %10, %15 : tensor<2x4x8x8xf32>, tensor<2x4x8x8xf32>, tensor<f32>
  %17 = tern.softmax "bhts/s" %16 : tensor<2x4x8x8xf32>
  %18 = tern.contract "bhts,bhsd->bhtd" %17, %6 : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  %19 = tern.transpose "bhtd->bthd" %18 : tensor<2x4x8x16xf32>
  return %19 : tensor<2x8x4x16xf32>
}
func.func @sequences_causal_form(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x2x16xf32>, %v: tensor<2x8x2x16xf32>) -> tensor<2x8x4x16xf32> {
  %0 = tern.reshape %q : tensor<2x8x4x16xf32> to tensor<2x8x2x2x16xf32>
  %1 = tern.transpose "btgmd->tbgmd" %0 : tensor<2x8x2x2x16xf32>
  %2 = tern.reshape %1 : tensor<8x2x2x2x16xf32> to tensor<8x8x16xf32>
  %3 = tern.transpose "bshd->sbhd" %k : tensor<2x8x2x16xf32>
  %4 = tern.reshape %3 : tensor<8x2x2x16xf32> to tensor<8x4x16xf32>
  %5 = tern.transpose "bshd->sbhd" %v : tensor<2x8x2x16xf32>
  %6 = tern.reshape %5 : tensor<8x2x2x16xf32> to tensor<8x4x16xf32>
  %7 = tern.iota "s->ts" : tensor<8x8xf32>
  %8 = tern.iota "t->ts" : tensor<8x8xf32>
  %9 = tern.le %7, %8 : tensor<8x8xf32>, tensor<8x8xf32>
  %10 = tern.constant dense<0.0> : tensor<f32>
  %11 = tern.constant dense<0xFF800000> : tensor<f32>
  %12 = tern.where %9, %10, %11 : tensor<8x8xf32>, tensor<f32>, tensor<f32>
  %13 = tern.attention %2, %4, %6 mask %12 scale 0.25 : tensor<8x8x16xf32>, tensor<8x4x16xf32>, tensor<8x4x16xf32>, tensor<8x8xf32>
  %14 = tern.reshape %13 : tensor<8x8x16xf32> to tensor<8x2x4x16xf32>
  %15 = tern.transpose "tbhd->bthd" %14 : tensor<8x2x4x16xf32>
  return %15 : tensor<2x8x4x16xf32>
}
func.func @sequences_causal_not_anticausal(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x2x16xf32>, %v: tensor<2x8x2x16xf32>) -> tensor<2x8x4x16xf32> attributes {tern.seek = @sequences_causal_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<2x8x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<2x8x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<2x8x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<2x2x8x16xf32> to tensor<2x2x2x8x16xf32>
  %4 = tern.reshape %3 : tensor<2x2x2x8x16xf32> to tensor<2x4x8x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<2x2x8x16xf32> to tensor<2x2x2x8x16xf32>
  %6 = tern.reshape %5 : tensor<2x2x2x8x16xf32> to tensor<2x4x8x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<2x4x8x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<2x4x8x16xf32>, tensor<2x4x16x8xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<2x4x8x8xf32>, tensor<f32>
  %11 = tern.iota "s->ts" : tensor<8x8xf32>
  %12 = tern.iota "t->ts" : tensor<8x8xf32>
  %13 = tern.le %12, %11 : tensor<8x8xf32>, tensor<8x8xf32>
  %14 = tern.broadcast "ts->bhts" %13 : tensor<8x8xf32> to tensor<2x4x8x8xf32>
  %15 = tern.constant dense<0xFF800000> : tensor<f32>
  %16 = tern.where %14, %10, %15 : tensor<2x4x8x8xf32>, tensor<2x4x8x8xf32>, tensor<f32>
  %17 = tern.softmax "bhts/s" %16 : tensor<2x4x8x8xf32>
  %18 = tern.contract "bhts,bhsd->bhtd" %17, %6 : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  %19 = tern.transpose "bhtd->bthd" %18 : tensor<2x4x8x16xf32>
  return %19 : tensor<2x8x4x16xf32>
}
func.func @sequences_causal_not_tiled(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x2x16xf32>, %v: tensor<2x8x2x16xf32>) -> tensor<2x8x4x16xf32> attributes {tern.seek = @sequences_causal_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<2x8x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<2x8x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<2x8x2x16xf32>
  %3 = tern.broadcast "bgsd->bmgsd" %1 : tensor<2x2x8x16xf32> to tensor<2x2x2x8x16xf32>
  %4 = tern.reshape %3 : tensor<2x2x2x8x16xf32> to tensor<2x4x8x16xf32>
  %5 = tern.broadcast "bgsd->bmgsd" %2 : tensor<2x2x8x16xf32> to tensor<2x2x2x8x16xf32>
  %6 = tern.reshape %5 : tensor<2x2x2x8x16xf32> to tensor<2x4x8x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<2x4x8x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<2x4x8x16xf32>, tensor<2x4x16x8xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<2x4x8x8xf32>, tensor<f32>
  %11 = tern.iota "s->ts" : tensor<8x8xf32>
  %12 = tern.iota "t->ts" : tensor<8x8xf32>
  %13 = tern.le %11, %12 : tensor<8x8xf32>, tensor<8x8xf32>
  %14 = tern.broadcast "ts->bhts" %13 : tensor<8x8xf32> to tensor<2x4x8x8xf32>
  %15 = tern.constant dense<0xFF800000> : tensor<f32>
  %16 = tern.where %14, %10, %15 : tensor<2x4x8x8xf32>, tensor<2x4x8x8xf32>, tensor<f32>
  %17 = tern.softmax "bhts/s" %16 : tensor<2x4x8x8xf32>
  %18 = tern.contract "bhts,bhsd->bhtd" %17, %6 : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  %19 = tern.transpose "bhtd->bthd" %18 : tensor<2x4x8x16xf32>
  return %19 : tensor<2x8x4x16xf32>
}

// Without a scale.
func.func @sequence_causal_unscaled(%q: tensor<1x8x4x16xf32>, %k: tensor<1x8x2x16xf32>, %v: tensor<1x8x2x16xf32>) -> tensor<1x8x4x16xf32> attributes {tern.seek = @sequence_causal_unscaled_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x8x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x8x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x8x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<1x2x8x16xf32> to tensor<1x2x2x8x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x8x16xf32> to tensor<1x4x8x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<1x2x8x16xf32> to tensor<1x2x2x8x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x8x16xf32> to tensor<1x4x8x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x8x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x8x16xf32>, tensor<1x4x16x8xf32>
  %9 = tern.iota "s->ts" : tensor<8x8xf32>
  %10 = tern.iota "t->ts" : tensor<8x8xf32>
  %11 = tern.le %9, %10 : tensor<8x8xf32>, tensor<8x8xf32>
  %12 = tern.broadcast "ts->bhts" %11 : tensor<8x8xf32> to tensor<1x4x8x8xf32>
  %13 = tern.constant dense<0xFF800000> : tensor<f32>
  %14 = tern.where %12, %8, %13 : tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<f32>
  %15 = tern.softmax "bhts/s" %14 : tensor<1x4x8x8xf32>
  %16 = tern.contract "bhts,bhsd->bhtd" %15, %6 : tensor<1x4x8x8xf32>, tensor<1x4x8x16xf32>
  %17 = tern.transpose "bhtd->bthd" %16 : tensor<1x4x8x16xf32>
  return %17 : tensor<1x8x4x16xf32>
}
func.func @sequence_causal_unscaled_form(%q: tensor<1x8x4x16xf32>, %k: tensor<1x8x2x16xf32>, %v: tensor<1x8x2x16xf32>) -> tensor<1x8x4x16xf32> {
  %0 = tern.reshape %q : tensor<1x8x4x16xf32> to tensor<1x8x2x2x16xf32>
  %1 = tern.transpose "btgmd->tbgmd" %0 : tensor<1x8x2x2x16xf32>
  %2 = tern.reshape %1 : tensor<8x1x2x2x16xf32> to tensor<8x4x16xf32>
  %3 = tern.transpose "bshd->sbhd" %k : tensor<1x8x2x16xf32>
  %4 = tern.reshape %3 : tensor<8x1x2x16xf32> to tensor<8x2x16xf32>
  %5 = tern.transpose "bshd->sbhd" %v : tensor<1x8x2x16xf32>
  %6 = tern.reshape %5 : tensor<8x1x2x16xf32> to tensor<8x2x16xf32>
  %7 = tern.iota "s->ts" : tensor<8x8xf32>
  %8 = tern.iota "t->ts" : tensor<8x8xf32>
  %9 = tern.le %7, %8 : tensor<8x8xf32>, tensor<8x8xf32>
  %10 = tern.constant dense<0.0> : tensor<f32>
  %11 = tern.constant dense<0xFF800000> : tensor<f32>
  %12 = tern.where %9, %10, %11 : tensor<8x8xf32>, tensor<f32>, tensor<f32>
  %13 = tern.attention %2, %4, %6 mask %12 scale 1.0 : tensor<8x4x16xf32>, tensor<8x2x16xf32>, tensor<8x2x16xf32>, tensor<8x8xf32>
  %14 = tern.reshape %13 : tensor<8x4x16xf32> to tensor<8x1x4x16xf32>
  %15 = tern.transpose "tbhd->bthd" %14 : tensor<8x1x4x16xf32>
  return %15 : tensor<1x8x4x16xf32>
}
func.func @sequence_causal_unscaled_not_scaled(%q: tensor<1x8x4x16xf32>, %k: tensor<1x8x2x16xf32>, %v: tensor<1x8x2x16xf32>) -> tensor<1x8x4x16xf32> attributes {tern.seek = @sequence_causal_unscaled_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x8x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x8x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x8x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<1x2x8x16xf32> to tensor<1x2x2x8x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x8x16xf32> to tensor<1x4x8x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<1x2x8x16xf32> to tensor<1x2x2x8x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x8x16xf32> to tensor<1x4x8x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x8x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x8x16xf32>, tensor<1x4x16x8xf32>
  %9 = tern.constant dense<0.5> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x8x8xf32>, tensor<f32>
  %11 = tern.iota "s->ts" : tensor<8x8xf32>
  %12 = tern.iota "t->ts" : tensor<8x8xf32>
  %13 = tern.le %11, %12 : tensor<8x8xf32>, tensor<8x8xf32>
  %14 = tern.broadcast "ts->bhts" %13 : tensor<8x8xf32> to tensor<1x4x8x8xf32>
  %15 = tern.constant dense<0xFF800000> : tensor<f32>
  %16 = tern.where %14, %10, %15 : tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<f32>
  %17 = tern.softmax "bhts/s" %16 : tensor<1x4x8x8xf32>
  %18 = tern.contract "bhts,bhsd->bhtd" %17, %6 : tensor<1x4x8x8xf32>, tensor<1x4x8x16xf32>
  %19 = tern.transpose "bhtd->bthd" %18 : tensor<1x4x8x16xf32>
  return %19 : tensor<1x8x4x16xf32>
}

// And with soft-capped scores.
func.func @sequence_causal_capped(%q: tensor<1x8x4x16xf32>, %k: tensor<1x8x2x16xf32>, %v: tensor<1x8x2x16xf32>) -> tensor<1x8x4x16xf32> attributes {tern.seek = @sequence_causal_capped_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x8x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x8x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x8x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<1x2x8x16xf32> to tensor<1x2x2x8x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x8x16xf32> to tensor<1x4x8x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<1x2x8x16xf32> to tensor<1x2x2x8x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x8x16xf32> to tensor<1x4x8x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x8x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x8x16xf32>, tensor<1x4x16x8xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x8x8xf32>, tensor<f32>
  %11 = tern.constant dense<30.0> : tensor<f32>
  %12 = tern.div %10, %11 : tensor<1x4x8x8xf32>, tensor<f32>
  %13 = tern.tanh %12 : tensor<1x4x8x8xf32>
  %14 = tern.constant dense<30.0> : tensor<f32>
  %15 = tern.mul %13, %14 : tensor<1x4x8x8xf32>, tensor<f32>
  %16 = tern.iota "s->ts" : tensor<8x8xf32>
  %17 = tern.iota "t->ts" : tensor<8x8xf32>
  %18 = tern.le %16, %17 : tensor<8x8xf32>, tensor<8x8xf32>
  %19 = tern.broadcast "ts->bhts" %18 : tensor<8x8xf32> to tensor<1x4x8x8xf32>
  %20 = tern.constant dense<0xFF800000> : tensor<f32>
  %21 = tern.where %19, %15, %20 : tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<f32>
  %22 = tern.softmax "bhts/s" %21 : tensor<1x4x8x8xf32>
  %23 = tern.contract "bhts,bhsd->bhtd" %22, %6 : tensor<1x4x8x8xf32>, tensor<1x4x8x16xf32>
  %24 = tern.transpose "bhtd->bthd" %23 : tensor<1x4x8x16xf32>
  return %24 : tensor<1x8x4x16xf32>
}
func.func @sequence_causal_capped_form(%q: tensor<1x8x4x16xf32>, %k: tensor<1x8x2x16xf32>, %v: tensor<1x8x2x16xf32>) -> tensor<1x8x4x16xf32> {
  %0 = tern.reshape %q : tensor<1x8x4x16xf32> to tensor<1x8x2x2x16xf32>
  %1 = tern.transpose "btgmd->tbgmd" %0 : tensor<1x8x2x2x16xf32>
  %2 = tern.reshape %1 : tensor<8x1x2x2x16xf32> to tensor<8x4x16xf32>
  %3 = tern.transpose "bshd->sbhd" %k : tensor<1x8x2x16xf32>
  %4 = tern.reshape %3 : tensor<8x1x2x16xf32> to tensor<8x2x16xf32>
  %5 = tern.transpose "bshd->sbhd" %v : tensor<1x8x2x16xf32>
  %6 = tern.reshape %5 : tensor<8x1x2x16xf32> to tensor<8x2x16xf32>
  %7 = tern.iota "s->ts" : tensor<8x8xf32>
  %8 = tern.iota "t->ts" : tensor<8x8xf32>
  %9 = tern.le %7, %8 : tensor<8x8xf32>, tensor<8x8xf32>
  %10 = tern.constant dense<0.0> : tensor<f32>
  %11 = tern.constant dense<0xFF800000> : tensor<f32>
  %12 = tern.where %9, %10, %11 : tensor<8x8xf32>, tensor<f32>, tensor<f32>
  %13 = tern.attention %2, %4, %6 mask %12 scale 0.25 soft_cap 30.0 : tensor<8x4x16xf32>, tensor<8x2x16xf32>, tensor<8x2x16xf32>, tensor<8x8xf32>
  %14 = tern.reshape %13 : tensor<8x4x16xf32> to tensor<8x1x4x16xf32>
  %15 = tern.transpose "tbhd->bthd" %14 : tensor<8x1x4x16xf32>
  return %15 : tensor<1x8x4x16xf32>
}
func.func @sequence_causal_capped_not_anticausal(%q: tensor<1x8x4x16xf32>, %k: tensor<1x8x2x16xf32>, %v: tensor<1x8x2x16xf32>) -> tensor<1x8x4x16xf32> attributes {tern.seek = @sequence_causal_capped_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x8x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x8x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x8x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<1x2x8x16xf32> to tensor<1x2x2x8x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x8x16xf32> to tensor<1x4x8x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<1x2x8x16xf32> to tensor<1x2x2x8x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x8x16xf32> to tensor<1x4x8x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x8x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x8x16xf32>, tensor<1x4x16x8xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x8x8xf32>, tensor<f32>
  %11 = tern.constant dense<30.0> : tensor<f32>
  %12 = tern.div %10, %11 : tensor<1x4x8x8xf32>, tensor<f32>
  %13 = tern.tanh %12 : tensor<1x4x8x8xf32>
  %14 = tern.constant dense<30.0> : tensor<f32>
  %15 = tern.mul %13, %14 : tensor<1x4x8x8xf32>, tensor<f32>
  %16 = tern.iota "s->ts" : tensor<8x8xf32>
  %17 = tern.iota "t->ts" : tensor<8x8xf32>
  %18 = tern.le %17, %16 : tensor<8x8xf32>, tensor<8x8xf32>
  %19 = tern.broadcast "ts->bhts" %18 : tensor<8x8xf32> to tensor<1x4x8x8xf32>
  %20 = tern.constant dense<0xFF800000> : tensor<f32>
  %21 = tern.where %19, %15, %20 : tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<f32>
  %22 = tern.softmax "bhts/s" %21 : tensor<1x4x8x8xf32>
  %23 = tern.contract "bhts,bhsd->bhtd" %22, %6 : tensor<1x4x8x8xf32>, tensor<1x4x8x16xf32>
  %24 = tern.transpose "bhtd->bthd" %23 : tensor<1x4x8x16xf32>
  return %24 : tensor<1x8x4x16xf32>
}
func.func @sequence_causal_capped_not_uncapped(%q: tensor<1x8x4x16xf32>, %k: tensor<1x8x2x16xf32>, %v: tensor<1x8x2x16xf32>) -> tensor<1x8x4x16xf32> attributes {tern.seek = @sequence_causal_capped_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x8x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x8x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x8x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<1x2x8x16xf32> to tensor<1x2x2x8x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x8x16xf32> to tensor<1x4x8x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<1x2x8x16xf32> to tensor<1x2x2x8x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x8x16xf32> to tensor<1x4x8x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x8x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x8x16xf32>, tensor<1x4x16x8xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x8x8xf32>, tensor<f32>
  %11 = tern.iota "s->ts" : tensor<8x8xf32>
  %12 = tern.iota "t->ts" : tensor<8x8xf32>
  %13 = tern.le %11, %12 : tensor<8x8xf32>, tensor<8x8xf32>
  %14 = tern.broadcast "ts->bhts" %13 : tensor<8x8xf32> to tensor<1x4x8x8xf32>
  %15 = tern.constant dense<0xFF800000> : tensor<f32>
  %16 = tern.where %14, %10, %15 : tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<f32>
  %17 = tern.softmax "bhts/s" %16 : tensor<1x4x8x8xf32>
  %18 = tern.contract "bhts,bhsd->bhtd" %17, %6 : tensor<1x4x8x8xf32>, tensor<1x4x8x16xf32>
  %19 = tern.transpose "bhtd->bthd" %18 : tensor<1x4x8x16xf32>
  return %19 : tensor<1x8x4x16xf32>
}
