// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/BlockCache.h"

#include <algorithm>

using tern::format::CacheClass;
using tern::format::Error;
using tern::format::makeError;

namespace tern::runtime {

static int64_t blocksFor(int64_t slots, const CacheClass &shape) {
  return (slots + shape.blockSlots - 1) / shape.blockSlots;
}

Error BlockCache::create(Device &device, const CacheClass &shape, int32_t sequences,
                         uint64_t limitBytes, BlockCache &out) {
  out.shape = shape;
  out.device = &device;
  uint64_t count = 0, tableBytes = 0, poolBytes = 0;
  if (__builtin_mul_overflow(out.units(), uint64_t(sequences), &count) ||
      __builtin_mul_overflow(count, uint64_t(shape.maxBlocks) * sizeof(int32_t), &tableBytes) ||
      __builtin_mul_overflow(count * uint64_t(shape.maxBlocks), shape.blockBytes, &poolBytes))
    return makeError(TERN_OUT_OF_MEMORY, "a cache of %d sequences exceeds the address space",
                     sequences);
  if (limitBytes)
    poolBytes = std::min(poolBytes, limitBytes);
  // Block numbers are i32.
  out.capacity = std::min<uint64_t>(poolBytes / shape.blockBytes, INT32_MAX);
  if (Error error = device.allocate(out.capacity * shape.blockBytes, "the KV cache", out.blocks))
    return error;
  if (Error error = Mirror::allocate(device, tableBytes, "block tables", out.tableMemory))
    return error;
  if (Error error =
          Mirror::allocate(device, count * sizeof(int32_t), "cache lengths", out.lengthMemory))
    return error;
  out.held.assign(count, 0);
  out.isSent.assign(size_t(sequences), false);
  return {};
}

int32_t *BlockCache::table(uint64_t unit) const {
  return reinterpret_cast<int32_t *>(tableMemory.host().data()) + unit * uint64_t(shape.maxBlocks);
}

std::span<int32_t> BlockCache::lengths(int32_t slot) const {
  return {reinterpret_cast<int32_t *>(lengthMemory.host().data()) + uint64_t(slot) * units(),
          units()};
}

Error BlockCache::send(int32_t slot) {
  uint64_t unit = units() * sizeof(int32_t), first = uint64_t(slot) * unit;
  uint64_t blocksOfUnit = uint64_t(shape.maxBlocks);
  if (!isSent[size_t(slot)])
    if (Error error = tableMemory.send(first * blocksOfUnit, (first + unit) * blocksOfUnit))
      return error;
  isSent[size_t(slot)] = true;
  return lengthMemory.send(first, first + unit);
}

Error BlockCache::receive(int32_t slot) {
  uint64_t unit = units() * sizeof(int32_t), first = uint64_t(slot) * unit;
  return lengthMemory.receive(first, first + unit);
}

void BlockCache::accept(int32_t slot) {
  uint64_t unit = units() * sizeof(int32_t), first = uint64_t(slot) * unit;
  lengthMemory.accept(first, first + unit);
}

Error BlockCache::takeBlock(int32_t &number) {
  while (lowestFree < taken.size() && taken[lowestFree])
    ++lowestFree;
  if (lowestFree == taken.size())
    taken.push_back(false);
  taken[lowestFree] = true;
  ++inUse;
  // Masked slots are multiplied by 0, so what they hold must be finite.
  uint64_t block = lowestFree++;
  number = static_cast<int32_t>(block);
  return device->clear(blocks.data() + block * shape.blockBytes, shape.blockBytes);
}

void BlockCache::giveBlock(int32_t block) {
  taken[size_t(block)] = false;
  lowestFree = std::min(lowestFree, uint64_t(block));
  --inUse;
}

Error BlockCache::prepare(int32_t slot, int64_t rows) {
  std::span<const int32_t> length = lengths(slot);
  uint64_t first = uint64_t(slot) * units(), missing = 0;
  for (uint64_t i = 0; i < length.size(); ++i) {
    int64_t needed = blocksFor(length[i] + rows, shape);
    if (needed > shape.maxBlocks)
      return makeError(TERN_INVALID_ARGUMENT,
                       "%d slots in the cache and %lld more exceed its %d blocks of %d", length[i],
                       static_cast<long long>(rows), shape.maxBlocks, shape.blockSlots);
    missing += uint64_t(std::max<int64_t>(0, needed - held[first + i]));
  }
  if (missing > capacity - inUse)
    return makeError(TERN_OUT_OF_MEMORY,
                     "the KV cache is full: %llu more blocks of %llu bytes are needed, %llu of "
                     "%llu are free",
                     static_cast<unsigned long long>(missing),
                     static_cast<unsigned long long>(shape.blockBytes),
                     static_cast<unsigned long long>(capacity - inUse),
                     static_cast<unsigned long long>(capacity));
  for (uint64_t i = 0; i < length.size(); ++i)
    for (int64_t needed = blocksFor(length[i] + rows, shape); held[first + i] < needed;) {
      isSent[size_t(slot)] = false;
      if (Error error = takeBlock(table(first + i)[held[first + i]++]))
        return error;
    }
  return {};
}

void BlockCache::trim(int32_t slot) {
  std::span<const int32_t> length = lengths(slot);
  uint64_t first = uint64_t(slot) * units();
  for (uint64_t i = 0; i < length.size(); ++i)
    for (int64_t needed = blocksFor(length[i], shape); held[first + i] > needed;)
      giveBlock(table(first + i)[--held[first + i]]);
  // Free blocks above the highest in use go back to the system.
  size_t before = taken.size();
  while (!taken.empty() && !taken.back())
    taken.pop_back();
  blocks.release(taken.size() * shape.blockBytes, before * shape.blockBytes);
}

void BlockCache::clear(int32_t slot) {
  std::ranges::fill(lengths(slot), 0);
  trim(slot);
}

} // namespace tern::runtime
