// Adapters of siblings, of other forms, and merged models.

// Adapters of merged siblings.
func.func @siblings(%x: tensor<5x64xf32>) -> tensor<5x64xf32> attributes {tern.seek = @siblings_form} {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x64xf32>, tensor<4x64xf32>
  %2 = tern.weight "b" : tensor<32x4xf32>
  %3 = tern.contract "ta,na->tn" %1, %2 : tensor<5x4xf32>, tensor<32x4xf32>
  %4 = tern.weight "c" : tensor<8x64xf32>
  %5 = tern.contract "tk,ak->ta" %x, %4 : tensor<5x64xf32>, tensor<8x64xf32>
  %6 = tern.weight "d" : tensor<32x8xf32>
  %7 = tern.contract "ta,na->tn" %5, %6 : tensor<5x8xf32>, tensor<32x8xf32>
  %8 = tern.concat %3, %7 axis 1 : tensor<5x32xf32>, tensor<5x32xf32>
  return %8 : tensor<5x64xf32>
}
func.func @siblings_form(%x: tensor<5x64xf32>) -> tensor<5x64xf32> {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.weight "c" : tensor<8x64xf32>
  %2 = tern.concat %0, %1 axis 0 : tensor<4x64xf32>, tensor<8x64xf32>
  %3 = tern.contract "tk,ak->ta" %x, %2 : tensor<5x64xf32>, tensor<12x64xf32>
  %4 = tern.weight "b" : tensor<32x4xf32>
  %5 = tern.pad %4 axis 1 low 0 high 8 : tensor<32x4xf32>
  %6 = tern.weight "d" : tensor<32x8xf32>
  %7 = tern.pad %6 axis 1 low 4 high 0 : tensor<32x8xf32>
  %8 = tern.concat %5, %7 axis 0 : tensor<32x12xf32>, tensor<32x12xf32>
  %9 = tern.contract "ta,na->tn" %3, %8 : tensor<5x12xf32>, tensor<64x12xf32>
  return %9 : tensor<5x64xf32>
}
func.func @siblings_not_order(%x: tensor<5x64xf32>) -> tensor<5x64xf32> attributes {tern.seek = @siblings_form} {
  %0 = tern.weight "c" : tensor<8x64xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x64xf32>, tensor<8x64xf32>
  %2 = tern.weight "d" : tensor<32x8xf32>
  %3 = tern.contract "ta,na->tn" %1, %2 : tensor<5x8xf32>, tensor<32x8xf32>
  %4 = tern.weight "a" : tensor<4x64xf32>
  %5 = tern.contract "tk,ak->ta" %x, %4 : tensor<5x64xf32>, tensor<4x64xf32>
  %6 = tern.weight "b" : tensor<32x4xf32>
  %7 = tern.contract "ta,na->tn" %5, %6 : tensor<5x4xf32>, tensor<32x4xf32>
  %8 = tern.concat %3, %7 axis 1 : tensor<5x32xf32>, tensor<5x32xf32>
  return %8 : tensor<5x64xf32>
}

