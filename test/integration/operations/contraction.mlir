// Contractions of any axes, and attention.
tern.dim @T from 0 to 256
tern.dim @S from 0 to 259

// With T=0,1,5,100 within=3e-6
func.func @matrix(%a: tensor<?x40xf32, #tern.dims<T>>, %b: tensor<33x40xf32>) -> tensor<?x33xf32, #tern.dims<T>> {
  %0 = tern.contract "tk,nk->tn" %a, %b : tensor<?x40xf32, #tern.dims<T>>, tensor<33x40xf32>
  return %0 : tensor<?x33xf32, #tern.dims<T>>
}

// With T=0,1,5,100 within=3e-6
func.func @matrix_turned(%a: tensor<?x40xf32, #tern.dims<T>>, %b: tensor<40x33xf32>) -> tensor<?x33xf32, #tern.dims<T>> {
  %0 = tern.contract "tk,kn->tn" %a, %b : tensor<?x40xf32, #tern.dims<T>>, tensor<40x33xf32>
  return %0 : tensor<?x33xf32, #tern.dims<T>>
}

// With T=0,1,5,100 within=3e-6
func.func @left_turned(%a: tensor<40x?xf32, #tern.dims<T>>, %b: tensor<40x33xf32>) -> tensor<?x33xf32, #tern.dims<T>> {
  %0 = tern.contract "kt,kn->tn" %a, %b : tensor<40x?xf32, #tern.dims<T>>, tensor<40x33xf32>
  return %0 : tensor<?x33xf32, #tern.dims<T>>
}

// With T=0,1,5,100 within=3e-6
func.func @result_turned(%a: tensor<?x40xf32, #tern.dims<T>>, %b: tensor<33x40xf32>) -> tensor<33x?xf32, #tern.dims<T>> {
  %0 = tern.contract "tk,nk->nt" %a, %b : tensor<?x40xf32, #tern.dims<T>>, tensor<33x40xf32>
  return %0 : tensor<33x?xf32, #tern.dims<T>>
}

// With T=0,1,5,100 within=3e-6
func.func @batched(%a: tensor<3x?x20xf32, #tern.dims<T>>, %b: tensor<3x?x20xf32, #tern.dims<S>>) -> tensor<3x?x?xf32, #tern.dims<T, S>> {
  %0 = tern.contract "btk,bnk->btn" %a, %b : tensor<3x?x20xf32, #tern.dims<T>>, tensor<3x?x20xf32, #tern.dims<S>>
  return %0 : tensor<3x?x?xf32, #tern.dims<T, S>>
}

// With T=0,1,5,100 within=3e-6
func.func @scores(%a: tensor<?x3x20xf32, #tern.dims<T>>, %b: tensor<?x3x20xf32, #tern.dims<S>>) -> tensor<3x?x?xf32, #tern.dims<T, S>> {
  %0 = tern.contract "thd,shd->hts" %a, %b : tensor<?x3x20xf32, #tern.dims<T>>, tensor<?x3x20xf32, #tern.dims<S>>
  return %0 : tensor<3x?x?xf32, #tern.dims<T, S>>
}

// With T=0,1,5,100 within=3e-6
func.func @values(%a: tensor<3x?x?xf32, #tern.dims<T, S>>, %b: tensor<?x3x20xf32, #tern.dims<S>>) -> tensor<?x3x20xf32, #tern.dims<T>> {
  %0 = tern.contract "hts,shd->thd" %a, %b : tensor<3x?x?xf32, #tern.dims<T, S>>, tensor<?x3x20xf32, #tern.dims<S>>
  return %0 : tensor<?x3x20xf32, #tern.dims<T>>
}

// With T=1,7,130 within=3e-6
func.func @scores_long(%a: tensor<?x2x300xf32, #tern.dims<T>>, %b: tensor<?x2x300xf32, #tern.dims<S>>) -> tensor<2x?x?xf32, #tern.dims<T, S>> {
  %0 = tern.contract "thd,shd->hts" %a, %b : tensor<?x2x300xf32, #tern.dims<T>>, tensor<?x2x300xf32, #tern.dims<S>>
  return %0 : tensor<2x?x?xf32, #tern.dims<T, S>>
}

