// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/StateCache.h"

#include <algorithm>

using tern::format::Error;
using tern::format::makeError;
using tern::format::StateClass;

namespace tern::runtime {

Error StateCache::create(Device &device, const StateClass &shape, int32_t sequences,
                         int32_t holders, StateCache &out) {
  out.shape = shape;
  out.device = &device;
  uint64_t poolBytes = 0;
  if (__builtin_mul_overflow(2 * uint64_t(holders), shape.blockBytes(), &poolBytes))
    return makeError(TERN_OUT_OF_MEMORY, "states of %d sequences exceed the address space",
                     holders);
  if (Error error = device.allocate(poolBytes, "states of sequences", out.blocks))
    return error;
  out.holds.assign(size_t(sequences), false);
  out.taken.assign(size_t(holders), false);
  return Mirror::allocate(device, out.holds.size() * 2 * sizeof(int32_t), "tables of states",
                          out.tableMemory);
}

std::span<int32_t> StateCache::entry(int32_t slot) const {
  return {reinterpret_cast<int32_t *>(tableMemory.host().data()) + 2 * size_t(slot), 2};
}

Error StateCache::prepare(int32_t slot) {
  if (holds[size_t(slot)])
    return {};
  auto pair = std::ranges::find(taken, false);
  if (pair == taken.end())
    return makeError(TERN_OUT_OF_MEMORY,
                     "the cache is full: it has room for the states of %zu sequences, of %llu "
                     "bytes each",
                     taken.size(), static_cast<unsigned long long>(2 * shape.blockBytes()));
  *pair = true;
  holds[size_t(slot)] = true;
  inUse += 2;
  auto first = static_cast<int32_t>(2 * (pair - taken.begin()));
  entry(slot)[0] = first;
  entry(slot)[1] = first + 1;
  return device->clear(blocks.data() + uint64_t(first) * shape.blockBytes(), shape.blockBytes());
}

Error StateCache::send(int32_t slot) const {
  constexpr size_t entryBytes = 2 * sizeof(int32_t);
  return tableMemory.send(size_t(slot) * entryBytes, size_t(slot + 1) * entryBytes);
}

void StateCache::advance(int32_t slot) { std::swap(entry(slot)[0], entry(slot)[1]); }

void StateCache::clear(int32_t slot) {
  if (!holds[size_t(slot)])
    return;
  auto pair = size_t(std::min(entry(slot)[0], entry(slot)[1])) / 2;
  taken[pair] = false;
  holds[size_t(slot)] = false;
  inUse -= 2;
  blocks.release(2 * pair * shape.blockBytes(), 2 * (pair + 1) * shape.blockBytes());
}

} // namespace tern::runtime
