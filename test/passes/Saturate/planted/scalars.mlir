// Algebra of elements, of any rank.

// Like terms.
func.func @like_terms(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @like_terms_form} {
  %0 = tern.mul %x, %y : tensor<f32>, tensor<f32>
  %1 = tern.mul %z, %x : tensor<f32>, tensor<f32>
  %2 = tern.add %0, %1 : tensor<f32>, tensor<f32>
  %3 = tern.add %2, %x : tensor<f32>, tensor<f32>
  return %3 : tensor<f32>
}
func.func @like_terms_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.add %y, %z : tensor<f32>, tensor<f32>
  %1 = tern.constant dense<1.0> : tensor<f32>
  %2 = tern.add %0, %1 : tensor<f32>, tensor<f32>
  %3 = tern.mul %x, %2 : tensor<f32>, tensor<f32>
  return %3 : tensor<f32>
}
func.func @like_terms_not_one(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @like_terms_form} {
  %0 = tern.mul %x, %y : tensor<f32>, tensor<f32>
  %1 = tern.mul %z, %x : tensor<f32>, tensor<f32>
  %2 = tern.add %0, %1 : tensor<f32>, tensor<f32>
  %3 = tern.constant dense<1.0> : tensor<f32>
  %4 = tern.add %2, %3 : tensor<f32>, tensor<f32>
  return %4 : tensor<f32>
}

// Sums and products in any order and bracketing.
func.func @brackets(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @brackets_form} {
  %0 = tern.add %y, %z : tensor<f32>, tensor<f32>
  %1 = tern.add %x, %0 : tensor<f32>, tensor<f32>
  %2 = tern.mul %x, %y : tensor<f32>, tensor<f32>
  %3 = tern.mul %z, %2 : tensor<f32>, tensor<f32>
  %4 = tern.mul %1, %3 : tensor<f32>, tensor<f32>
  return %4 : tensor<f32>
}
func.func @brackets_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.add %z, %y : tensor<f32>, tensor<f32>
  %1 = tern.add %0, %x : tensor<f32>, tensor<f32>
  %2 = tern.mul %y, %z : tensor<f32>, tensor<f32>
  %3 = tern.mul %1, %2 : tensor<f32>, tensor<f32>
  %4 = tern.mul %3, %x : tensor<f32>, tensor<f32>
  return %4 : tensor<f32>
}
func.func @brackets_not_twice(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @brackets_form} {
  %0 = tern.add %y, %y : tensor<f32>, tensor<f32>
  %1 = tern.add %x, %0 : tensor<f32>, tensor<f32>
  %2 = tern.mul %x, %y : tensor<f32>, tensor<f32>
  %3 = tern.mul %z, %2 : tensor<f32>, tensor<f32>
  %4 = tern.mul %1, %3 : tensor<f32>, tensor<f32>
  return %4 : tensor<f32>
}

// What is added and taken away.
func.func @cancelled(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @cancelled_form} {
  %0 = tern.add %x, %y : tensor<f32>, tensor<f32>
  %1 = tern.add %z, %y : tensor<f32>, tensor<f32>
  %2 = tern.sub %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}
func.func @cancelled_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.sub %x, %z : tensor<f32>, tensor<f32>
  return %0 : tensor<f32>
}
func.func @cancelled_not_sign(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @cancelled_form} {
  %0 = tern.add %x, %y : tensor<f32>, tensor<f32>
  %1 = tern.sub %z, %y : tensor<f32>, tensor<f32>
  %2 = tern.sub %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}

// Products of sums.
func.func @distributed(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @distributed_form} {
  %0 = tern.mul %x, %y : tensor<f32>, tensor<f32>
  %1 = tern.mul %x, %z : tensor<f32>, tensor<f32>
  %2 = tern.sub %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}
func.func @distributed_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.sub %y, %z : tensor<f32>, tensor<f32>
  %1 = tern.mul %x, %0 : tensor<f32>, tensor<f32>
  return %1 : tensor<f32>
}
func.func @distributed_not_square(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @distributed_form} {
  %0 = tern.mul %x, %y : tensor<f32>, tensor<f32>
  %1 = tern.mul %z, %z : tensor<f32>, tensor<f32>
  %2 = tern.sub %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}

// Twice the same.
func.func @doubled(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @doubled_form} {
  %0 = tern.add %x, %x : tensor<f32>, tensor<f32>
  %1 = tern.add %0, %y : tensor<f32>, tensor<f32>
  %2 = tern.sub %1, %y : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}
func.func @doubled_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.constant dense<2.0> : tensor<f32>
  %1 = tern.mul %0, %x : tensor<f32>, tensor<f32>
  return %1 : tensor<f32>
}
func.func @doubled_not_square(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @doubled_form} {
  %0 = tern.mul %x, %x : tensor<f32>, tensor<f32>
  return %0 : tensor<f32>
}

// A difference of squares.
func.func @difference_of_squares(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @difference_of_squares_form} {
  %0 = tern.square %x : tensor<f32>
  %1 = tern.mul %y, %y : tensor<f32>, tensor<f32>
  %2 = tern.sub %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}
