// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/emulator/Apply.h"

#include <bit>
#include <numeric>

using namespace tern::test;

namespace {

/// Runs a body over 64 words `x` with its address in %d0 and %tid.x in %r0, and gives the words.
std::vector<uint32_t> words(const std::string &body, Counts *counts = nullptr,
                            const std::string &outside = "", Size3 block = {32}, Size3 grid = {1},
                            unsigned threads = 1) {
  std::vector<uint32_t> x(64);
  for (unsigned i = 0; i < 64; ++i)
    x[i] = 0x80818283 + 0x04040404 * i;
  Machine machine(
      kernel(".param .u64 x", "ld.param.u64 %d0, [x]; mov.u32 %r0, %tid.x;" + body, outside));
  machine.options.threads = threads;
  EXPECT_EQ(machine.run(grid, block, Parameters(machine.add(x, "x"))), "") << body;
  if (counts)
    *counts = machine.counts;
  return x;
}

} // namespace

TEST(Memory, LoadsOfEachWidth) {
  // A byte, a half and a word, with sign or without, to registers of the same width or wider.
  auto value = [](const std::string &body) { return words(body, nullptr, "", {1}); };
  EXPECT_EQ(value("ld.global.u8 %r1, [%d0 + 1]; st.global.u32 [%d0], %r1;")[0], 0x82u);
  EXPECT_EQ(value("ld.global.s8 %r1, [%d0 + 1]; st.global.u32 [%d0], %r1;")[0], 0xffffff82u);
  EXPECT_EQ(value("ld.global.s16 %r1, [%d0 + 2]; st.global.u32 [%d0], %r1;")[0], 0xffff8081u);
  EXPECT_EQ(value("ld.global.b16 %h1, [%d0 + 2]; st.global.b16 [%d0], %h1;")[0], 0x80818081u);
  EXPECT_EQ(value("ld.global.s32 %d1, [%d0]; st.global.b64 [%d0 + 8], %d1;")[3], ~0u);
  EXPECT_EQ(value("ld.global.s8 %h1, [%d0]; st.global.b16 [%d0], %h1;")[0], 0x8081ff83u);
  EXPECT_EQ(value("ld.global.u32 %r1, [%d0]; st.global.b8 [%d0 + 5], %r1;")[1], 0x84858387u);
  EXPECT_EQ(value("ld.global.b64 %d1, [%d0]; st.global.b32 [%d0 + 4], %d1;")[1], 0x80818283u);
}

TEST(Memory, Vectors) {
  std::vector<uint32_t> out =
      words("mul.wide.u32 %d1, %r0, 8; add.u64 %d1, %d0, %d1; ld.global.v2.b32 {%r1, %r2}, [%d1];"
            "st.global.v2.b32 [%d1], {%r2, %r1};");
  std::vector<uint32_t> same = words("");
  for (unsigned i = 0; i < 64; ++i)
    ASSERT_EQ(out[i], same[i ^ 1]);
  out = words("setp.lt.u32 %p0, %r0, 8; mul.wide.u32 %d1, %r0, 16; add.u64 %d1, %d0, %d1;"
              "@%p0 ld.global.nc.L1::no_allocate.L2::128B.v4.b32 {%r1, _, %r3, %r4}, [%d1];"
              "mov.b32 %r2, 9; @%p0 st.global.v4.f32 [%d1 + 128], {%r4, %r3, %r2, %r1};");
  for (unsigned i = 0; i < 32; ++i)
    ASSERT_EQ(out[32 + i], i % 4 == 2 ? 9 : same[i ^ 3]);
}

