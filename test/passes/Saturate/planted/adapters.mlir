// Adapters: folded, kept, joined.

// A low-rank term is folded into the weight.
func.func @low_rank(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @low_rank_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<32x64xf32>
  %2 = tern.weight "a" : tensor<4x64xf32>
  %3 = tern.contract "tk,ak->ta" %x, %2 : tensor<5x64xf32>, tensor<4x64xf32>
  %4 = tern.weight "b" : tensor<32x4xf32>
  %5 = tern.contract "ta,na->tn" %3, %4 : tensor<5x4xf32>, tensor<32x4xf32>
  %6 = tern.constant dense<2.0> : tensor<f32>
  %7 = tern.mul %5, %6 : tensor<5x32xf32>, tensor<f32>
  %8 = tern.add %1, %7 : tensor<5x32xf32>, tensor<5x32xf32>
  return %8 : tensor<5x32xf32>
}
func.func @low_rank_form(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.constant dense<2.0> : tensor<f32>
  %2 = tern.weight "a" : tensor<4x64xf32>
  %3 = tern.weight "b" : tensor<32x4xf32>
  %4 = tern.contract "ak,na->nk" %2, %3 : tensor<4x64xf32>, tensor<32x4xf32>
  %5 = tern.mul %1, %4 : tensor<f32>, tensor<32x64xf32>
  %6 = tern.add %0, %5 : tensor<32x64xf32>, tensor<32x64xf32>
  %7 = tern.contract "tk,nk->tn" %x, %6 : tensor<5x64xf32>, tensor<32x64xf32>
  return %7 : tensor<5x32xf32>
}
func.func @low_rank_not_scale(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @low_rank_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<32x64xf32>
  %2 = tern.weight "a" : tensor<4x64xf32>
  %3 = tern.contract "tk,ak->ta" %x, %2 : tensor<5x64xf32>, tensor<4x64xf32>
  %4 = tern.weight "b" : tensor<32x4xf32>
  %5 = tern.contract "ta,na->tn" %3, %4 : tensor<5x4xf32>, tensor<32x4xf32>
  %6 = tern.add %1, %5 : tensor<5x32xf32>, tensor<5x32xf32>
  return %6 : tensor<5x32xf32>
}
func.func @low_rank_not_operand(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @low_rank_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<32x64xf32>
  %2 = tern.weight "a" : tensor<4x64xf32>
  %3 = tern.contract "tk,ak->ta" %y, %2 : tensor<5x64xf32>, tensor<4x64xf32>
  %4 = tern.weight "b" : tensor<32x4xf32>
  %5 = tern.contract "ta,na->tn" %3, %4 : tensor<5x4xf32>, tensor<32x4xf32>
  %6 = tern.constant dense<2.0> : tensor<f32>
  %7 = tern.mul %5, %6 : tensor<5x32xf32>, tensor<f32>
  %8 = tern.add %1, %7 : tensor<5x32xf32>, tensor<5x32xf32>
  return %8 : tensor<5x32xf32>
}

// A low-rank term of a folded weight is kept apart.
func.func @low_rank_keep(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @low_rank_keep_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.constant dense<2.0> : tensor<f32>
  %2 = tern.weight "a" : tensor<4x64xf32>
  %3 = tern.weight "b" : tensor<32x4xf32>
  %4 = tern.contract "ak,na->nk" %2, %3 : tensor<4x64xf32>, tensor<32x4xf32>
  %5 = tern.mul %1, %4 : tensor<f32>, tensor<32x64xf32>
  %6 = tern.add %0, %5 : tensor<32x64xf32>, tensor<32x64xf32>
  %7 = tern.contract "tk,nk->tn" %x, %6 : tensor<5x64xf32>, tensor<32x64xf32>
  return %7 : tensor<5x32xf32>
}
func.func @low_rank_keep_form(%x: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<32x64xf32>
  %2 = tern.constant dense<2.0> : tensor<f32>
  %3 = tern.weight "a" : tensor<4x64xf32>
  %4 = tern.contract "tk,ak->ta" %x, %3 : tensor<5x64xf32>, tensor<4x64xf32>
  %5 = tern.weight "b" : tensor<32x4xf32>
  %6 = tern.contract "ta,na->tn" %4, %5 : tensor<5x4xf32>, tensor<32x4xf32>
  %7 = tern.mul %2, %6 : tensor<f32>, tensor<5x32xf32>
  %8 = tern.add %1, %7 : tensor<5x32xf32>, tensor<5x32xf32>
  return %8 : tensor<5x32xf32>
}
func.func @low_rank_keep_not_scale(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @low_rank_keep_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.weight "a" : tensor<4x64xf32>
  %2 = tern.weight "b" : tensor<32x4xf32>
  %3 = tern.contract "ak,na->nk" %1, %2 : tensor<4x64xf32>, tensor<32x4xf32>
  %4 = tern.add %0, %3 : tensor<32x64xf32>, tensor<32x64xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x64xf32>, tensor<32x64xf32>
  return %5 : tensor<5x32xf32>
}