// Siblings with one down-projection.
func.func @shared_down(%x: tensor<5x64xf32>) -> tensor<5x64xf32> attributes {tern.seek = @shared_down_form} {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x64xf32>, tensor<4x64xf32>
  %2 = tern.weight "b" : tensor<32x4xf32>
  %3 = tern.contract "ta,na->tn" %1, %2 : tensor<5x4xf32>, tensor<32x4xf32>
  %4 = tern.weight "d" : tensor<32x4xf32>
  %5 = tern.contract "ta,na->tn" %1, %4 : tensor<5x4xf32>, tensor<32x4xf32>
  %6 = tern.concat %3, %5 axis 1 : tensor<5x32xf32>, tensor<5x32xf32>
  return %6 : tensor<5x64xf32>
}
func.func @shared_down_form(%x: tensor<5x64xf32>) -> tensor<5x64xf32> {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x64xf32>, tensor<4x64xf32>
  %2 = tern.weight "b" : tensor<32x4xf32>
  %3 = tern.weight "d" : tensor<32x4xf32>
  %4 = tern.concat %2, %3 axis 0 : tensor<32x4xf32>, tensor<32x4xf32>
  %5 = tern.contract "ta,na->tn" %1, %4 : tensor<5x4xf32>, tensor<64x4xf32>
  return %5 : tensor<5x64xf32>
}
func.func @shared_down_not_order(%x: tensor<5x64xf32>) -> tensor<5x64xf32> attributes {tern.seek = @shared_down_form} {
  %0 = tern.weight "a" : tensor<4x64xf32>
  %1 = tern.contract "tk,ak->ta" %x, %0 : tensor<5x64xf32>, tensor<4x64xf32>
  %2 = tern.weight "d" : tensor<32x4xf32>
  %3 = tern.contract "ta,na->tn" %1, %2 : tensor<5x4xf32>, tensor<32x4xf32>
  %4 = tern.weight "b" : tensor<32x4xf32>
  %5 = tern.contract "ta,na->tn" %1, %4 : tensor<5x4xf32>, tensor<32x4xf32>
  %6 = tern.concat %3, %5 axis 1 : tensor<5x32xf32>, tensor<5x32xf32>
  return %6 : tensor<5x64xf32>
}

// DoRA: a magnitude for each row.
func.func @dora(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @dora_form} {
  %0 = tern.weight "m" : tensor<32xf32>
  %1 = tern.broadcast "n->tn" %0 : tensor<32xf32> to tensor<5x32xf32>
  %2 = tern.weight "w" : tensor<32x64xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<5x64xf32>, tensor<32x64xf32>
  %4 = tern.mul %1, %3 : tensor<5x32xf32>, tensor<5x32xf32>
  %5 = tern.weight "a" : tensor<4x64xf32>
  %6 = tern.contract "tk,ak->ta" %x, %5 : tensor<5x64xf32>, tensor<4x64xf32>
  %7 = tern.weight "b" : tensor<32x4xf32>
  %8 = tern.contract "ta,na->tn" %6, %7 : tensor<5x4xf32>, tensor<32x4xf32>
  %9 = tern.mul %1, %8 : tensor<5x32xf32>, tensor<5x32xf32>
  %10 = tern.add %4, %9 : tensor<5x32xf32>, tensor<5x32xf32>
  return %10 : tensor<5x32xf32>
}
func.func @dora_form(%x: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.weight "m" : tensor<32xf32>
  %1 = tern.broadcast "n->nk" %0 : tensor<32xf32> to tensor<32x64xf32>
  %2 = tern.weight "w" : tensor<32x64xf32>
  %3 = tern.weight "a" : tensor<4x64xf32>
  %4 = tern.weight "b" : tensor<32x4xf32>
  %5 = tern.contract "ak,na->nk" %3, %4 : tensor<4x64xf32>, tensor<32x4xf32>
  %6 = tern.add %2, %5 : tensor<32x64xf32>, tensor<32x64xf32>
  %7 = tern.mul %1, %6 : tensor<32x64xf32>, tensor<32x64xf32>
  %8 = tern.contract "tk,nk->tn" %x, %7 : tensor<5x64xf32>, tensor<32x64xf32>
  return %8 : tensor<5x32xf32>
}
func.func @dora_not_one(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @dora_form} {
  %0 = tern.weight "m" : tensor<32xf32>
  %1 = tern.broadcast "n->tn" %0 : tensor<32xf32> to tensor<5x32xf32>
  %2 = tern.weight "w" : tensor<32x64xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<5x64xf32>, tensor<32x64xf32>
  %4 = tern.mul %1, %3 : tensor<5x32xf32>, tensor<5x32xf32>
  %5 = tern.weight "a" : tensor<4x64xf32>
  %6 = tern.contract "tk,ak->ta" %x, %5 : tensor<5x64xf32>, tensor<4x64xf32>
  %7 = tern.weight "b" : tensor<32x4xf32>
  %8 = tern.contract "ta,na->tn" %6, %7 : tensor<5x4xf32>, tensor<32x4xf32>
  %9 = tern.add %4, %8 : tensor<5x32xf32>, tensor<5x32xf32>
  return %9 : tensor<5x32xf32>
}

