// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/emulator/Machine.h"

using namespace tern::test;

static const char *const saxpy = R"(
.version 8.0
.target sm_80
.address_size 64
.visible .entry saxpy(.param .u64 x, .param .u64 y, .param .f32 a, .param .u32 n)
{
  .reg .pred %p<2>;
  .reg .f32 %f<5>;
  .reg .b32 %r<6>;
  .reg .b64 %rd<8>;
  ld.param.u64 %rd1, [x];
  ld.param.u64 %rd2, [y];
  ld.param.f32 %f1, [a];
  ld.param.u32 %r1, [n];
  mov.u32 %r2, %ctaid.x;
  mov.u32 %r3, %ntid.x;
  mov.u32 %r4, %tid.x;
  mad.lo.s32 %r5, %r2, %r3, %r4;
  setp.ge.u32 %p1, %r5, %r1;
  @%p1 bra $done;
  cvta.to.global.u64 %rd3, %rd1;
  mul.wide.u32 %rd4, %r5, 4;
  add.s64 %rd5, %rd3, %rd4;
  ld.global.nc.f32 %f2, [%rd5];
  cvta.to.global.u64 %rd6, %rd2;
  add.s64 %rd7, %rd6, %rd4;
  ld.global.f32 %f3, [%rd7];
  fma.rn.f32 %f4, %f1, %f2, %f3;
  st.global.f32 [%rd7], %f4;
$done:
  ret;
}
)";

TEST(Emulator, RunsSaxpy) {
  for (unsigned threads : {1u, 2u, 5u}) {
    Machine machine(saxpy);
    machine.options.threads = threads;
    std::vector<float> x(1000), y(1000);
    for (unsigned i = 0; i < 1000; ++i) {
      x[i] = static_cast<float>(i);
      y[i] = 0.5f * static_cast<float>(i);
    }
    uint64_t addressX = machine.add(x, "x"), addressY = machine.add(y, "y");
    EXPECT_EQ(machine.run({8}, {128}, Parameters(addressX, addressY, 3.0f, 1000u)), "");
    for (unsigned i = 0; i < 1000; ++i)
      ASSERT_EQ(y[i], 3.5f * static_cast<float>(i)) << i;
    EXPECT_EQ(machine.counts.ctas, 8u);
  }
}
