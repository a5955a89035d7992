// Operations that move elements.
tern.dim @T from 1 to 128
tern.dim @S from 1 to 131

// With T=1,5,34
func.func @transpose_matrix(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<40x?xf32, #tern.dims<T>> {
  %0 = tern.transpose "tk->kt" %a : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<40x?xf32, #tern.dims<T>>
}

// With T=1,5,34
func.func @transpose_static(%a: tensor<33x17xf32>) -> tensor<17x33xf32> {
  %0 = tern.transpose "ab->ba" %a : tensor<33x17xf32>
  return %0 : tensor<17x33xf32>
}

// With T=1,5,34
func.func @transpose_heads(%a: tensor<?x3x20xf32, #tern.dims<T>>) -> tensor<3x?x20xf32, #tern.dims<T>> {
  %0 = tern.transpose "thd->htd" %a : tensor<?x3x20xf32, #tern.dims<T>>
  return %0 : tensor<3x?x20xf32, #tern.dims<T>>
}

// With T=1,5,34
func.func @transpose_back(%a: tensor<3x?x20xf32, #tern.dims<T>>) -> tensor<?x3x20xf32, #tern.dims<T>> {
  %0 = tern.transpose "htd->thd" %a : tensor<3x?x20xf32, #tern.dims<T>>
  return %0 : tensor<?x3x20xf32, #tern.dims<T>>
}

// With T=1,5,34
func.func @transpose_all(%a: tensor<?x2x3x?xf32, #tern.dims<T, S>>) -> tensor<?x3x2x?xf32, #tern.dims<S, T>> {
  %0 = tern.transpose "abcd->dcba" %a : tensor<?x2x3x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x3x2x?xf32, #tern.dims<S, T>>
}

// With T=1,5,34
func.func @transpose_bf16(%a: tensor<?x40xbf16, #tern.dims<T>>) -> tensor<40x?xbf16, #tern.dims<T>> {
  %0 = tern.transpose "tk->kt" %a : tensor<?x40xbf16, #tern.dims<T>>
  return %0 : tensor<40x?xbf16, #tern.dims<T>>
}

// With T=1,5,34
func.func @transpose_i64(%a: tensor<?x9xi64, #tern.dims<T>>) -> tensor<9x?xi64, #tern.dims<T>> {
  %0 = tern.transpose "tk->kt" %a : tensor<?x9xi64, #tern.dims<T>>
  return %0 : tensor<9x?xi64, #tern.dims<T>>
}

// With T=1,5,34
func.func @broadcast_rows(%a: tensor<40xf32>, %b: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?x40xf32, #tern.dims<T>> {
  %0 = tern.broadcast "k->tk" %a : tensor<40xf32> to tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?x40xf32, #tern.dims<T>>
}

// With T=1,5,34
func.func @broadcast_columns(%a: tensor<?xf32, #tern.dims<T>>) -> tensor<?x40xf32, #tern.dims<T>> {
  %0 = tern.broadcast "t->tk" %a : tensor<?xf32, #tern.dims<T>> to tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?x40xf32, #tern.dims<T>>
}

// With T=1,5,34
func.func @broadcast_apart(%a: tensor<?x20xf32, #tern.dims<T>>) -> tensor<?x3x20xf32, #tern.dims<T>> {
  %0 = tern.broadcast "td->thd" %a : tensor<?x20xf32, #tern.dims<T>> to tensor<?x3x20xf32, #tern.dims<T>>
  return %0 : tensor<?x3x20xf32, #tern.dims<T>>
}

// With T=1,5,34
func.func @broadcast_turned(%a: tensor<7x?xf32, #tern.dims<T>>) -> tensor<?x7x3xf32, #tern.dims<T>> {
  %0 = tern.broadcast "kt->tkh" %a : tensor<7x?xf32, #tern.dims<T>> to tensor<?x7x3xf32, #tern.dims<T>>
  return %0 : tensor<?x7x3xf32, #tern.dims<T>>
}

