// Of a file of functions, one is compiled with what it calls; the others may need what is not there.
// RUN: tern-run %s --function=f --cache-dir=%t --input=2xf32=1,2 | FileCheck %s
// RUN: tern-run %s --function=f --reference --input=2xf32=1,2 | FileCheck %s
// CHECK: 2xf32=2,4
// RUN: not tern-run %s --function=g --cache-dir=%t --input=2xf32=1,2 2>&1 | FileCheck %s --check-prefix=WEIGHT
// WEIGHT: one-function.mlir: expected --weights=PATH, where its weight 'w' is, found no weights
// RUN: not tern-run %s --function=h --cache-dir=%t --input=2xf32=1,2 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: one-function.mlir: expected a function @h, found none of that name

func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = func.call @twice(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
func.func @twice(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = tern.add %x, %x : tensor<2xf32>, tensor<2xf32>
  return %0 : tensor<2xf32>
}
func.func @g(%x: tensor<2xf32>) -> tensor<2xf32> {
  %w = tern.weight "w" : tensor<2xf32>
  %0 = tern.add %x, %w : tensor<2xf32>, tensor<2xf32>
  return %0 : tensor<2xf32>
}
