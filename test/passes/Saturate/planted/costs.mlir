// Where both forms are known and the cost decides.
tern.dim @T from 1 to 512

// use: for-batch=1 for-prompt=512 for-context=4096 steps-per-load=100000
// use: for-batch=1 for-prompt=512 for-context=4096 steps-per-load=100
// use: for-batch=1 for-prompt=512 for-context=4096 steps-per-load=50
// use: for-batch=64 for-prompt=512 for-context=4096 steps-per-load=100000
// use: for-batch=64 for-prompt=512 for-context=4096 steps-per-load=100
// use: for-batch=1 for-prompt=512 for-context=512 steps-per-load=100000

// A low-rank term of rank 8, kept or folded.
// chosen: form written written form form form
func.func @rank_8(%x: tensor<?x2048xf32, #tern.dims<T>>) -> tensor<?x2048xf32, #tern.dims<T>> attributes {tern.seek = @rank_8_form} {
  %0 = tern.weight "w" : tensor<2048x2048xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<?x2048xf32, #tern.dims<T>>, tensor<2048x2048xf32>
  %2 = tern.weight "a" : tensor<8x2048xf32>
  %3 = tern.contract "tk,ak->ta" %x, %2 : tensor<?x2048xf32, #tern.dims<T>>, tensor<8x2048xf32>
  %4 = tern.weight "b" : tensor<2048x8xf32>
  %5 = tern.contract "ta,na->tn" %3, %4 : tensor<?x8xf32, #tern.dims<T>>, tensor<2048x8xf32>
  %6 = tern.add %1, %5 : tensor<?x2048xf32, #tern.dims<T>>, tensor<?x2048xf32, #tern.dims<T>>
  return %6 : tensor<?x2048xf32, #tern.dims<T>>
}
func.func @rank_8_form(%x: tensor<?x2048xf32, #tern.dims<T>>) -> tensor<?x2048xf32, #tern.dims<T>> {
  %0 = tern.weight "w" : tensor<2048x2048xf32>
  %1 = tern.weight "b" : tensor<2048x8xf32>
  %2 = tern.weight "a" : tensor<8x2048xf32>
  %3 = tern.contract "na,ak->nk" %1, %2 : tensor<2048x8xf32>, tensor<8x2048xf32>
  %4 = tern.add %0, %3 : tensor<2048x2048xf32>, tensor<2048x2048xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<?x2048xf32, #tern.dims<T>>, tensor<2048x2048xf32>
  return %5 : tensor<?x2048xf32, #tern.dims<T>>
}

// A low-rank term of rank 64, kept or folded.
// chosen: form written written form form form
func.func @rank_64(%x: tensor<?x2048xf32, #tern.dims<T>>) -> tensor<?x2048xf32, #tern.dims<T>> attributes {tern.seek = @rank_64_form} {
  %0 = tern.weight "w" : tensor<2048x2048xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<?x2048xf32, #tern.dims<T>>, tensor<2048x2048xf32>
  %2 = tern.weight "a" : tensor<64x2048xf32>
  %3 = tern.contract "tk,ak->ta" %x, %2 : tensor<?x2048xf32, #tern.dims<T>>, tensor<64x2048xf32>
  %4 = tern.weight "b" : tensor<2048x64xf32>
  %5 = tern.contract "ta,na->tn" %3, %4 : tensor<?x64xf32, #tern.dims<T>>, tensor<2048x64xf32>
  %6 = tern.add %1, %5 : tensor<?x2048xf32, #tern.dims<T>>, tensor<?x2048xf32, #tern.dims<T>>
  return %6 : tensor<?x2048xf32, #tern.dims<T>>
}
func.func @rank_64_form(%x: tensor<?x2048xf32, #tern.dims<T>>) -> tensor<?x2048xf32, #tern.dims<T>> {
  %0 = tern.weight "w" : tensor<2048x2048xf32>
  %1 = tern.weight "b" : tensor<2048x64xf32>
  %2 = tern.weight "a" : tensor<64x2048xf32>
  %3 = tern.contract "na,ak->nk" %1, %2 : tensor<2048x64xf32>, tensor<64x2048xf32>
  %4 = tern.add %0, %3 : tensor<2048x2048xf32>, tensor<2048x2048xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<?x2048xf32, #tern.dims<T>>, tensor<2048x2048xf32>
  return %5 : tensor<?x2048xf32, #tern.dims<T>>
}

