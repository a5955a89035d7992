// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention turns its query, appending its key; heads side by side are narrowed by the kernel that
// computes them. What somebody else reads is computed for all.
// RUN: tern-opt %s --tern-form-dispatches | FileCheck %s
module attributes {tern.model = {context = 128 : i64}} {
  tern.dim @T from 1 to 16
  tern.dim @B from 1 to 2

  // CHECK-LABEL: func.func @layer(
  // CHECK: tern.dispatch append(%arg0, %arg5, %arg6, %arg1,
  // CHECK: tern.rotary half
  // CHECK: kv.append
  // CHECK: tern.dispatch attention(%arg0, %arg5, %arg6, %{{[0-9]+}}, %arg2, %arg3, %arg4)
  // CHECK: tern.rotary half
  // CHECK: kv.attend
  // CHECK: tern.reshape
  // CHECK: tern.quantise
  // CHECK-NOT: tern.dispatch
  // CHECK: return
  func.func @layer(%x: tensor<?x2x32xf32, #tern.dims<T>>, %cache: !kv.cache<2 x 2, 32, 32, f16>, %positions: tensor<?xi32, #tern.dims<T>>, %batch: !kv.batch<T, B>, %layer: index, %cos: tensor<?x16xf32, #tern.dims<T>>, %sin: tensor<?x16xf32, #tern.dims<T>>) -> (tensor<?x64x!tern.block<8, 32, f32>, #tern.dims<T>>, !kv.cache<2 x 2, 32, 32, f16>) {
    %key = tern.rotary half %x, %cos, %sin : tensor<?x2x32xf32, #tern.dims<T>>, tensor<?x16xf32, #tern.dims<T>>, tensor<?x16xf32, #tern.dims<T>>
    %held = kv.append %cache, %key, %x, %positions, %batch at %layer : !kv.cache<2 x 2, 32, 32, f16>, tensor<?x2x32xf32, #tern.dims<T>>, tensor<?x2x32xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
    %query = tern.rotary half %x, %cos, %sin : tensor<?x2x32xf32, #tern.dims<T>>, tensor<?x16xf32, #tern.dims<T>>, tensor<?x16xf32, #tern.dims<T>>
    %out = kv.attend %query, %held, %positions, %batch at %layer scale 0.25 : tensor<?x2x32xf32, #tern.dims<T>>, !kv.cache<2 x 2, 32, 32, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
    %flat = tern.reshape %out : tensor<?x2x32xf32, #tern.dims<T>> to tensor<?x64xf32, #tern.dims<T>>
    %blocks = tern.quantise %flat : tensor<?x64xf32, #tern.dims<T>> to tensor<?x64x!tern.block<8, 32, f32>, #tern.dims<T>>
    return %blocks, %held : tensor<?x64x!tern.block<8, 32, f32>, #tern.dims<T>>, !kv.cache<2 x 2, 32, 32, f16>
  }

  // One rotation of two readers; blocks that span heads.
  // CHECK-LABEL: func.func @shared(
  // CHECK: %[[TURNED:.*]] = tern.dispatch rows(
  // CHECK: tern.dispatch append(%arg1, %[[TURNED]],
  // CHECK: tern.dispatch attention(%[[TURNED]],
  // CHECK: tern.dispatch rows(
  // CHECK: tern.quantise
  func.func @shared(%x: tensor<?x4x16xf32, #tern.dims<T>>, %cache: !kv.cache<2 x 4, 16, 16, f16>, %positions: tensor<?xi32, #tern.dims<T>>, %batch: !kv.batch<T, B>, %layer: index, %cos: tensor<?x8xf32, #tern.dims<T>>, %sin: tensor<?x8xf32, #tern.dims<T>>) -> (tensor<?x64x!tern.block<8, 32, f32>, #tern.dims<T>>, !kv.cache<2 x 4, 16, 16, f16>) {
    %key = tern.rotary half %x, %cos, %sin : tensor<?x4x16xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>
    %held = kv.append %cache, %key, %x, %positions, %batch at %layer : !kv.cache<2 x 4, 16, 16, f16>, tensor<?x4x16xf32, #tern.dims<T>>, tensor<?x4x16xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
    %out = kv.attend %key, %held, %positions, %batch at %layer scale 0.25 : tensor<?x4x16xf32, #tern.dims<T>>, !kv.cache<2 x 4, 16, 16, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
    %flat = tern.reshape %out : tensor<?x4x16xf32, #tern.dims<T>> to tensor<?x64xf32, #tern.dims<T>>
    %blocks = tern.quantise %flat : tensor<?x64xf32, #tern.dims<T>> to tensor<?x64x!tern.block<8, 32, f32>, #tern.dims<T>>
    return %blocks, %held : tensor<?x64x!tern.block<8, 32, f32>, #tern.dims<T>>, !kv.cache<2 x 4, 16, 16, f16>
  }

  // Attention stays before what changes its cache.
  // CHECK-LABEL: func.func @changed(
  // CHECK: %[[OUT:.*]] = tern.dispatch attention(
  // CHECK: tern.dispatch append(
  // CHECK: tern.reshape %[[OUT]]
  // CHECK: tern.dispatch rows(
  // CHECK: tern.quantise
  func.func @changed(%x: tensor<?x2x32xf32, #tern.dims<T>>, %cache: !kv.cache<2 x 2, 32, 32, f16>, %positions: tensor<?xi32, #tern.dims<T>>, %batch: !kv.batch<T, B>, %layer: index) -> (tensor<?x64x!tern.block<8, 32, f32>, #tern.dims<T>>, !kv.cache<2 x 2, 32, 32, f16>) {
    %out = kv.attend %x, %cache, %positions, %batch at %layer scale 0.25 : tensor<?x2x32xf32, #tern.dims<T>>, !kv.cache<2 x 2, 32, 32, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
    %held = kv.append %cache, %x, %x, %positions, %batch at %layer : !kv.cache<2 x 2, 32, 32, f16>, tensor<?x2x32xf32, #tern.dims<T>>, tensor<?x2x32xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
    %flat = tern.reshape %out : tensor<?x2x32xf32, #tern.dims<T>> to tensor<?x64xf32, #tern.dims<T>>
    %blocks = tern.quantise %flat : tensor<?x64xf32, #tern.dims<T>> to tensor<?x64x!tern.block<8, 32, f32>, #tern.dims<T>>
    return %blocks, %held : tensor<?x64x!tern.block<8, 32, f32>, #tern.dims<T>>, !kv.cache<2 x 2, 32, 32, f16>
  }
}