func.func @difference_of_squares_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.add %x, %y : tensor<f32>, tensor<f32>
  %1 = tern.sub %x, %y : tensor<f32>, tensor<f32>
  %2 = tern.mul %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}
func.func @difference_of_squares_not_sum(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @difference_of_squares_form} {
  %0 = tern.add %x, %y : tensor<f32>, tensor<f32>
  %1 = tern.mul %0, %0 : tensor<f32>, tensor<f32>
  return %1 : tensor<f32>
}

// Exponentials of sums.
func.func @exponents(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @exponents_form} {
  %0 = tern.exp %x : tensor<f32>
  %1 = tern.exp %y : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}
func.func @exponents_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.add %x, %y : tensor<f32>, tensor<f32>
  %1 = tern.exp %0 : tensor<f32>
  return %1 : tensor<f32>
}
func.func @exponents_not_sum(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @exponents_form} {
  %0 = tern.exp %x : tensor<f32>
  %1 = tern.exp %y : tensor<f32>
  %2 = tern.add %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}

// A logarithm of an exponential.
func.func @logarithm(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @logarithm_form} {
  %0 = tern.exp %x : tensor<f32>
  %1 = tern.log %0 : tensor<f32>
  %2 = tern.exp %y : tensor<f32>
  %3 = tern.exp %z : tensor<f32>
  %4 = tern.mul %2, %3 : tensor<f32>, tensor<f32>
  %5 = tern.log %4 : tensor<f32>
  %6 = tern.add %1, %5 : tensor<f32>, tensor<f32>
  return %6 : tensor<f32>
}
func.func @logarithm_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.add %y, %z : tensor<f32>, tensor<f32>
  %1 = tern.add %x, %0 : tensor<f32>, tensor<f32>
  return %1 : tensor<f32>
}
func.func @logarithm_not_log1p(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @logarithm_form} {
  %0 = tern.exp %x : tensor<f32>
  %1 = tern.log1p %0 : tensor<f32>
  %2 = tern.add %y, %z : tensor<f32>, tensor<f32>
  %3 = tern.add %1, %2 : tensor<f32>, tensor<f32>
  return %3 : tensor<f32>
}

// Logarithms of products of what is positive.
func.func @log_product(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @log_product_form} {
  %0 = tern.exp %x : tensor<f32>
  %1 = tern.square %y : tensor<f32>
  %2 = tern.mul %0, %1 : tensor<f32>, tensor<f32>
  %3 = tern.log %2 : tensor<f32>
  return %3 : tensor<f32>
}
func.func @log_product_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.square %y : tensor<f32>
  %1 = tern.log %0 : tensor<f32>
  %2 = tern.add %x, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}
func.func @log_product_not_sum(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @log_product_form} {
  %0 = tern.exp %x : tensor<f32>
  %1 = tern.square %y : tensor<f32>
  %2 = tern.add %0, %1 : tensor<f32>, tensor<f32>
  %3 = tern.log %2 : tensor<f32>
  return %3 : tensor<f32>
}

// Roots of squares.
func.func @roots(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @roots_form} {
  %0 = tern.square %x : tensor<f32>
  %1 = tern.sqrt %0 : tensor<f32>
  %2 = tern.neg %y : tensor<f32>
  %3 = tern.square %2 : tensor<f32>
  %4 = tern.sqrt %3 : tensor<f32>
  %5 = tern.mul %1, %4 : tensor<f32>, tensor<f32>
  return %5 : tensor<f32>
}
func.func @roots_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.mul %x, %y : tensor<f32>, tensor<f32>
  %1 = tern.abs %0 : tensor<f32>
  return %1 : tensor<f32>
}
func.func @roots_not_sign(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @roots_form} {
  %0 = tern.mul %x, %y : tensor<f32>, tensor<f32>
  return %0 : tensor<f32>
}

// Powers.
func.func @powers(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @powers_form} {
  %0 = tern.exp %x : tensor<f32>
  %1 = tern.pow %0, %y : tensor<f32>, tensor<f32>
  %2 = tern.pow %0, %z : tensor<f32>, tensor<f32>
  %3 = tern.mul %1, %2 : tensor<f32>, tensor<f32>
  return %3 : tensor<f32>
}
func.func @powers_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.exp %x : tensor<f32>
  %1 = tern.add %y, %z : tensor<f32>, tensor<f32>
  %2 = tern.pow %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}
func.func @powers_not_bases(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @powers_form} {
  %0 = tern.exp %x : tensor<f32>
  %1 = tern.pow %0, %y : tensor<f32>, tensor<f32>
  %2 = tern.exp %y : tensor<f32>
  %3 = tern.pow %2, %z : tensor<f32>, tensor<f32>
  %4 = tern.mul %1, %3 : tensor<f32>, tensor<f32>
  return %4 : tensor<f32>
}

// Powers by whole numbers.
func.func @cubes(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @cubes_form} {
  %0 = tern.constant dense<3.0> : tensor<f32>
  %1 = tern.pow %x, %0 : tensor<f32>, tensor<f32>
  return %1 : tensor<f32>
}
func.func @cubes_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.square %x : tensor<f32>
  %1 = tern.mul %x, %0 : tensor<f32>, tensor<f32>
  return %1 : tensor<f32>
}
func.func @cubes_not_two(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @cubes_form} {
  %0 = tern.constant dense<2.0> : tensor<f32>
  %1 = tern.pow %x, %0 : tensor<f32>, tensor<f32>
  return %1 : tensor<f32>
}

