// Activations, from their definitions.

// The sigmoid and its kin.
func.func @sigmoid(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @sigmoid_form} {
  %0 = tern.constant dense<1.0> : tensor<f32>
  %1 = tern.neg %x : tensor<f32>
  %2 = tern.exp %1 : tensor<f32>
  %3 = tern.add %0, %2 : tensor<f32>, tensor<f32>
  %4 = tern.div %x, %3 : tensor<f32>, tensor<f32>
  %5 = tern.neg %y : tensor<f32>
  %6 = tern.exp %5 : tensor<f32>
  %7 = tern.add %0, %6 : tensor<f32>, tensor<f32>
  %8 = tern.div %0, %7 : tensor<f32>, tensor<f32>
  %9 = tern.add %4, %8 : tensor<f32>, tensor<f32>
  return %9 : tensor<f32>
}
func.func @sigmoid_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.silu %x : tensor<f32>
  %1 = tern.sigmoid %y : tensor<f32>
  %2 = tern.add %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}
func.func @sigmoid_not_sign(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @sigmoid_form} {
  %0 = tern.constant dense<1.0> : tensor<f32>
  %1 = tern.exp %x : tensor<f32>
  %2 = tern.add %0, %1 : tensor<f32>, tensor<f32>
  %3 = tern.div %x, %2 : tensor<f32>, tensor<f32>
  %4 = tern.neg %y : tensor<f32>
  %5 = tern.exp %4 : tensor<f32>
  %6 = tern.add %0, %5 : tensor<f32>, tensor<f32>
  %7 = tern.div %0, %6 : tensor<f32>, tensor<f32>
  %8 = tern.add %3, %7 : tensor<f32>, tensor<f32>
  return %8 : tensor<f32>
}

// The logarithm of one and an exponential.
func.func @softplus(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @softplus_form} {
  %0 = tern.constant dense<1.0> : tensor<f32>
  %1 = tern.exp %x : tensor<f32>
  %2 = tern.add %0, %1 : tensor<f32>, tensor<f32>
  %3 = tern.log %2 : tensor<f32>
  return %3 : tensor<f32>
}
func.func @softplus_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.softplus %x : tensor<f32>
  return %0 : tensor<f32>
}
func.func @softplus_not_base(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @softplus_form} {
  %0 = tern.constant dense<2.0> : tensor<f32>
  %1 = tern.exp %x : tensor<f32>
  %2 = tern.add %0, %1 : tensor<f32>, tensor<f32>
  %3 = tern.log %2 : tensor<f32>
  return %3 : tensor<f32>
}

// The hyperbolic tangent.
func.func @tanh(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @tanh_form} {
  %0 = tern.exp %x : tensor<f32>
  %1 = tern.neg %x : tensor<f32>
  %2 = tern.exp %1 : tensor<f32>
  %3 = tern.sub %0, %2 : tensor<f32>, tensor<f32>
  %4 = tern.add %0, %2 : tensor<f32>, tensor<f32>
  %5 = tern.div %3, %4 : tensor<f32>, tensor<f32>
  return %5 : tensor<f32>
}
func.func @tanh_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.tanh %x : tensor<f32>
  return %0 : tensor<f32>
}
func.func @tanh_not_coth(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @tanh_form} {
  %0 = tern.exp %x : tensor<f32>
  %1 = tern.neg %x : tensor<f32>
  %2 = tern.exp %1 : tensor<f32>
  %3 = tern.add %0, %2 : tensor<f32>, tensor<f32>
  %4 = tern.sub %0, %2 : tensor<f32>, tensor<f32>
  %5 = tern.div %3, %4 : tensor<f32>, tensor<f32>
  return %5 : tensor<f32>
}