// (IA)3 scales the bias too.
func.func @ia3_output(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @ia3_output_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<32x64xf32>
  %2 = tern.weight "c" : tensor<32xf32>
  %3 = tern.broadcast "n->tn" %2 : tensor<32xf32> to tensor<5x32xf32>
  %4 = tern.add %1, %3 : tensor<5x32xf32>, tensor<5x32xf32>
  %5 = tern.weight "m" : tensor<32xf32>
  %6 = tern.broadcast "n->tn" %5 : tensor<32xf32> to tensor<5x32xf32>
  %7 = tern.mul %4, %6 : tensor<5x32xf32>, tensor<5x32xf32>
  return %7 : tensor<5x32xf32>
}
func.func @ia3_output_form(%x: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.weight "m" : tensor<32xf32>
  %1 = tern.broadcast "n->nk" %0 : tensor<32xf32> to tensor<32x64xf32>
  %2 = tern.weight "w" : tensor<32x64xf32>
  %3 = tern.mul %1, %2 : tensor<32x64xf32>, tensor<32x64xf32>
  %4 = tern.contract "tk,nk->tn" %x, %3 : tensor<5x64xf32>, tensor<32x64xf32>
  %5 = tern.weight "c" : tensor<32xf32>
  %6 = tern.mul %0, %5 : tensor<32xf32>, tensor<32xf32>
  %7 = tern.broadcast "n->tn" %6 : tensor<32xf32> to tensor<5x32xf32>
  %8 = tern.add %4, %7 : tensor<5x32xf32>, tensor<5x32xf32>
  return %8 : tensor<5x32xf32>
}
func.func @ia3_output_not_bias(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @ia3_output_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<32x64xf32>
  %2 = tern.weight "m" : tensor<32xf32>
  %3 = tern.broadcast "n->tn" %2 : tensor<32xf32> to tensor<5x32xf32>
  %4 = tern.mul %1, %3 : tensor<5x32xf32>, tensor<5x32xf32>
  %5 = tern.weight "c" : tensor<32xf32>
  %6 = tern.broadcast "n->tn" %5 : tensor<32xf32> to tensor<5x32xf32>
  %7 = tern.add %4, %6 : tensor<5x32xf32>, tensor<5x32xf32>
  return %7 : tensor<5x32xf32>
}

// (IA)3 of an input.
func.func @ia3_input(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @ia3_input_form} {
  %0 = tern.weight "l" : tensor<64xf32>
  %1 = tern.broadcast "k->tk" %0 : tensor<64xf32> to tensor<5x64xf32>
  %2 = tern.mul %x, %1 : tensor<5x64xf32>, tensor<5x64xf32>
  %3 = tern.weight "w" : tensor<32x64xf32>
  %4 = tern.contract "tk,nk->tn" %2, %3 : tensor<5x64xf32>, tensor<32x64xf32>
  return %4 : tensor<5x32xf32>
}
func.func @ia3_input_form(%x: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.weight "l" : tensor<64xf32>
  %2 = tern.broadcast "k->nk" %1 : tensor<64xf32> to tensor<32x64xf32>
  %3 = tern.mul %0, %2 : tensor<32x64xf32>, tensor<32x64xf32>
  %4 = tern.contract "tk,nk->tn" %x, %3 : tensor<5x64xf32>, tensor<32x64xf32>
  return %4 : tensor<5x32xf32>
}
func.func @ia3_input_not_missing(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @ia3_input_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<32x64xf32>
  return %1 : tensor<5x32xf32>
}