// A low-rank term of rank 1024, kept or folded.
// chosen: form form written form form form
func.func @rank_1024(%x: tensor<?x2048xf32, #tern.dims<T>>) -> tensor<?x2048xf32, #tern.dims<T>> attributes {tern.seek = @rank_1024_form} {
  %0 = tern.weight "w" : tensor<2048x2048xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<?x2048xf32, #tern.dims<T>>, tensor<2048x2048xf32>
  %2 = tern.weight "a" : tensor<1024x2048xf32>
  %3 = tern.contract "tk,ak->ta" %x, %2 : tensor<?x2048xf32, #tern.dims<T>>, tensor<1024x2048xf32>
  %4 = tern.weight "b" : tensor<2048x1024xf32>
  %5 = tern.contract "ta,na->tn" %3, %4 : tensor<?x1024xf32, #tern.dims<T>>, tensor<2048x1024xf32>
  %6 = tern.add %1, %5 : tensor<?x2048xf32, #tern.dims<T>>, tensor<?x2048xf32, #tern.dims<T>>
  return %6 : tensor<?x2048xf32, #tern.dims<T>>
}
func.func @rank_1024_form(%x: tensor<?x2048xf32, #tern.dims<T>>) -> tensor<?x2048xf32, #tern.dims<T>> {
  %0 = tern.weight "w" : tensor<2048x2048xf32>
  %1 = tern.weight "b" : tensor<2048x1024xf32>
  %2 = tern.weight "a" : tensor<1024x2048xf32>
  %3 = tern.contract "na,ak->nk" %1, %2 : tensor<2048x1024xf32>, tensor<1024x2048xf32>
  %4 = tern.add %0, %3 : tensor<2048x2048xf32>, tensor<2048x2048xf32>
  %5 = tern.contract "tk,nk->tn" %x, %4 : tensor<?x2048xf32, #tern.dims<T>>, tensor<2048x2048xf32>
  return %5 : tensor<?x2048xf32, #tern.dims<T>>
}

// An embedding of 1000 tokens and a linear layer, apart or as one table.
// chosen: form form written form form form
func.func @table_1000(%i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x2048xf32, #tern.dims<T>> attributes {tern.seek = @table_1000_form} {
  %0 = tern.weight "e" : tensor<1000x512xf32>
  %1 = tern.gather "vd,t->td" %0, %i : tensor<1000x512xf32>, tensor<?xi32, #tern.dims<T>>
  %2 = tern.weight "w" : tensor<2048x512xf32>
  %3 = tern.contract "td,nd->tn" %1, %2 : tensor<?x512xf32, #tern.dims<T>>, tensor<2048x512xf32>
  return %3 : tensor<?x2048xf32, #tern.dims<T>>
}
func.func @table_1000_form(%i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x2048xf32, #tern.dims<T>> {
  %0 = tern.weight "e" : tensor<1000x512xf32>
  %1 = tern.weight "w" : tensor<2048x512xf32>
  %2 = tern.contract "vd,nd->vn" %0, %1 : tensor<1000x512xf32>, tensor<2048x512xf32>
  %3 = tern.gather "vn,t->tn" %2, %i : tensor<1000x2048xf32>, tensor<?xi32, #tern.dims<T>>
  return %3 : tensor<?x2048xf32, #tern.dims<T>>
}

// An embedding of 32000 tokens and a linear layer, apart or as one table.
// chosen: form written written form written form
func.func @table_32000(%i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x2048xf32, #tern.dims<T>> attributes {tern.seek = @table_32000_form} {
  %0 = tern.weight "e" : tensor<32000x512xf32>
  %1 = tern.gather "vd,t->td" %0, %i : tensor<32000x512xf32>, tensor<?xi32, #tern.dims<T>>
  %2 = tern.weight "w" : tensor<2048x512xf32>
  %3 = tern.contract "td,nd->tn" %1, %2 : tensor<?x512xf32, #tern.dims<T>>, tensor<2048x512xf32>
  return %3 : tensor<?x2048xf32, #tern.dims<T>>
}
func.func @table_32000_form(%i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x2048xf32, #tern.dims<T>> {
  %0 = tern.weight "e" : tensor<32000x512xf32>
  %1 = tern.weight "w" : tensor<2048x512xf32>
  %2 = tern.contract "vd,nd->vn" %0, %1 : tensor<32000x512xf32>, tensor<2048x512xf32>
  %3 = tern.gather "vn,t->tn" %2, %i : tensor<32000x2048xf32>, tensor<?xi32, #tern.dims<T>>
  return %3 : tensor<?x2048xf32, #tern.dims<T>>
}

