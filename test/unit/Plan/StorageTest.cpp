// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Plan/Storage.h"

#include "passes/CPU/PackedWeight.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"

#include <gtest/gtest.h>

namespace tern::plan {
namespace {

class Storage : public testing::Test {
protected:
  Storage() { context.loadDialect<TernDialect>(); }

  mlir::MLIRContext context;
  mlir::Builder builder{&context};
};

/// The plan reserves as many bytes as the kernels write.
TEST_F(Storage, PackedBytesAreThoseOfTheKernels) {
  std::vector<std::pair<mlir::Type, cpu::Storage>> types = {
      {builder.getF32Type(), cpu::Storage::F32},
      {builder.getF16Type(), cpu::Storage::F16},
      {builder.getBF16Type(), cpu::Storage::BF16}};
  for (const BlockFormat &format : blockFormats())
    types.emplace_back(BlockType::fromFormat(&context, format), cpu::Storage{format.name});
  for (auto [type, storage] : types)
    for (int64_t n : {1, 31, 32, 33, 97})
      for (int64_t k : {256, 512, 768}) {
        auto tensor =
            mlir::RankedTensorType::get({n, k}, type, PanelsAttr::get(&context, 32, false));
        EXPECT_EQ(packedBytesOf(tensor), cpu::packedBytes(storage, n, k));
      }
  for (auto [type, storage] : llvm::ArrayRef(types).take_front(3)) {
    auto tensor = mlir::RankedTensorType::get({5, 7}, type, PanelsAttr::get(&context, 32, false));
    EXPECT_EQ(packedBytesOf(tensor), cpu::packedBytes(storage, 5, 7));
  }
}

TEST_F(Storage, BlocksHaveTheBytesOfTheirFormat) {
  EXPECT_EQ(bytesOf(BlockType::fromGgufName(&context, "q8_0"), 64), 68);
  EXPECT_EQ(bytesOf(BlockType::fromGgufName(&context, "q4_0"), 64), 36);
  EXPECT_EQ(bytesOf(BlockType::fromGgufName(&context, "q4_1"), 64), 40);
  EXPECT_EQ(bytesOf(BlockType::fromGgufName(&context, "q4_k"), 512), 288);
  EXPECT_EQ(bytesOf(BlockType::get(&context, 8, 32, builder.getF32Type(), 0, false), 64), 80);
}

TEST_F(Storage, RowsAreWholeLinesThatDoNotMeetInOneSet) {
  for (int64_t elements : {2, 16, 17, 512, 576, 768, 2048, 5632}) {
    int64_t stride = paddedRow(builder.getF32Type(), elements);
    EXPECT_GE(stride, elements);
    EXPECT_EQ(stride % 16, 0);
    EXPECT_NE(stride * 4 % 2048, 0);
  }
}

TEST_F(Storage, ColumnsLieAsRows) { EXPECT_EQ(paddedRow(builder.getF32Type(), 1), 1); }

} // namespace
} // namespace tern::plan
