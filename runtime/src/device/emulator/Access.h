// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/emulator/Cta.h"
#include "runtime/src/device/emulator/Table.h"

namespace tern::runtime::emulator {

/// Where the bytes of each lane's access lie in the host's memory.
struct Places {
  std::byte *at[numLanes];
  bool isDense = false; ///< all 32 lanes take part and stand side by side from at[0] on
};

/// An access of the warp's current lanes, `bytes` of each, that is aligned to its bytes.
struct Request {
  const Operation &operation;
  uint64_t address[numLanes]; ///< of lanes that take part
  unsigned bytes;
  Intent intent;
  bool isCounted = true;
};

/// Checks bounds, alignment, contents and races of an access, notes it and counts it. False if
/// the CTA has failed.
bool reach(Warp &warp, Space space, Request &request, Places &places);

/// The addresses that an operation's address operand gives.
void addresses(Warp &warp, const Operation &operation, unsigned which, uint64_t *out);

/// Notes that bytes of shared memory are written, by lanes that have waited for a copy.
bool noteShared(Warp &warp, unsigned lane, uint64_t offset, unsigned bytes, Intent intent);

/// Before an operation whose result other CTAs may change.
void awaitOthers(Warp &warp, const Operation &op);
/// The CTA sees what CTAs before it did before they released at these addresses, and lets later
/// ones see what it did before its fence.
void acquireAll(Warp &warp, const Request &request);
void releaseAll(Warp &warp, const Request &request);

/// Copies of lanes that leave the kernel.
void endCopies(Warp &warp, uint32_t lanes);

/// The space that a form names, or generic.
Space spaceOf(const Form &form);

/// Counts the passes over the banks of an access to shared memory.
void countPasses(Counts &counts, uint32_t mask, const uint64_t *address, unsigned bytes);

} // namespace tern::runtime::emulator
