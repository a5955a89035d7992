// RUN: tern-opt %s --tern-saturate --tern-split-load | FileCheck %s

// The layer of a real model: 9 query heads, 3 key heads, a width of 576.

tern.dim @T from 1 to 512
tern.dim @B from 1 to 64

// Weights in blocks: seven contractions are four, each over one packed matrix. The norms' scales
// stay in the step, since no rounding is crossed.
// CHECK-LABEL: func.func private @layer.load(
// CHECK-DAG:     tern.pack %{{.*}}, %{{.*}}, %{{.*}} : tensor<576x576x!tern.block<4, 32, f16, min>>, tensor<192x576x!tern.block<4, 32, f16, min>>, tensor<192x576x!tern.block<4, 32, f16, min>>
// CHECK-DAG:     tern.pack %{{.*}} : tensor<576x576x!tern.block<4, 32, f16, min>>
// CHECK-DAG:     tern.pack %{{.*}}, %{{.*}} : tensor<1536x576x!tern.block<4, 32, f16, min>>, tensor<1536x576x!tern.block<4, 32, f16, min>>
// CHECK-DAG:     tern.pack %{{.*}} : tensor<576x1536x!tern.block<4, 32, f16, min>>
// CHECK-LABEL: func.func @layer(
// CHECK-NOT:     tern.weight
// CHECK:         tern.mul %{{.*}} : tensor<?x576xf32
// CHECK:         tern.contract {{.*}} tensor<960x576x!tern.block<4, 32, f16, min>, #tern.panels<32>>
// CHECK:         tern.reshape %{{.*}} to tensor<?x15x64xf32
// CHECK:         tern.contract
// CHECK:         tern.mul %{{.*}} : tensor<?x576xf32
// CHECK:         tern.contract {{.*}} tensor<3072x576x!tern.block<4, 32, f16, min>, #tern.panels<32, alternating>>
// CHECK:         tern.contract
// CHECK-NOT:     tern.contract
// CHECK:         return
func.func @layer(%arg0: index, %arg1: tensor<?x576xf32, #tern.dims<T>>, %arg2: !kv.cache<30 x 3, 64, 64, f32>, %arg3: tensor<?x32xf32, #tern.dims<T>>, %arg4: tensor<?x32xf32, #tern.dims<T>>, %arg5: tensor<?xi32, #tern.dims<T>>, %arg6: !kv.batch<T, B>) -> (tensor<?x576xf32, #tern.dims<T>>, !kv.cache<30 x 3, 64, 64, f32>) {
  %0 = tern.rms_norm "ab/b" %arg1 epsilon 9.9999997473787516E-6 : tensor<?x576xf32, #tern.dims<T>>
  %1 = tern.weight "blk.{}.attn_norm.weight" at %arg0 : tensor<576xf32>
  %2 = tern.broadcast "a->ba" %1 : tensor<576xf32> to tensor<?x576xf32, #tern.dims<T>>
  %3 = tern.mul %0, %2 : tensor<?x576xf32, #tern.dims<T>>, tensor<?x576xf32, #tern.dims<T>>
  %4 = tern.quantise %3 {correction = "scaled"} : tensor<?x576xf32, #tern.dims<T>> to tensor<?x576x!tern.block<8, 32, f32>, #tern.dims<T>>
  %5 = tern.weight "blk.{}.attn_q.weight" at %arg0 : tensor<576x576x!tern.block<4, 32, f16, min>>
  %6 = tern.contract "ab,cb->ac" %4, %5 : tensor<?x576x!tern.block<8, 32, f32>, #tern.dims<T>>, tensor<576x576x!tern.block<4, 32, f16, min>>
  %7 = tern.reshape %6 : tensor<?x576xf32, #tern.dims<T>> to tensor<?x9x64xf32, #tern.dims<T>>
  %8 = tern.rotary interleaved %7, %arg3, %arg4 : tensor<?x9x64xf32, #tern.dims<T>>, tensor<?x32xf32, #tern.dims<T>>, tensor<?x32xf32, #tern.dims<T>>
  %9 = tern.weight "blk.{}.attn_k.weight" at %arg0 : tensor<192x576x!tern.block<4, 32, f16, min>>
  %10 = tern.contract "ab,cb->ac" %4, %9 : tensor<?x576x!tern.block<8, 32, f32>, #tern.dims<T>>, tensor<192x576x!tern.block<4, 32, f16, min>>
  %11 = tern.reshape %10 : tensor<?x192xf32, #tern.dims<T>> to tensor<?x3x64xf32, #tern.dims<T>>
  %12 = tern.rotary interleaved %11, %arg3, %arg4 : tensor<?x3x64xf32, #tern.dims<T>>, tensor<?x32xf32, #tern.dims<T>>, tensor<?x32xf32, #tern.dims<T>>
  %13 = tern.weight "blk.{}.attn_v.weight" at %arg0 : tensor<192x576x!tern.block<4, 32, f16, min>>
  %14 = tern.contract "ab,cb->ac" %4, %13 : tensor<?x576x!tern.block<8, 32, f32>, #tern.dims<T>>, tensor<192x576x!tern.block<4, 32, f16, min>>
  %15 = tern.reshape %14 : tensor<?x192xf32, #tern.dims<T>> to tensor<?x3x64xf32, #tern.dims<T>>
  %16 = kv.append %arg2, %12, %15, %arg5, %arg6 at %arg0 : <30 x 3, 64, 64, f32>, tensor<?x3x64xf32, #tern.dims<T>>, tensor<?x3x64xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>, <T, B>
  %result = kv.attend %8, %16, %arg5, %arg6 at %arg0 scale 1.250000e-01 : tensor<?x9x64xf32, #tern.dims<T>>, <30 x 3, 64, 64, f32>, tensor<?xi32, #tern.dims<T>>, <T, B>
  %17 = tern.reshape %result : tensor<?x9x64xf32, #tern.dims<T>> to tensor<?x576xf32, #tern.dims<T>>
  %18 = tern.quantise %17 {correction = "scaled"} : tensor<?x576xf32, #tern.dims<T>> to tensor<?x576x!tern.block<8, 32, f32>, #tern.dims<T>>
  %19 = tern.weight "blk.{}.attn_output.weight" at %arg0 : tensor<576x576x!tern.block<4, 32, f16, min>>
  %20 = tern.contract "ab,cb->ac" %18, %19 : tensor<?x576x!tern.block<8, 32, f32>, #tern.dims<T>>, tensor<576x576x!tern.block<4, 32, f16, min>>
  %21 = tern.add %arg1, %20 : tensor<?x576xf32, #tern.dims<T>>, tensor<?x576xf32, #tern.dims<T>>
  %22 = tern.rms_norm "ab/b" %21 epsilon 9.9999997473787516E-6 : tensor<?x576xf32, #tern.dims<T>>
  %23 = tern.weight "blk.{}.ffn_norm.weight" at %arg0 : tensor<576xf32>
  %24 = tern.broadcast "a->ba" %23 : tensor<576xf32> to tensor<?x576xf32, #tern.dims<T>>
  %25 = tern.mul %22, %24 : tensor<?x576xf32, #tern.dims<T>>, tensor<?x576xf32, #tern.dims<T>>
  %26 = tern.quantise %25 {correction = "scaled"} : tensor<?x576xf32, #tern.dims<T>> to tensor<?x576x!tern.block<8, 32, f32>, #tern.dims<T>>
  %27 = tern.weight "blk.{}.ffn_gate.weight" at %arg0 : tensor<1536x576x!tern.block<4, 32, f16, min>>
  %28 = tern.contract "ab,cb->ac" %26, %27 : tensor<?x576x!tern.block<8, 32, f32>, #tern.dims<T>>, tensor<1536x576x!tern.block<4, 32, f16, min>>
  %29 = tern.silu %28 : tensor<?x1536xf32, #tern.dims<T>>
  %30 = tern.weight "blk.{}.ffn_up.weight" at %arg0 : tensor<1536x576x!tern.block<4, 32, f16, min>>
  %31 = tern.contract "ab,cb->ac" %26, %30 : tensor<?x576x!tern.block<8, 32, f32>, #tern.dims<T>>, tensor<1536x576x!tern.block<4, 32, f16, min>>
  %32 = tern.mul %29, %31 : tensor<?x1536xf32, #tern.dims<T>>, tensor<?x1536xf32, #tern.dims<T>>
  %33 = tern.quantise %32 {correction = "scaled"} : tensor<?x1536xf32, #tern.dims<T>> to tensor<?x1536x!tern.block<8, 32, f32>, #tern.dims<T>>
  %34 = tern.weight "blk.{}.ffn_down.weight" at %arg0 : tensor<576x1536x!tern.block<4, 32, f16, min>>
  %35 = tern.contract "ab,cb->ac" %33, %34 : tensor<?x1536x!tern.block<8, 32, f32>, #tern.dims<T>>, tensor<576x1536x!tern.block<4, 32, f16, min>>
  %36 = tern.add %35, %21 : tensor<?x576xf32, #tern.dims<T>>, tensor<?x576xf32, #tern.dims<T>>
  return %36, %16 : tensor<?x576xf32, #tern.dims<T>>, !kv.cache<30 x 3, 64, 64, f32>
}

