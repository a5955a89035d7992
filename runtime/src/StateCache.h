// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/Mirror.h"

namespace tern::runtime {

/// The states of one class. A sequence that holds tokens has two blocks: what
/// a step reads and what it writes, so that a step which fails has changed
/// nothing.
class StateCache {
public:
  /// For `sequences` slots, of which at most `holders` hold a state at a time.
  /// Memory is used by blocks in use.
  static format::Error create(Device &device, const format::StateClass &shape, int32_t sequences,
                              int32_t holders, StateCache &out);

  /// Sees to it that the slot has blocks; those of an empty one are zero.
  format::Error prepare(int32_t slot);

  /// Which blocks the slot has, for kernels, before a step.
  format::Error send(int32_t slot) const;

  /// What the step wrote is what the next one reads.
  void advance(int32_t slot);

  /// Empties the slot.
  void clear(int32_t slot);

  uint64_t bytesInUse() const { return inUse * shape.blockBytes(); }

  std::span<std::byte> pool() const { return blocks.bytes(); }
  std::span<std::byte> tables() const { return tableMemory.kernels(); }

private:
  std::span<int32_t> entry(int32_t slot) const;

  format::StateClass shape;
  Device *device = nullptr;
  Memory blocks;
  Mirror tableMemory;      ///< for each slot, the block that is read, and the other
  std::vector<bool> holds; ///< by slot
  std::vector<bool> taken; ///< by pair of blocks
  uint64_t inUse = 0;      ///< blocks
};

} // namespace tern::runtime