// With T=0,1,5,100 within=3e-6
func.func @two_summed(%a: tensor<?x5x8xf32, #tern.dims<T>>, %b: tensor<17x5x8xf32>) -> tensor<?x17xf32, #tern.dims<T>> {
  %0 = tern.contract "tab,nab->tn" %a, %b : tensor<?x5x8xf32, #tern.dims<T>>, tensor<17x5x8xf32>
  return %0 : tensor<?x17xf32, #tern.dims<T>>
}

// With T=0,1,5,100 within=3e-6
func.func @one_sided(%a: tensor<?x9x3xf32, #tern.dims<T>>, %b: tensor<17x9xf32>) -> tensor<?x17xf32, #tern.dims<T>> {
  %0 = tern.contract "tka,nk->tn" %a, %b : tensor<?x9x3xf32, #tern.dims<T>>, tensor<17x9xf32>
  return %0 : tensor<?x17xf32, #tern.dims<T>>
}

// With T=0,1,5,100 within=3e-6
func.func @outer(%a: tensor<?xf32, #tern.dims<T>>, %b: tensor<17xf32>) -> tensor<?x17xf32, #tern.dims<T>> {
  %0 = tern.contract "t,n->tn" %a, %b : tensor<?xf32, #tern.dims<T>>, tensor<17xf32>
  return %0 : tensor<?x17xf32, #tern.dims<T>>
}

// With T=1,100 within=3e-6
func.func @dot(%a: tensor<?xf32, #tern.dims<S>>, %b: tensor<?xf32, #tern.dims<S>>) -> tensor<f32> {
  %0 = tern.contract "k,k->" %a, %b : tensor<?xf32, #tern.dims<S>>, tensor<?xf32, #tern.dims<S>>
  return %0 : tensor<f32>
}

// With T=0,1,5,100 within=3e-6
func.func @rows_dot(%a: tensor<?x20xf32, #tern.dims<T>>, %b: tensor<?x20xf32, #tern.dims<T>>) -> tensor<?xf32, #tern.dims<T>> {
  %0 = tern.contract "tk,tk->t" %a, %b : tensor<?x20xf32, #tern.dims<T>>, tensor<?x20xf32, #tern.dims<T>>
  return %0 : tensor<?xf32, #tern.dims<T>>
}

// With T=0,1,5,100 within=3e-6
func.func @hadamard(%a: tensor<?x20xf32, #tern.dims<T>>, %b: tensor<?x20xf32, #tern.dims<T>>) -> tensor<?x20xf32, #tern.dims<T>> {
  %0 = tern.contract "tk,tk->tk" %a, %b : tensor<?x20xf32, #tern.dims<T>>, tensor<?x20xf32, #tern.dims<T>>
  return %0 : tensor<?x20xf32, #tern.dims<T>>
}

// With T=1 within=3e-6
func.func @vector_left(%a: tensor<40xf32>, %b: tensor<33x40xf32>) -> tensor<33xf32> {
  %0 = tern.contract "k,nk->n" %a, %b : tensor<40xf32>, tensor<33x40xf32>
  return %0 : tensor<33xf32>
}

// With T=0,1,5,100 within=3e-6
func.func @vector_right(%a: tensor<?x40xf32, #tern.dims<T>>, %b: tensor<40xf32>) -> tensor<?xf32, #tern.dims<T>> {
  %0 = tern.contract "tk,k->t" %a, %b : tensor<?x40xf32, #tern.dims<T>>, tensor<40xf32>
  return %0 : tensor<?xf32, #tern.dims<T>>
}

// With T=0,1,5,100 within=3e-6
func.func @state(%a: tensor<?x6xf32, #tern.dims<T>>, %b: tensor<?x16xf32, #tern.dims<T>>) -> tensor<?x6x16xf32, #tern.dims<T>> {
  %0 = tern.contract "td,tn->tdn" %a, %b : tensor<?x6xf32, #tern.dims<T>>, tensor<?x16xf32, #tern.dims<T>>
  return %0 : tensor<?x6x16xf32, #tern.dims<T>>
}

// With T=0,1,5,100 within=3e-6
func.func @bf16(%a: tensor<?x40xbf16, #tern.dims<T>>, %b: tensor<33x40xbf16>) -> tensor<?x33xf32, #tern.dims<T>> {
  %0 = tern.contract "tk,nk->tn" %a, %b : tensor<?x40xbf16, #tern.dims<T>>, tensor<33x40xbf16>
  return %0 : tensor<?x33xf32, #tern.dims<T>>
}

