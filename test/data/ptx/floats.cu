// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Functions of f32 and f64 in full, by approximations and their mends; constants and structures.

struct Pair {
  float scale;
  double offset;
  int place[3];
};
__constant__ float table[8] = {1, 2, 4, 8, 16, 32, 64, 128};
__device__ int counter = 40;

extern "C" __global__ void functions(const float *in, float *out, double *wide) {
  int i = threadIdx.x;
  float x = in[i];
  float *to = out + 12 * i;
  to[0] = expf(x);
  to[1] = logf(fabsf(x) + 0.5f);
  to[2] = sinf(x);
  to[3] = cosf(100.0f * x);
  to[4] = tanhf(x);
  to[5] = rsqrtf(fabsf(x) + 0.25f);
  to[6] = sqrtf(fabsf(x));
  to[7] = x / (x * x + 1.0f);
  to[8] = erff(x);
  to[9] = __fdividef(x, 3.0f);
  to[10] = powf(fabsf(x), 1.5f);
  to[11] = __fadd_rz(x, 1e-3f) + __fmul_ru(x, 1.1f);
  double y = x;
  wide[4 * i] = y / (y * y + 1.0);
  wide[4 * i + 1] = sqrt(fabs(y));
  wide[4 * i + 2] = exp(y);
  wide[4 * i + 3] = fma(y, y, 0.1);
}

extern "C" __global__ void structure(Pair pair, int *out) {
  int i = threadIdx.x;
  float scaled = pair.scale * table[i % 8] + static_cast<float>(pair.offset);
  out[i] = static_cast<int>(scaled) + pair.place[i % 3];
  if (i == 0)
    counter += 2;
  __syncthreads();
  if (i == 1)
    out[i] = counter;
}

extern "C" __global__ void softmax(const float *in, float *out, int n) {
  __shared__ float shared[8];
  const float *row = in + blockIdx.x * n;
  float most = -1e30f, total = 0;
  for (int i = threadIdx.x; i < n; i += blockDim.x)
    most = fmaxf(most, row[i]);
  for (int by = 16; by > 0; by /= 2)
    most = fmaxf(most, __shfl_xor_sync(~0u, most, by));
  if (threadIdx.x % 32 == 0)
    shared[threadIdx.x / 32] = most;
  __syncthreads();
  for (int i = 0; i < blockDim.x / 32; ++i)
    most = fmaxf(most, shared[i]);
  __syncthreads();
  for (int i = threadIdx.x; i < n; i += blockDim.x)
    total += __expf(row[i] - most);
  for (int by = 16; by > 0; by /= 2)
    total += __shfl_xor_sync(~0u, total, by);
  if (threadIdx.x % 32 == 0)
    shared[threadIdx.x / 32] = total;
  __syncthreads();
  total = 0;
  for (int i = 0; i < blockDim.x / 32; ++i)
    total += shared[i];
  for (int i = threadIdx.x; i < n; i += blockDim.x)
    out[blockIdx.x * n + i] = __expf(row[i] - most) / total;
}
