// Indices, sizes, and what is chosen or written by them.
tern.dim @T from 0 to 128
tern.dim @S from 1 to 131

// With T=1,5,34
func.func @iota_f32(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.iota "s->ts" : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5,34
func.func @iota_bf16(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xbf16, #tern.dims<T, S>> {
  %0 = tern.iota "s->ts" : tensor<?x?xbf16, #tern.dims<T, S>>
  return %0 : tensor<?x?xbf16, #tern.dims<T, S>>
}

// With T=1,5,34
func.func @iota_f16(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf16, #tern.dims<T, S>> {
  %0 = tern.iota "s->ts" : tensor<?x?xf16, #tern.dims<T, S>>
  return %0 : tensor<?x?xf16, #tern.dims<T, S>>
}

// With T=1,5,34
func.func @iota_f64(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf64, #tern.dims<T, S>> {
  %0 = tern.iota "s->ts" : tensor<?x?xf64, #tern.dims<T, S>>
  return %0 : tensor<?x?xf64, #tern.dims<T, S>>
}

// With T=1,5,34
func.func @iota_i8(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xi8, #tern.dims<T, S>> {
  %0 = tern.iota "s->ts" : tensor<?x?xi8, #tern.dims<T, S>>
  return %0 : tensor<?x?xi8, #tern.dims<T, S>>
}

// With T=1,5,34
func.func @iota_i32(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xi32, #tern.dims<T, S>> {
  %0 = tern.iota "s->ts" : tensor<?x?xi32, #tern.dims<T, S>>
  return %0 : tensor<?x?xi32, #tern.dims<T, S>>
}

// With T=1,5,34
func.func @iota_i64(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xi64, #tern.dims<T, S>> {
  %0 = tern.iota "s->ts" : tensor<?x?xi64, #tern.dims<T, S>>
  return %0 : tensor<?x?xi64, #tern.dims<T, S>>
}

// With T=1,5,34
func.func @iota_first(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xi32, #tern.dims<T, S>> {
  %0 = tern.iota "t->ts" : tensor<?x?xi32, #tern.dims<T, S>>
  return %0 : tensor<?x?xi32, #tern.dims<T, S>>
}

// With T=0,1,34
func.func @iota_alone(%a: tensor<?xf32, #tern.dims<T>>) -> tensor<?xi32, #tern.dims<2 * T + 3>> {
  %0 = tern.iota "t->t" : tensor<?xi32, #tern.dims<2 * T + 3>>
  return %0 : tensor<?xi32, #tern.dims<2 * T + 3>>
}

// With T=1
func.func @iota_static() -> tensor<3x5x7xf32> {
  %0 = tern.iota "b->abc" : tensor<3x5x7xf32>
  return %0 : tensor<3x5x7xf32>
}

// With T=1,5,34
func.func @causal_mask(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.iota "t->ts" : tensor<?x?xf32, #tern.dims<T, S>>
  %1 = tern.iota "s->ts" : tensor<?x?xf32, #tern.dims<T, S>>
  %2 = tern.le %1, %0 : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  %3 = tern.mul %2, %a : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %3 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=0,1,34 within=3e-6
func.func @iota_in_a_row(%a: tensor<?x19xf32, #tern.dims<T>>) -> tensor<?xf32, #tern.dims<T>> {
  %0 = tern.iota "k->tk" : tensor<?x19xf32, #tern.dims<T>>
  %1 = tern.mul %a, %0 : tensor<?x19xf32, #tern.dims<T>>, tensor<?x19xf32, #tern.dims<T>>
  %2 = tern.sum "tk->t" %1 : tensor<?x19xf32, #tern.dims<T>>
  return %2 : tensor<?xf32, #tern.dims<T>>
}

// With T=1,34
func.func @iota_chooses(%a: tensor<?x20xf32, #tern.dims<T>>) -> tensor<?x20xf32, #tern.dims<T>> {
  %0 = tern.iota "t->t" : tensor<?xi32, #tern.dims<T>>
  %1 = tern.gather "vd,t->td" %a, %0 : tensor<?x20xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>
  return %1 : tensor<?x20xf32, #tern.dims<T>>
}

// With T=0,1,34
func.func @size_f32(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<f32> {
  %0 = tern.size <T, S, 3> : tensor<f32>
  return %0 : tensor<f32>
}

// With T=0,1,34
func.func @size_f64(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<f64> {
  %0 = tern.size <T, S, 3> : tensor<f64>
  return %0 : tensor<f64>
}

// With T=0,1,34
func.func @size_bf16(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<bf16> {
  %0 = tern.size <T, S, 3> : tensor<bf16>
  return %0 : tensor<bf16>
}

// With T=0,1,34
func.func @size_i32(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<i32> {
  %0 = tern.size <T, S, 3> : tensor<i32>
  return %0 : tensor<i32>
}

// With T=0,1,34
func.func @size_i64(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<i64> {
  %0 = tern.size <T, S, 3> : tensor<i64>
  return %0 : tensor<i64>
}

// With T=1
func.func @size_of_nothing() -> tensor<f32> {
  %0 = tern.size <> : tensor<f32>
  return %0 : tensor<f32>
}

// With T=1,34 within=3e-6
func.func @mean_by_size(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?xf32, #tern.dims<T>> {
  %0 = tern.sum "ts->t" %a : tensor<?x?xf32, #tern.dims<T, S>>
  %1 = tern.size <S> : tensor<f32>
  %2 = tern.div %0, %1 : tensor<?xf32, #tern.dims<T>>, tensor<f32>
  return %2 : tensor<?xf32, #tern.dims<T>>
}

// With T=1,34 within=3e-6
func.func @size_in_a_product(%a: tensor<?x19xf32, #tern.dims<T>>, %w: tensor<7x19xf32>) -> tensor<?x7xf32, #tern.dims<T>> {
  %0 = tern.contract "tk,nk->tn" %a, %w : tensor<?x19xf32, #tern.dims<T>>, tensor<7x19xf32>
  %1 = tern.size <T + 1> : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<?x7xf32, #tern.dims<T>>, tensor<f32>
  return %2 : tensor<?x7xf32, #tern.dims<T>>
}

// With T=0,1,34 ints=25
func.func @one_hot_f32(%i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x19xf32, #tern.dims<T>> {
  %0 = tern.one_hot "t->tv" %i : tensor<?xi32, #tern.dims<T>> to tensor<?x19xf32, #tern.dims<T>>
  return %0 : tensor<?x19xf32, #tern.dims<T>>
}

// With T=0,1,34 ints=25
func.func @one_hot_f16(%i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x19xf16, #tern.dims<T>> {
  %0 = tern.one_hot "t->tv" %i : tensor<?xi32, #tern.dims<T>> to tensor<?x19xf16, #tern.dims<T>>
  return %0 : tensor<?x19xf16, #tern.dims<T>>
}

// With T=0,1,34 ints=25
func.func @one_hot_i8(%i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x19xi8, #tern.dims<T>> {
  %0 = tern.one_hot "t->tv" %i : tensor<?xi32, #tern.dims<T>> to tensor<?x19xi8, #tern.dims<T>>
  return %0 : tensor<?x19xi8, #tern.dims<T>>
}

// With T=0,1,34 ints=25
func.func @one_hot_i32(%i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x19xi32, #tern.dims<T>> {
  %0 = tern.one_hot "t->tv" %i : tensor<?xi32, #tern.dims<T>> to tensor<?x19xi32, #tern.dims<T>>
  return %0 : tensor<?x19xi32, #tern.dims<T>>
}

// With T=0,1,34 ints=25
func.func @one_hot_i64(%i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x19xi64, #tern.dims<T>> {
  %0 = tern.one_hot "t->tv" %i : tensor<?xi32, #tern.dims<T>> to tensor<?x19xi64, #tern.dims<T>>
  return %0 : tensor<?x19xi64, #tern.dims<T>>
}

// With T=0,1,34 ints=25
func.func @one_hot_f64(%i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x19xf64, #tern.dims<T>> {
  %0 = tern.one_hot "t->tv" %i : tensor<?xi32, #tern.dims<T>> to tensor<?x19xf64, #tern.dims<T>>
  return %0 : tensor<?x19xf64, #tern.dims<T>>
}

// With T=1,34 ints=19
func.func @one_hot_first(%i: tensor<?xi64, #tern.dims<T>>) -> tensor<19x?xf32, #tern.dims<T>> {
  %0 = tern.one_hot "t->vt" %i : tensor<?xi64, #tern.dims<T>> to tensor<19x?xf32, #tern.dims<T>>
  return %0 : tensor<19x?xf32, #tern.dims<T>>
}

// With T=1,34
func.func @one_hot_middle(%i: tensor<?x?xi32, #tern.dims<T, S>>) -> tensor<?x4x?xf32, #tern.dims<T, S>> {
  %0 = tern.one_hot "ts->tvs" %i : tensor<?x?xi32, #tern.dims<T, S>> to tensor<?x4x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x4x?xf32, #tern.dims<T, S>>
}

// With T=1,34 ints=9
func.func @one_hot_in_a_product(%i: tensor<?xi32, #tern.dims<T>>, %e: tensor<9x20xf32>) -> tensor<?x20xf32, #tern.dims<T>> {
  %0 = tern.one_hot "t->tv" %i : tensor<?xi32, #tern.dims<T>> to tensor<?x9xf32, #tern.dims<T>>
  %1 = tern.contract "tv,vd->td" %0, %e : tensor<?x9xf32, #tern.dims<T>>, tensor<9x20xf32>
  return %1 : tensor<?x20xf32, #tern.dims<T>>
}

// With T=0,1,34 ints=9 within=3e-6
func.func @scatter_rows(%x: tensor<?x20xf32, #tern.dims<T>>, %i: tensor<?xi32, #tern.dims<T>>) -> tensor<9x20xf32> {
  %0 = tern.scatter_add "td,t->vd" %x, %i : tensor<?x20xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>> to tensor<9x20xf32>
  return %0 : tensor<9x20xf32>
}

// With T=0,1,34 ints=9 within=3e-6
func.func @scatter_outside(%x: tensor<?x20xf32, #tern.dims<T>>, %i: tensor<?xi32, #tern.dims<T>>) -> tensor<5x20xf32> {
  %0 = tern.scatter_add "td,t->vd" %x, %i : tensor<?x20xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>> to tensor<5x20xf32>
  return %0 : tensor<5x20xf32>
}

// With T=1,34 ints=3 within=3e-6
func.func @scatter_to_dynamic(%x: tensor<?x20xf32, #tern.dims<T>>, %i: tensor<?xi32, #tern.dims<T>>, %b: tensor<?xf32, #tern.dims<S>>) -> tensor<?x20xf32, #tern.dims<S>> {
  %0 = tern.scatter_add "td,t->vd" %x, %i : tensor<?x20xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>> to tensor<?x20xf32, #tern.dims<S>>
  return %0 : tensor<?x20xf32, #tern.dims<S>>
}

// With T=0,1,34 ints=9 within=3e-6
func.func @scatter_dynamic(%x: tensor<?x?xf32, #tern.dims<T, S>>, %i: tensor<?xi32, #tern.dims<T>>) -> tensor<9x?xf32, #tern.dims<S>> {
  %0 = tern.scatter_add "ts,t->vs" %x, %i : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?xi32, #tern.dims<T>> to tensor<9x?xf32, #tern.dims<S>>
  return %0 : tensor<9x?xf32, #tern.dims<S>>
}

// With T=0,1,34 ints=9 within=3e-6
func.func @scatter_numbers(%x: tensor<?xf32, #tern.dims<T>>, %i: tensor<?xi64, #tern.dims<T>>) -> tensor<9xf32> {
  %0 = tern.scatter_add "t,t->v" %x, %i : tensor<?xf32, #tern.dims<T>>, tensor<?xi64, #tern.dims<T>> to tensor<9xf32>
  return %0 : tensor<9xf32>
}

// With T=0,1,34 ints=9 within=3e-6
func.func @scatter_columns(%x: tensor<7x?xf32, #tern.dims<T>>, %i: tensor<?xi32, #tern.dims<T>>) -> tensor<7x9xf32> {
  %0 = tern.scatter_add "dt,t->dv" %x, %i : tensor<7x?xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>> to tensor<7x9xf32>
  return %0 : tensor<7x9xf32>
}

// With T=0,1,34 ints=9 within=3e-6
func.func @scatter_batched(%x: tensor<3x?x20xf32, #tern.dims<T>>, %i: tensor<3x?xi32, #tern.dims<T>>) -> tensor<3x9x20xf32> {
  %0 = tern.scatter_add "btd,bt->bvd" %x, %i : tensor<3x?x20xf32, #tern.dims<T>>, tensor<3x?xi32, #tern.dims<T>> to tensor<3x9x20xf32>
  return %0 : tensor<3x9x20xf32>
}

// With T=0,1,34 ints=9 within=3e-6
func.func @scatter_each(%x: tensor<?x20xf32, #tern.dims<T>>, %i: tensor<?x20xi32, #tern.dims<T>>) -> tensor<9x20xf32> {
  %0 = tern.scatter_add "td,td->vd" %x, %i : tensor<?x20xf32, #tern.dims<T>>, tensor<?x20xi32, #tern.dims<T>> to tensor<9x20xf32>
  return %0 : tensor<9x20xf32>
}

// With T=0,1,34
func.func @scatter_kept(%x: tensor<?x20xf32, #tern.dims<T>>, %i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x4x20xf32, #tern.dims<T>> {
  %0 = tern.scatter_add "td,t->tvd" %x, %i : tensor<?x20xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>> to tensor<?x4x20xf32, #tern.dims<T>>
  return %0 : tensor<?x4x20xf32, #tern.dims<T>>
}

// With T=1,34 ints=9 within=1e-14
func.func @scatter_f64(%x: tensor<?x20xf64, #tern.dims<T>>, %i: tensor<?xi32, #tern.dims<T>>) -> tensor<9x20xf64> {
  %0 = tern.scatter_add "td,t->vd" %x, %i : tensor<?x20xf64, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>> to tensor<9x20xf64>
  return %0 : tensor<9x20xf64>
}

// With T=0,1,34 ints=9 within=3e-6
func.func @scatter_pairs(%x: tensor<?x2x20xf32, #tern.dims<T>>, %i: tensor<?x2xi32, #tern.dims<T>>) -> tensor<9x20xf32> {
  %0 = tern.scatter_add "tsd,ts->vd" %x, %i : tensor<?x2x20xf32, #tern.dims<T>>, tensor<?x2xi32, #tern.dims<T>> to tensor<9x20xf32>
  return %0 : tensor<9x20xf32>
}

// With T=1,5,34
func.func @gather_in_rows(%x: tensor<?x?xf32, #tern.dims<T, S>>, %i: tensor<?x6xi32, #tern.dims<T>>) -> tensor<?x6xf32, #tern.dims<T>> {
  %0 = tern.gather "ts,tc->tc" %x, %i : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x6xi32, #tern.dims<T>>
  return %0 : tensor<?x6xf32, #tern.dims<T>>
}

// With T=1,34 ints=9
func.func @gather_in_rows_static(%x: tensor<?x9xf32, #tern.dims<T>>, %i: tensor<?x6xi32, #tern.dims<T>>) -> tensor<?x6xf32, #tern.dims<T>> {
  %0 = tern.gather "ts,tc->tc" %x, %i : tensor<?x9xf32, #tern.dims<T>>, tensor<?x6xi32, #tern.dims<T>>
  return %0 : tensor<?x6xf32, #tern.dims<T>>
}

// With T=1,34 ints=9
func.func @gather_in_batches(%x: tensor<3x9x20xf32>, %i: tensor<3x?xi32, #tern.dims<T>>) -> tensor<3x?x20xf32, #tern.dims<T>> {
  %0 = tern.gather "bsd,bt->btd" %x, %i : tensor<3x9x20xf32>, tensor<3x?xi32, #tern.dims<T>>
  return %0 : tensor<3x?x20xf32, #tern.dims<T>>
}

// With T=1,34 ints=9
func.func @gather_middle(%x: tensor<?x9x20xf32, #tern.dims<T>>, %i: tensor<6xi32>) -> tensor<?x6x20xf32, #tern.dims<T>> {
  %0 = tern.gather "tsd,c->tcd" %x, %i : tensor<?x9x20xf32, #tern.dims<T>>, tensor<6xi32>
  return %0 : tensor<?x6x20xf32, #tern.dims<T>>
}

// With T=1,34 ints=9
func.func @gather_one_each(%x: tensor<?x9x20xf32, #tern.dims<T>>, %i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x20xf32, #tern.dims<T>> {
  %0 = tern.gather "tsd,t->td" %x, %i : tensor<?x9x20xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>
  return %0 : tensor<?x20xf32, #tern.dims<T>>
}

// Indices of indices, as pages and slices of them are numbered.
// With T=1,34 ints=9
func.func @gather_of_indices(%x: tensor<9x20xf32>, %i: tensor<9xi32>, %j: tensor<?xi32, #tern.dims<T>>) -> tensor<?x20xf32, #tern.dims<T>> {
  %0 = tern.gather "v,t->t" %i, %j : tensor<9xi32>, tensor<?xi32, #tern.dims<T>>
  %1 = tern.gather "vd,t->td" %x, %0 : tensor<9x20xf32>, tensor<?xi32, #tern.dims<T>>
  return %1 : tensor<?x20xf32, #tern.dims<T>>
}

// With T=1,34 ints=4
func.func @gather_of_pages(%x: tensor<20x7xf32>, %i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x5x7xf32, #tern.dims<T>> {
  %five = tern.constant dense<5> : tensor<i32>
  %0 = tern.broadcast "t->tp" %i : tensor<?xi32, #tern.dims<T>> to tensor<?x5xi32, #tern.dims<T>>
  %1 = tern.mul %0, %five : tensor<?x5xi32, #tern.dims<T>>, tensor<i32>
  %2 = tern.iota "p->tp" : tensor<?x5xi32, #tern.dims<T>>
  %3 = tern.add %1, %2 : tensor<?x5xi32, #tern.dims<T>>, tensor<?x5xi32, #tern.dims<T>>
  %4 = tern.gather "vd,tp->tpd" %x, %3 : tensor<20x7xf32>, tensor<?x5xi32, #tern.dims<T>>
  return %4 : tensor<?x5x7xf32, #tern.dims<T>>
}
