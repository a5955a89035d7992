tern.dim @T from 1 to 16
func.func @f(%x: tensor<?x64xf32, #tern.dims<T>> {tern.name = "x"}) -> (tensor<?x32xf32, #tern.dims<T>> {tern.name = "y"}) {
  %c = tern.constant dense<2.0> : tensor<f32>
  %w = tern.weight "w" : tensor<32x64xf32>
  %a = tern.weight "a" : tensor<4x64xf32>
  %b = tern.weight "b" : tensor<32x4xf32>
  %y = tern.contract "tk,nk->tn" %x, %w : tensor<?x64xf32, #tern.dims<T>>, tensor<32x64xf32>
  %u = tern.contract "tk,ak->ta" %x, %a : tensor<?x64xf32, #tern.dims<T>>, tensor<4x64xf32>
  %d = tern.contract "ta,na->tn" %u, %b : tensor<?x4xf32, #tern.dims<T>>, tensor<32x4xf32>
  %d1 = tern.mul %d, %c : tensor<?x32xf32, #tern.dims<T>>, tensor<f32>
  %r = tern.add %y, %d1 : tensor<?x32xf32, #tern.dims<T>>, tensor<?x32xf32, #tern.dims<T>>
  %g = tern.gelu %r : tensor<?x32xf32, #tern.dims<T>>
  return %g : tensor<?x32xf32, #tern.dims<T>>
}
