// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The listings are what nvdisasm 13.5 says of ptxas's code of the texts beside them; what is
// expected was counted by hand.
#include "tools/tern-bench/Sass.h"

#include "tools/command/CommandLine.h"
#include "tools/command/TextFile.h"

#include <gtest/gtest.h>

using namespace tern::bench;
using tern::command::UserError;
using Classes = std::map<std::string, uint32_t>;

static std::string read(const std::string &name) {
  return tern::command::readText(TERN_TEST_SASS "/" + name);
}

static std::vector<SteadyLoop> loopsOf(const std::string &name, const char *gpu) {
  std::vector<SassFunction> functions = readSass(read(name));
  EXPECT_EQ(functions.size(), 1u);
  return steadyLoops(functions.front(), Gpu::named(gpu));
}

TEST(Sass, InstructionsHaveTheirParts) {
  std::vector<SassFunction> functions = readSass(read("product.sass"));
  ASSERT_EQ(functions.size(), 1u);
  const SassFunction &function = functions.front();
  EXPECT_EQ(function.name, "product");
  EXPECT_EQ(function.labels.at(".L_x_0"), 0xc0u);
  const SassInstruction &copy = function.instructions.at(0x13);
  EXPECT_EQ(copy.address, 0x130u);
  EXPECT_EQ(copy.predicate, "");
  EXPECT_EQ(copy.opcode, "LDGSTS.E.BYPASS.128");
  EXPECT_EQ(copy.operands, "[R23+0x1000], [R20.64]");
  EXPECT_EQ(copy.low, 0x0100000014177faeu);
  EXPECT_EQ(copy.high, 0x0001e2000b901c44u);
  EXPECT_EQ(function.instructions.at(0x1e).stall(), 11u);
  EXPECT_TRUE(function.instructions.at(0x18).waits());
  EXPECT_FALSE(function.instructions.at(0x20).waits());
  EXPECT_EQ(function.instructions.at(0x21).predicate, "@!P0");
  EXPECT_FALSE(function.instructions.at(0x10).isExecuted());
}

TEST(Sass, ALoopOfTensorInstructionsIsCounted) {
  std::vector<SteadyLoop> loops = loopsOf("product.sass", "a100");
  ASSERT_EQ(loops.size(), 1u);
  const SteadyLoop &loop = loops.front();
  EXPECT_EQ(loop.first, 0xc0u);
  EXPECT_EQ(loop.last, 0x210u);
  EXPECT_EQ(loop.instructions, 22u);
  EXPECT_EQ(loop.classes, (Classes{{"tensor", 2},
                                   {"load matrix", 2},
                                   {"copy to shared", 1},
                                   {"load shared", 3},
                                   {"branch", 1},
                                   {"uniform", 1},
                                   {"integer", 4},
                                   {"move", 8}}));
  EXPECT_EQ(loop.issueCycles, 51u);
  EXPECT_EQ(loop.waits, 2u);
  EXPECT_EQ(loop.tensorCycles, 16u);
  EXPECT_EQ(loop.sharedCycles, 10u); // 4 and 2 of matrices, 4 of the copy, none of what is not run
  EXPECT_EQ(loop.globalBytes, 512u);
  EXPECT_DOUBLE_EQ(loop.issuePerTensor(), 51.0 / 16);
  EXPECT_DOUBLE_EQ(loop.slotsPerTensor(), 22.0 / 16);
  EXPECT_DOUBLE_EQ(loop.sharedPerTensor(), 40.0 / 16);
  // 5.5 cycles to issue in four quarters, 512 bytes at 2039e9 / (108 * 1.41e9) a cycle.
  EXPECT_NEAR(loop.slotsPerMemory(Gpu::named("a100")), 5.5 / (512 / 13.389808), 1e-6);
  EXPECT_EQ(loopsOf("product.sass", "rtx4090").front().tensorCycles, 64u);
  EXPECT_EQ(loopsOf("product.sass", "h100").front().tensorCycles, 12u);
}

/// Also over code that lies within it, and not what it calls.
TEST(Sass, TheInnerLoopThatReadsIsSteady) {
  std::vector<SteadyLoop> loops = loopsOf("sum.sass", "a100");
  ASSERT_EQ(loops.size(), 1u);
  const SteadyLoop &loop = loops.front();
  EXPECT_EQ(loop.first, 0xd0u);
  EXPECT_EQ(loop.last, 0x380u);
  EXPECT_EQ(loop.instructions, 44u);
  EXPECT_EQ(loop.classes, (Classes{{"f32", 15},
                                   {"special", 2},
                                   {"branch", 7},
                                   {"barrier", 6},
                                   {"load global", 1},
                                   {"integer", 6},
                                   {"move", 7}}));
  EXPECT_EQ(loop.issueCycles, 155u);
  EXPECT_EQ(loop.waits, 6u);
  EXPECT_EQ(loop.tensorCycles, 0u);
  EXPECT_EQ(loop.sharedCycles, 0u);
  EXPECT_EQ(loop.globalBytes, 512u);
}

