// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Arithmetic and conversions of f16 and bf16.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

extern "C" __global__ void f16(const __half2 *a, const __half2 *b, __half2 *out, float *floats,
                               int *ints) {
  int i = blockIdx.x * blockDim.x + threadIdx.x, n = gridDim.x * blockDim.x;
  out[i] = __hadd2(a[i], b[i]);
  out[n + i] = __hmul2(a[i], b[i]);
  out[2 * n + i] = __hfma2(a[i], b[i], a[i]);
  out[3 * n + i] = __hmax2(a[i], __hneg2(b[i]));
  floats[i] = __low2float(a[i]) + __high2float(b[i]);
  ints[i] = __half2int_rn(__low2half(a[i]));
  out[4 * n + i] = __floats2half2_rn(floats[i], static_cast<float>(ints[i]));
  out[5 * n + i] = __hsub2_sat(a[i], b[i]);
}

extern "C" __global__ void bf16(const float *a, __nv_bfloat162 *out, float *floats) {
  int i = blockIdx.x * blockDim.x + threadIdx.x, n = gridDim.x * blockDim.x;
  __nv_bfloat162 pair = __floats2bfloat162_rn(a[2 * i], a[2 * i + 1]);
  out[i] = pair;
  out[n + i] = __hfma2(pair, pair, pair);
  out[2 * n + i] = __hmul2(pair, pair);
  out[3 * n + i] = __hadd2(pair, __float2bfloat162_rn(1.0f));
  floats[i] = __bfloat162float(pair.x) * 2.0f;
}
