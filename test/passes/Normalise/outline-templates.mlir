// RUN: tern-opt %s --tern-outline-templates --split-input-file | FileCheck %s

// Two equal layers become one template; the names of weights hold a hole.
// CHECK-LABEL: func.func @step
// CHECK:         tern.repeat @layer.0 [0, 1](%{{.*}}) with(%{{.*}})
// CHECK-NOT:     call
// CHECK:       func.func private @layer.0(%[[LAYER:.*]]: index
// CHECK-NOT:     tern.layer
// CHECK-DAG:     tern.weight "blk.{}.w" at %[[LAYER]]
// CHECK-DAG:     tern.weight "shared"
// CHECK-NOT:   @layer.1
func.func @step(%x: tensor<4xf32>, %f: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = call @layer.0(%c0, %x, %f) : (index, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = call @layer.1(%c1, %0, %f) : (index, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}
func.func private @layer.0(%l: index, %x: tensor<4xf32>, %f: tensor<4xf32>) -> tensor<4xf32> attributes {tern.layer = 0} {
  %w = tern.weight "blk.0.w" : tensor<4xf32>
  %s = tern.weight "shared" : tensor<4xf32>
  %0 = tern.add %x, %w : tensor<4xf32>, tensor<4xf32>
  %1 = tern.mul %0, %s : tensor<4xf32>, tensor<4xf32>
  return %1 : tensor<4xf32>
}
func.func private @layer.1(%l: index, %x: tensor<4xf32>, %f: tensor<4xf32>) -> tensor<4xf32> attributes {tern.layer = 1} {
  %w = tern.weight "blk.1.w" : tensor<4xf32>
  %s = tern.weight "shared" : tensor<4xf32>
  %0 = tern.add %x, %w : tensor<4xf32>, tensor<4xf32>
  %1 = tern.mul %0, %s : tensor<4xf32>, tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

// Layers of other structure keep templates of their own, and their order.
// CHECK-LABEL: func.func @mixed
// CHECK:         tern.repeat @layer.0 [0]
// CHECK:         tern.repeat @layer.1 [1]
// CHECK:         tern.repeat @layer.0 [2]
func.func @mixed(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %0 = call @layer.0(%c0, %x) : (index, tensor<4xf32>) -> tensor<4xf32>
  %1 = call @layer.1(%c1, %0) : (index, tensor<4xf32>) -> tensor<4xf32>
  %2 = call @layer.2(%c2, %1) : (index, tensor<4xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}
func.func private @layer.0(%l: index, %x: tensor<4xf32>) -> tensor<4xf32> attributes {tern.layer = 0} {
  %0 = tern.exp %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @layer.1(%l: index, %x: tensor<4xf32>) -> tensor<4xf32> attributes {tern.layer = 1} {
  %0 = tern.log %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @layer.2(%l: index, %x: tensor<4xf32>) -> tensor<4xf32> attributes {tern.layer = 2} {
  %0 = tern.exp %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// A result that is read again later keeps its call apart.
// CHECK-LABEL: func.func @tapped
// CHECK:         %[[FIRST:.*]] = tern.repeat @layer.0 [0]
// CHECK:         %[[SECOND:.*]] = tern.repeat @layer.0 [1](%[[FIRST]])
// CHECK:         tern.add %[[FIRST]], %[[SECOND]]
func.func @tapped(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = call @layer.0(%c0, %x) : (index, tensor<4xf32>) -> tensor<4xf32>
  %1 = call @layer.1(%c1, %0) : (index, tensor<4xf32>) -> tensor<4xf32>
  %2 = tern.add %0, %1 : tensor<4xf32>, tensor<4xf32>
  return %2 : tensor<4xf32>
}
func.func private @layer.0(%l: index, %x: tensor<4xf32>) -> tensor<4xf32> attributes {tern.layer = 0} {
  %0 = tern.exp %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @layer.1(%l: index, %x: tensor<4xf32>) -> tensor<4xf32> attributes {tern.layer = 1} {
  %0 = tern.exp %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// As many as there are.
// CHECK-LABEL: func.func @eight
// CHECK:         tern.repeat @layer.0 [0]
// CHECK:         tern.repeat @layer.1 [1]
// CHECK:         tern.repeat @layer.2 [2]
// CHECK:         tern.repeat @layer.3 [3]
// CHECK:         tern.repeat @layer.4 [4]
// CHECK:         tern.repeat @layer.5 [5]
// CHECK:         tern.repeat @layer.6 [6]
// CHECK:         tern.repeat @layer.7 [7]
func.func @eight(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %c6 = arith.constant 6 : index
  %c7 = arith.constant 7 : index
  %0 = call @layer.0(%c0, %x) : (index, tensor<4xf32>) -> tensor<4xf32>
  %1 = call @layer.1(%c1, %0) : (index, tensor<4xf32>) -> tensor<4xf32>
  %2 = call @layer.2(%c2, %1) : (index, tensor<4xf32>) -> tensor<4xf32>
  %3 = call @layer.3(%c3, %2) : (index, tensor<4xf32>) -> tensor<4xf32>
  %4 = call @layer.4(%c4, %3) : (index, tensor<4xf32>) -> tensor<4xf32>
  %5 = call @layer.5(%c5, %4) : (index, tensor<4xf32>) -> tensor<4xf32>
  %6 = call @layer.6(%c6, %5) : (index, tensor<4xf32>) -> tensor<4xf32>
  %7 = call @layer.7(%c7, %6) : (index, tensor<4xf32>) -> tensor<4xf32>
  return %7 : tensor<4xf32>
}
func.func private @layer.0(%l: index, %x: tensor<4xf32>) -> tensor<4xf32> attributes {tern.layer = 0} {
  %0 = tern.exp %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @layer.1(%l: index, %x: tensor<4xf32>) -> tensor<4xf32> attributes {tern.layer = 1} {
  %0 = tern.log %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @layer.2(%l: index, %x: tensor<4xf32>) -> tensor<4xf32> attributes {tern.layer = 2} {
  %0 = tern.gelu %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @layer.3(%l: index, %x: tensor<4xf32>) -> tensor<4xf32> attributes {tern.layer = 3} {
  %0 = tern.silu %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @layer.4(%l: index, %x: tensor<4xf32>) -> tensor<4xf32> attributes {tern.layer = 4} {
  %0 = tern.relu %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @layer.5(%l: index, %x: tensor<4xf32>) -> tensor<4xf32> attributes {tern.layer = 5} {
  %0 = tern.tanh %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @layer.6(%l: index, %x: tensor<4xf32>) -> tensor<4xf32> attributes {tern.layer = 6} {
  %0 = tern.sqrt %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @layer.7(%l: index, %x: tensor<4xf32>) -> tensor<4xf32> attributes {tern.layer = 7} {
  %0 = tern.gelu_tanh %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