TEST(Memory, VectorsOfBytesAndDoubles) {
  std::vector<uint32_t> out =
      words("setp.eq.u32 %p0, %r0, 0; @%p0 ld.global.v4.u8 {%h1, %h2, %h3, %h4}, [%d0];"
            "@%p0 st.global.v4.u8 [%d0 + 4], {%h4, %h3, %h2, %h1};"
            "@%p0 ld.global.v2.b64 {%d1, %d2}, [%d0 + 16];"
            "@%p0 st.global.v2.f64 [%d0 + 32], {%d2, %d1};"
            "@%p0 ld.global.v4.b16 {%h1, %h2, %h3, %h4}, [%d0];"
            "@%p0 st.global.v4.b16 [%d0 + 48], {%h1, %h1, %h2, %h2};");
  std::vector<uint32_t> same = words("");
  EXPECT_EQ(same[0], 0x80818283u);
  EXPECT_EQ(out[1], 0x83828180u);
  EXPECT_EQ(out[8], same[6]);
  EXPECT_EQ(out[11], same[5]);
  EXPECT_EQ(out[12], 0x82838283u);
  EXPECT_EQ(out[13], 0x80818081u);
}

TEST(Memory, ModuleVariables) {
  Machine machine(kernel(".param .u64 out",
                         "ld.param.u64 %d0, [out]; ld.const.u32 %r1, [table + 8];"
                         "ld.global.u32 %r2, [counter]; add.u32 %r2, %r2, 1;"
                         "st.global.u32 [counter], %r2; mov.u64 %d1, table;"
                         "cvta.const.u64 %d2, %d1; ld.u32 %r3, [%d2 + 4];"
                         "ld.const.f32 %r4, [real]; ld.const.s8 %r5, [bytes + 2];"
                         "mov.u64 %d3, counter + 4; ld.global.u32 %r6, [%d3];"
                         "st.global.v4.u32 [%d0], {%r1, %r2, %r3, %r4};"
                         "st.global.v2.u32 [%d0 + 16], {%r5, %r6};",
                         ".const .align 4 .u32 table[2][2] = {{10, 20}, {30, 0x28}};\n"
                         ".const .f32 real = 0f3fc00000;\n"
                         ".const .align 1 .b8 bytes[5] = {1, 2, -3};\n"
                         ".global .align 8 .u32 counter[2] = {5};\n"));
  std::vector<uint32_t> out(6);
  auto at = machine.add(out, "out");
  for (uint32_t run = 1; run <= 3; ++run) {
    EXPECT_EQ(machine.run({1}, {1}, Parameters(at)), "");
    EXPECT_EQ(out, (std::vector<uint32_t>{30, 5 + run, 20, 0x3fc00000, 0xfffffffd, 0}));
  }
  // Another memory begins anew.
  machine.memory.forget(machine.module);
  EXPECT_EQ(machine.run({1}, {1}, Parameters(at)), "");
  EXPECT_EQ(out[1], 6u);
}

TEST(Memory, SharedLayout) {
  // Variables of the kernel, of the module, and dynamic memory behind them at its alignment.
  Machine machine(kernel(".param .u64 out",
                         ".shared .align 4 .b8 a[6]; .shared .align 8 .b64 b;"
                         "ld.param.u64 %d0, [out]; mov.u32 %r1, a; mov.u32 %r2, b; mov.u32 %r3, c;"
                         "mov.u32 %r4, dynamic; st.global.v4.u32 [%d0], {%r1, %r2, %r3, %r4};"
                         "mov.u32 %r5, %dynamic_smem_size; mov.u32 %r6, %total_smem_size;"
                         "st.shared.u32 [dynamic + 4], %r5; ld.shared.u32 %r7, [%r4 + 4];"
                         "st.global.v2.u32 [%d0 + 16], {%r7, %r6};",
                         ".shared .align 4 .b8 c[4];\n"
                         ".extern .shared .align 1024 .b8 dynamic[];\n"));
  std::vector<uint32_t> out(6);
  EXPECT_EQ(machine.run({1}, {1}, Parameters(machine.add(out, "out")), 100), "");
  EXPECT_EQ(out, (std::vector<uint32_t>{0, 8, 16, 1024, 100, 1124}));
}

