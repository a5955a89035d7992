// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/emulator/Operation.h"
#include "runtime/src/device/emulator/Warp.h"

#include <utility>

/// Plain loops over the 32 lanes of a warp, which compilers turn into vector code.
namespace tern::runtime::emulator {

/// Writes the results of the lanes that take part.
template <class D>
[[gnu::always_inline]] inline void store(Warp &warp, uint32_t slot, const D *results) {
  D *to = warp.lanes<D>(slot);
  if (warp.mask == allLanes) {
    for (unsigned lane = 0; lane < numLanes; ++lane)
      to[lane] = results[lane];
    return;
  }
  uint32_t mask = warp.mask;
  for (unsigned lane = 0; lane < numLanes; ++lane)
    to[lane] = mask >> lane & 1 ? results[lane] : to[lane];
}

/// slots[0] = F::of(slots[1], ...), lane by lane: D is the type of the result, S of the sources.
template <class F, class D, class... S> struct Map {
  static void execute(Warp &warp, const Operation &op) {
    run(warp, op, std::index_sequence_for<S...>());
  }

  template <size_t... place>
  [[gnu::always_inline]] static void run(Warp &warp, const Operation &op,
                                         std::index_sequence<place...>) {
    D results[numLanes];
    loop(results, warp.lanes<const S>(op.slots[1 + place])...);
    store(warp, op.slots[0], results);
  }

  [[gnu::always_inline]] static void loop(D *results, const S *...sources) {
    for (unsigned lane = 0; lane < numLanes; ++lane)
      results[lane] = F::of(sources[lane]...);
  }
};

/// A predicate slot for a function of the sources.
template <class F, class... S> struct Test {
  static uint32_t run(Warp &warp, const uint32_t *slots) {
    return at(warp, slots, std::index_sequence_for<S...>());
  }

  template <size_t... place>
  static uint32_t at(Warp &warp, const uint32_t *slots, std::index_sequence<place...>) {
    return loop(warp.lanes<const S>(slots[place])...);
  }

  static uint32_t loop(const S *...sources) {
    uint32_t bits = 0;
    for (unsigned lane = 0; lane < numLanes; ++lane)
      bits |= uint32_t{F::of(sources[lane]...)} << lane;
    return bits;
  }
};

/// Writes the predicates of the lanes that take part.
inline void storePredicate(Warp &warp, uint32_t slot, uint32_t bits) {
  uint32_t &to = warp.predicate(slot);
  to = (to & ~warp.mask) | (bits & warp.mask);
}

} // namespace tern::runtime::emulator
