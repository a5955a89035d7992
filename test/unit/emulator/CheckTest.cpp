// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/emulator/Machine.h"

/// Each check with a kernel at fault, which must be told in so many words, and a neighbour of it
/// that must pass.
using namespace tern::test;

namespace {

/// Runs a body with the address of 64 words `x` in %d0, %tid.x in %r0 and 4 x %tid.x + %d0 in %d1;
/// %d2 is the address of as many words `y`.
struct Faulty {
  std::string shared = ".shared .align 16 .b8 s[1024];\n";
  Contents contents = Contents::Initialised;
  Size3 grid{1}, block{64};
  uint64_t seed = 0;
  unsigned threads = 1;
  uint64_t stepLimit = 100000;
  bool checks = true;

  std::string run(const std::string &body) const {
    Machine machine(kernel(".param .u64 x, .param .u64 y",
                           shared +
                               "ld.param.u64 %d0, [x];\nld.param.u64 %d2, [y];\n"
                               "mov.u32 %r0, %tid.x;\nmul.wide.u32 %d1, %r0, 4;\n"
                               "add.u64 %d1, %d0, %d1;\nmov.u32 %r1, s;\n"
                               "mad.lo.u32 %r2, %r0, 4, %r1;\n" +
                               body));
    std::vector<uint32_t> x(64, 5), y(64, 6);
    auto atX = machine.add(x, "x", contents), atY = machine.add(y, "y");
    machine.options.seed = seed;
    machine.options.threads = threads;
    machine.options.stepLimit = stepLimit;
    machine.options.checks = checks;
    return machine.run(grid, block, Parameters(atX, atY));
  }
};

/// The message after the thread's name.
std::string reason(const std::string &message) {
  size_t at = message.find("): ");
  return at == message.npos ? message : message.substr(at + 3);
}

/// The thread that is named.
std::string where(const std::string &message) {
  size_t at = message.find("CTA ");
  return at == message.npos ? "" : message.substr(at, message.find("): ") + 1 - at);
}

} // namespace

//===----------------------------------------------------------------------===//
// Bounds and alignment
//===----------------------------------------------------------------------===//

TEST(Check, NamesKernelInstructionThreadAndAddress) {
  std::string message = Faulty{.block = {96}}.run("\n\nst.global.b32 [%d1], %r0;");
  EXPECT_EQ(message, "kernel 'k', line 21 'st.global.b32 [%d1], %r0;', CTA (0,0,0), thread "
                     "(64,0,0): writes 4 bytes at 0x100000000100, 0 bytes behind the end of 'x' of "
                     "256 bytes");
  EXPECT_EQ(Faulty{}.run("st.global.b32 [%d1], %r0;"), "");
}

TEST(Check, NamesThreadsOfBlocksAndGrids) {
  Faulty faulty{.grid = {2, 3, 2}, .block = {4, 4, 2}};
  std::string body = "mov.u32 %r3, %ctaid.y;\nmov.u32 %r4, %tid.y;\nmov.u32 %r6, %ctaid.z;\n"
                     "setp.ne.u32 %p0, %r3, 2;\nsetp.ne.or.u32 %p0, %r4, 3, %p0;\n"
                     "setp.ne.or.u32 %p0, %r6, 1, %p0;\n@%p0 bra $end;\n"
                     "st.global.b32 [%d0 + 256], %r0;\n$end:";
  for (unsigned threads : {1u, 4u}) {
    faulty.threads = threads;
    EXPECT_EQ(where(faulty.run(body)), "CTA (0,2,1), thread (0,3,0)");
  }
}

TEST(Check, GlobalBounds) {
  EXPECT_EQ(reason(Faulty{}.run("ld.global.b32 %r3, [%d1 + 4];")),
            "reads 4 bytes at 0x100000000100, 0 bytes behind the end of 'x' of 256 bytes");
  EXPECT_EQ(reason(Faulty{}.run("ld.global.b32 %r3, [%d0 + -4];")),
            "reads 4 bytes at 0xffffffffffc, where no memory is");
  EXPECT_EQ(reason(Faulty{}.run("ld.global.v4.b32 {%r3, %r4, %r5, %r6}, [%d2 + 240];\n"
                                "ld.global.v4.b32 {%r3, %r4, %r5, %r6}, [%d2 + 256];")),
            "reads 16 bytes at 0x100000000300, 0 bytes behind the end of 'y' of 256 bytes");
  EXPECT_EQ(reason(Faulty{}.run("mov.u64 %d3, 0;\natom.global.add.u32 %r3, [%d3], 1;")),
            "updates 4 bytes at 0x0, where no memory is");
  EXPECT_EQ(Faulty{}.run("setp.ge.u32 %p0, %r0, 63;\n@!%p0 ld.global.b32 %r3, [%d1 + 4];"), "");
}