TEST(Memory, GenericAddresses) {
  // Each lane points to another space.
  std::vector<uint32_t> out = words(
      ".shared .align 4 .b8 s[128]; .local .align 4 .b8 l[8];"
      "mov.u64 %d1, s; cvta.shared.u64 %d2, %d1; mov.u64 %d3, l; cvta.local.u64 %d4, %d3;"
      "and.b32 %r1, %r0, 3; setp.eq.u32 %p0, %r1, 1; setp.eq.u32 %p1, %r1, 2;"
      "setp.eq.u32 %p3, %r1, 3; mul.wide.u32 %d5, %r0, 4; add.u64 %d6, %d0, %d5;"
      "@%p0 add.u64 %d6, %d2, %d5; @%p1 add.u64 %d6, %d4, 4;"
      "st.u32 [%d6], %r0; ld.u32 %r2, [%d6]; isspacep.shared %p4, %d6; isspacep.local %p5, %d6;"
      "isspacep.global %p6, %d6; selp.b32 %r3, 256, 0, %p4; @%p5 mov.b32 %r3, 512;"
      "@%p6 or.b32 %r3, %r3, 1024; or.b32 %r2, %r2, %r3; cvta.to.shared.u64 %d7, %d6;"
      "@%p0 ld.shared.u32 %r4, [%d7]; @%p0 add.u32 %r2, %r2, %r4; add.u64 %d6, %d0, %d5;"
      "st.global.u32 [%d6 + 128], %r2;");
  for (unsigned i = 0; i < 32; ++i)
    ASSERT_EQ(out[32 + i], i % 4 == 1 ? (i | 256) + i : i % 4 == 2 ? (i | 512) : (i | 1024)) << i;
}

TEST(Memory, Parameters) {
  Machine machine(kernel(".param .u64 .ptr .global .align 16 out, .param .align 8 .b8 pack[24], "
                         ".param .u8 small, .param .f32 real",
                         "ld.param.u64 %d0, [out]; ld.param.u32 %r1, [pack + 4];"
                         "ld.param.v2.u32 {%r2, %r3}, [pack + 16]; ld.param.s8 %r4, [small];"
                         "ld.param.f32 %f1, [real]; mov.u64 %d1, pack; cvta.param.u64 %d2, %d1;"
                         "ld.u32 %r5, [%d2 + 8]; st.global.v4.u32 [%d0], {%r1, %r2, %r3, %r4};"
                         "st.global.f32 [%d0 + 16], %f1; st.global.u32 [%d0 + 20], %r5;"));
  std::vector<uint32_t> out(6);
  Parameters parameters(machine.add(out, "out"));
  for (uint32_t word : {1, 2, 3, 4, 5, 6})
    parameters.add(word);
  parameters.add(uint8_t{0xfe});
  parameters.add(1.0f);
  EXPECT_EQ(machine.run({1}, {1}, parameters), "");
  EXPECT_EQ(out, (std::vector<uint32_t>{2, 5, 6, 0xfffffffe, 0x3f800000, 3}));
  parameters.bytes.pop_back();
  EXPECT_EQ(machine.run({1}, {1}, parameters),
            "kernel 'k': expected 40 bytes of parameters, found 39");
}

TEST(Memory, PacksAndUnpacks) {
  std::vector<uint64_t> a = someBits<uint64_t>(64, 1);
  EXPECT_EQ(apply<uint64_t>("mov.b64 {%r1, %r2}, $1; mov.b64 $0, {%r2, %r1};", a)[7],
            a[7] << 32 | a[7] >> 32);
  EXPECT_EQ(apply<uint64_t>("mov.b64 {%h1, %h2, %h3, %h4}, $1; mov.b32 %r1, {%h4, %h1};"
                            "mov.b32 {%h5, %h6}, %r1; mov.b64 $0, {%h2, %h3, %h5, %h6};",
                            a)[8],
            (a[8] >> 16 & 0xffffffff) | a[8] >> 48 << 32 | a[8] << 48);
  EXPECT_EQ(apply<uint64_t>("mov.b64 {_, %r2}, $1; cvt.u64.u32 $0, %r2;", a)[9], a[9] >> 32);
}

