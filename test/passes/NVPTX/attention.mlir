// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention over a narrow cache is on tensor cores in fast, or has a remark. Few rows have a kernel for
// chunks of a sequence, which are blocks in f32, if there is more than one: the chunk that ends last
// merges them all, or where that is too much for a warp, a second kernel.
// RUN: tern-opt %s --tern-to-plan --tern-generate-ptx-kernels=chip=sm_80 | FileCheck %s
// RUN: sed -e s/fast/exact/ %s | tern-opt --tern-to-plan --tern-generate-ptx-kernels=chip=sm_80 | FileCheck %s --check-prefix=EXACT
// RUN: sed -e s/1024/256/ %s | tern-opt --tern-to-plan --tern-generate-ptx-kernels=chip=sm_80 | FileCheck %s --check-prefix=SHORT
// RUN: sed -e s/1024/131072/ %s | tern-opt --tern-to-plan --tern-generate-ptx-kernels=chip=sm_80 | FileCheck %s --check-prefix=LONG

module attributes {tern.model = {context = 1024 : i64}, tern.numerics = "fast"} {
  tern.dim @T from 0 to 512
  tern.dim @B from 0 to 8

  // Four chunks of a key head; 8 rows of 4 heads leave records of 288 bytes of each.
  // CHECK:      plan.kernel @attention_0 strides {{.*}} block [128, 64, 25600] {
  // CHECK:      plan.kernel @attention_0_apart strides {{.*}} block [32, 1, 18688] {
  // CHECK-NOT:  _merge
  // CHECK:      plan.program @wide arguments {{.*}} arena 36864
  // CHECK:        %[[SPACE:.*]] = plan.buffer arena "" from 0 bytes <36864>
  // CHECK-NEXT:   plan.launch @attention_0({{.*}}) indices [1] sizes [#tern.extent<B>, #tern.extent<1>] tiles <126 * B + 4 * T> if <T - 8>
  // CHECK-NEXT:   plan.launch @attention_0_apart({{.*}}, %[[SPACE]]) indices [1] sizes [#tern.extent<1>] tiles <8 * B> if <-T + 9>
  // CHECK-NOT:    plan.launch
  // EXACT:      plan.program @wide arguments {{.*}} arena 147456
  // EXACT-NOT:  remark
  // EXACT:        plan.launch @attention_0({{.*}}) indices [1] sizes [#tern.extent<1>] tiles <2 * B> if <T - 8>
  // EXACT-NEXT:   plan.launch @attention_0_apart({{.*}}) indices [1] sizes [#tern.extent<1>] tiles <32 * B> if <-T + 9>
  // EXACT-NOT:    plan.launch
  // EXACT:      plan.kernel @attention_1
  // EXACT-NOT:  nvvm.mma.sync
  // SHORT:      plan.kernel @attention_0 strides {{.*}} block [128, 64, 25600] {
  // SHORT-NOT:  _apart
  // SHORT:      plan.program @wide
  // SHORT:        plan.launch @attention_0({{.*}}) indices [1] sizes [#tern.extent<B>, #tern.extent<1>] tiles <126 * B + 4 * T>{{$}}
  // So much memory that fewer rows are apart.
  // LONG:      plan.program @latent arguments {{.*}} arena 51118080
  // LONG:        plan.launch @attention_3_apart({{.*}}) {{.*}} if <-T + 4>
  // LONG-NEXT:   plan.launch @attention_3_merge({{.*}}) {{.*}} tiles <4 * T> if <-T + 4>
  func.func @wide(%q: tensor<?x4x64xf32, #tern.dims<T>>, %cache: !kv.cache<2 x 2, 64, 64, f16>, %p: tensor<?xi32, #tern.dims<T>>, %b: !kv.batch<T, B>) -> tensor<?x4x64xf32, #tern.dims<T>> {
    %layer = arith.constant 1 : index
    %0 = kv.attend %q, %cache, %p, %b at %layer scale 0.25 : tensor<?x4x64xf32, #tern.dims<T>>, !kv.cache<2 x 2, 64, 64, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
    return %0 : tensor<?x4x64xf32, #tern.dims<T>>
  }

  // CHECK: plan.kernel @attention_1 {{.*}} remark "tensor cores take keys of a multiple of 16 numbers and values of one of 8, or of 16 above 128, found 24 and 24"
  func.func @odd(%q: tensor<?x4x24xf32, #tern.dims<T>>, %cache: !kv.cache<2 x 2, 24, 24, bf16>, %p: tensor<?xi32, #tern.dims<T>>, %b: !kv.batch<T, B>) -> tensor<?x4x24xf32, #tern.dims<T>> {
    %layer = arith.constant 1 : index
    %0 = kv.attend %q, %cache, %p, %b at %layer scale 0.25 : tensor<?x4x24xf32, #tern.dims<T>>, !kv.cache<2 x 2, 24, 24, bf16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
    return %0 : tensor<?x4x24xf32, #tern.dims<T>>
  }

