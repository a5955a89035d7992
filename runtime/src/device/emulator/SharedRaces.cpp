// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/SharedRaces.h"

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
    if (intent == Intent::StrongRead)
      continue; // no race with strong writes, which look at plain readers alone
    if (intent == Intent::Read) {
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
    // What an atomic update does to a word that its own thread has just written is seen by others
    // as that write.
    if (isStrong(intent) && !(writer & isAtomic) && writeTags[g] > safe)
      continue;
    writeTags[g] = now;
    writers[g] = static_cast<uint16_t>((isStrong(intent) ? isAtomic : 0) | warp << 5 | lane);
  }
  return true;
}

bool SharedRaces::accessDense(const Order &order, unsigned warp, uint64_t offset, unsigned bytes,
                              Intent intent) {
  if (isStrong(intent))
    return false;
  uint32_t safe = order.safe(warp), now = order.now(), known = order.known(warp, warp);
  size_t first = offset >> shift;
  unsigned each = bytes >> shift; // of a lane: at least one granule
  unsigned count = each * 32, eachShift = static_cast<unsigned>(std::countr_zero(each));
  uint32_t *tags = &writeTags[first];
  uint16_t *who = &writers[first];
  auto mine = [&](unsigned i) { return warp << 5 | i >> eachShift; };
  // Past, or by the same lane.
  uint32_t conflicts = 0;
  for (unsigned i = 0; i < count; ++i)
    conflicts |= uint32_t{tags[i] > safe} & uint32_t{(who[i] & 1023u) != mine(i)};
  if (conflicts)
    return false;
  if (intent == Intent::Read) {
    uint32_t *entries = &readers[warp * granules + first];
    for (unsigned i = 0; i < count; ++i) {
      uint32_t lane = i >> eachShift;
      bool isOther = entries[i] >> 6 > known && (entries[i] & 63) != lane;
      entries[i] = now << 6 | (isOther ? manyLanes : lane);
    }
    return true;
  }
  for (unsigned v = 0; v < numWarps; ++v) {
    const uint32_t *entries = &readers[v * granules + first];
    uint32_t allowed = v == warp ? 0 : manyLanes + 1; // no lane of another warp
    for (unsigned i = 0; i < count; ++i)
      conflicts |= uint32_t{entries[i] >> 6 > safe} &
                   uint32_t{(entries[i] & 63) != (i >> eachShift | allowed)};
  }
  if (conflicts)
    return false;
  for (unsigned i = 0; i < count; ++i) {
    tags[i] = now;
    who[i] = static_cast<uint16_t>(mine(i));
  }
  return true;
}

} // namespace tern::runtime::emulator
