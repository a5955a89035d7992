// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Record.h"
#include "test/conformance/CPU/MappedImage.h"
#include "test/conformance/CPU/Operands.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

using namespace tern;
using cpu::ActivationForm;
using cpu::Correction;
using cpu::KernelBuilder;
using cpu::Storage;

namespace {

struct RecordTest : testing::TestWithParam<cpu::Target> {
  /// The records of `x`, a multiple of 32 numbers.
  std::vector<uint8_t> run(Correction correction, const std::vector<float> &x) {
    auto image = test::build(GetParam(), [&](mlir::ModuleOp module) {
      KernelBuilder::define(module, GetParam(), "k", [&](KernelBuilder &k) {
        k.forEachTile([&](cpu::Value block) {
          cpu::Value from = k.address(k.buffer(0), k.mul(block, 4 * cpu::kRecordNumbers));
          cpu::Values numbers;
          for (int64_t first = 0; first < cpu::kRecordNumbers; first += k.lanes())
            numbers.push_back(k.load(k.vector(k.f32()), from, 4 * first));
          cpu::Value to = k.address(k.buffer(1), k.mul(block, cpu::kRecordBytes));
          cpu::storeRecord(k, numbers, to, correction);
        });
      });
    });
    auto records = static_cast<int64_t>(x.size()) / cpu::kRecordNumbers;
    test::GuardedBytes source(x.size() * 4), result(records * cpu::kRecordBytes);
    std::memcpy(source.data(), x.data(), source.size());
    void *buffers[] = {source.data(), result.data()};
    image->kernel("k")(buffers, nullptr, nullptr, 0, records);
    return {result.data(), result.data() + result.size()};
  }
};

/// Bit for bit what the plain loops of Operands.cpp make of the same numbers.
TEST_P(RecordTest, quantisesAsPlainLoopsDo) {
  std::pair<Correction, Storage> cases[] = {{Correction::Minus128, Storage::Q8_0},
                                            {Correction::Minus8, Storage::Q4_0},
                                            {Correction::ScaledSum, Storage::Q4_1},
                                            {Correction::HalfSums, Storage::Q6_K}};
  const int64_t k = 32 * 37;
  for (auto [correction, weights] : cases) {
    auto exact = test::makeActivations(ActivationForm::F32, weights, 1, k, k, 21);
    auto expected = test::makeActivations(ActivationForm::Q8, weights, 1, k, k / 32, 21);
    std::vector<float> x(k);
    std::memcpy(x.data(), exact.bytes.data(), exact.bytes.size());
    EXPECT_EQ(run(correction, x), expected.bytes) << cpu::nameOf(weights).str();
  }
}

/// Zeros, and values so small that the scale would not be a normal number, are zeros; one large
/// value leaves the others their share of 127.
TEST_P(RecordTest, blocksOfExtremes) {
  std::vector<float> x(96, 0.f);
  std::fill_n(x.begin() + 32, 32, 1e-37f);
  x[64] = -3e38f;
  x[65] = 3e38f * (2.5f / 127);
  x[66] = 1.f;
  std::vector<uint8_t> bytes = run(Correction::Minus128, x);
  EXPECT_EQ(std::vector<uint8_t>(bytes.begin(), bytes.begin() + 80), std::vector<uint8_t>(80, 0));
  auto code = [&](int i) { return static_cast<int8_t>(bytes[80 + i]); };
  EXPECT_EQ(code(0), -127);
  EXPECT_NEAR(code(1), 2.5, 0.5);
  EXPECT_EQ(code(2), 0);
}

INSTANTIATE_TEST_SUITE_P(all, RecordTest, testing::ValuesIn(test::runnableTargets()),
                         [](const auto &info) { return test::testName(info.param); });

} // namespace
