// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/PackedWeight.h"

namespace tern::cpu {

PackedLayout layoutOf(Storage storage) {
  if (storage == Storage::F32)
    return {1, 4, 4 * kPanelColumns};
  if (storage == Storage::F16)
    return {1, 2, 2 * kPanelColumns};
  if (storage == Storage::BF16)
    return {2, 4, 4 * kPanelColumns};
  const BlockFormat &format = *storage.format();
  PackedLayout layout{format.elements, format.bytes, 0};
  layout.group = format.group;
  layout.codeBits = format.bits <= 4 ? 4 : 8;
  layout.scaleBytes = format.scale == ScaleKind::Half ? 2 : 4;
  layout.minimum = format.minimum;
  layout.scaleCodes = format.scaleBits != 0;
  layout.table = format.table;
  layout.numbers = format.numbers;
  layout.zero = format.minimum || !format.numbers.empty()  ? 0
                : layout.nibbles() && format.table.empty() ? 8
                                                           : 128;
  layout.headerBytes = layout.scaleCodesOffset();
  if (layout.scaleCodes)
    layout.headerBytes += (format.minimum ? 2 : 1) * format.groups() * kPanelColumns;
  layout.packedBytes = layout.headerBytes + layout.units() * layout.unitBytes();
  return layout;
}

llvm::StringRef nameOf(Storage storage) { return storage.name; }

int64_t panelBytes(Storage storage, int64_t k) {
  PackedLayout layout = layoutOf(storage);
  return layout.blocks(k) * layout.packedBytes;
}

} // namespace tern::cpu
