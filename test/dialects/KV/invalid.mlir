// RUN: tern-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{a cache has positive sizes and elements of f32, f16 or bf16, found 2 x 0, 16, 16, 'f16'}}
func.func private @cache_c1(!kv.cache<2 x 0, 16, 16, f16>)

// -----

// expected-error @below {{found 2 x 2, 16, 16, 'f64'}}
func.func private @cache_c1_element(!kv.cache<2 x 2, 16, 16, f64>)

// -----

func.func @append_a1(%k: tensor<?x2x16xf32, #tern.dims<T>>, %v: tensor<?x2x8xf32, #tern.dims<T>>, %p: tensor<?xi32, #tern.dims<T>>, %c: !kv.cache<2 x 2, 16, 16, f16>, %b: !kv.batch<T, B>, %layer: index) {
  // expected-error @below {{which do not fit '!kv.cache<2 x 2, 16, 16, f16>' and '!kv.batch<T, B>'}}
  %0 = kv.append %c, %k, %v, %p, %b at %layer : !kv.cache<2 x 2, 16, 16, f16>, tensor<?x2x16xf32, #tern.dims<T>>, tensor<?x2x8xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  return
}

// -----

func.func @append_a2(%k: tensor<?x2x16xf32, #tern.dims<T>>, %p: tensor<?xi32, #tern.dims<T>>, %c: !kv.cache<2 x 2, 16, 16, f16>, %b: !kv.batch<T, B>, %layer: index) {
  // expected-error @below {{changes a cache that another operation changes too}}
  %0 = kv.append %c, %k, %k, %p, %b at %layer : !kv.cache<2 x 2, 16, 16, f16>, tensor<?x2x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  // expected-note @below {{the other one is here}}
  %1 = kv.append %c, %k, %k, %p, %b at %layer : !kv.cache<2 x 2, 16, 16, f16>, tensor<?x2x16xf32, #tern.dims<T>>, tensor<?x2x16xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  return
}

// -----

// Three query heads over two key heads.
func.func @attend_t1(%q: tensor<?x3x16xf32, #tern.dims<T>>, %p: tensor<?xi32, #tern.dims<T>>, %c: !kv.cache<2 x 2, 16, 16, f16>, %b: !kv.batch<T, B>, %layer: index) {
  // expected-error @below {{do not fit '!kv.cache<2 x 2, 16, 16, f16>' and '!kv.batch<T, B>'}}
  %0 = kv.attend %q, %c, %p, %b at %layer scale 1.0 : tensor<?x3x16xf32, #tern.dims<T>>, !kv.cache<2 x 2, 16, 16, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  return
}

// -----

func.func @attend_t2(%q: tensor<?x4x16xf32, #tern.dims<T>>, %p: tensor<?xi32, #tern.dims<T>>, %c: !kv.cache<2 x 2, 16, 16, f16>, %b: !kv.batch<T, B>, %layer: index) {
  // expected-error @below {{has the window 0 and soft_cap -3.0}}
  %0 = kv.attend %q, %c, %p, %b at %layer scale 1.0 soft_cap -3.0 : tensor<?x4x16xf32, #tern.dims<T>>, !kv.cache<2 x 2, 16, 16, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  return
}

// -----

func.func @attend_t3(%q: tensor<?x4x16xf32, #tern.dims<T>>, %p: tensor<?xi32, #tern.dims<T>>, %c: !kv.cache<2 x 2, 16, 16, f16>, %b: !kv.batch<T, B>, %layer: index, %s: tensor<2xf32>) {
  // expected-error @below {{has slopes 'tensor<2xf32>', expected 'tensor<4xf32>'}}
  %0 = kv.attend %q, %c, %p, %b at %layer scale 1.0 slopes %s : tensor<?x4x16xf32, #tern.dims<T>>, !kv.cache<2 x 2, 16, 16, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>, tensor<2xf32>
  return
}

// -----

func.func @attend_t3_type(%q: tensor<?x4x16xf32, #tern.dims<T>>, %p: tensor<?xi32, #tern.dims<T>>, %c: !kv.cache<2 x 2, 16, 16, f16>, %b: !kv.batch<T, B>, %layer: index, %s: tensor<4xf32>) {
  // expected-error @below {{rounds its bias to 'i8', expected f16 or bf16}}
  %0 = kv.attend %q, %c, %p, %b at %layer scale 1.0 slopes %s in i8 : tensor<?x4x16xf32, #tern.dims<T>>, !kv.cache<2 x 2, 16, 16, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>, tensor<4xf32>
  return
}

// -----

func.func @attend_t3_without(%q: tensor<?x4x16xf32, #tern.dims<T>>, %p: tensor<?xi32, #tern.dims<T>>, %c: !kv.cache<2 x 2, 16, 16, f16>, %b: !kv.batch<T, B>, %layer: index, %s: tensor<4xf32>) {
  // expected-error @below {{rounds a bias to 'bf16' but has no slopes}}
  %0 = kv.attend %q, %c, %p, %b at %layer scale 1.0 {bias_type = bf16} : tensor<?x4x16xf32, #tern.dims<T>>, !kv.cache<2 x 2, 16, 16, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  return
}

// -----

// expected-error @below {{a state has positive sizes, found 2, 0 x 64}}
func.func private @state_s1(!kv.state<2, 0 x 64>)

// -----

