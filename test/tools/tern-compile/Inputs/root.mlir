// A power that is a root.
func.func @f(%x: tensor<8xf32> {tern.name = "x"}) -> (tensor<8xf32> {tern.name = "y"}) {
  %h = tern.constant dense<0.5> : tensor<f32>
  %y = tern.pow %x, %h : tensor<8xf32>, tensor<f32>
  return %y : tensor<8xf32>
}