// With T=0,1,5,100 within=3e-6
func.func @f16_batched(%a: tensor<2x40x?xf16, #tern.dims<T>>, %b: tensor<2x40x33xf16>) -> tensor<2x?x33xf32, #tern.dims<T>> {
  %0 = tern.contract "bkt,bkn->btn" %a, %b : tensor<2x40x?xf16, #tern.dims<T>>, tensor<2x40x33xf16>
  return %0 : tensor<2x?x33xf32, #tern.dims<T>>
}

// With T=0,1,5,100 within=3e-6
func.func @i32(%a: tensor<?x10xi32, #tern.dims<T>>, %b: tensor<5x10xi32>) -> tensor<?x5xf32, #tern.dims<T>> {
  %0 = tern.contract "tk,nk->tn" %a, %b : tensor<?x10xi32, #tern.dims<T>>, tensor<5x10xi32>
  return %0 : tensor<?x5xf32, #tern.dims<T>>
}

// With T=1,7 within=3e-6
func.func @wide(%a: tensor<?x600xf32, #tern.dims<T>>, %b: tensor<600x130xf32>) -> tensor<?x130xf32, #tern.dims<T>> {
  %0 = tern.contract "tk,kn->tn" %a, %b : tensor<?x600xf32, #tern.dims<T>>, tensor<600x130xf32>
  return %0 : tensor<?x130xf32, #tern.dims<T>>
}

// With T=0,1,5,100 within=3e-6 ints=3
func.func @grouped(%a: tensor<?x40xf32, #tern.dims<T>>, %b: tensor<3x33x40xf32>, %c: tensor<?xi32, #tern.dims<T>>) -> tensor<?x33xf32, #tern.dims<T>> {
  %0 = tern.contract "tk,nk->tn" %a, %b groups %c : tensor<?x40xf32, #tern.dims<T>>, tensor<3x33x40xf32>, tensor<?xi32, #tern.dims<T>>
  return %0 : tensor<?x33xf32, #tern.dims<T>>
}

// With T=0,1,5,100 within=3e-6 ints=3
func.func @grouped_turned(%a: tensor<?x40xf32, #tern.dims<T>>, %b: tensor<3x40x33xf32>, %c: tensor<?xi64, #tern.dims<T>>) -> tensor<?x33xf32, #tern.dims<T>> {
  %0 = tern.contract "tk,kn->tn" %a, %b groups %c : tensor<?x40xf32, #tern.dims<T>>, tensor<3x40x33xf32>, tensor<?xi64, #tern.dims<T>>
  return %0 : tensor<?x33xf32, #tern.dims<T>>
}

// With T=0,1,5,100 within=3e-6 ints=3
func.func @grouped_heads(%a: tensor<?x5x40xf32, #tern.dims<T>>, %b: tensor<3x33x40xf32>, %c: tensor<?xi32, #tern.dims<T>>) -> tensor<?x5x33xf32, #tern.dims<T>> {
  %0 = tern.contract "thk,nk->thn" %a, %b groups %c : tensor<?x5x40xf32, #tern.dims<T>>, tensor<3x33x40xf32>, tensor<?xi32, #tern.dims<T>>
  return %0 : tensor<?x5x33xf32, #tern.dims<T>>
}

// With T=1,5,100 within=3e-6
func.func @epilogue(%a: tensor<?x40xf32, #tern.dims<T>>, %b: tensor<33x40xf32>, %c: tensor<33xf32>) -> tensor<?x33xf32, #tern.dims<T>> {
  %0 = tern.contract "tk,nk->tn" %a, %b : tensor<?x40xf32, #tern.dims<T>>, tensor<33x40xf32>
  %1 = tern.broadcast "n->tn" %c : tensor<33xf32> to tensor<?x33xf32, #tern.dims<T>>
  %2 = tern.add %0, %1 : tensor<?x33xf32, #tern.dims<T>>, tensor<?x33xf32, #tern.dims<T>>
  %3 = tern.gelu %2 : tensor<?x33xf32, #tern.dims<T>>
  return %3 : tensor<?x33xf32, #tern.dims<T>>
}