// A norm's scale, at the step or at load.
// chosen: form written written form written form
func.func @norm_scale(%x: tensor<?x2048xf32, #tern.dims<T>>) -> tensor<?x2048xf32, #tern.dims<T>> attributes {tern.seek = @norm_scale_form} {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<?x2048xf32, #tern.dims<T>>
  %1 = tern.weight "g" : tensor<2048xf32>
  %2 = tern.broadcast "k->tk" %1 : tensor<2048xf32> to tensor<?x2048xf32, #tern.dims<T>>
  %3 = tern.mul %0, %2 : tensor<?x2048xf32, #tern.dims<T>>, tensor<?x2048xf32, #tern.dims<T>>
  %4 = tern.weight "w" : tensor<2048x2048xf32>
  %5 = tern.contract "tk,nk->tn" %3, %4 : tensor<?x2048xf32, #tern.dims<T>>, tensor<2048x2048xf32>
  return %5 : tensor<?x2048xf32, #tern.dims<T>>
}
func.func @norm_scale_form(%x: tensor<?x2048xf32, #tern.dims<T>>) -> tensor<?x2048xf32, #tern.dims<T>> {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<?x2048xf32, #tern.dims<T>>
  %1 = tern.weight "w" : tensor<2048x2048xf32>
  %2 = tern.weight "g" : tensor<2048xf32>
  %3 = tern.broadcast "k->nk" %2 : tensor<2048xf32> to tensor<2048x2048xf32>
  %4 = tern.mul %1, %3 : tensor<2048x2048xf32>, tensor<2048x2048xf32>
  %5 = tern.contract "tk,nk->tn" %0, %4 : tensor<?x2048xf32, #tern.dims<T>>, tensor<2048x2048xf32>
  return %5 : tensor<?x2048xf32, #tern.dims<T>>
}

// The same where the scaled row is read elsewhere.
// chosen: written written written written written written
func.func @norm_scale_read(%x: tensor<?x2048xf32, #tern.dims<T>>) -> (tensor<?x2048xf32, #tern.dims<T>>, tensor<?x2048xf32, #tern.dims<T>>) attributes {tern.seek = @norm_scale_read_form} {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<?x2048xf32, #tern.dims<T>>
  %1 = tern.weight "g" : tensor<2048xf32>
  %2 = tern.broadcast "k->tk" %1 : tensor<2048xf32> to tensor<?x2048xf32, #tern.dims<T>>
  %3 = tern.mul %0, %2 : tensor<?x2048xf32, #tern.dims<T>>, tensor<?x2048xf32, #tern.dims<T>>
  %4 = tern.weight "w" : tensor<2048x2048xf32>
  %5 = tern.contract "tk,nk->tn" %3, %4 : tensor<?x2048xf32, #tern.dims<T>>, tensor<2048x2048xf32>
  return %5, %3 : tensor<?x2048xf32, #tern.dims<T>>, tensor<?x2048xf32, #tern.dims<T>>
}
func.func @norm_scale_read_form(%x: tensor<?x2048xf32, #tern.dims<T>>) -> (tensor<?x2048xf32, #tern.dims<T>>, tensor<?x2048xf32, #tern.dims<T>>) {
  %0 = tern.rms_norm "tk/k" %x epsilon 7.6293945312500000e-06 : tensor<?x2048xf32, #tern.dims<T>>
  %1 = tern.weight "w" : tensor<2048x2048xf32>
  %2 = tern.weight "g" : tensor<2048xf32>
  %3 = tern.broadcast "k->nk" %2 : tensor<2048xf32> to tensor<2048x2048xf32>
  %4 = tern.mul %1, %3 : tensor<2048x2048xf32>, tensor<2048x2048xf32>
  %5 = tern.contract "tk,nk->tn" %0, %4 : tensor<?x2048xf32, #tern.dims<T>>, tensor<2048x2048xf32>
  %6 = tern.broadcast "k->tk" %2 : tensor<2048xf32> to tensor<?x2048xf32, #tern.dims<T>>
  %7 = tern.mul %0, %6 : tensor<?x2048xf32, #tern.dims<T>>, tensor<?x2048xf32, #tern.dims<T>>
  return %5, %7 : tensor<?x2048xf32, #tern.dims<T>>, tensor<?x2048xf32, #tern.dims<T>>
}