// A factor for each weight (HiRA).
func.func @hadamard(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @hadamard_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<32x64xf32>
  %2 = tern.weight "p" : tensor<32x64xf32>
  %3 = tern.mul %0, %2 : tensor<32x64xf32>, tensor<32x64xf32>
  %4 = tern.contract "tk,nk->tn" %x, %3 : tensor<5x64xf32>, tensor<32x64xf32>
  %5 = tern.add %1, %4 : tensor<5x32xf32>, tensor<5x32xf32>
  return %5 : tensor<5x32xf32>
}
func.func @hadamard_form(%x: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.constant dense<1.0> : tensor<f32>
  %2 = tern.weight "p" : tensor<32x64xf32>
  %3 = tern.add %1, %2 : tensor<f32>, tensor<32x64xf32>
  %4 = tern.mul %0, %3 : tensor<32x64xf32>, tensor<32x64xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x64xf32>, tensor<32x64xf32>
  return %5 : tensor<5x32xf32>
}
func.func @hadamard_not_one(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @hadamard_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.weight "p" : tensor<32x64xf32>
  %2 = tern.mul %0, %1 : tensor<32x64xf32>, tensor<32x64xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<5x64xf32>, tensor<32x64xf32>
  return %3 : tensor<5x32xf32>
}

// A product of two low-rank matrices, element by element (LoHa), factored.
func.func @loha(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @loha_form} {
  %0 = tern.weight "a" : tensor<32x4xf32>
  %1 = tern.weight "b" : tensor<4x64xf32>
  %2 = tern.contract "na,ak->nk" %0, %1 : tensor<32x4xf32>, tensor<4x64xf32>
  %3 = tern.weight "c" : tensor<32x2xf32>
  %4 = tern.weight "d" : tensor<2x64xf32>
  %5 = tern.contract "nb,bk->nk" %3, %4 : tensor<32x2xf32>, tensor<2x64xf32>
  %6 = tern.mul %2, %5 : tensor<32x64xf32>, tensor<32x64xf32>
  %7 = tern.contract "tk,nk->tn" %x, %6 : tensor<5x64xf32>, tensor<32x64xf32>
  return %7 : tensor<5x32xf32>
}
func.func @loha_form(%x: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.weight "b" : tensor<4x64xf32>
  %1 = tern.weight "d" : tensor<2x64xf32>
  %2 = tern.contract "ak,bk->abk" %0, %1 : tensor<4x64xf32>, tensor<2x64xf32>
  %3 = tern.contract "tk,abk->tab" %x, %2 : tensor<5x64xf32>, tensor<4x2x64xf32>
  %4 = tern.weight "a" : tensor<32x4xf32>
  %5 = tern.weight "c" : tensor<32x2xf32>
  %6 = tern.contract "na,nb->nab" %4, %5 : tensor<32x4xf32>, tensor<32x2xf32>
  %7 = tern.contract "tab,nab->tn" %3, %6 : tensor<5x4x2xf32>, tensor<32x4x2xf32>
  return %7 : tensor<5x32xf32>
}
func.func @loha_not_sum(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @loha_form} {
  %0 = tern.weight "a" : tensor<32x4xf32>
  %1 = tern.weight "b" : tensor<4x64xf32>
  %2 = tern.contract "na,ak->nk" %0, %1 : tensor<32x4xf32>, tensor<4x64xf32>
  %3 = tern.weight "c" : tensor<32x2xf32>
  %4 = tern.weight "d" : tensor<2x64xf32>
  %5 = tern.contract "nb,bk->nk" %3, %4 : tensor<32x2xf32>, tensor<2x64xf32>
  %6 = tern.add %2, %5 : tensor<32x64xf32>, tensor<32x64xf32>
  %7 = tern.contract "tk,nk->tn" %x, %6 : tensor<5x64xf32>, tensor<32x64xf32>
  return %7 : tensor<5x32xf32>
}

