// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels that read packed weights, on a warp: to the bit what they compute on a CPU, which has its
// own tests.
#include "passes/CPU/Contraction.h"
#include "passes/CPU/Gather.h"
#include "test/conformance/CPU/MappedImage.h"
#include "test/conformance/CPU/Operands.h"
#include "test/conformance/NVPTX/PtxKernel.h"

#include <gtest/gtest.h>

#include <cstring>

using namespace tern;
using cpu::ActivationForm;
using cpu::KernelBuilder;
using cpu::Storage;

namespace {

constexpr Storage kBlocks[] = {Storage::Q8_0,  Storage::Q4_0, Storage::Q4_1,   Storage::Q5_0,
                               Storage::Q5_1,  Storage::Q2_K, Storage::Q3_K,   Storage::Q4_K,
                               Storage::Q5_K,  Storage::Q6_K, Storage::IQ4_NL, Storage::IQ4_XS,
                               Storage::MXFP4, {"nf4"},       {"fp4"},         {"e4m3"},
                               {"e5m2"},       {"i8"},        {"z4_32"},       {"z4_128"}};

struct Types {
  Storage weights;
  ActivationForm activations;
};

std::vector<Types> allTypes() {
  std::vector<Types> types{{Storage::F32, ActivationForm::F32},
                           {Storage::F16, ActivationForm::F32},
                           {Storage::F16, ActivationForm::F16},
                           {Storage::BF16, ActivationForm::F32},
                           {Storage::BF16, ActivationForm::BF16}};
  for (Storage storage : kBlocks)
    types.push_back({storage, ActivationForm::F32});
  for (Storage storage : {Storage::Q8_0, Storage::Q4_1, Storage::Q3_K, Storage::IQ4_NL, {"nf4"}})
    types.push_back({storage, ActivationForm::BF16});
  return types;
}

std::string nameOf(const testing::TestParamInfo<Types> &info) {
  return (cpu::nameOf(info.param.weights) + "_by_" + cpu::nameOf(info.param.activations)).str();
}

using Fill = llvm::function_ref<int64_t(mlir::ModuleOp, const cpu::Target &)>;

/// The results of the kernel `k` that `fill` adds, the last buffer, on a CPU and on a warp. `fill`
/// returns the bytes of scratch.
void expectSameBits(Fill fill, llvm::ArrayRef<llvm::ArrayRef<uint8_t>> inputs, size_t resultBytes,
                    llvm::ArrayRef<int64_t> sizes, int64_t tiles) {
  cpu::Target floor = test::expected(cpu::Target::named("haswell"));
  int64_t scratchBytes = 0;
  auto image =
      test::build(floor, [&](mlir::ModuleOp module) { scratchBytes = fill(module, floor); });
  test::GuardedBytes scratch((scratchBytes + 63) / 64 * 64);
  std::vector<std::unique_ptr<test::GuardedBytes>> memory;
  std::vector<std::span<uint8_t>> spans;
  std::vector<void *> buffers;
  auto add = [&](size_t bytes) {
    memory.push_back(std::make_unique<test::GuardedBytes>(bytes));
    spans.emplace_back(memory.back()->data(), bytes);
    buffers.push_back(memory.back()->data());
  };
  for (llvm::ArrayRef<uint8_t> input : inputs) {
    add(input.size());
    std::memcpy(buffers.back(), input.data(), input.size());
  }
  add(resultBytes);
  std::memset(buffers.back(), 0xff, resultBytes);
  image->kernel("k")(buffers.data(), sizes.data(), scratch.data(), 0, tiles);
  std::vector<uint8_t> expected(spans.back().begin(), spans.back().end());

  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  scratchBytes = fill(*module, test::warpTarget());
  test::PtxKernel kernel(*module,
                         {static_cast<unsigned>(spans.size()), static_cast<unsigned>(sizes.size()),
                          (scratchBytes + 63) / 64 * 64, /*isScratchGlobal=*/false, /*warps=*/2});
  std::memset(buffers.back(), 0xff, resultBytes);
  ASSERT_EQ(kernel.run(spans, sizes, tiles), "");
  EXPECT_EQ(std::memcmp(buffers.back(), expected.data(), resultBytes), 0);
}

class WarpContraction : public testing::TestWithParam<Types> {};

TEST_P(WarpContraction, hasTheBitsOfACpu) {
  auto [storage, form] = GetParam();
  const BlockFormat *format = storage.format();
  int64_t n = 37, depth = !format ? 65 : format->elements == 32 ? 96 : 2 * format->elements;
  test::Weights weights = test::makeWeights(storage, n, depth, 7);
  cpu::ContractionSpec spec{storage, form, n, depth, depth + 5};
  auto fill = [&](mlir::ModuleOp module, const cpu::Target &target) {
    return test::expected(cpu::addContraction(module, target, "k", spec,
                                              [&](KernelBuilder &k, const cpu::OutputVector &y) {
                                                cpu::storeOutput(k, y, k.buffer(2), n + 3);
                                              }))
        .scratchBytes;
  };
  for (int64_t rows : {1, 6}) { // a register tile is of 4
    test::Activations x =
        test::makeActivations(form, storage, rows, depth, spec.activationStride, 11);
    expectSameBits(fill, {x.bytes, weights.packed}, rows * (n + 3) * 4, {rows}, cpu::panels(n));
  }
}

INSTANTIATE_TEST_SUITE_P(all, WarpContraction, testing::ValuesIn(allTypes()), nameOf);

class WarpGroups : public testing::TestWithParam<Types> {};

TEST_P(WarpGroups, haveTheBitsOfACpu) {
  auto [storage, form] = GetParam();
  int64_t n = 37, depth = 96, matrices = 3, rows = 7;
  std::vector<uint8_t> packed;
  for (uint32_t seed : {7, 8, 9}) {
    test::Weights matrix = test::makeWeights(storage, n, depth, seed);
    packed.insert(packed.end(), matrix.packed.begin(), matrix.packed.end());
  }
  cpu::ContractionSpec spec{storage, form, n, depth, depth + 16};
  spec.groups = matrices;
  spec.groupBuffer = 2;
  spec.groupStride = 1;
  spec.sourceStride = depth + 5;
  auto fill = [&](mlir::ModuleOp module, const cpu::Target &target) {
    return test::expected(cpu::addContraction(module, target, "k", spec,
                                              [&](KernelBuilder &k, const cpu::OutputVector &y) {
                                                cpu::storeOutput(k, y, k.buffer(3), n + 3);
                                              }))
        .scratchBytes;
  };
  test::Activations x = test::makeActivations(form, storage, rows, depth, spec.sourceStride, 11);
  std::vector<int32_t> chosen{2, 0, -1, 1, 2, 9, 0};
  llvm::ArrayRef<uint8_t> groups(reinterpret_cast<uint8_t *>(chosen.data()), 4 * chosen.size());
  expectSameBits(fill, {x.bytes, packed, groups}, rows * (n + 3) * 4, {rows}, cpu::panels(n));

  // Rows of any length are read where they lie.
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  spec.k = 14336;
  spec.activationStride = spec.sourceStride = spec.k + 16;
  EXPECT_LE(fill(*module, test::warpTarget()), 12 << 10);
}

INSTANTIATE_TEST_SUITE_P(all, WarpGroups,
                         testing::Values(Types{Storage::BF16, ActivationForm::BF16},
                                         Types{Storage::Q4_0, ActivationForm::F32},
                                         Types{Storage::Q8_0, ActivationForm::BF16}),
                         nameOf);

class WarpGather : public testing::TestWithParam<Types> {};

TEST_P(WarpGather, hasTheBitsOfACpu) {
  Storage storage = GetParam().weights;
  int64_t n = 37, k = storage.format() ? 2 * storage.format()->elements : 65;
  test::Weights weights = test::makeWeights(storage, n, k, 9);
  std::vector<int32_t> ids{0, 36, 31, 32, 5, -3, 1000};
  llvm::ArrayRef<uint8_t> idBytes(reinterpret_cast<uint8_t *>(ids.data()), ids.size() * 4);
  auto fill = [&](mlir::ModuleOp module, const cpu::Target &target) {
    return test::expected(cpu::addGather(module, target, "k", {storage, n, k},
                                         [&](KernelBuilder &b, const cpu::OutputVector &row) {
                                           cpu::storeOutput(b, row, b.buffer(2), k + 1);
                                         }));
  };
  expectSameBits(fill, {idBytes, weights.packed}, ids.size() * (k + 1) * 4, {},
                 static_cast<int64_t>(ids.size()));
}

std::vector<Types> allStorages() {
  std::vector<Types> types{{Storage::F32, ActivationForm::F32},
                           {Storage::F16, ActivationForm::F32},
                           {Storage::BF16, ActivationForm::F32}};
  for (Storage storage : kBlocks)
    types.push_back({storage, ActivationForm::F32});
  return types;
}

INSTANTIATE_TEST_SUITE_P(all, WarpGather, testing::ValuesIn(allStorages()),
                         [](const testing::TestParamInfo<Types> &info) {
                           return cpu::nameOf(info.param.weights).str();
                         });

} // namespace
