// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Access.h"
#include "runtime/src/device/emulator/Table.h"

#include <bit>

namespace tern::runtime::emulator {

namespace {

unsigned firstOf(uint32_t lanes) { return static_cast<unsigned>(std::countr_zero(lanes)); }

void branch(Warp &warp, const Operation &op) {
  if (warp.mask == warp.paths.back().mask) {
    warp.pc = op.target;
    return;
  }
  ++warp.cta->counts.divergentBranches;
  warp.diverge(warp.mask, op.target, op.reconvergence);
}
bool selectBranch(const Form &, Operation &op) {
  op.execute = branch;
  return true;
}

/// Each lane goes to the label of its number.
void branchIndexed(Warp &warp, const Operation &op) {
  const std::vector<uint32_t> &targets = warp.cta->grid.code->targetLists[op.detail];
  const uint32_t *index = warp.lanes<uint32_t>(op.slots[0]);
  uint32_t rest = warp.mask;
  bool isFirst = true;
  while (rest) {
    uint32_t wanted = index[firstOf(rest)], lanes = 0;
    for (unsigned lane = 0; lane < numLanes; ++lane)
      lanes |= uint32_t{(rest >> lane & 1) && index[lane] == wanted} << lane;
    if (wanted >= targets.size())
      return warp.cta->fail(warp, firstOf(lanes), "branches to label %u of a list of %zu", wanted,
                            targets.size());
    rest &= ~lanes;
    if (isFirst && rest == 0 && lanes == warp.paths.back().mask) {
      warp.pc = targets[wanted];
      return;
    }
    if (isFirst)
      ++warp.cta->counts.divergentBranches;
    warp.part(lanes, targets[wanted], op.reconvergence, isFirst);
    isFirst = false;
  }
  warp.join();
}
bool selectBranchIndexed(const Form &, Operation &op) {
  op.execute = branchIndexed;
  op.isList = true;
  return true;
}

void leave(Warp &warp, const Operation &) {
  endCopies(warp, warp.mask);
  warp.exit(warp.mask);
}
bool selectLeave(const Form &, Operation &op) {
  op.execute = leave;
  return true;
}

void trap(Warp &warp, const Operation &) {
  warp.cta->fail(warp, firstOf(warp.mask), "stops the kernel");
}
void nothing(Warp &, const Operation &) {}

template <Execute execute> bool always(const Form &, Operation &op) {
  op.execute = execute;
  return true;
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

/// All threads of a warp come together, and agree; false if the CTA has failed.
bool barrierOf(Warp &warp, uint32_t numberSlot, uint32_t threadsSlot, unsigned &number,
               uint32_t &threads) {
  uint32_t missing = warp.alive & ~warp.mask;
  if (missing) {
    warp.cta->fail(warp, firstOf(missing),
                   "is not at the barrier that the other threads of its warp have come to");
    return false;
  }
  auto same = [&](uint32_t slot, uint32_t &out) {
    const uint32_t *values = warp.lanes<uint32_t>(slot);
    out = values[firstOf(warp.mask)];
    for (unsigned lane = 0; lane < numLanes; ++lane)
      if (warp.has(lane) && values[lane] != out) {
        warp.cta->fail(warp, lane, "comes to barrier %u, but threads of its warp to barrier %u",
                       values[lane], out);
        return false;
      }
    return true;
  };
  threads = 0;
  if (!same(numberSlot, number) || (threadsSlot != noSlot && !same(threadsSlot, threads)))
    return false;
  if (number > 15) {
    warp.cta->fail(warp, firstOf(warp.mask), "comes to barrier %u, but there are 16", number);
    return false;
  }
  if (threads % numLanes != 0 || threads > 1024 || (threadsSlot != noSlot && threads == 0)) {
    warp.cta->fail(warp, firstOf(warp.mask), "waits for %u threads, not for whole warps", threads);
    return false;
  }
  return true;
}

template <bool waits> void barrier(Warp &warp, const Operation &op) {
  unsigned number;
  uint32_t threads;
  if (barrierOf(warp, op.slots[0], op.slots[1], number, threads))
    warp.cta->arrive(warp, number, threads, waits);
}

/// Slots: result, barrier, threads or nothing, predicate.
void reduce(Warp &warp, const Operation &op) {
  unsigned number;
  uint32_t threads;
  if (!barrierOf(warp, op.slots[1], op.slots[2], number, threads))
    return;
  uint32_t yes = warp.predicate(op.slots[3]) ^ (op.detail & 4 ? allLanes : 0);
  Barrier &at = warp.cta->barriers[number];
  at.trueLanes += static_cast<uint32_t>(std::popcount(yes & warp.mask));
  at.lanes += static_cast<uint32_t>(std::popcount(warp.mask));
  at.results.push_back({warp.index, op.slots[0], op.detail & 3, warp.mask});
  warp.cta->arrive(warp, number, threads, true);
}
bool selectReduce(const Form &form, Operation &op) {
  op.execute = reduce;
  op.detail = static_cast<uint32_t>(form.which({"popc", "and", "or"})) | (form.negated >> 3 & 1)
                                                                             << 2;
  return true;
}

/// What was done before is seen by who sees what comes next: in the CTA, or by others too.
void fence(Warp &warp, const Operation &op) {
  warp.isFenced = true;
  warp.cta->isFenced |= op.detail == 1;
}
bool selectFence(const Form &form, Operation &op) {
  op.execute = fence;
  op.detail = !form.has("cta");
  return true;
}

constexpr Row rows[] = {
    {"bra", "?uni", "L", Class::Branch, selectBranch},
    {"brx", "idx ?uni", "u32 B", Class::Branch, selectBranchIndexed},
    {"ret", "?uni", "", Class::Branch, selectLeave},
    {"exit", "", "", Class::Branch, selectLeave},
    {"trap", "", "", Class::Other, always<trap>},
    {"nanosleep", "u32", "u32", Class::Other, always<nothing>},
    {"bar", "?cta sync", "u32 u32?", Class::Barrier, always<barrier<true>>},
    {"bar", "?cta arrive", "u32 u32", Class::Barrier, always<barrier<false>>},
    {"bar", "?cta red popc u32", ">u32 u32 u32? pred", Class::Barrier, selectReduce},
    {"bar", "?cta red and|or pred", ">pred u32 u32? pred", Class::Barrier, selectReduce},
    {"barrier", "?cta sync ?aligned", "u32 u32?", Class::Barrier, always<barrier<true>>},
    {"barrier", "?cta arrive ?aligned", "u32 u32", Class::Barrier, always<barrier<false>>},
    {"barrier", "?cta red popc ?aligned u32", ">u32 u32 u32? pred", Class::Barrier, selectReduce},
    {"barrier", "?cta red and|or ?aligned pred", ">pred u32 u32? pred", Class::Barrier,
     selectReduce},
    {"membar", "cta|gl|sys", "", Class::Fence, selectFence},
    {"fence", "?sc|acq_rel cta|cluster|gpu|sys", "", Class::Fence, selectFence},
};

} // namespace

std::span<const Row> controlRows() { return rows; }

} // namespace tern::runtime::emulator
