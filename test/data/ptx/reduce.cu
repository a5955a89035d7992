// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sums of blocks by shuffles and shared memory, added up by atomics; inclusive sums of each warp.
#include <cstdint>

extern "C" __global__ void sum(const int *in, int *out, int n) {
  __shared__ int partial[32];
  int total = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    total += in[i];
  for (int by = 16; by > 0; by /= 2)
    total += __shfl_down_sync(~0u, total, by);
  if (threadIdx.x % 32 == 0)
    partial[threadIdx.x / 32] = total;
  __syncthreads();
  if (threadIdx.x < 32) {
    total = threadIdx.x < blockDim.x / 32 ? partial[threadIdx.x] : 0;
    for (int by = 16; by > 0; by /= 2)
      total += __shfl_xor_sync(~0u, total, by);
    if (threadIdx.x == 0)
      atomicAdd(out, total);
  }
}

extern "C" __global__ void scan(const float *in, float *out) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  float value = in[i];
  for (int by = 1; by < 32; by *= 2) {
    float other = __shfl_up_sync(~0u, value, by);
    if (threadIdx.x % 32 >= by)
      value += other;
  }
  out[i] = value + __shfl_sync(~0u, value, 3, 8);
}

// The last block to come adds up what the others left.
__device__ unsigned come;
extern "C" __global__ void last(const float *in, float *partial, float *out) {
  __shared__ float values[64];
  __shared__ bool isLast;
  values[threadIdx.x] = in[blockIdx.x * 64 + threadIdx.x];
  __syncthreads();
  for (int by = 32; by > 0; by /= 2) {
    if (threadIdx.x < by)
      values[threadIdx.x] += values[threadIdx.x + by];
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = values[0];
    __threadfence();
    isLast = atomicInc(&come, gridDim.x - 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (isLast && threadIdx.x == 0) {
    __threadfence();
    float total = 0;
    for (int i = 0; i < gridDim.x; ++i)
      total += partial[i];
    *out = total;
  }
}
