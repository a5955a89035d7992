// Rotary embedding, quantisation and sampling.
tern.dim @T from 0 to 128
tern.dim @S from 0 to 131

// With T=0,1,5
func.func @rotary_half(%a: tensor<?x3x20xf32, #tern.dims<T>>, %b: tensor<?x10xf32, #tern.dims<T>>, %c: tensor<?x10xf32, #tern.dims<T>>) -> tensor<?x3x20xf32, #tern.dims<T>> {
  %0 = tern.rotary half %a, %b, %c : tensor<?x3x20xf32, #tern.dims<T>>, tensor<?x10xf32, #tern.dims<T>>, tensor<?x10xf32, #tern.dims<T>>
  return %0 : tensor<?x3x20xf32, #tern.dims<T>>
}

// With T=0,1,5
func.func @rotary_part(%a: tensor<?x3x20xf32, #tern.dims<T>>, %b: tensor<?x7xf32, #tern.dims<T>>, %c: tensor<?x7xf32, #tern.dims<T>>) -> tensor<?x3x20xf32, #tern.dims<T>> {
  %0 = tern.rotary half %a, %b, %c : tensor<?x3x20xf32, #tern.dims<T>>, tensor<?x7xf32, #tern.dims<T>>, tensor<?x7xf32, #tern.dims<T>>
  return %0 : tensor<?x3x20xf32, #tern.dims<T>>
}

// With T=0,1,5
func.func @rotary_interleaved(%a: tensor<?x3x20xf32, #tern.dims<T>>, %b: tensor<?x10xf32, #tern.dims<T>>, %c: tensor<?x10xf32, #tern.dims<T>>) -> tensor<?x3x20xf32, #tern.dims<T>> {
  %0 = tern.rotary interleaved %a, %b, %c : tensor<?x3x20xf32, #tern.dims<T>>, tensor<?x10xf32, #tern.dims<T>>, tensor<?x10xf32, #tern.dims<T>>
  return %0 : tensor<?x3x20xf32, #tern.dims<T>>
}

// With T=0,1,5 within=1e-2
func.func @quantise(%a: tensor<?x64xf32, #tern.dims<T>>) -> tensor<?x64xf32, #tern.dims<T>> {
  %0 = tern.quantise %a : tensor<?x64xf32, #tern.dims<T>> to tensor<?x64x!tern.block<8, 32, f32>, #tern.dims<T>>
  %1 = tern.dequantise %0 : tensor<?x64x!tern.block<8, 32, f32>, #tern.dims<T>>
  return %1 : tensor<?x64xf32, #tern.dims<T>>
}