// GELU, in three spellings.
func.func @gelu_factor(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @gelu_form} {
  %0 = tern.constant dense<0.5> : tensor<f32>
  %1 = tern.mul %0, %v : tensor<f32>, tensor<5xf32>
  %2 = tern.constant dense<1.0> : tensor<f32>
  %3 = tern.constant dense<0.7071067690849304> : tensor<f32>
  %4 = tern.mul %v, %3 : tensor<5xf32>, tensor<f32>
  %5 = tern.erf %4 : tensor<5xf32>
  %6 = tern.add %2, %5 : tensor<f32>, tensor<5xf32>
  %7 = tern.mul %1, %6 : tensor<5xf32>, tensor<5xf32>
  return %7 : tensor<5xf32>
}
func.func @gelu_root(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @gelu_form} {
  %0 = tern.constant dense<0.5> : tensor<f32>
  %1 = tern.mul %v, %0 : tensor<5xf32>, tensor<f32>
  %2 = tern.constant dense<1.4142135381698608> : tensor<f32>
  %3 = tern.div %v, %2 : tensor<5xf32>, tensor<f32>
  %4 = tern.erf %3 : tensor<5xf32>
  %5 = tern.constant dense<1.0> : tensor<f32>
  %6 = tern.add %4, %5 : tensor<5xf32>, tensor<f32>
  %7 = tern.mul %1, %6 : tensor<5xf32>, tensor<5xf32>
  return %7 : tensor<5xf32>
}
func.func @gelu_outer(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @gelu_form} {
  %0 = tern.constant dense<0.5> : tensor<f32>
  %1 = tern.constant dense<1.0> : tensor<f32>
  %2 = tern.constant dense<1.4142135381698608> : tensor<f32>
  %3 = tern.div %v, %2 : tensor<5xf32>, tensor<f32>
  %4 = tern.erf %3 : tensor<5xf32>
  %5 = tern.add %1, %4 : tensor<f32>, tensor<5xf32>
  %6 = tern.mul %v, %5 : tensor<5xf32>, tensor<5xf32>
  %7 = tern.mul %0, %6 : tensor<f32>, tensor<5xf32>
  return %7 : tensor<5xf32>
}
func.func @gelu_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> {
  %0 = tern.gelu %v : tensor<5xf32>
  return %0 : tensor<5xf32>
}
func.func @gelu_not_tanh(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @gelu_form} {
  %0 = tern.gelu_tanh %v : tensor<5xf32>
  return %0 : tensor<5xf32>
}
func.func @gelu_not_factor(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @gelu_form} {
  %0 = tern.constant dense<0.5> : tensor<f32>
  %1 = tern.mul %0, %v : tensor<f32>, tensor<5xf32>
  %2 = tern.constant dense<1.0> : tensor<f32>
  %3 = tern.constant dense<0.75> : tensor<f32>
  %4 = tern.mul %v, %3 : tensor<5xf32>, tensor<f32>
  %5 = tern.erf %4 : tensor<5xf32>
  %6 = tern.add %2, %5 : tensor<f32>, tensor<5xf32>
  %7 = tern.mul %1, %6 : tensor<5xf32>, tensor<5xf32>
  return %7 : tensor<5xf32>
}

