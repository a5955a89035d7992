// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Functions of terms neither call themselves nor branch: the interpreter and the plan say so.
// RUN: not tern-run %s --reference --function=loop 2>&1 | FileCheck %s --check-prefix=LOOP
// LOOP: tern-run: {{.*}}recursion.mlir:{{.*}}@loop calls itself
// RUN: not tern-run %s --reference --function=branch 2>&1 | FileCheck %s --check-prefix=BRANCH
// BRANCH: tern-run: {{.*}}recursion.mlir:{{.*}}@branch: expected terms in one block, found branches
// RUN: not tern-run %s --reference --function=outside 2>&1 | FileCheck %s --check-prefix=BODY
// BODY: tern-run: {{.*}}recursion.mlir:{{.*}}@missing: expected a body to run, found none
// RUN: not tern-run %s --reference --function=repeat --input=2xf32=1 2>&1 | FileCheck %s --check-prefix=REPEAT
// REPEAT: tern-run: {{.*}}recursion.mlir:{{.*}}@self calls itself
// RUN: sed -n '/^func.func private @self/,$p' %s > %t.mlir
// RUN: not tern-compile %t.mlir -o %t.tern 2>&1 | FileCheck %s --check-prefix=COMPILE
// COMPILE: tern-compile: {{.*}}: @self repeats itself

func.func @loop() -> tensor<2xf32> {
  %0 = call @again() : () -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
func.func @again() -> tensor<2xf32> {
  %0 = call @loop() : () -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
func.func @branch() -> tensor<2xf32> {
  %0 = tern.constant dense<1.0> : tensor<2xf32>
  cf.br ^bb1(%0 : tensor<2xf32>)
^bb1(%1: tensor<2xf32>):
  return %1 : tensor<2xf32>
}
func.func private @missing() -> tensor<2xf32>
func.func @outside() -> tensor<2xf32> {
  %0 = call @missing() : () -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
func.func private @self(%layer: index, %x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = tern.repeat @self [0, 1](%x) : (tensor<2xf32>)
  return %0 : tensor<2xf32>
}
func.func @repeat(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = tern.repeat @self [0, 1](%x) : (tensor<2xf32>)
  return %0 : tensor<2xf32>
}
