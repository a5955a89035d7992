// What passes attention: biases, projections, slots and rows.
tern.dim @T from 1 to 512

// A bias of keys is constant along the keys, and cancels.
func.func @key_bias(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x16xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @key_bias_form} {
  %0 = tern.broadcast "hd->shd" %b : tensor<4x16xf32> to tensor<7x4x16xf32>
  %1 = tern.add %k, %0 : tensor<7x4x16xf32>, tensor<7x4x16xf32>
  %2 = tern.attention %q, %1, %v scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %2 : tensor<5x4x8xf32>
}
func.func @key_bias_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x16xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @key_bias_not_capped(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x16xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @key_bias_form} {
  %0 = tern.broadcast "hd->shd" %b : tensor<4x16xf32> to tensor<7x4x16xf32>
  %1 = tern.add %k, %0 : tensor<7x4x16xf32>, tensor<7x4x16xf32>
  %2 = tern.attention %q, %1, %v scale 0.25 soft_cap 30.0 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %2 : tensor<5x4x8xf32>
}
func.func @key_bias_not_query(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x16xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @key_bias_form} {
  %0 = tern.broadcast "hd->thd" %b : tensor<4x16xf32> to tensor<5x4x16xf32>
  %1 = tern.add %q, %0 : tensor<5x4x16xf32>, tensor<5x4x16xf32>
  %2 = tern.attention %1, %k, %v scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %2 : tensor<5x4x8xf32>
}

// Weights sum to 1, so a bias of values is one of the result.
func.func @value_bias(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @value_bias_form} {
  %0 = tern.broadcast "hd->shd" %b : tensor<4x8xf32> to tensor<7x4x8xf32>
  %1 = tern.add %v, %0 : tensor<7x4x8xf32>, tensor<7x4x8xf32>
  %2 = tern.attention %q, %k, %1 scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %2 : tensor<5x4x8xf32>
}
func.func @value_bias_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x8xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  %1 = tern.broadcast "hd->thd" %b : tensor<4x8xf32> to tensor<5x4x8xf32>
  %2 = tern.add %0, %1 : tensor<5x4x8xf32>, tensor<5x4x8xf32>
  return %2 : tensor<5x4x8xf32>
}
func.func @value_bias_not_scale(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>, %b: tensor<4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @value_bias_form} {
  %0 = tern.broadcast "hd->shd" %b : tensor<4x8xf32> to tensor<7x4x8xf32>
  %1 = tern.mul %v, %0 : tensor<7x4x8xf32>, tensor<7x4x8xf32>
  %2 = tern.attention %q, %k, %1 scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %2 : tensor<5x4x8xf32>
}

// The projection of the values follows the sum over keys.
func.func @value_projected(%q: tensor<?x4x16xf32, #tern.dims<T>>, %k: tensor<512x4x16xf32>, %v: tensor<512x4x64xf32>) -> tensor<?x4x64xf32, #tern.dims<T>> attributes {tern.seek = @value_projected_form} {
  %0 = tern.weight "w" : tensor<64x64xf32>
  %1 = tern.contract "sgm,nm->sgn" %v, %0 : tensor<512x4x64xf32>, tensor<64x64xf32>
  %2 = tern.attention %q, %k, %1 scale 0.25 : tensor<?x4x16xf32, #tern.dims<T>>, tensor<512x4x16xf32>, tensor<512x4x64xf32>
  return %2 : tensor<?x4x64xf32, #tern.dims<T>>
}
func.func @value_projected_form(%q: tensor<?x4x16xf32, #tern.dims<T>>, %k: tensor<512x4x16xf32>, %v: tensor<512x4x64xf32>) -> tensor<?x4x64xf32, #tern.dims<T>> {
  %0 = tern.attention %q, %k, %v scale 0.25 : tensor<?x4x16xf32, #tern.dims<T>>, tensor<512x4x16xf32>, tensor<512x4x64xf32>
  %1 = tern.weight "w" : tensor<64x64xf32>
  %2 = tern.contract "tgm,nm->tgn" %0, %1 : tensor<?x4x64xf32, #tern.dims<T>>, tensor<64x64xf32>
  return %2 : tensor<?x4x64xf32, #tern.dims<T>>
}
func.func @value_projected_not_transposed(%q: tensor<?x4x16xf32, #tern.dims<T>>, %k: tensor<512x4x16xf32>, %v: tensor<512x4x64xf32>) -> tensor<?x4x64xf32, #tern.dims<T>> attributes {tern.seek = @value_projected_form} {
  %0 = tern.weight "w" : tensor<64x64xf32>
  %1 = tern.contract "sgm,mn->sgn" %v, %0 : tensor<512x4x64xf32>, tensor<64x64xf32>
  %2 = tern.attention %q, %k, %1 scale 0.25 : tensor<?x4x16xf32, #tern.dims<T>>, tensor<512x4x16xf32>, tensor<512x4x64xf32>
  return %2 : tensor<?x4x64xf32, #tern.dims<T>>
}

