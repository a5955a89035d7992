// What --input takes.
// RUN: tern-run %s --reference --function=same --input=2xbf16=1.001,-3e-3 | FileCheck %s
// CHECK: 2xbf16=1,-0.0030059
// RUN: tern-run %s --reference --function=same --input=2xbf16 | FileCheck %s --check-prefix=ZEROS
// ZEROS: 2xbf16=0,0
// RUN: not tern-run %s --reference --function=same --input=2xbf17=1 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: tensor '2xbf17=1': expected a type f32, {{.*}} found 'bf17'
// RUN: not tern-run %s --reference --function=same --input=-2xbf16=1 2>&1 | FileCheck %s --check-prefix=SIZE
// SIZE: tensor '-2xbf16=1': expected sizes and a type
// RUN: not tern-run %s --reference --function=same --input=2xbf16=1,2,3 2>&1 | FileCheck %s --check-prefix=COUNT
// COUNT: expected 1 or 2 numbers, found 3
// RUN: not tern-run %s --reference --function=same --input=2xbf16=a 2>&1 | FileCheck %s --check-prefix=NUMBER
// NUMBER: expected a number, found 'a'
// RUN: not tern-run %s --reference --function=same --input=2xi8=128 2>&1 | FileCheck %s --check-prefix=RANGE
// RANGE: expected numbers of type i8, found 128
// RUN: not tern-run %s --reference --function=same --input=%t.none.npy 2>&1 | FileCheck %s --check-prefix=FILE
// FILE: none.npy: expected a .npy file that can be read, found none
// RUN: not tern-run %s --reference --function=same --input=9999999x9999999x9999999xbf16 2>&1 | FileCheck %s --check-prefix=HUGE
// HUGE: does not fit into memory

func.func @same(%x: tensor<2xbf16>) -> tensor<2xbf16> {
  return %x : tensor<2xbf16>
}
