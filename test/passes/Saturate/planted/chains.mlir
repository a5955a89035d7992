// Chains of products, in the order that costs least.

// A row first, though the matrices were written to be multiplied first.
func.func @row_first(%x: tensor<1x64xf32>, %y: tensor<64x64xf32>, %z: tensor<64x64xf32>) -> tensor<1x64xf32> attributes {tern.seek = @row_first_form} {
  %0 = tern.contract "km,mn->kn" %y, %z : tensor<64x64xf32>, tensor<64x64xf32>
  %1 = tern.contract "tk,kn->tn" %x, %0 : tensor<1x64xf32>, tensor<64x64xf32>
  return %1 : tensor<1x64xf32>
}
func.func @row_first_form(%x: tensor<1x64xf32>, %y: tensor<64x64xf32>, %z: tensor<64x64xf32>) -> tensor<1x64xf32> {
  %0 = tern.contract "tk,km->tm" %x, %y : tensor<1x64xf32>, tensor<64x64xf32>
  %1 = tern.contract "tm,mn->tn" %0, %z : tensor<1x64xf32>, tensor<64x64xf32>
  return %1 : tensor<1x64xf32>
}
func.func @row_first_not_transposed(%x: tensor<1x64xf32>, %y: tensor<64x64xf32>, %z: tensor<64x64xf32>) -> tensor<1x64xf32> attributes {tern.seek = @row_first_form} {
  %0 = tern.contract "km,nm->kn" %y, %z : tensor<64x64xf32>, tensor<64x64xf32>
  %1 = tern.contract "tk,kn->tn" %x, %0 : tensor<1x64xf32>, tensor<64x64xf32>
  return %1 : tensor<1x64xf32>
}
func.func @row_first_not_order(%x: tensor<1x64xf32>, %y: tensor<64x64xf32>, %z: tensor<64x64xf32>) -> tensor<1x64xf32> attributes {tern.seek = @row_first_form} {
  %0 = tern.contract "km,mn->kn" %z, %y : tensor<64x64xf32>, tensor<64x64xf32>
  %1 = tern.contract "tk,kn->tn" %x, %0 : tensor<1x64xf32>, tensor<64x64xf32>
  return %1 : tensor<1x64xf32>
}

// The best of five orders.
func.func @four_left(%a: tensor<30x35xf32>, %b: tensor<35x15xf32>, %c: tensor<15x5xf32>, %d: tensor<5x400xf32>) -> tensor<30x400xf32> attributes {tern.seek = @four_form} {
  %0 = tern.contract "ab,bc->ac" %a, %b : tensor<30x35xf32>, tensor<35x15xf32>
  %1 = tern.contract "ab,bc->ac" %0, %c : tensor<30x15xf32>, tensor<15x5xf32>
  %2 = tern.contract "ab,bc->ac" %1, %d : tensor<30x5xf32>, tensor<5x400xf32>
  return %2 : tensor<30x400xf32>
}
func.func @four_right(%a: tensor<30x35xf32>, %b: tensor<35x15xf32>, %c: tensor<15x5xf32>, %d: tensor<5x400xf32>) -> tensor<30x400xf32> attributes {tern.seek = @four_form} {
  %0 = tern.contract "ab,bc->ac" %c, %d : tensor<15x5xf32>, tensor<5x400xf32>
  %1 = tern.contract "ab,bc->ac" %b, %0 : tensor<35x15xf32>, tensor<15x400xf32>
  %2 = tern.contract "ab,bc->ac" %a, %1 : tensor<30x35xf32>, tensor<35x400xf32>
  return %2 : tensor<30x400xf32>
}
func.func @four_form(%a: tensor<30x35xf32>, %b: tensor<35x15xf32>, %c: tensor<15x5xf32>, %d: tensor<5x400xf32>) -> tensor<30x400xf32> {
  %0 = tern.contract "ab,bc->ac" %b, %c : tensor<35x15xf32>, tensor<15x5xf32>
  %1 = tern.contract "ab,bc->ac" %a, %0 : tensor<30x35xf32>, tensor<35x5xf32>
  %2 = tern.contract "ab,bc->ac" %1, %d : tensor<30x5xf32>, tensor<5x400xf32>
  return %2 : tensor<30x400xf32>
}

