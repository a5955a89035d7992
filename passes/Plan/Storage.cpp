// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Plan/Storage.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace tern::plan {

/// Bytes of a block in memory.
static int64_t blockBytes(BlockType block) {
  int64_t codes = block.getGroup() * block.getBits() / 8;
  int64_t scale = block.getScale().getWidth() / 8;
  // An activation's record ends with what the zero point of the weights is multiplied by.
  int64_t rest = block.getScale().isF32() ? 4 : block.getMinimum() ? scale : 0;
  return codes + scale + rest;
}

int64_t bytesOf(Type elementType, int64_t count) {
  if (auto block = dyn_cast<BlockType>(elementType))
    return count / block.getGroup() * blockBytes(block);
  return count * llvm::divideCeil(elementType.getIntOrFloatBitWidth(), 8);
}

int64_t packedBytesOf(RankedTensorType type) {
  int64_t width = cast<PanelsAttr>(type.getEncoding()).getWidth();
  int64_t panels = llvm::divideCeil(type.getDimSize(0), width), k = type.getDimSize(1);
  // bf16 lies in pairs of k.
  if (type.getElementType().isBF16())
    k = llvm::alignTo(k, 2);
  // The codes of q8_0 and its kin are packed as they are, scales beside them.
  return panels * width * bytesOf(type.getElementType(), k);
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
  if (isa<BlockType>(elementType))
    return elements;
  int64_t size = bytesOf(elementType, 1), line = 64 / size;
  int64_t padded = llvm::alignTo(elements, line);
  // Twelve rows that lie a multiple of 2 KiB apart share two of 64 sets.
  return padded * size % 2048 == 0 ? padded + line : padded;
}

} // namespace tern::plan