// A Kronecker product (LoKr) that is not built.
func.func @lokr(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @lokr_form} {
  %0 = tern.weight "a" : tensor<4x8xf32>
  %1 = tern.weight "b" : tensor<8x8xf32>
  %2 = tern.contract "ab,pq->apbq" %0, %1 : tensor<4x8xf32>, tensor<8x8xf32>
  %3 = tern.reshape %2 : tensor<4x8x8x8xf32> to tensor<32x64xf32>
  %4 = tern.contract "tc,nc->tn" %x, %3 : tensor<5x64xf32>, tensor<32x64xf32>
  return %4 : tensor<5x32xf32>
}
func.func @lokr_form(%x: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.reshape %x : tensor<5x64xf32> to tensor<5x8x8xf32>
  %1 = tern.weight "b" : tensor<8x8xf32>
  %2 = tern.contract "tbq,pq->tbp" %0, %1 : tensor<5x8x8xf32>, tensor<8x8xf32>
  %3 = tern.weight "a" : tensor<4x8xf32>
  %4 = tern.contract "tbp,ab->tap" %2, %3 : tensor<5x8x8xf32>, tensor<4x8xf32>
  %5 = tern.reshape %4 : tensor<5x4x8xf32> to tensor<5x32xf32>
  return %5 : tensor<5x32xf32>
}
func.func @lokr_not_swapped(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @lokr_form} {
  %0 = tern.weight "a" : tensor<4x8xf32>
  %1 = tern.weight "b" : tensor<8x8xf32>
  %2 = tern.contract "ab,pq->paqb" %0, %1 : tensor<4x8xf32>, tensor<8x8xf32>
  %3 = tern.reshape %2 : tensor<8x4x8x8xf32> to tensor<32x64xf32>
  %4 = tern.contract "tc,nc->tn" %x, %3 : tensor<5x64xf32>, tensor<32x64xf32>
  return %4 : tensor<5x32xf32>
}

// Task arithmetic is a weighted mean.
func.func @task_vector(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @task_vector_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.weight "v" : tensor<32x64xf32>
  %3 = tern.sub %2, %0 : tensor<32x64xf32>, tensor<32x64xf32>
  %4 = tern.mul %1, %3 : tensor<f32>, tensor<32x64xf32>
  %5 = tern.add %0, %4 : tensor<32x64xf32>, tensor<32x64xf32>
  %6 = tern.contract "tk,nk->tn" %x, %5 : tensor<5x64xf32>, tensor<32x64xf32>
  return %6 : tensor<5x32xf32>
}
func.func @task_vector_form(%x: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.constant dense<0.75> : tensor<f32>
  %1 = tern.weight "w" : tensor<32x64xf32>
  %2 = tern.mul %0, %1 : tensor<f32>, tensor<32x64xf32>
  %3 = tern.constant dense<0.25> : tensor<f32>
  %4 = tern.weight "v" : tensor<32x64xf32>
  %5 = tern.mul %3, %4 : tensor<f32>, tensor<32x64xf32>
  %6 = tern.add %2, %5 : tensor<32x64xf32>, tensor<32x64xf32>
  %7 = tern.contract "tk,nk->tn" %x, %6 : tensor<5x64xf32>, tensor<32x64xf32>
  return %7 : tensor<5x32xf32>
}
func.func @task_vector_not_sum(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @task_vector_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.weight "v" : tensor<32x64xf32>
  %3 = tern.mul %1, %2 : tensor<f32>, tensor<32x64xf32>
  %4 = tern.add %0, %3 : tensor<32x64xf32>, tensor<32x64xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x64xf32>, tensor<32x64xf32>
  return %5 : tensor<5x32xf32>
}