// And of fourteen.
func.func @five(%a: tensor<1x64xf32>, %b: tensor<64x64xf32>, %c: tensor<64x64xf32>, %d: tensor<64x64xf32>, %e: tensor<64x1xf32>) -> tensor<1x1xf32> attributes {tern.seek = @five_form} {
  %0 = tern.contract "ab,bc->ac" %b, %c : tensor<64x64xf32>, tensor<64x64xf32>
  %1 = tern.contract "ab,bc->ac" %0, %d : tensor<64x64xf32>, tensor<64x64xf32>
  %2 = tern.contract "ab,bc->ac" %a, %1 : tensor<1x64xf32>, tensor<64x64xf32>
  %3 = tern.contract "ab,bc->ac" %2, %e : tensor<1x64xf32>, tensor<64x1xf32>
  return %3 : tensor<1x1xf32>
}
func.func @five_form(%a: tensor<1x64xf32>, %b: tensor<64x64xf32>, %c: tensor<64x64xf32>, %d: tensor<64x64xf32>, %e: tensor<64x1xf32>) -> tensor<1x1xf32> {
  %0 = tern.contract "ab,bc->ac" %a, %b : tensor<1x64xf32>, tensor<64x64xf32>
  %1 = tern.contract "ab,bc->ac" %0, %c : tensor<1x64xf32>, tensor<64x64xf32>
  %2 = tern.contract "ab,bc->ac" %1, %d : tensor<1x64xf32>, tensor<64x64xf32>
  %3 = tern.contract "ab,bc->ac" %2, %e : tensor<1x64xf32>, tensor<64x1xf32>
  return %3 : tensor<1x1xf32>
}
func.func @five_not_transposed(%a: tensor<1x64xf32>, %b: tensor<64x64xf32>, %c: tensor<64x64xf32>, %d: tensor<64x64xf32>, %e: tensor<64x1xf32>) -> tensor<1x1xf32> attributes {tern.seek = @five_form} {
  %0 = tern.contract "ab,cb->ac" %b, %c : tensor<64x64xf32>, tensor<64x64xf32>
  %1 = tern.contract "ab,bc->ac" %0, %d : tensor<64x64xf32>, tensor<64x64xf32>
  %2 = tern.contract "ab,bc->ac" %a, %1 : tensor<1x64xf32>, tensor<64x64xf32>
  %3 = tern.contract "ab,bc->ac" %2, %e : tensor<1x64xf32>, tensor<64x1xf32>
  return %3 : tensor<1x1xf32>
}

// Of a step, weights are multiplied at load.
func.func @folded(%x: tensor<5x64xf32>) -> tensor<5x64xf32> attributes {tern.seek = @folded_form} {
  %0 = tern.weight "a" : tensor<64x64xf32>
  %1 = tern.contract "tk,mk->tm" %x, %0 : tensor<5x64xf32>, tensor<64x64xf32>
  %2 = tern.weight "b" : tensor<64x64xf32>
  %3 = tern.contract "tm,nm->tn" %1, %2 : tensor<5x64xf32>, tensor<64x64xf32>
  return %3 : tensor<5x64xf32>
}
func.func @folded_form(%x: tensor<5x64xf32>) -> tensor<5x64xf32> {
  %0 = tern.weight "a" : tensor<64x64xf32>
  %1 = tern.weight "b" : tensor<64x64xf32>
  %2 = tern.contract "mk,nm->kn" %0, %1 : tensor<64x64xf32>, tensor<64x64xf32>
  %3 = tern.contract "tk,kn->tn" %x, %2 : tensor<5x64xf32>, tensor<64x64xf32>
  return %3 : tensor<5x64xf32>
}
func.func @folded_not_order(%x: tensor<5x64xf32>) -> tensor<5x64xf32> attributes {tern.seek = @folded_form} {
  %0 = tern.weight "b" : tensor<64x64xf32>
  %1 = tern.contract "tk,mk->tm" %x, %0 : tensor<5x64xf32>, tensor<64x64xf32>
  %2 = tern.weight "a" : tensor<64x64xf32>
  %3 = tern.contract "tm,nm->tn" %1, %2 : tensor<5x64xf32>, tensor<64x64xf32>
  return %3 : tensor<5x64xf32>
}
