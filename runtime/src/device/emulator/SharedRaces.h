// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/emulator/Order.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tern::runtime::emulator {

/// Strong accesses (volatile, relaxed, acquire, release) are to be seen by others at once.
enum class Intent : uint8_t { Read, StrongRead, Write, StrongWrite, Atomic };

inline bool onlyReads(Intent intent) { return intent <= Intent::StrongRead; }
inline bool onlyWrites(Intent intent) {
  return intent == Intent::Write || intent == Intent::StrongWrite;
}
/// Two of these are no race.
inline bool isStrong(Intent intent) { return intent != Intent::Read && intent != Intent::Write; }

/// The other side of a race.
struct Conflict {
  uint32_t warp = 0, lane = 0;
  bool wrote = false;
  bool isManyLanes = false;
};

/// Who last wrote and read each granule of a CTA's shared memory.
class SharedRaces {
public:
  /// Granules of `granule` bytes; forgets everything if a size changed.
  void reset(uint64_t bytes, unsigned granule, unsigned warps);
  void forget();

  /// One lane's access to `bytes` bytes; false if it conflicts with another's.
  bool access(const Order &order, unsigned warp, unsigned lane, uint64_t offset, unsigned bytes,
              Intent intent, Conflict &conflict);

  /// The access of 32 lanes that stand side by side; false says only that each lane is to be
  /// looked at, and that nothing was noted.
  bool accessDense(const Order &order, unsigned warp, uint64_t offset, unsigned bytes,
                   Intent intent);

private:
  static constexpr uint32_t manyLanes = 32;

  bool ordered(const Order &order, unsigned warp, unsigned lane, unsigned otherWarp,
               unsigned otherLane, uint32_t tag) const;

  unsigned shift = 4;
  unsigned numWarps = 0;
  size_t granules = 0;
  std::vector<uint32_t> writeTags;
  std::vector<uint16_t> writers; ///< atomic << 15 | warp << 5 | lane
  std::vector<uint32_t> readers; ///< of each warp, all granules: tag << 6 | lane or manyLanes
};

} // namespace tern::runtime::emulator
