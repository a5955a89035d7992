// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Products of one warp: C is m x 8, A is m x k by rows, B is 8 x k: the columns of the product.
#include <cstdint>

template <int count> __device__ void load(uint32_t *to, const uint32_t *from) {
  for (int i = 0; i < count; ++i)
    to[i] = from[i];
}

// A through shared memory and ldmatrix, B too.
extern "C" __global__ void f16_k16(const uint32_t *a, const uint32_t *b, float *c) {
  __shared__ __align__(16) uint32_t rows[16][8], columns[8][8];
  int lane = threadIdx.x;
  for (int i = lane; i < 128; i += 32)
    rows[i / 8][i % 8] = a[i];
  for (int i = lane; i < 64; i += 32)
    columns[i / 8][i % 8] = b[i];
  __syncwarp();
  uint32_t x[4], y[2];
  uint32_t place = __cvta_generic_to_shared(&rows[lane % 16][lane / 16 * 4]);
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "r"(place));
  place = __cvta_generic_to_shared(&columns[lane % 8][lane / 8 % 2 * 4]);
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0,%1}, [%2];"
               : "=r"(y[0]), "=r"(y[1]) : "r"(place));
  int g = lane / 4, t = lane % 4;
  float d[4] = {c[g * 8 + 2 * t], c[g * 8 + 2 * t + 1], c[(g + 8) * 8 + 2 * t],
                c[(g + 8) * 8 + 2 * t + 1]};
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
               "{%8,%9}, {%0,%1,%2,%3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]));
  c[g * 8 + 2 * t] = d[0];
  c[g * 8 + 2 * t + 1] = d[1];
  c[(g + 8) * 8 + 2 * t] = d[2];
  c[(g + 8) * 8 + 2 * t + 1] = d[3];
}

// B by rows of k, turned by ldmatrix: b is k x 8.
extern "C" __global__ void bf16_k16_turned(const uint32_t *a, const uint32_t *b, float *c) {
  __shared__ __align__(16) uint32_t columns[16][4];
  int lane = threadIdx.x, g = lane / 4, t = lane % 4;
  for (int i = lane; i < 64; i += 32)
    columns[i / 4][i % 4] = b[i];
  __syncwarp();
  uint32_t x[4] = {a[g * 8 + t], a[(g + 8) * 8 + t], a[g * 8 + t + 4], a[(g + 8) * 8 + t + 4]};
  uint32_t y[2];
  uint32_t place = __cvta_generic_to_shared(&columns[lane % 16][0]);
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];"
               : "=r"(y[0]), "=r"(y[1]) : "r"(place));
  float d[4] = {0, 0, 0, 0};
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, "
               "{%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]));
  c[g * 8 + 2 * t] = d[0];
  c[g * 8 + 2 * t + 1] = d[1];
  c[(g + 8) * 8 + 2 * t] = d[2];
  c[(g + 8) * 8 + 2 * t + 1] = d[3];
}

#define WORDS(name, type, shape, rows_of_a, words_of_k, registers_of_a, registers_of_b, as, bs)   \
  extern "C" __global__ void name(const uint32_t *a, const uint32_t *b, type *c) {                 \
    int lane = threadIdx.x, g = lane / 4, t = lane % 4;                                            \
    uint32_t x[registers_of_a], y[registers_of_b];                                                 \
    for (int r = 0; r < registers_of_a; ++r)                                                       \
      x[r] = a[(g + 8 * (r % 2)) * words_of_k + r / 2 * 4 + t];                                    \
    for (int r = 0; r < registers_of_b; ++r)                                                       \
      y[r] = b[g * words_of_k + r * 4 + t];                                                        \
    type d[4];                                                                                     \
    for (int r = 0; r < 4; ++r)                                                                    \
      d[r] = c[(g + r / 2 * 8) * 8 + 2 * t + r % 2];                                               \
    shape(as, bs);                                                                                 \
    for (int r = 0; r < 4; ++r)                                                                    \
      c[(g + r / 2 * 8) * 8 + 2 * t + r % 2] = d[r];                                               \
  }
#define A2 "r"(x[0]), "r"(x[1])
#define A4 A2, "r"(x[2]), "r"(x[3])
#define B1 "r"(y[0])
#define B2 B1, "r"(y[1])
#define SMALL(kind, letter)                                                                        \
  asm volatile("mma.sync.aligned." kind " {%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};"            \
               : "+" letter(d[0]), "+" letter(d[1]), "+" letter(d[2]), "+" letter(d[3])            \
               : A2, B1)
#define LARGE(kind, letter)                                                                        \
  asm volatile("mma.sync.aligned." kind " {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"   \
               : "+" letter(d[0]), "+" letter(d[1]), "+" letter(d[2]), "+" letter(d[3])            \
               : A4, B2)
#define F16K8(a, b) SMALL("m16n8k8.row.col.f32.f16.f16.f32", "f")
#define BF16K8(a, b) SMALL("m16n8k8.row.col.f32.bf16.bf16.f32", "f")
#define TF32K4(a, b) SMALL("m16n8k4.row.col.f32.tf32.tf32.f32", "f")
#define TF32K8(a, b) LARGE("m16n8k8.row.col.f32.tf32.tf32.f32", "f")
#define S8K16(a, b) SMALL("m16n8k16.row.col.satfinite.s32.s8.s8.s32", "r")
#define S8K32(a, b) LARGE("m16n8k32.row.col.s32.s8.u8.s32", "r")
#define S4K64(a, b) LARGE("m16n8k64.row.col.s32.s4.u4.s32", "r")
WORDS(f16_k8, float, F16K8, 16, 4, 2, 1, , )
WORDS(bf16_k8, float, BF16K8, 16, 4, 2, 1, , )
WORDS(tf32_k4, float, TF32K4, 16, 4, 2, 1, , )
WORDS(tf32_k8, float, TF32K8, 16, 8, 4, 2, , )
WORDS(s8_k16, int, S8K16, 16, 4, 2, 1, , )
WORDS(s8_k32, int, S8K32, 16, 8, 4, 2, , )
WORDS(s4_k64, int, S4K64, 16, 8, 4, 2, , )

// Accumulators of f16: two in a register.
extern "C" __global__ void f16_k16_halves(const uint32_t *a, const uint32_t *b, uint32_t *c) {
  int lane = threadIdx.x, g = lane / 4, t = lane % 4;
  uint32_t x[4] = {a[g * 8 + t], a[(g + 8) * 8 + t], a[g * 8 + t + 4], a[(g + 8) * 8 + t + 4]};
  uint32_t y[2] = {b[g * 8 + t], b[g * 8 + t + 4]};
  uint32_t d[2] = {c[g * 4 + t], c[(g + 8) * 4 + t]};
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 {%0,%1}, {%2,%3,%4,%5}, {%6,%7}, "
               "{%0,%1};"
               : "+r"(d[0]), "+r"(d[1])
               : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]));
  c[g * 4 + t] = d[0];
  c[(g + 8) * 4 + t] = d[1];
}

extern "C" __global__ void f64_k4(const double *a, const double *b, double *c) {
  int lane = threadIdx.x, g = lane / 4, t = lane % 4;
  double d0 = c[g * 8 + 2 * t], d1 = c[g * 8 + 2 * t + 1];
  asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0,%1}, {%2}, {%3}, {%0,%1};"
               : "+d"(d0), "+d"(d1) : "d"(a[g * 4 + t]), "d"(b[g * 4 + t]));
  c[g * 8 + 2 * t] = d0;
  c[g * 8 + 2 * t + 1] = d1;
}