// Factors are not transposed.
func.func @square(%x: tensor<5x8xf32>) -> tensor<5x8xf32> attributes {tern.seek = @square_form} {
  %0 = tern.weight "a" : tensor<8x8xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x8xf32>, tensor<8x8xf32>
  %2 = tern.weight "b" : tensor<8x8xf32>
  %3 = tern.contract "ta,na->tn" %1, %2 : tensor<5x8xf32>, tensor<8x8xf32>
  %4 = tern.weight "w" : tensor<8x8xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x8xf32>, tensor<8x8xf32>
  %6 = tern.add %3, %5 : tensor<5x8xf32>, tensor<5x8xf32>
  return %6 : tensor<5x8xf32>
}
func.func @square_form(%x: tensor<5x8xf32>) -> tensor<5x8xf32> {
  %0 = tern.weight "w" : tensor<8x8xf32>
  %1 = tern.weight "a" : tensor<8x8xf32>
  %2 = tern.weight "b" : tensor<8x8xf32>
  %3 = tern.contract "ak,na->nk" %1, %2 : tensor<8x8xf32>, tensor<8x8xf32>
  %4 = tern.add %0, %3 : tensor<8x8xf32>, tensor<8x8xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x8xf32>, tensor<8x8xf32>
  return %5 : tensor<5x8xf32>
}
func.func @square_not_fan_in(%x: tensor<5x8xf32>) -> tensor<5x8xf32> attributes {tern.seek = @square_form} {
  %0 = tern.weight "a" : tensor<8x8xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x8xf32>, tensor<8x8xf32>
  %2 = tern.weight "b" : tensor<8x8xf32>
  %3 = tern.contract "ta,an->tn" %1, %2 : tensor<5x8xf32>, tensor<8x8xf32>
  %4 = tern.weight "w" : tensor<8x8xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x8xf32>, tensor<8x8xf32>
  %6 = tern.add %3, %5 : tensor<5x8xf32>, tensor<5x8xf32>
  return %6 : tensor<5x8xf32>
}
func.func @square_not_swapped(%x: tensor<5x8xf32>) -> tensor<5x8xf32> attributes {tern.seek = @square_form} {
  %0 = tern.weight "b" : tensor<8x8xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x8xf32>, tensor<8x8xf32>
  %2 = tern.weight "a" : tensor<8x8xf32>
  %3 = tern.contract "ta,na->tn" %1, %2 : tensor<5x8xf32>, tensor<8x8xf32>
  %4 = tern.weight "w" : tensor<8x8xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x8xf32>, tensor<8x8xf32>
  %6 = tern.add %3, %5 : tensor<5x8xf32>, tensor<5x8xf32>
  return %6 : tensor<5x8xf32>
}

