// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reading blocks as a checkpoint has them.
#ifndef TERN_PASSES_CPU_BLOCKREADER_H
#define TERN_PASSES_CPU_BLOCKREADER_H

#include "passes/CPU/KernelBuilder.h"

#include "dialects/Tern/IR/BlockFormat.h"

namespace tern::cpu {

/// The numbers of one block, at an address.
class BlockReader {
public:
  BlockReader(KernelBuilder &kernel, const BlockFormat &format, Value block)
      : k(kernel), format(format), block(block) {}

  /// The number at `place` (i64) of the block in every lane, or as many neighbours as a vector has
  /// lanes, from a multiple of the lanes on. As f32, rounded once.
  Value read(Value place, bool isVector);

private:
  Value fieldsAt(const BitFields &fields, Value place, bool isVector);
  Value fieldAt(const BitField &field, Value place, bool isVector);
  Value half(int64_t offset);
  Value scaleAt(Value group);
  Value minimumAt(Value group);

  KernelBuilder &k;
  const BlockFormat &format;
  Value block;
};

/// The bits of 2^(e - 128) as an f32, of a byte at an address: subnormal for e = 0 and 1.
Value loadPowerOfTwo(KernelBuilder &kernel, Value address, int64_t offset);

} // namespace tern::cpu

#endif
