// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention as a plan for a GPU launches it, on the emulator: on tensor cores, and in f32.
#include "passes/CPU/DispatchBuffers.h"
#include "passes/NVPTX/AttentionKernels.h"
#include "passes/NVPTX/Ptx.h"
#include "test/conformance/CPU/AttentionHarness.h"

using namespace tern;
using test::Case;
using test::Harness;
using test::Numbers;

namespace {

/// Kernels of a harness's attention, and what they did.
class PlannedKernels {
public:
  PlannedKernels(Harness &harness, bool rounds) : runner(harness.attention()) {
    mlir::OwningOpRef<mlir::ModuleOp> module =
        mlir::ModuleOp::create(mlir::UnknownLoc::get(runner.module().getContext()));
    DispatchOp dispatch = runner.dispatch();
    std::vector<cpu::Layout> layouts;
    for (mlir::TypeRange types :
         {mlir::TypeRange(dispatch.getInputs()), mlir::TypeRange(dispatch.getResultTypes())})
      for (mlir::Type type : types)
        layouts.push_back({runner.rowStrideOf(type)});
    std::vector<int64_t> alignments(cpu::DispatchBuffers(dispatch).buffers(), 16);
    kernels = *nvptx::emitAttentionKernels(dispatch, layouts, alignments, "attend", *module,
                                           test::warpTarget(), rounds);
    std::string text =
        test::expected(nvptx::compile(*module, test::expected(nvptx::Target::named("sm_80"))));
    if (format::Error error = runtime::emulator::Module::parse(text, code))
      llvm::report_fatal_error(llvm::Twine(error.message()));
    harness.attends = [this](const std::vector<test::Buffer> &buffers, const test::Dims &dims) {
      attend(buffers, dims);
    };
  }

  nvptx::AttentionKernels kernels;
  runtime::emulator::Counts counts;

private:
  void attend(const std::vector<test::Buffer> &buffers, const test::Dims &dims) {
    if (!kernels.apart || dims.at("T") > kernels.apartRows) {
      if (kernels.all)
        launch("attend", *kernels.all, buffers, dims);
      else
        runner.call(buffers, dims, {test::kLayer});
      return;
    }
    test::GuardedBytes workspace(kernels.workspaceBytes);
    std::fill_n(workspace.data(), workspace.size(), 0xff);
    std::vector<test::Buffer> all = buffers;
    all.emplace_back(workspace);
    launch("attend_apart", *kernels.apart, all, dims);
    if (kernels.merge)
      launch("attend_merge", *kernels.merge, all, dims);
  }

  void launch(const std::string &name, const nvptx::AttentionKernels::Kernel &kernel,
              const std::vector<test::Buffer> &buffers, const test::Dims &dims) {
    runtime::emulator::Memory memory;
    std::vector<uint64_t> parameters;
    for (const test::Buffer &buffer : buffers)
      parameters.push_back(memory.add(buffer.bytes.data(), buffer.bytes.size(),
                                      "buffer " + std::to_string(parameters.size()),
                                      runtime::emulator::Contents::Initialised));
    for (ExtentAttr size : kernel.info.sizes)
      parameters.push_back(static_cast<uint64_t>(runner.valueOf(size, dims)));
    parameters.push_back(test::kLayer);
    int64_t tiles = runner.valueOf(kernel.info.tiles, dims);
    parameters.push_back(static_cast<uint64_t>(tiles));
    auto blocks = static_cast<uint32_t>(llvm::divideCeil(tiles, kernel.start.blockTiles));
    if (blocks == 0)
      return;
    runtime::emulator::Launch start{name,
                                    {blocks},
                                    {static_cast<uint32_t>(kernel.start.threads)},
                                    static_cast<uint64_t>(kernel.start.sharedBytes),
                                    std::as_bytes(std::span(parameters))};
    runtime::emulator::Options options;
    options.seed = ++launches;
    format::Error error = runtime::emulator::run(code, start, memory, options, counts);
    EXPECT_EQ(error ? error.message() : std::string(), "");
  }

