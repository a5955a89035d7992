// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Named barriers: two warps fill, two warps empty; and barriers that reduce.

extern "C" __global__ void exchange(const int *in, int *out, int rounds) {
  __shared__ int buffer[64];
  int lane = threadIdx.x % 64;
  if (threadIdx.x < 64) {
    for (int i = 0; i < rounds; ++i) {
      asm volatile("bar.sync 1, 128;" ::: "memory"); // it is empty
      buffer[lane] = in[i * 64 + lane];
      asm volatile("bar.arrive 2, 128;" ::: "memory"); // it is full
    }
  } else {
    asm volatile("bar.arrive 1, 128;" ::: "memory");
    int total = 0;
    for (int i = 0; i < rounds; ++i) {
      asm volatile("bar.sync 2, 128;" ::: "memory");
      total = total * 3 + buffer[63 - lane];
      if (i + 1 < rounds)
        asm volatile("bar.arrive 1, 128;" ::: "memory");
    }
    out[lane] = total;
  }
}

extern "C" __global__ void agree(const int *in, int *out) {
  int value = in[threadIdx.x];
  out[threadIdx.x] = __syncthreads_count(value > 3) * 4 + (__syncthreads_and(value >= 0) ? 2 : 0) +
                     (__syncthreads_or(value == 77) ? 1 : 0);
}
