// RUN: tern-opt %s --tern-plan-programs | FileCheck %s

tern.dim @T from 0 to 8

// Two launches of one kernel; the buffer between them lies in the arena, at most 8 rows of 64 floats. The result is written where it belongs.
// CHECK:       plan.kernel @rows_0 strides [64, 64]
// CHECK-NOT:   plan.kernel
// CHECK:       plan.program @twice arguments ["arg0", "result0"]
// CHECK-SAME:    inputs 1 arena 2048
// CHECK:         %[[IN:.*]] = plan.buffer input "arg0" from 0 bytes <256 * T>
// CHECK:         %[[MID:.*]] = plan.buffer arena "" from 0 bytes <256 * T>
// CHECK:         plan.launch @rows_0(%[[IN]], %[[MID]])
// CHECK:         %[[OUT:.*]] = plan.buffer output "result0"
// CHECK:         plan.launch @rows_0({{.*}}, %[[OUT]])
// CHECK-NOT:   func.func
func.func @twice(%x: tensor<?x64xf32, #tern.dims<T>>) -> tensor<?x64xf32, #tern.dims<T>> {
  %0 = tern.dispatch rows(%x) : (tensor<?x64xf32, #tern.dims<T>>) -> tensor<?x64xf32, #tern.dims<T>> {
  ^bb0(%a: tensor<?x64xf32, #tern.dims<T>>):
    %e = tern.exp %a : tensor<?x64xf32, #tern.dims<T>>
    tern.yield %e : tensor<?x64xf32, #tern.dims<T>>
  }
  %1 = tern.dispatch rows(%0) : (tensor<?x64xf32, #tern.dims<T>>) -> tensor<?x64xf32, #tern.dims<T>> {
  ^bb0(%a: tensor<?x64xf32, #tern.dims<T>>):
    %e = tern.exp %a : tensor<?x64xf32, #tern.dims<T>>
    tern.yield %e : tensor<?x64xf32, #tern.dims<T>>
  }
  return %1 : tensor<?x64xf32, #tern.dims<T>>
}

// A tensor with two dynamic axes has bytes that are a product; in the arena it has room for its largest.
// CHECK:       plan.kernel @loops_{{[0-9]+}} strides [-9223372036854775808, -9223372036854775808]
// CHECK:       plan.program @square_of_rows arguments ["arg0", "result0"]
// CHECK-SAME:    inputs 1 arena 256
// CHECK:         plan.buffer input "arg0" from 0 bytes <4 * T> times [#tern.extent<T>]
// CHECK:         plan.buffer arena "" from 0 bytes <4 * T> times [#tern.extent<T>]
func.func @square_of_rows(%x: tensor<?x?xf32, #tern.dims<T, T>>) -> tensor<?x?xf32, #tern.dims<T, T>> {
  %0 = tern.dispatch loops(%x) : (tensor<?x?xf32, #tern.dims<T, T>>) -> tensor<?x?xf32, #tern.dims<T, T>> {
  ^bb0(%a: tensor<?x?xf32, #tern.dims<T, T>>):
    %e = tern.exp %a : tensor<?x?xf32, #tern.dims<T, T>>
    tern.yield %e : tensor<?x?xf32, #tern.dims<T, T>>
  }
  %1 = tern.dispatch loops(%0) : (tensor<?x?xf32, #tern.dims<T, T>>) -> tensor<?x?xf32, #tern.dims<T, T>> {
  ^bb0(%a: tensor<?x?xf32, #tern.dims<T, T>>):
    %e = tern.exp %a : tensor<?x?xf32, #tern.dims<T, T>>
    tern.yield %e : tensor<?x?xf32, #tern.dims<T, T>>
  }
  return %1 : tensor<?x?xf32, #tern.dims<T, T>>
}

tern.dim @B from 1 to 4

// A session keeps the states: two ranges of memory, and no argument or result of the program.
// CHECK:       plan.program @recur arguments ["arg0", "arg1", "rowEntry", "rowStart", "slot", "result0"]
// CHECK-SAME:    inputs 5 arena 0
// CHECK:         %[[POOL:.*]] = plan.buffer state_pool "state" from 0 bytes <0>
// CHECK:         %[[TABLE:.*]] = plan.buffer state_table "state" from 0 bytes <0>
// CHECK:         plan.launch @recurrence_{{[0-9]+}}({{.*}}, %[[POOL]], %[[TABLE]], {{.*}}) indices [1]
func.func @recur(%x: tensor<?x64xf32, #tern.dims<T>>, %w: tensor<64x4xf32>, %s: !kv.state<2, 3 x 64> {tern.name = "state"}, %b: !kv.batch<T, B>) -> (tensor<?x64xf32, #tern.dims<T>>, !kv.state<2, 3 x 64>) {
  %l = arith.constant 1 : index
  %0:2 = tern.dispatch recurrence(%x, %w, %s, %b, %l) : (tensor<?x64xf32, #tern.dims<T>>, tensor<64x4xf32>, !kv.state<2, 3 x 64>, !kv.batch<T, B>, index) -> (tensor<?x64xf32, #tern.dims<T>>, !kv.state<2, 3 x 64>) {
  ^bb0(%a: tensor<?x64xf32, #tern.dims<T>>, %f: tensor<64x4xf32>, %c: !kv.state<2, 3 x 64>, %d: !kv.batch<T, B>, %e: index):
    %y, %n = kv.convolve %a, %f, %c, %d at %e : tensor<?x64xf32, #tern.dims<T>>, tensor<64x4xf32>, !kv.state<2, 3 x 64>, !kv.batch<T, B>
    tern.yield %y, %n : tensor<?x64xf32, #tern.dims<T>>, !kv.state<2, 3 x 64>
  }
  return %0#0, %0#1 : tensor<?x64xf32, #tern.dims<T>>, !kv.state<2, 3 x 64>
}
