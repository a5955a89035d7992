// Attention in the order of axes of importers, with key heads copied.

// The order of Hugging Face: heads to the front of tokens, keys repeated and turned; one sequence, then several.
func.func @sequence(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_form} {
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
  %11 = tern.softmax "bhts/s" %10 : tensor<1x4x5x7xf32>
  %12 = tern.contract "bhts,bhsd->bhtd" %11, %6 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %13 = tern.transpose "bhtd->bthd" %12 : tensor<1x4x5x16xf32>
  return %13 : tensor<1x5x4x16xf32>
}
func.func @sequence_form(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>) -> tensor<1x5x4x16xf32> {
  %0 = tern.reshape %q : tensor<1x5x4x16xf32> to tensor<1x5x2x2x16xf32>
  %1 = tern.transpose "btgmd->tbgmd" %0 : tensor<1x5x2x2x16xf32>
  %2 = tern.reshape %1 : tensor<5x1x2x2x16xf32> to tensor<5x4x16xf32>
  %3 = tern.transpose "bshd->sbhd" %k : tensor<1x7x2x16xf32>
  %4 = tern.reshape %3 : tensor<7x1x2x16xf32> to tensor<7x2x16xf32>
  %5 = tern.transpose "bshd->sbhd" %v : tensor<1x7x2x16xf32>
  %6 = tern.reshape %5 : tensor<7x1x2x16xf32> to tensor<7x2x16xf32>
  %7 = tern.attention %2, %4, %6 scale 0.25 : tensor<5x4x16xf32>, tensor<7x2x16xf32>, tensor<7x2x16xf32>
  %8 = tern.reshape %7 : tensor<5x4x16xf32> to tensor<5x1x4x16xf32>
  %9 = tern.transpose "tbhd->bthd" %8 : tensor<5x1x4x16xf32>
  return %9 : tensor<1x5x4x16xf32>
}
func.func @sequence_not_tiled(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_form} {
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
  %11 = tern.softmax "bhts/s" %10 : tensor<1x4x5x7xf32>
  %12 = tern.contract "bhts,bhsd->bhtd" %11, %6 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %13 = tern.transpose "bhtd->bthd" %12 : tensor<1x4x5x16xf32>
  return %13 : tensor<1x5x4x16xf32>
}
func.func @sequence_not_scale(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x2x16xf32>, %v: tensor<1x7x2x16xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_form} {
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
  %11 = tern.softmax "bhts/s" %10 : tensor<1x4x5x7xf32>
  %12 = tern.contract "bhts,bhsd->bhtd" %11, %6 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %13 = tern.transpose "bhtd->bthd" %12 : tensor<1x4x5x16xf32>
  return %13 : tensor<1x5x4x16xf32>
}

