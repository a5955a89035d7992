// RUN: printf '#!/bin/sh\ntern-opt "$1" | grep -q "tern.exp"\n' > %t.sh && chmod +x %t.sh
// RUN: tern-reduce %s --test=%t.sh | FileCheck %s

// RUN: not tern-reduce %s --test=%t.none 2>&1 | FileCheck %s --check-prefix=SCRIPT
// SCRIPT: tern-reduce: {{.*}}.none: expected a program that can be run
// RUN: printf '#!/bin/sh\nexit 1\n' > %t.no.sh && chmod +x %t.no.sh
// RUN: not tern-reduce %s --test=%t.no.sh 2>&1 | FileCheck %s --check-prefix=DULL
// DULL: tern-reduce: {{.*}}no.sh: expected exit code 0 for the module as it is, found another one

// What is interesting is the exponential alone.
// CHECK:      func.func @f
// CHECK-NEXT:   tern.exp %arg0
// CHECK-NEXT:   return
// CHECK-NOT:  @g
func.func @f(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = tern.add %x, %y : tensor<4xf32>, tensor<4xf32>
  %1 = tern.tanh %0 : tensor<4xf32>
  %2 = tern.exp %1 : tensor<4xf32>
  %3 = tern.mul %2, %0 : tensor<4xf32>, tensor<4xf32>
  %4 = tern.sub %3, %x : tensor<4xf32>, tensor<4xf32>
  return %4, %0 : tensor<4xf32>, tensor<4xf32>
}

func.func @g(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tern.neg %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