TEST(Memory, SpecialRegisters) {
  std::vector<uint32_t> out(3 * 2 * 2 * 12 * 8);
  Machine machine(
      kernel(".param .u64 out",
             "ld.param.u64 %d0, [out]; mov.u32 %r1, %ctaid.x; mov.u32 %r2, %ctaid.y; mov.u32 %r3, "
             "%nctaid.x;"
             "mad.lo.u32 %r4, %r2, %r3, %r1; mov.u32 %r5, %tid.z; mov.u32 %r6, %ntid.y;"
             "mov.u32 %r7, %tid.y; mad.lo.u32 %r5, %r5, %r6, %r7; mov.u32 %r8, %ntid.x;"
             "mov.u32 %r9, %tid.x; mad.lo.u32 %r5, %r5, %r8, %r9; mov.u32 %r10, %ntid.z;"
             "mad.lo.u32 %r4, %r4, 24, %r5; mul.wide.u32 %d1, %r4, 32; add.u64 %d0, %d0, %d1;"
             "mov.u32 %r11, %laneid; mov.u32 %r12, %lanemask_lt; mov.u32 %r13, %lanemask_ge;"
             "mov.u32 %r14, %lanemask_eq; mov.u32 %r15, %lanemask_le; mov.u32 %r16, %lanemask_gt;"
             "mov.u32 %r17, %nctaid.y; mov.u32 %r18, WARP_SZ;"
             "st.global.v4.u32 [%d0], {%r11, %r12, %r13, %r14};"
             "st.global.v4.u32 [%d0 + 16], {%r15, %r16, %r17, %r18};"));
  EXPECT_EQ(machine.run({3, 2}, {3, 4, 2}, Parameters(machine.add(out, "out"))), "");
  for (unsigned i = 0; i < 3 * 2 * 24; ++i) {
    uint32_t lane = i % 24, bit = 1u << lane;
    std::vector<uint32_t> wanted{
        lane, bit - 1, ~(bit - 1), bit, bit | (bit - 1), ~(bit | (bit - 1)), 2, 32};
    ASSERT_EQ(std::vector<uint32_t>(&out[8 * i], &out[8 * i] + 8), wanted) << i;
  }
}

TEST(Memory, ClocksGoOn) {
  std::vector<uint64_t> out = apply<uint64_t>(
      "mov.u64 %d30, %clock64; $on: mov.u64 %d31, %globaltimer; sub.u64 %d32, %d31, %d30;"
      "setp.lt.s64 %p0, %d32, 100000; nanosleep.u32 20; @%p0 bra $on; mov.b64 $0, 1;",
      std::vector<uint64_t>(40));
  EXPECT_EQ(out, std::vector<uint64_t>(40, 1));
}

//===----------------------------------------------------------------------===//
// Atomics: those that test/data/ptx has not
//===----------------------------------------------------------------------===//

TEST(Atomic, SharedOperations) {
  std::vector<uint32_t> out = words(
      ".shared .align 8 .b8 s[64]; setp.eq.u32 %p0, %r0, 0; mov.u64 %d1, 0x700000005; @%p0 "
      "st.shared.b64 [s], %d1;"
      "@%p0 st.shared.b64 [s + 8], 0; @%p0 st.shared.b64 [s + 16], 0; bar.sync 0;"
      "cvt.s64.s32 %d2, %r0; red.shared.add.u64 [s], %d2; red.shared.min.s64 [s + 8], -9;"
      "atom.shared.add.f32 %f1, [s + 16], 0f3fc00000; mov.b32 %r2, 0x3c003800;"
      "red.relaxed.cta.shared.add.noftz.f16x2 [s + 20], %r2; bar.sync 0;"
      "ld.shared.v2.u32 {%r3, %r4}, [s]; ld.shared.b64 %d3, [s + 8];"
      "ld.shared.v2.u32 {%r5, %r6}, [s + 16];"
      "@%p0 st.global.v4.u32 [%d0], {%r3, %r4, %r5, %r6}; @%p0 st.global.b64 [%d0 + 16], %d3;");
  EXPECT_EQ(out[0], 5u + 31 * 16);
  EXPECT_EQ(out[1], 7u);
  EXPECT_EQ(out[2], std::bit_cast<uint32_t>(48.0f));
  EXPECT_EQ(out[3], 0x50004c00u); // 32 and 16
  EXPECT_EQ(out[4], 0xfffffff7u);
}

