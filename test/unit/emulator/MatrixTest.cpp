// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/emulator/Apply.h"

#include <bit>
#include <cmath>

/// ldmatrix, stmatrix and movmatrix against the manual's lane maps; how sums of matrix products are
/// rounded. The maps of mma are tested in OracleTest.
using namespace tern::test;

namespace {

/// Four matrices of 8 x 8 halves in shared memory, of which row r of matrix m lies at
/// 16 (8 m + (5 r + m) % 8); elements are 64 m + 8 r + column.
const char *const fill =
    ".shared .align 16 .b8 s[512]; ld.param.u64 %d0, [out]; mov.u32 %r0, %tid.x;"
    "shr.u32 %r1, %r0, 3; and.b32 %r2, %r0, 7; mad.lo.u32 %r3, %r2, 5, %r1; and.b32 %r3, %r3, 7;"
    "mad.lo.u32 %r3, %r1, 8, %r3; mul.lo.u32 %r3, %r3, 16; mov.u32 %r4, s; add.u32 %r3, %r3, %r4;";

std::string rows(bool isFilled) {
  std::string text = fill;
  for (unsigned i = 0; i < 8 && isFilled; ++i)
    text += "mad.lo.u32 %r5, %r0, 8, " + std::to_string(i) +
            "; cvt.u16.u32 %h1, %r5;"
            "st.shared.b16 [%r3 + " +
            std::to_string(2 * i) + "], %h1;";
  return text + "bar.sync 0;";
}

std::vector<uint16_t> run(const std::string &body) {
  Machine machine(kernel(".param .u64 out", body, "", 90));
  std::vector<uint16_t> out(256, 0xffff);
  EXPECT_EQ(machine.run({1}, {32}, Parameters(machine.add(out, "out"))), "") << body;
  return out;
}

} // namespace

TEST(Matrix, Loads) {
  for (unsigned count : {1u, 2u, 4u})
    for (bool isTurned : {false, true}) {
      std::string registers = count == 1   ? "{%r10}"
                              : count == 2 ? "{%r10, %r11}"
                                           : "{%r10, %r11, %r12, %r13}";
      std::string body = rows(true) + "ldmatrix.sync.aligned.m8n8.x" + std::to_string(count) +
                         (isTurned ? ".trans" : "") + ".shared.b16 " + registers +
                         ", [%r3];"
                         "mul.wide.u32 %d1, %r0, 4; add.u64 %d1, %d0, %d1;";
      for (unsigned i = 0; i < count; ++i)
        body +=
            "st.global.u32 [%d1 + " + std::to_string(128 * i) + "], %r1" + std::to_string(i) + ";";
      std::vector<uint16_t> out = run(body);
      for (unsigned m = 0; m < count; ++m)
        for (unsigned lane = 0; lane < 32; ++lane)
          for (unsigned i = 0; i < 2; ++i) {
            unsigned line = lane / 4, place = lane % 4 * 2 + i;
            unsigned row = isTurned ? place : line, column = isTurned ? line : place;
            ASSERT_EQ(out[64 * m + 2 * lane + i], 64 * m + 8 * row + column);
          }
    }
}

TEST(Matrix, Stores) {
  for (unsigned count : {1u, 2u, 4u})
    for (bool isTurned : {false, true}) {
      std::string registers = count == 1   ? "{%r10}"
                              : count == 2 ? "{%r10, %r11}"
                                           : "{%r10, %r11, %r12, %r13}";
      std::string body = rows(false);
      for (unsigned i = 0; i < count; ++i) // of register i: 64 i + 2 lane and the next
        body += "mad.lo.u32 %r5, %r0, 0x00020002, " + std::to_string(0x10000 + 64 * i * 0x10001) +
                "; mov.b32 %r1" + std::to_string(i) + ", %r5;";
      body += "stmatrix.sync.aligned.m8n8.x" + std::to_string(count) + (isTurned ? ".trans" : "") +
              ".shared.b16 [%r3], " + registers + "; bar.sync 0; setp.ge.u32 %p0, %r0, " +
              std::to_string(8 * count) +
              "; @%p0 ret; ld.shared.v4.u32 {%r5, %r6, %r7, %r8}, [%r3];"
              "mul.wide.u32 %d1, %r0, 16; add.u64 %d1, %d0, %d1;"
              "st.global.v4.u32 [%d1], {%r5, %r6, %r7, %r8};";
      std::vector<uint16_t> out = run(body);
      for (unsigned m = 0; m < count; ++m)
        for (unsigned row = 0; row < 8; ++row)
          for (unsigned column = 0; column < 8; ++column) {
            unsigned line = isTurned ? column : row, place = isTurned ? row : column;
            ASSERT_EQ(out[64 * m + 8 * row + column], 64 * m + 8 * line + place);
          }
    }
}

TEST(Matrix, Turns) {
  std::vector<uint32_t> a(32);
  for (unsigned lane = 0; lane < 32; ++lane)
    a[lane] = (2 * lane + 1) << 16 | 2 * lane;
  std::vector<uint32_t> out = apply<uint32_t>("movmatrix.sync.aligned.m8n8.trans.b16 $0, $1;", a);
  for (unsigned lane = 0; lane < 32; ++lane) {
    unsigned row = lane / 4, column = lane % 4 * 2;
    ASSERT_EQ(out[lane], (8 * (column + 1) + row) << 16 | (8 * column + row));
  }
}

TEST(Matrix, SumsAreRoundedOnce) {
  // 2^24, 1 and 1 make 2^24 + 2 if they are added before they are rounded to f32.
  Machine machine(
      kernel(".param .u64 out",
             "ld.param.u64 %d0, [out]; mov.u32 %r0, %tid.x;"
             "mov.b32 %r1, 0x3f803f80; mov.b32 %f1, 0f4b800000; mov.b32 %f2, 0f00000000;"
             "setp.lt.u32 %p0, %r0, 1; selp.b32 %r2, 0x3f803f80, 0, %p0;"
             "mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {%f3, %f4, %f5, %f6},"
             "{%r1, %r1}, {%r2}, {%f1, %f2, %f1, %f2};"
             "mul.wide.u32 %d1, %r0, 4; add.u64 %d0, %d0, %d1; st.global.f32 [%d0], %f3;"));
  std::vector<float> sums(32);
  EXPECT_EQ(machine.run({1}, {32}, Parameters(machine.add(sums, "out"))), "");
  EXPECT_EQ(sums[0], 0x1p24f + 2);
  EXPECT_EQ(sums[1], 0x1p24f);
}

TEST(Matrix, WholeNumbersWrapOrSaturate) {
  for (bool saturates : {false, true}) {
    std::string mode = saturates ? ".satfinite" : "";
    std::vector<uint32_t> a(32, 0x7f7f7f7f);
    std::vector<uint32_t> out =
        apply<uint32_t>("mov.b32 %r1, 0x7fffffff; mma.sync.aligned.m8n8k16.row.col" + mode +
                            ".s32.s8.s8.s32 {$0, %r2}, {$1}, {$1}, {%r1, %r1};",
                        a);
    EXPECT_EQ(out[5], saturates ? 0x7fffffffu : 0x7fffffffu + 127 * 127 * 16);
    out = apply<uint32_t>("mov.b32 %r1, 1; mma.sync.aligned.m8n8k32.row.col" + mode +
                              ".s32.s4.u4.s32 {$0, %r2}, {$1}, {$1}, {%r1, %r1};",
                          std::vector<uint32_t>(32, 0x99999999));
    EXPECT_EQ(static_cast<int>(out[3]), 1 - 7 * 9 * 32);
  }
}