TEST(Check, EndOfARange) {
  Machine machine(kernel(".param .u64 x", "ld.param.u64 %d0, [x];\nld.global.b64 %d1, [%d0];"));
  std::vector<uint32_t> odd(3);
  uint64_t address = machine.add(odd, "odd");
  EXPECT_EQ(reason(machine.run({1}, {1}, Parameters(address + 8))),
            "reads 8 bytes at 0x100000000008, the last 4 bytes of 'odd'");
  EXPECT_EQ(machine.run({1}, {1}, Parameters(address)), "");
}

TEST(Check, ConstantRanges) {
  Faulty faulty{.contents = Contents::Constant};
  EXPECT_EQ(reason(faulty.run("st.global.b32 [%d1], %r0;")),
            "writes 4 bytes at 0x100000000000 in 'x', which is constant");
  EXPECT_EQ(faulty.run("ld.global.b32 %r3, [%d1];"), "");
}

TEST(Check, SharedBounds) {
  EXPECT_EQ(reason(Faulty{}.run("st.shared.b32 [%r2 + 772], %r0;")),
            "writes 4 bytes at the shared address 0x400, but there are 1024 bytes");
  EXPECT_EQ(Faulty{}.run("st.shared.b32 [%r2 + 768], %r0;"), "");
  EXPECT_EQ(reason(Faulty{}.run("sub.u32 %r2, 0, %r2;\nst.shared.b32 [%r2 + -4], %r0;")),
            "writes 4 bytes at the shared address 0xfffffffc, but there are 1024 bytes");
}

TEST(Check, EndOfSharedMemory) {
  Faulty odd{.shared = ".shared .align 4 .b8 s[6];\n", .block = {1}};
  EXPECT_EQ(reason(odd.run("st.shared.b32 [%r1 + 4], %r0;")),
            "writes 4 bytes at the shared address 0x4, but there are 6 bytes");
  EXPECT_EQ(odd.run("cvt.u16.u32 %h0, %r0; st.shared.b16 [%r1 + 4], %h0;"), "");
}

TEST(Check, DynamicSharedBounds) {
  Machine machine(kernel("",
                         "mov.u32 %r0, %tid.x;\nmov.u32 %r1, dynamic;\n"
                         "mad.lo.u32 %r1, %r0, 4, %r1;\nst.shared.b32 [%r1], %r0;",
                         ".extern .shared .align 16 .b8 dynamic[];\n"));
  EXPECT_EQ(machine.run({1}, {32}, Parameters(), 128), "");
  EXPECT_EQ(reason(machine.run({1}, {32}, Parameters(), 124)),
            "writes 4 bytes at the shared address 0x7c, but there are 124 bytes");
}

TEST(Check, LocalBounds) {
  Faulty faulty;
  faulty.shared += ".local .align 8 .b8 l[64];\n";
  EXPECT_EQ(reason(faulty.run("mov.u64 %d3, l;\nst.local.b32 [%d3 + 64], %r0;")),
            "writes 4 bytes at the local address 0x40, but there are 64 bytes");
  EXPECT_EQ(reason(faulty.run("mov.u64 %d3, l;\nld.local.b32 %r3, [%d3 + 60];")),
            "reads 4 bytes at the local address 0x3c, which nobody has written");
  EXPECT_EQ(faulty.run("mov.u64 %d3, l;\nst.local.b32 [%d3 + 60], %r0;\n"
                       "cvta.local.u64 %d4, %d3;\nld.b32 %r3, [%d4 + 60];"),
            "");
}

