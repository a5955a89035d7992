// Roundings to a narrower type.

// A rounded number is its own rounding.
func.func @twice(%x: tensor<5x64xf32>) -> tensor<5x64xbf16> attributes {tern.seek = @twice_form} {
  %0 = tern.cast %x : tensor<5x64xf32> to tensor<5x64xbf16>
  %1 = tern.cast %0 : tensor<5x64xbf16> to tensor<5x64xf32>
  %2 = tern.cast %1 : tensor<5x64xf32> to tensor<5x64xbf16>
  return %2 : tensor<5x64xbf16>
}
func.func @twice_form(%x: tensor<5x64xf32>) -> tensor<5x64xbf16> {
  %0 = tern.cast %x : tensor<5x64xf32> to tensor<5x64xbf16>
  return %0 : tensor<5x64xbf16>
}
func.func @twice_not_type(%x: tensor<5x64xf32>) -> tensor<5x64xbf16> attributes {tern.seek = @twice_form} {
  %0 = tern.cast %x : tensor<5x64xf32> to tensor<5x64xf16>
  %1 = tern.cast %0 : tensor<5x64xf16> to tensor<5x64xf32>
  %2 = tern.cast %1 : tensor<5x64xf32> to tensor<5x64xbf16>
  return %2 : tensor<5x64xbf16>
}

// A widening keeps every value.
func.func @widened(%x: tensor<5x64xbf16>) -> tensor<5x64xbf16> attributes {tern.seek = @widened_form} {
  %0 = tern.cast %x : tensor<5x64xbf16> to tensor<5x64xf32>
  %1 = tern.cast %0 : tensor<5x64xf32> to tensor<5x64xbf16>
  %2 = tern.add %1, %1 : tensor<5x64xbf16>, tensor<5x64xbf16>
  return %2 : tensor<5x64xbf16>
}
func.func @widened_form(%x: tensor<5x64xbf16>) -> tensor<5x64xbf16> {
  %0 = tern.add %x, %x : tensor<5x64xbf16>, tensor<5x64xbf16>
  return %0 : tensor<5x64xbf16>
}
func.func @widened_not_narrow(%x: tensor<5x64xbf16>) -> tensor<5x64xbf16> attributes {tern.seek = @widened_form} {
  %0 = tern.cast %x : tensor<5x64xbf16> to tensor<5x64xf16>
  %1 = tern.cast %0 : tensor<5x64xf16> to tensor<5x64xbf16>
  %2 = tern.add %1, %1 : tensor<5x64xbf16>, tensor<5x64xbf16>
  return %2 : tensor<5x64xbf16>
}

// A power of two changes the exponent alone.
func.func @power_of_two(%x: tensor<5x64xf32>) -> tensor<5x64xbf16> attributes {tern.seek = @power_of_two_form} {
  %0 = tern.constant dense<4.0> : tensor<f32>
  %1 = tern.mul %x, %0 : tensor<5x64xf32>, tensor<f32>
  %2 = tern.cast %1 : tensor<5x64xf32> to tensor<5x64xbf16>
  return %2 : tensor<5x64xbf16>
}
func.func @power_of_two_form(%x: tensor<5x64xf32>) -> tensor<5x64xbf16> {
  %0 = tern.cast %x : tensor<5x64xf32> to tensor<5x64xbf16>
  %1 = tern.constant dense<4.0> : tensor<bf16>
  %2 = tern.mul %0, %1 : tensor<5x64xbf16>, tensor<bf16>
  return %2 : tensor<5x64xbf16>
}
func.func @power_of_two_not_three(%x: tensor<5x64xf32>) -> tensor<5x64xbf16> attributes {tern.seek = @power_of_two_form} {
  %0 = tern.constant dense<3.0> : tensor<f32>
  %1 = tern.mul %x, %0 : tensor<5x64xf32>, tensor<f32>
  %2 = tern.cast %1 : tensor<5x64xf32> to tensor<5x64xbf16>
  return %2 : tensor<5x64xbf16>
}
func.func @power_of_two_not_eight(%x: tensor<5x64xf32>) -> tensor<5x64xbf16> attributes {tern.seek = @power_of_two_form} {
  %0 = tern.constant dense<8.0> : tensor<f32>
  %1 = tern.mul %x, %0 : tensor<5x64xf32>, tensor<f32>
  %2 = tern.cast %1 : tensor<5x64xf32> to tensor<5x64xbf16>
  return %2 : tensor<5x64xbf16>
}