// With several sequences.
func.func @sequences(%q: tensor<2x5x4x16xf32>, %k: tensor<2x7x2x16xf32>, %v: tensor<2x7x2x16xf32>) -> tensor<2x5x4x16xf32> attributes {tern.seek = @sequences_form} {
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
  %11 = tern.softmax "bhts/s" %10 : tensor<2x4x5x7xf32>
  %12 = tern.contract "bhts,bhsd->bhtd" %11, %6 : tensor<2x4x5x7xf32>, tensor<2x4x7x16xf32>
  %13 = tern.transpose "bhtd->bthd" %12 : tensor<2x4x5x16xf32>
  return %13 : tensor<2x5x4x16xf32>
}
func.func @sequences_form(%q: tensor<2x5x4x16xf32>, %k: tensor<2x7x2x16xf32>, %v: tensor<2x7x2x16xf32>) -> tensor<2x5x4x16xf32> {
  %0 = tern.reshape %q : tensor<2x5x4x16xf32> to tensor<2x5x2x2x16xf32>
  %1 = tern.transpose "btgmd->tbgmd" %0 : tensor<2x5x2x2x16xf32>
  %2 = tern.reshape %1 : tensor<5x2x2x2x16xf32> to tensor<5x8x16xf32>
  %3 = tern.transpose "bshd->sbhd" %k : tensor<2x7x2x16xf32>
  %4 = tern.reshape %3 : tensor<7x2x2x16xf32> to tensor<7x4x16xf32>
  %5 = tern.transpose "bshd->sbhd" %v : tensor<2x7x2x16xf32>
  %6 = tern.reshape %5 : tensor<7x2x2x16xf32> to tensor<7x4x16xf32>
  %7 = tern.attention %2, %4, %6 scale 0.25 : tensor<5x8x16xf32>, tensor<7x4x16xf32>, tensor<7x4x16xf32>
  %8 = tern.reshape %7 : tensor<5x8x16xf32> to tensor<5x2x4x16xf32>
  %9 = tern.transpose "tbhd->bthd" %8 : tensor<5x2x4x16xf32>
  return %9 : tensor<2x5x4x16xf32>
}
func.func @sequences_not_tiled(%q: tensor<2x5x4x16xf32>, %k: tensor<2x7x2x16xf32>, %v: tensor<2x7x2x16xf32>) -> tensor<2x5x4x16xf32> attributes {tern.seek = @sequences_form} {
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
  %11 = tern.softmax "bhts/s" %10 : tensor<2x4x5x7xf32>
  %12 = tern.contract "bhts,bhsd->bhtd" %11, %6 : tensor<2x4x5x7xf32>, tensor<2x4x7x16xf32>
  %13 = tern.transpose "bhtd->bthd" %12 : tensor<2x4x5x16xf32>
  return %13 : tensor<2x5x4x16xf32>
}
func.func @sequences_not_scale(%q: tensor<2x5x4x16xf32>, %k: tensor<2x7x2x16xf32>, %v: tensor<2x7x2x16xf32>) -> tensor<2x5x4x16xf32> attributes {tern.seek = @sequences_form} {
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
  %11 = tern.softmax "bhts/s" %10 : tensor<2x4x5x7xf32>
  %12 = tern.contract "bhts,bhsd->bhtd" %11, %6 : tensor<2x4x5x7xf32>, tensor<2x4x7x16xf32>
  %13 = tern.transpose "bhtd->bthd" %12 : tensor<2x4x5x16xf32>
  return %13 : tensor<2x5x4x16xf32>
}