// Its approximation.
func.func @gelu_tanh_cube(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @gelu_tanh_form} {
  %0 = tern.constant dense<0.5> : tensor<f32>
  %1 = tern.mul %0, %v : tensor<f32>, tensor<5xf32>
  %2 = tern.constant dense<1.0> : tensor<f32>
  %3 = tern.constant dense<0.7978845834732056> : tensor<f32>
  %4 = tern.constant dense<0.044714998453855515> : tensor<f32>
  %5 = tern.constant dense<3.0> : tensor<f32>
  %6 = tern.pow %v, %5 : tensor<5xf32>, tensor<f32>
  %7 = tern.mul %4, %6 : tensor<f32>, tensor<5xf32>
  %8 = tern.add %v, %7 : tensor<5xf32>, tensor<5xf32>
  %9 = tern.mul %3, %8 : tensor<f32>, tensor<5xf32>
  %10 = tern.tanh %9 : tensor<5xf32>
  %11 = tern.add %2, %10 : tensor<f32>, tensor<5xf32>
  %12 = tern.mul %1, %11 : tensor<5xf32>, tensor<5xf32>
  return %12 : tensor<5xf32>
}
func.func @gelu_tanh_product(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @gelu_tanh_form} {
  %0 = tern.constant dense<0.5> : tensor<f32>
  %1 = tern.mul %0, %v : tensor<f32>, tensor<5xf32>
  %2 = tern.constant dense<1.0> : tensor<f32>
  %3 = tern.constant dense<0.7978845834732056> : tensor<f32>
  %4 = tern.constant dense<0.044714998453855515> : tensor<f32>
  %5 = tern.mul %v, %v : tensor<5xf32>, tensor<5xf32>
  %6 = tern.mul %5, %v : tensor<5xf32>, tensor<5xf32>
  %7 = tern.mul %4, %6 : tensor<f32>, tensor<5xf32>
  %8 = tern.add %v, %7 : tensor<5xf32>, tensor<5xf32>
  %9 = tern.mul %3, %8 : tensor<f32>, tensor<5xf32>
  %10 = tern.tanh %9 : tensor<5xf32>
  %11 = tern.add %2, %10 : tensor<f32>, tensor<5xf32>
  %12 = tern.mul %1, %11 : tensor<5xf32>, tensor<5xf32>
  return %12 : tensor<5xf32>
}
func.func @gelu_tanh_factored(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @gelu_tanh_form} {
  %0 = tern.constant dense<0.5> : tensor<f32>
  %1 = tern.mul %0, %v : tensor<f32>, tensor<5xf32>
  %2 = tern.constant dense<1.0> : tensor<f32>
  %3 = tern.constant dense<0.7978845834732056> : tensor<f32>
  %4 = tern.mul %v, %3 : tensor<5xf32>, tensor<f32>
  %5 = tern.constant dense<0.044714998453855515> : tensor<f32>
  %6 = tern.mul %5, %v : tensor<f32>, tensor<5xf32>
  %7 = tern.mul %6, %v : tensor<5xf32>, tensor<5xf32>
  %8 = tern.add %2, %7 : tensor<f32>, tensor<5xf32>
  %9 = tern.mul %4, %8 : tensor<5xf32>, tensor<5xf32>
  %10 = tern.tanh %9 : tensor<5xf32>
  %11 = tern.add %2, %10 : tensor<f32>, tensor<5xf32>
  %12 = tern.mul %1, %11 : tensor<5xf32>, tensor<5xf32>
  return %12 : tensor<5xf32>
}
func.func @gelu_tanh_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> {
  %0 = tern.gelu_tanh %v : tensor<5xf32>
  return %0 : tensor<5xf32>
}
func.func @gelu_tanh_not_exact(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @gelu_tanh_form} {
  %0 = tern.gelu %v : tensor<5xf32>
  return %0 : tensor<5xf32>
}
func.func @gelu_tanh_not_square(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @gelu_tanh_form} {
  %0 = tern.constant dense<0.5> : tensor<f32>
  %1 = tern.mul %0, %v : tensor<f32>, tensor<5xf32>
  %2 = tern.constant dense<1.0> : tensor<f32>
  %3 = tern.constant dense<0.7978845834732056> : tensor<f32>
  %4 = tern.constant dense<0.044714998453855515> : tensor<f32>
  %5 = tern.mul %v, %v : tensor<5xf32>, tensor<5xf32>
  %6 = tern.mul %4, %5 : tensor<f32>, tensor<5xf32>
  %7 = tern.add %v, %6 : tensor<5xf32>, tensor<5xf32>
  %8 = tern.mul %3, %7 : tensor<f32>, tensor<5xf32>
  %9 = tern.tanh %8 : tensor<5xf32>
  %10 = tern.add %2, %9 : tensor<f32>, tensor<5xf32>
  %11 = tern.mul %1, %10 : tensor<5xf32>, tensor<5xf32>
  return %11 : tensor<5xf32>
}

