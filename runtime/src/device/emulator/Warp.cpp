// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Warp.h"

namespace tern::runtime::emulator {

void Warp::join() {
  while (!paths.empty()) {
    Path &top = paths.back();
    top.mask &= alive;
    if (top.mask && (paths.size() == 1 || top.pc != top.reconvergence)) {
      pc = top.pc;
      return;
    }
    paths.pop_back();
  }
  state = Done;
  stops = true;
}

void Warp::exit(uint32_t lanes) {
  alive &= ~lanes;
  paths.back().pc = pc;
  join();
}

void Warp::diverge(uint32_t taken, uint32_t target, uint32_t reconvergence) {
  uint32_t others = paths.back().mask & ~taken, next = pc;
  part(others, next, reconvergence, true);
  part(taken, target, reconvergence, false);
  join();
}

void Warp::part(uint32_t lanes, uint32_t target, uint32_t reconvergence, bool isFirst) {
  if (isFirst) {
    // In a loop that lanes leave one after the other, those that left wait below already.
    Path &top = paths.back();
    bool isSame = top.reconvergence == reconvergence && paths.size() > 1;
    if (isSame || reconvergence == noTarget)
      paths.pop_back();
    else
      top.pc = reconvergence;
  }
  if (target != reconvergence || reconvergence == noTarget)
    paths.push_back({target, lanes, reconvergence});
}

} // namespace tern::runtime::emulator
