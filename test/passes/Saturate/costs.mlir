// RUN: split-file %s %t
// RUN: tern-opt %t/f.mlir --tern-saturate=report -o %t/o.mlir 2>&1 | FileCheck %s --check-prefix=REPORT
// RUN: tern-opt %t/f.mlir --tern-saturate='dump=%t/g.json' | FileCheck %s
// RUN: FileCheck %s --check-prefix=GRAPH < %t/g.wide.json
// RUN: tern-opt %t/f.mlir --tern-saturate='dump=%t/g.dot' -o %t/o.mlir
// RUN: FileCheck %s --check-prefix=DOT < %t/g.wide.dot

// Three contractions of one operand are one launch as one, and one more for what followed the first
// of them. On a machine that starts kernels for next to nothing, and reads slowly, it counts that
// what the contraction's kernel would have kept is written and read.
// RUN: tern-opt %t/f.mlir --tern-saturate='machine=%t/slow.json' | FileCheck %s --check-prefix=SLOW

// RUN: not tern-opt %t/f.mlir --tern-saturate='machine=%t/none' 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not tern-opt %t/f.mlir --tern-saturate='machine=%t/f.mlir' 2>&1 | FileCheck %s --check-prefix=TEXT
// RUN: not tern-opt %t/f.mlir --tern-saturate='machine=%t/list.json' 2>&1 | FileCheck %s --check-prefix=LIST
// RUN: not tern-opt %t/f.mlir --tern-saturate='machine=%t/short.json' 2>&1 | FileCheck %s --check-prefix=SHORT
// RUN: not tern-opt %t/f.mlir --tern-saturate='machine=%t/zero.json' 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not tern-opt %t/f.mlir --tern-saturate='machine=%t/more.json' 2>&1 | FileCheck %s --check-prefix=MORE
// RUN: not tern-opt %t/f.mlir --tern-saturate='machine=%t/part.json' 2>&1 | FileCheck %s --check-prefix=PART
// RUN: not tern-opt %t/f.mlir --tern-saturate='target-cpu=pdp11' 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not tern-opt %t/f.mlir --tern-saturate='dump=%t/none/g.json' 2>&1 | FileCheck %s --check-prefix=DUMP
// RUN: not tern-opt %t/f.mlir --tern-saturate='dump=%t/g.svg' 2>&1 | FileCheck %s --check-prefix=PICTURE
// RUN: not tern-opt %t/f.mlir --tern-saturate='for-batch=0' 2>&1 | FileCheck %s --check-prefix=BATCH
// RUN: not tern-opt %t/f.mlir --tern-saturate='for-prompt=-5' 2>&1 | FileCheck %s --check-prefix=PROMPT
// RUN: not tern-opt %t/f.mlir --tern-saturate='steps-per-load=2000000000' 2>&1 | FileCheck %s --check-prefix=STEPS

// REPORT: remark: @wide takes {{[0-9.]+}} us a step, {{[0-9.]+}} as it was written and {{[0-9.]+}} at least: a gap of 0.00 %
// CHECK-COUNT-1: tern.contract
// CHECK-NOT:     tern.contract
// GRAPH:      "op": "tern.contract"
// GRAPH-NEXT: "children": [
// GRAPH:      "eclass": "{{[0-9]+}}.accumulator"
// GRAPH-NEXT: "cost": {{[0-9.e-]+}}
// GRAPH:      "root_eclasses": [
// GRAPH-NEXT:   "{{[0-9]+}}.memory"
// GRAPH:      "bound": {{[0-9.e-]+}}
// DOT: digraph egraph {
// DOT: label="tern.contract {{.*}} style=bold
// SLOW-COUNT-3: tern.contract

