// What no kernel computes is refused with a sentence that says what was expected and what found.
// RUN: tern-opt %s --tern-to-codegen --split-input-file --verify-diagnostics

func.func @series_of_f64(%x: tensor<4x5xf64>) -> tensor<4x5xf64> {
  // expected-error@unknown {{'tern.exp' op has no kernel for the CPU: expected f32, f16 or bf16, found f64, which has arithmetic alone}}
  %0 = tern.exp %x : tensor<4x5xf64>
  return %0 : tensor<4x5xf64>
}

// -----

func.func @quotient_of_integers(%x: tensor<4x5xi64>) -> tensor<4x5xi64> {
  // expected-error@unknown {{'tern.div' op has no kernel for the CPU: integers have sums, products and comparisons alone, found 'i64'}}
  %0 = tern.div %x, %x : tensor<4x5xi64>, tensor<4x5xi64>
  return %0 : tensor<4x5xi64>
}

// -----

func.func @quotient_of_i32(%x: tensor<4x5xi32>) -> tensor<4x5xi32> {
  // expected-error@unknown {{'tern.div' op has no row kernel for the CPU: integers have sums, products and comparisons alone}}
  %0 = tern.div %x, %x : tensor<4x5xi32>, tensor<4x5xi32>
  return %0 : tensor<4x5xi32>
}

// -----

func.func @softmax_of_f64(%x: tensor<4x5xf64>) -> tensor<4x5xf64> {
  // expected-error@unknown {{'tern.softmax' op has no kernel for the CPU: expected f32, f16 or bf16, found 'tensor<4x5xf64>'}}
  %0 = tern.softmax "ab/b" %x : tensor<4x5xf64>
  return %0 : tensor<4x5xf64>
}

// -----

func.func @contraction_of_f64_by_f32(%x: tensor<4x5xf64>, %y: tensor<4x5xf32>) -> tensor<4x4xf32> {
  // expected-error@unknown {{'tern.contract' op has no kernel for the CPU: expected both operands in f64 or none, found 'tensor<4x5xf64>' and 'tensor<4x5xf32>'}}
  %0 = tern.contract "ab,cb->ac" %x, %y : tensor<4x5xf64>, tensor<4x5xf32>
  return %0 : tensor<4x4xf32>
}

// -----

func.func @top_k_of_f64(%x: tensor<4x5xf64>) -> tensor<4x2xf64> {
  // expected-error@unknown {{'tern.top_k' op has no kernel for the CPU: expected f32, f16 or bf16, found 'tensor<4x5xf64>'}}
  %0:2 = tern.top_k %x k 2 : tensor<4x5xf64>
  return %0#0 : tensor<4x2xf64>
}

// -----

func.func @top_k_mask_of_f64(%x: tensor<4x5xf64>) -> tensor<4x5xf64> {
  // expected-error@unknown {{'tern.top_k_mask' op has no kernel for the CPU: expected f32, f16 or bf16, found 'tensor<4x5xf64>'}}
  %0 = tern.top_k_mask "tk/k" %x k 2 : tensor<4x5xf64>
  return %0 : tensor<4x5xf64>
}

// -----

func.func @masked_softmax_of_f64(%x: tensor<4x5xf64>) -> tensor<4x5xf64> {
  // expected-error@unknown {{'tern.masked_softmax' op has no kernel for the CPU: expected f32, f16 or bf16, found 'tensor<4x5xf64>'}}
  %0 = tern.masked_softmax "tk/k" %x mask %x : tensor<4x5xf64>, tensor<4x5xf64>
  return %0 : tensor<4x5xf64>
}

// -----

func.func @logsumexp_of_f64(%x: tensor<4x5xf64>) -> tensor<4xf64> {
  // expected-error@unknown {{'tern.logsumexp' op has no kernel for the CPU: expected f32, f16 or bf16, found 'tensor<4x5xf64>'}}
  %0 = tern.logsumexp "tk->t" %x : tensor<4x5xf64>
  return %0 : tensor<4xf64>
}