TEST(Atomic, LanesInOrder) {
  std::vector<uint32_t> out =
      words("setp.eq.u32 %p0, %r0, 0; @%p0 st.global.u32 [%d0], 100; bar.sync 0;"
            "atom.global.add.u32 %r1, [%d0], %r0; mul.wide.u32 %d1, %r0, 4; add.u64 %d1, %d0, %d1;"
            "st.global.u32 [%d1 + 128], %r1;");
  for (unsigned i = 0; i < 32; ++i)
    ASSERT_EQ(out[32 + i], 100 + i * (i - 1) / 2) << i;
}

TEST(Atomic, OrderOfCtasIsAlwaysTheSame) {
  // What each CTA sees, and a sum of floats that depends on the order.
  auto run = [](unsigned threads) {
    Machine machine(
        kernel(".param .u64 total, .param .u64 seen",
               "ld.param.u64 %d0, [total]; ld.param.u64 %d1, [seen];"
               "mov.u32 %r0, %ctaid.x; cvt.rn.f32.u32 %f0, %r0; add.f32 %f0, %f0, 0f3dcccccd;"
               "rcp.approx.f32 %f1, %f0; atom.global.add.f32 %f2, [%d0], %f1;"
               "mul.wide.u32 %d2, %r0, 4; add.u64 %d1, %d1, %d2;"
               "st.global.f32 [%d1], %f2;"));
    std::vector<float> total(1), seen(500);
    machine.options.threads = threads;
    auto x = machine.add(total, "total"), y = machine.add(seen, "seen");
    EXPECT_EQ(machine.run({500}, {1}, Parameters(x, y)), "");
    seen.push_back(total[0]);
    return seen;
  };
  std::vector<float> one = run(1);
  EXPECT_TRUE(std::is_sorted(one.begin(), one.end()));
  for (unsigned threads : {2u, 7u})
    EXPECT_EQ(run(threads), one);
}

//===----------------------------------------------------------------------===//
// Counts
//===----------------------------------------------------------------------===//

TEST(Counts, SectorsOfStrides) {
  // Lanes that stand n words apart.
  for (unsigned stride : {0u, 1u, 2u, 8u}) {
    Machine machine(kernel(".param .u64 x",
                           "ld.param.u64 %d0, [x]; mov.u32 %r0, %tid.x; mul.wide.u32 %d1, %r0, " +
                               std::to_string(4 * stride) +
                               "; add.u64 %d0, %d0, %d1; ld.global.u32 %r1, [%d0 + 4];"));
    std::vector<uint32_t> x(300);
    EXPECT_EQ(machine.run({1}, {32}, Parameters(machine.add(x, "x"))), "");
    // From the second word on, so that rows straddle one sector more.
    uint64_t wanted = stride == 0 ? 1 : stride == 1 ? 5 : stride == 2 ? 8 : 32;
    EXPECT_EQ(machine.counts.globalSectors, wanted) << stride;
    EXPECT_EQ(machine.counts.globalSectorsIdeal, stride ? 4u : 1u) << stride;
    EXPECT_EQ(machine.counts.global.read, 128u);
    EXPECT_EQ(machine.counts.parameter.read, 32u * 8);
  }
}