TEST(Check, Alignment) {
  EXPECT_EQ(reason(Faulty{}.run("st.global.b32 [%d0 + 2], %r0;")),
            "writes 4 bytes at the global address 0x100000000002, which is not aligned to 4");
  EXPECT_EQ(reason(Faulty{}.run("ld.global.v2.b32 {%r3, %r4}, [%d0 + 4];")),
            "reads 8 bytes at the global address 0x100000000004, which is not aligned to 8");
  EXPECT_EQ(reason(Faulty{}.run("st.shared.b64 [%r1 + 4], %d0;")),
            "writes 8 bytes at the shared address 0x4, which is not aligned to 8");
  EXPECT_EQ(reason(Faulty{.block = {32}}.run(
                "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r3}, [%r1 + 8];")),
            "reads 16 bytes at the shared address 0x8, which is not aligned to 16");
  EXPECT_EQ(Faulty{}.run("ld.global.b8 %r3, [%d0 + 3];\nld.global.b16 %h0, [%d0 + 6];"), "");
}

//===----------------------------------------------------------------------===//
// Contents
//===----------------------------------------------------------------------===//

TEST(Check, UnwrittenGlobal) {
  Faulty faulty{.contents = Contents::Uninitialised};
  EXPECT_EQ(reason(faulty.run("ld.global.b32 %r3, [%d1];")),
            "reads 4 bytes at 0x100000000000 in 'x' + 0, which nobody has written");
  EXPECT_EQ(faulty.run("st.global.b32 [%d1], %r0;\nld.global.b32 %r3, [%d1];"), "");
  EXPECT_EQ(reason(faulty.run("cvt.u16.u32 %h0, %r0;\nst.global.b16 [%d1], %h0;\n"
                              "ld.global.b32 %r3, [%d1];")),
            "reads 4 bytes at 0x100000000000 in 'x' + 0, which nobody has written");
  EXPECT_EQ(reason(faulty.run("atom.global.add.u32 %r3, [%d1], 1;")),
            "updates 4 bytes at 0x100000000000 in 'x' + 0, which nobody has written");
  faulty.checks = false;
  EXPECT_EQ(faulty.run("ld.global.b32 %r3, [%d1];"), "");
}

TEST(Check, UnwrittenShared) {
  EXPECT_EQ(reason(Faulty{}.run("ld.shared.b32 %r3, [%r2];")),
            "reads 4 bytes at the shared address 0x0, which nobody has written");
  // One lane too few.
  EXPECT_EQ(where(Faulty{}.run("setp.ne.u32 %p0, %r0, 17;\n@%p0 st.shared.b32 [%r2], %r0;\n"
                               "bar.sync 0;\nld.shared.b32 %r3, [%r2];")),
            "CTA (0,0,0), thread (17,0,0)");
  EXPECT_EQ(Faulty{}.run("st.shared.b32 [%r2], %r0;\nbar.sync 0;\nld.shared.b32 %r3, [%r2];"), "");
}

//===----------------------------------------------------------------------===//
// Races in shared memory
//===----------------------------------------------------------------------===//

static const char *const readNext = "add.u32 %r4, %r0, 1;\nand.b32 %r4, %r4, 63;\n"
                                    "mad.lo.u32 %r4, %r4, 4, %r1;\nld.shared.b32 %r3, [%r4];\n";

TEST(Check, ReadWithoutBarrier) {
  // The warp's own neighbour first; nobody has written what the last lane reads.
  std::string body = "st.shared.b32 [%r2], %r0;\n";
  EXPECT_EQ(
      reason(Faulty{.block = {32}}.run("st.shared.b32 [%r2 + 128], %r0;\n" + body + readNext)),
      "reads 4 bytes at the shared address 0x4 that thread (1,0,0) has written, "
      "with no barrier between");
  EXPECT_EQ(Faulty{}.run(body + "bar.sync 0;\n" + readNext), "");
  EXPECT_EQ(Faulty{.block = {32}}.run("st.shared.b32 [%r2 + 128], %r0;\n" + body +
                                      "bar.warp.sync -1;\n" + readNext),
            "");
}

