// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/emulator/Apply.h"

#include <algorithm>
#include <bit>

/// What the lanes of a warp do together, and where they part and meet.
using namespace tern::test;

namespace {

std::vector<uint32_t> lanes(unsigned count = 64) {
  std::vector<uint32_t> out(count);
  for (unsigned i = 0; i < count; ++i)
    out[i] = i * 1000 + 7;
  return out;
}

/// The lane that shfl reads, as the manual's lines say; -1 if none.
int sourceLane(const std::string &mode, int lane, uint32_t b, uint32_t c) {
  int by = static_cast<int>(b & 31), clamp = static_cast<int>(c & 31),
      segment = static_cast<int>(c >> 8 & 31);
  int most = (lane & segment) | (clamp & ~segment), least = lane & segment;
  int from = mode == "up"     ? lane - by
             : mode == "down" ? lane + by
             : mode == "bfly" ? lane ^ by
                              : least | (by & ~segment);
  bool isInside = mode == "up" ? from >= most : from <= most;
  return isInside ? from : -1;
}

} // namespace

TEST(Warp, Shuffles) {
  std::vector<uint32_t> a = lanes();
  for (std::string mode : {"up", "down", "bfly", "idx"})
    for (uint32_t segments : {0x00u, 0x18u, 0x10u, 0x1eu})
      for (uint32_t b = 0; b < 32; b += mode == "idx" ? 5 : 1) {
        uint32_t c = segments << 8 | (mode == "up" ? 0 : 31);
        std::vector<uint32_t> out =
            apply<uint32_t>("shfl.sync." + mode + ".b32 $0|%p0, $1, " + std::to_string(b) + ", " +
                                std::to_string(c) + ", -1; @%p0 or.b32 $0, $0, 0x80000000;",
                            a);
        for (int i = 0; i < 64; ++i) {
          int from = sourceLane(mode, i % 32, b, c);
          uint32_t wanted = from < 0 ? a[i] : a[i / 32 * 32 + from] | 0x80000000;
          ASSERT_EQ(out[i], wanted) << mode << " " << segments << " " << b << " " << i;
        }
      }
}

TEST(Warp, ShufflesFromALaneOfEachOwn) {
  std::vector<uint32_t> a = lanes(), b(64);
  for (unsigned i = 0; i < 64; ++i)
    b[i] = i * 11 % 32;
  std::vector<uint32_t> out = apply<uint32_t>("shfl.sync.idx.b32 $0, $1, $2, 31, -1;", a, b);
  for (unsigned i = 0; i < 64; ++i)
    ASSERT_EQ(out[i], a[i / 32 * 32 + b[i]]);
}

TEST(Warp, VotesOfPartsOfAWarp) {
  std::vector<uint32_t> a = lanes();
  // Two halves of the warp, each with its own mask.
  std::vector<uint32_t> out =
      apply<uint32_t>("mov.u32 %r1, %laneid; and.b32 %r2, %r1, 1; setp.eq.u32 %p0, %r2, 1;"
                      "setp.lt.u32 %p1, %r1, 6; @%p0 bra $odd;"
                      "vote.sync.ballot.b32 $0, %p1, 0x55555555; bra $end; $odd:"
                      "vote.sync.ballot.b32 $0, !%p1, 0xaaaaaaaa; $end:",
                      a);
  for (unsigned i = 0; i < 64; ++i)
    ASSERT_EQ(out[i], i % 2 ? 0xaaaaaa80u : 0x15u);
  out = apply<uint32_t>("setp.ge.u32 %p1, $1, 32007; vote.sync.all.pred %p2, %p1, -1;"
                        "vote.sync.any.pred %p3, !%p1, -1; vote.sync.uni.pred %p4, %p1, -1;"
                        "selp.b32 $0, 1, 0, %p2; @%p3 or.b32 $0, $0, 2; @%p4 or.b32 $0, $0, 4;",
                        a);
  for (unsigned i = 0; i < 64; ++i)
    ASSERT_EQ(out[i], i < 32 ? 6u : 5u);
}

