// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tiles that come by asynchronous copies some stages ahead; the tail is filled with zeros.
#include <cstdint>

__device__ void copy16(float *to, const float *from, int bytes) {
  uint32_t place = __cvta_generic_to_shared(to);
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(place), "l"(from), "r"(bytes));
}

// out[i] = sum over the tiles of in[tile][i]; n is the number of floats in all.
extern "C" __global__ void stages(const float *in, float *out, int n) {
  constexpr int stages = 4, width = 256;
  __shared__ __align__(16) float tiles[stages][width];
  int tiles_in_all = (n + width - 1) / width;
  auto issue = [&](int tile) {
    int first = tile * width + threadIdx.x * 4;
    int left = (n - first) * 4;
    int bytes = tile >= tiles_in_all || left <= 0 ? 0 : left < 16 ? left : 16;
    copy16(&tiles[tile % stages][threadIdx.x * 4], in + (bytes ? first : 0), bytes);
  };
  for (int tile = 0; tile < stages - 1; ++tile) {
    issue(tile);
    asm volatile("cp.async.commit_group;");
  }
  float total = 0;
  for (int tile = 0; tile < tiles_in_all; ++tile) {
    asm volatile("cp.async.wait_group %0;" ::"n"(stages - 2));
    __syncthreads();
    // Another thread's part of the tile.
    for (int i = 0; i < 4; ++i)
      total += tiles[tile % stages][(threadIdx.x * 4 + 128 + i) % width];
    issue(tile + stages - 1);
    asm volatile("cp.async.commit_group;");
  }
  asm volatile("cp.async.wait_all;");
  out[threadIdx.x] = total;
}

// The builtin spelling.
#include <cuda_pipeline.h>
extern "C" __global__ void builtin(const int *in, int *out) {
  __shared__ int values[128];
  __pipeline_memcpy_async(&values[threadIdx.x], &in[threadIdx.x], 4);
  __pipeline_commit();
  __pipeline_wait_prior(0);
  __syncthreads();
  out[threadIdx.x] = values[127 - threadIdx.x];
}