// Latent attention: the up-projections of keys and values go to the query and to the result.
func.func @latent_attention(%q: tensor<?x8x64xf32, #tern.dims<T>>, %z: tensor<512x32xf32>, %y: tensor<512x32xf32>) -> tensor<?x8x64xf32, #tern.dims<T>> attributes {tern.seek = @latent_form} {
  %0 = tern.weight "uk" : tensor<8x64x32xf32>
  %1 = tern.contract "sl,hdl->shd" %z, %0 : tensor<512x32xf32>, tensor<8x64x32xf32>
  %2 = tern.weight "uv" : tensor<8x64x32xf32>
  %3 = tern.contract "sl,hvl->shv" %z, %2 : tensor<512x32xf32>, tensor<8x64x32xf32>
  %4 = tern.attention %q, %1, %3 scale 0.125 : tensor<?x8x64xf32, #tern.dims<T>>, tensor<512x8x64xf32>, tensor<512x8x64xf32>
  return %4 : tensor<?x8x64xf32, #tern.dims<T>>
}
func.func @latent_unfused(%q: tensor<?x8x64xf32, #tern.dims<T>>, %z: tensor<512x32xf32>, %y: tensor<512x32xf32>) -> tensor<?x8x64xf32, #tern.dims<T>> attributes {tern.seek = @latent_form} {
  %0 = tern.weight "uk" : tensor<8x64x32xf32>
  %1 = tern.contract "sl,hdl->shd" %z, %0 : tensor<512x32xf32>, tensor<8x64x32xf32>
  %2 = tern.contract "thd,shd->hts" %q, %1 : tensor<?x8x64xf32, #tern.dims<T>>, tensor<512x8x64xf32>
  %3 = tern.constant dense<0.125> : tensor<f32>
  %4 = tern.mul %2, %3 : tensor<8x?x512xf32, #tern.dims<T>>, tensor<f32>
  %5 = tern.softmax "hts/s" %4 : tensor<8x?x512xf32, #tern.dims<T>>
  %6 = tern.weight "uv" : tensor<8x64x32xf32>
  %7 = tern.contract "sl,hvl->shv" %z, %6 : tensor<512x32xf32>, tensor<8x64x32xf32>
  %8 = tern.contract "hts,shv->thv" %5, %7 : tensor<8x?x512xf32, #tern.dims<T>>, tensor<512x8x64xf32>
  return %8 : tensor<?x8x64xf32, #tern.dims<T>>
}
func.func @latent_form(%q: tensor<?x8x64xf32, #tern.dims<T>>, %z: tensor<512x32xf32>, %y: tensor<512x32xf32>) -> tensor<?x8x64xf32, #tern.dims<T>> {
  %0 = tern.weight "uk" : tensor<8x64x32xf32>
  %1 = tern.contract "thd,hdl->thl" %q, %0 : tensor<?x8x64xf32, #tern.dims<T>>, tensor<8x64x32xf32>
  %2 = tern.reshape %z : tensor<512x32xf32> to tensor<512x1x32xf32>
  %3 = tern.attention %1, %2, %2 scale 0.125 : tensor<?x8x32xf32, #tern.dims<T>>, tensor<512x1x32xf32>, tensor<512x1x32xf32>
  %4 = tern.weight "uv" : tensor<8x64x32xf32>
  %5 = tern.contract "thl,hvl->thv" %3, %4 : tensor<?x8x32xf32, #tern.dims<T>>, tensor<8x64x32xf32>
  return %5 : tensor<?x8x64xf32, #tern.dims<T>>
}
func.func @latent_not_other(%q: tensor<?x8x64xf32, #tern.dims<T>>, %z: tensor<512x32xf32>, %y: tensor<512x32xf32>) -> tensor<?x8x64xf32, #tern.dims<T>> attributes {tern.seek = @latent_form} {
  %0 = tern.weight "uk" : tensor<8x64x32xf32>
  %1 = tern.contract "sl,hdl->shd" %z, %0 : tensor<512x32xf32>, tensor<8x64x32xf32>
  %2 = tern.weight "uv" : tensor<8x64x32xf32>
  %3 = tern.contract "sl,hvl->shv" %y, %2 : tensor<512x32xf32>, tensor<8x64x32xf32>
  %4 = tern.attention %q, %1, %3 scale 0.125 : tensor<?x8x64xf32, #tern.dims<T>>, tensor<512x8x64xf32>, tensor<512x8x64xf32>
  return %4 : tensor<?x8x64xf32, #tern.dims<T>>
}
func.func @latent_not_heads(%q: tensor<?x8x64xf32, #tern.dims<T>>, %z: tensor<512x32xf32>, %y: tensor<512x32xf32>) -> tensor<?x8x64xf32, #tern.dims<T>> attributes {tern.seek = @latent_form} {
  %0 = tern.weight "uk" : tensor<8x64x32xf32>
  %1 = tern.contract "sl,hdl->shd" %z, %0 : tensor<512x32xf32>, tensor<8x64x32xf32>
  %2 = tern.contract "sl,hvl->shv" %z, %0 : tensor<512x32xf32>, tensor<8x64x32xf32>
  %3 = tern.attention %q, %1, %2 scale 0.125 : tensor<?x8x64xf32, #tern.dims<T>>, tensor<512x8x64xf32>, tensor<512x8x64xf32>
  return %3 : tensor<?x8x64xf32, #tern.dims<T>>
}