TEST(Check, WriteAfterReadWithoutBarrier) {
  std::string body = std::string("st.shared.b32 [%r2], %r0;\nbar.sync 0;\n") + readNext;
  // The second warp's first write meets a read of the first warp's last lane.
  EXPECT_EQ(reason(Faulty{}.run(body + "st.shared.b32 [%r2], %r3;")),
            "writes 4 bytes at the shared address 0x4 that thread (0,0,0) has read, "
            "with no barrier between");
  EXPECT_EQ(Faulty{}.run(body + "bar.sync 0;\nst.shared.b32 [%r2], %r3;"), "");
}

TEST(Check, BothWrite) {
  EXPECT_EQ(reason(Faulty{}.run("st.shared.b32 [%r1], %r0;")),
            "writes 4 bytes at the shared address 0x0 that thread (0,0,0) has written, "
            "with no barrier between");
  EXPECT_EQ(Faulty{}.run("setp.eq.u32 %p0, %r0, 0;\n@%p0 st.shared.b32 [%r1], %r0;"), "");
  // Halves of a word are no race.
  EXPECT_EQ(Faulty{}.run("cvt.u16.u32 %h0, %r0;\nmad.lo.u32 %r3, %r0, 2, %r1;\n"
                         "st.shared.b16 [%r3], %h0;"),
            "");
}

TEST(Check, AtomicsAreNoRaceAmongThemselves) {
  std::string start = "setp.eq.u32 %p0, %r0, 0;\n@%p0 st.shared.b32 [%r1], 0;\n";
  std::string count = "atom.shared.add.u32 %r3, [%r1], 1;\n";
  EXPECT_EQ(Faulty{}.run(start + "bar.sync 0;\n" + count), "");
  EXPECT_NE(Faulty{}.run(start + count).find("has written, with no barrier between"),
            std::string::npos);
  EXPECT_NE(Faulty{}
                .run(start + "bar.sync 0;\n" + count + "ld.shared.b32 %r3, [%r1];")
                .find("has written, with no barrier between"),
            std::string::npos);
}

/// Warp 0 writes data and then a flag, for which warp 1 waits.
static std::string handOver(const std::string &fence, const std::string &set,
                            const std::string &look) {
  return "setp.lt.u32 %p0, %r0, 32; and.b32 %r5, %r0, 31; mad.lo.u32 %r5, %r5, 4, %r1;"
         "setp.eq.u32 %p1, %r0, 0; @%p1 st.shared.b32 [%r1 + 512], 0; bar.sync 0;"
         "@%p0 bra $write; $wait: " +
         look +
         " %r6, [%r1 + 512]; setp.eq.u32 %p2, %r6, 0;"
         "@%p2 bra $wait; ld.shared.b32 %r7, [%r5]; bra $end;"
         "$write: st.shared.b32 [%r5], %r0;" +
         fence + set + " [%r1 + 512], 1; $end:";
}

TEST(Check, FlagsOrderWhatIsReleasedAndAcquired) {
  std::string look = "ld.volatile.shared.b32", set = "@%p1 st.volatile.shared.b32";
  EXPECT_NE(Faulty{}.run(handOver("", set, look)).find("has written, with no barrier between"),
            std::string::npos);
  EXPECT_NE(Faulty{}.run(handOver("membar.cta;", "@%p1 st.shared.b32", look)).find("between"),
            std::string::npos);
  // A fence of the writing thread's own alone is less than a barrier of its warp.
  std::string together = "bar.warp.sync -1;membar.cta;";
  EXPECT_EQ(Faulty{}.run(handOver(together, set, look)), "");
  EXPECT_EQ(Faulty{}.run(handOver("bar.warp.sync -1;", "@%p1 st.release.cta.shared.b32",
                                  "ld.acquire.cta.shared.b32")),
            "");
}

TEST(Check, NamedBarriersOrderThoseWhoCome) {
  // Warp 1 waits for warp 0 at barrier 1; warp 2 does not.
  std::string body = "shr.u32 %r5, %r0, 5;\nand.b32 %r6, %r0, 31;\nmad.lo.u32 %r6, %r6, 4, %r1;\n"
                     "setp.eq.u32 %p0, %r5, 0;\nsetp.eq.u32 %p1, %r5, 1;\n"
                     "setp.eq.u32 %p2, %r5, 2;\n"
                     "@%p0 st.shared.b32 [%r6], %r0;\n@%p0 bar.arrive 1, 64;\n"
                     "@%p1 bar.sync 1, 64;\n@%p1 ld.shared.b32 %r3, [%r6];\n";
  Faulty faulty{.block = {96}};
  EXPECT_EQ(faulty.run(body), "");
  std::string message = faulty.run(body + "@%p2 ld.shared.b32 %r3, [%r6];\n");
  EXPECT_EQ(where(message), "CTA (0,0,0), thread (64,0,0)");
  EXPECT_EQ(reason(message), "reads 4 bytes at the shared address 0x0 that thread (0,0,0) has "
                             "written, with no barrier between");
  // What warp 0 does after it has come is not before what warp 1 does.
  EXPECT_NE(faulty.run(body + "@%p0 st.shared.b32 [%r6], %r0;\n").find("between"),
            std::string::npos);
}

