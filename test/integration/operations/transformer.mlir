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

// With ints=16
func.func @blocks_of_nibbles(%q: tensor<5x64xi8>, %d: tensor<5x2xf16>) -> tensor<5x64xf32> {
  %0 = tern.blocks %q, %d : tensor<5x64xi8>, tensor<5x2xf16> to tensor<5x64x!tern.block<4, 32, f16, zero = 8>>
  %1 = tern.dequantise %0 : tensor<5x64x!tern.block<4, 32, f16, zero = 8>>
  return %1 : tensor<5x64xf32>
}

// With ints=16
func.func @blocks_with_zeros(%q: tensor<5x128xi8>, %d: tensor<5x1xf16>, %z: tensor<5x1xi8>) -> tensor<5x128xf32> {
  %0 = tern.blocks %q, %d zeros %z : tensor<5x128xi8>, tensor<5x1xf16>, tensor<5x1xi8> to tensor<5x128x!tern.block<4, 32, f16, scale_bits = 6, groups = 4, min>>
  %1 = tern.dequantise %0 : tensor<5x128x!tern.block<4, 32, f16, scale_bits = 6, groups = 4, min>>
  return %1 : tensor<5x128xf32>
}

// With ints=100
func.func @blocks_of_floats(%q: tensor<5x64xi8>, %d: tensor<5x2xf32>) -> tensor<5x64xf32> {
  %0 = tern.blocks %q, %d : tensor<5x64xi8>, tensor<5x2xf32> to tensor<5x64x!tern.block<8, 32, f32, numbers = e4m3>>
  %1 = tern.dequantise %0 : tensor<5x64x!tern.block<8, 32, f32, numbers = e4m3>>
  return %1 : tensor<5x64xf32>
}

// With ints=16
func.func @blocks_of_a_table(%q: tensor<5x64xi8>, %d: tensor<5x2xf32>) -> tensor<5x64xf32> {
  %0 = tern.blocks %q, %d : tensor<5x64xi8>, tensor<5x2xf32> to tensor<5x64x!tern.block<4, 32, f32, numbers = nf4>>
  %1 = tern.dequantise %0 : tensor<5x64x!tern.block<4, 32, f32, numbers = nf4>>
  return %1 : tensor<5x64xf32>
}

// With T=0,1,5
func.func @rotary_half_matrix_by_angles(%x: tensor<?x20xf32, #tern.dims<T>>, %a: tensor<?x10xf32, #tern.dims<T>>) -> tensor<?x20xf32, #tern.dims<T>> {
  %0 = tern.cos %a : tensor<?x10xf32, #tern.dims<T>>
  %1 = tern.sin %a : tensor<?x10xf32, #tern.dims<T>>
  %2 = tern.rotary half %x, %0, %1 : tensor<?x20xf32, #tern.dims<T>>, tensor<?x10xf32, #tern.dims<T>>, tensor<?x10xf32, #tern.dims<T>>
  return %2 : tensor<?x20xf32, #tern.dims<T>>
}

// With T=0,1,5
func.func @rotary_half_rank_4_by_angles(%x: tensor<?x2x3x20xf32, #tern.dims<T>>, %a: tensor<?x10xf32, #tern.dims<T>>) -> tensor<?x2x3x20xf32, #tern.dims<T>> {
  %0 = tern.cos %a : tensor<?x10xf32, #tern.dims<T>>
  %1 = tern.sin %a : tensor<?x10xf32, #tern.dims<T>>
  %2 = tern.rotary half %x, %0, %1 : tensor<?x2x3x20xf32, #tern.dims<T>>, tensor<?x10xf32, #tern.dims<T>>, tensor<?x10xf32, #tern.dims<T>>
  return %2 : tensor<?x2x3x20xf32, #tern.dims<T>>
}

// With T=0,1,5
func.func @rotary_interleaved_matrix_by_angles(%x: tensor<?x20xf32, #tern.dims<T>>, %a: tensor<?x10xf32, #tern.dims<T>>) -> tensor<?x20xf32, #tern.dims<T>> {
  %0 = tern.cos %a : tensor<?x10xf32, #tern.dims<T>>
  %1 = tern.sin %a : tensor<?x10xf32, #tern.dims<T>>
  %2 = tern.rotary interleaved %x, %0, %1 : tensor<?x20xf32, #tern.dims<T>>, tensor<?x10xf32, #tern.dims<T>>, tensor<?x10xf32, #tern.dims<T>>
  return %2 : tensor<?x20xf32, #tern.dims<T>>
}

// With T=0,1,5
func.func @rotary_interleaved_rank_4_by_angles(%x: tensor<?x2x3x20xf32, #tern.dims<T>>, %a: tensor<?x10xf32, #tern.dims<T>>) -> tensor<?x2x3x20xf32, #tern.dims<T>> {
  %0 = tern.cos %a : tensor<?x10xf32, #tern.dims<T>>
  %1 = tern.sin %a : tensor<?x10xf32, #tern.dims<T>>
  %2 = tern.rotary interleaved %x, %0, %1 : tensor<?x2x3x20xf32, #tern.dims<T>>, tensor<?x10xf32, #tern.dims<T>>, tensor<?x10xf32, #tern.dims<T>>
  return %2 : tensor<?x2x3x20xf32, #tern.dims<T>>
}
