// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Through shared memory, with rows of 32 words (all lanes on one bank) and of 33 (no two).

template <int width> __device__ void turn(const float *in, float *out, float (*tile)[width]) {
  int x = threadIdx.x, y = threadIdx.y;
  for (int i = y; i < 32; i += 8)
    tile[i][x] = in[i * 32 + x];
  __syncthreads();
  for (int i = y; i < 32; i += 8)
    out[i * 32 + x] = tile[x][i];
}
extern "C" __global__ void conflicts(const float *in, float *out) {
  __shared__ float tile[32][32];
  turn<32>(in, out, tile);
}
extern "C" __global__ void padded(const float *in, float *out) {
  __shared__ float tile[32][33];
  turn<33>(in, out, tile);
}