  const test::DispatchRunner &runner;
  runtime::emulator::Module code;
  uint64_t launches = 0;
};

constexpr int64_t kPadding = 8;

/// Weights are rounded by up to 2^-8 of themselves in bf16 and 2^-11 in f16, and values are
/// below 2.
constexpr double kBF16 = 2 * 0x1p-8 + 8e-6, kF16 = 2 * 0x1p-11 + 8e-6;
/// A number of a turned query that rounds the other way changes a score by 0.3 * 2 * 2^-9.
constexpr double kTurned = kF16 + 2 * 2 * 0.3 * 0x1p-8;

Case rounded(Case c, double tolerance) {
  c.roundsQueries = true;
  c.tolerance = tolerance;
  return c;
}

const Case kTensorCases[] = {
    rounded({"f16", 2, 4, 64, 64}, kF16),
    rounded({"bf16", 1, 8, 80, 96}, kBF16),
    rounded({"f16", 1, 2, 128, 128}, kF16),
    rounded({"bf16", 1, 20, 16, 16}, kBF16),
    rounded({"bf16", 2, 3, 64, 64, 100}, kBF16),
    rounded({"f16", 1, 2, 32, 40, 1}, kF16),
    rounded({"f16", 1, 7, 48, 32, 65, 2}, kF16),
    rounded({"f16", 1, 1, 64, 64, 0, 5}, kF16),
    rounded({"f16", 1, 2, 256, 256}, kF16),
    rounded(Case{"f16", 2, 2, 64, 64}.turned("half", 32), kTurned),
    rounded(Case{"f16", 1, 3, 80, 16, 30}.turned("interleaved", 20), kTurned),
    rounded(Case{"f16", 1, 1, 32, 24}.turned("half", 5), kTurned),
    rounded(Case{"f16", 2, 2, 16, 24}.with("f16", 0), kF16 + 0x1p-11),
};

const Case kF32Cases[] = {
    {"f32", 2, 2, 32, 32},
    {"f32", 2, 2, 17, 7, 30},
    {"f16", 1, 20, 64, 40, 0, 5},
    {"bf16", 2, 3, 24, 24, 100},
    {"f16", 1, 3, 16, 16, 70, 0, " in bf16"},
    Case{"f32", 2, 3, 80, 16, 30}.turned("interleaved", 20),
    Case{"f32", 2, 2, 16, 24}.with("f16", 0x1p-11 + 4e-6),
};

/// Several chunks, and the last row of one.
const std::vector<test::Step> kMoreSteps = {
    {{2, 130}}, {{1, 126}}, {{2, 1}, {1, 1}, {0, 2}}, {{1, 1}}};

TEST(TensorAttention, holdsItsLawsInEveryCase) {
  for (const Case &c : kTensorCases) {
    SCOPED_TRACE("case " + std::to_string(&c - kTensorCases));
    Harness harness(c, test::warpTarget(), kPadding);
    PlannedKernels planned(harness, /*rounds=*/true);
    ASSERT_TRUE(planned.kernels.all && planned.kernels.apart);
    ASSERT_EQ(planned.kernels.remark, "");
    EXPECT_EQ(planned.kernels.merge.has_value(), c.group > 16);
    test::compareSteps(harness, c.tolerance, kMoreSteps);
    test::compareFeeds(harness, c.heads * c.group * c.valueWidth, 270);
    if (c.keyWidth % 64 == 0) // narrower queries meet in a bank when they are stored, once each
      EXPECT_EQ(planned.counts.sharedPasses, planned.counts.sharedPassesIdeal);
  }
}

/// Segments apart give the bits of the schema, which takes the prompts.
TEST(SegmentAttention, holdsItsLawsInEveryCase) {
  for (const Case &c : kF32Cases) {
    SCOPED_TRACE("case " + std::to_string(&c - kF32Cases));
    Harness harness(c, test::warpTarget());
    PlannedKernels planned(harness, /*rounds=*/false);
    ASSERT_TRUE(!planned.kernels.all && planned.kernels.apart);
    EXPECT_EQ(planned.kernels.merge.has_value(), c.group > 16);
    test::compareSteps(harness, c.tolerance, kMoreSteps);
    test::compareFeeds(harness, c.heads * c.group * c.valueWidth, 140);
    EXPECT_EQ(planned.counts.sharedPasses, planned.counts.sharedPassesIdeal);
  }
}

/// One token after 2000: parts of the sequence are computed side by side, keys and values come in
/// full sectors, and no two numbers meet in a bank.
class AttentionCounts : public testing::TestWithParam<bool> {};

TEST_P(AttentionCounts, areThoseOfFullSectorsInDecoding) {
  constexpr int64_t rows = 2000, heads = 2, width = 128;
  Case c{"bf16", heads, 4, width, width};
  c.context = 4096;
  Harness harness(c, test::warpTarget(), kPadding);
  PlannedKernels kernels(harness, GetParam());
  auto attends = harness.attends;
  harness.attends = [](const auto &, const auto &) {};
  harness.run({{1, rows}}, /*compare=*/false);
  harness.attends = attends;
  harness.run({{1, 1}}, /*compare=*/false);
  const auto &counts = kernels.counts;
  EXPECT_GE(counts.ctas, rows / 256 * heads);
  auto sectors = static_cast<double>(counts.globalSectors);
  EXPECT_LE(sectors, 1.05 * static_cast<double>(counts.globalSectorsIdeal));
  EXPECT_EQ(counts.sharedPasses, counts.sharedPassesIdeal);
  constexpr int64_t blocks = (rows + 1 + 63) / 64, bytes = blocks * 64 * 2 * width * 2 * heads;
  if (GetParam()) // on tensor cores a key comes once; queries and what chunks leave are the rest
    EXPECT_LE(sectors, 1.06 * bytes / 32);
}

INSTANTIATE_TEST_SUITE_P(rounds, AttentionCounts, testing::Bool());

/// Many rows: of a thread block's 64 lines each key comes once.
TEST(TensorAttentionCounts, areThoseOfFullSectorsInAPrompt) {
  Case c{"f16", 1, 4, 64, 64};
  c.context = 1024;
  Harness harness(c, test::warpTarget(), kPadding);
  PlannedKernels kernels(harness, /*rounds=*/true);
  harness.run({{1, 320}}, /*compare=*/false);
  const auto &counts = kernels.counts;
  EXPECT_LE(static_cast<double>(counts.globalSectors),
            1.05 * static_cast<double>(counts.globalSectorsIdeal));
  EXPECT_EQ(counts.sharedPasses, counts.sharedPassesIdeal);
}

/// A token is computed from the blocks in its window alone, by both ways.
TEST(TensorAttention, blocksBeforeTheWindowAreNotRead) {
  const Case windowed = rounded({"f16", 1, 2, 64, 64, 30}, kF16);
  for (bool rounds : {true, false})
    for (int64_t rows : {1, 12}) {
      Harness harness(windowed, test::warpTarget(), kPadding);
      PlannedKernels planned(harness, rounds);
      auto attend = [&](bool isPoisoned) {
        harness.clear();
        harness.run({{1, 330}}, /*compare=*/false);
        for (int64_t block = 0; isPoisoned && 64 * block + 63 <= 330 - windowed.window; ++block)
          harness.poison(1, block);
        return harness.run({{1, rows}}, /*compare=*/false).first;
      };
      EXPECT_EQ(attend(true), attend(false)) << rows << " rows";
    }
}

TEST(TensorAttention, rowsWithoutSlotsGiveZero) {
  Harness harness(kTensorCases[0], test::warpTarget(), kPadding);
  PlannedKernels kernels(harness, /*rounds=*/true);
  harness.stores = false;
  for (const test::Step &step : {test::Step{{2, 3}, {0, 70}}, test::Step{{2, 3}}}) {
    auto got = harness.run(step, /*compare=*/false).first;
    for (double number : got[0])
      EXPECT_EQ(number, 0);
    for (double number : got[1])
      EXPECT_EQ(number, -INFINITY);
  }
}

} // namespace