// The same of the scores alone.
func.func @latent_scores(%q: tensor<1x8x64xf32>, %z: tensor<512x32xf32>) -> tensor<1x8x512xf32> attributes {tern.seek = @latent_scores_form} {
  %0 = tern.weight "uk" : tensor<8x64x32xf32>
  %1 = tern.contract "sl,hdl->shd" %z, %0 : tensor<512x32xf32>, tensor<8x64x32xf32>
  %2 = tern.contract "thd,shd->ths" %q, %1 : tensor<1x8x64xf32>, tensor<512x8x64xf32>
  return %2 : tensor<1x8x512xf32>
}
func.func @latent_scores_form(%q: tensor<1x8x64xf32>, %z: tensor<512x32xf32>) -> tensor<1x8x512xf32> {
  %0 = tern.weight "uk" : tensor<8x64x32xf32>
  %1 = tern.contract "thd,hdl->thl" %q, %0 : tensor<1x8x64xf32>, tensor<8x64x32xf32>
  %2 = tern.contract "thl,sl->ths" %1, %z : tensor<1x8x32xf32>, tensor<512x32xf32>
  return %2 : tensor<1x8x512xf32>
}
func.func @latent_scores_not_heads(%q: tensor<1x8x64xf32>, %z: tensor<512x32xf32>) -> tensor<1x8x512xf32> attributes {tern.seek = @latent_scores_form} {
  %0 = tern.weight "uk" : tensor<64x8x32xf32>
  %1 = tern.contract "sl,dhl->shd" %z, %0 : tensor<512x32xf32>, tensor<64x8x32xf32>
  %2 = tern.contract "thd,shd->ths" %q, %1 : tensor<1x8x64xf32>, tensor<512x8x64xf32>
  return %2 : tensor<1x8x512xf32>
}

