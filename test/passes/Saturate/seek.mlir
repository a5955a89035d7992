// RUN: split-file %s %t
// RUN: tern-opt %t/f.mlir --tern-saturate -o %t/o.mlir 2>&1 | FileCheck %s
// RUN: tern-opt %t/f.mlir --tern-saturate=rules=bit -o %t/o.mlir 2>&1 | FileCheck %s --check-prefix=BIT
// RUN: tern-opt %t/f.mlir --pass-pipeline='builtin.module(tern-saturate{proof=%t/f.proof})' -o %t/o.mlir
// RUN: FileCheck %s --check-prefix=PROOF < %t/f.proof
// RUN: not tern-opt %t/none.mlir --tern-saturate 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not tern-opt %t/type.mlir --tern-saturate 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: not tern-opt %t/argument.mlir --tern-saturate 2>&1 | FileCheck %s --check-prefix=ARGUMENT

// What is sought is what the laws make of the function, whatever costs least.
// CHECK: remark: @forth equals @form
// CHECK: remark: @back equals @product
// CHECK: remark: @other is not known to equal @form
// CHECK: remark: @turned equals @sum
// BIT:   remark: @forth is not known to equal @form
// BIT:   remark: @turned equals @sum
// PROOF: function forth
// PROOF: product-distribute
// PROOF: function back
// PROOF: product-distribute
// PROOF: function turned
// PROOF: sum-commute
// NONE: error: @f seeks @g, expected a function of one block
// TYPE: error: @f seeks @g of type '(tensor<6xf32>) -> tensor<6xf32>', expected '(tensor<5xf32>) -> tensor<5xf32>'
// ARGUMENT: error: @f seeks @g, expected terms for all that it returns, and no others

//--- f.mlir
func.func @forth(%x: tensor<5xf32>, %y: tensor<5xf32>, %z: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @form} {
  %0 = tern.mul %x, %z : tensor<5xf32>, tensor<5xf32>
  %1 = tern.mul %y, %z : tensor<5xf32>, tensor<5xf32>
  %2 = tern.add %0, %1 : tensor<5xf32>, tensor<5xf32>
  return %2 : tensor<5xf32>
}
func.func @form(%x: tensor<5xf32>, %y: tensor<5xf32>, %z: tensor<5xf32>) -> tensor<5xf32> {
  %0 = tern.add %x, %y : tensor<5xf32>, tensor<5xf32>
  %1 = tern.mul %z, %0 : tensor<5xf32>, tensor<5xf32>
  return %1 : tensor<5xf32>
}
func.func @back(%x: tensor<5xf32>, %y: tensor<5xf32>, %z: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @product} {
  %0 = tern.add %x, %y : tensor<5xf32>, tensor<5xf32>
  %1 = tern.mul %z, %0 : tensor<5xf32>, tensor<5xf32>
  return %1 : tensor<5xf32>
}
func.func @product(%x: tensor<5xf32>, %y: tensor<5xf32>, %z: tensor<5xf32>) -> tensor<5xf32> {
  %0 = tern.mul %x, %z : tensor<5xf32>, tensor<5xf32>
  %1 = tern.mul %y, %z : tensor<5xf32>, tensor<5xf32>
  %2 = tern.add %0, %1 : tensor<5xf32>, tensor<5xf32>
  return %2 : tensor<5xf32>
}
func.func @other(%x: tensor<5xf32>, %y: tensor<5xf32>, %z: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @form} {
  %0 = tern.mul %x, %z : tensor<5xf32>, tensor<5xf32>
  %1 = tern.mul %y, %x : tensor<5xf32>, tensor<5xf32>
  %2 = tern.add %0, %1 : tensor<5xf32>, tensor<5xf32>
  return %2 : tensor<5xf32>
}
func.func @turned(%x: tensor<5xf32>, %y: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @sum} {
  %0 = tern.add %x, %y : tensor<5xf32>, tensor<5xf32>
  return %0 : tensor<5xf32>
}
func.func @sum(%x: tensor<5xf32>, %y: tensor<5xf32>) -> tensor<5xf32> {
  %0 = tern.add %y, %x : tensor<5xf32>, tensor<5xf32>
  return %0 : tensor<5xf32>
}
//--- none.mlir
func.func @f(%x: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @g} {
  %0 = tern.neg %x : tensor<5xf32>
  return %0 : tensor<5xf32>
}
//--- type.mlir
func.func @f(%x: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @g} {
  %0 = tern.neg %x : tensor<5xf32>
  return %0 : tensor<5xf32>
}
func.func @g(%x: tensor<6xf32>) -> tensor<6xf32> {
  return %x : tensor<6xf32>
}
//--- argument.mlir
func.func @f(%x: tensor<5xf32>) -> tensor<5xf32> attributes {tern.seek = @g} {
  return %x : tensor<5xf32>
}
func.func @g(%x: tensor<5xf32>) -> tensor<5xf32> {
  return %x : tensor<5xf32>
}
