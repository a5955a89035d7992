// Kernels that are not from their best schema are listed with the reason.
// RUN: tern-compile %s -o %t.tern
// RUN: tern-dump %t.tern --remarks | FileCheck %s --implicit-check-not=kernel

tern.dim @T from 1 to 8

// CHECK-DAG: kernel loops_{{[0-9]+}}: tern.add reads operand 0 element by element: its neighbours along the result's last axis are not neighbours in memory
func.func @both(%x: tensor<4x?x6xf32, #tern.dims<T>>, %y: tensor<6x?x4xf32, #tern.dims<T>>) -> tensor<6x?x4xf32, #tern.dims<T>> {
  %0 = tern.transpose "atb->bta" %x : tensor<4x?x6xf32, #tern.dims<T>>
  %1 = tern.add %0, %y : tensor<6x?x4xf32, #tern.dims<T>>, tensor<6x?x4xf32, #tern.dims<T>>
  return %1 : tensor<6x?x4xf32, #tern.dims<T>>
}

// Squares of it are turned in registers.
func.func @turned(%x: tensor<4x?x6xf32, #tern.dims<T>>) -> tensor<6x?x4xf32, #tern.dims<T>> {
  %0 = tern.transpose "atb->bta" %x : tensor<4x?x6xf32, #tern.dims<T>>
  return %0 : tensor<6x?x4xf32, #tern.dims<T>>
}

// CHECK-DAG: kernel contraction_{{[0-9]+}}: tern.contract reads a right operand that is not packed
func.func @product(%x: tensor<?x8xf32, #tern.dims<T>>, %w: tensor<4x8xf32>) -> tensor<?x4xf32, #tern.dims<T>> {
  %0 = tern.contract "tk,nk->tn" %x, %w : tensor<?x8xf32, #tern.dims<T>>, tensor<4x8xf32>
  return %0 : tensor<?x4xf32, #tern.dims<T>>
}

func.func @sum(%x: tensor<?x8xf32, #tern.dims<T>>) -> tensor<?x8xf32, #tern.dims<T>> {
  %0 = tern.add %x, %x : tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
  return %0 : tensor<?x8xf32, #tern.dims<T>>
}