// Quotients.
func.func @quotients(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @quotients_form} {
  %0 = tern.exp %y : tensor<f32>
  %1 = tern.div %x, %0 : tensor<f32>, tensor<f32>
  %2 = tern.exp %z : tensor<f32>
  %3 = tern.div %1, %2 : tensor<f32>, tensor<f32>
  return %3 : tensor<f32>
}
func.func @quotients_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.add %y, %z : tensor<f32>, tensor<f32>
  %1 = tern.neg %0 : tensor<f32>
  %2 = tern.exp %1 : tensor<f32>
  %3 = tern.mul %x, %2 : tensor<f32>, tensor<f32>
  return %3 : tensor<f32>
}
func.func @quotients_not_sign(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @quotients_form} {
  %0 = tern.exp %y : tensor<f32>
  %1 = tern.div %x, %0 : tensor<f32>, tensor<f32>
  %2 = tern.exp %z : tensor<f32>
  %3 = tern.mul %1, %2 : tensor<f32>, tensor<f32>
  return %3 : tensor<f32>
}

// A common divisor.
func.func @common_divisor(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @common_divisor_form} {
  %0 = tern.div %x, %z : tensor<f32>, tensor<f32>
  %1 = tern.div %y, %z : tensor<f32>, tensor<f32>
  %2 = tern.add %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}
func.func @common_divisor_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.add %x, %y : tensor<f32>, tensor<f32>
  %1 = tern.div %0, %z : tensor<f32>, tensor<f32>
  return %1 : tensor<f32>
}
func.func @common_divisor_not_other(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @common_divisor_form} {
  %0 = tern.div %x, %z : tensor<f32>, tensor<f32>
  %1 = tern.div %z, %y : tensor<f32>, tensor<f32>
  %2 = tern.add %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}

// Sine and cosine.
func.func @circle(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @circle_form} {
  %0 = tern.sin %x : tensor<f32>
  %1 = tern.square %0 : tensor<f32>
  %2 = tern.cos %x : tensor<f32>
  %3 = tern.square %2 : tensor<f32>
  %4 = tern.add %1, %3 : tensor<f32>, tensor<f32>
  %5 = tern.mul %y, %4 : tensor<f32>, tensor<f32>
  return %5 : tensor<f32>
}
func.func @circle_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  return %y : tensor<f32>
}
func.func @circle_not_minus(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @circle_form} {
  %0 = tern.cos %x : tensor<f32>
  %1 = tern.square %0 : tensor<f32>
  %2 = tern.sin %x : tensor<f32>
  %3 = tern.square %2 : tensor<f32>
  %4 = tern.sub %1, %3 : tensor<f32>, tensor<f32>
  %5 = tern.mul %y, %4 : tensor<f32>, tensor<f32>
  return %5 : tensor<f32>
}

// The tangent.
func.func @quotient_of_angles(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @quotient_of_angles_form} {
  %0 = tern.neg %x : tensor<f32>
  %1 = tern.sin %0 : tensor<f32>
  %2 = tern.cos %0 : tensor<f32>
  %3 = tern.div %1, %2 : tensor<f32>, tensor<f32>
  return %3 : tensor<f32>
}
func.func @quotient_of_angles_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.tan %x : tensor<f32>
  %1 = tern.neg %0 : tensor<f32>
  return %1 : tensor<f32>
}
func.func @quotient_of_angles_not_cot(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @quotient_of_angles_form} {
  %0 = tern.cos %x : tensor<f32>
  %1 = tern.sin %x : tensor<f32>
  %2 = tern.div %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}

// Angles doubled.
func.func @double_angle(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @double_angle_form} {
  %0 = tern.constant dense<2.0> : tensor<f32>
  %1 = tern.sin %x : tensor<f32>
  %2 = tern.cos %x : tensor<f32>
  %3 = tern.mul %1, %2 : tensor<f32>, tensor<f32>
  %4 = tern.mul %0, %3 : tensor<f32>, tensor<f32>
  return %4 : tensor<f32>
}
func.func @double_angle_form(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> {
  %0 = tern.constant dense<2.0> : tensor<f32>
  %1 = tern.mul %0, %x : tensor<f32>, tensor<f32>
  %2 = tern.sin %1 : tensor<f32>
  return %2 : tensor<f32>
}
func.func @double_angle_not_cos(%x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %v: tensor<5xf32>) -> tensor<f32> attributes {tern.seek = @double_angle_form} {
  %0 = tern.constant dense<2.0> : tensor<f32>
  %1 = tern.sin %x : tensor<f32>
  %2 = tern.cos %y : tensor<f32>
  %3 = tern.mul %1, %2 : tensor<f32>, tensor<f32>
  %4 = tern.mul %0, %3 : tensor<f32>, tensor<f32>
  return %4 : tensor<f32>
}