// Two products with one operand, apart or as one.
// chosen: form written written form written form
func.func @siblings(%x: tensor<?x2048xf32, #tern.dims<T>>) -> (tensor<?x2048xf32, #tern.dims<T>>, tensor<?x512xf32, #tern.dims<T>>) attributes {tern.seek = @siblings_form} {
  %0 = tern.weight "q" : tensor<2048x2048xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<?x2048xf32, #tern.dims<T>>, tensor<2048x2048xf32>
  %2 = tern.weight "w" : tensor<512x2048xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<?x2048xf32, #tern.dims<T>>, tensor<512x2048xf32>
  return %1, %3 : tensor<?x2048xf32, #tern.dims<T>>, tensor<?x512xf32, #tern.dims<T>>
}
func.func @siblings_form(%x: tensor<?x2048xf32, #tern.dims<T>>) -> (tensor<?x2048xf32, #tern.dims<T>>, tensor<?x512xf32, #tern.dims<T>>) {
  %0 = tern.weight "q" : tensor<2048x2048xf32>
  %1 = tern.weight "w" : tensor<512x2048xf32>
  %2 = tern.concat %0, %1 axis 0 : tensor<2048x2048xf32>, tensor<512x2048xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<?x2048xf32, #tern.dims<T>>, tensor<2560x2048xf32>
  %4 = tern.slice %3 axis 1 from 0 size 2048 : tensor<?x2560xf32, #tern.dims<T>>
  %5 = tern.slice %3 axis 1 from 2048 size 512 : tensor<?x2560xf32, #tern.dims<T>>
  return %4, %5 : tensor<?x2048xf32, #tern.dims<T>>, tensor<?x512xf32, #tern.dims<T>>
}

// The same where one of the weights is a table of embeddings too.
// chosen: written written written written written written
func.func @siblings_tied(%x: tensor<?x2048xf32, #tern.dims<T>>, %i: tensor<?xi32, #tern.dims<T>>) -> (tensor<?x2048xf32, #tern.dims<T>>, tensor<?x32000xf32, #tern.dims<T>>, tensor<?x2048xf32, #tern.dims<T>>) attributes {tern.seek = @siblings_tied_form} {
  %0 = tern.weight "q" : tensor<2048x2048xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<?x2048xf32, #tern.dims<T>>, tensor<2048x2048xf32>
  %2 = tern.weight "w" : tensor<32000x2048xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<?x2048xf32, #tern.dims<T>>, tensor<32000x2048xf32>
  %4 = tern.gather "vd,t->td" %2, %i : tensor<32000x2048xf32>, tensor<?xi32, #tern.dims<T>>
  return %1, %3, %4 : tensor<?x2048xf32, #tern.dims<T>>, tensor<?x32000xf32, #tern.dims<T>>, tensor<?x2048xf32, #tern.dims<T>>
}
func.func @siblings_tied_form(%x: tensor<?x2048xf32, #tern.dims<T>>, %i: tensor<?xi32, #tern.dims<T>>) -> (tensor<?x2048xf32, #tern.dims<T>>, tensor<?x32000xf32, #tern.dims<T>>, tensor<?x2048xf32, #tern.dims<T>>) {
  %0 = tern.weight "q" : tensor<2048x2048xf32>
  %1 = tern.weight "w" : tensor<32000x2048xf32>
  %2 = tern.concat %0, %1 axis 0 : tensor<2048x2048xf32>, tensor<32000x2048xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<?x2048xf32, #tern.dims<T>>, tensor<34048x2048xf32>
  %4 = tern.slice %3 axis 1 from 0 size 2048 : tensor<?x34048xf32, #tern.dims<T>>
  %5 = tern.slice %3 axis 1 from 2048 size 32000 : tensor<?x34048xf32, #tern.dims<T>>
  %6 = tern.gather "vd,t->td" %1, %i : tensor<32000x2048xf32>, tensor<?xi32, #tern.dims<T>>
  return %4, %5, %6 : tensor<?x2048xf32, #tern.dims<T>>, tensor<?x32000xf32, #tern.dims<T>>, tensor<?x2048xf32, #tern.dims<T>>
}

