// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/emulator/Counts.h"
#include "runtime/src/device/emulator/Type.h"

#include <array>
#include <cstdint>

namespace tern::runtime::emulator {

class Warp;
struct Operation;

using Execute = void (*)(Warp &, const Operation &);

inline constexpr uint32_t noTarget = ~0u;

/// An instruction with its operands resolved: `slots` are places in a warp's frame, destinations
/// and sources in the order in which the instruction names them, vectors element by element.
struct Operation {
  Execute execute = nullptr;
  uint32_t (*compare)(Warp &, const uint32_t *slots) = nullptr;      ///< of setp and set
  uint32_t (*compareUpper)(Warp &, const uint32_t *slots) = nullptr; ///< of pairs, the upper ones
  std::array<uint32_t, 20> slots{};
  int64_t offset = 0;       ///< of an address
  int64_t secondOffset = 0; ///< of the second address of cp.async

  uint32_t guard = 0; ///< a predicate's slot, if isGuarded
  bool isGuarded = false, isNegated = false;
  bool isList = false;   ///< brx.idx: `detail` is the number of its list of targets
  bool isLeader = false; ///< first of a basic block: paths may meet here

  Space space = Space::Generic;
  bool addressIsWide = true; ///< in a 64-bit register
  bool secondIsWide = true;
  bool isReadOnlyPath = false; ///< ld.global.nc
  bool isOrdered = false;      ///< what it sees may depend on other CTAs: it waits for its turn
  bool releases = false;       ///< what was done before it is seen after it
  uint8_t address = 0;         ///< the slot of an address or, of cp.async, the first of two
  uint8_t count = 1;           ///< elements of a vector
  uint8_t bytes = 0;           ///< of an element in memory
  uint8_t registerBytes = 0;   ///< of a loaded element in its register
  bool isSignExtended = false;
  Type type = Type::None;
  uint32_t detail = 0; ///< what `execute` says
  uint32_t sinks = 0;  ///< bit i: slots[i] is a destination nobody reads

  uint32_t target = noTarget, reconvergence = noTarget;
  uint32_t statement = 0;
  uint32_t work = 0; ///< arithmetic operations of a lane, or of a warp for a matrix instruction
  Class kind = Class::Other;
};

} // namespace tern::runtime::emulator