//===----------------------------------------------------------------------===//
// Races in global memory
//===----------------------------------------------------------------------===//

TEST(Check, WritesOfTwoCtas) {
  for (unsigned threads : {1u, 2u}) {
    Faulty faulty{.grid = {2}, .threads = threads};
    EXPECT_NE(faulty.run("st.global.b32 [%d1], %r0;").find("and nothing orders the two"),
              std::string::npos);
    EXPECT_EQ(faulty.run("mov.u32 %r3, %ctaid.x;\nmad.lo.u32 %r3, %r3, 64, 0;\n"
                         "mov.u32 %r4, %ctaid.x;\nsetp.eq.u32 %p0, %r4, 0;\n"
                         "@%p0 st.global.b32 [%d1], %r0;"),
              "");
  }
}

TEST(Check, ReadOfWhatAnotherCtaWrites) {
  std::string body = "mov.u32 %r3, %ctaid.x;\nsetp.eq.u32 %p0, %r3, 0;\n"
                     "@%p0 st.global.b32 [%d1], %r0;\n@!%p0 ld.global.b32 %r4, [%d1];";
  EXPECT_EQ(reason(Faulty{.grid = {2}}.run(body)),
            "reads 4 bytes at 0x100000000000 in 'x' + 0 that CTA (0,0,0), thread (0,0,0) has "
            "written, and nothing orders the two");
  EXPECT_EQ(Faulty{.grid = {1}}.run(body), "");
}

TEST(Check, GlobalWithoutBarrier) {
  std::string next = "add.u32 %r4, %r0, 33;\nand.b32 %r4, %r4, 63;\nmul.wide.u32 %d3, %r4, 4;\n"
                     "add.u64 %d3, %d3, %d0;\n";
  EXPECT_EQ(reason(Faulty{}.run(next + "st.global.b32 [%d1], %r0;\nld.global.b32 %r3, [%d3];")),
            "reads 4 bytes at 0x100000000000 in 'x' + 0 that CTA (0,0,0), thread (0,0,0) has "
            "written, with no barrier between");
  EXPECT_EQ(Faulty{}.run(next + "st.global.b32 [%d1], %r0;\nbar.sync 0;\n"
                                "ld.global.b32 %r3, [%d3];"),
            "");
}