/// A branch from code after a loop back into it is no loop of its own, nor is what nothing leads
/// to.
TEST(Sass, LoopsHaveOneEntry) {
  const char *listing = ".text.k:\n"
                        "/*0000*/ @P0 BRA `(.L_b) ; /* 0x0 */\n/* 0x0 */\n"
                        ".L_a:\n"
                        "/*0010*/ LDG.E R1, [R2] ; /* 0x0 */\n/* 0x000fe40000000000 */\n"
                        "/*0020*/ @P1 BRA `(.L_c) ; /* 0x0 */\n/* 0x0 */\n"
                        ".L_d:\n"
                        "/*0030*/ @P2 BRA `(.L_a) ; /* 0x0 */\n/* 0x0 */\n"
                        ".L_b:\n"
                        "/*0040*/ EXIT ; /* 0x0 */\n/* 0x0 */\n"
                        ".L_c:\n"
                        "/*0050*/ FADD R1, R1, R1 ; /* 0x0 */\n/* 0x0 */\n"
                        "/*0060*/ BRA `(.L_d) ; /* 0x0 */\n/* 0x0 */\n"
                        ".L_e:\n"
                        "/*0070*/ LDG.E R1, [R2] ; /* 0x0 */\n/* 0x0 */\n"
                        "/*0080*/ BRA `(.L_e) ; /* 0x0 */\n/* 0x0 */\n";
  std::vector<SteadyLoop> loops = steadyLoops(readSass(listing).front(), Gpu::named("a100"));
  ASSERT_EQ(loops.size(), 1u);
  EXPECT_EQ(loops.front().first, 0x10u);
  EXPECT_EQ(loops.front().last, 0x60u);
  EXPECT_EQ(loops.front().instructions, 5u);
  EXPECT_EQ(loops.front().issueCycles, 6u); // 2, and at least 1 each
  EXPECT_EQ(loops.front().globalBytes, 128u);
}

TEST(Sass, ReportsSayRegistersAndSpills) {
  std::vector<KernelResources> kernels = readReport(read("sum.report"));
  ASSERT_EQ(kernels.size(), 1u);
  EXPECT_EQ(kernels[0].name, "sum");
  EXPECT_EQ(kernels[0].registers, 19u);
  EXPECT_EQ(kernels[0].spillStores + kernels[0].spillLoads + kernels[0].stackBytes, 0u);
  kernels = readReport("ptxas info    : Compiling entry function 'a' for 'sm_80'\n"
                       "ptxas info    : Function properties for a\n"
                       "    24 bytes stack frame, 8 bytes spill stores, 16 bytes spill loads\n"
                       "ptxas info    : Used 40 registers, used 1 barriers, 2048 bytes smem\n");
  ASSERT_EQ(kernels.size(), 1u);
  EXPECT_EQ(kernels[0].registers, 40u);
  EXPECT_EQ(kernels[0].stackBytes, 24u);
  EXPECT_EQ(kernels[0].spillStores, 8u);
  EXPECT_EQ(kernels[0].spillLoads, 16u);
  EXPECT_EQ(kernels[0].sharedBytes, 2048u);
  EXPECT_THROW(readReport("ptxas info : Compiling entry function 'a' for 'sm_80'\n"), UserError);
}

static void expectRefused(const std::string &listing, const std::string &words) {
  try {
    for (const SassFunction &function : readSass(listing))
      steadyLoops(function, Gpu::named("a100"));
    ADD_FAILURE() << "not refused: " << words;
  } catch (const UserError &error) {
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
  }
}

TEST(Sass, OtherTextsAreRefused) {
  expectRefused("", "expected a listing of functions, found none");
  expectRefused("/*0000*/ EXIT ; /* 0x0 */\n/* 0x0 */\n", "line 1: expected a function");
  expectRefused(".text.k:\n/*0000*/ EXIT\n", "line 2: expected an instruction that ends with ';'");
  expectRefused(".text.k:\n/*0000*/ EXIT ;\n", "line 2: expected an instruction and its encoding");
  expectRefused(".text.k:\n/*0000*/ EXIT ; /* 0x0 */\n", "expected the second half");
  expectRefused(".text.k:\n/*0000*/ EXIT ; /* 0x0 */\n/* 0xg */\n",
                "line 3: expected the second half of an encoding, found '/* 0xg */'");
  expectRefused(".text.k:\n/*0010*/ NOP ; /* 0x0 */\n/* 0x0 */\n/*0010*/ NOP ; /* 0x0 */\n",
                "line 4: expected addresses that ascend");
  expectRefused(".text.k:\n/*0000*/ BRA `(.L_x) ; /* 0x0 */\n/* 0x0 */\n",
                "expected a label '.L_x' in function 'k', found none");
  expectRefused(".text.k:\n.L_x:\n/*0000*/ QMMA.16832 R1 ; /* 0x0 */\n/* 0x0 */\n"
                "/*0010*/ BRA `(.L_x) ; /* 0x0 */\n/* 0x0 */\n",
                "expected a tensor instruction whose shape is known, found QMMA.16832");
}

/// Damage is refused or makes other numbers, and nothing worse.
TEST(Sass, DamagedTextsAreSurvived) {
  Gpu gpu = Gpu::named("a100");
  size_t good = 0, refused = 0;
  auto pass = [&](std::string_view listing) {
    try {
      for (const SassFunction &function : readSass(listing))
        steadyLoops(function, gpu);
      ++good;
    } catch (const UserError &) {
      ++refused;
    }
  };
  for (const char *name : {"product.sass", "sum.sass"}) {
    std::string text = read(name);
    size_t step = text.size() / 500;
    for (size_t i = 0; i < text.size(); i += step) {
      pass(std::string_view(text).substr(0, i));
      pass(std::string_view(text).substr(i));
      for (char other : {'\n', '\0', ';', '`', '0', ' ', '\xff'}) {
        std::string damaged = text;
        damaged[i] = other;
        pass(damaged);
      }
      std::string shorter = text;
      shorter.erase(i, 1 + i % 97);
      pass(shorter);
    }
  }
  EXPECT_GT(good, 100u);
  EXPECT_GT(refused, 100u);
}
