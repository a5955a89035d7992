// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels that move weights: packing and looking up rows.
#include "passes/CPU/Gather.h"
#include "passes/CPU/Pack.h"
#include "test/conformance/CPU/MappedImage.h"
#include "test/conformance/CPU/Operands.h"

#include <gtest/gtest.h>

#include <cstring>

using namespace tern;
using cpu::KernelBuilder;
using cpu::Storage;

namespace {

constexpr Storage kStorages[] = {
    Storage::F32,  Storage::F16,    Storage::BF16,   Storage::Q8_0,  Storage::Q4_0, Storage::Q4_1,
    Storage::Q5_0, Storage::Q5_1,   Storage::Q2_K,   Storage::Q3_K,  Storage::Q4_K, Storage::Q5_K,
    Storage::Q6_K, Storage::IQ4_NL, Storage::IQ4_XS, Storage::MXFP4, {"nf4"},       {"fp4"},
    {"e4m3"},      {"e5m2"},        {"i8"},          {"z4_32"},      {"z4_64"},     {"z4_128"}};

struct StorageTest : testing::TestWithParam<std::tuple<cpu::Target, Storage>> {
  cpu::Target target = std::get<0>(GetParam());
  Storage storage = std::get<1>(GetParam());
  bool quantised = cpu::layoutOf(storage).quantised();

