// Products with one operand, and what stands around products.

// Queries, keys and values read their operand once.
func.func @qkv(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> (tensor<5x32xf32>, tensor<5x16xf32>, tensor<5x16xf32>) attributes {tern.seek = @qkv_form} {
  %0 = tern.weight "q" : tensor<32x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<32x64xf32>
  %2 = tern.weight "k" : tensor<16x64xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<5x64xf32>, tensor<16x64xf32>
  %4 = tern.weight "v" : tensor<16x64xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  return %1, %3, %5 : tensor<5x32xf32>, tensor<5x16xf32>, tensor<5x16xf32>
}
func.func @qkv_form(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> (tensor<5x32xf32>, tensor<5x16xf32>, tensor<5x16xf32>) {
  %0 = tern.weight "k" : tensor<16x64xf32>
  %1 = tern.weight "q" : tensor<32x64xf32>
  %2 = tern.weight "v" : tensor<16x64xf32>
  %3 = tern.concat %1, %0, %2 axis 0 : tensor<32x64xf32>, tensor<16x64xf32>, tensor<16x64xf32>
  %4 = tern.contract "tk,nk->tn" %x, %3 : tensor<5x64xf32>, tensor<64x64xf32>
  %5 = tern.slice %4 axis 1 from 0 size 32 : tensor<5x64xf32>
  %6 = tern.slice %4 axis 1 from 32 size 16 : tensor<5x64xf32>
  %7 = tern.slice %4 axis 1 from 48 size 16 : tensor<5x64xf32>
  return %5, %6, %7 : tensor<5x32xf32>, tensor<5x16xf32>, tensor<5x16xf32>
}
func.func @qkv_not_operand(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> (tensor<5x32xf32>, tensor<5x16xf32>, tensor<5x16xf32>) attributes {tern.seek = @qkv_form} {
  %0 = tern.weight "q" : tensor<32x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<32x64xf32>
  %2 = tern.weight "k" : tensor<16x64xf32>
  %3 = tern.contract "tk,nk->tn" %y, %2 : tensor<5x64xf32>, tensor<16x64xf32>
  %4 = tern.weight "v" : tensor<16x64xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  return %1, %3, %5 : tensor<5x32xf32>, tensor<5x16xf32>, tensor<5x16xf32>
}
func.func @qkv_not_order(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> (tensor<5x32xf32>, tensor<5x16xf32>, tensor<5x16xf32>) attributes {tern.seek = @qkv_form} {
  %0 = tern.weight "q" : tensor<32x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<32x64xf32>
  %2 = tern.weight "v" : tensor<16x64xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<5x64xf32>, tensor<16x64xf32>
  %4 = tern.weight "k" : tensor<16x64xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  return %1, %3, %5 : tensor<5x32xf32>, tensor<5x16xf32>, tensor<5x16xf32>
}

// So they do with biases.
func.func @qkv_biased(%x: tensor<5x64xf32>) -> (tensor<5x32xf32>, tensor<5x16xf32>, tensor<5x16xf32>) attributes {tern.seek = @qkv_biased_form} {
  %0 = tern.weight "q" : tensor<32x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<32x64xf32>
  %2 = tern.weight "qb" : tensor<32xf32>
  %3 = tern.broadcast "n->tn" %2 : tensor<32xf32> to tensor<5x32xf32>
  %4 = tern.add %1, %3 : tensor<5x32xf32>, tensor<5x32xf32>
  %5 = tern.weight "k" : tensor<16x64xf32>
  %6 = tern.contract "tk,nk->tn" %x, %5 : tensor<5x64xf32>, tensor<16x64xf32>
  %7 = tern.weight "kb" : tensor<16xf32>
  %8 = tern.broadcast "n->tn" %7 : tensor<16xf32> to tensor<5x16xf32>
  %9 = tern.add %6, %8 : tensor<5x16xf32>, tensor<5x16xf32>
  %10 = tern.weight "v" : tensor<16x64xf32>
  %11 = tern.contract "tk,nk->tn" %x, %10 : tensor<5x64xf32>, tensor<16x64xf32>
  %12 = tern.weight "vb" : tensor<16xf32>
  %13 = tern.broadcast "n->tn" %12 : tensor<16xf32> to tensor<5x16xf32>
  %14 = tern.add %11, %13 : tensor<5x16xf32>, tensor<5x16xf32>
  return %4, %9, %14 : tensor<5x32xf32>, tensor<5x16xf32>, tensor<5x16xf32>
}
func.func @qkv_biased_form(%x: tensor<5x64xf32>) -> (tensor<5x32xf32>, tensor<5x16xf32>, tensor<5x16xf32>) {
  %0 = tern.weight "k" : tensor<16x64xf32>
  %1 = tern.weight "q" : tensor<32x64xf32>
  %2 = tern.weight "v" : tensor<16x64xf32>
  %3 = tern.concat %1, %0, %2 axis 0 : tensor<32x64xf32>, tensor<16x64xf32>, tensor<16x64xf32>
  %4 = tern.contract "tk,nk->tn" %x, %3 : tensor<5x64xf32>, tensor<64x64xf32>
  %5 = tern.weight "kb" : tensor<16xf32>
  %6 = tern.weight "qb" : tensor<32xf32>
  %7 = tern.weight "vb" : tensor<16xf32>
  %8 = tern.concat %6, %5, %7 axis 0 : tensor<32xf32>, tensor<16xf32>, tensor<16xf32>
  %9 = tern.broadcast "n->tn" %8 : tensor<64xf32> to tensor<5x64xf32>
  %10 = tern.add %4, %9 : tensor<5x64xf32>, tensor<5x64xf32>
  %11 = tern.slice %10 axis 1 from 0 size 32 : tensor<5x64xf32>
  %12 = tern.slice %10 axis 1 from 32 size 16 : tensor<5x64xf32>
  %13 = tern.slice %10 axis 1 from 48 size 16 : tensor<5x64xf32>
  return %11, %12, %13 : tensor<5x32xf32>, tensor<5x16xf32>, tensor<5x16xf32>
}
func.func @qkv_biased_not_all(%x: tensor<5x64xf32>) -> (tensor<5x32xf32>, tensor<5x16xf32>, tensor<5x16xf32>) attributes {tern.seek = @qkv_biased_form} {
  %0 = tern.weight "q" : tensor<32x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<32x64xf32>
  %2 = tern.weight "qb" : tensor<32xf32>
  %3 = tern.broadcast "n->tn" %2 : tensor<32xf32> to tensor<5x32xf32>
  %4 = tern.add %1, %3 : tensor<5x32xf32>, tensor<5x32xf32>
  %5 = tern.weight "k" : tensor<16x64xf32>
  %6 = tern.contract "tk,nk->tn" %x, %5 : tensor<5x64xf32>, tensor<16x64xf32>
  %7 = tern.weight "kb" : tensor<16xf32>
  %8 = tern.broadcast "n->tn" %7 : tensor<16xf32> to tensor<5x16xf32>
  %9 = tern.add %6, %8 : tensor<5x16xf32>, tensor<5x16xf32>
  %10 = tern.weight "v" : tensor<16x64xf32>
  %11 = tern.contract "tk,nk->tn" %x, %10 : tensor<5x64xf32>, tensor<16x64xf32>
  return %4, %9, %11 : tensor<5x32xf32>, tensor<5x16xf32>, tensor<5x16xf32>
}
func.func @qkv_biased_not_bias(%x: tensor<5x64xf32>) -> (tensor<5x32xf32>, tensor<5x16xf32>, tensor<5x16xf32>) attributes {tern.seek = @qkv_biased_form} {
  %0 = tern.weight "q" : tensor<32x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<32x64xf32>
  %2 = tern.weight "qb" : tensor<32xf32>
  %3 = tern.broadcast "n->tn" %2 : tensor<32xf32> to tensor<5x32xf32>
  %4 = tern.add %1, %3 : tensor<5x32xf32>, tensor<5x32xf32>
  %5 = tern.weight "k" : tensor<16x64xf32>
  %6 = tern.contract "tk,nk->tn" %x, %5 : tensor<5x64xf32>, tensor<16x64xf32>
  %7 = tern.weight "vb" : tensor<16xf32>
  %8 = tern.broadcast "n->tn" %7 : tensor<16xf32> to tensor<5x16xf32>
  %9 = tern.add %6, %8 : tensor<5x16xf32>, tensor<5x16xf32>
  %10 = tern.weight "v" : tensor<16x64xf32>
  %11 = tern.contract "tk,nk->tn" %x, %10 : tensor<5x64xf32>, tensor<16x64xf32>
  %12 = tern.weight "kb" : tensor<16xf32>
  %13 = tern.broadcast "n->tn" %12 : tensor<16xf32> to tensor<5x16xf32>
  %14 = tern.add %11, %13 : tensor<5x16xf32>, tensor<5x16xf32>
  return %4, %9, %14 : tensor<5x32xf32>, tensor<5x16xf32>, tensor<5x16xf32>
}

// Gate and up of a feed-forward layer are one product.
func.func @gate_up(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x96xf32> attributes {tern.seek = @gate_up_form} {
  %0 = tern.weight "gate" : tensor<96x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<96x64xf32>
  %2 = tern.silu %1 : tensor<5x96xf32>
  %3 = tern.weight "up" : tensor<96x64xf32>
  %4 = tern.contract "tk,nk->tn" %x, %3 : tensor<5x64xf32>, tensor<96x64xf32>
  %5 = tern.mul %2, %4 : tensor<5x96xf32>, tensor<5x96xf32>
  return %5 : tensor<5x96xf32>
}
func.func @gate_up_form(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x96xf32> {
  %0 = tern.weight "gate" : tensor<96x64xf32>
  %1 = tern.weight "up" : tensor<96x64xf32>
  %2 = tern.concat %0, %1 axis 0 : tensor<96x64xf32>, tensor<96x64xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<5x64xf32>, tensor<192x64xf32>
  %4 = tern.slice %3 axis 1 from 0 size 96 : tensor<5x192xf32>
  %5 = tern.silu %4 : tensor<5x96xf32>
  %6 = tern.slice %3 axis 1 from 96 size 96 : tensor<5x192xf32>
  %7 = tern.mul %5, %6 : tensor<5x96xf32>, tensor<5x96xf32>
  return %7 : tensor<5x96xf32>
}
func.func @gate_up_not_operand(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x96xf32> attributes {tern.seek = @gate_up_form} {
  %0 = tern.weight "gate" : tensor<96x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<96x64xf32>
  %2 = tern.silu %1 : tensor<5x96xf32>
  %3 = tern.weight "up" : tensor<96x64xf32>
  %4 = tern.contract "tk,nk->tn" %y, %3 : tensor<5x64xf32>, tensor<96x64xf32>
  %5 = tern.mul %2, %4 : tensor<5x96xf32>, tensor<5x96xf32>
  return %5 : tensor<5x96xf32>
}
func.func @gate_up_not_halves(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x96xf32> attributes {tern.seek = @gate_up_form} {
  %0 = tern.weight "up" : tensor<96x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<96x64xf32>
  %2 = tern.silu %1 : tensor<5x96xf32>
  %3 = tern.weight "gate" : tensor<96x64xf32>
  %4 = tern.contract "tk,nk->tn" %x, %3 : tensor<5x64xf32>, tensor<96x64xf32>
  %5 = tern.mul %2, %4 : tensor<5x96xf32>, tensor<5x96xf32>
  return %5 : tensor<5x96xf32>
}

// Products side by side are one with weights side by side.
func.func @joined_columns(%x: tensor<5x64xf32>) -> tensor<5x24xf32> attributes {tern.seek = @joined_columns_form} {
  %0 = tern.weight "v" : tensor<8x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<8x64xf32>
  %2 = tern.weight "w" : tensor<16x64xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<5x64xf32>, tensor<16x64xf32>
  %4 = tern.concat %1, %3 axis 1 : tensor<5x8xf32>, tensor<5x16xf32>
  return %4 : tensor<5x24xf32>
}
func.func @joined_columns_form(%x: tensor<5x64xf32>) -> tensor<5x24xf32> {
  %0 = tern.weight "v" : tensor<8x64xf32>
  %1 = tern.weight "w" : tensor<16x64xf32>
  %2 = tern.concat %0, %1 axis 0 : tensor<8x64xf32>, tensor<16x64xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<5x64xf32>, tensor<24x64xf32>
  return %3 : tensor<5x24xf32>
}
func.func @joined_columns_not_order(%x: tensor<5x64xf32>) -> tensor<5x24xf32> attributes {tern.seek = @joined_columns_form} {
  %0 = tern.weight "w" : tensor<16x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<16x64xf32>
  %2 = tern.weight "v" : tensor<8x64xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<5x64xf32>, tensor<8x64xf32>
  %4 = tern.concat %1, %3 axis 1 : tensor<5x16xf32>, tensor<5x8xf32>
  return %4 : tensor<5x24xf32>
}

// Rows of two operands meet one weight once.
func.func @joined_rows(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<10x5xf32> attributes {tern.seek = @joined_rows_form} {
  %0 = tern.weight "w" : tensor<5x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<5x64xf32>
  %2 = tern.contract "tk,nk->tn" %y, %0 : tensor<5x64xf32>, tensor<5x64xf32>
  %3 = tern.concat %1, %2 axis 0 : tensor<5x5xf32>, tensor<5x5xf32>
  return %3 : tensor<10x5xf32>
}
func.func @joined_rows_form(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<10x5xf32> {
  %0 = tern.concat %x, %y axis 0 : tensor<5x64xf32>, tensor<5x64xf32>
  %1 = tern.weight "w" : tensor<5x64xf32>
  %2 = tern.contract "tk,nk->tn" %0, %1 : tensor<10x64xf32>, tensor<5x64xf32>
  return %2 : tensor<10x5xf32>
}
func.func @joined_rows_not_order(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<10x5xf32> attributes {tern.seek = @joined_rows_form} {
  %0 = tern.weight "w" : tensor<5x64xf32>
  %1 = tern.contract "tk,nk->tn" %y, %0 : tensor<5x64xf32>, tensor<5x64xf32>
  %2 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<5x64xf32>
  %3 = tern.concat %1, %2 axis 0 : tensor<5x5xf32>, tensor<5x5xf32>
  return %3 : tensor<10x5xf32>
}

// Columns that nobody reads are not computed.
func.func @columns_read(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @columns_read_form} {
  %0 = tern.weight "w" : tensor<96x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<96x64xf32>
  %2 = tern.slice %1 axis 1 from 32 size 16 : tensor<5x96xf32>
  return %2 : tensor<5x16xf32>
}
func.func @columns_read_form(%x: tensor<5x64xf32>) -> tensor<5x16xf32> {
  %0 = tern.weight "w" : tensor<96x64xf32>
  %1 = tern.slice %0 axis 0 from 32 size 16 : tensor<96x64xf32>
  %2 = tern.contract "tk,nk->tn" %x, %1 : tensor<5x64xf32>, tensor<16x64xf32>
  return %2 : tensor<5x16xf32>
}
func.func @columns_read_not_place(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @columns_read_form} {
  %0 = tern.weight "w" : tensor<96x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<96x64xf32>
  %2 = tern.slice %1 axis 1 from 31 size 16 : tensor<5x96xf32>
  return %2 : tensor<5x16xf32>
}

// Logits of the last row alone.
func.func @last_row(%x: tensor<7x64xf32>) -> tensor<1x96xf32> attributes {tern.seek = @last_row_form} {
  %0 = tern.weight "w" : tensor<96x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<7x64xf32>, tensor<96x64xf32>
  %2 = tern.slice %1 axis 0 from 6 size 1 : tensor<7x96xf32>
  return %2 : tensor<1x96xf32>
}
func.func @last_row_form(%x: tensor<7x64xf32>) -> tensor<1x96xf32> {
  %0 = tern.slice %x axis 0 from 6 size 1 : tensor<7x64xf32>
  %1 = tern.weight "w" : tensor<96x64xf32>
  %2 = tern.contract "tk,nk->tn" %0, %1 : tensor<1x64xf32>, tensor<96x64xf32>
  return %2 : tensor<1x96xf32>
}
func.func @last_row_not_row(%x: tensor<7x64xf32>) -> tensor<1x96xf32> attributes {tern.seek = @last_row_form} {
  %0 = tern.weight "w" : tensor<96x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<7x64xf32>, tensor<96x64xf32>
  %2 = tern.slice %1 axis 0 from 5 size 1 : tensor<7x96xf32>
  return %2 : tensor<1x96xf32>
}

// The index string absorbs transposes.
func.func @transposed_operands(%x: tensor<8x8xf32>, %w: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @transposed_operands_form} {
  %0 = tern.transpose "kt->tk" %x : tensor<8x8xf32>
  %1 = tern.transpose "nk->kn" %w : tensor<8x8xf32>
  %2 = tern.contract "tk,kn->tn" %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  %3 = tern.transpose "tn->nt" %2 : tensor<8x8xf32>
  return %3 : tensor<8x8xf32>
}
func.func @transposed_operands_form(%x: tensor<8x8xf32>, %w: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = tern.contract "kt,nk->nt" %x, %w : tensor<8x8xf32>, tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
func.func @transposed_operands_not_left(%x: tensor<8x8xf32>, %w: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @transposed_operands_form} {
  %0 = tern.transpose "nk->kn" %w : tensor<8x8xf32>
  %1 = tern.contract "tk,kn->tn" %x, %0 : tensor<8x8xf32>, tensor<8x8xf32>
  %2 = tern.transpose "tn->nt" %1 : tensor<8x8xf32>
  return %2 : tensor<8x8xf32>
}
func.func @transposed_operands_not_right(%x: tensor<8x8xf32>, %w: tensor<8x8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @transposed_operands_form} {
  %0 = tern.transpose "kt->tk" %x : tensor<8x8xf32>
  %1 = tern.contract "tk,kn->tn" %0, %w : tensor<8x8xf32>, tensor<8x8xf32>
  %2 = tern.transpose "tn->nt" %1 : tensor<8x8xf32>
  return %2 : tensor<8x8xf32>
}

// Heads are rows of the weight.
func.func @heads_of_a_product(%x: tensor<5x64xf32>) -> tensor<5x8x8xf32> attributes {tern.seek = @heads_of_a_product_form} {
  %0 = tern.weight "w" : tensor<64x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<64x64xf32>
  %2 = tern.reshape %1 : tensor<5x64xf32> to tensor<5x8x8xf32>
  return %2 : tensor<5x8x8xf32>
}
func.func @heads_of_a_product_form(%x: tensor<5x64xf32>) -> tensor<5x8x8xf32> {
  %0 = tern.weight "w" : tensor<64x64xf32>
  %1 = tern.reshape %0 : tensor<64x64xf32> to tensor<8x8x64xf32>
  %2 = tern.contract "tk,hdk->thd" %x, %1 : tensor<5x64xf32>, tensor<8x8x64xf32>
  return %2 : tensor<5x8x8xf32>
}
func.func @heads_of_a_product_not_heads_last(%x: tensor<5x64xf32>) -> tensor<5x8x8xf32> attributes {tern.seek = @heads_of_a_product_form} {
  %0 = tern.weight "w" : tensor<64x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<64x64xf32>
  %2 = tern.reshape %1 : tensor<5x64xf32> to tensor<5x8x8xf32>
  %3 = tern.transpose "tdh->thd" %2 : tensor<5x8x8xf32>
  return %3 : tensor<5x8x8xf32>
}

// The output projection reads heads as they are.
func.func @heads_into_a_product(%x: tensor<5x8x8xf32>) -> tensor<5x32xf32> attributes {tern.seek = @heads_into_a_product_form} {
  %0 = tern.reshape %x : tensor<5x8x8xf32> to tensor<5x64xf32>
  %1 = tern.weight "w" : tensor<32x64xf32>
  %2 = tern.contract "tk,nk->tn" %0, %1 : tensor<5x64xf32>, tensor<32x64xf32>
  return %2 : tensor<5x32xf32>
}
func.func @heads_into_a_product_form(%x: tensor<5x8x8xf32>) -> tensor<5x32xf32> {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.reshape %0 : tensor<32x64xf32> to tensor<32x8x8xf32>
  %2 = tern.contract "thd,nhd->tn" %x, %1 : tensor<5x8x8xf32>, tensor<32x8x8xf32>
  return %2 : tensor<5x32xf32>
}
func.func @heads_into_a_product_not_heads_last(%x: tensor<5x8x8xf32>) -> tensor<5x32xf32> attributes {tern.seek = @heads_into_a_product_form} {
  %0 = tern.transpose "thd->tdh" %x : tensor<5x8x8xf32>
  %1 = tern.reshape %0 : tensor<5x8x8xf32> to tensor<5x64xf32>
  %2 = tern.weight "w" : tensor<32x64xf32>
  %3 = tern.contract "tk,nk->tn" %1, %2 : tensor<5x64xf32>, tensor<32x64xf32>
  return %3 : tensor<5x32xf32>
}

// The mean of rows before a linear head.
func.func @pooled_rows(%x: tensor<8x8xf32>) -> tensor<8xf32> attributes {tern.seek = @pooled_rows_form} {
  %0 = tern.weight "w" : tensor<8x8xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<8x8xf32>, tensor<8x8xf32>
  %2 = tern.mean "tn->n" %1 : tensor<8x8xf32>
  return %2 : tensor<8xf32>
}
func.func @pooled_rows_form(%x: tensor<8x8xf32>) -> tensor<8xf32> {
  %0 = tern.mean "tk->k" %x : tensor<8x8xf32>
  %1 = tern.weight "w" : tensor<8x8xf32>
  %2 = tern.contract "k,nk->n" %0, %1 : tensor<8xf32>, tensor<8x8xf32>
  return %2 : tensor<8xf32>
}
func.func @pooled_rows_not_axis(%x: tensor<8x8xf32>) -> tensor<8xf32> attributes {tern.seek = @pooled_rows_form} {
  %0 = tern.weight "w" : tensor<8x8xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<8x8xf32>, tensor<8x8xf32>
  %2 = tern.mean "tn->t" %1 : tensor<8x8xf32>
  return %2 : tensor<8xf32>
}

// A sum of columns is a product with the sum of rows of the weight.
func.func @summed_columns(%x: tensor<8x8xf32>) -> tensor<8xf32> attributes {tern.seek = @summed_columns_form} {
  %0 = tern.weight "w" : tensor<8x8xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<8x8xf32>, tensor<8x8xf32>
  %2 = tern.sum "tn->t" %1 : tensor<8x8xf32>
  return %2 : tensor<8xf32>
}
func.func @summed_columns_form(%x: tensor<8x8xf32>) -> tensor<8xf32> {
  %0 = tern.weight "w" : tensor<8x8xf32>
  %1 = tern.sum "nk->k" %0 : tensor<8x8xf32>
  %2 = tern.contract "tk,k->t" %x, %1 : tensor<8x8xf32>, tensor<8xf32>
  return %2 : tensor<8xf32>
}
func.func @summed_columns_not_axis(%x: tensor<8x8xf32>) -> tensor<8xf32> attributes {tern.seek = @summed_columns_form} {
  %0 = tern.weight "w" : tensor<8x8xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<8x8xf32>, tensor<8x8xf32>
  %2 = tern.sum "tn->n" %1 : tensor<8x8xf32>
  return %2 : tensor<8xf32>
}

// Two products with one operand are one with the sum of the weights.
func.func @weights_added(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @weights_added_form} {
  %0 = tern.weight "w" : tensor<16x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<16x64xf32>
  %2 = tern.weight "v" : tensor<16x64xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<5x64xf32>, tensor<16x64xf32>
  %4 = tern.add %1, %3 : tensor<5x16xf32>, tensor<5x16xf32>
  return %4 : tensor<5x16xf32>
}
func.func @weights_added_form(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x16xf32> {
  %0 = tern.weight "w" : tensor<16x64xf32>
  %1 = tern.weight "v" : tensor<16x64xf32>
  %2 = tern.add %0, %1 : tensor<16x64xf32>, tensor<16x64xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<5x64xf32>, tensor<16x64xf32>
  return %3 : tensor<5x16xf32>
}
func.func @weights_added_not_operand(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @weights_added_form} {
  %0 = tern.weight "w" : tensor<16x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<16x64xf32>
  %2 = tern.weight "v" : tensor<16x64xf32>
  %3 = tern.contract "tk,nk->tn" %y, %2 : tensor<5x64xf32>, tensor<16x64xf32>
  %4 = tern.add %1, %3 : tensor<5x16xf32>, tensor<5x16xf32>
  return %4 : tensor<5x16xf32>
}
func.func @weights_added_not_sign(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @weights_added_form} {
  %0 = tern.weight "w" : tensor<16x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<16x64xf32>
  %2 = tern.weight "v" : tensor<16x64xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<5x64xf32>, tensor<16x64xf32>
  %4 = tern.sub %1, %3 : tensor<5x16xf32>, tensor<5x16xf32>
  return %4 : tensor<5x16xf32>
}

// A factor for each row leaves the sum.
func.func @row_scale(%x: tensor<8x8xf32>, %s: tensor<8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @row_scale_form} {
  %0 = tern.broadcast "t->tk" %s : tensor<8xf32> to tensor<8x8xf32>
  %1 = tern.mul %x, %0 : tensor<8x8xf32>, tensor<8x8xf32>
  %2 = tern.weight "w" : tensor<8x8xf32>
  %3 = tern.contract "tk,nk->tn" %1, %2 : tensor<8x8xf32>, tensor<8x8xf32>
  return %3 : tensor<8x8xf32>
}
func.func @row_scale_form(%x: tensor<8x8xf32>, %s: tensor<8xf32>) -> tensor<8x8xf32> {
  %0 = tern.weight "w" : tensor<8x8xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<8x8xf32>, tensor<8x8xf32>
  %2 = tern.broadcast "t->tn" %s : tensor<8xf32> to tensor<8x8xf32>
  %3 = tern.mul %1, %2 : tensor<8x8xf32>, tensor<8x8xf32>
  return %3 : tensor<8x8xf32>
}
func.func @row_scale_not_axis(%x: tensor<8x8xf32>, %s: tensor<8xf32>) -> tensor<8x8xf32> attributes {tern.seek = @row_scale_form} {
  %0 = tern.broadcast "k->tk" %s : tensor<8xf32> to tensor<8x8xf32>
  %1 = tern.mul %x, %0 : tensor<8x8xf32>, tensor<8x8xf32>
  %2 = tern.weight "w" : tensor<8x8xf32>
  %3 = tern.contract "tk,nk->tn" %1, %2 : tensor<8x8xf32>, tensor<8x8xf32>
  return %3 : tensor<8x8xf32>
}

// Two linear layers without an activation between are one.
func.func @two_layers(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @two_layers_form} {
  %0 = tern.weight "w" : tensor<48x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<48x64xf32>
  %2 = tern.weight "b" : tensor<48xf32>
  %3 = tern.broadcast "m->tm" %2 : tensor<48xf32> to tensor<5x48xf32>
  %4 = tern.add %1, %3 : tensor<5x48xf32>, tensor<5x48xf32>
  %5 = tern.weight "v" : tensor<16x48xf32>
  %6 = tern.contract "tm,nm->tn" %4, %5 : tensor<5x48xf32>, tensor<16x48xf32>
  %7 = tern.weight "c" : tensor<16xf32>
  %8 = tern.broadcast "n->tn" %7 : tensor<16xf32> to tensor<5x16xf32>
  %9 = tern.add %6, %8 : tensor<5x16xf32>, tensor<5x16xf32>
  return %9 : tensor<5x16xf32>
}
func.func @two_layers_form(%x: tensor<5x64xf32>) -> tensor<5x16xf32> {
  %0 = tern.weight "w" : tensor<48x64xf32>
  %1 = tern.weight "v" : tensor<16x48xf32>
  %2 = tern.contract "mk,nm->kn" %0, %1 : tensor<48x64xf32>, tensor<16x48xf32>
  %3 = tern.contract "tk,kn->tn" %x, %2 : tensor<5x64xf32>, tensor<64x16xf32>
  %4 = tern.weight "b" : tensor<48xf32>
  %5 = tern.contract "m,nm->n" %4, %1 : tensor<48xf32>, tensor<16x48xf32>
  %6 = tern.weight "c" : tensor<16xf32>
  %7 = tern.add %5, %6 : tensor<16xf32>, tensor<16xf32>
  %8 = tern.broadcast "n->tn" %7 : tensor<16xf32> to tensor<5x16xf32>
  %9 = tern.add %3, %8 : tensor<5x16xf32>, tensor<5x16xf32>
  return %9 : tensor<5x16xf32>
}
func.func @two_layers_not_activation(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @two_layers_form} {
  %0 = tern.weight "w" : tensor<48x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<48x64xf32>
  %2 = tern.weight "b" : tensor<48xf32>
  %3 = tern.broadcast "m->tm" %2 : tensor<48xf32> to tensor<5x48xf32>
  %4 = tern.add %1, %3 : tensor<5x48xf32>, tensor<5x48xf32>
  %5 = tern.relu %4 : tensor<5x48xf32>
  %6 = tern.weight "v" : tensor<16x48xf32>
  %7 = tern.contract "tm,nm->tn" %5, %6 : tensor<5x48xf32>, tensor<16x48xf32>
  %8 = tern.weight "c" : tensor<16xf32>
  %9 = tern.broadcast "n->tn" %8 : tensor<16xf32> to tensor<5x16xf32>
  %10 = tern.add %7, %9 : tensor<5x16xf32>, tensor<5x16xf32>
  return %10 : tensor<5x16xf32>
}
func.func @two_layers_not_no_bias(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @two_layers_form} {
  %0 = tern.weight "w" : tensor<48x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<48x64xf32>
  %2 = tern.weight "v" : tensor<16x48xf32>
  %3 = tern.contract "tm,nm->tn" %1, %2 : tensor<5x48xf32>, tensor<16x48xf32>
  %4 = tern.weight "c" : tensor<16xf32>
  %5 = tern.broadcast "n->tn" %4 : tensor<16xf32> to tensor<5x16xf32>
  %6 = tern.add %3, %5 : tensor<5x16xf32>, tensor<5x16xf32>
  return %6 : tensor<5x16xf32>
}

// A reflection of the input folds into the weight.
func.func @householder(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @householder_form} {
  %0 = tern.constant dense<2.0> : tensor<f32>
  %1 = tern.weight "u" : tensor<64xf32>
  %2 = tern.contract "tk,k->t" %x, %1 : tensor<5x64xf32>, tensor<64xf32>
  %3 = tern.contract "t,k->tk" %2, %1 : tensor<5xf32>, tensor<64xf32>
  %4 = tern.mul %0, %3 : tensor<f32>, tensor<5x64xf32>
  %5 = tern.sub %x, %4 : tensor<5x64xf32>, tensor<5x64xf32>
  %6 = tern.weight "w" : tensor<16x64xf32>
  %7 = tern.contract "tk,nk->tn" %5, %6 : tensor<5x64xf32>, tensor<16x64xf32>
  return %7 : tensor<5x16xf32>
}
func.func @householder_form(%x: tensor<5x64xf32>) -> tensor<5x16xf32> {
  %0 = tern.weight "w" : tensor<16x64xf32>
  %1 = tern.constant dense<2.0> : tensor<f32>
  %2 = tern.weight "u" : tensor<64xf32>
  %3 = tern.contract "nk,k->n" %0, %2 : tensor<16x64xf32>, tensor<64xf32>
  %4 = tern.contract "n,k->nk" %3, %2 : tensor<16xf32>, tensor<64xf32>
  %5 = tern.mul %1, %4 : tensor<f32>, tensor<16x64xf32>
  %6 = tern.sub %0, %5 : tensor<16x64xf32>, tensor<16x64xf32>
  %7 = tern.contract "tk,nk->tn" %x, %6 : tensor<5x64xf32>, tensor<16x64xf32>
  return %7 : tensor<5x16xf32>
}
func.func @householder_not_factor(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @householder_form} {
  %0 = tern.weight "u" : tensor<64xf32>
  %1 = tern.contract "tk,k->t" %x, %0 : tensor<5x64xf32>, tensor<64xf32>
  %2 = tern.contract "t,k->tk" %1, %0 : tensor<5xf32>, tensor<64xf32>
  %3 = tern.sub %x, %2 : tensor<5x64xf32>, tensor<5x64xf32>
  %4 = tern.weight "w" : tensor<16x64xf32>
  %5 = tern.contract "tk,nk->tn" %3, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  return %5 : tensor<5x16xf32>
}

// A rotation by blocks folds into the weight.
func.func @block_diagonal(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @block_diagonal_form} {
  %0 = tern.reshape %x : tensor<5x64xf32> to tensor<5x8x8xf32>
  %1 = tern.weight "q" : tensor<8x8x8xf32>
  %2 = tern.contract "tgd,gde->tge" %0, %1 : tensor<5x8x8xf32>, tensor<8x8x8xf32>
  %3 = tern.reshape %2 : tensor<5x8x8xf32> to tensor<5x64xf32>
  %4 = tern.weight "w" : tensor<16x64xf32>
  %5 = tern.contract "tc,nc->tn" %3, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  return %5 : tensor<5x16xf32>
}
func.func @block_diagonal_form(%x: tensor<5x64xf32>) -> tensor<5x16xf32> {
  %0 = tern.weight "w" : tensor<16x64xf32>
  %1 = tern.reshape %0 : tensor<16x64xf32> to tensor<16x8x8xf32>
  %2 = tern.weight "q" : tensor<8x8x8xf32>
  %3 = tern.contract "nge,gde->ngd" %1, %2 : tensor<16x8x8xf32>, tensor<8x8x8xf32>
  %4 = tern.reshape %3 : tensor<16x8x8xf32> to tensor<16x64xf32>
  %5 = tern.contract "tc,nc->tn" %x, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  return %5 : tensor<5x16xf32>
}
func.func @block_diagonal_not_transposed(%x: tensor<5x64xf32>) -> tensor<5x16xf32> attributes {tern.seek = @block_diagonal_form} {
  %0 = tern.reshape %x : tensor<5x64xf32> to tensor<5x8x8xf32>
  %1 = tern.weight "q" : tensor<8x8x8xf32>
  %2 = tern.contract "tge,gde->tgd" %0, %1 : tensor<5x8x8xf32>, tensor<8x8x8xf32>
  %3 = tern.reshape %2 : tensor<5x8x8xf32> to tensor<5x64xf32>
  %4 = tern.weight "w" : tensor<16x64xf32>
  %5 = tern.contract "tc,nc->tn" %3, %4 : tensor<5x64xf32>, tensor<16x64xf32>
  return %5 : tensor<5x16xf32>
}
