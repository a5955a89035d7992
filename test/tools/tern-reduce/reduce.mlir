// RUN: printf '#!/bin/sh\n! tern-opt "$1" | grep -q "tern.exp"\n' > %t.sh && chmod +x %t.sh
// RUN: tern-reduce %s --reduction-tree='traversal-mode=0 test=%t.sh' -o - | FileCheck %s

// What is interesting is the exponential alone.
// CHECK:      func.func @f
// CHECK-NEXT:   tern.exp
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
