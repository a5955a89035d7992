// RUN: not tern-opt %s --tern-differentiate=function=none 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not tern-opt %s --tern-differentiate='function=f argument=1' 2>&1 | FileCheck %s --check-prefix=ARGUMENT
// RUN: not tern-opt %s --tern-differentiate='function=f result=2' 2>&1 | FileCheck %s --check-prefix=RESULT
// RUN: not tern-opt %s --tern-differentiate=function=dynamic 2>&1 | FileCheck %s --check-prefix=DYNAMIC
// RUN: not tern-opt %s --tern-differentiate=function=softmax 2>&1 | FileCheck %s --check-prefix=SOFTMAX
// RUN: not tern-opt %s --tern-scalarise='functions=f max-elements=3' 2>&1 | FileCheck %s --check-prefix=SIZE
// RUN: not tern-opt %s --tern-scalarise=functions=none 2>&1 | FileCheck %s --check-prefix=NAME

// NAME: expected a function @none, found none
// ARGUMENT: @f: expected an argument below 1, found 1
// RESULT: @f: expected a result below 1, found 2
// DYNAMIC: @dynamic: expected f32 or f64 tensors of static shapes, found 'tensor<?xf64
// SOFTMAX: 'tern.softmax' op can't be written out in scalars
// SIZE: in @f makes more elements than may be written out
tern.dim @T from 0 to 8

func.func @f(%x: tensor<4xf64>) -> tensor<4xf64> {
  %0 = tern.square %x : tensor<4xf64>
  return %0 : tensor<4xf64>
}

func.func @dynamic(%x: tensor<?xf64, #tern.dims<T>>) -> tensor<?xf64, #tern.dims<T>> {
  return %x : tensor<?xf64, #tern.dims<T>>
}

func.func @softmax(%x: tensor<4xf64>) -> tensor<4xf64> {
  %0 = tern.softmax "a/a" %x : tensor<4xf64>
  return %0 : tensor<4xf64>
}