// Scores of position-free and rotary parts side by side.
func.func @two_parts(%q: tensor<5x16xf32>, %p: tensor<5x8xf32>, %k: tensor<7x16xf32>, %l: tensor<7x8xf32>) -> tensor<5x7xf32> attributes {tern.seek = @two_parts_form} {
  %0 = tern.concat %q, %p axis 1 : tensor<5x16xf32>, tensor<5x8xf32>
  %1 = tern.concat %k, %l axis 1 : tensor<7x16xf32>, tensor<7x8xf32>
  %2 = tern.contract "td,sd->ts" %0, %1 : tensor<5x24xf32>, tensor<7x24xf32>
  return %2 : tensor<5x7xf32>
}
func.func @two_parts_form(%q: tensor<5x16xf32>, %p: tensor<5x8xf32>, %k: tensor<7x16xf32>, %l: tensor<7x8xf32>) -> tensor<5x7xf32> {
  %0 = tern.contract "td,sd->ts" %q, %k : tensor<5x16xf32>, tensor<7x16xf32>
  %1 = tern.contract "td,sd->ts" %p, %l : tensor<5x8xf32>, tensor<7x8xf32>
  %2 = tern.add %0, %1 : tensor<5x7xf32>, tensor<5x7xf32>
  return %2 : tensor<5x7xf32>
}
func.func @two_parts_not_order(%q: tensor<5x16xf32>, %p: tensor<5x8xf32>, %k: tensor<7x16xf32>, %l: tensor<7x8xf32>) -> tensor<5x7xf32> attributes {tern.seek = @two_parts_form} {
  %0 = tern.concat %q, %p axis 1 : tensor<5x16xf32>, tensor<5x8xf32>
  %1 = tern.concat %l, %k axis 1 : tensor<7x8xf32>, tensor<7x16xf32>
  %2 = tern.contract "td,sd->ts" %0, %1 : tensor<5x24xf32>, tensor<7x24xf32>
  return %2 : tensor<5x7xf32>
}

// One key has all the weight.
func.func @single_key(%q: tensor<5x1x16xf32>, %k: tensor<1x1x16xf32>, %v: tensor<1x1x8xf32>) -> tensor<5x1x8xf32> attributes {tern.seek = @single_key_form} {
  %0 = tern.attention %q, %k, %v scale 0.25 : tensor<5x1x16xf32>, tensor<1x1x16xf32>, tensor<1x1x8xf32>
  return %0 : tensor<5x1x8xf32>
}
func.func @single_key_form(%q: tensor<5x1x16xf32>, %k: tensor<1x1x16xf32>, %v: tensor<1x1x8xf32>) -> tensor<5x1x8xf32> {
  %0 = tern.reshape %v : tensor<1x1x8xf32> to tensor<1x8xf32>
  %1 = tern.broadcast "gv->tgv" %0 : tensor<1x8xf32> to tensor<5x1x8xf32>
  return %1 : tensor<5x1x8xf32>
}
func.func @single_key_not_query(%q: tensor<5x1x16xf32>, %k: tensor<1x1x16xf32>, %v: tensor<1x1x8xf32>) -> tensor<5x1x8xf32> attributes {tern.seek = @single_key_form} {
  %0 = tern.constant dense<0.5> : tensor<f32>
  %1 = tern.mul %v, %0 : tensor<1x1x8xf32>, tensor<f32>
  %2 = tern.reshape %1 : tensor<1x1x8xf32> to tensor<1x8xf32>
  %3 = tern.broadcast "gv->tgv" %2 : tensor<1x8xf32> to tensor<5x1x8xf32>
  return %3 : tensor<5x1x8xf32>
}