TEST(Warp, Matches) {
  std::vector<uint64_t> a(64);
  for (unsigned i = 0; i < 64; ++i)
    a[i] = i < 32 ? uint64_t{i % 3} << 40 : 9;
  std::vector<uint32_t> out =
      apply<uint32_t>("match.any.sync.b64 $0, $1, -1; match.all.sync.b64 %r50|%p0, $1, -1;"
                      "@%p0 xor.b32 $0, $0, %r50; @%p0 add.u32 $0, $0, 5;",
                      a);
  for (unsigned i = 0; i < 64; ++i) {
    uint32_t same = 0;
    for (unsigned j = 0; j < 32; ++j)
      same |= uint32_t{a[i / 32 * 32 + j] == a[i]} << j;
    ASSERT_EQ(out[i], i < 32 ? same : 5u) << i;
  }
}

TEST(Warp, Reduces) {
  std::vector<int32_t> a(64);
  for (int i = 0; i < 64; ++i)
    a[i] = i * 37 % 101 - 50;
  auto check = [&](const std::string &name, auto &&fold, int32_t from) {
    std::vector<int32_t> out = apply<int32_t>("redux.sync." + name + " $0, $1, -1;", a);
    for (unsigned warp = 0; warp < 2; ++warp) {
      int32_t wanted = from;
      for (unsigned i = 0; i < 32; ++i)
        wanted = fold(wanted, a[32 * warp + i]);
      for (unsigned i = 0; i < 32; ++i)
        ASSERT_EQ(out[32 * warp + i], wanted) << name;
    }
  };
  check("add.s32", [](int x, int y) { return x + y; }, 0);
  check("min.s32", [](int x, int y) { return std::min(x, y); }, INT32_MAX);
  check("max.s32", [](int x, int y) { return std::max(x, y); }, INT32_MIN);
  check("max.u32", [](int x, int y) { return static_cast<int>(std::max<unsigned>(x, y)); }, 0);
  check("min.u32", [](int x, int y) { return static_cast<int>(std::min<unsigned>(x, y)); }, -1);
  check("and.b32", [](int x, int y) { return x & y; }, -1);
  check("or.b32", [](int x, int y) { return x | y; }, 0);
  check("xor.b32", [](int x, int y) { return x ^ y; }, 0);
}

TEST(Warp, ElectsOne) {
  std::vector<uint32_t> out =
      apply<uint32_t>("elect.sync $0|%p0, -1; @%p0 or.b32 $0, $0, 256;", lanes());
  for (unsigned i = 0; i < 64; ++i)
    ASSERT_EQ(out[i], i % 32 ? 0u : 256u);
}

//===----------------------------------------------------------------------===//
// Where lanes part and meet
//===----------------------------------------------------------------------===//

TEST(Divergence, NestedBranchesMeetAgain) {
  // Each way adds its own number; activemask tells who is there.
  std::vector<uint32_t> a = lanes();
  std::string body = "mov.u32 %r1, %laneid; and.b32 %r2, %r1, 1; and.b32 %r3, %r1, 2;"
                     "setp.ne.u32 %p0, %r2, 0; setp.ne.u32 %p1, %r3, 0; mov.u32 $0, 0;"
                     "@%p0 bra $odd; @%p1 bra $two; add.u32 $0, $0, 1; bra $even;"
                     "$two: add.u32 $0, $0, 10; $even: activemask.b32 %r4; bra $meet;"
                     "$odd: @!%p1 bra $one; add.u32 $0, $0, 100; bra $both;"
                     "$one: add.u32 $0, $0, 1000; $both: activemask.b32 %r4;"
                     "$meet: activemask.b32 %r5;";
  std::vector<uint32_t> ways = apply<uint32_t>(body, a);
  std::vector<uint32_t> inner = apply<uint32_t>(body + " mov.b32 $0, %r4;", a);
  std::vector<uint32_t> outer = apply<uint32_t>(body + " mov.b32 $0, %r5;", a);
  const uint32_t wanted[] = {1, 1000, 10, 100};
  for (unsigned i = 0; i < 64; ++i) {
    ASSERT_EQ(ways[i], wanted[i % 4]);
    ASSERT_EQ(inner[i], i % 2 ? 0xaaaaaaaau : 0x55555555u);
    ASSERT_EQ(outer[i], 0xffffffffu);
  }
}