TEST(Check, ReadOnlyPath) {
  std::string constant = "ld.global.nc.b32 %r3, [%d1];\n";
  EXPECT_EQ(reason(Faulty{}.run("st.global.b32 [%d1], %r0;\nbar.sync 0;\n" + constant)),
            "reads 4 bytes at 0x100000000000 in 'x' + 0 that CTA (0,0,0), thread (0,0,0) has "
            "written, which ld.global.nc takes to be constant");
  EXPECT_EQ(reason(Faulty{}.run(constant + "bar.sync 0;\nst.global.b32 [%d1], %r0;")),
            "writes 4 bytes at 0x100000000000 in 'x' + 0 that CTA (0,0,0), thread (0,0,0) has "
            "read, which ld.global.nc takes to be constant");
  EXPECT_EQ(Faulty{}.run(constant), "");
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

TEST(Check, DivergedBarrier) {
  std::string body = "setp.eq.u32 %p0, %r0, 5;\n@%p0 bra $end;\nbar.sync 0;\n$end:";
  std::string message = Faulty{}.run(body);
  EXPECT_EQ(where(message), "CTA (0,0,0), thread (5,0,0)");
  EXPECT_EQ(reason(message),
            "is not at the barrier that the other threads of its warp have come to");
  EXPECT_EQ(Faulty{}.run("setp.eq.u32 %p0, %r0, 5;\n@%p0 ret;\nbar.sync 0;"), "");
}

TEST(Check, Deadlock) {
  std::string body = "setp.ge.u32 %p0, %r0, 32;\n@%p0 bar.sync 1, 64;";
  EXPECT_EQ(reason(Faulty{}.run(body)),
            "waits for ever at barrier 1, where 32 of 64 threads have come");
  EXPECT_EQ(Faulty{}.run("setp.ge.u32 %p0, %r0, 32;\n@%p0 bar.sync 1, 64;\n"
                         "@!%p0 bar.arrive 1, 64;"),
            "");
  // Each warp at another barrier.
  EXPECT_EQ(reason(Faulty{}.run("shr.u32 %r3, %r0, 5;\nbar.sync %r3, 64;")),
            "waits for ever at barrier 0, where 32 of 64 threads have come");
}

TEST(Check, BarriersOfDifferentCounts) {
  EXPECT_EQ(reason(Faulty{}.run("setp.ge.u32 %p0, %r0, 32;\n@%p0 bar.sync 1, 64;\n"
                                "@!%p0 bar.sync 1, 128;")),
            "comes to barrier 1 with 64 threads, but others wait for 128");
  EXPECT_EQ(reason(Faulty{}.run("bar.sync 1, 33;")), "waits for 33 threads, not for whole warps");
  EXPECT_EQ(reason(Faulty{}.run("bar.sync 16;")), "comes to barrier 16, but there are 16");
}

TEST(Check, StepLimit) {
  EXPECT_NE(Faulty{.stepLimit = 1000000}.run("$on:\nbra $on;").find("is still running after"),
            std::string::npos);
}

//===----------------------------------------------------------------------===//
// Lanes
//===----------------------------------------------------------------------===//

TEST(Check, ShuffleFromLanesThatAreNotHere) {
  EXPECT_EQ(reason(Faulty{}.run("setp.lt.u32 %p0, %r0, 16;\n"
                                "@%p0 shfl.sync.bfly.b32 %r3, %r0, 1, 31, -1;")),
            "names the lanes 0xffffffff, of which 0xffff0000 are not here");
  EXPECT_EQ(reason(Faulty{}.run("setp.lt.u32 %p0, %r0, 16;\n"
                                "@%p0 shfl.sync.bfly.b32 %r3, %r0, 16, 31, 0xffff;")),
            "reads from lane 16, which does not take part");
  EXPECT_EQ(reason(Faulty{}.run("shfl.sync.bfly.b32 %r3, %r0, 1, 31, 0xffff;")),
            "names the lanes 0x0000ffff and not itself, lane 16");
  EXPECT_EQ(reason(Faulty{}.run("shfl.sync.bfly.b32 %r3, %r0, 1, 31, %r0;")),
            "names the lanes 0x00000000 and not itself, lane 0");
  EXPECT_EQ(Faulty{.block = {16}}.run("shfl.sync.bfly.b32 %r3, %r0, 1, 31, 0xffff;"), "");
  EXPECT_EQ(Faulty{.block = {16}}.run("shfl.sync.bfly.b32 %r3, %r0, 1, 31, -1;"), "");
}

TEST(Check, MatrixInstructionsNeedAllLanes) {
  EXPECT_EQ(reason(Faulty{.block = {31}}.run("movmatrix.sync.aligned.m8n8.trans.b16 %r3, %r0;")),
            "is for all 32 lanes of a warp, of which 0x80000000 are not here");
  EXPECT_EQ(Faulty{.block = {32}}.run("movmatrix.sync.aligned.m8n8.trans.b16 %r3, %r0;"), "");
}

TEST(Check, Traps) { EXPECT_EQ(reason(Faulty{}.run("trap;")), "stops the kernel"); }

//===----------------------------------------------------------------------===//
// Asynchronous copies
//===----------------------------------------------------------------------===//

TEST(Check, MissingWait) {
  std::string copy = "cp.async.ca.shared.global [%r2], [%d1], 4;\ncp.async.commit_group;\n";
  std::string read = "ld.shared.b32 %r3, [%r2];\n";
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Faulty faulty{.seed = seed};
    EXPECT_EQ(reason(faulty.run(copy + read)),
              "reads 4 bytes at the shared address 0x0, to which an asynchronous copy is under "
              "way");
    EXPECT_EQ(faulty.run(copy + "cp.async.wait_group 0;\n" + read), "");
    // All but the newest group are waited for; this one is the newest.
    EXPECT_NE(faulty.run(copy + "cp.async.wait_group 1;\n" + read), "");
    EXPECT_EQ(faulty.run(copy + "cp.async.commit_group;\ncp.async.wait_group 1;\n" + read), "");
    // What is in no group is waited for by wait_all alone.
    std::string open = "cp.async.ca.shared.global [%r2], [%d1], 4;\n";
    EXPECT_NE(faulty.run(open + "cp.async.wait_group 0;\n" + read), "");
    EXPECT_EQ(faulty.run(open + "cp.async.wait_all;\n" + read), "");
  }
}