// With T=1,5,34
func.func @broadcast_dynamic(%a: tensor<?xf32, #tern.dims<S>>, %b: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.broadcast "s->ts" %a : tensor<?xf32, #tern.dims<S>> to tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5,34
func.func @broadcast_scalar(%a: tensor<i32>, %b: tensor<?x?xi32, #tern.dims<T, S>>) -> tensor<?x?xi32, #tern.dims<T, S>> {
  %0 = tern.broadcast "->ts" %a : tensor<i32> to tensor<?x?xi32, #tern.dims<T, S>>
  return %0 : tensor<?x?xi32, #tern.dims<T, S>>
}

// With T=1,5,34
func.func @reshape_heads(%a: tensor<?x60xf32, #tern.dims<T>>) -> tensor<?x3x20xf32, #tern.dims<T>> {
  %0 = tern.reshape %a : tensor<?x60xf32, #tern.dims<T>> to tensor<?x3x20xf32, #tern.dims<T>>
  return %0 : tensor<?x3x20xf32, #tern.dims<T>>
}

// With T=1,5,34
func.func @reshape_outer(%a: tensor<3x?x20xf32, #tern.dims<T>>) -> tensor<?x60xf32, #tern.dims<T>> {
  %0 = tern.reshape %a : tensor<3x?x20xf32, #tern.dims<T>> to tensor<?x60xf32, #tern.dims<T>>
  return %0 : tensor<?x60xf32, #tern.dims<T>>
}

// With T=1,5,34
func.func @reshape_flat(%a: tensor<6x10xf32>) -> tensor<60xf32> {
  %0 = tern.reshape %a : tensor<6x10xf32> to tensor<60xf32>
  return %0 : tensor<60xf32>
}

// With T=1,5,34
func.func @reshape_uneven(%a: tensor<6x10xf32>) -> tensor<4x15xf32> {
  %0 = tern.reshape %a : tensor<6x10xf32> to tensor<4x15xf32>
  return %0 : tensor<4x15xf32>
}

// With T=1,5,34
func.func @reshape_scalar(%a: tensor<1x1xf32>) -> tensor<f32> {
  %0 = tern.reshape %a : tensor<1x1xf32> to tensor<f32>
  return %0 : tensor<f32>
}

// With T=1,5,34
func.func @reshape_dynamic(%a: tensor<?x?x4xf32, #tern.dims<T, S>>) -> tensor<4x?x?xf32, #tern.dims<T, S>> {
  %0 = tern.reshape %a : tensor<?x?x4xf32, #tern.dims<T, S>> to tensor<4x?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<4x?x?xf32, #tern.dims<T, S>>
}

// With T=1,5,34
func.func @slice_last(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?x9xf32, #tern.dims<T>> {
  %0 = tern.slice %a axis 1 from 3 size 9 : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?x9xf32, #tern.dims<T>>
}

// With T=1,5,34
func.func @slice_first(%a: tensor<12x?xf32, #tern.dims<T>>) -> tensor<5x?xf32, #tern.dims<T>> {
  %0 = tern.slice %a axis 0 from 4 size 5 : tensor<12x?xf32, #tern.dims<T>>
  return %0 : tensor<5x?xf32, #tern.dims<T>>
}

// With T=1,5,34
func.func @slice_middle(%a: tensor<?x7x?xf32, #tern.dims<T, S>>) -> tensor<?x2x?xf32, #tern.dims<T, S>> {
  %0 = tern.slice %a axis 1 from 4 size 2 : tensor<?x7x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x2x?xf32, #tern.dims<T, S>>
}

// With T=1,5,34
func.func @slice_rows(%a: tensor<12x10xf32>) -> tensor<5x10xf32> {
  %0 = tern.slice %a axis 0 from 4 size 5 : tensor<12x10xf32>
  return %0 : tensor<5x10xf32>
}

// With T=1,5,34
func.func @slice_dynamic(%a: tensor<?x10xf32, #tern.dims<T>>) -> tensor<1x10xf32> {
  %0 = tern.slice %a axis 0 from 0 size 1 : tensor<?x10xf32, #tern.dims<T>>
  return %0 : tensor<1x10xf32>
}

// With T=1,5
func.func @slice_reshape(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?x2x8xf32, #tern.dims<T>> {
  %0 = tern.slice %a axis 1 from 3 size 16 : tensor<?x40xf32, #tern.dims<T>>
  %1 = tern.reshape %0 : tensor<?x16xf32, #tern.dims<T>> to tensor<?x2x8xf32, #tern.dims<T>>
  return %1 : tensor<?x2x8xf32, #tern.dims<T>>
}

// With T=1
func.func @slice_regroup(%a: tensor<6x40xf32>) -> tensor<12x8xf32> {
  %0 = tern.slice %a axis 1 from 3 size 16 : tensor<6x40xf32>
  %1 = tern.reshape %0 : tensor<6x16xf32> to tensor<12x8xf32>
  return %1 : tensor<12x8xf32>
}

// With T=1
func.func @exp_regroup(%a: tensor<6x40xf32>) -> tensor<24x10xf32> {
  %0 = tern.abs %a : tensor<6x40xf32>
  %1 = tern.reshape %0 : tensor<6x40xf32> to tensor<24x10xf32>
  %2 = tern.neg %1 : tensor<24x10xf32>
  return %2 : tensor<24x10xf32>
}

// With T=1,5,34
func.func @concat_last(%a: tensor<?x5xf32, #tern.dims<T>>, %b: tensor<?x20xf32, #tern.dims<T>>, %c: tensor<?x1xf32, #tern.dims<T>>) -> tensor<?x26xf32, #tern.dims<T>> {
  %0 = tern.concat %a, %b, %c axis 1 : tensor<?x5xf32, #tern.dims<T>>, tensor<?x20xf32, #tern.dims<T>>, tensor<?x1xf32, #tern.dims<T>>
  return %0 : tensor<?x26xf32, #tern.dims<T>>
}

// With T=1,5,34
func.func @concat_rows(%a: tensor<?x20xf32, #tern.dims<T>>, %b: tensor<?x20xf32, #tern.dims<S>>) -> tensor<?x20xf32, #tern.dims<S + T>> {
  %0 = tern.concat %a, %b axis 0 : tensor<?x20xf32, #tern.dims<T>>, tensor<?x20xf32, #tern.dims<S>>
  return %0 : tensor<?x20xf32, #tern.dims<S + T>>
}

// With T=1,5,34
func.func @concat_middle(%a: tensor<2x?x?xf32, #tern.dims<T, S>>, %b: tensor<2x?x?xf32, #tern.dims<S, S>>) -> tensor<2x?x?xf32, #tern.dims<S + T, S>> {
  %0 = tern.concat %a, %b axis 1 : tensor<2x?x?xf32, #tern.dims<T, S>>, tensor<2x?x?xf32, #tern.dims<S, S>>
  return %0 : tensor<2x?x?xf32, #tern.dims<S + T, S>>
}

// With T=1,5,34
func.func @concat_dynamic_last(%a: tensor<2x?xf32, #tern.dims<T>>, %b: tensor<2x?xf32, #tern.dims<S>>) -> tensor<2x?xf32, #tern.dims<S + T>> {
  %0 = tern.concat %a, %b axis 1 : tensor<2x?xf32, #tern.dims<T>>, tensor<2x?xf32, #tern.dims<S>>
  return %0 : tensor<2x?xf32, #tern.dims<S + T>>
}

// With T=1,5,34
func.func @concat_vectors(%a: tensor<?xi32, #tern.dims<T>>, %b: tensor<?xi32, #tern.dims<S>>) -> tensor<?xi32, #tern.dims<S + T>> {
  %0 = tern.concat %a, %b axis 0 : tensor<?xi32, #tern.dims<T>>, tensor<?xi32, #tern.dims<S>>
  return %0 : tensor<?xi32, #tern.dims<S + T>>
}

// With T=1,5,34
func.func @concat_one(%a: tensor<3x4xf16>) -> tensor<3x4xf16> {
  %0 = tern.concat %a axis 0 : tensor<3x4xf16>
  return %0 : tensor<3x4xf16>
}

// With T=1,5,34 ints=9
func.func @gather_rows(%a: tensor<9x20xf32>, %b: tensor<?xi32, #tern.dims<T>>) -> tensor<?x20xf32, #tern.dims<T>> {
  %0 = tern.gather "vd,t->td" %a, %b : tensor<9x20xf32>, tensor<?xi32, #tern.dims<T>>
  return %0 : tensor<?x20xf32, #tern.dims<T>>
}

// With T=1,5,34 ints=9
func.func @gather_i64(%a: tensor<9x20xf32>, %b: tensor<?xi64, #tern.dims<T>>) -> tensor<?x20xf32, #tern.dims<T>> {
  %0 = tern.gather "vd,t->td" %a, %b : tensor<9x20xf32>, tensor<?xi64, #tern.dims<T>>
  return %0 : tensor<?x20xf32, #tern.dims<T>>
}

// With T=1,5,34 ints=9
func.func @gather_columns(%a: tensor<7x9xf32>, %b: tensor<?xi32, #tern.dims<T>>) -> tensor<7x?xf32, #tern.dims<T>> {
  %0 = tern.gather "dv,t->dt" %a, %b : tensor<7x9xf32>, tensor<?xi32, #tern.dims<T>>
  return %0 : tensor<7x?xf32, #tern.dims<T>>
}

// With T=1,5,34 ints=9
func.func @gather_matrix(%a: tensor<9x20xf32>, %b: tensor<?x?xi32, #tern.dims<T, S>>) -> tensor<?x?x20xf32, #tern.dims<T, S>> {
  %0 = tern.gather "vd,ts->tsd" %a, %b : tensor<9x20xf32>, tensor<?x?xi32, #tern.dims<T, S>>
  return %0 : tensor<?x?x20xf32, #tern.dims<T, S>>
}

// With T=1,5,34 ints=9
func.func @gather_numbers(%a: tensor<9xf32>, %b: tensor<?xi32, #tern.dims<T>>) -> tensor<?xf32, #tern.dims<T>> {
  %0 = tern.gather "v,t->t" %a, %b : tensor<9xf32>, tensor<?xi32, #tern.dims<T>>
  return %0 : tensor<?xf32, #tern.dims<T>>
}

// With T=1,5,34 ints=9
func.func @gather_each(%a: tensor<?x9xf32, #tern.dims<T>>, %b: tensor<?xi32, #tern.dims<T>>) -> tensor<?xf32, #tern.dims<T>> {
  %0 = tern.gather "tv,t->t" %a, %b : tensor<?x9xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>
  return %0 : tensor<?xf32, #tern.dims<T>>
}

// With T=1,5,34 ints=9
func.func @gather_f16(%a: tensor<9x20xf16>, %b: tensor<?xi32, #tern.dims<T>>) -> tensor<?x20xf16, #tern.dims<T>> {
  %0 = tern.gather "vd,t->td" %a, %b : tensor<9x20xf16>, tensor<?xi32, #tern.dims<T>>
  return %0 : tensor<?x20xf16, #tern.dims<T>>
}

// With T=1,5
func.func @moved_sum(%a: tensor<?x3x20xf32, #tern.dims<T>>, %b: tensor<3x?x20xf32, #tern.dims<T>>) -> tensor<3x?x20xf32, #tern.dims<T>> {
  %0 = tern.transpose "thd->htd" %a : tensor<?x3x20xf32, #tern.dims<T>>
  %1 = tern.add %0, %b : tensor<3x?x20xf32, #tern.dims<T>>, tensor<3x?x20xf32, #tern.dims<T>>
  %2 = tern.tanh %1 : tensor<3x?x20xf32, #tern.dims<T>>
  return %2 : tensor<3x?x20xf32, #tern.dims<T>>
}

// With T=1,2,34
func.func @pad_last(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?x52xf32, #tern.dims<T>> {
  %0 = tern.pad %a axis 1 low 3 high 9 : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?x52xf32, #tern.dims<T>>
}

// With T=1,2,34
func.func @pad_first(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?x40xf32, #tern.dims<T + 12>> {
  %0 = tern.pad %a axis 0 low 3 high 9 : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?x40xf32, #tern.dims<T + 12>>
}

// With T=1,5,34
func.func @pad_dynamic(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S + 20>> {
  %0 = tern.pad %a axis 1 low 20 high 0 : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S + 20>>
}

// With T=1,5,34
func.func @pad_middle(%a: tensor<?x2x?xbf16, #tern.dims<T, S>>) -> tensor<?x7x?xbf16, #tern.dims<T, S>> {
  %0 = tern.pad %a axis 1 low 4 high 1 : tensor<?x2x?xbf16, #tern.dims<T, S>>
  return %0 : tensor<?x7x?xbf16, #tern.dims<T, S>>
}

// With T=1,5,34
func.func @pad_i64(%a: tensor<?x5xi64, #tern.dims<T>>) -> tensor<?x12xi64, #tern.dims<T>> {
  %0 = tern.pad %a axis 1 low 0 high 7 : tensor<?x5xi64, #tern.dims<T>>
  return %0 : tensor<?x12xi64, #tern.dims<T>>
}

// With T=1
func.func @pad_static(%a: tensor<3x5xi8>) -> tensor<4x5xi8> {
  %0 = tern.pad %a axis 0 low 1 high 0 : tensor<3x5xi8>
  return %0 : tensor<4x5xi8>
}

// A part of each row that the load computes.
func.func @part_of_constant(%x: tensor<2x1xf32>) -> (tensor<2x1xf32>, tensor<2x1xf32>) {
  %0 = tern.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32>
  %1 = tern.slice %0 axis 1 from 1 size 1 : tensor<2x4xf32>
  %2 = tern.add %1, %x : tensor<2x1xf32>, tensor<2x1xf32>
  return %1, %2 : tensor<2x1xf32>, tensor<2x1xf32>
}
