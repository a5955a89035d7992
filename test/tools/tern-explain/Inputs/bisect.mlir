// Sums that true laws rewrite, and a product of tanh that a wrong one does.
func.func @f(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %n = tern.neg %x : tensor<4xf32>
  %m = tern.neg %n : tensor<4xf32>
  %t = tern.tanh %m : tensor<4xf32>
  %u = tern.tanh %t : tensor<4xf32>
  %z = tern.sub %y, %y : tensor<4xf32>, tensor<4xf32>
  %s = tern.add %u, %z : tensor<4xf32>, tensor<4xf32>
  return %s : tensor<4xf32>
}
