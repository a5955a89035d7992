// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-bench/Gpu.h"

#include "tools/command/CommandLine.h"

#include <gtest/gtest.h>

using namespace tern::bench;
using tern::command::UserError;

TEST(Gpu, FilesAreReadByNameAndChip) {
  EXPECT_EQ(Gpu::all().size(), 5u);
  Gpu h200 = Gpu::named("h200");
  EXPECT_EQ(h200.bytesPerSecond, 4800e9);
  EXPECT_EQ(h200.multiprocessors, 132);
  EXPECT_EQ(h200.chip(), "sm_90");
  EXPECT_EQ(Gpu::ofChip("sm_80").name, "a100");
  EXPECT_EQ(Gpu::ofChip("sm_86").name, "rtx3090");
  EXPECT_EQ(Gpu::ofChip("sm_89").name, "rtx4090");
  EXPECT_EQ(Gpu::ofChip("sm_90").name, "h100");
  EXPECT_THROW(Gpu::named("v100"), UserError);
  EXPECT_THROW(Gpu::ofChip("sm_70"), UserError);
}

/// 16 x 8 x 16 products at 256 a cycle on A100, 64 on RTX 4090, 341 on H100.
TEST(Gpu, TensorInstructionsTakeWhatTheirProductsDo) {
  Gpu a100 = Gpu::named("a100"), rtx4090 = Gpu::named("rtx4090"), h100 = Gpu::named("h100");
  EXPECT_EQ(a100.tensorCycles("HMMA.16816.F32.BF16"), 8u);
  EXPECT_EQ(a100.tensorCycles("HMMA.1688.F32"), 4u);
  EXPECT_EQ(a100.tensorCycles("HMMA.1688.F32.TF32"), 8u);
  EXPECT_EQ(a100.tensorCycles("IMMA.16832.S8.S8"), 8u);
  EXPECT_EQ(a100.tensorCycles("IMMA.16816.S8.S8"), 4u);
  EXPECT_EQ(rtx4090.tensorCycles("HMMA.16816.F32"), 32u);
  EXPECT_EQ(rtx4090.tensorCycles("IMMA.16832.S8.S8"), 16u);
  EXPECT_EQ(h100.tensorCycles("HMMA.16816.F32"), 6u);
  EXPECT_EQ(a100.tensorCycles("FFMA"), 0u);
  EXPECT_EQ(a100.tensorCycles("HFMA2.MMA"), 0u);
  EXPECT_THROW(a100.tensorCycles("QMMA.16832.F32.E4M3.E4M3"), UserError);
  EXPECT_THROW(a100.tensorCycles("HGMMA.64x64x16.F32"), UserError);
}

TEST(Gpu, TheScarcestPartBoundsBlocks) {
  Gpu a100 = Gpu::named("a100");
  auto expect = [](Occupancy found, uint32_t blocks, uint32_t warps, const char *limit) {
    EXPECT_EQ(found.blocks, blocks);
    EXPECT_EQ(found.warps, warps);
    EXPECT_STREQ(found.limit, limit);
  };
  // 168 registers of 32 threads are 5376, of which 16384 of a quarter hold 3.
  expect(a100.occupancy(128, 168, 0), 3, 12, "registers");
  expect(a100.occupancy(128, 161, 0), 3, 12, "registers");
  // 167936 of 16384 + 1024.
  expect(a100.occupancy(128, 26, 16384), 9, 36, "shared memory");
  expect(a100.occupancy(256, 24, 0), 8, 64, "warps");
  expect(a100.occupancy(32, 24, 0), 32, 32, "blocks");
  expect(Gpu::named("rtx4090").occupancy(128, 32, 49152), 2, 8, "shared memory");
  expect(a100.occupancy(1024, 255, 0), 0, 0, "registers");
}

TEST(Gpu, TheLongestPartIsAKernelsTime) {
  Gpu a100 = Gpu::named("a100");
  Work work;
  work.globalBytes = 2.039e9;    // 1 ms at 2039 GB/s
  work.halfProducts = 78e9;      // 0.5 ms at 312 T operations a second, two each
  work.byteProducts = 31.2e9;    // 0.1 ms at 624
  work.floatProducts = 1.95e9;   // 0.2 ms at 19.5
  work.instructions = 182.736e6; // 0.3 ms of 4 x 108 x 1.41e9 a second
  work.sharedCycles = 60.912e6;  // 0.4 ms of 108 x 1.41e9
  Roofline roofline = a100.roofline(work);
  EXPECT_NEAR(roofline.memory, 1e-3, 1e-9);
  EXPECT_NEAR(roofline.tensor, 0.6e-3, 1e-9);
  EXPECT_NEAR(roofline.arithmetic, 0.2e-3, 1e-9);
  EXPECT_NEAR(roofline.issue, 0.3e-3, 1e-9);
  EXPECT_NEAR(roofline.shared, 0.4e-3, 1e-9);
  EXPECT_NEAR(roofline.seconds(), 1.002e-3, 1e-9);
  EXPECT_STREQ(roofline.bound(), "memory");
  work.blocks = 216; // twice the multiprocessors
  EXPECT_NEAR(a100.roofline(work).seconds(), 1.002e-3, 1e-9);
  work.blocks = 27; // a quarter of them: the others' pipes idle, memory does not
  Roofline quarter = a100.roofline(work);
  EXPECT_NEAR(quarter.memory, 1e-3, 1e-9);
  EXPECT_NEAR(quarter.tensor, 2.4e-3, 1e-9);
  EXPECT_NEAR(quarter.arithmetic, 0.8e-3, 1e-9);
  EXPECT_NEAR(quarter.issue, 1.2e-3, 1e-9);
  EXPECT_NEAR(quarter.shared, 1.6e-3, 1e-9);
  work.blocks = 0;
  // 0.3 ms of issue in 1 ms of memory.
  EXPECT_NEAR(a100.slotsPerMemory(work.instructions, work.globalBytes), 0.3, 1e-9);
  work.halfProducts *= 4;
  EXPECT_STREQ(a100.roofline(work).bound(), "tensor");
  EXPECT_STREQ(a100.roofline({}).bound(), "launch");
}