  /// k = 1, primes and chunks' edges; one block and some.
  std::vector<int64_t> depths() const {
    int64_t depth = cpu::layoutOf(storage).depth;
    return quantised ? std::vector<int64_t>{depth, 3 * depth}
                     : std::vector<int64_t>{1, 2, 31, 32, 64, 97};
  }
};

TEST_P(StorageTest, packsAsTheLayoutSays) {
  for (int64_t k : depths())
    for (int64_t n : {1, 31, 32, 33, 71}) {
      test::Weights weights = test::makeWeights(storage, n, k, 3);
      int64_t tiles = 0;
      auto image = test::build(target, [&](mlir::ModuleOp module) {
        tiles = test::expected(cpu::addPack(module, target, "k", {storage, n, k}));
      });
      test::GuardedBytes source(weights.source.size()), packed(weights.packed.size());
      std::memcpy(source.data(), weights.source.data(), source.size());
      void *buffers[] = {source.data(), packed.data()};
      for (int64_t tile = tiles; tile-- > 0;) // in any order
        image->kernel("k")(buffers, nullptr, nullptr, tile, tile + 1);
      ASSERT_EQ(std::memcmp(packed.data(), weights.packed.data(), packed.size()), 0)
          << n << " columns of " << k;
    }
}

/// A weight that is stored by columns is packed as the same one stored by rows.
TEST_P(StorageTest, packsTurnedWeights) {
  if (quantised)
    return;
  for (int64_t k : depths())
    for (int64_t n : {1, 31, 33, 71}) {
      test::Weights weights = test::makeWeights(storage, n, k, 3);
      auto unit = static_cast<int64_t>(weights.source.size()) / (n * k);
      test::GuardedBytes turned(weights.source.size()), packed(weights.packed.size());
      for (int64_t row = 0; row < n; ++row)
        for (int64_t column = 0; column < k; ++column)
          std::memcpy(turned.data() + (column * n + row) * unit,
                      weights.source.data() + (row * k + column) * unit, unit);
      auto image = test::build(target, [&](mlir::ModuleOp module) {
        test::expected(cpu::addPack(module, target, "k", {storage, n, k, 0, true}));
      });
      void *buffers[] = {turned.data(), packed.data()};
      image->kernel("k")(buffers, nullptr, nullptr, 0, cpu::panels(n));
      ASSERT_EQ(std::memcmp(packed.data(), weights.packed.data(), packed.size()), 0)
          << n << " columns of " << k;
    }
}

/// Three tensors beside each other are packed as one of all their rows.
TEST_P(StorageTest, packsMergedWeights) {
  const int64_t k = quantised ? 2 * cpu::layoutOf(storage).depth : 37, parts[] = {40, 7, 33};
  test::Weights whole = test::makeWeights(storage, 80, k, 5);
  auto image = test::build(target, [&](mlir::ModuleOp module) {
    int64_t first = 0;
    for (int64_t n : parts) {
      std::string name = "part" + std::to_string(first);
      test::expected(cpu::addPack(module, target, name, {storage, n, k, first}));
      first += n;
    }
  });
  test::GuardedBytes packed(whole.packed.size());
  int64_t first = 0, rowBytes = static_cast<int64_t>(whole.source.size()) / 80;
  for (int64_t n : parts) {
    void *buffers[] = {whole.source.data() + first * rowBytes, packed.data()};
    int64_t tiles = cpu::panels(first + n) - first / cpu::kPanelColumns;
    image->kernel("part" + std::to_string(first))(buffers, nullptr, nullptr, 0, tiles);
    first += n;
  }
  EXPECT_EQ(std::memcmp(packed.data(), whole.packed.data(), packed.size()), 0);
}

/// Panel q of the first half lies at 2 q, that of the second at 2 q + 1.
TEST_P(StorageTest, packsHalvesInTurns) {
  const int64_t k = depths().front(), n = 6 * cpu::kPanelColumns, parts[] = {77, n - 77};
  test::Weights whole = test::makeWeights(storage, n, k, 5);
  auto image = test::build(target, [&](mlir::ModuleOp module) {
    cpu::PackSpec spec{storage, parts[0], k};
    spec.alternating = 6;
    test::expected(cpu::addPack(module, target, "first", spec));
    spec.firstColumn = parts[0];
    spec.n = parts[1];
    test::expected(cpu::addPack(module, target, "second", spec));
  });
  test::GuardedBytes packed(whole.packed.size());
  int64_t rowBytes = static_cast<int64_t>(whole.source.size()) / n;
  void *first[] = {whole.source.data(), packed.data()};
  void *second[] = {whole.source.data() + parts[0] * rowBytes, packed.data()};
  image->kernel("first")(first, nullptr, nullptr, 0, 3);
  image->kernel("second")(second, nullptr, nullptr, 0, 4);
  std::vector<uint8_t> expected = test::alternatePanels(whole.packed, 6);
  EXPECT_EQ(std::memcmp(packed.data(), expected.data(), packed.size()), 0);
}

/// Each matrix of a stack has panels of its own.
TEST_P(StorageTest, packsStacksMatrixByMatrix) {
  const int64_t matrices = 3, n = 37, k = depths().front();
  std::vector<uint8_t> source, expected;
  for (int64_t i = 0; i < matrices; ++i) {
    test::Weights weights = test::makeWeights(storage, n, k, 9 + i);
    source.insert(source.end(), weights.source.begin(), weights.source.end());
    expected.insert(expected.end(), weights.packed.begin(), weights.packed.end());
  }
  cpu::PackSpec spec{storage, n, k};
  spec.matrices = matrices;
  int64_t tiles = 0;
  auto image = test::build(target, [&](mlir::ModuleOp module) {
    tiles = test::expected(cpu::addPack(module, target, "k", spec));
  });
  test::GuardedBytes packed(expected.size());
  void *buffers[] = {source.data(), packed.data()};
  image->kernel("k")(buffers, nullptr, nullptr, 0, tiles);
  EXPECT_EQ(std::memcmp(packed.data(), expected.data(), expected.size()), 0);
}

TEST_P(StorageTest, looksUpRowsExactly) {
  const int64_t n = 71;
  for (int64_t k : depths()) {
    test::Weights weights = test::makeWeights(storage, n, k, 9);
    int64_t scratchBytes = 0;
    auto image = test::build(target, [&](mlir::ModuleOp module) {
      auto store = [&](KernelBuilder &b, const cpu::OutputVector &output) {
        cpu::storeOutput(b, output, b.buffer(2), k + 1);
      };
      scratchBytes = test::expected(cpu::addGather(module, target, "k", {storage, n, k}, store));
    });
    std::vector<int32_t> ids{0, 70, 31, 32, 5, 5, -3, 1000};
    test::GuardedBytes packed(weights.packed.size()), y(ids.size() * (k + 1) * 4);
    test::GuardedBytes scratch((scratchBytes + 63) / 64 * 64);
    std::memcpy(packed.data(), weights.packed.data(), packed.size());
    void *buffers[] = {ids.data(), packed.data(), y.data()};
    image->kernel("k")(buffers, nullptr, scratch.data(), 0, static_cast<int64_t>(ids.size()));
    for (size_t r = 0; r < ids.size(); ++r)
      for (int64_t i = 0; i < k; ++i) {
        int64_t row = std::clamp<int64_t>(ids[r], 0, n - 1);
        ASSERT_EQ(y.as<float>()[r * (k + 1) + i], static_cast<float>(weights.values[row * k + i]))
            << "id " << ids[r] << ", element " << i << " of " << k;
      }
  }
}

INSTANTIATE_TEST_SUITE_P(
    all, StorageTest,
    testing::Combine(testing::Values(test::expected(cpu::Target::native()),
                                     test::expected(cpu::Target::named("haswell"))),
                     testing::ValuesIn(kStorages)),
    [](const auto &info) {
      return test::testName(std::get<0>(info.param)) + "_" +
             cpu::nameOf(std::get<1>(info.param)).str();
    });

TEST(StorageSpecs, refusesPartsOfBlocks) {
  cpu::Target target = test::expected(cpu::Target::named("haswell"));
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  EXPECT_EQ(
      llvm::toString(cpu::addPack(*module, target, "wq", {Storage::Q4_0, 32, 40}).takeError()),
      "pack 'wq': expected K to be a multiple of 32 for q4_0, found 40");
  EXPECT_EQ(llvm::toString(cpu::addGather(*module, target, "embed", {Storage::Q8_0, 32, 33},
                                          [](KernelBuilder &, const cpu::OutputVector &) {})
                               .takeError()),
            "gather 'embed': expected rows of a multiple of 32 for q8_0, found 33");
}

} // namespace
