// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/SharedRaces.h"

#include <algorithm>
#include <bit>

namespace tern::runtime::emulator {

static constexpr uint16_t isAtomic = 1 << 15;

void SharedRaces::reset(uint64_t bytes, unsigned granule, unsigned warps) {
  unsigned newShift = static_cast<unsigned>(std::countr_zero(granule));
  size_t newGranules = (bytes + granule - 1) >> newShift;
  if (newShift == shift && newGranules == granules && warps == numWarps)
    return;
  shift = newShift;
  granules = newGranules;
  numWarps = warps;
  forget();
}

void SharedRaces::forget() {
  writeTags.assign(granules, 0);
  writers.assign(granules, 0);
  readers.assign(granules * numWarps, 0);
}

bool SharedRaces::ordered(const Order &order, unsigned warp, unsigned lane, unsigned otherWarp,
                          unsigned otherLane, uint32_t tag) const {
  return (warp == otherWarp && lane == otherLane) || tag <= order.known(warp, otherWarp);
}

bool SharedRaces::access(const Order &order, unsigned warp, unsigned lane, uint64_t offset,
                         unsigned bytes, Intent intent, Conflict &conflict) {
  uint32_t safe = order.safe(warp), now = order.now();
  size_t last = (offset + bytes - 1) >> shift;
  for (size_t g = offset >> shift; g <= last; ++g) {
    uint16_t writer = writers[g];
    bool bothAtomic = isStrong(intent) && (writer & isAtomic);
    unsigned otherWarp = writer >> 5 & 31, otherLane = writer & 31;
    if (writeTags[g] > safe && !bothAtomic &&
        !ordered(order, warp, lane, otherWarp, otherLane, writeTags[g])) {
      conflict = {otherWarp, otherLane, true, false};
      return false;
    }
    if (onlyReads(intent)) {
      uint32_t &entry = readers[warp * granules + g];
      bool isOther = entry >> 6 > order.known(warp, warp) && (entry & 63) != lane;
      entry = now << 6 | (isOther ? manyLanes : lane);
      continue;
    }
    for (unsigned v = 0; v < numWarps; ++v) {
      uint32_t entry = readers[v * granules + g];
      if (entry >> 6 > safe && !ordered(order, warp, lane, v, entry & 63, entry >> 6)) {
        conflict = {v, entry & 31, false, (entry & 63) == manyLanes};
        return false;
      }
    }
    writeTags[g] = now;
    writers[g] = static_cast<uint16_t>((isStrong(intent) ? isAtomic : 0) | warp << 5 | lane);
  }
  return true;
}

static uint32_t largest(const uint32_t *from, size_t count) {
  uint32_t most = 0;
  for (size_t i = 0; i < count; ++i)
    most = std::max(most, from[i]);
  return most;
}

bool SharedRaces::accessDense(const Order &order, unsigned warp, uint64_t offset, unsigned bytes,
                              Intent intent) {
  uint32_t safe = order.safe(warp), now = order.now();
  size_t first = offset >> shift;
  unsigned each = bytes >> shift; // of a lane: at least one granule
  size_t count = size_t{each} * 32;
  if (largest(&writeTags[first], count) > safe)
    return false;
  if (onlyReads(intent)) {
    uint32_t *entries = &readers[warp * granules + first];
    // What this warp read since it last waited may be by other lanes.
    if (largest(entries, count) >> 6 > order.known(warp, warp))
      return false;
    for (unsigned lane = 0; lane < 32; ++lane)
      for (unsigned i = 0; i < each; ++i)
        entries[lane * each + i] = now << 6 | lane;
    return true;
  }
  for (unsigned v = 0; v < numWarps; ++v)
    if (largest(&readers[v * granules + first], count) >> 6 > safe)
      return false;
  std::fill_n(&writeTags[first], count, now);
  for (unsigned lane = 0; lane < 32; ++lane)
    for (unsigned i = 0; i < each; ++i)
      writers[first + lane * each + i] =
          static_cast<uint16_t>((isStrong(intent) ? isAtomic : 0) | warp << 5 | lane);
  return true;
}

} // namespace tern::runtime::emulator
