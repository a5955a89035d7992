// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/AttentionHarness.h"

using namespace tern;
using test::Case;
using test::Harness;
using test::Numbers;

namespace {

/// An f16 is rounded by 2^-11 of its size. A code is off by one where the kernel rounds the other
/// way, by 1/127 of the largest number of its block.
constexpr double kHalf = 0x1p-11 + 4e-6, kCode = 1.0 / 127 + 4e-6;
constexpr const char *kBlocks = "!tern.block<8,32,f32>";

const Case kCases[] = {
    {"f32", 2, 1, 16, 16},
    {"f32", 1, 3, 8, 8},
    {"f16", 2, 4, 64, 64},
    {"bf16", 1, 8, 80, 96},
    {"f32", 1, 5, 96, 80},
    {"f16", 1, 2, 128, 128},
    {"f32", 2, 2, 17, 7, 30},
    {"bf16", 2, 3, 64, 64, 100},
    {"f32", 1, 2, 16, 16, 1},
    {"f16", 1, 1, 64, 64, 0, 5},
    {"f32", 1, 7, 33, 16, 65, 2},
    {"f32", 2, 2, 16, 16, 0, 0, " "},
    {"f16", 1, 3, 16, 16, 70, 0, " in bf16"},
    {"f32", 1, 2, 16, 16, 0, 9, " in f16"},
    Case{"f32", 2, 2, 64, 64}.turned("half", 32),
    Case{"f32", 2, 3, 80, 16, 30}.turned("interleaved", 20),
    Case{"f32", 1, 1, 17, 7}.turned("half", 5),
    Case{"f32", 1, 2, 16, 16, 0, 0, " "}.turned("interleaved", 8),
    Case{"f32", 2, 2, 16, 24}.with("f16", kHalf),
    Case{"f32", 2, 2, 16, 64}.with(kBlocks, kCode),
    Case{"f32", 1, 7, 96, 32, 100}.turned("half", 48).with(kBlocks, kCode),
};

struct AttentionTest : testing::TestWithParam<cpu::Target> {};

TEST_P(AttentionTest, holdsItsLawsInEveryCase) {
  for (const Case &c : kCases) {
    if (GetParam().warp && c.joined == kBlocks)
      continue; // activations in blocks are a CPU's
    SCOPED_TRACE("case " + std::to_string(&c - kCases));
    Harness harness(c, GetParam());
    ASSERT_TRUE(harness.compiled());
    test::compareSteps(harness, c.tolerance);
    test::compareFeeds(harness, c.heads * c.group * c.valueWidth);
  }
}

TEST_P(AttentionTest, rowsWithoutSlotsGiveZero) {
  Harness harness(kCases[1], GetParam());
  harness.stores = false;
  auto got = harness.run({{2, 3}, {0, 70}}, /*compare=*/false).first;
  for (double number : got[0])
    EXPECT_EQ(number, 0);
  for (double number : got[1])
    EXPECT_EQ(number, -INFINITY);
}

TEST_P(AttentionTest, blocksBeforeTheWindowAreNotRead) {
  constexpr int64_t rows = 200;
  for (const Case &c : kCases) {
    if (c.window == 0 || (GetParam().warp && c.joined == kBlocks))
      continue;
    SCOPED_TRACE("case " + std::to_string(&c - kCases));
    Harness harness(c, GetParam());
    for (int64_t distance : {1, 3}) {
      harness.distance = distance;
      auto attend = [&](bool compare, llvm::function_ref<void()> change) {
        harness.clear();
        harness.run({{1, rows}}, compare);
        change();
        return harness.run({{1, 70}}, compare);
      };
      auto [expected, reference] = attend(/*compare=*/true, [] {});
      EXPECT_LE(test::relativeError(expected[0], reference[0]), c.tolerance);
      auto poison = [&] {
        ASSERT_LE(63 * distance, rows * distance - c.window) << "no block is before the window";
        for (int64_t block = 0; (64 * block + 63) * distance <= rows * distance - c.window; ++block)
          harness.poison(1, block);
      };
      EXPECT_EQ(attend(/*compare=*/false, poison).first, expected);
    }
  }
}

std::string nameOf(const testing::TestParamInfo<cpu::Target> &info) {
  std::string name = info.param.cpu;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(targets, AttentionTest, testing::ValuesIn(test::allTargets()), nameOf);

} // namespace
