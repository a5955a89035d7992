// Functions of several results, views, templates and numbers.
tern.dim @T from 0 to 128

func.func @twice(%x: tensor<?x8xf32, #tern.dims<T>>) -> (tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>) {
  %0 = tern.exp %x : tensor<?x8xf32, #tern.dims<T>>
  return %0, %0, %x : tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
}

func.func @one_of_two(%x: tensor<?x8xf32, #tern.dims<T>>) -> tensor<?x2xi32, #tern.dims<T>> {
  %0:2 = tern.top_k %x k 2 : tensor<?x8xf32, #tern.dims<T>>
  return %0#1 : tensor<?x2xi32, #tern.dims<T>>
}

// With T=0,1,5
func.func @shared_view(%x: tensor<?x8xf32, #tern.dims<T>>) -> (tensor<?x2x4xf32, #tern.dims<T>>, tensor<?x4xf32, #tern.dims<T>>) {
  %0 = tern.exp %x : tensor<?x8xf32, #tern.dims<T>>
  %1 = tern.reshape %0 : tensor<?x8xf32, #tern.dims<T>> to tensor<?x2x4xf32, #tern.dims<T>>
  %2 = tern.slice %0 axis 1 from 4 size 4 : tensor<?x8xf32, #tern.dims<T>>
  %3 = tern.neg %2 : tensor<?x4xf32, #tern.dims<T>>
  return %1, %3 : tensor<?x2x4xf32, #tern.dims<T>>, tensor<?x4xf32, #tern.dims<T>>
}

func.func private @layer(%i: index, %x: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %0 = tern.reshape %x : tensor<6x8xf32> to tensor<4x12xf32>
  %1 = tern.softmax "ab/a" %0 : tensor<4x12xf32>
  %2 = tern.reshape %1 : tensor<4x12xf32> to tensor<6x8xf32>
  %3 = tern.add %2, %x : tensor<6x8xf32>, tensor<6x8xf32>
  return %3 : tensor<6x8xf32>
}

func.func @layers(%x: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %0 = tern.exp %x : tensor<6x8xf32>
  %1 = tern.repeat @layer [0, 1, 2] (%0) : (tensor<6x8xf32>)
  return %1 : tensor<6x8xf32>
}

func.func @spread(%x: tensor<8xf32>, %y: tensor<3x8xf32>) -> (tensor<3x8xf32>, tensor<3x8xf32>) {
  %0 = tern.broadcast "k->tk" %x : tensor<8xf32> to tensor<3x8xf32>
  %1 = tern.add %0, %y : tensor<3x8xf32>, tensor<3x8xf32>
  return %0, %1 : tensor<3x8xf32>, tensor<3x8xf32>
}

func.func @number(%x: tensor<f32>) -> tensor<3x4xf32> {
  %0 = tern.exp %x : tensor<f32>
  %1 = tern.broadcast "->ab" %0 : tensor<f32> to tensor<3x4xf32>
  %2 = tern.cos %1 : tensor<3x4xf32>
  return %2 : tensor<3x4xf32>
}

func.func @narrow_epilogue(%x: tensor<?x8xbf16, #tern.dims<T>>, %w: tensor<5x8xbf16>) -> tensor<?x5xbf16, #tern.dims<T>> {
  %0 = tern.contract "tk,nk->tn" %x, %w : tensor<?x8xbf16, #tern.dims<T>>, tensor<5x8xbf16>
  %1 = tern.cast %0 : tensor<?x5xf32, #tern.dims<T>> to tensor<?x5xbf16, #tern.dims<T>>
  return %1 : tensor<?x5xbf16, #tern.dims<T>>
}

// With T=0,1,5
func.func @slices_joined(%x: tensor<?x3x8xf32, #tern.dims<T>>) -> tensor<?x3x8xf32, #tern.dims<T>> {
  %0 = tern.slice %x axis 2 from 0 size 4 : tensor<?x3x8xf32, #tern.dims<T>>
  %1 = tern.slice %x axis 2 from 4 size 4 : tensor<?x3x8xf32, #tern.dims<T>>
  %2 = tern.neg %1 : tensor<?x3x4xf32, #tern.dims<T>>
  %3 = tern.concat %2, %0 axis 2 : tensor<?x3x4xf32, #tern.dims<T>>, tensor<?x3x4xf32, #tern.dims<T>>
  return %3 : tensor<?x3x8xf32, #tern.dims<T>>
}

func.func @scalars(%x: tensor<6xf64>, %g: tensor<f64>) -> (tensor<2xf64>, tensor<f64>) {
  %0 = tern.slice %x axis 0 from 1 size 1 : tensor<6xf64>
  %1 = tern.reshape %0 : tensor<1xf64> to tensor<f64>
  %2 = tern.slice %x axis 0 from 4 size 1 : tensor<6xf64>
  %3 = tern.reshape %2 : tensor<1xf64> to tensor<f64>
  %4 = tern.sub %1, %3 : tensor<f64>, tensor<f64>
  %5 = tern.square %4 : tensor<f64>
  %6 = tern.sqrt %5 : tensor<f64>
  %7 = tern.mul %g, %6 : tensor<f64>, tensor<f64>
  %8 = tern.reshape %7 : tensor<f64> to tensor<1xf64>
  %9 = tern.reshape %5 : tensor<f64> to tensor<1xf64>
  %10 = tern.concat %8, %9 axis 0 : tensor<1xf64>, tensor<1xf64>
  return %10, %6 : tensor<2xf64>, tensor<f64>
}