// Two low-rank terms are one of both ranks.
func.func @joined(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @joined_form} {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x64xf32>, tensor<4x64xf32>
  %2 = tern.weight "b" : tensor<32x4xf32>
  %3 = tern.contract "ta,na->tn" %1, %2 : tensor<5x4xf32>, tensor<32x4xf32>
  %4 = tern.weight "c" : tensor<8x64xf32>
  %5 = tern.contract "tk,ak->ta" %x, %4 : tensor<5x64xf32>, tensor<8x64xf32>
  %6 = tern.weight "d" : tensor<32x8xf32>
  %7 = tern.contract "ta,na->tn" %5, %6 : tensor<5x8xf32>, tensor<32x8xf32>
  %8 = tern.add %3, %7 : tensor<5x32xf32>, tensor<5x32xf32>
  return %8 : tensor<5x32xf32>
}
func.func @joined_form(%x: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.weight "c" : tensor<8x64xf32>
  %2 = tern.concat %0, %1 axis 0 : tensor<4x64xf32>, tensor<8x64xf32>
  %3 = tern.contract "tk,ak->ta" %x, %2 : tensor<5x64xf32>, tensor<12x64xf32>
  %4 = tern.weight "b" : tensor<32x4xf32>
  %5 = tern.weight "d" : tensor<32x8xf32>
  %6 = tern.concat %4, %5 axis 1 : tensor<32x4xf32>, tensor<32x8xf32>
  %7 = tern.contract "ta,na->tn" %3, %6 : tensor<5x12xf32>, tensor<32x12xf32>
  return %7 : tensor<5x32xf32>
}
func.func @joined_not_crossed(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @joined_form} {
  %0 = tern.weight "c" : tensor<8x64xf32>
  %1 = tern.weight "a" : tensor<4x64xf32>
  %2 = tern.concat %0, %1 axis 0 : tensor<8x64xf32>, tensor<4x64xf32>
  %3 = tern.contract "tk,ak->ta" %x, %2 : tensor<5x64xf32>, tensor<12x64xf32>
  %4 = tern.weight "b" : tensor<32x4xf32>
  %5 = tern.weight "d" : tensor<32x8xf32>
  %6 = tern.concat %4, %5 axis 1 : tensor<32x4xf32>, tensor<32x8xf32>
  %7 = tern.contract "ta,na->tn" %3, %6 : tensor<5x12xf32>, tensor<32x12xf32>
  return %7 : tensor<5x32xf32>
}

