// Element-wise operations on every rank: static and dynamic axes, narrow floats, integers, f64.
tern.dim @T from 0 to 128
tern.dim @S from 0 to 131

// With T=1,5 within=3e-6
func.func @neg(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.neg %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 within=3e-6
func.func @abs(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.abs %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 within=3e-6
func.func @square(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.square %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 within=3e-6
func.func @exp(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.exp %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 within=3e-6
func.func @sin(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.sin %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 within=3e-6
func.func @cos(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.cos %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 within=3e-6
func.func @tanh(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.tanh %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 within=3e-6
func.func @erf(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.erf %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 within=3e-6
func.func @sigmoid(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.sigmoid %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 within=3e-6
func.func @softplus(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.softplus %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 within=3e-6
func.func @relu(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.relu %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 within=3e-6
func.func @silu(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.silu %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 within=3e-6
func.func @gelu(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.gelu %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 within=3e-6
func.func @gelu_tanh(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.gelu_tanh %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 within=3e-6
func.func @quick_gelu(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.quick_gelu %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 positive within=3e-6
func.func @log1p(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.log1p %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 within=3e-6
func.func @tan(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.tan %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 positive within=3e-6
func.func @cot(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.cot %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5
func.func @rint(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.rint %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5
func.func @rint_f64(%a: tensor<?x?xf64, #tern.dims<T, S>>) -> tensor<?x?xf64, #tern.dims<T, S>> {
  %0 = tern.rint %a : tensor<?x?xf64, #tern.dims<T, S>>
  return %0 : tensor<?x?xf64, #tern.dims<T, S>>
}

// With T=1,5
func.func @rint_f16(%a: tensor<?x?xf16, #tern.dims<T, S>>) -> tensor<?x?xf16, #tern.dims<T, S>> {
  %0 = tern.rint %a : tensor<?x?xf16, #tern.dims<T, S>>
  return %0 : tensor<?x?xf16, #tern.dims<T, S>>
}

// With T=1,5 positive within=3e-6
func.func @sqrt(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.sqrt %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 positive within=3e-6
func.func @rsqrt(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.rsqrt %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 positive within=3e-6
func.func @recip(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.recip %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 positive within=3e-6
func.func @log(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.log %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5
func.func @add(%a: tensor<?x?xf32, #tern.dims<T, S>>, %b: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.add %a, %b : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5
func.func @sub(%a: tensor<?x?xf32, #tern.dims<T, S>>, %b: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.sub %a, %b : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5
func.func @mul(%a: tensor<?x?xf32, #tern.dims<T, S>>, %b: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.mul %a, %b : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 positive
func.func @div(%a: tensor<?x?xf32, #tern.dims<T, S>>, %b: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.div %a, %b : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5
func.func @maximum(%a: tensor<?x?xf32, #tern.dims<T, S>>, %b: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.maximum %a, %b : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5
func.func @minimum(%a: tensor<?x?xf32, #tern.dims<T, S>>, %b: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.minimum %a, %b : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5
func.func @lt(%a: tensor<?x?xf32, #tern.dims<T, S>>, %b: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.lt %a, %b : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5
func.func @le(%a: tensor<?x?xf32, #tern.dims<T, S>>, %b: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.le %a, %b : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5
func.func @eq(%a: tensor<?x?xf32, #tern.dims<T, S>>, %b: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.eq %a, %b : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 positive within=2e-5
func.func @pow(%a: tensor<?x?xf32, #tern.dims<T, S>>, %b: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.pow %a, %b : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5
func.func @where(%a: tensor<?x?xf32, #tern.dims<T, S>>, %b: tensor<?x?xf32, #tern.dims<T, S>>, %c: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.where %a, %b, %c : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1 within=4e-6
func.func @add_rank0(%a: tensor<f32>, %b: tensor<f32>) -> tensor<f32> {
  %0 = tern.add %a, %b : tensor<f32>, tensor<f32>
  %1 = tern.exp %0 : tensor<f32>
  return %1 : tensor<f32>
}

// With T=1 within=4e-6
func.func @add_rank1(%a: tensor<37xf32>, %b: tensor<37xf32>) -> tensor<37xf32> {
  %0 = tern.add %a, %b : tensor<37xf32>, tensor<37xf32>
  %1 = tern.exp %0 : tensor<37xf32>
  return %1 : tensor<37xf32>
}

// With T=0,1,5,33 within=4e-6
func.func @add_rank1_dynamic(%a: tensor<?xf32, #tern.dims<T>>, %b: tensor<?xf32, #tern.dims<T>>) -> tensor<?xf32, #tern.dims<T>> {
  %0 = tern.add %a, %b : tensor<?xf32, #tern.dims<T>>, tensor<?xf32, #tern.dims<T>>
  %1 = tern.exp %0 : tensor<?xf32, #tern.dims<T>>
  return %1 : tensor<?xf32, #tern.dims<T>>
}

// With T=0,1,5,33 within=4e-6
func.func @add_rank3(%a: tensor<3x?x5xf32, #tern.dims<T>>, %b: tensor<3x?x5xf32, #tern.dims<T>>) -> tensor<3x?x5xf32, #tern.dims<T>> {
  %0 = tern.add %a, %b : tensor<3x?x5xf32, #tern.dims<T>>, tensor<3x?x5xf32, #tern.dims<T>>
  %1 = tern.exp %0 : tensor<3x?x5xf32, #tern.dims<T>>
  return %1 : tensor<3x?x5xf32, #tern.dims<T>>
}

// With T=0,1,5,33 within=4e-6
func.func @add_rank4(%a: tensor<2x1x?x1xf32, #tern.dims<T>>, %b: tensor<2x1x?x1xf32, #tern.dims<T>>) -> tensor<2x1x?x1xf32, #tern.dims<T>> {
  %0 = tern.add %a, %b : tensor<2x1x?x1xf32, #tern.dims<T>>, tensor<2x1x?x1xf32, #tern.dims<T>>
  %1 = tern.exp %0 : tensor<2x1x?x1xf32, #tern.dims<T>>
  return %1 : tensor<2x1x?x1xf32, #tern.dims<T>>
}

// With T=1 within=4e-6
func.func @add_rank2_long(%a: tensor<2x9001xf32>, %b: tensor<2x9001xf32>) -> tensor<2x9001xf32> {
  %0 = tern.add %a, %b : tensor<2x9001xf32>, tensor<2x9001xf32>
  %1 = tern.exp %0 : tensor<2x9001xf32>
  return %1 : tensor<2x9001xf32>
}

// With T=1,5
func.func @splat(%a: tensor<f32>, %b: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.sub %a, %b : tensor<f32>, tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5,13
func.func @mul_f16(%a: tensor<?x7x?xf16, #tern.dims<T, S>>, %b: tensor<?x7x?xf16, #tern.dims<T, S>>) -> tensor<?x7x?xf16, #tern.dims<T, S>> {
  %0 = tern.mul %a, %b : tensor<?x7x?xf16, #tern.dims<T, S>>, tensor<?x7x?xf16, #tern.dims<T, S>>
  %1 = tern.add %0, %a : tensor<?x7x?xf16, #tern.dims<T, S>>, tensor<?x7x?xf16, #tern.dims<T, S>>
  return %1 : tensor<?x7x?xf16, #tern.dims<T, S>>
}

// With T=1,5
func.func @rows_f16(%a: tensor<?x40xf16, #tern.dims<T>>, %b: tensor<?x40xf16, #tern.dims<T>>) -> tensor<?x40xf16, #tern.dims<T>> {
  %0 = tern.maximum %a, %b : tensor<?x40xf16, #tern.dims<T>>, tensor<?x40xf16, #tern.dims<T>>
  return %0 : tensor<?x40xf16, #tern.dims<T>>
}

// With T=1,5,13
func.func @mul_bf16(%a: tensor<?x7x?xbf16, #tern.dims<T, S>>, %b: tensor<?x7x?xbf16, #tern.dims<T, S>>) -> tensor<?x7x?xbf16, #tern.dims<T, S>> {
  %0 = tern.mul %a, %b : tensor<?x7x?xbf16, #tern.dims<T, S>>, tensor<?x7x?xbf16, #tern.dims<T, S>>
  %1 = tern.add %0, %a : tensor<?x7x?xbf16, #tern.dims<T, S>>, tensor<?x7x?xbf16, #tern.dims<T, S>>
  return %1 : tensor<?x7x?xbf16, #tern.dims<T, S>>
}

// With T=1,5
func.func @rows_bf16(%a: tensor<?x40xbf16, #tern.dims<T>>, %b: tensor<?x40xbf16, #tern.dims<T>>) -> tensor<?x40xbf16, #tern.dims<T>> {
  %0 = tern.maximum %a, %b : tensor<?x40xbf16, #tern.dims<T>>, tensor<?x40xbf16, #tern.dims<T>>
  return %0 : tensor<?x40xbf16, #tern.dims<T>>
}

// With T=1,5,13
func.func @mul_f64(%a: tensor<?x7x?xf64, #tern.dims<T, S>>, %b: tensor<?x7x?xf64, #tern.dims<T, S>>) -> tensor<?x7x?xf64, #tern.dims<T, S>> {
  %0 = tern.mul %a, %b : tensor<?x7x?xf64, #tern.dims<T, S>>, tensor<?x7x?xf64, #tern.dims<T, S>>
  %1 = tern.add %0, %a : tensor<?x7x?xf64, #tern.dims<T, S>>, tensor<?x7x?xf64, #tern.dims<T, S>>
  return %1 : tensor<?x7x?xf64, #tern.dims<T, S>>
}

// With T=1,5
func.func @rows_f64(%a: tensor<?x40xf64, #tern.dims<T>>, %b: tensor<?x40xf64, #tern.dims<T>>) -> tensor<?x40xf64, #tern.dims<T>> {
  %0 = tern.maximum %a, %b : tensor<?x40xf64, #tern.dims<T>>, tensor<?x40xf64, #tern.dims<T>>
  return %0 : tensor<?x40xf64, #tern.dims<T>>
}

// With T=1,5,13
func.func @mul_i8(%a: tensor<?x7x?xi8, #tern.dims<T, S>>, %b: tensor<?x7x?xi8, #tern.dims<T, S>>) -> tensor<?x7x?xi8, #tern.dims<T, S>> {
  %0 = tern.mul %a, %b : tensor<?x7x?xi8, #tern.dims<T, S>>, tensor<?x7x?xi8, #tern.dims<T, S>>
  %1 = tern.add %0, %a : tensor<?x7x?xi8, #tern.dims<T, S>>, tensor<?x7x?xi8, #tern.dims<T, S>>
  return %1 : tensor<?x7x?xi8, #tern.dims<T, S>>
}

// With T=1,5
func.func @rows_i8(%a: tensor<?x40xi8, #tern.dims<T>>, %b: tensor<?x40xi8, #tern.dims<T>>) -> tensor<?x40xi8, #tern.dims<T>> {
  %0 = tern.maximum %a, %b : tensor<?x40xi8, #tern.dims<T>>, tensor<?x40xi8, #tern.dims<T>>
  return %0 : tensor<?x40xi8, #tern.dims<T>>
}

// With T=1,5,13
func.func @mul_i16(%a: tensor<?x7x?xi16, #tern.dims<T, S>>, %b: tensor<?x7x?xi16, #tern.dims<T, S>>) -> tensor<?x7x?xi16, #tern.dims<T, S>> {
  %0 = tern.mul %a, %b : tensor<?x7x?xi16, #tern.dims<T, S>>, tensor<?x7x?xi16, #tern.dims<T, S>>
  %1 = tern.add %0, %a : tensor<?x7x?xi16, #tern.dims<T, S>>, tensor<?x7x?xi16, #tern.dims<T, S>>
  return %1 : tensor<?x7x?xi16, #tern.dims<T, S>>
}

// With T=1,5
func.func @rows_i16(%a: tensor<?x40xi16, #tern.dims<T>>, %b: tensor<?x40xi16, #tern.dims<T>>) -> tensor<?x40xi16, #tern.dims<T>> {
  %0 = tern.maximum %a, %b : tensor<?x40xi16, #tern.dims<T>>, tensor<?x40xi16, #tern.dims<T>>
  return %0 : tensor<?x40xi16, #tern.dims<T>>
}

// With T=1,5,13
func.func @mul_i32(%a: tensor<?x7x?xi32, #tern.dims<T, S>>, %b: tensor<?x7x?xi32, #tern.dims<T, S>>) -> tensor<?x7x?xi32, #tern.dims<T, S>> {
  %0 = tern.mul %a, %b : tensor<?x7x?xi32, #tern.dims<T, S>>, tensor<?x7x?xi32, #tern.dims<T, S>>
  %1 = tern.add %0, %a : tensor<?x7x?xi32, #tern.dims<T, S>>, tensor<?x7x?xi32, #tern.dims<T, S>>
  return %1 : tensor<?x7x?xi32, #tern.dims<T, S>>
}

// With T=1,5
func.func @rows_i32(%a: tensor<?x40xi32, #tern.dims<T>>, %b: tensor<?x40xi32, #tern.dims<T>>) -> tensor<?x40xi32, #tern.dims<T>> {
  %0 = tern.maximum %a, %b : tensor<?x40xi32, #tern.dims<T>>, tensor<?x40xi32, #tern.dims<T>>
  return %0 : tensor<?x40xi32, #tern.dims<T>>
}

// With T=1,5,13
func.func @mul_i64(%a: tensor<?x7x?xi64, #tern.dims<T, S>>, %b: tensor<?x7x?xi64, #tern.dims<T, S>>) -> tensor<?x7x?xi64, #tern.dims<T, S>> {
  %0 = tern.mul %a, %b : tensor<?x7x?xi64, #tern.dims<T, S>>, tensor<?x7x?xi64, #tern.dims<T, S>>
  %1 = tern.add %0, %a : tensor<?x7x?xi64, #tern.dims<T, S>>, tensor<?x7x?xi64, #tern.dims<T, S>>
  return %1 : tensor<?x7x?xi64, #tern.dims<T, S>>
}

// With T=1,5
func.func @rows_i64(%a: tensor<?x40xi64, #tern.dims<T>>, %b: tensor<?x40xi64, #tern.dims<T>>) -> tensor<?x40xi64, #tern.dims<T>> {
  %0 = tern.maximum %a, %b : tensor<?x40xi64, #tern.dims<T>>, tensor<?x40xi64, #tern.dims<T>>
  return %0 : tensor<?x40xi64, #tern.dims<T>>
}

// With T=1,5 positive within=1e-12
func.func @roots_f64(%a: tensor<?x33xf64, #tern.dims<T>>) -> tensor<?x33xf64, #tern.dims<T>> {
  %0 = tern.sqrt %a : tensor<?x33xf64, #tern.dims<T>>
  %1 = tern.recip %0 : tensor<?x33xf64, #tern.dims<T>>
  return %1 : tensor<?x33xf64, #tern.dims<T>>
}

// With T=1,3
func.func @cast_f32_f16(%a: tensor<?x19xf32, #tern.dims<T>>) -> tensor<?x19xf16, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xf32, #tern.dims<T>> to tensor<?x19xf16, #tern.dims<T>>
  return %0 : tensor<?x19xf16, #tern.dims<T>>
}

// With T=1,3
func.func @cast_f32_i32(%a: tensor<?x19xf32, #tern.dims<T>>) -> tensor<?x19xi32, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xf32, #tern.dims<T>> to tensor<?x19xi32, #tern.dims<T>>
  return %0 : tensor<?x19xi32, #tern.dims<T>>
}

// With T=1,3
func.func @cast_f32_f64(%a: tensor<?x19xf32, #tern.dims<T>>) -> tensor<?x19xf64, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xf32, #tern.dims<T>> to tensor<?x19xf64, #tern.dims<T>>
  return %0 : tensor<?x19xf64, #tern.dims<T>>
}

// With T=1,3
func.func @cast_f32_i8(%a: tensor<?x19xf32, #tern.dims<T>>) -> tensor<?x19xi8, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xf32, #tern.dims<T>> to tensor<?x19xi8, #tern.dims<T>>
  return %0 : tensor<?x19xi8, #tern.dims<T>>
}

// With T=1,3
func.func @cast_f16_f32(%a: tensor<?x19xf16, #tern.dims<T>>) -> tensor<?x19xf32, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xf16, #tern.dims<T>> to tensor<?x19xf32, #tern.dims<T>>
  return %0 : tensor<?x19xf32, #tern.dims<T>>
}

// With T=1,3
func.func @cast_f16_i32(%a: tensor<?x19xf16, #tern.dims<T>>) -> tensor<?x19xi32, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xf16, #tern.dims<T>> to tensor<?x19xi32, #tern.dims<T>>
  return %0 : tensor<?x19xi32, #tern.dims<T>>
}

// With T=1,3
func.func @cast_f16_f64(%a: tensor<?x19xf16, #tern.dims<T>>) -> tensor<?x19xf64, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xf16, #tern.dims<T>> to tensor<?x19xf64, #tern.dims<T>>
  return %0 : tensor<?x19xf64, #tern.dims<T>>
}

// With T=1,3
func.func @cast_f16_i8(%a: tensor<?x19xf16, #tern.dims<T>>) -> tensor<?x19xi8, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xf16, #tern.dims<T>> to tensor<?x19xi8, #tern.dims<T>>
  return %0 : tensor<?x19xi8, #tern.dims<T>>
}

// With T=1,3
func.func @cast_bf16_f32(%a: tensor<?x19xbf16, #tern.dims<T>>) -> tensor<?x19xf32, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xbf16, #tern.dims<T>> to tensor<?x19xf32, #tern.dims<T>>
  return %0 : tensor<?x19xf32, #tern.dims<T>>
}

// With T=1,3
func.func @cast_bf16_f16(%a: tensor<?x19xbf16, #tern.dims<T>>) -> tensor<?x19xf16, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xbf16, #tern.dims<T>> to tensor<?x19xf16, #tern.dims<T>>
  return %0 : tensor<?x19xf16, #tern.dims<T>>
}

// With T=1,3
func.func @cast_bf16_i32(%a: tensor<?x19xbf16, #tern.dims<T>>) -> tensor<?x19xi32, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xbf16, #tern.dims<T>> to tensor<?x19xi32, #tern.dims<T>>
  return %0 : tensor<?x19xi32, #tern.dims<T>>
}

// With T=1,3
func.func @cast_bf16_f64(%a: tensor<?x19xbf16, #tern.dims<T>>) -> tensor<?x19xf64, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xbf16, #tern.dims<T>> to tensor<?x19xf64, #tern.dims<T>>
  return %0 : tensor<?x19xf64, #tern.dims<T>>
}

// With T=1,3
func.func @cast_bf16_i8(%a: tensor<?x19xbf16, #tern.dims<T>>) -> tensor<?x19xi8, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xbf16, #tern.dims<T>> to tensor<?x19xi8, #tern.dims<T>>
  return %0 : tensor<?x19xi8, #tern.dims<T>>
}

// With T=1,3
func.func @cast_i32_f32(%a: tensor<?x19xi32, #tern.dims<T>>) -> tensor<?x19xf32, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xi32, #tern.dims<T>> to tensor<?x19xf32, #tern.dims<T>>
  return %0 : tensor<?x19xf32, #tern.dims<T>>
}

// With T=1,3
func.func @cast_i32_f16(%a: tensor<?x19xi32, #tern.dims<T>>) -> tensor<?x19xf16, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xi32, #tern.dims<T>> to tensor<?x19xf16, #tern.dims<T>>
  return %0 : tensor<?x19xf16, #tern.dims<T>>
}

// With T=1,3
func.func @cast_i32_f64(%a: tensor<?x19xi32, #tern.dims<T>>) -> tensor<?x19xf64, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xi32, #tern.dims<T>> to tensor<?x19xf64, #tern.dims<T>>
  return %0 : tensor<?x19xf64, #tern.dims<T>>
}

// With T=1,3
func.func @cast_i32_i8(%a: tensor<?x19xi32, #tern.dims<T>>) -> tensor<?x19xi8, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xi32, #tern.dims<T>> to tensor<?x19xi8, #tern.dims<T>>
  return %0 : tensor<?x19xi8, #tern.dims<T>>
}

// With T=1,3
func.func @cast_f64_f32(%a: tensor<?x19xf64, #tern.dims<T>>) -> tensor<?x19xf32, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xf64, #tern.dims<T>> to tensor<?x19xf32, #tern.dims<T>>
  return %0 : tensor<?x19xf32, #tern.dims<T>>
}

// With T=1,3
func.func @cast_f64_f16(%a: tensor<?x19xf64, #tern.dims<T>>) -> tensor<?x19xf16, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xf64, #tern.dims<T>> to tensor<?x19xf16, #tern.dims<T>>
  return %0 : tensor<?x19xf16, #tern.dims<T>>
}

// With T=1,3
func.func @cast_f64_i32(%a: tensor<?x19xf64, #tern.dims<T>>) -> tensor<?x19xi32, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xf64, #tern.dims<T>> to tensor<?x19xi32, #tern.dims<T>>
  return %0 : tensor<?x19xi32, #tern.dims<T>>
}

// With T=1,3
func.func @cast_f64_i8(%a: tensor<?x19xf64, #tern.dims<T>>) -> tensor<?x19xi8, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xf64, #tern.dims<T>> to tensor<?x19xi8, #tern.dims<T>>
  return %0 : tensor<?x19xi8, #tern.dims<T>>
}

// With T=1,3
func.func @cast_i64_f32(%a: tensor<?x19xi64, #tern.dims<T>>) -> tensor<?x19xf32, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xi64, #tern.dims<T>> to tensor<?x19xf32, #tern.dims<T>>
  return %0 : tensor<?x19xf32, #tern.dims<T>>
}

// With T=1,3
func.func @cast_i64_f16(%a: tensor<?x19xi64, #tern.dims<T>>) -> tensor<?x19xf16, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xi64, #tern.dims<T>> to tensor<?x19xf16, #tern.dims<T>>
  return %0 : tensor<?x19xf16, #tern.dims<T>>
}

// With T=1,3
func.func @cast_i64_i32(%a: tensor<?x19xi64, #tern.dims<T>>) -> tensor<?x19xi32, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xi64, #tern.dims<T>> to tensor<?x19xi32, #tern.dims<T>>
  return %0 : tensor<?x19xi32, #tern.dims<T>>
}

// With T=1,3
func.func @cast_i64_f64(%a: tensor<?x19xi64, #tern.dims<T>>) -> tensor<?x19xf64, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xi64, #tern.dims<T>> to tensor<?x19xf64, #tern.dims<T>>
  return %0 : tensor<?x19xf64, #tern.dims<T>>
}

// With T=1,3
func.func @cast_i64_i8(%a: tensor<?x19xi64, #tern.dims<T>>) -> tensor<?x19xi8, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xi64, #tern.dims<T>> to tensor<?x19xi8, #tern.dims<T>>
  return %0 : tensor<?x19xi8, #tern.dims<T>>
}

// With T=1,3
func.func @cast_i8_f32(%a: tensor<?x19xi8, #tern.dims<T>>) -> tensor<?x19xf32, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xi8, #tern.dims<T>> to tensor<?x19xf32, #tern.dims<T>>
  return %0 : tensor<?x19xf32, #tern.dims<T>>
}

// With T=1,3
func.func @cast_i8_f16(%a: tensor<?x19xi8, #tern.dims<T>>) -> tensor<?x19xf16, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xi8, #tern.dims<T>> to tensor<?x19xf16, #tern.dims<T>>
  return %0 : tensor<?x19xf16, #tern.dims<T>>
}

// With T=1,3
func.func @cast_i8_i32(%a: tensor<?x19xi8, #tern.dims<T>>) -> tensor<?x19xi32, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xi8, #tern.dims<T>> to tensor<?x19xi32, #tern.dims<T>>
  return %0 : tensor<?x19xi32, #tern.dims<T>>
}

// With T=1,3
func.func @cast_i8_f64(%a: tensor<?x19xi8, #tern.dims<T>>) -> tensor<?x19xf64, #tern.dims<T>> {
  %0 = tern.cast %a : tensor<?x19xi8, #tern.dims<T>> to tensor<?x19xf64, #tern.dims<T>>
  return %0 : tensor<?x19xf64, #tern.dims<T>>
}

// With T=1
func.func @constants(%a: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %0 = tern.constant dense<[[1.0,2.0,3.0,4.0,5.0],[6.0,7.0,8.0,9.0,10.0],[0.5,0.25,0.125,1.5,2.5]]> : tensor<3x5xf32>
  %1 = tern.mul %a, %0 : tensor<3x5xf32>, tensor<3x5xf32>
  return %1 : tensor<3x5xf32>
}

// With T=1
func.func @constant() -> tensor<2x3xi32> {
  %0 = tern.constant dense<[[1,2,3],[4,5,6]]> : tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}

// With T=1 within=1e-15
func.func @constant_f64(%a: tensor<2x2xf64>) -> tensor<2x2xf64> {
  %0 = tern.constant dense<[[1.1,2.0],[4.3,5.7]]> : tensor<2x2xf64>
  %1 = tern.add %a, %0 : tensor<2x2xf64>, tensor<2x2xf64>
  return %1 : tensor<2x2xf64>
}

// With T=0,4
func.func @same(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  return %a : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=0,1,5 positive within=3e-6
func.func @functions_of_rows(%a: tensor<?x19xf32, #tern.dims<T>>) -> (tensor<?x19xf32, #tern.dims<T>>, tensor<?x19xf32, #tern.dims<T>>, tensor<?x19xf32, #tern.dims<T>>, tensor<?x19xf32, #tern.dims<T>>) {
  %0 = tern.log1p %a : tensor<?x19xf32, #tern.dims<T>>
  %1 = tern.tan %a : tensor<?x19xf32, #tern.dims<T>>
  %2 = tern.cot %a : tensor<?x19xf32, #tern.dims<T>>
  %3 = tern.rint %a : tensor<?x19xf32, #tern.dims<T>>
  return %0, %1, %2, %3 : tensor<?x19xf32, #tern.dims<T>>, tensor<?x19xf32, #tern.dims<T>>, tensor<?x19xf32, #tern.dims<T>>, tensor<?x19xf32, #tern.dims<T>>
}
