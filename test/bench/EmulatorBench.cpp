// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Emulator.h"

#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

/// Warp instructions a second of one core, by processor time, with checks and without:
///   sums      eight fma in a loop
///   exchange  each turn loads, multiplies, stores to shared memory, loads from it behind a
///             barrier, stores
///   matrix    ldmatrix and mma.sync in a loop
using namespace tern::runtime::emulator;

static const char *const text = R"(
.version 8.0
.target sm_80
.address_size 64
.visible .entry sums(.param .u64 x, .param .u64 y) {
  .reg .pred %p<2>;
  .reg .f32 %f<12>;
  .reg .b32 %r<2>;
  mov.u32 %r0, 0;
L:
  fma.rn.f32 %f0, %f0, %f8, %f9;
  fma.rn.f32 %f1, %f1, %f8, %f9;
  fma.rn.f32 %f2, %f2, %f8, %f9;
  fma.rn.f32 %f3, %f3, %f8, %f9;
  fma.rn.f32 %f4, %f4, %f8, %f9;
  fma.rn.f32 %f5, %f5, %f8, %f9;
  fma.rn.f32 %f6, %f6, %f8, %f9;
  fma.rn.f32 %f7, %f7, %f8, %f9;
  add.s32 %r0, %r0, 1;
  setp.lt.s32 %p0, %r0, 1000;
  @%p0 bra L;
  ret;
}
.visible .entry exchange(.param .u64 x, .param .u64 y) {
  .reg .pred %p<2>;
  .reg .f32 %f<8>;
  .reg .b32 %r<8>;
  .reg .b64 %d<8>;
  .shared .align 16 .b8 s[1024];
  ld.param.u64 %d0, [x];
  ld.param.u64 %d1, [y];
  mov.u32 %r1, %tid.x;
  mov.u32 %r2, %ctaid.x;
  mad.lo.s32 %r3, %r2, 256, %r1;
  mul.wide.u32 %d2, %r3, 4;
  add.s64 %d0, %d0, %d2;
  add.s64 %d1, %d1, %d2;
  mov.u32 %r4, s;
  mad.lo.u32 %r5, %r1, 4, %r4;
  xor.b32 %r6, %r5, 128;
  mov.u32 %r0, 0;
L:
  ld.global.f32 %f1, [%d0];
  fma.rn.f32 %f2, %f1, %f1, %f2;
  st.shared.f32 [%r5], %f2;
  bar.sync 0;
  ld.shared.f32 %f3, [%r6];
  fma.rn.f32 %f4, %f3, %f3, %f1;
  st.global.f32 [%d1], %f4;
  bar.sync 0;
  add.s32 %r0, %r0, 1;
  setp.lt.s32 %p0, %r0, 200;
  @%p0 bra L;
  ret;
}
.visible .entry matrix(.param .u64 x, .param .u64 y) {
  .reg .pred %p<2>;
  .reg .f32 %f<8>;
  .reg .b32 %r<12>;
  .shared .align 16 .b8 s[4096];
  mov.u32 %r0, 0;
  mov.u32 %r1, %tid.x;
  mov.u32 %r2, s;
  mad.lo.u32 %r2, %r1, 16, %r2;
  st.shared.v4.b32 [%r2], {%r0, %r0, %r0, %r0};
L:
  ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r4, %r5, %r6, %r7}, [%r2];
  mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f0, %f1, %f2, %f3}, {%r4, %r5, %r6, %r7},
    {%r4, %r5}, {%f0, %f1, %f2, %f3};
  mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f4, %f5, %f6, %f7}, {%r4, %r5, %r6, %r7},
    {%r6, %r7}, {%f4, %f5, %f6, %f7};
  add.s32 %r0, %r0, 1;
  setp.lt.s32 %p0, %r0, 200;
  @%p0 bra L;
  ret;
}
)";

static int measure(const Module &module, const std::string &kernel, bool checks) {
  std::vector<float> x(64 * 256), y(64 * 256);
  Memory memory;
  uint64_t parameters[] = {
      memory.add(x.data(), x.size() * sizeof(float), "x", Contents::Initialised),
      memory.add(y.data(), y.size() * sizeof(float), "y", Contents::Initialised)};
  Launch launch{kernel, {64}, {256}, 0, std::as_bytes(std::span(parameters))};
  Options options;
  options.checks = checks;
  Counts counts;
  std::clock_t begin = std::clock();
  if (tern::format::Error error = run(module, launch, memory, options, counts)) {
    std::fprintf(stderr, "%s\n", error.message().c_str());
    return 1;
  }
  double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  std::printf("%-10s %-15s %8.1f M warp instructions/s\n", kernel.c_str(),
              checks ? "with checks" : "without checks",
              static_cast<double>(counts.warpTotal()) / seconds / 1e6);
  return 0;
}

int main() {
  Module module;
  if (tern::format::Error error = Module::parse(text, module)) {
    std::fprintf(stderr, "%s\n", error.message().c_str());
    return 1;
  }
  int failures = 0;
  for (const std::string &kernel : module.kernels())
    for (bool checks : {true, false})
      failures += measure(module, kernel, checks);
  return failures;
}