// With a factor each.
func.func @joined_scaled(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @joined_scaled_form} {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x64xf32>, tensor<4x64xf32>
  %2 = tern.weight "b" : tensor<32x4xf32>
  %3 = tern.contract "ta,na->tn" %1, %2 : tensor<5x4xf32>, tensor<32x4xf32>
  %4 = tern.constant dense<2.0> : tensor<f32>
  %5 = tern.mul %3, %4 : tensor<5x32xf32>, tensor<f32>
  %6 = tern.weight "c" : tensor<4x64xf32>
  %7 = tern.contract "tk,ak->ta" %x, %6 : tensor<5x64xf32>, tensor<4x64xf32>
  %8 = tern.weight "d" : tensor<32x4xf32>
  %9 = tern.contract "ta,na->tn" %7, %8 : tensor<5x4xf32>, tensor<32x4xf32>
  %10 = tern.constant dense<0.5> : tensor<f32>
  %11 = tern.mul %9, %10 : tensor<5x32xf32>, tensor<f32>
  %12 = tern.add %5, %11 : tensor<5x32xf32>, tensor<5x32xf32>
  return %12 : tensor<5x32xf32>
}
func.func @joined_scaled_form(%x: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.weight "c" : tensor<4x64xf32>
  %2 = tern.concat %0, %1 axis 0 : tensor<4x64xf32>, tensor<4x64xf32>
  %3 = tern.contract "tk,ak->ta" %x, %2 : tensor<5x64xf32>, tensor<8x64xf32>
  %4 = tern.constant dense<2.0> : tensor<f32>
  %5 = tern.weight "b" : tensor<32x4xf32>
  %6 = tern.mul %4, %5 : tensor<f32>, tensor<32x4xf32>
  %7 = tern.constant dense<0.5> : tensor<f32>
  %8 = tern.weight "d" : tensor<32x4xf32>
  %9 = tern.mul %7, %8 : tensor<f32>, tensor<32x4xf32>
  %10 = tern.concat %6, %9 axis 1 : tensor<32x4xf32>, tensor<32x4xf32>
  %11 = tern.contract "ta,na->tn" %3, %10 : tensor<5x8xf32>, tensor<32x8xf32>
  return %11 : tensor<5x32xf32>
}
func.func @joined_scaled_not_factors(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @joined_scaled_form} {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.weight "c" : tensor<4x64xf32>
  %2 = tern.add %0, %1 : tensor<4x64xf32>, tensor<4x64xf32>
  %3 = tern.contract "tk,ak->ta" %x, %2 : tensor<5x64xf32>, tensor<4x64xf32>
  %4 = tern.constant dense<2.0> : tensor<f32>
  %5 = tern.weight "b" : tensor<32x4xf32>
  %6 = tern.mul %4, %5 : tensor<f32>, tensor<32x4xf32>
  %7 = tern.constant dense<0.5> : tensor<f32>
  %8 = tern.weight "d" : tensor<32x4xf32>
  %9 = tern.mul %7, %8 : tensor<f32>, tensor<32x4xf32>
  %10 = tern.add %6, %9 : tensor<32x4xf32>, tensor<32x4xf32>
  %11 = tern.contract "ta,na->tn" %3, %10 : tensor<5x4xf32>, tensor<32x4xf32>
  return %11 : tensor<5x32xf32>
}
func.func @joined_scaled_not_swapped(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @joined_scaled_form} {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x64xf32>, tensor<4x64xf32>
  %2 = tern.weight "b" : tensor<32x4xf32>
  %3 = tern.contract "ta,na->tn" %1, %2 : tensor<5x4xf32>, tensor<32x4xf32>
  %4 = tern.constant dense<0.5> : tensor<f32>
  %5 = tern.mul %3, %4 : tensor<5x32xf32>, tensor<f32>
  %6 = tern.weight "c" : tensor<4x64xf32>
  %7 = tern.contract "tk,ak->ta" %x, %6 : tensor<5x64xf32>, tensor<4x64xf32>
  %8 = tern.weight "d" : tensor<32x4xf32>
  %9 = tern.contract "ta,na->tn" %7, %8 : tensor<5x4xf32>, tensor<32x4xf32>
  %10 = tern.constant dense<2.0> : tensor<f32>
  %11 = tern.mul %9, %10 : tensor<5x32xf32>, tensor<f32>
  %12 = tern.add %5, %11 : tensor<5x32xf32>, tensor<5x32xf32>
  return %12 : tensor<5x32xf32>
}

// Its factor joins one of its matrices.
func.func @factor_scale(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @factor_scale_form} {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x64xf32>, tensor<4x64xf32>
  %2 = tern.weight "b" : tensor<32x4xf32>
  %3 = tern.contract "ta,na->tn" %1, %2 : tensor<5x4xf32>, tensor<32x4xf32>
  %4 = tern.constant dense<2.0> : tensor<f32>
  %5 = tern.mul %3, %4 : tensor<5x32xf32>, tensor<f32>
  return %5 : tensor<5x32xf32>
}
func.func @factor_scale_form(%x: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x64xf32>, tensor<4x64xf32>
  %2 = tern.constant dense<2.0> : tensor<f32>
  %3 = tern.weight "b" : tensor<32x4xf32>
  %4 = tern.mul %2, %3 : tensor<f32>, tensor<32x4xf32>
  %5 = tern.contract "ta,na->tn" %1, %4 : tensor<5x4xf32>, tensor<32x4xf32>
  return %5 : tensor<5x32xf32>
}
func.func @factor_scale_not_scale(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @factor_scale_form} {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x64xf32>, tensor<4x64xf32>
  %2 = tern.weight "b" : tensor<32x4xf32>
  %3 = tern.contract "ta,na->tn" %1, %2 : tensor<5x4xf32>, tensor<32x4xf32>
  return %3 : tensor<5x32xf32>
}