// A linear merge of outputs is one of weights.
func.func @merge_linear(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @merge_linear_form} {
  %0 = tern.constant dense<0.75> : tensor<f32>
  %1 = tern.weight "w" : tensor<32x64xf32>
  %2 = tern.contract "tk,nk->tn" %x, %1 : tensor<5x64xf32>, tensor<32x64xf32>
  %3 = tern.mul %0, %2 : tensor<f32>, tensor<5x32xf32>
  %4 = tern.constant dense<0.25> : tensor<f32>
  %5 = tern.weight "v" : tensor<32x64xf32>
  %6 = tern.contract "tk,nk->tn" %x, %5 : tensor<5x64xf32>, tensor<32x64xf32>
  %7 = tern.mul %4, %6 : tensor<f32>, tensor<5x32xf32>
  %8 = tern.add %3, %7 : tensor<5x32xf32>, tensor<5x32xf32>
  return %8 : tensor<5x32xf32>
}
func.func @merge_linear_form(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.constant dense<0.75> : tensor<f32>
  %1 = tern.weight "w" : tensor<32x64xf32>
  %2 = tern.mul %0, %1 : tensor<f32>, tensor<32x64xf32>
  %3 = tern.constant dense<0.25> : tensor<f32>
  %4 = tern.weight "v" : tensor<32x64xf32>
  %5 = tern.mul %3, %4 : tensor<f32>, tensor<32x64xf32>
  %6 = tern.add %2, %5 : tensor<32x64xf32>, tensor<32x64xf32>
  %7 = tern.contract "tk,nk->tn" %x, %6 : tensor<5x64xf32>, tensor<32x64xf32>
  return %7 : tensor<5x32xf32>
}
func.func @merge_linear_not_operand(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @merge_linear_form} {
  %0 = tern.constant dense<0.75> : tensor<f32>
  %1 = tern.weight "w" : tensor<32x64xf32>
  %2 = tern.contract "tk,nk->tn" %x, %1 : tensor<5x64xf32>, tensor<32x64xf32>
  %3 = tern.mul %0, %2 : tensor<f32>, tensor<5x32xf32>
  %4 = tern.constant dense<0.25> : tensor<f32>
  %5 = tern.weight "v" : tensor<32x64xf32>
  %6 = tern.contract "tk,nk->tn" %y, %5 : tensor<5x64xf32>, tensor<32x64xf32>
  %7 = tern.mul %4, %6 : tensor<f32>, tensor<5x32xf32>
  %8 = tern.add %3, %7 : tensor<5x32xf32>, tensor<5x32xf32>
  return %8 : tensor<5x32xf32>
}
func.func @merge_linear_not_scale(%x: tensor<5x64xf32>, %y: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @merge_linear_form} {
  %0 = tern.constant dense<0.75> : tensor<f32>
  %1 = tern.weight "w" : tensor<32x64xf32>
  %2 = tern.contract "tk,nk->tn" %x, %1 : tensor<5x64xf32>, tensor<32x64xf32>
  %3 = tern.mul %0, %2 : tensor<f32>, tensor<5x32xf32>
  %4 = tern.weight "v" : tensor<32x64xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<5x64xf32>, tensor<32x64xf32>
  %6 = tern.mul %0, %5 : tensor<f32>, tensor<5x32xf32>
  %7 = tern.add %3, %6 : tensor<5x32xf32>, tensor<5x32xf32>
  return %7 : tensor<5x32xf32>
}

