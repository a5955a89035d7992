// The names of a model's programs are names as any other where there is no model, but for the one that prepares weights.
// RUN: tern-run %s --cache-dir=%t --function=step --input=2xf32=1,2 | FileCheck %s
// RUN: tern-run %s --cache-dir=%t --function=sample --input=2xf32=1,2 | FileCheck %s
// RUN: tern-run %s --cache-dir=%t --function=encode --input=2xf32=1,2 | FileCheck %s
// CHECK: 2xf32=2,4

// RUN: not tern-run %s --cache-dir=%t --function=load --input=2xf32=1,2 2>&1 | FileCheck %s --check-prefix=LOAD
// LOAD: names.mlir: @load: expected another name, for the program that prepares weights has this one

// A step that is no model's generates nothing.
// RUN: tern-compile %s --function=step -o %t.tern
// RUN: not tern-run %t.tern --tokens=1 2>&1 | FileCheck %s --check-prefix=TEXT
// RUN: not tern-bench %t.tern 2>&1 | FileCheck %s --check-prefix=BENCH
// RUN: tern-run %t.tern --function=step --input=2xf32=1,2 | FileCheck %s
// TEXT: names.mlir.tmp.tern: expected a model, found functions alone; --function=NAME runs one of them
// BENCH: names.mlir.tmp.tern: expected a model that generates text, found one without a step to measure

func.func @step(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = tern.add %x, %x : tensor<2xf32>, tensor<2xf32>
  return %0 : tensor<2xf32>
}
func.func @sample(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = tern.add %x, %x : tensor<2xf32>, tensor<2xf32>
  return %0 : tensor<2xf32>
}
func.func @encode(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = tern.add %x, %x : tensor<2xf32>, tensor<2xf32>
  return %0 : tensor<2xf32>
}
func.func @load(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = tern.add %x, %x : tensor<2xf32>, tensor<2xf32>
  return %0 : tensor<2xf32>
}
