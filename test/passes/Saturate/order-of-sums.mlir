// RUN: tern-opt %s --tern-saturate=rules=bit | FileCheck %s
// RUN: tern-opt %s --tern-saturate='rules=bit engine=classic' | FileCheck %s

// Bit for bit, elements of several axes are summed in the order in which they were, though another
// place of the transposition would cost less.

// CHECK-LABEL: @softmax
// CHECK-NEXT:  tern.transpose
// CHECK-NEXT:  tern.softmax "abc/ac"
func.func @softmax(%x: tensor<8x4x5xf32>) -> tensor<5x5xf32> {
  %0 = tern.transpose "abc->bca" %x : tensor<8x4x5xf32>
  %1 = tern.softmax "abc/ac" %0 : tensor<4x5x8xf32>
  %2 = tern.tanh %1 : tensor<4x5x8xf32>
  %3 = tern.contract "abc,adc->db" %2, %1 : tensor<4x5x8xf32>, tensor<4x5x8xf32>
  return %3 : tensor<5x5xf32>
}

// CHECK-LABEL: @rms_norm
// CHECK-NEXT:  tern.transpose
// CHECK-NEXT:  tern.rms_norm "abc/ac"
func.func @rms_norm(%x: tensor<8x4x5xf32>) -> tensor<5x5xf32> {
  %0 = tern.transpose "abc->bca" %x : tensor<8x4x5xf32>
  %1 = tern.rms_norm "abc/ac" %0 epsilon 1.0e-5 : tensor<4x5x8xf32>
  %2 = tern.tanh %1 : tensor<4x5x8xf32>
  %3 = tern.contract "abc,adc->db" %2, %1 : tensor<4x5x8xf32>, tensor<4x5x8xf32>
  return %3 : tensor<5x5xf32>
}

// CHECK-LABEL: @layer_norm
// CHECK-NEXT:  tern.transpose
// CHECK-NEXT:  tern.layer_norm "abc/ac"
func.func @layer_norm(%x: tensor<8x4x5xf32>) -> tensor<5x5xf32> {
  %0 = tern.transpose "abc->bca" %x : tensor<8x4x5xf32>
  %1 = tern.layer_norm "abc/ac" %0 epsilon 1.0e-5 : tensor<4x5x8xf32>
  %2 = tern.tanh %1 : tensor<4x5x8xf32>
  %3 = tern.contract "abc,adc->db" %2, %1 : tensor<4x5x8xf32>, tensor<4x5x8xf32>
  return %3 : tensor<5x5xf32>
}

// CHECK-LABEL: @logsumexp
// CHECK-NEXT:  tern.transpose
// CHECK-NEXT:  tern.logsumexp
func.func @logsumexp(%x: tensor<8x4x5xf32>) -> tensor<5xf32> {
  %0 = tern.transpose "abc->bca" %x : tensor<8x4x5xf32>
  %1 = tern.logsumexp "abc->b" %0 : tensor<4x5x8xf32>
  return %1 : tensor<5xf32>
}

// CHECK-LABEL: @mean
// CHECK-NEXT:  tern.transpose
// CHECK-NEXT:  tern.mean
func.func @mean(%x: tensor<8x4x5xf32>) -> tensor<5xf32> {
  %0 = tern.transpose "abc->bca" %x : tensor<8x4x5xf32>
  %1 = tern.mean "abc->b" %0 : tensor<4x5x8xf32>
  return %1 : tensor<5xf32>
}

// CHECK-LABEL: @sum
// CHECK-NEXT:  tern.transpose
// CHECK-NEXT:  tern.sum
func.func @sum(%x: tensor<8x4x5xf32>) -> tensor<5xf32> {
  %0 = tern.transpose "abc->bca" %x : tensor<8x4x5xf32>
  %1 = tern.sum "abc->b" %0 : tensor<4x5x8xf32>
  return %1 : tensor<5xf32>
}

// Where the order stays, the other place is taken.
// CHECK-LABEL: @same_order
// CHECK-NEXT:  tern.softmax "abc/bc" %arg0
func.func @same_order(%x: tensor<8x4x5xf32>) -> tensor<8x8xf32> {
  %0 = tern.transpose "abc->bca" %x : tensor<8x4x5xf32>
  %1 = tern.softmax "abc/ab" %0 : tensor<4x5x8xf32>
  %2 = tern.tanh %1 : tensor<4x5x8xf32>
  %3 = tern.contract "abc,abd->dc" %2, %1 : tensor<4x5x8xf32>, tensor<4x5x8xf32>
  return %3 : tensor<8x8xf32>
}
