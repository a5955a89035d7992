// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention on tensor cores, as a plan launches it, on the emulator.
#include "passes/CPU/DispatchBuffers.h"
#include "passes/NVPTX/Ptx.h"
#include "passes/NVPTX/TensorAttention.h"
#include "test/conformance/CPU/AttentionHarness.h"

using namespace tern;
using test::Case;
using test::Harness;
using test::Numbers;

namespace {

/// Kernels of a harness's attention, and what they did.
class TensorKernels {
public:
  explicit TensorKernels(Harness &harness) : runner(harness.attention()) {
    mlir::OwningOpRef<mlir::ModuleOp> module =
        mlir::ModuleOp::create(mlir::UnknownLoc::get(runner.module().getContext()));
    DispatchOp dispatch = runner.dispatch();
    std::vector<cpu::Layout> layouts;
    for (mlir::TypeRange types :
         {mlir::TypeRange(dispatch.getInputs()), mlir::TypeRange(dispatch.getResultTypes())})
      for (mlir::Type type : types)
        layouts.push_back({runner.rowStrideOf(type)});
    kv::AttendOp op = *dispatch.getBody().getOps<kv::AttendOp>().begin();
    nvptx::AttentionSpec spec(op, *cpu::maxBlocksOf(dispatch));
    said = nvptx::whyNotTensor(spec, layouts.front().rowStride, 16);
    if (!said.empty())
      return;
    std::vector<int64_t> alignments(cpu::DispatchBuffers(dispatch).buffers(), 16);
    kernels = nvptx::emitTensorAttention(dispatch, spec, layouts, alignments, "attend", *module);
    std::string text =
        test::expected(nvptx::compile(*module, test::expected(nvptx::Target::named("sm_80"))));
    if (format::Error error = runtime::emulator::Module::parse(text, code))
      llvm::report_fatal_error(llvm::Twine(error.message()));
    harness.attends = [this](const std::vector<test::Buffer> &buffers, const test::Dims &dims) {
      attend(buffers, dims);
    };
  }

  std::string said; ///< why there are none
  nvptx::TensorAttention kernels;
  runtime::emulator::Counts counts;

private:
  void attend(const std::vector<test::Buffer> &buffers, const test::Dims &dims) {
    bool isApart = kernels.chunks && dims.at("T") <= nvptx::kApartRows;
    if (!isApart)
      return launch(kernels.chunks ? "attend_many" : "attend", kernels.many, buffers, dims);
    test::GuardedBytes workspace(kernels.workspaceBytes);
    std::fill_n(workspace.data(), workspace.size(), 0xff);
    std::vector<test::Buffer> all = buffers;
    all.emplace_back(workspace);
    launch("attend", *kernels.chunks, all, dims);
    launch("attend_merge", *kernels.merge, all, dims);
  }

  void launch(const std::string &name, const nvptx::TensorAttention::Kernel &kernel,
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

const Case kCases[] = {
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

TEST(TensorAttention, holdsItsLawsInEveryCase) {
  for (const Case &c : kCases) {
    SCOPED_TRACE("case " + std::to_string(&c - kCases));
    Harness harness(c, test::warpTarget(), kPadding);
    TensorKernels kernels(harness);
    ASSERT_EQ(kernels.said, "");
    // Several chunks, and the last row of one.
    test::compareSteps(harness, c.tolerance,
                       {{{2, 130}}, {{1, 126}}, {{2, 1}, {1, 1}, {0, 2}}, {{1, 1}}});
    test::compareFeeds(harness, c.heads * c.group * c.valueWidth, 270);
    if (c.keyWidth % 64 == 0) // narrower queries meet in a bank when they are stored, once each
      EXPECT_EQ(kernels.counts.sharedPasses, kernels.counts.sharedPassesIdeal);
  }
}

/// One token after 2000: chunks are computed side by side, each key and value comes once for all
/// heads of its group, in full sectors, and no two numbers meet in a bank.
TEST(TensorAttentionCounts, areThoseOfFullSectorsInDecoding) {
  constexpr int64_t rows = 2000, heads = 2, width = 128;
  Case c{"bf16", heads, 4, width, width};
  c.context = 4096;
  Harness harness(c, test::warpTarget(), kPadding);
  TensorKernels kernels(harness);
  auto attends = harness.attends;
  harness.attends = [](const auto &, const auto &) {};
  harness.run({{1, rows}}, /*compare=*/false);
  harness.attends = attends;
  harness.run({{1, 1}}, /*compare=*/false);
  const auto &counts = kernels.counts;
  auto sectors = static_cast<double>(counts.globalSectors);
  EXPECT_LE(sectors, 1.05 * static_cast<double>(counts.globalSectorsIdeal));
  EXPECT_EQ(counts.sharedPasses, counts.sharedPassesIdeal);
  constexpr int64_t blocks = (rows + 1 + 63) / 64, bytes = blocks * 64 * 2 * width * 2 * heads;
  EXPECT_LE(sectors, 1.06 * bytes / 32); // queries and what chunks leave are the rest
}

/// Many rows: of a thread block's 64 lines each key comes once.
TEST(TensorAttentionCounts, areThoseOfFullSectorsInAPrompt) {
  Case c{"f16", 1, 4, 64, 64};
  c.context = 1024;
  Harness harness(c, test::warpTarget(), kPadding);
  TensorKernels kernels(harness);
  harness.run({{1, 320}}, /*compare=*/false);
  const auto &counts = kernels.counts;
  EXPECT_LE(static_cast<double>(counts.globalSectors),
            1.05 * static_cast<double>(counts.globalSectorsIdeal));
  EXPECT_EQ(counts.sharedPasses, counts.sharedPassesIdeal);
}

TEST(TensorAttention, rowsWithoutSlotsGiveZero) {
  Harness harness(kCases[0], test::warpTarget(), kPadding);
  TensorKernels kernels(harness);
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
