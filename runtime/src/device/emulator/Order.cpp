// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Order.h"

#include <algorithm>

namespace tern::runtime::emulator {

void Order::reset(unsigned warps) {
  numWarps = warps;
  uint32_t past = time;
  passTime();
  clocks.assign(size_t{warps} * warps, past);
  safeTags.assign(warps, past);
  for (auto &arrival : arrivals)
    arrival.assign(warps, 0);
  releases.clear();
}

void Order::passTime() { time += time < maximumTag; }

void Order::updateSafe(unsigned warp) {
  const uint32_t *row = &clocks[warp * numWarps];
  safeTags[warp] = *std::min_element(row, row + numWarps);
}

void Order::syncWarp(unsigned warp) {
  clocks[warp * numWarps + warp] = time;
  passTime();
  updateSafe(warp);
}

void Order::arrive(unsigned barrier, unsigned warp) {
  uint32_t *row = &clocks[warp * numWarps];
  row[warp] = time;
  passTime();
  for (unsigned v = 0; v < numWarps; ++v)
    arrivals[barrier][v] = std::max(arrivals[barrier][v], row[v]);
  updateSafe(warp);
}

void Order::open(unsigned barrier, const std::vector<uint32_t> &waiting,
                 const std::vector<uint32_t> &ended) {
  // Who waits did nothing since it came, so all of its past is up to now.
  std::vector<uint32_t> &come = arrivals[barrier];
  for (const auto *list : {&waiting, &ended})
    for (uint32_t warp : *list)
      come[warp] = time;
  passTime();
  for (uint32_t warp : waiting) {
    uint32_t *row = &clocks[warp * numWarps];
    for (unsigned v = 0; v < numWarps; ++v)
      row[v] = std::max(row[v], come[v]);
    updateSafe(warp);
  }
  std::fill(come.begin(), come.end(), 0);
}

void Order::release(uint64_t address, unsigned warp) {
  uint32_t *row = &clocks[warp * numWarps];
  row[warp] = time;
  passTime();
  std::vector<uint32_t> &known = releases[address];
  known.resize(numWarps);
  for (unsigned v = 0; v < numWarps; ++v)
    known[v] = std::max(known[v], row[v]);
}

void Order::acquire(uint64_t address, unsigned warp) {
  auto at = releases.find(address);
  if (at == releases.end())
    return;
  uint32_t *row = &clocks[warp * numWarps];
  for (unsigned v = 0; v < numWarps; ++v)
    if (v != warp)
      row[v] = std::max(row[v], at->second[v]);
  updateSafe(warp);
}

} // namespace tern::runtime::emulator