// Three rows of state go with four columns of the kernel.
func.func @convolve_v1(%x: tensor<?x64xf32, #tern.dims<T>>, %w: tensor<64x3xf32>, %s: !kv.state<2, 3 x 64>, %b: !kv.batch<T, B>, %layer: index) {
  // expected-error @below {{with 'tensor<64x3xf32>', which do not fit '!kv.state<2, 3 x 64>' and '!kv.batch<T, B>'}}
  %y, %s1 = kv.convolve %x, %w, %s, %b at %layer : tensor<?x64xf32, #tern.dims<T>>, tensor<64x3xf32>, !kv.state<2, 3 x 64>, !kv.batch<T, B>
  return
}

// -----

func.func @convolve_a2(%x: tensor<?x64xf32, #tern.dims<T>>, %w: tensor<64x4xf32>, %s: !kv.state<2, 3 x 64>, %b: !kv.batch<T, B>, %layer: index) {
  // expected-error @below {{changes a cache that another operation changes too}}
  %y, %s1 = kv.convolve %x, %w, %s, %b at %layer : tensor<?x64xf32, #tern.dims<T>>, tensor<64x4xf32>, !kv.state<2, 3 x 64>, !kv.batch<T, B>
  // expected-note @below {{the other one is here}}
  %z, %s2 = kv.convolve %x, %w, %s, %b at %layer : tensor<?x64xf32, #tern.dims<T>>, tensor<64x4xf32>, !kv.state<2, 3 x 64>, !kv.batch<T, B>
  return
}

// -----

func.func @scan_n1(%x: tensor<?x64xf32, #tern.dims<T>>, %rate: tensor<64x8xf32>, %in: tensor<?x8xf32, #tern.dims<T>>, %out: tensor<?x7xf32, #tern.dims<T>>, %s: !kv.state<2, 8 x 64>, %b: !kv.batch<T, B>, %layer: index) {
  // expected-error @below {{which do not fit '!kv.state<2, 8 x 64>' and '!kv.batch<T, B>'}}
  %y, %s1 = kv.scan %x, %x, %rate, %in, %out, %s, %b at %layer : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>, tensor<64x8xf32>, tensor<?x8xf32, #tern.dims<T>>, tensor<?x7xf32, #tern.dims<T>>, !kv.state<2, 8 x 64>, !kv.batch<T, B>
  return
}

// -----

func.func @scan_a2(%x: tensor<?x64xf32, #tern.dims<T>>, %rate: tensor<64x64xf32>, %s: !kv.state<2, 64 x 64>, %b: !kv.batch<T, B>, %layer: index) {
  // expected-error @below {{changes a cache that another operation changes too}}
  %y, %s1 = kv.scan %x, %x, %rate, %x, %x, %s, %b at %layer : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>, tensor<64x64xf32>, tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>, !kv.state<2, 64 x 64>, !kv.batch<T, B>
  // expected-note @below {{the other one is here}}
  %z, %s2 = kv.scan %x, %x, %rate, %x, %x, %s, %b at %layer : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>, tensor<64x64xf32>, tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>, !kv.state<2, 64 x 64>, !kv.batch<T, B>
  return
}

// -----

func.func @convolve_v1_type(%x: tensor<?x64xf32, #tern.dims<T>>, %w: tensor<64x4xbf16>, %s: !kv.state<2, 3 x 64>, %b: !kv.batch<T, B>, %layer: index) {
  // expected-error @below {{with 'tensor<64x4xbf16>', which do not fit}}
  %y, %s1 = kv.convolve %x, %w, %s, %b at %layer : tensor<?x64xf32, #tern.dims<T>>, tensor<64x4xbf16>, !kv.state<2, 3 x 64>, !kv.batch<T, B>
  return
}

// -----

func.func @keys_o1(%c: !kv.cache<2 x 2, 16, 16, f16>, %b: !kv.batch<T, B>, %layer: index) {
  // expected-error @below {{slots are called 'T' as the rows of '!kv.batch<T, B>'}}
  %0 = kv.keys %c, %b at %layer slots "T" : !kv.cache<2 x 2, 16, 16, f16>, !kv.batch<T, B>
  return
}

// -----

func.func @visible_o1(%c: !kv.cache<2 x 2, 16, 16, f16>, %p: tensor<?xi32, #tern.dims<T>>, %b: !kv.batch<T, B>, %layer: index) {
  // expected-error @below {{slots are called 'B' as the entries of '!kv.batch<T, B>'}}
  %0 = kv.visible %c, %p, %b at %layer slots "B" : !kv.cache<2 x 2, 16, 16, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  return
}

// -----

func.func @visible_o2(%c: !kv.cache<2 x 2, 16, 16, f16>, %p: tensor<?x2xi32, #tern.dims<T>>, %b: !kv.batch<T, B>, %layer: index) {
  // expected-error @below {{are not those of the rows of '!kv.batch<T, B>'}}
  %0 = kv.visible %c, %p, %b at %layer slots "S" : !kv.cache<2 x 2, 16, 16, f16>, tensor<?x2xi32, #tern.dims<T>>, !kv.batch<T, B>
  return
}

// -----

func.func @visible_o2_window(%c: !kv.cache<2 x 2, 16, 16, f16>, %p: tensor<?xi32, #tern.dims<T>>, %b: !kv.batch<T, B>, %layer: index) {
  // expected-error @below {{has the window -1, expected 0 or more}}
  %0 = kv.visible %c, %p, %b at %layer slots "S" window -1 : !kv.cache<2 x 2, 16, 16, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
  return
}