// -----

func.func @narrow_scatter(%x: tensor<4x5xbf16>, %i: tensor<4xi32>) -> tensor<9x5xbf16> {
  // expected-error@unknown {{'tern.scatter_add' op has no kernel for the CPU: expected f32 or f64, in which sums are kept, found 'tensor<4x5xbf16>'}}
  %0 = tern.scatter_add "td,t->vd" %x, %i : tensor<4x5xbf16>, tensor<4xi32> to tensor<9x5xbf16>
  return %0 : tensor<9x5xbf16>
}

// -----

// expected-error@unknown {{@nameless_axis has a tensor of type 'tensor<?x5xf32>': each dynamic axis needs a name}}
func.func @nameless_axis(%x: tensor<?x5xf32>) -> tensor<?x5xf32> {
  %0 = tern.exp %x : tensor<?x5xf32>
  return %0 : tensor<?x5xf32>
}

// -----

// expected-error@unknown {{@bits has a tensor of type 'tensor<4x5xi1>', whose elements have no size in bytes}}
func.func @bits(%x: tensor<4x5xi1>) -> tensor<4x5xi1> {
  %0 = tern.add %x, %x : tensor<4x5xi1>, tensor<4x5xi1>
  return %0 : tensor<4x5xi1>
}

// -----

// expected-error@unknown {{@number_outside has an argument of type 'index', which no program takes}}
func.func @number_outside(%x: index) -> index {
  return %x : index
}

// -----

tern.dim @T from 2 to 8

func.func @range_of_rows(%x: tensor<?x5xf32, #tern.dims<T>>) -> tensor<3x5xf32> {
  // expected-error@unknown {{'tern.slice' op reads axis 0 up to 3, expected at most its least extent, found #tern.extent<T> of at least 2}}
  %0 = tern.slice %x axis 0 from 0 size 3 : tensor<?x5xf32, #tern.dims<T>>
  return %0 : tensor<3x5xf32>
}

// -----

tern.dim @T from 2 to 8

func.func @rotary_of_some_heads(%x: tensor<3x?x8xf32, #tern.dims<T>>, %c: tensor<3x4xf32>) -> tensor<3x?x8xf32, #tern.dims<T>> {
  // expected-error@unknown {{'tern.rotary' op has no kernel for the CPU: expected axes of known size after the first one, in f32, f16 or bf16, found 'tensor<3x?x8xf32, #tern.dims<T>>'}}
  %0 = tern.rotary half %x, %c, %c : tensor<3x?x8xf32, #tern.dims<T>>, tensor<3x4xf32>, tensor<3x4xf32>
  return %0 : tensor<3x?x8xf32, #tern.dims<T>>
}

// -----

func.func @quantise_to_a_file(%x: tensor<3x64xf32>) -> tensor<3x64xf32> {
  // expected-error@unknown {{'tern.quantise' op has no row kernel for the CPU: it quantises rows to blocks of 32 codes of 8 bits}}
  %0 = tern.quantise %x : tensor<3x64xf32> to tensor<3x64x!tern.block<8, 32, f16>>
  %1 = tern.dequantise %0 : tensor<3x64x!tern.block<8, 32, f16>>
  return %1 : tensor<3x64xf32>
}

// -----

tern.dim @D from 2 to 8

func.func @attention_of_some_width(%q: tensor<3x2x?xf32, #tern.dims<D>>) -> tensor<3x2x?xf32, #tern.dims<D>> {
  // expected-error@unknown {{'tern.attention' op has no kernel for the CPU: expected heads and widths of known size in f32, f16 or bf16, found 'tensor<3x2x?xf32, #tern.dims<D>>'}}
  %0 = tern.attention %q, %q, %q scale 1.0 : tensor<3x2x?xf32, #tern.dims<D>>, tensor<3x2x?xf32, #tern.dims<D>>, tensor<3x2x?xf32, #tern.dims<D>>
  return %0 : tensor<3x2x?xf32, #tern.dims<D>>
}
