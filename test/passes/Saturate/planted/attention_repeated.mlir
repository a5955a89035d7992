// Attention in the order of axes of importers, with key heads copied and a mask.

// An additive mask for each sequence; one sequence, then several.
func.func @sequence_masked(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_masked_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x7x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x7x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x7x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x5x16xf32>, tensor<1x4x16x7xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x5x7xf32>, tensor<f32>
  %11 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %12 = tern.broadcast "bts->bhts" %11 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %13 = tern.add %10, %12 : tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>
  %14 = tern.softmax "bhts/s" %13 : tensor<1x4x5x7xf32>
  %15 = tern.contract "bhts,bhsd->bhtd" %14, %6 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %16 = tern.transpose "bhtd->bthd" %15 : tensor<1x4x5x16xf32>
  return %16 : tensor<1x5x4x16xf32>
}
func.func @sequence_masked_form(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> {
  %0 = tern.reshape %q : tensor<1x5x4x16xf32> to tensor<1x5x2x2x16xf32>
  %1 = tern.transpose "btgmd->tbgmd" %0 : tensor<1x5x2x2x16xf32>
  %2 = tern.reshape %1 : tensor<5x1x2x2x16xf32> to tensor<5x4x16xf32>
  %3 = tern.transpose "bshd->sbhd" %k : tensor<1x7x2x16xf32>
  %4 = tern.reshape %3 : tensor<7x1x2x16xf32> to tensor<7x2x16xf32>
  %5 = tern.transpose "bshd->sbhd" %v : tensor<1x7x2x16xf32>
  %6 = tern.reshape %5 : tensor<7x1x2x16xf32> to tensor<7x2x16xf32>
  %7 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %8 = tern.broadcast "bts->bhts" %7 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %9 = tern.reshape %8 : tensor<1x4x5x7xf32> to tensor<4x5x7xf32>
  %10 = tern.attention %2, %4, %6 mask %9 scale 0.25 : tensor<5x4x16xf32>, tensor<7x2x16xf32>, tensor<7x2x16xf32>, tensor<4x5x7xf32>
  %11 = tern.reshape %10 : tensor<5x4x16xf32> to tensor<5x1x4x16xf32>
  %12 = tern.transpose "tbhd->bthd" %11 : tensor<5x1x4x16xf32>
  return %12 : tensor<1x5x4x16xf32>
}
func.func @sequence_masked_not_tiled(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_masked_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x7x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x7x2x16xf32>
  %3 = tern.broadcast "bgsd->bmgsd" %1 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %5 = tern.broadcast "bgsd->bmgsd" %2 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x7x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x5x16xf32>, tensor<1x4x16x7xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x5x7xf32>, tensor<f32>
  %11 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %12 = tern.broadcast "bts->bhts" %11 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %13 = tern.add %10, %12 : tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>
  %14 = tern.softmax "bhts/s" %13 : tensor<1x4x5x7xf32>
  %15 = tern.contract "bhts,bhsd->bhtd" %14, %6 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %16 = tern.transpose "bhtd->bthd" %15 : tensor<1x4x5x16xf32>
  return %16 : tensor<1x5x4x16xf32>
}
func.func @sequence_masked_not_scale(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_masked_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x7x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x7x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x7x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x5x16xf32>, tensor<1x4x16x7xf32>
  %9 = tern.constant dense<0.5> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x5x7xf32>, tensor<f32>
  %11 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %12 = tern.broadcast "bts->bhts" %11 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %13 = tern.add %10, %12 : tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>
  %14 = tern.softmax "bhts/s" %13 : tensor<1x4x5x7xf32>
  %15 = tern.contract "bhts,bhsd->bhtd" %14, %6 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %16 = tern.transpose "bhtd->bthd" %15 : tensor<1x4x5x16xf32>
  return %16 : tensor<1x5x4x16xf32>
}

// With several sequences.
func.func @sequences_masked(%q: tensor<2x5x4x16xf32>, %k: tensor<2x7x2x16xf32>, %v: tensor<2x7x2x16xf32>, %m: tensor<2x1x5x7xf32>) -> tensor<2x5x4x16xf32> attributes {tern.seek = @sequences_masked_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<2x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<2x7x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<2x7x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<2x2x7x16xf32> to tensor<2x2x2x7x16xf32>
  %4 = tern.reshape %3 : tensor<2x2x2x7x16xf32> to tensor<2x4x7x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<2x2x7x16xf32> to tensor<2x2x2x7x16xf32>
  %6 = tern.reshape %5 : tensor<2x2x2x7x16xf32> to tensor<2x4x7x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<2x4x7x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<2x4x5x16xf32>, tensor<2x4x16x7xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<2x4x5x7xf32>, tensor<f32>
  %11 = tern.reshape %m : tensor<2x1x5x7xf32> to tensor<2x5x7xf32>
  %12 = tern.broadcast "bts->bhts" %11 : tensor<2x5x7xf32> to tensor<2x4x5x7xf32>
  %13 = tern.add %10, %12 : tensor<2x4x5x7xf32>, tensor<2x4x5x7xf32>
  %14 = tern.softmax "bhts/s" %13 : tensor<2x4x5x7xf32>
  %15 = tern.contract "bhts,bhsd->bhtd" %14, %6 : tensor<2x4x5x7xf32>, tensor<2x4x7x16xf32>
  %16 = tern.transpose "bhtd->bthd" %15 : tensor<2x4x5x16xf32>
  return %16 : tensor<2x5x4x16xf32>
}
func.func @sequences_masked_form(%q: tensor<2x5x4x16xf32>, %k: tensor<2x7x2x16xf32>, %v: tensor<2x7x2x16xf32>, %m: tensor<2x1x5x7xf32>) -> tensor<2x5x4x16xf32> {
  %0 = tern.reshape %q : tensor<2x5x4x16xf32> to tensor<2x5x2x2x16xf32>
  %1 = tern.transpose "btgmd->tbgmd" %0 : tensor<2x5x2x2x16xf32>
  %2 = tern.reshape %1 : tensor<5x2x2x2x16xf32> to tensor<5x8x16xf32>
  %3 = tern.transpose "bshd->sbhd" %k : tensor<2x7x2x16xf32>
  %4 = tern.reshape %3 : tensor<7x2x2x16xf32> to tensor<7x4x16xf32>
  %5 = tern.transpose "bshd->sbhd" %v : tensor<2x7x2x16xf32>
  %6 = tern.reshape %5 : tensor<7x2x2x16xf32> to tensor<7x4x16xf32>
  %7 = tern.reshape %m : tensor<2x1x5x7xf32> to tensor<2x5x7xf32>
  %8 = tern.broadcast "bts->bhts" %7 : tensor<2x5x7xf32> to tensor<2x4x5x7xf32>
  %9 = tern.reshape %8 : tensor<2x4x5x7xf32> to tensor<8x5x7xf32>
  %10 = tern.attention %2, %4, %6 mask %9 scale 0.25 : tensor<5x8x16xf32>, tensor<7x4x16xf32>, tensor<7x4x16xf32>, tensor<8x5x7xf32>
  %11 = tern.reshape %10 : tensor<5x8x16xf32> to tensor<5x2x4x16xf32>
  %12 = tern.transpose "tbhd->bthd" %11 : tensor<5x2x4x16xf32>
  return %12 : tensor<2x5x4x16xf32>
}
func.func @sequences_masked_not_tiled(%q: tensor<2x5x4x16xf32>, %k: tensor<2x7x2x16xf32>, %v: tensor<2x7x2x16xf32>, %m: tensor<2x1x5x7xf32>) -> tensor<2x5x4x16xf32> attributes {tern.seek = @sequences_masked_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<2x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<2x7x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<2x7x2x16xf32>
  %3 = tern.broadcast "bgsd->bmgsd" %1 : tensor<2x2x7x16xf32> to tensor<2x2x2x7x16xf32>
  %4 = tern.reshape %3 : tensor<2x2x2x7x16xf32> to tensor<2x4x7x16xf32>
  %5 = tern.broadcast "bgsd->bmgsd" %2 : tensor<2x2x7x16xf32> to tensor<2x2x2x7x16xf32>
  %6 = tern.reshape %5 : tensor<2x2x2x7x16xf32> to tensor<2x4x7x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<2x4x7x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<2x4x5x16xf32>, tensor<2x4x16x7xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<2x4x5x7xf32>, tensor<f32>
  %11 = tern.reshape %m : tensor<2x1x5x7xf32> to tensor<2x5x7xf32>
  %12 = tern.broadcast "bts->bhts" %11 : tensor<2x5x7xf32> to tensor<2x4x5x7xf32>
  %13 = tern.add %10, %12 : tensor<2x4x5x7xf32>, tensor<2x4x5x7xf32>
  %14 = tern.softmax "bhts/s" %13 : tensor<2x4x5x7xf32>
  %15 = tern.contract "bhts,bhsd->bhtd" %14, %6 : tensor<2x4x5x7xf32>, tensor<2x4x7x16xf32>
  %16 = tern.transpose "bhtd->bthd" %15 : tensor<2x4x5x16xf32>
  return %16 : tensor<2x5x4x16xf32>
}
func.func @sequences_masked_not_scale(%q: tensor<2x5x4x16xf32>, %k: tensor<2x7x2x16xf32>, %v: tensor<2x7x2x16xf32>, %m: tensor<2x1x5x7xf32>) -> tensor<2x5x4x16xf32> attributes {tern.seek = @sequences_masked_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<2x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<2x7x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<2x7x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<2x2x7x16xf32> to tensor<2x2x2x7x16xf32>
  %4 = tern.reshape %3 : tensor<2x2x2x7x16xf32> to tensor<2x4x7x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<2x2x7x16xf32> to tensor<2x2x2x7x16xf32>
  %6 = tern.reshape %5 : tensor<2x2x2x7x16xf32> to tensor<2x4x7x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<2x4x7x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<2x4x5x16xf32>, tensor<2x4x16x7xf32>
  %9 = tern.constant dense<0.5> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<2x4x5x7xf32>, tensor<f32>
  %11 = tern.reshape %m : tensor<2x1x5x7xf32> to tensor<2x5x7xf32>
  %12 = tern.broadcast "bts->bhts" %11 : tensor<2x5x7xf32> to tensor<2x4x5x7xf32>
  %13 = tern.add %10, %12 : tensor<2x4x5x7xf32>, tensor<2x4x5x7xf32>
  %14 = tern.softmax "bhts/s" %13 : tensor<2x4x5x7xf32>
  %15 = tern.contract "bhts,bhsd->bhtd" %14, %6 : tensor<2x4x5x7xf32>, tensor<2x4x7x16xf32>
  %16 = tern.transpose "bhtd->bthd" %15 : tensor<2x4x5x16xf32>
  return %16 : tensor<2x5x4x16xf32>
}

// And with soft-capped scores.
func.func @sequence_repeat_capped(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_repeat_capped_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x7x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x7x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x7x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x5x16xf32>, tensor<1x4x16x7xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x5x7xf32>, tensor<f32>
  %11 = tern.constant dense<30.0> : tensor<f32>
  %12 = tern.div %10, %11 : tensor<1x4x5x7xf32>, tensor<f32>
  %13 = tern.tanh %12 : tensor<1x4x5x7xf32>
  %14 = tern.constant dense<30.0> : tensor<f32>
  %15 = tern.mul %13, %14 : tensor<1x4x5x7xf32>, tensor<f32>
  %16 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %17 = tern.broadcast "bts->bhts" %16 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %18 = tern.add %15, %17 : tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>
  %19 = tern.softmax "bhts/s" %18 : tensor<1x4x5x7xf32>
  %20 = tern.contract "bhts,bhsd->bhtd" %19, %6 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %21 = tern.transpose "bhtd->bthd" %20 : tensor<1x4x5x16xf32>
  return %21 : tensor<1x5x4x16xf32>
}
func.func @sequence_repeat_capped_form(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> {
  %0 = tern.reshape %q : tensor<1x5x4x16xf32> to tensor<1x5x2x2x16xf32>
  %1 = tern.transpose "btgmd->tbgmd" %0 : tensor<1x5x2x2x16xf32>
  %2 = tern.reshape %1 : tensor<5x1x2x2x16xf32> to tensor<5x4x16xf32>
  %3 = tern.transpose "bshd->sbhd" %k : tensor<1x7x2x16xf32>
  %4 = tern.reshape %3 : tensor<7x1x2x16xf32> to tensor<7x2x16xf32>
  %5 = tern.transpose "bshd->sbhd" %v : tensor<1x7x2x16xf32>
  %6 = tern.reshape %5 : tensor<7x1x2x16xf32> to tensor<7x2x16xf32>
  %7 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %8 = tern.broadcast "bts->bhts" %7 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %9 = tern.reshape %8 : tensor<1x4x5x7xf32> to tensor<4x5x7xf32>
  %10 = tern.attention %2, %4, %6 mask %9 scale 0.25 soft_cap 30.0 : tensor<5x4x16xf32>, tensor<7x2x16xf32>, tensor<7x2x16xf32>, tensor<4x5x7xf32>
  %11 = tern.reshape %10 : tensor<5x4x16xf32> to tensor<5x1x4x16xf32>
  %12 = tern.transpose "tbhd->bthd" %11 : tensor<5x1x4x16xf32>
  return %12 : tensor<1x5x4x16xf32>
}
func.func @sequence_repeat_capped_not_tiled(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_repeat_capped_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x7x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x7x2x16xf32>
  %3 = tern.broadcast "bgsd->bmgsd" %1 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %5 = tern.broadcast "bgsd->bmgsd" %2 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x7x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x5x16xf32>, tensor<1x4x16x7xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x5x7xf32>, tensor<f32>
  %11 = tern.constant dense<30.0> : tensor<f32>
  %12 = tern.div %10, %11 : tensor<1x4x5x7xf32>, tensor<f32>
  %13 = tern.tanh %12 : tensor<1x4x5x7xf32>
  %14 = tern.constant dense<30.0> : tensor<f32>
  %15 = tern.mul %13, %14 : tensor<1x4x5x7xf32>, tensor<f32>
  %16 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %17 = tern.broadcast "bts->bhts" %16 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %18 = tern.add %15, %17 : tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>
  %19 = tern.softmax "bhts/s" %18 : tensor<1x4x5x7xf32>
  %20 = tern.contract "bhts,bhsd->bhtd" %19, %6 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %21 = tern.transpose "bhtd->bthd" %20 : tensor<1x4x5x16xf32>
  return %21 : tensor<1x5x4x16xf32>
}
func.func @sequence_repeat_capped_not_uncapped(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_repeat_capped_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x7x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x7x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x7x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x5x16xf32>, tensor<1x4x16x7xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x5x7xf32>, tensor<f32>
  %11 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %12 = tern.broadcast "bts->bhts" %11 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %13 = tern.add %10, %12 : tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>
  %14 = tern.softmax "bhts/s" %13 : tensor<1x4x5x7xf32>
  %15 = tern.contract "bhts,bhsd->bhtd" %14, %6 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %16 = tern.transpose "bhtd->bthd" %15 : tensor<1x4x5x16xf32>
  return %16 : tensor<1x5x4x16xf32>
}

// And without a scale.
func.func @sequence_repeat_unscaled(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_repeat_unscaled_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x7x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x7x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x7x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x5x16xf32>, tensor<1x4x16x7xf32>
  %9 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %10 = tern.broadcast "bts->bhts" %9 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %11 = tern.add %8, %10 : tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>
  %12 = tern.softmax "bhts/s" %11 : tensor<1x4x5x7xf32>
  %13 = tern.contract "bhts,bhsd->bhtd" %12, %6 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %14 = tern.transpose "bhtd->bthd" %13 : tensor<1x4x5x16xf32>
  return %14 : tensor<1x5x4x16xf32>
}
func.func @sequence_repeat_unscaled_form(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> {
  %0 = tern.reshape %q : tensor<1x5x4x16xf32> to tensor<1x5x2x2x16xf32>
  %1 = tern.transpose "btgmd->tbgmd" %0 : tensor<1x5x2x2x16xf32>
  %2 = tern.reshape %1 : tensor<5x1x2x2x16xf32> to tensor<5x4x16xf32>
  %3 = tern.transpose "bshd->sbhd" %k : tensor<1x7x2x16xf32>
  %4 = tern.reshape %3 : tensor<7x1x2x16xf32> to tensor<7x2x16xf32>
  %5 = tern.transpose "bshd->sbhd" %v : tensor<1x7x2x16xf32>
  %6 = tern.reshape %5 : tensor<7x1x2x16xf32> to tensor<7x2x16xf32>
  %7 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %8 = tern.broadcast "bts->bhts" %7 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %9 = tern.reshape %8 : tensor<1x4x5x7xf32> to tensor<4x5x7xf32>
  %10 = tern.attention %2, %4, %6 mask %9 scale 1.0 : tensor<5x4x16xf32>, tensor<7x2x16xf32>, tensor<7x2x16xf32>, tensor<4x5x7xf32>
  %11 = tern.reshape %10 : tensor<5x4x16xf32> to tensor<5x1x4x16xf32>
  %12 = tern.transpose "tbhd->bthd" %11 : tensor<5x1x4x16xf32>
  return %12 : tensor<1x5x4x16xf32>
}
func.func @sequence_repeat_unscaled_not_tiled(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_repeat_unscaled_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x7x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x7x2x16xf32>
  %3 = tern.broadcast "bgsd->bmgsd" %1 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %5 = tern.broadcast "bgsd->bmgsd" %2 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x7x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x5x16xf32>, tensor<1x4x16x7xf32>
  %9 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %10 = tern.broadcast "bts->bhts" %9 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %11 = tern.add %8, %10 : tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>
  %12 = tern.softmax "bhts/s" %11 : tensor<1x4x5x7xf32>
  %13 = tern.contract "bhts,bhsd->bhtd" %12, %6 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %14 = tern.transpose "bhtd->bthd" %13 : tensor<1x4x5x16xf32>
  return %14 : tensor<1x5x4x16xf32>
}
func.func @sequence_repeat_unscaled_not_scaled(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_repeat_unscaled_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x7x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x7x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x7x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x5x16xf32>, tensor<1x4x16x7xf32>
  %9 = tern.constant dense<0.5> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x5x7xf32>, tensor<f32>
  %11 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %12 = tern.broadcast "bts->bhts" %11 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %13 = tern.add %10, %12 : tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>
  %14 = tern.softmax "bhts/s" %13 : tensor<1x4x5x7xf32>
  %15 = tern.contract "bhts,bhsd->bhtd" %14, %6 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %16 = tern.transpose "bhtd->bthd" %15 : tensor<1x4x5x16xf32>
  return %16 : tensor<1x5x4x16xf32>
}

// A mask at hand that says what is hidden.
func.func @sequence_filled(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_filled_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x7x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x7x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x7x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x5x16xf32>, tensor<1x4x16x7xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x5x7xf32>, tensor<f32>
  %11 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %12 = tern.broadcast "bts->bhts" %11 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %13 = tern.constant dense<0xFF800000> : tensor<f32>
  %14 = tern.where %12, %13, %10 : tensor<1x4x5x7xf32>, tensor<f32>, tensor<1x4x5x7xf32>
  %15 = tern.softmax "bhts/s" %14 : tensor<1x4x5x7xf32>
  %16 = tern.contract "bhts,bhsd->bhtd" %15, %6 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %17 = tern.transpose "bhtd->bthd" %16 : tensor<1x4x5x16xf32>
  return %17 : tensor<1x5x4x16xf32>
}
func.func @sequence_filled_form(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> {
  %0 = tern.reshape %q : tensor<1x5x4x16xf32> to tensor<1x5x2x2x16xf32>
  %1 = tern.transpose "btgmd->tbgmd" %0 : tensor<1x5x2x2x16xf32>
  %2 = tern.reshape %1 : tensor<5x1x2x2x16xf32> to tensor<5x4x16xf32>
  %3 = tern.transpose "bshd->sbhd" %k : tensor<1x7x2x16xf32>
  %4 = tern.reshape %3 : tensor<7x1x2x16xf32> to tensor<7x2x16xf32>
  %5 = tern.transpose "bshd->sbhd" %v : tensor<1x7x2x16xf32>
  %6 = tern.reshape %5 : tensor<7x1x2x16xf32> to tensor<7x2x16xf32>
  %7 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %8 = tern.constant dense<0xFF800000> : tensor<f32>
  %9 = tern.constant dense<0.0> : tensor<f32>
  %10 = tern.where %7, %8, %9 : tensor<1x5x7xf32>, tensor<f32>, tensor<f32>
  %11 = tern.broadcast "bts->bhts" %10 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %12 = tern.reshape %11 : tensor<1x4x5x7xf32> to tensor<4x5x7xf32>
  %13 = tern.attention %2, %4, %6 mask %12 scale 0.25 : tensor<5x4x16xf32>, tensor<7x2x16xf32>, tensor<7x2x16xf32>, tensor<4x5x7xf32>
  %14 = tern.reshape %13 : tensor<5x4x16xf32> to tensor<5x1x4x16xf32>
  %15 = tern.transpose "tbhd->bthd" %14 : tensor<5x1x4x16xf32>
  return %15 : tensor<1x5x4x16xf32>
}
func.func @sequence_filled_not_seen(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_filled_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x7x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x7x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x7x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x5x16xf32>, tensor<1x4x16x7xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x5x7xf32>, tensor<f32>
  %11 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %12 = tern.broadcast "bts->bhts" %11 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %13 = tern.constant dense<0xFF800000> : tensor<f32>
  %14 = tern.where %12, %10, %13 : tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>, tensor<f32>
  %15 = tern.softmax "bhts/s" %14 : tensor<1x4x5x7xf32>
  %16 = tern.contract "bhts,bhsd->bhtd" %15, %6 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %17 = tern.transpose "bhtd->bthd" %16 : tensor<1x4x5x16xf32>
  return %17 : tensor<1x5x4x16xf32>
}
func.func @sequence_filled_not_finite(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_filled_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x7x2x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x7x2x16xf32>
  %3 = tern.broadcast "bgsd->bgmsd" %1 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %4 = tern.reshape %3 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %5 = tern.broadcast "bgsd->bgmsd" %2 : tensor<1x2x7x16xf32> to tensor<1x2x2x7x16xf32>
  %6 = tern.reshape %5 : tensor<1x2x2x7x16xf32> to tensor<1x4x7x16xf32>
  %7 = tern.transpose "bhsd->bhds" %4 : tensor<1x4x7x16xf32>
  %8 = tern.contract "bhtd,bhds->bhts" %0, %7 : tensor<1x4x5x16xf32>, tensor<1x4x16x7xf32>
  %9 = tern.constant dense<0.25> : tensor<f32>
  %10 = tern.mul %8, %9 : tensor<1x4x5x7xf32>, tensor<f32>
  %11 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %12 = tern.broadcast "bts->bhts" %11 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %13 = tern.constant dense<-1.0e+09> : tensor<f32>
  %14 = tern.where %12, %13, %10 : tensor<1x4x5x7xf32>, tensor<f32>, tensor<1x4x5x7xf32>
  %15 = tern.softmax "bhts/s" %14 : tensor<1x4x5x7xf32>
  %16 = tern.contract "bhts,bhsd->bhtd" %15, %6 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %17 = tern.transpose "bhtd->bthd" %16 : tensor<1x4x5x16xf32>
  return %17 : tensor<1x5x4x16xf32>
}