// With T=1,5,100 within=3e-6
func.func @moved_operands(%a: tensor<?x60xf32, #tern.dims<T>>, %b: tensor<?x60xf32, #tern.dims<S>>) -> tensor<3x?x?xf32, #tern.dims<T, S>> {
  %0 = tern.reshape %a : tensor<?x60xf32, #tern.dims<T>> to tensor<?x3x20xf32, #tern.dims<T>>
  %1 = tern.reshape %b : tensor<?x60xf32, #tern.dims<S>> to tensor<?x3x20xf32, #tern.dims<S>>
  %2 = tern.transpose "thd->htd" %0 : tensor<?x3x20xf32, #tern.dims<T>>
  %3 = tern.transpose "shd->hds" %1 : tensor<?x3x20xf32, #tern.dims<S>>
  %4 = tern.contract "htd,hds->hts" %2, %3 : tensor<3x?x20xf32, #tern.dims<T>>, tensor<3x20x?xf32, #tern.dims<S>>
  return %4 : tensor<3x?x?xf32, #tern.dims<T, S>>
}

// With T=1,5,100 within=1e-5
func.func @attention_by_terms(%a: tensor<?x3x16xf32, #tern.dims<T>>, %b: tensor<?x3x16xf32, #tern.dims<T>>, %c: tensor<?x3x16xf32, #tern.dims<T>>, %d: tensor<3x?x?xf32, #tern.dims<T, T>>) -> tensor<?x3x16xf32, #tern.dims<T>> {
  %0 = tern.contract "thd,shd->hts" %a, %b : tensor<?x3x16xf32, #tern.dims<T>>, tensor<?x3x16xf32, #tern.dims<T>>
  %1 = tern.add %0, %d : tensor<3x?x?xf32, #tern.dims<T, T>>, tensor<3x?x?xf32, #tern.dims<T, T>>
  %2 = tern.softmax "hts/s" %1 : tensor<3x?x?xf32, #tern.dims<T, T>>
  %3 = tern.contract "hts,shd->thd" %2, %c : tensor<3x?x?xf32, #tern.dims<T, T>>, tensor<?x3x16xf32, #tern.dims<T>>
  return %3 : tensor<?x3x16xf32, #tern.dims<T>>
}

// With T=0,1,5,130 within=2e-6
func.func @attention(%a: tensor<?x4x16xf32, #tern.dims<T>>, %b: tensor<?x4x16xf32, #tern.dims<S>>, %c: tensor<?x4x16xf32, #tern.dims<S>>) -> tensor<?x4x16xf32, #tern.dims<T>> {
  %0 = tern.attention %a, %b, %c scale 0.25 : tensor<?x4x16xf32, #tern.dims<T>>, tensor<?x4x16xf32, #tern.dims<S>>, tensor<?x4x16xf32, #tern.dims<S>>
  return %0 : tensor<?x4x16xf32, #tern.dims<T>>
}

// With T=0,1,5,130 within=2e-6
func.func @attention_causal(%a: tensor<?x4x16xf32, #tern.dims<T>>, %b: tensor<?x2x16xf32, #tern.dims<S>>, %c: tensor<?x2x16xf32, #tern.dims<S>>) -> tensor<?x4x16xf32, #tern.dims<T>> {
  %0 = tern.attention %a, %b, %c scale 0.25 causal : tensor<?x4x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<S>>, tensor<?x2x16xf32, #tern.dims<S>>
  return %0 : tensor<?x4x16xf32, #tern.dims<T>>
}

// With T=0,1,5,130 within=2e-6
func.func @attention_causal_same(%a: tensor<?x4x20xf32, #tern.dims<T>>, %b: tensor<?x2x20xf32, #tern.dims<T>>, %c: tensor<?x2x24xf32, #tern.dims<T>>) -> tensor<?x4x24xf32, #tern.dims<T>> {
  %0 = tern.attention %a, %b, %c scale 0.25 causal : tensor<?x4x20xf32, #tern.dims<T>>, tensor<?x2x20xf32, #tern.dims<T>>, tensor<?x2x24xf32, #tern.dims<T>>
  return %0 : tensor<?x4x24xf32, #tern.dims<T>>
}

