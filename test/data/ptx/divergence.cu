// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Loops of different lengths, nested branches, a switch, early exits, local arrays.

extern "C" __global__ void collatz(const unsigned *in, unsigned *out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  unsigned value = in[i], steps = 0;
  while (value != 1) {
    if (value % 2 == 0) {
      value /= 2;
    } else {
      value = 3 * value + 1;
      if (value % 64 == 0)
        continue;
    }
    ++steps;
    if (steps > 200)
      break;
  }
  out[i] = steps;
}

extern "C" __global__ void choose(const int *in, int *out) {
  int i = threadIdx.x, value = in[i];
  int result;
  switch (value) {
  case 0: result = i * 3; break;
  case 1: result = i ^ 0x55; break;
  case 2: result = __popc(i); break;
  case 3: result = i << 7; break;
  case 4: {
    int total = 0;
    for (int j = 0; j < i; ++j)
      total += in[j] * j;
    result = total;
    break;
  }
  case 5: result = 1000 - i; break;
  case 6: result = i * i; break;
  case 7: result = -i; break;
  default: result = 42;
  }
  out[i] = result;
}

extern "C" __global__ void permute(const int *order, int *out) {
  int places[16];
  for (int i = 0; i < 16; ++i)
    places[i] = 100 * i + threadIdx.x;
  for (int i = 0; i < 16; ++i) {
    int j = order[(i + threadIdx.x) % 16];
    int kept = places[i];
    places[i] = places[j];
    places[j] = kept;
  }
  int total = 0;
  for (int i = 0; i < 16; ++i)
    total = total * 3 + places[order[i]];
  out[threadIdx.x] = total;
}
