// Reductions, softmax and norms over any axes, and the k largest.
tern.dim @T from 0 to 128
tern.dim @S from 1 to 131

// With T=1,5,34 within=3e-6
func.func @sum_last(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?xf32, #tern.dims<T>> {
  %0 = tern.sum "tk->t" %a : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?xf32, #tern.dims<T>>
}

// With T=1,5,34 within=3e-6
func.func @sum_first(%a: tensor<?x40xf32, #tern.dims<S>>) -> tensor<40xf32> {
  %0 = tern.sum "tk->k" %a : tensor<?x40xf32, #tern.dims<S>>
  return %0 : tensor<40xf32>
}

// With T=1,5,34 within=3e-6
func.func @sum_middle(%a: tensor<?x7x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.sum "thd->td" %a : tensor<?x7x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,34 within=3e-6
func.func @sum_all(%a: tensor<?x3x5xf32, #tern.dims<S>>) -> tensor<f32> {
  %0 = tern.sum "abc->" %a : tensor<?x3x5xf32, #tern.dims<S>>
  return %0 : tensor<f32>
}

// With T=1,34 within=3e-6
func.func @sum_turned(%a: tensor<2x?x3x37xf32, #tern.dims<S>>) -> tensor<3x2xf32> {
  %0 = tern.sum "atsd->sa" %a : tensor<2x?x3x37xf32, #tern.dims<S>>
  return %0 : tensor<3x2xf32>
}

// With T=1,64,101 within=3e-6
func.func @sum_dynamic(%a: tensor<2x?xf32, #tern.dims<S>>) -> tensor<2xf32> {
  %0 = tern.sum "as->a" %a : tensor<2x?xf32, #tern.dims<S>>
  return %0 : tensor<2xf32>
}

// With T=1,5,34 within=3e-6
func.func @mean_last(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?xf32, #tern.dims<T>> {
  %0 = tern.mean "tk->t" %a : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?xf32, #tern.dims<T>>
}

// With T=1,5,34 within=3e-6
func.func @mean_first(%a: tensor<?x40xf32, #tern.dims<S>>) -> tensor<40xf32> {
  %0 = tern.mean "tk->k" %a : tensor<?x40xf32, #tern.dims<S>>
  return %0 : tensor<40xf32>
}

// With T=1,5,34 within=3e-6
func.func @mean_middle(%a: tensor<?x7x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.mean "thd->td" %a : tensor<?x7x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,34 within=3e-6
func.func @mean_all(%a: tensor<?x3x5xf32, #tern.dims<S>>) -> tensor<f32> {
  %0 = tern.mean "abc->" %a : tensor<?x3x5xf32, #tern.dims<S>>
  return %0 : tensor<f32>
}

// With T=1,34 within=3e-6
func.func @mean_turned(%a: tensor<2x?x3x37xf32, #tern.dims<S>>) -> tensor<3x2xf32> {
  %0 = tern.mean "atsd->sa" %a : tensor<2x?x3x37xf32, #tern.dims<S>>
  return %0 : tensor<3x2xf32>
}

// With T=1,64,101 within=3e-6
func.func @mean_dynamic(%a: tensor<2x?xf32, #tern.dims<S>>) -> tensor<2xf32> {
  %0 = tern.mean "as->a" %a : tensor<2x?xf32, #tern.dims<S>>
  return %0 : tensor<2xf32>
}

// With T=1,5,34 within=3e-6
func.func @amax_last(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?xf32, #tern.dims<T>> {
  %0 = tern.amax "tk->t" %a : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?xf32, #tern.dims<T>>
}

// With T=1,5,34 within=3e-6
func.func @amax_first(%a: tensor<?x40xf32, #tern.dims<S>>) -> tensor<40xf32> {
  %0 = tern.amax "tk->k" %a : tensor<?x40xf32, #tern.dims<S>>
  return %0 : tensor<40xf32>
}

// With T=1,5,34 within=3e-6
func.func @amax_middle(%a: tensor<?x7x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.amax "thd->td" %a : tensor<?x7x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,34 within=3e-6
func.func @amax_all(%a: tensor<?x3x5xf32, #tern.dims<S>>) -> tensor<f32> {
  %0 = tern.amax "abc->" %a : tensor<?x3x5xf32, #tern.dims<S>>
  return %0 : tensor<f32>
}

// With T=1,34 within=3e-6
func.func @amax_turned(%a: tensor<2x?x3x37xf32, #tern.dims<S>>) -> tensor<3x2xf32> {
  %0 = tern.amax "atsd->sa" %a : tensor<2x?x3x37xf32, #tern.dims<S>>
  return %0 : tensor<3x2xf32>
}

// With T=1,64,101 within=3e-6
func.func @amax_dynamic(%a: tensor<2x?xf32, #tern.dims<S>>) -> tensor<2xf32> {
  %0 = tern.amax "as->a" %a : tensor<2x?xf32, #tern.dims<S>>
  return %0 : tensor<2xf32>
}

// With T=1,5,34 within=3e-6
func.func @amin_last(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?xf32, #tern.dims<T>> {
  %0 = tern.amin "tk->t" %a : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?xf32, #tern.dims<T>>
}

// With T=1,5,34 within=3e-6
func.func @amin_first(%a: tensor<?x40xf32, #tern.dims<S>>) -> tensor<40xf32> {
  %0 = tern.amin "tk->k" %a : tensor<?x40xf32, #tern.dims<S>>
  return %0 : tensor<40xf32>
}

// With T=1,5,34 within=3e-6
func.func @amin_middle(%a: tensor<?x7x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.amin "thd->td" %a : tensor<?x7x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,34 within=3e-6
func.func @amin_all(%a: tensor<?x3x5xf32, #tern.dims<S>>) -> tensor<f32> {
  %0 = tern.amin "abc->" %a : tensor<?x3x5xf32, #tern.dims<S>>
  return %0 : tensor<f32>
}

// With T=1,34 within=3e-6
func.func @amin_turned(%a: tensor<2x?x3x37xf32, #tern.dims<S>>) -> tensor<3x2xf32> {
  %0 = tern.amin "atsd->sa" %a : tensor<2x?x3x37xf32, #tern.dims<S>>
  return %0 : tensor<3x2xf32>
}

// With T=1,64,101 within=3e-6
func.func @amin_dynamic(%a: tensor<2x?xf32, #tern.dims<S>>) -> tensor<2xf32> {
  %0 = tern.amin "as->a" %a : tensor<2x?xf32, #tern.dims<S>>
  return %0 : tensor<2xf32>
}

// With T=1 within=3e-6
func.func @sum_vector(%a: tensor<300xf32>) -> tensor<f32> {
  %0 = tern.sum "k->" %a : tensor<300xf32>
  return %0 : tensor<f32>
}

// With T=1,34
func.func @sum_f16(%a: tensor<?x40xf16, #tern.dims<S>>) -> tensor<40xf16> {
  %0 = tern.sum "tk->k" %a : tensor<?x40xf16, #tern.dims<S>>
  return %0 : tensor<40xf16>
}

// With T=1,34 within=1e-14
func.func @sum_f64(%a: tensor<?x40xf64, #tern.dims<S>>) -> tensor<40xf64> {
  %0 = tern.sum "tk->k" %a : tensor<?x40xf64, #tern.dims<S>>
  return %0 : tensor<40xf64>
}

// With T=1,34 within=1e-14
func.func @mean_f64(%a: tensor<?x41xf64, #tern.dims<S>>) -> tensor<?xf64, #tern.dims<S>> {
  %0 = tern.mean "tk->t" %a : tensor<?x41xf64, #tern.dims<S>>
  return %0 : tensor<?xf64, #tern.dims<S>>
}

// With T=1,9
func.func @sum_of_squares(%a: tensor<?x5x12xf32, #tern.dims<S>>) -> tensor<?x12xf32, #tern.dims<S>> {
  %0 = tern.square %a : tensor<?x5x12xf32, #tern.dims<S>>
  %1 = tern.sum "thd->td" %0 : tensor<?x5x12xf32, #tern.dims<S>>
  return %1 : tensor<?x12xf32, #tern.dims<S>>
}

// With T=1,5,37 within=1e-5
func.func @softmax_last(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?x40xf32, #tern.dims<T>> {
  %0 = tern.softmax "tk/k" %a : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?x40xf32, #tern.dims<T>>
}

// With T=1,5,37 within=1e-5
func.func @softmax_first(%a: tensor<?x40xf32, #tern.dims<S>>) -> tensor<?x40xf32, #tern.dims<S>> {
  %0 = tern.softmax "tk/t" %a : tensor<?x40xf32, #tern.dims<S>>
  return %0 : tensor<?x40xf32, #tern.dims<S>>
}

// With T=1,5,37 within=1e-5
func.func @softmax_middle(%a: tensor<?x5x20xf32, #tern.dims<T>>) -> tensor<?x5x20xf32, #tern.dims<T>> {
  %0 = tern.softmax "thd/h" %a : tensor<?x5x20xf32, #tern.dims<T>>
  return %0 : tensor<?x5x20xf32, #tern.dims<T>>
}

// With T=1,5,37 within=1e-5
func.func @softmax_two(%a: tensor<?x5x20xf32, #tern.dims<T>>) -> tensor<?x5x20xf32, #tern.dims<T>> {
  %0 = tern.softmax "thd/hd" %a : tensor<?x5x20xf32, #tern.dims<T>>
  return %0 : tensor<?x5x20xf32, #tern.dims<T>>
}

// With T=1,5,37 within=1e-5
func.func @softmax_outer(%a: tensor<?x5x20xf32, #tern.dims<S>>) -> tensor<?x5x20xf32, #tern.dims<S>> {
  %0 = tern.softmax "thd/td" %a : tensor<?x5x20xf32, #tern.dims<S>>
  return %0 : tensor<?x5x20xf32, #tern.dims<S>>
}

// With T=1,5,37 within=1e-5
func.func @softmax_dynamic(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.softmax "ts/s" %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5,37 within=1e-5
func.func @softmax_all(%a: tensor<?x?xf32, #tern.dims<S, S>>) -> tensor<?x?xf32, #tern.dims<S, S>> {
  %0 = tern.softmax "ts/ts" %a : tensor<?x?xf32, #tern.dims<S, S>>
  return %0 : tensor<?x?xf32, #tern.dims<S, S>>
}

// With T=1,5,37 within=1e-5
func.func @softmax_vector(%a: tensor<50xf32>) -> tensor<50xf32> {
  %0 = tern.softmax "k/k" %a : tensor<50xf32>
  return %0 : tensor<50xf32>
}

// With T=1,5,37 within=2e-2
func.func @softmax_bf16(%a: tensor<?x?xbf16, #tern.dims<T, S>>) -> tensor<?x?xbf16, #tern.dims<T, S>> {
  %0 = tern.softmax "ts/s" %a : tensor<?x?xbf16, #tern.dims<T, S>>
  return %0 : tensor<?x?xbf16, #tern.dims<T, S>>
}

// With T=1,5,37 within=3e-3
func.func @softmax_rows_f16(%a: tensor<?x40xf16, #tern.dims<T>>) -> tensor<?x40xf16, #tern.dims<T>> {
  %0 = tern.softmax "tk/k" %a : tensor<?x40xf16, #tern.dims<T>>
  return %0 : tensor<?x40xf16, #tern.dims<T>>
}

// With T=1,5,37 within=1e-5
func.func @rms_norm_last(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?x40xf32, #tern.dims<T>> {
  %0 = tern.rms_norm "tk/k" %a epsilon 1.0e-5 : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?x40xf32, #tern.dims<T>>
}

// With T=1,5,37 within=1e-5
func.func @rms_norm_first(%a: tensor<?x40xf32, #tern.dims<S>>) -> tensor<?x40xf32, #tern.dims<S>> {
  %0 = tern.rms_norm "tk/t" %a epsilon 1.0e-5 : tensor<?x40xf32, #tern.dims<S>>
  return %0 : tensor<?x40xf32, #tern.dims<S>>
}

// With T=1,5,37 within=1e-5
func.func @rms_norm_middle(%a: tensor<?x5x20xf32, #tern.dims<T>>) -> tensor<?x5x20xf32, #tern.dims<T>> {
  %0 = tern.rms_norm "thd/h" %a epsilon 1.0e-5 : tensor<?x5x20xf32, #tern.dims<T>>
  return %0 : tensor<?x5x20xf32, #tern.dims<T>>
}

// With T=1,5,37 within=1e-5
func.func @rms_norm_two(%a: tensor<?x5x20xf32, #tern.dims<T>>) -> tensor<?x5x20xf32, #tern.dims<T>> {
  %0 = tern.rms_norm "thd/hd" %a epsilon 1.0e-5 : tensor<?x5x20xf32, #tern.dims<T>>
  return %0 : tensor<?x5x20xf32, #tern.dims<T>>
}

// With T=1,5,37 within=1e-5
func.func @rms_norm_outer(%a: tensor<?x5x20xf32, #tern.dims<S>>) -> tensor<?x5x20xf32, #tern.dims<S>> {
  %0 = tern.rms_norm "thd/td" %a epsilon 1.0e-5 : tensor<?x5x20xf32, #tern.dims<S>>
  return %0 : tensor<?x5x20xf32, #tern.dims<S>>
}

// With T=1,5,37 within=1e-5
func.func @rms_norm_dynamic(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.rms_norm "ts/s" %a epsilon 1.0e-5 : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5,37 within=1e-5
func.func @rms_norm_all(%a: tensor<?x?xf32, #tern.dims<S, S>>) -> tensor<?x?xf32, #tern.dims<S, S>> {
  %0 = tern.rms_norm "ts/ts" %a epsilon 1.0e-5 : tensor<?x?xf32, #tern.dims<S, S>>
  return %0 : tensor<?x?xf32, #tern.dims<S, S>>
}

// With T=1,5,37 within=1e-5
func.func @rms_norm_vector(%a: tensor<50xf32>) -> tensor<50xf32> {
  %0 = tern.rms_norm "k/k" %a epsilon 1.0e-5 : tensor<50xf32>
  return %0 : tensor<50xf32>
}

// With T=1,5,37 within=2e-2
func.func @rms_norm_bf16(%a: tensor<?x?xbf16, #tern.dims<T, S>>) -> tensor<?x?xbf16, #tern.dims<T, S>> {
  %0 = tern.rms_norm "ts/s" %a epsilon 1.0e-5 : tensor<?x?xbf16, #tern.dims<T, S>>
  return %0 : tensor<?x?xbf16, #tern.dims<T, S>>
}

// With T=1,5,37 within=3e-3
func.func @rms_norm_rows_f16(%a: tensor<?x40xf16, #tern.dims<T>>) -> tensor<?x40xf16, #tern.dims<T>> {
  %0 = tern.rms_norm "tk/k" %a epsilon 1.0e-5 : tensor<?x40xf16, #tern.dims<T>>
  return %0 : tensor<?x40xf16, #tern.dims<T>>
}

// With T=1,5,37 within=1e-5
func.func @layer_norm_last(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?x40xf32, #tern.dims<T>> {
  %0 = tern.layer_norm "tk/k" %a epsilon 1.0e-5 : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?x40xf32, #tern.dims<T>>
}

// With T=1,5,37 within=1e-5
func.func @layer_norm_first(%a: tensor<?x40xf32, #tern.dims<S>>) -> tensor<?x40xf32, #tern.dims<S>> {
  %0 = tern.layer_norm "tk/t" %a epsilon 1.0e-5 : tensor<?x40xf32, #tern.dims<S>>
  return %0 : tensor<?x40xf32, #tern.dims<S>>
}

// With T=1,5,37 within=1e-5
func.func @layer_norm_middle(%a: tensor<?x5x20xf32, #tern.dims<T>>) -> tensor<?x5x20xf32, #tern.dims<T>> {
  %0 = tern.layer_norm "thd/h" %a epsilon 1.0e-5 : tensor<?x5x20xf32, #tern.dims<T>>
  return %0 : tensor<?x5x20xf32, #tern.dims<T>>
}

// With T=1,5,37 within=1e-5
func.func @layer_norm_two(%a: tensor<?x5x20xf32, #tern.dims<T>>) -> tensor<?x5x20xf32, #tern.dims<T>> {
  %0 = tern.layer_norm "thd/hd" %a epsilon 1.0e-5 : tensor<?x5x20xf32, #tern.dims<T>>
  return %0 : tensor<?x5x20xf32, #tern.dims<T>>
}

// With T=1,5,37 within=1e-5
func.func @layer_norm_outer(%a: tensor<?x5x20xf32, #tern.dims<S>>) -> tensor<?x5x20xf32, #tern.dims<S>> {
  %0 = tern.layer_norm "thd/td" %a epsilon 1.0e-5 : tensor<?x5x20xf32, #tern.dims<S>>
  return %0 : tensor<?x5x20xf32, #tern.dims<S>>
}

// With T=1,5,37 within=1e-5
func.func @layer_norm_dynamic(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.layer_norm "ts/s" %a epsilon 1.0e-5 : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5,37 within=1e-5
func.func @layer_norm_all(%a: tensor<?x?xf32, #tern.dims<S, S>>) -> tensor<?x?xf32, #tern.dims<S, S>> {
  %0 = tern.layer_norm "ts/ts" %a epsilon 1.0e-5 : tensor<?x?xf32, #tern.dims<S, S>>
  return %0 : tensor<?x?xf32, #tern.dims<S, S>>
}

// With T=1,5,37 within=1e-5
func.func @layer_norm_vector(%a: tensor<50xf32>) -> tensor<50xf32> {
  %0 = tern.layer_norm "k/k" %a epsilon 1.0e-5 : tensor<50xf32>
  return %0 : tensor<50xf32>
}

// With T=1,5,37 within=2e-2
func.func @layer_norm_bf16(%a: tensor<?x?xbf16, #tern.dims<T, S>>) -> tensor<?x?xbf16, #tern.dims<T, S>> {
  %0 = tern.layer_norm "ts/s" %a epsilon 1.0e-5 : tensor<?x?xbf16, #tern.dims<T, S>>
  return %0 : tensor<?x?xbf16, #tern.dims<T, S>>
}

// With T=1,5,37 within=3e-3
func.func @layer_norm_rows_f16(%a: tensor<?x40xf16, #tern.dims<T>>) -> tensor<?x40xf16, #tern.dims<T>> {
  %0 = tern.layer_norm "tk/k" %a epsilon 1.0e-5 : tensor<?x40xf16, #tern.dims<T>>
  return %0 : tensor<?x40xf16, #tern.dims<T>>
}

// With T=1,5,37 within=1e-14
func.func @rms_norm_f64(%a: tensor<?x?xf64, #tern.dims<T, S>>) -> tensor<?x?xf64, #tern.dims<T, S>> {
  %0 = tern.rms_norm "ts/s" %a epsilon 1.0e-5 : tensor<?x?xf64, #tern.dims<T, S>>
  return %0 : tensor<?x?xf64, #tern.dims<T, S>>
}

// With T=1,5,37
func.func @top_k(%a: tensor<?x40xf32, #tern.dims<T>>) -> (tensor<?x3xf32, #tern.dims<T>>, tensor<?x3xi32, #tern.dims<T>>) {
  %0:2 = tern.top_k %a k 3 : tensor<?x40xf32, #tern.dims<T>>
  return %0#0, %0#1 : tensor<?x3xf32, #tern.dims<T>>, tensor<?x3xi32, #tern.dims<T>>
}

// With T=1
func.func @top_k_all(%a: tensor<7xf32>) -> (tensor<7xf32>, tensor<7xi32>) {
  %0:2 = tern.top_k %a k 7 : tensor<7xf32>
  return %0#0, %0#1 : tensor<7xf32>, tensor<7xi32>
}

// With T=1,5,37
func.func @top_k_dynamic(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> (tensor<?x1xf32, #tern.dims<T>>, tensor<?x1xi32, #tern.dims<T>>) {
  %0:2 = tern.top_k %a k 1 : tensor<?x?xf32, #tern.dims<T, S>>
  return %0#0, %0#1 : tensor<?x1xf32, #tern.dims<T>>, tensor<?x1xi32, #tern.dims<T>>
}

// With T=1,5,37
func.func @top_k_f16(%a: tensor<2x?x65xf16, #tern.dims<S>>) -> (tensor<2x?x5xf16, #tern.dims<S>>, tensor<2x?x5xi32, #tern.dims<S>>) {
  %0:2 = tern.top_k %a k 5 : tensor<2x?x65xf16, #tern.dims<S>>
  return %0#0, %0#1 : tensor<2x?x5xf16, #tern.dims<S>>, tensor<2x?x5xi32, #tern.dims<S>>
}

// With T=0,1,34 within=3e-6
func.func @logsumexp_last(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?xf32, #tern.dims<T>> {
  %0 = tern.logsumexp "tk->t" %a : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?xf32, #tern.dims<T>>
}

// With T=1,34 within=3e-6
func.func @logsumexp_first(%a: tensor<?x40xf32, #tern.dims<S>>) -> tensor<40xf32> {
  %0 = tern.logsumexp "tk->k" %a : tensor<?x40xf32, #tern.dims<S>>
  return %0 : tensor<40xf32>
}

// With T=1,34 within=3e-6
func.func @logsumexp_dynamic(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?xf32, #tern.dims<T>> {
  %0 = tern.logsumexp "ts->t" %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?xf32, #tern.dims<T>>
}

// With T=1,34 within=3e-6
func.func @logsumexp_all(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<f32> {
  %0 = tern.logsumexp "ts->" %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<f32>
}

// With T=1,34
func.func @logsumexp_bf16(%a: tensor<?x?x9xbf16, #tern.dims<T, S>>) -> tensor<?x?xbf16, #tern.dims<T, S>> {
  %0 = tern.logsumexp "tsk->ts" %a : tensor<?x?x9xbf16, #tern.dims<T, S>>
  return %0 : tensor<?x?xbf16, #tern.dims<T, S>>
}

// With T=0
func.func @logsumexp_of_nothing(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<40xf32> {
  %0 = tern.logsumexp "tk->k" %a : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<40xf32>
}

// With T=0
func.func @amax_of_nothing(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<40xf32> {
  %0 = tern.amax "tk->k" %a : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<40xf32>
}

// With T=0
func.func @amin_of_nothing(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?xf32, #tern.dims<S>> {
  %0 = tern.amin "ts->s" %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?xf32, #tern.dims<S>>
}

// With T=0,1,34 within=3e-6
func.func @cumsum_last(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?x40xf32, #tern.dims<T>> {
  %0 = tern.cumsum "tk/k" %a : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?x40xf32, #tern.dims<T>>
}

// With T=0,1,34 within=3e-6
func.func @cumsum_first(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?x40xf32, #tern.dims<T>> {
  %0 = tern.cumsum "tk/t" %a : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?x40xf32, #tern.dims<T>>
}

// With T=1,34,67 within=3e-6
func.func @cumsum_dynamic(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.cumsum "ts/s" %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,34 within=3e-6
func.func @cumsum_middle(%a: tensor<?x?x3xf32, #tern.dims<T, S>>) -> tensor<?x?x3xf32, #tern.dims<T, S>> {
  %0 = tern.cumsum "tsk/s" %a : tensor<?x?x3xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?x3xf32, #tern.dims<T, S>>
}

// With T=1,34
func.func @cumsum_f16(%a: tensor<?x19xf16, #tern.dims<T>>) -> tensor<?x19xf16, #tern.dims<T>> {
  %0 = tern.cumsum "tk/k" %a : tensor<?x19xf16, #tern.dims<T>>
  return %0 : tensor<?x19xf16, #tern.dims<T>>
}

// With T=1,34 within=1e-14
func.func @cumsum_f64(%a: tensor<?x19xf64, #tern.dims<T>>) -> tensor<?x19xf64, #tern.dims<T>> {
  %0 = tern.cumsum "tk/k" %a : tensor<?x19xf64, #tern.dims<T>>
  return %0 : tensor<?x19xf64, #tern.dims<T>>
}

// With T=0,1,5,67 within=3e-6
func.func @cumsum_vector(%a: tensor<?xf32, #tern.dims<T>>) -> tensor<?xf32, #tern.dims<T>> {
  %0 = tern.cumsum "t/t" %a : tensor<?xf32, #tern.dims<T>>
  return %0 : tensor<?xf32, #tern.dims<T>>
}

// With T=0,1,34
func.func @top_k_mask_last(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?x40xf32, #tern.dims<T>> {
  %0 = tern.top_k_mask "tk/k" %a k 6 : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?x40xf32, #tern.dims<T>>
}

// With T=1,5,34
func.func @top_k_mask_dynamic(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.top_k_mask "ts/s" %a k 6 : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=0,1,5,34
func.func @top_k_mask_first(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?x40xf32, #tern.dims<T>> {
  %0 = tern.top_k_mask "tk/t" %a k 2 : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?x40xf32, #tern.dims<T>>
}

// With T=1,5,34
func.func @top_k_mask_middle(%a: tensor<?x?x3xf16, #tern.dims<T, S>>) -> tensor<?x?x3xf16, #tern.dims<T, S>> {
  %0 = tern.top_k_mask "tsk/s" %a k 3 : tensor<?x?x3xf16, #tern.dims<T, S>>
  return %0 : tensor<?x?x3xf16, #tern.dims<T, S>>
}

// With T=1,34
func.func @top_k_mask_none(%a: tensor<?x40xf32, #tern.dims<T>>) -> tensor<?x40xf32, #tern.dims<T>> {
  %0 = tern.top_k_mask "tk/k" %a k 0 : tensor<?x40xf32, #tern.dims<T>>
  return %0 : tensor<?x40xf32, #tern.dims<T>>
}

// With T=1,34
func.func @top_k_mask_of_equals(%a: tensor<?x19xi8, #tern.dims<T>>) -> tensor<?x19xf32, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xi8, #tern.dims<T>> to tensor<?x19xf32, #tern.dims<T>>
  %1 = tern.top_k_mask "tk/k" %0 k 9 : tensor<?x19xf32, #tern.dims<T>>
  return %1 : tensor<?x19xf32, #tern.dims<T>>
}

// With T=1,5,34 ints=2 within=3e-6
func.func @masked_softmax_last(%a: tensor<?x40xf32, #tern.dims<T>>, %m: tensor<?x40xi32, #tern.dims<T>>) -> tensor<?x40xf32, #tern.dims<T>> {
  %0 = tern.cast %m : tensor<?x40xi32, #tern.dims<T>> to tensor<?x40xf32, #tern.dims<T>>
  %1 = tern.masked_softmax "tk/k" %a mask %0 : tensor<?x40xf32, #tern.dims<T>>, tensor<?x40xf32, #tern.dims<T>>
  return %1 : tensor<?x40xf32, #tern.dims<T>>
}

// With T=1,5,34 ints=2 within=3e-6
func.func @masked_softmax_rows_of_none(%a: tensor<?x2xf32, #tern.dims<T>>, %m: tensor<?x2xi32, #tern.dims<T>>) -> tensor<?x2xf32, #tern.dims<T>> {
  %0 = tern.cast %m : tensor<?x2xi32, #tern.dims<T>> to tensor<?x2xf32, #tern.dims<T>>
  %1 = tern.masked_softmax "tk/k" %a mask %0 : tensor<?x2xf32, #tern.dims<T>>, tensor<?x2xf32, #tern.dims<T>>
  return %1 : tensor<?x2xf32, #tern.dims<T>>
}

// With T=1,5,34 ints=2 within=3e-6
func.func @masked_softmax_first(%a: tensor<?x40xf32, #tern.dims<T>>, %m: tensor<?x40xi32, #tern.dims<T>>) -> tensor<?x40xf32, #tern.dims<T>> {
  %0 = tern.cast %m : tensor<?x40xi32, #tern.dims<T>> to tensor<?x40xf32, #tern.dims<T>>
  %1 = tern.masked_softmax "tk/t" %a mask %0 : tensor<?x40xf32, #tern.dims<T>>, tensor<?x40xf32, #tern.dims<T>>
  return %1 : tensor<?x40xf32, #tern.dims<T>>
}

// With T=1,5,34 ints=2 within=3e-6
func.func @masked_softmax_dynamic(%a: tensor<?x?xf32, #tern.dims<T, S>>, %m: tensor<?x?xi32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.cast %m : tensor<?x?xi32, #tern.dims<T, S>> to tensor<?x?xf32, #tern.dims<T, S>>
  %1 = tern.masked_softmax "ts/s" %a mask %0 : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %1 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,34 ints=2
func.func @masked_softmax_bf16(%a: tensor<?x40xbf16, #tern.dims<T>>, %m: tensor<?x40xi32, #tern.dims<T>>) -> tensor<?x40xbf16, #tern.dims<T>> {
  %0 = tern.cast %m : tensor<?x40xi32, #tern.dims<T>> to tensor<?x40xbf16, #tern.dims<T>>
  %1 = tern.masked_softmax "tk/k" %a mask %0 : tensor<?x40xbf16, #tern.dims<T>>, tensor<?x40xbf16, #tern.dims<T>>
  return %1 : tensor<?x40xbf16, #tern.dims<T>>
}

// With T=1,5,34 within=3e-6
func.func @masked_softmax_causal(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.iota "t->ts" : tensor<?x?xf32, #tern.dims<T, S>>
  %1 = tern.iota "s->ts" : tensor<?x?xf32, #tern.dims<T, S>>
  %2 = tern.lt %1, %0 : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  %3 = tern.masked_softmax "ts/s" %a mask %2 : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %3 : tensor<?x?xf32, #tern.dims<T, S>>
}