// With T=0,1,5,130 within=2e-6
func.func @attention_window(%a: tensor<?x4x16xf32, #tern.dims<T>>, %b: tensor<?x1x16xf32, #tern.dims<T>>, %c: tensor<?x1x7xf32, #tern.dims<T>>) -> tensor<?x4x7xf32, #tern.dims<T>> {
  %0 = tern.attention %a, %b, %c scale 0.25 causal window 9 : tensor<?x4x16xf32, #tern.dims<T>>, tensor<?x1x16xf32, #tern.dims<T>>, tensor<?x1x7xf32, #tern.dims<T>>
  return %0 : tensor<?x4x7xf32, #tern.dims<T>>
}

// With T=0,1,5,130 within=2e-6
func.func @attention_window_both(%a: tensor<?x2x16xf32, #tern.dims<T>>, %b: tensor<?x2x16xf32, #tern.dims<T>>, %c: tensor<?x2x16xf32, #tern.dims<T>>) -> tensor<?x2x16xf32, #tern.dims<T>> {
  %0 = tern.attention %a, %b, %c scale 0.25 window 70 : tensor<?x2x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<T>>
  return %0 : tensor<?x2x16xf32, #tern.dims<T>>
}

// With T=0,1,5,130 within=2e-6
func.func @attention_cap(%a: tensor<?x2x16xf32, #tern.dims<T>>, %b: tensor<?x2x16xf32, #tern.dims<S>>, %c: tensor<?x2x16xf32, #tern.dims<S>>) -> tensor<?x2x16xf32, #tern.dims<T>> {
  %0 = tern.attention %a, %b, %c scale 0.5 soft_cap 3.0 : tensor<?x2x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<S>>, tensor<?x2x16xf32, #tern.dims<S>>
  return %0 : tensor<?x2x16xf32, #tern.dims<T>>
}

// With T=0,1,5,130 within=2e-6
func.func @attention_mask(%a: tensor<?x2x16xf32, #tern.dims<T>>, %b: tensor<?x2x16xf32, #tern.dims<S>>, %c: tensor<?x2x16xf32, #tern.dims<S>>, %d: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x2x16xf32, #tern.dims<T>> {
  %0 = tern.attention %a, %b, %c mask %d scale 0.25 : tensor<?x2x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<S>>, tensor<?x2x16xf32, #tern.dims<S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x2x16xf32, #tern.dims<T>>
}

// With T=1,70 within=2e-6
func.func @attention_many_heads(%a: tensor<?x100x8xf32, #tern.dims<T>>, %b: tensor<?x1x8xf32, #tern.dims<T>>, %c: tensor<?x1x8xf32, #tern.dims<T>>) -> tensor<?x100x8xf32, #tern.dims<T>> {
  %0 = tern.attention %a, %b, %c scale 0.25 causal : tensor<?x100x8xf32, #tern.dims<T>>, tensor<?x1x8xf32, #tern.dims<T>>, tensor<?x1x8xf32, #tern.dims<T>>
  return %0 : tensor<?x100x8xf32, #tern.dims<T>>
}

// With T=0,1,5,130
func.func @attention_f16(%a: tensor<?x2x16xf16, #tern.dims<T>>, %b: tensor<?x1x16xf16, #tern.dims<S>>, %c: tensor<?x1x16xf16, #tern.dims<S>>, %d: tensor<?x?xf16, #tern.dims<T, S>>) -> tensor<?x2x16xf16, #tern.dims<T>> {
  %0 = tern.attention %a, %b, %c mask %d scale 0.25 : tensor<?x2x16xf16, #tern.dims<T>>, tensor<?x1x16xf16, #tern.dims<S>>, tensor<?x1x16xf16, #tern.dims<S>>, tensor<?x?xf16, #tern.dims<T, S>>
  return %0 : tensor<?x2x16xf16, #tern.dims<T>>
}

// With T=1 within=2e-6
func.func @attention_static(%a: tensor<7x2x16xf32>, %b: tensor<3x2x16xf32>, %c: tensor<3x2x16xf32>) -> tensor<7x2x16xf32> {
  %0 = tern.attention %a, %b, %c scale 0.25 causal : tensor<7x2x16xf32>, tensor<3x2x16xf32>, tensor<3x2x16xf32>
  return %0 : tensor<7x2x16xf32>
}

