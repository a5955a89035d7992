// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Counts of bytes by atomics on shared memory; greatest floats by compare and swap; all operations
// of integers.
#include <cstdint>

extern "C" __global__ void histogram(const unsigned char *in, unsigned *out, int n) {
  __shared__ unsigned counts[256];
  for (int i = threadIdx.x; i < 256; i += blockDim.x)
    counts[i] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    atomicAdd(&counts[in[i]], 1u);
  __syncthreads();
  for (int i = threadIdx.x; i < 256; i += blockDim.x)
    atomicAdd(&out[i], counts[i]);
}

extern "C" __global__ void greatest(const float *in, float *out) {
  float value = in[blockIdx.x * blockDim.x + threadIdx.x];
  int *place = reinterpret_cast<int *>(out);
  int old = *(volatile int *)place;
  while (__int_as_float(old) < value) {
    int seen = atomicCAS(place, old, __float_as_int(value));
    if (seen == old)
      break;
    old = seen;
  }
}

extern "C" __global__ void integers(const int *in, int *out, unsigned long long *wide,
                                    float *sums) {
  int value = in[blockIdx.x * blockDim.x + threadIdx.x];
  atomicMin(&out[0], value);
  atomicMax(&out[1], value);
  atomicAnd(&out[2], value);
  atomicOr(&out[3], value);
  atomicXor(&out[4], value);
  atomicSub(&out[5], value);
  atomicInc(reinterpret_cast<unsigned *>(&out[6]), 9u);
  atomicDec(reinterpret_cast<unsigned *>(&out[7]), 9u);
  atomicExch(&out[8], 7);
  atomicAdd(&wide[0], static_cast<unsigned long long>(value) << 20);
  atomicMax(&wide[1], static_cast<unsigned long long>(value) << 20);
  atomicAdd(&sums[0], static_cast<float>(value) * 0.5f);
  atomicAdd(reinterpret_cast<double *>(&sums[2]), static_cast<double>(value) * 0.25);
}