// One rounding of what several read, who are merged over it.
func.func @shared(%x: tensor<5x64xf32>) -> (tensor<5x8xf32>, tensor<5x16xf32>) attributes {tern.seek = @shared_form} {
  %0 = tern.cast %x : tensor<5x64xf32> to tensor<5x64xbf16>
  %1 = tern.weight "v" : tensor<8x64xbf16>
  %2 = tern.contract "tk,nk->tn" %0, %1 : tensor<5x64xbf16>, tensor<8x64xbf16>
  %3 = tern.weight "w" : tensor<16x64xbf16>
  %4 = tern.contract "tk,nk->tn" %0, %3 : tensor<5x64xbf16>, tensor<16x64xbf16>
  return %2, %4 : tensor<5x8xf32>, tensor<5x16xf32>
}
func.func @shared_form(%x: tensor<5x64xf32>) -> (tensor<5x8xf32>, tensor<5x16xf32>) {
  %0 = tern.cast %x : tensor<5x64xf32> to tensor<5x64xbf16>
  %1 = tern.weight "v" : tensor<8x64xbf16>
  %2 = tern.weight "w" : tensor<16x64xbf16>
  %3 = tern.concat %1, %2 axis 0 : tensor<8x64xbf16>, tensor<16x64xbf16>
  %4 = tern.contract "tk,nk->tn" %0, %3 : tensor<5x64xbf16>, tensor<24x64xbf16>
  %5 = tern.slice %4 axis 1 from 0 size 8 : tensor<5x24xf32>
  %6 = tern.slice %4 axis 1 from 8 size 16 : tensor<5x24xf32>
  return %5, %6 : tensor<5x8xf32>, tensor<5x16xf32>
}
func.func @shared_not_one(%x: tensor<5x64xf32>) -> (tensor<5x8xf32>, tensor<5x16xf32>) attributes {tern.seek = @shared_form} {
  %0 = tern.weight "v" : tensor<8x64xbf16>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<5x64xf32>, tensor<8x64xbf16>
  %2 = tern.cast %x : tensor<5x64xf32> to tensor<5x64xbf16>
  %3 = tern.weight "w" : tensor<16x64xbf16>
  %4 = tern.contract "tk,nk->tn" %2, %3 : tensor<5x64xbf16>, tensor<16x64xbf16>
  return %1, %4 : tensor<5x8xf32>, tensor<5x16xf32>
}
func.func @shared_not_type(%x: tensor<5x64xf32>) -> (tensor<5x8xf32>, tensor<5x16xf32>) attributes {tern.seek = @shared_form} {
  %0 = tern.cast %x : tensor<5x64xf32> to tensor<5x64xf16>
  %1 = tern.weight "v" : tensor<8x64xbf16>
  %2 = tern.contract "tk,nk->tn" %0, %1 : tensor<5x64xf16>, tensor<8x64xbf16>
  %3 = tern.cast %x : tensor<5x64xf32> to tensor<5x64xbf16>
  %4 = tern.weight "w" : tensor<16x64xbf16>
  %5 = tern.contract "tk,nk->tn" %3, %4 : tensor<5x64xbf16>, tensor<16x64xbf16>
  return %2, %5 : tensor<5x8xf32>, tensor<5x16xf32>
}

