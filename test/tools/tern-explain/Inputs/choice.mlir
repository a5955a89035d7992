// A function without weights that leaves a choice open.
tern.dim @T from 1 to 16
func.func @f(%x: tensor<?x8xf32, #tern.dims<T>> {tern.name = "x"}) -> (tensor<?x8xf32, #tern.dims<T>> {tern.name = "y"}) {
  %0 = tern.softmax "tk/k" %x : tensor<?x8xf32, #tern.dims<T>>
  %1 = tern.softmax "tk/k" %0 : tensor<?x8xf32, #tern.dims<T>>
  %y = tern.choice "twice" %1, %0 : tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
  return %y : tensor<?x8xf32, #tern.dims<T>>
}
