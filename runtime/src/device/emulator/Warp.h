// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/emulator/AsyncCopies.h"
#include "runtime/src/device/emulator/Operation.h"

#include <cstddef>
#include <vector>

namespace tern::runtime::emulator {

class Cta;

inline constexpr unsigned numLanes = 32;
inline constexpr uint32_t allLanes = ~0u;

/// Lanes that go on together, until `reconvergence`.
struct Path {
  uint32_t pc;
  uint32_t mask;
  uint32_t reconvergence;
};

/// 32 threads. Paths are a stack: the last one runs; where it meets the one below, they join.
class Warp {
public:
  enum State : uint8_t { Ready, Waiting, Done };

  template <class T> T *lanes(uint32_t slot) { return reinterpret_cast<T *>(frame + slot); }
  uint32_t &predicate(uint32_t slot) { return *reinterpret_cast<uint32_t *>(frame + slot); }
  bool has(unsigned lane) const { return mask >> lane & 1; }

  /// Lanes that leave the kernel.
  void exit(uint32_t lanes);
  /// Lanes of the current path that go elsewhere than the others.
  void diverge(uint32_t taken, uint32_t target, uint32_t reconvergence);
  /// Lanes of the current path, or of what was left of it, that go to one of several places.
  void part(uint32_t lanes, uint32_t target, uint32_t reconvergence, bool isFirst);
  /// The path ends where the one below waits.
  void join();

  std::byte *frame = nullptr;
  uint32_t mask = 0;  ///< lanes that take part in the current operation
  uint32_t pc = 0;    ///< the next operation
  uint32_t carry = 0; ///< the carry flag of each lane
  uint32_t alive = 0; ///< lanes that have not left
  State state = Ready;
  bool stops = false;    ///< after this operation: it waits, is done or has failed
  bool isFenced = false; ///< what it did is seen by who sees what it does next
  uint32_t index = 0;    ///< in its CTA
  uint64_t steps = 0;
  uint64_t ticks = 0; ///< of its clock
  Cta *cta = nullptr;
  const Operation *current = nullptr;
  std::vector<Path> paths;
  AsyncCopies copies;
  std::byte *local = nullptr;      ///< localBytes a lane
  uint8_t *localWritten = nullptr; ///< a flag a byte
};

} // namespace tern::runtime::emulator