// What lies between its terms parts a program.
func.func @parted_scalars(%x: tensor<f32>, %y: tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<f32>) {
  %0 = tern.exp %x : tensor<f32>
  %1 = tern.mul %0, %y : tensor<f32>, tensor<f32>
  %2 = tern.reshape %1 : tensor<f32> to tensor<1x1xf32>
  %3 = tern.sum "ab->" %2 : tensor<1x1xf32>
  %4 = tern.sin %3 : tensor<f32>
  %5 = tern.cos %4 : tensor<f32>
  %6 = tern.add %0, %y : tensor<f32>, tensor<f32>
  return %4, %5, %6 : tensor<f32>, tensor<f32>, tensor<f32>
}

// With T=1,5
func.func @sized_number(%x: tensor<f32>, %t: tensor<?x4xf32, #tern.dims<T>>) -> (tensor<f32>, tensor<f32>) {
  %0 = tern.neg %x : tensor<f32>
  %1 = tern.size <T, 4> : tensor<f32>
  %2 = tern.tanh %1 : tensor<f32>
  %3 = tern.mul %0, %2 : tensor<f32>, tensor<f32>
  return %0, %3 : tensor<f32>, tensor<f32>
}

// With T=1,4
func.func @chosen_columns(%x: tensor<4x?xf32, #tern.dims<T>>) -> tensor<?x?xf32, #tern.dims<T, T>> {
  %0 = tern.iota "t->t" : tensor<?xi32, #tern.dims<T>>
  %1 = tern.gather "ab,t->tb" %x, %0 : tensor<4x?xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>
  return %1 : tensor<?x?xf32, #tern.dims<T, T>>
}

// With T=1,3
func.func @packed_parts(%i: tensor<?xi32, #tern.dims<T>>, %x: tensor<?x2xf32, #tern.dims<T>>, %y: tensor<?x3xf32, #tern.dims<T>>) -> (tensor<?x1xf32, #tern.dims<T>>, tensor<?x3xf32, #tern.dims<T>>, tensor<?x2xf32, #tern.dims<T>>) {
  %w = tern.constant dense<[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]]> : tensor<3x4xf32>
  %0 = tern.slice %w axis 1 from 3 size 1 : tensor<3x4xf32>
  %1 = tern.gather "ab,t->tb" %0, %i : tensor<3x1xf32>, tensor<?xi32, #tern.dims<T>>
  %2 = tern.slice %w axis 1 from 1 size 2 : tensor<3x4xf32>
  %3 = tern.contract "tk,nk->tn" %x, %2 : tensor<?x2xf32, #tern.dims<T>>, tensor<3x2xf32>
  %4 = tern.contract "tk,kn->tn" %y, %2 : tensor<?x3xf32, #tern.dims<T>>, tensor<3x2xf32>
  return %1, %3, %4 : tensor<?x1xf32, #tern.dims<T>>, tensor<?x3xf32, #tern.dims<T>>, tensor<?x2xf32, #tern.dims<T>>
}

// With T=1,3
func.func @packed_part_of_stack(%x: tensor<?x2xf32, #tern.dims<T>>, %i: tensor<?xi32, #tern.dims<T>>) -> tensor<?x1xf32, #tern.dims<T>> {
  %w = tern.constant dense<[[[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]], [[6.0, 7.0], [8.0, 9.0], [10.0, 11.0]], [[12.0, 13.0], [14.0, 15.0], [16.0, 17.0]], [[18.0, 19.0], [20.0, 21.0], [22.0, 23.0]]]> : tensor<4x3x2xf32>
  %0 = tern.slice %w axis 1 from 2 size 1 : tensor<4x3x2xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 groups %i : tensor<?x2xf32, #tern.dims<T>>, tensor<4x1x2xf32>, tensor<?xi32, #tern.dims<T>>
  return %1 : tensor<?x1xf32, #tern.dims<T>>
}

// With T=1,3
func.func @packed_twice(%x: tensor<?x2xf32, #tern.dims<T>>) -> tensor<?x6xf32, #tern.dims<T>> {
  %w = tern.constant dense<[[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]> : tensor<3x2xf32>
  %0 = tern.concat %w, %w axis 0 : tensor<3x2xf32>, tensor<3x2xf32>
  %1 = tern.contract "tk,nk->tn" %x, %0 : tensor<?x2xf32, #tern.dims<T>>, tensor<6x2xf32>
  return %1 : tensor<?x6xf32, #tern.dims<T>>
}

func.func @repeated_after(%x: tensor<5x3x4xf32>, %y: tensor<3x4xf32>) -> tensor<5x3x4xf32> {
  %0 = tern.attention %x, %x, %x scale 5.000000e-01 causal : tensor<5x3x4xf32>, tensor<5x3x4xf32>, tensor<5x3x4xf32>
  %1 = tern.exp %y : tensor<3x4xf32>
  %2 = tern.broadcast "ab->cab" %1 : tensor<3x4xf32> to tensor<5x3x4xf32>
  %3 = tern.div %0, %2 : tensor<5x3x4xf32>, tensor<5x3x4xf32>
  return %3 : tensor<5x3x4xf32>
}