// Weights of f32: the norms' scales are paid at load too.
// CHECK-LABEL: func.func private @layer_f32.load(
// CHECK-COUNT-5: tern.mul
// CHECK-LABEL: func.func @layer_f32(
// CHECK-NOT:     tern.mul %{{.*}} : tensor<?x576xf32
// CHECK:         return
func.func @layer_f32(%arg0: index, %arg1: tensor<?x576xf32, #tern.dims<T>>, %arg2: !kv.cache<30 x 3, 64, 64, f32>, %arg3: tensor<?x32xf32, #tern.dims<T>>, %arg4: tensor<?x32xf32, #tern.dims<T>>, %arg5: tensor<?xi32, #tern.dims<T>>, %arg6: !kv.batch<T, B>) -> (tensor<?x576xf32, #tern.dims<T>>, !kv.cache<30 x 3, 64, 64, f32>) {
  %0 = tern.rms_norm "ab/b" %arg1 epsilon 9.9999997473787516E-6 : tensor<?x576xf32, #tern.dims<T>>
  %1 = tern.weight "blk.{}.attn_norm.weight" at %arg0 : tensor<576xf32>
  %2 = tern.broadcast "a->ba" %1 : tensor<576xf32> to tensor<?x576xf32, #tern.dims<T>>
  %3 = tern.mul %0, %2 : tensor<?x576xf32, #tern.dims<T>>, tensor<?x576xf32, #tern.dims<T>>
  %5 = tern.weight "blk.{}.attn_q.weight" at %arg0 : tensor<576x576xf32>
  %6 = tern.contract "ab,cb->ac" %3, %5 : tensor<?x576xf32, #tern.dims<T>>, tensor<576x576xf32>
  %7 = tern.reshape %6 : tensor<?x576xf32, #tern.dims<T>> to tensor<?x9x64xf32, #tern.dims<T>>
  %8 = tern.rotary interleaved %7, %arg3, %arg4 : tensor<?x9x64xf32, #tern.dims<T>>, tensor<?x32xf32, #tern.dims<T>>, tensor<?x32xf32, #tern.dims<T>>
  %9 = tern.weight "blk.{}.attn_k.weight" at %arg0 : tensor<192x576xf32>
  %10 = tern.contract "ab,cb->ac" %3, %9 : tensor<?x576xf32, #tern.dims<T>>, tensor<192x576xf32>
  %11 = tern.reshape %10 : tensor<?x192xf32, #tern.dims<T>> to tensor<?x3x64xf32, #tern.dims<T>>
  %12 = tern.rotary interleaved %11, %arg3, %arg4 : tensor<?x3x64xf32, #tern.dims<T>>, tensor<?x32xf32, #tern.dims<T>>, tensor<?x32xf32, #tern.dims<T>>
  %13 = tern.weight "blk.{}.attn_v.weight" at %arg0 : tensor<192x576xf32>
  %14 = tern.contract "ab,cb->ac" %3, %13 : tensor<?x576xf32, #tern.dims<T>>, tensor<192x576xf32>
  %15 = tern.reshape %14 : tensor<?x192xf32, #tern.dims<T>> to tensor<?x3x64xf32, #tern.dims<T>>
  %16 = kv.append %arg2, %12, %15, %arg5, %arg6 at %arg0 : <30 x 3, 64, 64, f32>, tensor<?x3x64xf32, #tern.dims<T>>, tensor<?x3x64xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>, <T, B>
  %result = kv.attend %8, %16, %arg5, %arg6 at %arg0 scale 1.250000e-01 : tensor<?x9x64xf32, #tern.dims<T>>, <30 x 3, 64, 64, f32>, tensor<?xi32, #tern.dims<T>>, <T, B>
  %17 = tern.reshape %result : tensor<?x9x64xf32, #tern.dims<T>> to tensor<?x576xf32, #tern.dims<T>>
  %19 = tern.weight "blk.{}.attn_output.weight" at %arg0 : tensor<576x576xf32>
  %20 = tern.contract "ab,cb->ac" %17, %19 : tensor<?x576xf32, #tern.dims<T>>, tensor<576x576xf32>
  %21 = tern.add %arg1, %20 : tensor<?x576xf32, #tern.dims<T>>, tensor<?x576xf32, #tern.dims<T>>
  %22 = tern.rms_norm "ab/b" %21 epsilon 9.9999997473787516E-6 : tensor<?x576xf32, #tern.dims<T>>
  %23 = tern.weight "blk.{}.ffn_norm.weight" at %arg0 : tensor<576xf32>
  %24 = tern.broadcast "a->ba" %23 : tensor<576xf32> to tensor<?x576xf32, #tern.dims<T>>
  %25 = tern.mul %22, %24 : tensor<?x576xf32, #tern.dims<T>>, tensor<?x576xf32, #tern.dims<T>>
  %27 = tern.weight "blk.{}.ffn_gate.weight" at %arg0 : tensor<1536x576xf32>
  %28 = tern.contract "ab,cb->ac" %25, %27 : tensor<?x576xf32, #tern.dims<T>>, tensor<1536x576xf32>
  %29 = tern.silu %28 : tensor<?x1536xf32, #tern.dims<T>>
  %30 = tern.weight "blk.{}.ffn_up.weight" at %arg0 : tensor<1536x576xf32>
  %31 = tern.contract "ab,cb->ac" %25, %30 : tensor<?x576xf32, #tern.dims<T>>, tensor<1536x576xf32>
  %32 = tern.mul %29, %31 : tensor<?x1536xf32, #tern.dims<T>>, tensor<?x1536xf32, #tern.dims<T>>
  %34 = tern.weight "blk.{}.ffn_down.weight" at %arg0 : tensor<576x1536xf32>
  %35 = tern.contract "ab,cb->ac" %32, %34 : tensor<?x1536xf32, #tern.dims<T>>, tensor<576x1536xf32>
  %36 = tern.add %35, %21 : tensor<?x576xf32, #tern.dims<T>>, tensor<?x576xf32, #tern.dims<T>>
  return %36, %16 : tensor<?x576xf32, #tern.dims<T>>, !kv.cache<30 x 3, 64, 64, f32>
}