TEST(Check, WaitIsNoBarrier) {
  std::string copy = "cp.async.ca.shared.global [%r2], [%d1], 4;\ncp.async.wait_all;\n";
  EXPECT_EQ(reason(Faulty{.block = {32}}.run(copy +
                                             "cp.async.ca.shared.global [%r2 + 128], [%d1], 4;"
                                             "\ncp.async.wait_all;\n" +
                                             readNext)),
            "reads 4 bytes at the shared address 0x4 that thread (1,0,0) has written, "
            "with no barrier between");
  EXPECT_EQ(Faulty{}.run(copy + "bar.sync 0;\n" + readNext), "");
}

TEST(Check, WriteUnderACopy) {
  std::string copy = "cp.async.ca.shared.global [%r2], [%d1], 4;\n";
  EXPECT_EQ(reason(Faulty{}.run(copy + "st.shared.b32 [%r2], %r0;")),
            "writes 4 bytes at the shared address 0x0, to which an asynchronous copy is under way");
}

TEST(Check, CopyOverWhatOthersRead) {
  std::string body = std::string("st.shared.b32 [%r2], %r0;\nbar.sync 0;\n") + readNext;
  std::string copy = "cp.async.ca.shared.global [%r2], [%d1], 4;\n";
  EXPECT_NE(Faulty{}.run(body + copy).find("has read, with no barrier between"), std::string::npos);
  EXPECT_EQ(Faulty{}.run(body + "bar.sync 0;\n" + copy), "");
}

TEST(Check, CopiesOutOfBounds) {
  EXPECT_EQ(reason(Faulty{}.run("cp.async.ca.shared.global [%r2], [%d1 + 4], 4;")),
            "reads 4 bytes at 0x100000000100, 0 bytes behind the end of 'x' of 256 bytes");
  // Nothing is read of a source of no bytes.
  EXPECT_EQ(Faulty{}.run("cp.async.ca.shared.global [%r2], [%d1 + 4096], 4, 0;\n"
                         "cp.async.wait_all;\nld.shared.b32 %r3, [%r2];"),
            "");
  EXPECT_EQ(reason(Faulty{}.run("cp.async.ca.shared.global [%r2], [%d1], 4, 5;")),
            "copies 5 bytes of 4");
}

TEST(Check, StaleBytesWithoutChecks) {
  // Some seeds let a copy arrive before a read that does not wait, some after it.
  bool isStale = false, isFresh = false;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Machine machine(kernel(".param .u64 x",
                           ".shared .align 16 .b8 s[16];\nld.param.u64 %d0, [x];\n"
                           "mov.u32 %r1, s;\nst.shared.b32 [%r1], 1;\n"
                           "cp.async.ca.shared.global [%r1], [%d0], 4;\n"
                           "cp.async.commit_group;\ncp.async.commit_group;\n"
                           "ld.shared.b32 %r2, [%r1];\nst.global.b32 [%d0 + 4], %r2;"));
    std::vector<uint32_t> x{2, 0};
    machine.options.checks = false;
    machine.options.seed = seed;
    EXPECT_EQ(machine.run({1}, {1}, Parameters(machine.add(x, "x"))), "");
    isStale |= x[1] == 1;
    isFresh |= x[1] == 2;
  }
  EXPECT_TRUE(isStale);
  EXPECT_TRUE(isFresh);
}