  // CHECK: plan.kernel @attention_2 {{.*}} remark "tensor cores take no bias of distances"
  func.func @biased(%q: tensor<?x4x32xf32, #tern.dims<T>>, %cache: !kv.cache<2 x 2, 32, 32, f16>, %p: tensor<?xi32, #tern.dims<T>>, %b: !kv.batch<T, B>, %s: tensor<4xf32>) -> tensor<?x4x32xf32, #tern.dims<T>> {
    %layer = arith.constant 1 : index
    %0 = kv.attend %q, %cache, %p, %b at %layer scale 0.25 slopes %s : tensor<?x4x32xf32, #tern.dims<T>>, !kv.cache<2 x 2, 32, 32, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>, tensor<4xf32>
    return %0 : tensor<?x4x32xf32, #tern.dims<T>>
  }

  // CHECK: plan.kernel @attention_3 {{.*}} remark "tensor cores read keys from shared memory, found 164864 bytes of them with queries and values"
  func.func @latent(%q: tensor<?x4x576xf32, #tern.dims<T>>, %cache: !kv.cache<2 x 1, 576, 512, bf16>, %p: tensor<?xi32, #tern.dims<T>>, %b: !kv.batch<T, B>) -> tensor<?x4x512xf32, #tern.dims<T>> {
    %layer = arith.constant 1 : index
    %0 = kv.attend %q, %cache, %p, %b at %layer scale 0.25 : tensor<?x4x576xf32, #tern.dims<T>>, !kv.cache<2 x 1, 576, 512, bf16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
    return %0 : tensor<?x4x512xf32, #tern.dims<T>>
  }

  // A cache in f32 is not rounded.
  // CHECK: plan.kernel @attention_4 strides
  // CHECK-NOT: remark
  // CHECK: plan.program @exact
  func.func @exact(%q: tensor<?x4x32xf32, #tern.dims<T>>, %cache: !kv.cache<2 x 2, 32, 32, f32>, %p: tensor<?xi32, #tern.dims<T>>, %b: !kv.batch<T, B>) -> tensor<?x4x32xf32, #tern.dims<T>> {
    %layer = arith.constant 1 : index
    %0 = kv.attend %q, %cache, %p, %b at %layer scale 0.25 : tensor<?x4x32xf32, #tern.dims<T>>, !kv.cache<2 x 2, 32, 32, f32>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
    return %0 : tensor<?x4x32xf32, #tern.dims<T>>
  }

  // What takes the most registers: ptxas is to keep none in memory (assemble.py).
  // CHECK: plan.kernel @attention_5 {{.*}} block [128, 64, 50176]
  // CHECK: plan.program @capped
  func.func @capped(%q: tensor<?x8x128xf32, #tern.dims<T>>, %cache: !kv.cache<2 x 2, 128, 128, bf16>, %p: tensor<?xi32, #tern.dims<T>>, %b: !kv.batch<T, B>) -> tensor<?x8x128xf32, #tern.dims<T>> {
    %layer = arith.constant 1 : index
    %0 = kv.attend %q, %cache, %p, %b at %layer scale 0.25 window 100 soft_cap 5.0 : tensor<?x8x128xf32, #tern.dims<T>>, !kv.cache<2 x 2, 128, 128, bf16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
    return %0 : tensor<?x8x128xf32, #tern.dims<T>>
  }

  // CHECK: plan.kernel @attention_6 {{.*}} block [128, 64, 50176]
  // CHECK: plan.program @turned
  func.func @turned(%q: tensor<?x8x128xf32, #tern.dims<T>>, %cache: !kv.cache<2 x 2, 128, 128, f16>, %p: tensor<?xi32, #tern.dims<T>>, %b: !kv.batch<T, B>, %cos: tensor<?x64xf32, #tern.dims<T>>, %sin: tensor<?x64xf32, #tern.dims<T>>) -> tensor<?x8x128xf32, #tern.dims<T>> {
    %layer = arith.constant 1 : index
    %t = tern.rotary half %q, %cos, %sin : tensor<?x8x128xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>
    %0 = kv.attend %t, %cache, %p, %b at %layer scale 0.25 : tensor<?x8x128xf32, #tern.dims<T>>, !kv.cache<2 x 2, 128, 128, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
    return %0 : tensor<?x8x128xf32, #tern.dims<T>>
  }

  // A block of threads computes half of the values' columns.
  // CHECK: plan.kernel @attention_7 {{.*}} block [128, 64, 82944]
  // CHECK: plan.program @halves
  // CHECK: tiles <252 * B + 16 * T> if <T - 8>
  func.func @halves(%q: tensor<?x8x256xf32, #tern.dims<T>>, %cache: !kv.cache<2 x 2, 256, 256, f16>, %p: tensor<?xi32, #tern.dims<T>>, %b: !kv.batch<T, B>, %cos: tensor<?x128xf32, #tern.dims<T>>, %sin: tensor<?x128xf32, #tern.dims<T>>) -> tensor<?x8x256xf32, #tern.dims<T>> {
    %layer = arith.constant 1 : index
    %t = tern.rotary interleaved %q, %cos, %sin : tensor<?x8x256xf32, #tern.dims<T>>, tensor<?x128xf32, #tern.dims<T>>, tensor<?x128xf32, #tern.dims<T>>
    %0 = kv.attend %t, %cache, %p, %b at %layer scale 0.25 window 100 soft_cap 5.0 : tensor<?x8x256xf32, #tern.dims<T>>, !kv.cache<2 x 2, 256, 256, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
    return %0 : tensor<?x8x256xf32, #tern.dims<T>>
  }
}
