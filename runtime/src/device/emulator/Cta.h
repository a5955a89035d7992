// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/emulator/Emulator.h"
#include "runtime/src/device/emulator/GlobalRaces.h"
#include "runtime/src/device/emulator/Order.h"
#include "runtime/src/device/emulator/Program.h"
#include "runtime/src/device/emulator/SharedRaces.h"
#include "runtime/src/device/emulator/Turn.h"
#include "runtime/src/device/emulator/Warp.h"

#include <memory>

namespace tern::runtime::emulator {

/// What all CTAs of a launch have in common.
struct Grid {
  const Code *code;
  const Launch *launch;
  const Memory *memory;
  const Options *options;
  std::vector<std::byte> frame;       ///< of a warp before its first instruction
  std::unique_ptr<GlobalRaces> races; ///< null without checks
  Turn turn;
  uint64_t dynamicOffset = 0, sharedBytes = 0;
};

// Generic addresses of what is not global; 2^40 bytes each.
inline constexpr uint64_t sharedWindow = uint64_t{1} << 40, localWindow = uint64_t{2} << 40,
                          parameterWindow = uint64_t{3} << 40, windowMask = (uint64_t{1} << 40) - 1;

/// States of a byte of shared memory.
inline constexpr uint8_t byteUnwritten = 0, byteWritten = 1, byteInFlight = 2;

struct Barrier {
  uint32_t expected = 0;             ///< threads; 0 if nobody has come
  uint32_t arrived = 0;              ///< threads
  bool isWhole = false;              ///< of all threads of the CTA that have not ended
  std::vector<uint32_t> waiting;     ///< warps
  uint32_t trueLanes = 0, lanes = 0; ///< of bar.red
  struct Result {
    uint32_t warp, slot, kind, mask;
  };
  std::vector<Result> results; ///< of bar.red: where the answer goes
};

/// A CTA that runs on one thread of the host; used for one CTA after the other.
class Cta {
public:
  explicit Cta(Grid &grid);

  /// Runs the CTA of that number; false if it failed, and `message` says why.
  bool run(uint64_t number);

  /// Keeps the first failure, naming kernel, instruction, CTA and thread, and stops the warp.
  [[gnu::format(printf, 4, 5)]] void fail(Warp &warp, unsigned lane, const char *format, ...);

  /// Comes to a named barrier with the warp's current lanes.
  void arrive(Warp &warp, unsigned barrier, uint32_t threads, bool waits);
  void complete(unsigned barrier);

  /// Waits until all CTAs before this one have ended, so that what it sees is always the same.
  void takeTurn();

  Grid &grid;
  uint64_t number = 0;
  uint32_t id[3] = {0, 0, 0};
  std::vector<Warp> warps;
  std::string message;

  std::vector<std::byte> shared;
  std::vector<uint8_t> sharedState;
  Order order;
  SharedRaces races;
  Barrier barriers[16];
  bool progressed = false; ///< since it was last looked for a deadlock
  bool hasTurn = false;
  std::vector<bool> acquired; ///< CTAs whose past this one has seen by atomics
  bool isFenced = false;      ///< has made its writes visible to other CTAs

  Counts counts;
  std::vector<uint64_t> warpCounts, threadCounts; ///< by operation
  std::vector<const Range *> ranges;              ///< by operation: where it last went

private:
  void begin();
  void runWarp(Warp &warp);
  bool checkDeadlock();
  void countOperations();
  void finishReduction(const Barrier &barrier, const Barrier::Result &result);

  std::vector<std::byte> frames, locals;
  std::vector<uint8_t> localsWritten;
};

} // namespace tern::runtime::emulator
