// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/PackedWeight.h"

#include "llvm/Support/ErrorHandling.h"

namespace tern::cpu {

PackedLayout layoutOf(Storage storage) {
  switch (storage) {
  case Storage::F32:
    return {1, 4, 128, 0};
  case Storage::F16:
    return {1, 2, 64, 0};
  case Storage::BF16:
    return {2, 4, 128, 0};
  case Storage::Q8_0:
    return {32, 34, 64 + 8 * 128, 64};
  case Storage::Q4_0:
    return {32, 18, 64 + 4 * 128, 64};
  case Storage::Q4_1:
    return {32, 20, 128 + 4 * 128, 128};
  }
  llvm_unreachable("all storage types are above");
}

llvm::StringRef nameOf(Storage storage) {
  static constexpr llvm::StringRef names[] = {"f32", "f16", "bf16", "q8_0", "q4_0", "q4_1"};
  return names[static_cast<int>(storage)];
}

int64_t panelBytes(Storage storage, int64_t k) {
  PackedLayout layout = layoutOf(storage);
  return layout.blocks(k) * layout.packedBytes;
}

} // namespace tern::cpu
