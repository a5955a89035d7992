// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/Mirror.h"

namespace tern::runtime {

/// The KV cache of one class: blocks of 64 slots, taken when a sequence needs
/// them and given back when it ends or evicts.
class BlockCache {
public:
  /// For `sequences` slots. Address space is reserved for the most that they
  /// can hold, or for `limitBytes` if that is less and not 0; memory is used
  /// by blocks in use.
  static format::Error create(Device &device, const format::CacheClass &shape, int32_t sequences,
                              uint64_t limitBytes, BlockCache &out);

  /// Sees to it that each layer and head of the slot has blocks for `rows`
  /// more rows. Takes nothing if it fails.
  format::Error prepare(int32_t slot, int64_t rows);

  /// Gives blocks back that hold no slot in use: kernels lower lengths when
  /// they evict.
  void trim(int32_t slot);

  /// Empties the slot.
  void clear(int32_t slot);

  /// What the host knows of the slot, for kernels, before a step; and its lengths, as kernels left
  /// them, after it, for `accept` to take when the device has been waited for.
  format::Error send(int32_t slot);
  format::Error receive(int32_t slot);
  void accept(int32_t slot);

  /// Lengths of the slot by layer and head, as accepted.
  std::span<int32_t> lengths(int32_t slot) const;

  uint64_t blocksInUse() const { return inUse; }
  uint64_t bytesInUse() const { return inUse * shape.blockBytes; }

  std::span<std::byte> pool() const { return blocks.bytes(); }
  std::span<std::byte> tables() const { return tableMemory.kernels(); }
  std::span<std::byte> allLengths() const { return lengthMemory.kernels(); }

private:
  uint64_t units() const { return uint64_t(shape.layers) * uint64_t(shape.heads); }
  int32_t *table(uint64_t unit) const;
  format::Error takeBlock(int32_t &number);
  void giveBlock(int32_t block);

  format::CacheClass shape;
  Device *device = nullptr;
  Memory blocks;
  Mirror tableMemory, lengthMemory;
  std::vector<int32_t> held; ///< blocks of each slot, layer and head
  std::vector<bool> isSent;  ///< the slot's table
  std::vector<bool> taken;   ///< by block; as long as the highest in use
  uint64_t lowestFree = 0;   ///< no block below it is free
  uint64_t inUse = 0;
  uint64_t capacity = 0; ///< in blocks
};

} // namespace tern::runtime
