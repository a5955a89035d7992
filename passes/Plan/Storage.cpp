// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Plan/Storage.h"

#include "passes/CPU/PackedWeight.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace tern::plan {

/// Bytes of a block in memory.
static int64_t blockBytes(BlockType block) {
  if (const BlockFormat *format = block.getFormat())
    return format->bytes;
  // An activation's record: codes, the scale, and what the weights' zero point is taken from.
  return block.getGroup() * block.getBits() / 8 + block.getScale().getWidth() / 8 + 4;
}

int64_t bytesOf(Type elementType, int64_t count) {
  if (auto block = dyn_cast<BlockType>(elementType))
    return count / block.getElements() * blockBytes(block);
  return count * llvm::divideCeil(elementType.getIntOrFloatBitWidth(), 8);
}

int64_t packedBytesOf(RankedTensorType type) {
  Type element = type.getElementType();
  auto block = dyn_cast<BlockType>(element);
  cpu::Storage storage = block              ? cpu::Storage{block.getFormat()->name}
                         : element.isBF16() ? cpu::Storage::BF16
                         : element.isF16()  ? cpu::Storage::F16
                                            : cpu::Storage::F32;
  // The matrices of a stack lie one after the other.
  int64_t rank = type.getRank(), matrices = rank == 3 ? type.getDimSize(0) : 1;
  return matrices * cpu::packedBytes(storage, type.getDimSize(rank - 2), type.getDimSize(rank - 1));
}

bool hasBytes(Type elementType) {
  return isa<BlockType, FloatType>(elementType) ||
         (isa<IntegerType>(elementType) && elementType.getIntOrFloatBitWidth() % 8 == 0);
}

int64_t rowStrideOf(RankedTensorType type) {
  if (type.getRank() < 2)
    return 0;
  int64_t elements = 1;
  for (int64_t extent : type.getShape().drop_front()) {
    if (ShapedType::isDynamic(extent))
      return ShapedType::kDynamic;
    elements *= extent;
  }
  return elements;
}

int64_t paddedRow(Type elementType, int64_t elements) {
  // Rows of one element are a column, which is read as a row.
  if (isa<BlockType>(elementType) || elements == 1)
    return elements;
  int64_t size = bytesOf(elementType, 1), line = 64 / size;
  int64_t padded = llvm::alignTo(elements, line);
  // Twelve rows that lie a multiple of 2 KiB apart share two of 64 sets.
  return padded * size % 2048 == 0 ? padded + line : padded;
}

} // namespace tern::plan