// Two weights one after the other with 64 numbers between, apart or multiplied at load.
// chosen: written written written written written written
func.func @chain_64(%x: tensor<?x2048xf32, #tern.dims<T>>) -> tensor<?x2048xf32, #tern.dims<T>> attributes {tern.seek = @chain_64_form} {
  %0 = tern.weight "a" : tensor<64x2048xf32>
  %1 = tern.contract "tk,mk->tm" %x, %0 : tensor<?x2048xf32, #tern.dims<T>>, tensor<64x2048xf32>
  %2 = tern.weight "b" : tensor<2048x64xf32>
  %3 = tern.contract "tm,nm->tn" %1, %2 : tensor<?x64xf32, #tern.dims<T>>, tensor<2048x64xf32>
  return %3 : tensor<?x2048xf32, #tern.dims<T>>
}
func.func @chain_64_form(%x: tensor<?x2048xf32, #tern.dims<T>>) -> tensor<?x2048xf32, #tern.dims<T>> {
  %0 = tern.weight "b" : tensor<2048x64xf32>
  %1 = tern.weight "a" : tensor<64x2048xf32>
  %2 = tern.contract "nm,mk->nk" %0, %1 : tensor<2048x64xf32>, tensor<64x2048xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<?x2048xf32, #tern.dims<T>>, tensor<2048x2048xf32>
  return %3 : tensor<?x2048xf32, #tern.dims<T>>
}

// Two weights one after the other with 1536 numbers between, apart or multiplied at load.
// chosen: form written written form form form
func.func @chain_1536(%x: tensor<?x2048xf32, #tern.dims<T>>) -> tensor<?x2048xf32, #tern.dims<T>> attributes {tern.seek = @chain_1536_form} {
  %0 = tern.weight "a" : tensor<1536x2048xf32>
  %1 = tern.contract "tk,mk->tm" %x, %0 : tensor<?x2048xf32, #tern.dims<T>>, tensor<1536x2048xf32>
  %2 = tern.weight "b" : tensor<2048x1536xf32>
  %3 = tern.contract "tm,nm->tn" %1, %2 : tensor<?x1536xf32, #tern.dims<T>>, tensor<2048x1536xf32>
  return %3 : tensor<?x2048xf32, #tern.dims<T>>
}
func.func @chain_1536_form(%x: tensor<?x2048xf32, #tern.dims<T>>) -> tensor<?x2048xf32, #tern.dims<T>> {
  %0 = tern.weight "b" : tensor<2048x1536xf32>
  %1 = tern.weight "a" : tensor<1536x2048xf32>
  %2 = tern.contract "nm,mk->nk" %0, %1 : tensor<2048x1536xf32>, tensor<1536x2048xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<?x2048xf32, #tern.dims<T>>, tensor<2048x2048xf32>
  return %3 : tensor<?x2048xf32, #tern.dims<T>>
}

// Latent attention to 512 slots, with keys and values from the cache or with absorbed projections.
// chosen: form form form form form written
func.func @latent(%q: tensor<?x16x128xf32, #tern.dims<T>>, %z: tensor<512x512xf32>) -> tensor<?x16x128xf32, #tern.dims<T>> attributes {tern.seek = @latent_form} {
  %0 = tern.weight "uk" : tensor<16x128x512xf32>
  %1 = tern.contract "sl,hdl->shd" %z, %0 : tensor<512x512xf32>, tensor<16x128x512xf32>
  %2 = tern.weight "uv" : tensor<16x128x512xf32>
  %3 = tern.contract "sl,hvl->shv" %z, %2 : tensor<512x512xf32>, tensor<16x128x512xf32>
  %4 = tern.attention %q, %1, %3 scale 0.0625 : tensor<?x16x128xf32, #tern.dims<T>>, tensor<512x16x128xf32>, tensor<512x16x128xf32>
  return %4 : tensor<?x16x128xf32, #tern.dims<T>>
}
func.func @latent_form(%q: tensor<?x16x128xf32, #tern.dims<T>>, %z: tensor<512x512xf32>) -> tensor<?x16x128xf32, #tern.dims<T>> {
  %0 = tern.weight "uk" : tensor<16x128x512xf32>
  %1 = tern.contract "thd,hdl->thl" %q, %0 : tensor<?x16x128xf32, #tern.dims<T>>, tensor<16x128x512xf32>
  %2 = tern.reshape %z : tensor<512x512xf32> to tensor<512x1x512xf32>
  %3 = tern.attention %1, %2, %2 scale 0.0625 : tensor<?x16x512xf32, #tern.dims<T>>, tensor<512x1x512xf32>, tensor<512x1x512xf32>
  %4 = tern.weight "uv" : tensor<16x128x512xf32>
  %5 = tern.contract "thl,hvl->thv" %3, %4 : tensor<?x16x512xf32, #tern.dims<T>>, tensor<16x128x512xf32>
  return %5 : tensor<?x16x128xf32, #tern.dims<T>>
}