// With T=1,5,67 ints=2 within=1e-5
func.func @attention_masked_rows(%q: tensor<?x4x16xf32, #tern.dims<T>>, %k: tensor<?x2x16xf32, #tern.dims<S>>, %v: tensor<?x2x16xf32, #tern.dims<S>>, %m: tensor<?x?xi32, #tern.dims<T, S>>) -> tensor<?x4x16xf32, #tern.dims<T>> {
  %zero = tern.constant dense<0.0> : tensor<f32>
  %hidden = tern.constant dense<0xFF800000> : tensor<f32>
  %0 = tern.cast %m : tensor<?x?xi32, #tern.dims<T, S>> to tensor<?x?xf32, #tern.dims<T, S>>
  %1 = tern.iota "t->ts" : tensor<?x?xf32, #tern.dims<T, S>>
  %2 = tern.and %0, %1 : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  %3 = tern.where %2, %zero, %hidden : tensor<?x?xf32, #tern.dims<T, S>>, tensor<f32>, tensor<f32>
  %4 = tern.attention %q, %k, %v mask %3 scale 0.25 : tensor<?x4x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<S>>, tensor<?x2x16xf32, #tern.dims<S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %4 : tensor<?x4x16xf32, #tern.dims<T>>
}

// With T=1,5,67 within=1e-5
func.func @attention_biased(%q: tensor<?x4x16xf32, #tern.dims<T>>, %k: tensor<?x2x16xf32, #tern.dims<S>>, %v: tensor<?x2x16xf32, #tern.dims<S>>, %b: tensor<4x?x?xf32, #tern.dims<T, S>>) -> tensor<?x4x16xf32, #tern.dims<T>> {
  %0 = tern.attention %q, %k, %v mask %b scale 0.25 : tensor<?x4x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<S>>, tensor<?x2x16xf32, #tern.dims<S>>, tensor<4x?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x4x16xf32, #tern.dims<T>>
}

// With T=1,5,67 within=1e-5
func.func @attention_capped(%q: tensor<?x4x16xf32, #tern.dims<T>>, %k: tensor<?x2x16xf32, #tern.dims<S>>, %v: tensor<?x2x16xf32, #tern.dims<S>>) -> tensor<?x4x16xf32, #tern.dims<T>> {
  %0 = tern.attention %q, %k, %v scale 0.5 soft_cap 2.0 : tensor<?x4x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<S>>, tensor<?x2x16xf32, #tern.dims<S>>
  return %0 : tensor<?x4x16xf32, #tern.dims<T>>
}

// With T=1,5,67 within=1e-5
func.func @attention_of_matrices(%q: tensor<?x16xf32, #tern.dims<T>>, %k: tensor<?x16xf32, #tern.dims<S>>, %v: tensor<?x7xf32, #tern.dims<S>>) -> tensor<?x7xf32, #tern.dims<T>> {
  %0 = tern.reshape %q : tensor<?x16xf32, #tern.dims<T>> to tensor<?x1x16xf32, #tern.dims<T>>
  %1 = tern.reshape %k : tensor<?x16xf32, #tern.dims<S>> to tensor<?x1x16xf32, #tern.dims<S>>
  %2 = tern.reshape %v : tensor<?x7xf32, #tern.dims<S>> to tensor<?x1x7xf32, #tern.dims<S>>
  %3 = tern.attention %0, %1, %2 scale 0.25 : tensor<?x1x16xf32, #tern.dims<T>>, tensor<?x1x16xf32, #tern.dims<S>>, tensor<?x1x7xf32, #tern.dims<S>>
  %4 = tern.reshape %3 : tensor<?x1x7xf32, #tern.dims<T>> to tensor<?x7xf32, #tern.dims<T>>
  return %4 : tensor<?x7xf32, #tern.dims<T>>
}

func.func @double(%x: tensor<37x19xf64>, %w: tensor<19x41xf64>) -> (tensor<37x41xf64>, tensor<41xf64>) {
  %0 = tern.contract "ik,kj->ij" %x, %w : tensor<37x19xf64>, tensor<19x41xf64>
  %1 = tern.contract "ik,kj->j" %x, %w : tensor<37x19xf64>, tensor<19x41xf64>
  return %0, %1 : tensor<37x41xf64>, tensor<41xf64>
}