// A merge of fine-tunes that are base and adapter.
func.func @merge_delta(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @merge_delta_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.constant dense<0.5> : tensor<f32>
  %2 = tern.weight "a" : tensor<4x64xf32>
  %3 = tern.weight "b" : tensor<32x4xf32>
  %4 = tern.contract "ak,na->nk" %2, %3 : tensor<4x64xf32>, tensor<32x4xf32>
  %5 = tern.add %0, %4 : tensor<32x64xf32>, tensor<32x64xf32>
  %6 = tern.sub %5, %0 : tensor<32x64xf32>, tensor<32x64xf32>
  %7 = tern.mul %1, %6 : tensor<f32>, tensor<32x64xf32>
  %8 = tern.add %0, %7 : tensor<32x64xf32>, tensor<32x64xf32>
  %9 = tern.contract "tk,nk->tn" %x, %8 : tensor<5x64xf32>, tensor<32x64xf32>
  return %9 : tensor<5x32xf32>
}
func.func @merge_delta_form(%x: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.constant dense<0.5> : tensor<f32>
  %2 = tern.weight "a" : tensor<4x64xf32>
  %3 = tern.weight "b" : tensor<32x4xf32>
  %4 = tern.contract "ak,na->nk" %2, %3 : tensor<4x64xf32>, tensor<32x4xf32>
  %5 = tern.mul %1, %4 : tensor<f32>, tensor<32x64xf32>
  %6 = tern.add %0, %5 : tensor<32x64xf32>, tensor<32x64xf32>
  %7 = tern.contract "tk,nk->tn" %x, %6 : tensor<5x64xf32>, tensor<32x64xf32>
  return %7 : tensor<5x32xf32>
}
func.func @merge_delta_not_base(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @merge_delta_form} {
  %0 = tern.weight "w" : tensor<32x64xf32>
  %1 = tern.constant dense<0.5> : tensor<f32>
  %2 = tern.weight "v" : tensor<32x64xf32>
  %3 = tern.weight "a" : tensor<4x64xf32>
  %4 = tern.weight "b" : tensor<32x4xf32>
  %5 = tern.contract "ak,na->nk" %3, %4 : tensor<4x64xf32>, tensor<32x4xf32>
  %6 = tern.add %2, %5 : tensor<32x64xf32>, tensor<32x64xf32>
  %7 = tern.sub %6, %0 : tensor<32x64xf32>, tensor<32x64xf32>
  %8 = tern.mul %1, %7 : tensor<f32>, tensor<32x64xf32>
  %9 = tern.add %0, %8 : tensor<32x64xf32>, tensor<32x64xf32>
  %10 = tern.contract "tk,nk->tn" %x, %9 : tensor<5x64xf32>, tensor<32x64xf32>
  return %10 : tensor<5x32xf32>
}

// The sum of blocks of the input (MiSS), or the matrix repeated along it.
func.func @block_sum(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @block_sum_form} {
  %0 = tern.reshape %x : tensor<5x64xf32> to tensor<5x8x8xf32>
  %1 = tern.sum "tba->ta" %0 : tensor<5x8x8xf32>
  %2 = tern.weight "m" : tensor<8x32xf32>
  %3 = tern.contract "ta,an->tn" %1, %2 : tensor<5x8xf32>, tensor<8x32xf32>
  return %3 : tensor<5x32xf32>
}
func.func @block_sum_form(%x: tensor<5x64xf32>) -> tensor<5x32xf32> {
  %0 = tern.weight "m" : tensor<8x32xf32>
  %1 = tern.broadcast "an->ban" %0 : tensor<8x32xf32> to tensor<8x8x32xf32>
  %2 = tern.reshape %1 : tensor<8x8x32xf32> to tensor<64x32xf32>
  %3 = tern.contract "tc,cn->tn" %x, %2 : tensor<5x64xf32>, tensor<64x32xf32>
  return %3 : tensor<5x32xf32>
}
func.func @block_sum_not_axis(%x: tensor<5x64xf32>) -> tensor<5x32xf32> attributes {tern.seek = @block_sum_form} {
  %0 = tern.reshape %x : tensor<5x64xf32> to tensor<5x8x8xf32>
  %1 = tern.sum "tab->ta" %0 : tensor<5x8x8xf32>
  %2 = tern.weight "m" : tensor<8x32xf32>
  %3 = tern.contract "ta,an->tn" %1, %2 : tensor<5x8xf32>, tensor<8x32xf32>
  return %3 : tensor<5x32xf32>
}