TEST(Counts, PassesOfStrides) {
  struct Case {
    const char *instruction;
    unsigned stride, passes, ideal;
  };
  const Case cases[] = {{"st.shared.b32 [%r1], %r0;", 4, 1, 1},
                        {"st.shared.b32 [%r1], %r0;", 8, 2, 1},
                        {"st.shared.b32 [%r1], %r0;", 12, 1, 1},
                        {"st.shared.b32 [%r1], %r0;", 128, 32, 1},
                        {"st.shared.b64 [%r1], %d0;", 8, 2, 2},
                        {"st.shared.b64 [%r1], %d0;", 16, 4, 2},
                        {"st.shared.v4.b32 [%r1], {%r0, %r0, %r0, %r0};", 16, 4, 4},
                        {"st.shared.v4.b32 [%r1], {%r0, %r0, %r0, %r0};", 32, 8, 4},
                        {"st.shared.v4.b32 [%r1], {%r0, %r0, %r0, %r0};", 128, 32, 4},
                        {"st.shared.b16 [%r1], %h0;", 2, 1, 1}};
  for (const Case &one : cases) {
    Counts counts;
    words(".shared .align 16 .b8 s[8192]; mov.u32 %r1, s; mad.lo.u32 %r1, %r0, " +
              std::to_string(one.stride) + ", %r1;" + one.instruction,
          &counts);
    EXPECT_EQ(counts.sharedPasses, one.passes) << one.instruction << one.stride;
    EXPECT_EQ(counts.sharedPassesIdeal, one.ideal) << one.instruction << one.stride;
  }
  // A word for all lanes is read in one pass.
  Counts counts;
  words(".shared .align 16 .b8 s[64]; setp.eq.u32 %p0, %r0, 0; @%p0 st.shared.u32 [s], 1;"
        "bar.sync 0; ld.shared.u32 %r1, [s];",
        &counts);
  EXPECT_EQ(counts.sharedPasses, 2u);
}

TEST(Counts, Classes) {
  Counts counts;
  words("add.u32 %r1, %r0, 1; setp.lt.u32 %p0, %r0, 8; @%p0 fma.rn.f32 %f1, %f1, %f1, %f1;"
        "@%p0 bra $end; xor.b32 %r1, %r1, 1; $end: fma.rn.f16x2 %r1, %r1, %r1, %r1;",
        &counts, "", {40});
  auto warps = [&](Class kind) { return counts.warpInstructions[static_cast<unsigned>(kind)]; };
  auto threads = [&](Class kind) { return counts.threadInstructions[static_cast<unsigned>(kind)]; };
  EXPECT_EQ(warps(Class::Integer), 2u);
  EXPECT_EQ(threads(Class::Integer), 40u);
  EXPECT_EQ(warps(Class::Float), 2u);
  EXPECT_EQ(threads(Class::Float), 8u);
  EXPECT_EQ(threads(Class::Bits), 32u);
  EXPECT_EQ(warps(Class::Bits), 2u);
  EXPECT_EQ(counts.branches, 2u);
  EXPECT_EQ(counts.divergentBranches, 1u);
  EXPECT_EQ(counts.otherOperations, 40u + 2 * 8 + 4 * 40);
  EXPECT_EQ(counts.warpTotal(), 2u * 8 + 2); // ld.param, mov, six and ret twice over
  EXPECT_EQ(counts.launches, 1u);
}

TEST(Counts, DoNotDependOnThreads) {
  auto count = [](unsigned threads) {
    Counts counts;
    words("mul.wide.u32 %d1, %r0, 4; add.u64 %d1, %d0, %d1; ld.global.u32 %r1, [%d1];"
          "mov.u32 %r2, %ctaid.x; setp.eq.u32 %p0, %r2, 3; @%p0 red.global.add.u32 [%d0 + 252], 1;",
          &counts, "", {48}, {30}, threads);
    return counts;
  };
  Counts one = count(1);
  EXPECT_EQ(one.ctas, 30u);
  EXPECT_EQ(count(2), one);
  EXPECT_EQ(count(6), one);
}

TEST(Counts, Samples) {
  Machine machine(kernel("", "mov.u32 %r0, %tid.x;"));
  machine.options.sampleEvery = 7;
  EXPECT_EQ(machine.run({100}, {32}, Parameters()), "");
  EXPECT_EQ(machine.counts.ctas, 15u);
  EXPECT_EQ(machine.counts.warpTotal(), 30u);
}