// Slots in another order.
func.func @slots_permuted(%q: tensor<5x16xf32>, %k: tensor<8x16xf32>, %v: tensor<8x8xf32>, %i: tensor<8xi32>) -> tensor<5x8xf32> attributes {tern.seek = @slots_permuted_form} {
  %0 = tern.iota "u->u" : tensor<8xi32>
  %1 = tern.gather "ud,s->sd" %k, %0 : tensor<8x16xf32>, tensor<8xi32>
  %2 = tern.contract "td,sd->ts" %q, %1 : tensor<5x16xf32>, tensor<8x16xf32>
  %3 = tern.constant dense<0.25> : tensor<f32>
  %4 = tern.mul %2, %3 : tensor<5x8xf32>, tensor<f32>
  %5 = tern.softmax "ts/s" %4 : tensor<5x8xf32>
  %6 = tern.gather "uv,s->sv" %v, %0 : tensor<8x8xf32>, tensor<8xi32>
  %7 = tern.contract "ts,sv->tv" %5, %6 : tensor<5x8xf32>, tensor<8x8xf32>
  return %7 : tensor<5x8xf32>
}
func.func @slots_permuted_form(%q: tensor<5x16xf32>, %k: tensor<8x16xf32>, %v: tensor<8x8xf32>, %i: tensor<8xi32>) -> tensor<5x8xf32> {
  %0 = tern.contract "td,sd->ts" %q, %k : tensor<5x16xf32>, tensor<8x16xf32>
  %1 = tern.constant dense<0.25> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<5x8xf32>, tensor<f32>
  %3 = tern.softmax "ts/s" %2 : tensor<5x8xf32>
  %4 = tern.contract "ts,sv->tv" %3, %v : tensor<5x8xf32>, tensor<8x8xf32>
  return %4 : tensor<5x8xf32>
}
func.func @slots_permuted_not_any(%q: tensor<5x16xf32>, %k: tensor<8x16xf32>, %v: tensor<8x8xf32>, %i: tensor<8xi32>) -> tensor<5x8xf32> attributes {tern.seek = @slots_permuted_form} {
  %0 = tern.gather "ud,s->sd" %k, %i : tensor<8x16xf32>, tensor<8xi32>
  %1 = tern.contract "td,sd->ts" %q, %0 : tensor<5x16xf32>, tensor<8x16xf32>
  %2 = tern.constant dense<0.25> : tensor<f32>
  %3 = tern.mul %1, %2 : tensor<5x8xf32>, tensor<f32>
  %4 = tern.softmax "ts/s" %3 : tensor<5x8xf32>
  %5 = tern.gather "uv,s->sv" %v, %i : tensor<8x8xf32>, tensor<8xi32>
  %6 = tern.contract "ts,sv->tv" %4, %5 : tensor<5x8xf32>, tensor<8x8xf32>
  return %6 : tensor<5x8xf32>
}

// The last row alone.
func.func @last_query(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<1x4x8xf32> attributes {tern.seek = @last_query_form} {
  %0 = tern.attention %q, %k, %v scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  %1 = tern.slice %0 axis 0 from 4 size 1 : tensor<5x4x8xf32>
  return %1 : tensor<1x4x8xf32>
}
func.func @last_query_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<1x4x8xf32> {
  %0 = tern.slice %q axis 0 from 4 size 1 : tensor<5x4x16xf32>
  %1 = tern.attention %0, %k, %v scale 0.25 : tensor<1x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %1 : tensor<1x4x8xf32>
}
func.func @last_query_not_row(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<1x4x8xf32> attributes {tern.seek = @last_query_form} {
  %0 = tern.attention %q, %k, %v scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  %1 = tern.slice %0 axis 0 from 3 size 1 : tensor<5x4x8xf32>
  return %1 : tensor<1x4x8xf32>
}

// A scale of the query is one of the scores.
func.func @query_scale(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @query_scale_form} {
  %0 = tern.constant dense<0.5> : tensor<f32>
  %1 = tern.mul %q, %0 : tensor<5x4x16xf32>, tensor<f32>
  %2 = tern.attention %1, %k, %v scale 0.5 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %2 : tensor<5x4x8xf32>
}
func.func @query_scale_form(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> {
  %0 = tern.attention %q, %k, %v scale 0.25 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %0 : tensor<5x4x8xf32>
}
func.func @query_scale_not_value(%q: tensor<5x4x16xf32>, %k: tensor<7x4x16xf32>, %v: tensor<7x4x8xf32>) -> tensor<5x4x8xf32> attributes {tern.seek = @query_scale_form} {
  %0 = tern.constant dense<0.5> : tensor<f32>
  %1 = tern.mul %v, %0 : tensor<7x4x8xf32>, tensor<f32>
  %2 = tern.attention %q, %k, %1 scale 0.5 : tensor<5x4x16xf32>, tensor<7x4x16xf32>, tensor<7x4x8xf32>
  return %2 : tensor<5x4x8xf32>
}
