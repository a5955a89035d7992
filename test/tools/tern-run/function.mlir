// Any function of a file runs, compiled and by the references of its operations.
// RUN: tern-run %s --no-cache --function=grow --input=2xf32=1,2 | FileCheck %s
// RUN: tern-run %s --reference --function=grow --input=2xf32=1,2 | FileCheck %s

// One number fills a tensor; results may be compared.
// RUN: tern-run %s --no-cache --function=grow --input=2xf32=0 --expected-output=2xf32=1 | count 0
// RUN: tern-run %s --reference --function=grow --input=2xf32=0 --expected-output=2xf32=1 | count 0

// RUN: not tern-run %s --reference --function=grow --input=2xf32=0 --expected-output=2xf32=1,2 2>&1 \
// RUN:   | FileCheck %s --check-prefix=DIFFERS
// RUN: not tern-run %s --no-cache --function=grow --input=2xf32=0 --expected-output=2xf32=1,2 2>&1 \
// RUN:   | FileCheck %s --check-prefix=DIFFERS
// DIFFERS: result 0: number 1: expected 2, found 1
// RUN: not tern-run %s --reference --function=grow --input=2xf32=0 --expected-output=1x2xf32=1 2>&1 \
// RUN:   | FileCheck %s --check-prefix=SHAPE
// SHAPE: result 0: expected shape [1, 2], found [2]
// RUN: not tern-run %s --reference --function=grow --input=2xi32=0 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: not tern-run %s --no-cache --function=grow --input=2xi32=0 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: argument 0: expected numbers of type f32, found i32
// RUN: not tern-run %s --reference --function=grow 2>&1 | FileCheck %s --check-prefix=COUNT
// RUN: not tern-run %s --no-cache --function=grow 2>&1 | FileCheck %s --check-prefix=COUNT
// COUNT: @grow takes 1 arguments, but --input was given 0 times
// RUN: not tern-run %s --reference --function=shrink 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not tern-run %s --no-cache --function=shrink 2>&1 | FileCheck %s --check-prefix=NAME
// NAME: {{has no function 'shrink'|function.mlir: expected a function @shrink, found none of that name}}
// RUN: not tern-run %s --reference --input=2xf32=0 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: --input: expected --function=NAME beside it

// CHECK: 2xf32=2.71828{{.*}},7.38905
func.func @grow(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = tern.exp %x : tensor<2xf32>
  return %0 : tensor<2xf32>
}