// Of a table only rows that are read are rounded, or the table is at load.
func.func @rows(%i: tensor<5xi32>) -> tensor<5x16xbf16> attributes {tern.seek = @rows_form} {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.gather "vd,t->td" %0, %i : tensor<100x16xf32>, tensor<5xi32>
  %2 = tern.cast %1 : tensor<5x16xf32> to tensor<5x16xbf16>
  return %2 : tensor<5x16xbf16>
}
func.func @rows_form(%i: tensor<5xi32>) -> tensor<5x16xbf16> {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.cast %0 : tensor<100x16xf32> to tensor<100x16xbf16>
  %2 = tern.gather "vd,t->td" %1, %i : tensor<100x16xbf16>, tensor<5xi32>
  return %2 : tensor<5x16xbf16>
}
func.func @rows_not_sum(%i: tensor<5xi32>) -> tensor<5x16xbf16> attributes {tern.seek = @rows_form} {
  %0 = tern.weight "e" : tensor<100x16xf32>
  %1 = tern.gather "vd,t->td" %0, %i : tensor<100x16xf32>, tensor<5xi32>
  %2 = tern.cast %1 : tensor<5x16xf32> to tensor<5x16xf16>
  %3 = tern.cast %2 : tensor<5x16xf16> to tensor<5x16xf32>
  %4 = tern.cast %3 : tensor<5x16xf32> to tensor<5x16xbf16>
  return %4 : tensor<5x16xbf16>
}

// What only moves elements passes.
func.func @moved(%x: tensor<8x8xf32>) -> tensor<8x8xbf16> attributes {tern.seek = @moved_form} {
  %0 = tern.relu %x : tensor<8x8xf32>
  %1 = tern.reshape %0 : tensor<8x8xf32> to tensor<8x8xf32>
  %2 = tern.transpose "ab->ba" %1 : tensor<8x8xf32>
  %3 = tern.cast %2 : tensor<8x8xf32> to tensor<8x8xbf16>
  return %3 : tensor<8x8xbf16>
}
func.func @moved_form(%x: tensor<8x8xf32>) -> tensor<8x8xbf16> {
  %0 = tern.cast %x : tensor<8x8xf32> to tensor<8x8xbf16>
  %1 = tern.relu %0 : tensor<8x8xbf16>
  %2 = tern.transpose "ab->ba" %1 : tensor<8x8xbf16>
  return %2 : tensor<8x8xbf16>
}
func.func @moved_not_sum(%x: tensor<8x8xf32>) -> tensor<8x8xbf16> attributes {tern.seek = @moved_form} {
  %0 = tern.cast %x : tensor<8x8xf32> to tensor<8x8xbf16>
  %1 = tern.silu %0 : tensor<8x8xbf16>
  %2 = tern.transpose "ab->ba" %1 : tensor<8x8xbf16>
  return %2 : tensor<8x8xbf16>
}

// Rounding is monotone.
func.func @largest(%x: tensor<5x64xf32>) -> tensor<5xbf16> attributes {tern.seek = @largest_form} {
  %0 = tern.amax "tk->t" %x : tensor<5x64xf32>
  %1 = tern.cast %0 : tensor<5xf32> to tensor<5xbf16>
  return %1 : tensor<5xbf16>
}
func.func @largest_form(%x: tensor<5x64xf32>) -> tensor<5xbf16> {
  %0 = tern.cast %x : tensor<5x64xf32> to tensor<5x64xbf16>
  %1 = tern.amax "tk->t" %0 : tensor<5x64xbf16>
  return %1 : tensor<5xbf16>
}
func.func @largest_not_sum(%x: tensor<5x64xf32>) -> tensor<5xbf16> attributes {tern.seek = @largest_form} {
  %0 = tern.sum "tk->t" %x : tensor<5x64xf32>
  %1 = tern.cast %0 : tensor<5xf32> to tensor<5xbf16>
  return %1 : tensor<5xbf16>
}
