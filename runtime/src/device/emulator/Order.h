// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace tern::runtime::emulator {

/// Which accesses of a CTA's warps come before which: vector clocks. Each access has the CTA's
/// time as its tag; time passes at each arrival at a barrier. known(w, v) is the tag up to which
/// all that warp v did comes before what warp w does now. Lanes of one warp are ordered by barriers
/// and bar.warp.sync alone.
class Order {
public:
  /// Begins a CTA: all that was before is past.
  void reset(unsigned warps);

  uint32_t now() const { return time; }
  uint32_t known(unsigned warp, unsigned of) const { return clocks[warp * numWarps + of]; }

  /// No access with a tag up to this one can be in conflict with what the warp does now.
  uint32_t safe(unsigned warp) const { return safeTags[warp]; }

  /// All lanes of the warp wait for each other.
  void syncWarp(unsigned warp);

  /// The warp makes what it did known to those who wait at the barrier.
  void arrive(unsigned barrier, unsigned warp);
  /// The barrier opens for the warps that wait at it; those that have ended count as come.
  void open(unsigned barrier, const std::vector<uint32_t> &waiting,
            const std::vector<uint32_t> &ended);

  /// The warp makes what it did known to those who acquire at the address.
  void release(uint64_t address, unsigned warp);
  void acquire(uint64_t address, unsigned warp);

  /// Tags have 26 bits. Tables of tags are cleared before they run out; in a CTA that alone uses
  /// them up, what comes later is taken to be in order.
  static constexpr uint32_t maximumTag = (1u << 26) - 1;
  bool isLate() const { return time > maximumTag / 2; }
  void restart() { time = 1; }

private:
  void passTime();
  void updateSafe(unsigned warp);

  unsigned numWarps = 0;
  uint32_t time = 1;
  std::vector<uint32_t> clocks;
  std::vector<uint32_t> safeTags;
  std::vector<uint32_t> arrivals[16]; ///< of each barrier: the known tag of each warp
  std::unordered_map<uint64_t, std::vector<uint32_t>> releases; ///< of each address, the same
};

} // namespace tern::runtime::emulator