TEST(Divergence, LoopsOfDifferentLengths) {
  std::vector<uint32_t> a(64);
  for (unsigned i = 0; i < 64; ++i)
    a[i] = i * 13 % 29;
  // The loop counts its turns, an inner one as many again; afterwards all are there.
  std::string body = "mov.u32 $0, 0; mov.u32 %r1, 0; $on: setp.ge.u32 %p0, %r1, $1; @%p0 bra $end;"
                     "mov.u32 %r2, 0; $inner: add.u32 $0, $0, 1; add.u32 %r2, %r2, 1;"
                     "setp.le.u32 %p1, %r2, %r1; @%p1 bra $inner; add.u32 %r1, %r1, 1; bra $on;"
                     "$end: activemask.b32 %r3;";
  std::vector<uint32_t> turns = apply<uint32_t>(body, a),
                        there = apply<uint32_t>(body + "mov.b32 $0, %r3;", a);
  for (unsigned i = 0; i < 64; ++i) {
    ASSERT_EQ(turns[i], a[i] * (a[i] + 1) / 2);
    ASSERT_EQ(there[i], 0xffffffffu);
  }
}

TEST(Divergence, LanesLeaveOneByOne) {
  std::vector<uint32_t> a = lanes(32), out(32, 99);
  Machine machine(kernel(".param .u64 out",
                         "ld.param.u64 %d0, [out]; mov.u32 %r0, %tid.x; mul.wide.u32 %d1, %r0, 4;"
                         "add.u64 %d0, %d0, %d1; mov.u32 %r1, 0;"
                         "$on: setp.eq.u32 %p0, %r0, %r1; @%p0 st.global.u32 [%d0], %r1;"
                         "@%p0 exit; add.u32 %r1, %r1, 1; bra $on;"));
  EXPECT_EQ(machine.run({1}, {32}, Parameters(machine.add(out, "out"))), "");
  for (unsigned i = 0; i < 32; ++i)
    ASSERT_EQ(out[i], i);
  // The loop's five instructions: i + 1 times for lane i, until the last.
  EXPECT_EQ(machine.counts.warpInstructions[static_cast<unsigned>(Class::Compare)], 32u);
  EXPECT_EQ(machine.counts.threadInstructions[static_cast<unsigned>(Class::Compare)], 32u * 33 / 2);
}

TEST(Divergence, BranchesByIndex) {
  std::vector<uint32_t> a(64);
  for (unsigned i = 0; i < 64; ++i)
    a[i] = i * 5 % 4;
  std::string body = "$list: .branchtargets $w0, $w1, $w2, $w1; brx.idx $1, $list;"
                     "$w0: mov.u32 $0, 10; bra $end; $w1: mov.u32 $0, 20; bra $end;"
                     "$w2: mov.u32 $0, 30; $end: activemask.b32 %r5;";
  std::vector<uint32_t> ways = apply<uint32_t>(body, a),
                        there = apply<uint32_t>(body + "mov.b32 $0, %r5;", a);
  const uint32_t wanted[] = {10, 20, 30, 20};
  for (unsigned i = 0; i < 64; ++i) {
    ASSERT_EQ(ways[i], wanted[a[i]]);
    ASSERT_EQ(there[i], 0xffffffffu);
  }
  Machine machine(kernel("", "mov.u32 %r0, %tid.x; "
                             "$list: .branchtargets $a, $b; brx.idx %r0, $list; $a: $b:"));
  std::string message = machine.run({1}, {3}, Parameters());
  EXPECT_NE(message.find("thread (2,0,0): branches to label 2 of a list of 2"), std::string::npos)
      << message;
}

TEST(Divergence, GuardsLeaveOthersAlone) {
  std::vector<uint64_t> a(64);
  for (unsigned i = 0; i < 64; ++i)
    a[i] = i;
  std::vector<uint64_t> out = apply<uint64_t>(
      "and.b64 $0, $1, 3; setp.eq.u64 %p0, $0, 0; mov.b64 $0, 5; @%p0 mul.lo.u64 $0, $1, 3;"
      "@!%p0 add.u64 $0, $0, $1;",
      a);
  for (unsigned i = 0; i < 64; ++i)
    ASSERT_EQ(out[i], i % 4 ? 5 + i : 3 * i);
}
