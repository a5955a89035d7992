// What ends the search, and when laws are tried. A limit of terms holds while laws are applied.
// RUN: tern-opt %s --tern-saturate='report max-nodes=30' -o %t.mlir 2>&1 | FileCheck %s --check-prefix=NODES
// RUN: tern-opt %s --tern-saturate='report max-iterations=1' -o %t.mlir 2>&1 | FileCheck %s --check-prefix=ROUNDS
// RUN: tern-opt %s --tern-saturate='report max-unions=2' -o %t.mlir 2>&1 | FileCheck %s --check-prefix=UNIONS
// RUN: tern-opt %s --tern-saturate='report rules=none' -o %t.mlir 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: tern-opt %s --tern-saturate='report scheduler=backoff' -o %t.mlir 2>&1 | FileCheck %s --check-prefix=FEW

// NODES:  remark: @f: {{[12]?[0-9]|30}} terms in {{[0-9]+}} classes after {{[0-9]+}} rounds: limit of nodes
// ROUNDS: remark: @f: {{[0-9]+}} terms in {{[0-9]+}} classes after 1 rounds: limit of iterations
// UNIONS: remark: @f: {{[0-9]+}} terms in {{[0-9]+}} classes after 1 rounds: limit of unions
// NONE:   remark: @f: no law was tried: rules=none
// FEW:    remark: @f: {{[0-9]+}} terms in {{[0-9]+}} classes after {{[0-9]+}} rounds: saturated
// FEW:    note: law 'attention-found': 4 matches, 4 applications, 1 unions in {{[0-9]+\.[0-9]+}} ms{{$}}
func.func @f(%q: tensor<64x64xf32>, %k: tensor<128x64xf32>, %v: tensor<128x64xf32>) -> tensor<64x64xf32> {
  %c = tern.constant dense<0.125> : tensor<f32>
  %qk = tern.contract "td,sd->ts" %q, %k : tensor<64x64xf32>, tensor<128x64xf32>
  %x = tern.mul %qk, %c : tensor<64x128xf32>, tensor<f32>
  %e = tern.exp %x : tensor<64x128xf32>
  %sum = tern.sum "ts->t" %e : tensor<64x128xf32>
  %all = tern.broadcast "t->ts" %sum : tensor<64xf32> to tensor<64x128xf32>
  %p = tern.div %e, %all : tensor<64x128xf32>, tensor<64x128xf32>
  %y = tern.contract "ts,sv->tv" %p, %v : tensor<64x128xf32>, tensor<128x64xf32>
  return %y : tensor<64x64xf32>
}

// A law with more than 1,000 matches is put off, and finds the same later.
// RUN: python3 %S/Inputs/chain.py 1100 > %t.chain
// RUN: tern-opt %t.chain --tern-saturate=report 2>&1 | FileCheck %s --check-prefix=SIMPLE
// RUN: tern-opt %t.chain --tern-saturate='report scheduler=backoff' 2>&1 | FileCheck %s --check-prefix=BACKOFF
// SIMPLE:   rounds: saturated
// SIMPLE:   note: law 'sum-neg-neg': {{[0-9]+}} matches, {{[0-9]+}} applications, {{[0-9]+}} unions in {{[0-9.]+}} ms{{$}}
// BACKOFF:  rounds: saturated
// BACKOFF:  note: law 'sum-neg-neg': {{[0-9]+}} matches, {{[0-9]+}} applications, {{[0-9]+}} unions in {{[0-9.]+}} ms, put off 1 time{{$}}
// BACKOFF:  func.func @f(%arg0: tensor<8xf32>)
// BACKOFF-NEXT: return %arg0