// And the quick one.
func.func @quick_gelu(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @quick_gelu_form} {
  %0 = tern.constant dense<1.7020000219345093> : tensor<f32>
  %1 = tern.mul %v, %0 : tensor<5xf32>, tensor<f32>
  %2 = tern.sigmoid %1 : tensor<5xf32>
  %3 = tern.mul %v, %2 : tensor<5xf32>, tensor<5xf32>
  return %3 : tensor<5xf32>
}
func.func @quick_gelu_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> {
  %0 = tern.quick_gelu %v : tensor<5xf32>
  return %0 : tensor<5xf32>
}
func.func @quick_gelu_not_factor(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @quick_gelu_form} {
  %0 = tern.constant dense<1.5> : tensor<f32>
  %1 = tern.mul %v, %0 : tensor<5xf32>, tensor<f32>
  %2 = tern.sigmoid %1 : tensor<5xf32>
  %3 = tern.mul %v, %2 : tensor<5xf32>, tensor<5xf32>
  return %3 : tensor<5xf32>
}

// The positive part.
func.func @relu_max(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @relu_form} {
  %0 = tern.constant dense<0.0> : tensor<f32>
  %1 = tern.maximum %v, %0 : tensor<5xf32>, tensor<f32>
  return %1 : tensor<5xf32>
}
func.func @relu_where(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @relu_form} {
  %0 = tern.constant dense<0.0> : tensor<f32>
  %1 = tern.lt %0, %v : tensor<f32>, tensor<5xf32>
  %2 = tern.where %1, %v, %0 : tensor<5xf32>, tensor<5xf32>, tensor<f32>
  return %2 : tensor<5xf32>
}
func.func @relu_twice(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @relu_form} {
  %0 = tern.relu %v : tensor<5xf32>
  %1 = tern.relu %0 : tensor<5xf32>
  return %1 : tensor<5xf32>
}
func.func @relu_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> {
  %0 = tern.relu %v : tensor<5xf32>
  return %0 : tensor<5xf32>
}
func.func @relu_not_min(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @relu_form} {
  %0 = tern.constant dense<0.0> : tensor<f32>
  %1 = tern.minimum %v, %0 : tensor<5xf32>, tensor<f32>
  return %1 : tensor<5xf32>
}
func.func @relu_not_below(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @relu_form} {
  %0 = tern.constant dense<0.0> : tensor<f32>
  %1 = tern.lt %v, %0 : tensor<5xf32>, tensor<f32>
  %2 = tern.where %1, %v, %0 : tensor<5xf32>, tensor<5xf32>, tensor<f32>
  return %2 : tensor<5xf32>
}

// Both parts.
func.func @absolute(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @absolute_form} {
  %0 = tern.relu %v : tensor<5xf32>
  %1 = tern.neg %v : tensor<5xf32>
  %2 = tern.relu %1 : tensor<5xf32>
  %3 = tern.add %0, %2 : tensor<5xf32>, tensor<5xf32>
  return %3 : tensor<5xf32>
}
func.func @absolute_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> {
  %0 = tern.abs %v : tensor<5xf32>
  return %0 : tensor<5xf32>
}
func.func @absolute_not_minus(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @absolute_form} {
  %0 = tern.relu %v : tensor<5xf32>
  %1 = tern.neg %v : tensor<5xf32>
  %2 = tern.relu %1 : tensor<5xf32>
  %3 = tern.sub %0, %2 : tensor<5xf32>, tensor<5xf32>
  return %3 : tensor<5xf32>
}

// The square of the positive part.
func.func @squared_relu(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @squared_relu_form} {
  %0 = tern.relu %v : tensor<5xf32>
  %1 = tern.square %0 : tensor<5xf32>
  return %1 : tensor<5xf32>
}
func.func @squared_relu_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> {
  %0 = tern.relu %v : tensor<5xf32>
  %1 = tern.mul %v, %0 : tensor<5xf32>, tensor<5xf32>
  return %1 : tensor<5xf32>
}
func.func @squared_relu_not_square(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @squared_relu_form} {
  %0 = tern.square %v : tensor<5xf32>
  return %0 : tensor<5xf32>
}