// The figures of a GPU are those of one that a chip is known by.
// RUN: tern-opt %t/f.mlir --tern-saturate='target-cpu=sm_80' | FileCheck %s --check-prefix=SM80
// RUN: tern-opt %t/f.mlir --tern-saturate='target-cpu=sm_86' | FileCheck %s --check-prefix=SM86
// RUN: tern-opt %t/f.mlir --tern-saturate='target-cpu=sm_89' | FileCheck %s --check-prefix=SM89
// RUN: tern-opt %t/f.mlir --tern-saturate='target-cpu=sm_90' | FileCheck %s --check-prefix=SM90
// SM80: machine = {{.*}}multiprocessors = 1.080000e+02 : f64, read_gbs = 2.039000e+03 : f64
// SM86: machine = {{.*}}multiprocessors = 8.200000e+01 : f64, read_gbs = 9.360000e+02 : f64
// SM89: machine = {{.*}}multiprocessors = 1.280000e+02 : f64, read_gbs = 1.008000e+03 : f64
// SM90: machine = {{.*}}multiprocessors = 1.320000e+02 : f64, read_gbs = 3.350000e+03 : f64

// PICTURE: error: dump: expected a file that ends with .json or .dot, found {{.*}}g.svg
// BATCH: error: for-batch: expected a number from 1 to 1073741824, found 0
// PROMPT: error: for-prompt: expected a number from 1 to 1073741824, found -5
// STEPS: error: steps-per-load: expected a number from 1 to 1073741824, found 2000000000
// NONE: error: {{.*}}none: expected a file that can be read: No such file or directory
// TEXT: error: {{.*}}f.mlir: expected JSON:
// LIST: error: {{.*}}list.json: expected an object of figures, found [1]
// SHORT: error: {{.*}}short.json: expected a number above 0 for 'f32_gflops', found none
// ZERO: error: {{.*}}zero.json: expected a number above 0 for 'launch_us', found 0
// MORE: error: {{.*}}more.json: expected no figure 'l4_gbs', found 7
// PART: error: {{.*}}part.json: expected a number above 0 for 'clock_mhz', found none
// CPU: error: target CPU: expected 'native' or a 64-bit x86 processor known to LLVM, found 'pdp11'
// DUMP: error: {{.*}}g.wide.json: expected a file that can be written: No such file or directory

//--- f.mlir
tern.dim @T from 1 to 512
func.func @wide(%x: tensor<?x8xf32, #tern.dims<T>>) -> (tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>) {
  %u = tern.weight "u" : tensor<64x8xf32>
  %v = tern.weight "v" : tensor<64x8xf32>
  %w = tern.weight "w" : tensor<64x8xf32>
  %0 = tern.contract "tk,nk->tn" %x, %u : tensor<?x8xf32, #tern.dims<T>>, tensor<64x8xf32>
  %1 = tern.contract "tk,nk->tn" %x, %v : tensor<?x8xf32, #tern.dims<T>>, tensor<64x8xf32>
  %2 = tern.contract "tk,nk->tn" %x, %w : tensor<?x8xf32, #tern.dims<T>>, tensor<64x8xf32>
  %3 = tern.silu %0 : tensor<?x64xf32, #tern.dims<T>>
  return %3, %1, %2 : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>
}
//--- slow.json
{"read_gbs": 0.1, "f32_gflops": 100, "bf16_gflops": 100, "int8_gops": 100, "launch_us": 0.001}
//--- list.json
[1]
//--- short.json
{"read_gbs": 1, "bf16_gflops": 100, "int8_gops": 100, "launch_us": 1}
//--- zero.json
{"read_gbs": 1, "f32_gflops": 100, "bf16_gflops": 100, "int8_gops": 100, "launch_us": 0}
//--- part.json
{"read_gbs": 1, "f32_gflops": 100, "bf16_gflops": 100, "int8_gops": 100, "launch_us": 1, "multiprocessors": 8}
//--- more.json
{"read_gbs": 1, "f32_gflops": 100, "bf16_gflops": 100, "int8_gops": 100, "launch_us": 1, "l4_gbs": 7}