// A diagonal between the factors.
func.func @inner_diagonal(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @inner_diagonal_form} {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x64xf32>, tensor<4x64xf32>
  %2 = tern.weight "l" : tensor<4xf32>
  %3 = tern.broadcast "a->ta" %2 : tensor<4xf32> to tensor<5x4xf32>
  %4 = tern.mul %1, %3 : tensor<5x4xf32>, tensor<5x4xf32>
  %5 = tern.weight "b" : tensor<32x4xf32>
  %6 = tern.contract "ta,na->tn" %4, %5 : tensor<5x4xf32>, tensor<32x4xf32>
  return %6 : tensor<5x32xf32>
}
func.func @inner_diagonal_form(%x: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x64xf32>, tensor<4x64xf32>
  %2 = tern.weight "b" : tensor<32x4xf32>
  %3 = tern.weight "l" : tensor<4xf32>
  %4 = tern.broadcast "a->na" %3 : tensor<4xf32> to tensor<32x4xf32>
  %5 = tern.mul %2, %4 : tensor<32x4xf32>, tensor<32x4xf32>
  %6 = tern.contract "ta,na->tn" %1, %5 : tensor<5x4xf32>, tensor<32x4xf32>
  return %6 : tensor<5x32xf32>
}
func.func @inner_diagonal_not_rank(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @inner_diagonal_form} {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x64xf32>, tensor<4x64xf32>
  %2 = tern.weight "b" : tensor<32x4xf32>
  %3 = tern.contract "ta,na->tn" %1, %2 : tensor<5x4xf32>, tensor<32x4xf32>
  return %3 : tensor<5x32xf32>
}

// A norm's scale passes into the adapter too.
func.func @norm_scale(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @norm_scale_form} {
  %0 = tern.weight "g" : tensor<64xf32>
  %1 = tern.broadcast "k->tk" %0 : tensor<64xf32> to tensor<5x64xf32>
  %2 = tern.mul %x, %1 : tensor<5x64xf32>, tensor<5x64xf32>
  %3 = tern.weight "w" : tensor<32x64xf32>
  %4 = tern.contract "tk,nk->tn" %2, %3 : tensor<5x64xf32>, tensor<32x64xf32>
  %5 = tern.weight "a" : tensor<4x64xf32>
  %6 = tern.contract "tk,ak->ta" %2, %5 : tensor<5x64xf32>, tensor<4x64xf32>
  %7 = tern.weight "b" : tensor<32x4xf32>
  %8 = tern.contract "ta,na->tn" %6, %7 : tensor<5x4xf32>, tensor<32x4xf32>
  %9 = tern.add %4, %8 : tensor<5x32xf32>, tensor<5x32xf32>
  return %9 : tensor<5x32xf32>
}
func.func @norm_scale_form(%x: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.weight "a" : tensor<4x64xf32>
  %2 = tern.weight "b" : tensor<32x4xf32>
  %3 = tern.contract "ak,na->nk" %1, %2 : tensor<4x64xf32>, tensor<32x4xf32>
  %4 = tern.add %0, %3 : tensor<32x64xf32>, tensor<32x64xf32>
  %5 = tern.weight "g" : tensor<64xf32>
  %6 = tern.broadcast "k->nk" %5 : tensor<64xf32> to tensor<32x64xf32>
  %7 = tern.mul %4, %6 : tensor<32x64xf32>, tensor<32x64xf32>
  %8 = tern.contract "tk,nk->tn" %x, %7 : tensor<5x64xf32>, tensor<32x64xf32>
  return %8 : tensor<5x32xf32>
}
func.func @norm_scale_not_one(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @norm_scale_form} {
  %0 = tern.weight "g" : tensor<64xf32>
  %1 = tern.broadcast "k->tk" %0 : tensor<64xf32> to tensor<5x64xf32>
  %2 = tern.mul %x, %1 : tensor<5x64xf32>, tensor<5x64xf32>
  %3 = tern.weight "w" : tensor<32x64xf32>
  %4 = tern.contract "tk,nk->tn" %2, %3 : tensor<5x64xf32>, tensor<32x64xf32>
  %5 = tern.weight "a" : tensor<4x64xf32>
  %6 = tern.contract "tk,ak->ta" %x, %5 : tensor<5x64xf32>, tensor<4x64xf32>
  %7 = tern.weight "b" : tensor<32x4xf32>
  %8 = tern.contract "ta,na->tn" %6, %7 : tensor<5x4xf32>, tensor<32x4xf32>
  %9 = tern.add %4, %8 : tensor<5x32xf32>, tensor<5x32xf32>
  return %9 : tensor<5x32xf32>
}
