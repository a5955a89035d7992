// Truth values: comparisons make 0 and 1, and all that is not 0 is true.
tern.dim @T from 0 to 128
tern.dim @S from 0 to 131

// With T=1,5 ints=2
func.func @and_f32(%a: tensor<?x?xf32, #tern.dims<T, S>>, %b: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.and %a, %b : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 ints=2
func.func @and_bf16(%a: tensor<?x?xbf16, #tern.dims<T, S>>, %b: tensor<?x?xbf16, #tern.dims<T, S>>) -> tensor<?x?xbf16, #tern.dims<T, S>> {
  %0 = tern.and %a, %b : tensor<?x?xbf16, #tern.dims<T, S>>, tensor<?x?xbf16, #tern.dims<T, S>>
  return %0 : tensor<?x?xbf16, #tern.dims<T, S>>
}

// With T=1,5 ints=2
func.func @and_i32(%a: tensor<?x?xi32, #tern.dims<T, S>>, %b: tensor<?x?xi32, #tern.dims<T, S>>) -> tensor<?x?xi32, #tern.dims<T, S>> {
  %0 = tern.and %a, %b : tensor<?x?xi32, #tern.dims<T, S>>, tensor<?x?xi32, #tern.dims<T, S>>
  return %0 : tensor<?x?xi32, #tern.dims<T, S>>
}

// With T=1,5 ints=2
func.func @and_i8(%a: tensor<?x?xi8, #tern.dims<T, S>>, %b: tensor<?x?xi8, #tern.dims<T, S>>) -> tensor<?x?xi8, #tern.dims<T, S>> {
  %0 = tern.and %a, %b : tensor<?x?xi8, #tern.dims<T, S>>, tensor<?x?xi8, #tern.dims<T, S>>
  return %0 : tensor<?x?xi8, #tern.dims<T, S>>
}

// With T=1,5 ints=2
func.func @or_f32(%a: tensor<?x?xf32, #tern.dims<T, S>>, %b: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.or %a, %b : tensor<?x?xf32, #tern.dims<T, S>>, tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 ints=2
func.func @or_bf16(%a: tensor<?x?xbf16, #tern.dims<T, S>>, %b: tensor<?x?xbf16, #tern.dims<T, S>>) -> tensor<?x?xbf16, #tern.dims<T, S>> {
  %0 = tern.or %a, %b : tensor<?x?xbf16, #tern.dims<T, S>>, tensor<?x?xbf16, #tern.dims<T, S>>
  return %0 : tensor<?x?xbf16, #tern.dims<T, S>>
}

// With T=1,5 ints=2
func.func @or_i32(%a: tensor<?x?xi32, #tern.dims<T, S>>, %b: tensor<?x?xi32, #tern.dims<T, S>>) -> tensor<?x?xi32, #tern.dims<T, S>> {
  %0 = tern.or %a, %b : tensor<?x?xi32, #tern.dims<T, S>>, tensor<?x?xi32, #tern.dims<T, S>>
  return %0 : tensor<?x?xi32, #tern.dims<T, S>>
}

// With T=1,5 ints=2
func.func @or_i8(%a: tensor<?x?xi8, #tern.dims<T, S>>, %b: tensor<?x?xi8, #tern.dims<T, S>>) -> tensor<?x?xi8, #tern.dims<T, S>> {
  %0 = tern.or %a, %b : tensor<?x?xi8, #tern.dims<T, S>>, tensor<?x?xi8, #tern.dims<T, S>>
  return %0 : tensor<?x?xi8, #tern.dims<T, S>>
}

// With T=1,5 ints=2
func.func @not_f32(%a: tensor<?x?xf32, #tern.dims<T, S>>) -> tensor<?x?xf32, #tern.dims<T, S>> {
  %0 = tern.not %a : tensor<?x?xf32, #tern.dims<T, S>>
  return %0 : tensor<?x?xf32, #tern.dims<T, S>>
}

// With T=1,5 ints=2
func.func @not_f64(%a: tensor<?x?xf64, #tern.dims<T, S>>) -> tensor<?x?xf64, #tern.dims<T, S>> {
  %0 = tern.not %a : tensor<?x?xf64, #tern.dims<T, S>>
  return %0 : tensor<?x?xf64, #tern.dims<T, S>>
}

// With T=1,5 ints=2
func.func @not_i32(%a: tensor<?x?xi32, #tern.dims<T, S>>) -> tensor<?x?xi32, #tern.dims<T, S>> {
  %0 = tern.not %a : tensor<?x?xi32, #tern.dims<T, S>>
  return %0 : tensor<?x?xi32, #tern.dims<T, S>>
}

// With T=1,5 ints=2
func.func @not_i64(%a: tensor<?x?xi64, #tern.dims<T, S>>) -> tensor<?x?xi64, #tern.dims<T, S>> {
  %0 = tern.not %a : tensor<?x?xi64, #tern.dims<T, S>>
  return %0 : tensor<?x?xi64, #tern.dims<T, S>>
}

// With T=1,5,34
func.func @not_of_rows(%a: tensor<?x19xf32, #tern.dims<T>>, %b: tensor<?x19xf32, #tern.dims<T>>, %c: tensor<f32>) -> tensor<?x19xf32, #tern.dims<T>> {
  %0 = tern.lt %a, %b : tensor<?x19xf32, #tern.dims<T>>, tensor<?x19xf32, #tern.dims<T>>
  %1 = tern.le %c, %a : tensor<f32>, tensor<?x19xf32, #tern.dims<T>>
  %2 = tern.and %0, %1 : tensor<?x19xf32, #tern.dims<T>>, tensor<?x19xf32, #tern.dims<T>>
  %3 = tern.not %2 : tensor<?x19xf32, #tern.dims<T>>
  %4 = tern.or %3, %0 : tensor<?x19xf32, #tern.dims<T>>, tensor<?x19xf32, #tern.dims<T>>
  %5 = tern.where %4, %a, %b : tensor<?x19xf32, #tern.dims<T>>, tensor<?x19xf32, #tern.dims<T>>, tensor<?x19xf32, #tern.dims<T>>
  return %5 : tensor<?x19xf32, #tern.dims<T>>
}