// With an additive mask for each sequence, which heads share, and as many key heads.
func.func @sequence_heads(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x4x16xf32>, %v: tensor<1x7x4x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_heads_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x7x4x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x7x4x16xf32>
  %3 = tern.transpose "bhsd->bhds" %1 : tensor<1x4x7x16xf32>
  %4 = tern.contract "bhtd,bhds->bhts" %0, %3 : tensor<1x4x5x16xf32>, tensor<1x4x16x7xf32>
  %5 = tern.constant dense<0.25> : tensor<f32>
  %6 = tern.mul %4, %5 : tensor<1x4x5x7xf32>, tensor<f32>
  %7 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %8 = tern.broadcast "bts->bhts" %7 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %9 = tern.add %6, %8 : tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>
  %10 = tern.softmax "bhts/s" %9 : tensor<1x4x5x7xf32>
  %11 = tern.contract "bhts,bhsd->bhtd" %10, %2 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %12 = tern.transpose "bhtd->bthd" %11 : tensor<1x4x5x16xf32>
  return %12 : tensor<1x5x4x16xf32>
}
func.func @sequence_heads_form(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x4x16xf32>, %v: tensor<1x7x4x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> {
  %0 = tern.transpose "bthd->tbhd" %q : tensor<1x5x4x16xf32>
  %1 = tern.reshape %0 : tensor<5x1x4x16xf32> to tensor<5x4x16xf32>
  %2 = tern.transpose "bshd->sbhd" %k : tensor<1x7x4x16xf32>
  %3 = tern.reshape %2 : tensor<7x1x4x16xf32> to tensor<7x4x16xf32>
  %4 = tern.transpose "bshd->sbhd" %v : tensor<1x7x4x16xf32>
  %5 = tern.reshape %4 : tensor<7x1x4x16xf32> to tensor<7x4x16xf32>
  %6 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %7 = tern.broadcast "bts->bhts" %6 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %8 = tern.reshape %7 : tensor<1x4x5x7xf32> to tensor<4x5x7xf32>
  %9 = tern.attention %1, %3, %5 mask %8 scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x16xf32>, tensor<4x5x7xf32>
  %10 = tern.reshape %9 : tensor<5x4x16xf32> to tensor<5x1x4x16xf32>
  %11 = tern.transpose "tbhd->bthd" %10 : tensor<5x1x4x16xf32>
  return %11 : tensor<1x5x4x16xf32>
}
func.func @sequence_heads_not_scale(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x4x16xf32>, %v: tensor<1x7x4x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_heads_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x7x4x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x7x4x16xf32>
  %3 = tern.transpose "bhsd->bhds" %1 : tensor<1x4x7x16xf32>
  %4 = tern.contract "bhtd,bhds->bhts" %0, %3 : tensor<1x4x5x16xf32>, tensor<1x4x16x7xf32>
  %5 = tern.constant dense<0.5> : tensor<f32>
  %6 = tern.mul %4, %5 : tensor<1x4x5x7xf32>, tensor<f32>
  %7 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %8 = tern.broadcast "bts->bhts" %7 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %9 = tern.add %6, %8 : tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>
  %10 = tern.softmax "bhts/s" %9 : tensor<1x4x5x7xf32>
  %11 = tern.contract "bhts,bhsd->bhtd" %10, %2 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %12 = tern.transpose "bhtd->bthd" %11 : tensor<1x4x5x16xf32>
  return %12 : tensor<1x5x4x16xf32>
}

// And with several sequences.
func.func @sequences_heads(%q: tensor<2x5x4x16xf32>, %k: tensor<2x7x4x16xf32>, %v: tensor<2x7x4x16xf32>, %m: tensor<2x1x5x7xf32>) -> tensor<2x5x4x16xf32> attributes {tern.seek = @sequences_heads_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<2x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<2x7x4x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<2x7x4x16xf32>
  %3 = tern.transpose "bhsd->bhds" %1 : tensor<2x4x7x16xf32>
  %4 = tern.contract "bhtd,bhds->bhts" %0, %3 : tensor<2x4x5x16xf32>, tensor<2x4x16x7xf32>
  %5 = tern.constant dense<0.25> : tensor<f32>
  %6 = tern.mul %4, %5 : tensor<2x4x5x7xf32>, tensor<f32>
  %7 = tern.reshape %m : tensor<2x1x5x7xf32> to tensor<2x5x7xf32>
  %8 = tern.broadcast "bts->bhts" %7 : tensor<2x5x7xf32> to tensor<2x4x5x7xf32>
  %9 = tern.add %6, %8 : tensor<2x4x5x7xf32>, tensor<2x4x5x7xf32>
  %10 = tern.softmax "bhts/s" %9 : tensor<2x4x5x7xf32>
  %11 = tern.contract "bhts,bhsd->bhtd" %10, %2 : tensor<2x4x5x7xf32>, tensor<2x4x7x16xf32>
  %12 = tern.transpose "bhtd->bthd" %11 : tensor<2x4x5x16xf32>
  return %12 : tensor<2x5x4x16xf32>
}
func.func @sequences_heads_form(%q: tensor<2x5x4x16xf32>, %k: tensor<2x7x4x16xf32>, %v: tensor<2x7x4x16xf32>, %m: tensor<2x1x5x7xf32>) -> tensor<2x5x4x16xf32> {
  %0 = tern.transpose "bthd->tbhd" %q : tensor<2x5x4x16xf32>
  %1 = tern.reshape %0 : tensor<5x2x4x16xf32> to tensor<5x8x16xf32>
  %2 = tern.transpose "bshd->sbhd" %k : tensor<2x7x4x16xf32>
  %3 = tern.reshape %2 : tensor<7x2x4x16xf32> to tensor<7x8x16xf32>
  %4 = tern.transpose "bshd->sbhd" %v : tensor<2x7x4x16xf32>
  %5 = tern.reshape %4 : tensor<7x2x4x16xf32> to tensor<7x8x16xf32>
  %6 = tern.reshape %m : tensor<2x1x5x7xf32> to tensor<2x5x7xf32>
  %7 = tern.broadcast "bts->bhts" %6 : tensor<2x5x7xf32> to tensor<2x4x5x7xf32>
  %8 = tern.reshape %7 : tensor<2x4x5x7xf32> to tensor<8x5x7xf32>
  %9 = tern.attention %1, %3, %5 mask %8 scale 0.25 : tensor<5x8x16xf32>, tensor<7x8x16xf32>, tensor<7x8x16xf32>, tensor<8x5x7xf32>
  %10 = tern.reshape %9 : tensor<5x8x16xf32> to tensor<5x2x4x16xf32>
  %11 = tern.transpose "tbhd->bthd" %10 : tensor<5x2x4x16xf32>
  return %11 : tensor<2x5x4x16xf32>
}
func.func @sequences_heads_not_scale(%q: tensor<2x5x4x16xf32>, %k: tensor<2x7x4x16xf32>, %v: tensor<2x7x4x16xf32>, %m: tensor<2x1x5x7xf32>) -> tensor<2x5x4x16xf32> attributes {tern.seek = @sequences_heads_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<2x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<2x7x4x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<2x7x4x16xf32>
  %3 = tern.transpose "bhsd->bhds" %1 : tensor<2x4x7x16xf32>
  %4 = tern.contract "bhtd,bhds->bhts" %0, %3 : tensor<2x4x5x16xf32>, tensor<2x4x16x7xf32>
  %5 = tern.constant dense<0.5> : tensor<f32>
  %6 = tern.mul %4, %5 : tensor<2x4x5x7xf32>, tensor<f32>
  %7 = tern.reshape %m : tensor<2x1x5x7xf32> to tensor<2x5x7xf32>
  %8 = tern.broadcast "bts->bhts" %7 : tensor<2x5x7xf32> to tensor<2x4x5x7xf32>
  %9 = tern.add %6, %8 : tensor<2x4x5x7xf32>, tensor<2x4x5x7xf32>
  %10 = tern.softmax "bhts/s" %9 : tensor<2x4x5x7xf32>
  %11 = tern.contract "bhts,bhsd->bhtd" %10, %2 : tensor<2x4x5x7xf32>, tensor<2x4x7x16xf32>
  %12 = tern.transpose "bhtd->bthd" %11 : tensor<2x4x5x16xf32>
  return %12 : tensor<2x5x4x16xf32>
}

// And with soft-capped scores.
func.func @sequence_capped(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x4x16xf32>, %v: tensor<1x7x4x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_capped_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x7x4x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x7x4x16xf32>
  %3 = tern.transpose "bhsd->bhds" %1 : tensor<1x4x7x16xf32>
  %4 = tern.contract "bhtd,bhds->bhts" %0, %3 : tensor<1x4x5x16xf32>, tensor<1x4x16x7xf32>
  %5 = tern.constant dense<0.25> : tensor<f32>
  %6 = tern.mul %4, %5 : tensor<1x4x5x7xf32>, tensor<f32>
  %7 = tern.constant dense<30.0> : tensor<f32>
  %8 = tern.div %6, %7 : tensor<1x4x5x7xf32>, tensor<f32>
  %9 = tern.tanh %8 : tensor<1x4x5x7xf32>
  %10 = tern.constant dense<30.0> : tensor<f32>
  %11 = tern.mul %9, %10 : tensor<1x4x5x7xf32>, tensor<f32>
  %12 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %13 = tern.broadcast "bts->bhts" %12 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %14 = tern.add %11, %13 : tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>
  %15 = tern.softmax "bhts/s" %14 : tensor<1x4x5x7xf32>
  %16 = tern.contract "bhts,bhsd->bhtd" %15, %2 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %17 = tern.transpose "bhtd->bthd" %16 : tensor<1x4x5x16xf32>
  return %17 : tensor<1x5x4x16xf32>
}
func.func @sequence_capped_form(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x4x16xf32>, %v: tensor<1x7x4x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> {
  %0 = tern.transpose "bthd->tbhd" %q : tensor<1x5x4x16xf32>
  %1 = tern.reshape %0 : tensor<5x1x4x16xf32> to tensor<5x4x16xf32>
  %2 = tern.transpose "bshd->sbhd" %k : tensor<1x7x4x16xf32>
  %3 = tern.reshape %2 : tensor<7x1x4x16xf32> to tensor<7x4x16xf32>
  %4 = tern.transpose "bshd->sbhd" %v : tensor<1x7x4x16xf32>
  %5 = tern.reshape %4 : tensor<7x1x4x16xf32> to tensor<7x4x16xf32>
  %6 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %7 = tern.broadcast "bts->bhts" %6 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %8 = tern.reshape %7 : tensor<1x4x5x7xf32> to tensor<4x5x7xf32>
  %9 = tern.attention %1, %3, %5 mask %8 scale 0.25 soft_cap 30.0 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x16xf32>, tensor<4x5x7xf32>
  %10 = tern.reshape %9 : tensor<5x4x16xf32> to tensor<5x1x4x16xf32>
  %11 = tern.transpose "tbhd->bthd" %10 : tensor<5x1x4x16xf32>
  return %11 : tensor<1x5x4x16xf32>
}
func.func @sequence_capped_not_scale(%q: tensor<1x5x4x16xf32>, %k: tensor<1x7x4x16xf32>, %v: tensor<1x7x4x16xf32>, %m: tensor<1x1x5x7xf32>) -> tensor<1x5x4x16xf32> attributes {tern.seek = @sequence_capped_form} {
  %0 = tern.transpose "bthd->bhtd" %q : tensor<1x5x4x16xf32>
  %1 = tern.transpose "bshd->bhsd" %k : tensor<1x7x4x16xf32>
  %2 = tern.transpose "bshd->bhsd" %v : tensor<1x7x4x16xf32>
  %3 = tern.transpose "bhsd->bhds" %1 : tensor<1x4x7x16xf32>
  %4 = tern.contract "bhtd,bhds->bhts" %0, %3 : tensor<1x4x5x16xf32>, tensor<1x4x16x7xf32>
  %5 = tern.constant dense<0.5> : tensor<f32>
  %6 = tern.mul %4, %5 : tensor<1x4x5x7xf32>, tensor<f32>
  %7 = tern.constant dense<30.0> : tensor<f32>
  %8 = tern.div %6, %7 : tensor<1x4x5x7xf32>, tensor<f32>
  %9 = tern.tanh %8 : tensor<1x4x5x7xf32>
  %10 = tern.constant dense<30.0> : tensor<f32>
  %11 = tern.mul %9, %10 : tensor<1x4x5x7xf32>, tensor<f32>
  %12 = tern.reshape %m : tensor<1x1x5x7xf32> to tensor<1x5x7xf32>
  %13 = tern.broadcast "bts->bhts" %12 : tensor<1x5x7xf32> to tensor<1x4x5x7xf32>
  %14 = tern.add %11, %13 : tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>
  %15 = tern.softmax "bhts/s" %14 : tensor<1x4x5x7xf32>
  %16 = tern.contract "bhts,bhsd->bhtd" %15, %2 : tensor<1x4x5x7xf32>, tensor<1x4x7x16xf32>
  %17 = tern.transpose "bhtd->bthd" %16 : tensor<1x4x5x16xf32>
  return %17 : tensor<1x5x4x16xf32>
}

// One key head, written once for each query head.
func.func @joined_heads(%q: tensor<7x2x16xf32>, %k: tensor<9x1x16xf32>, %v: tensor<9x1x8xf32>, %l: tensor<9x1x16xf32>) -> tensor<7x2x8xf32> attributes {tern.seek = @joined_heads_form} {
  %0 = tern.concat %k, %k axis 1 : tensor<9x1x16xf32>, tensor<9x1x16xf32>
  %1 = tern.concat %v, %v axis 1 : tensor<9x1x8xf32>, tensor<9x1x8xf32>
  %2 = tern.contract "thd,shd->hts" %q, %0 : tensor<7x2x16xf32>, tensor<9x2x16xf32>
  %3 = tern.constant dense<0.25> : tensor<f32>
  %4 = tern.mul %2, %3 : tensor<2x7x9xf32>, tensor<f32>
  %5 = tern.softmax "hts/s" %4 : tensor<2x7x9xf32>
  %6 = tern.contract "hts,shv->thv" %5, %1 : tensor<2x7x9xf32>, tensor<9x2x8xf32>
  return %6 : tensor<7x2x8xf32>
}
func.func @joined_heads_form(%q: tensor<7x2x16xf32>, %k: tensor<9x1x16xf32>, %v: tensor<9x1x8xf32>, %l: tensor<9x1x16xf32>) -> tensor<7x2x8xf32> {
  %0 = tern.attention %q, %k, %v scale 0.25 : tensor<7x2x16xf32>, tensor<9x1x16xf32>, tensor<9x1x8xf32>
  return %0 : tensor<7x2x8xf32>
}
func.func @joined_heads_not_other(%q: tensor<7x2x16xf32>, %k: tensor<9x1x16xf32>, %v: tensor<9x1x8xf32>, %l: tensor<9x1x16xf32>) -> tensor<7x2x8xf32> attributes {tern.seek = @joined_heads_form} {
  %0 = tern.concat %k, %l axis 1 : tensor<9x1x16xf32>, tensor<9x1x16xf32>
  %1 = tern.concat %v, %v axis 1 : tensor<9x1x8xf32>, tensor<9x1x8xf32>
  %2 = tern.contract "thd,shd->hts" %q, %0 : tensor<7x2x16xf32>, tensor<9x2x16xf32>
  %3 = tern.constant dense<0.25> : tensor<f32>
  %4 = tern.mul %2, %3 : tensor<2x7x9xf32>, tensor<f32>
  %5 = tern.softmax "hts/s" %4 : tensor<2x7x9xf32>
  %6 = tern.contract "hts,shv->thv" %5, %1 : tensor<2x7x9xf32>, tensor<9x2x8xf32>
  return %6 : tensor<7x2x8xf32>
}

// And four times.
func.func @joined_heads_four(%q: tensor<7x4x16xf32>, %k: tensor<9x1x16xf32>, %v: tensor<9x1x8xf32>, %l: tensor<9x1x16xf32>) -> tensor<7x4x8xf32> attributes {tern.seek = @joined_heads_four_form} {
  %0 = tern.concat %k, %k, %k, %k axis 1 : tensor<9x1x16xf32>, tensor<9x1x16xf32>, tensor<9x1x16xf32>, tensor<9x1x16xf32>
  %1 = tern.concat %v, %v, %v, %v axis 1 : tensor<9x1x8xf32>, tensor<9x1x8xf32>, tensor<9x1x8xf32>, tensor<9x1x8xf32>
  %2 = tern.contract "thd,shd->hts" %q, %0 : tensor<7x4x16xf32>, tensor<9x4x16xf32>
  %3 = tern.constant dense<0.25> : tensor<f32>
  %4 = tern.mul %2, %3 : tensor<4x7x9xf32>, tensor<f32>
  %5 = tern.softmax "hts/s" %4 : tensor<4x7x9xf32>
  %6 = tern.contract "hts,shv->thv" %5, %1 : tensor<4x7x9xf32>, tensor<9x4x8xf32>
  return %6 : tensor<7x4x8xf32>
}
func.func @joined_heads_four_form(%q: tensor<7x4x16xf32>, %k: tensor<9x1x16xf32>, %v: tensor<9x1x8xf32>, %l: tensor<9x1x16xf32>) -> tensor<7x4x8xf32> {
  %0 = tern.attention %q, %k, %v scale 0.25 : tensor<7x4x16xf32>, tensor<9x1x16xf32>, tensor<9x1x8xf32>
  return %0 : tensor<7x4x8xf32>
}
func.func @joined_heads_four_not_other(%q: tensor<7x4x16xf32>, %k: tensor<9x1x16xf32>, %v: tensor<9x1x8xf32>, %l: tensor<9x1x16xf32>) -> tensor<7x4x8xf32> attributes {tern.seek = @joined_heads_four_form} {
  %0 = tern.concat %k, %k, %k, %l axis 1 : tensor<9x1x16xf32>, tensor<9x1x16xf32>, tensor<9x1x16xf32>, tensor<9x1x16xf32>
  %1 = tern.concat %v, %v, %v, %v axis 1 : tensor<9x1x8xf32>, tensor<9x1x8xf32>, tensor<9x1x8xf32>, tensor<9x1x8xf32>
  %2 = tern.contract "thd,shd->hts" %q, %0 : tensor<7x4x16xf32>, tensor<9x4x16xf32>
  %3 = tern.constant dense<0.25> : tensor<f32>
  %4 = tern.mul %2, %3 : tensor<4x7x9xf32>, tensor<f32>
  %5 = tern.softmax "hts/s" %4 : tensor<4x7x9xf32>
  %6 = tern.contract "hts,shv->thv" %5, %1 : tensor<4x7x9xf32>, tensor<9x4x8xf32>
  return %6 : tensor<7x4x8xf32>
}
