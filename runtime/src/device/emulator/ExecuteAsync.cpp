// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Access.h"
#include "runtime/src/device/emulator/Lanes.h"
#include "runtime/src/device/emulator/Table.h"

#include <algorithm>
#include <bit>
#include <cstring>

/// cp.async. A copy arrives by itself some events after its issue, when a seed says, and at the
/// latest when its thread waits for it. Until then its bytes count as under way, whether they have
/// arrived or not, so that a read without a wait is always found.
namespace tern::runtime::emulator {

namespace {

uint64_t nextRandom(uint64_t &state) {
  uint64_t z = state += 0x9e3779b97f4a7c15ull;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return z ^ z >> 31;
}

void arriveLane(Warp &warp, AsyncCopy &copy, unsigned lane) {
  std::byte *to = warp.cta->shared.data() + copy.to[lane];
  if (copy.sourceBytes[lane])
    std::memcpy(to, copy.from[lane], copy.sourceBytes[lane]);
  std::memset(to + copy.sourceBytes[lane], 0, copy.bytes - copy.sourceBytes[lane]);
  copy.pending &= ~(1u << lane);
}

void arrive(Warp &warp, AsyncCopy &copy, uint32_t lanes) {
  for (uint32_t rest = copy.pending & lanes; rest; rest &= rest - 1)
    arriveLane(warp, copy, static_cast<unsigned>(std::countr_zero(rest)));
}

/// Something happened in the warp: copies whose time has come arrive.
void letTimePass(Warp &warp) {
  for (AsyncCopy &copy : warp.copies.underWay)
    if (copy.pending && copy.delay-- == 0)
      arrive(warp, copy, allLanes);
}

/// The lanes have waited: the bytes are there, written by them now.
void land(Warp &warp, AsyncCopy &copy, uint32_t lanes) {
  Cta &cta = *warp.cta;
  arrive(warp, copy, lanes);
  copy.unwaited &= ~lanes;
  if (!cta.grid.options->checks)
    return;
  for (uint32_t rest = lanes; rest; rest &= rest - 1) {
    unsigned lane = static_cast<unsigned>(std::countr_zero(rest));
    std::memset(&cta.sharedState[copy.to[lane]], byteWritten, copy.bytes);
    if (!noteShared(warp, lane, copy.to[lane], copy.bytes, Intent::Write))
      return;
  }
}

/// Bytes of a source that is shorter than the copy, one by one.
bool reachShort(Warp &warp, const Request &request, const uint32_t *sizes, Places &places) {
  uint32_t all = warp.mask;
  bool succeeds = true;
  for (unsigned lane = 0; lane < numLanes && succeeds; ++lane) {
    if (!(all >> lane & 1) || sizes[lane] == 0 || sizes[lane] == request.bytes)
      continue;
    warp.mask = 1u << lane;
    for (unsigned i = 0; i < sizes[lane] && succeeds; ++i) {
      Request byte{request.operation, {}, 1, Intent::Read, i == 0};
      byte.address[lane] = request.address[lane] + i;
      Places place;
      succeeds = reach(warp, Space::Global, byte, place);
      if (i == 0)
        places.at[lane] = place.at[lane];
    }
  }
  warp.mask = all;
  return succeeds;
}

bool reachSource(Warp &warp, const Operation &op, AsyncCopy &copy, Places &places) {
  Request source{op, {}, copy.bytes, Intent::Read};
  addresses(warp, op, 1, source.address);
  uint32_t all = warp.mask, full = 0;
  for (unsigned lane = 0; lane < numLanes; ++lane)
    full |= uint32_t{copy.sourceBytes[lane] == copy.bytes} << lane;
  if (!reachShort(warp, source, copy.sourceBytes.data(), places))
    return false;
  warp.mask = all & full;
  Places whole;
  bool succeeds = warp.mask == 0 || reach(warp, Space::Global, source, whole);
  for (unsigned lane = 0; lane < numLanes; ++lane)
    if (warp.has(lane))
      places.at[lane] = whole.at[lane];
  warp.mask = all;
  return succeeds;
}

/// Slots: destination, source, size, size of the source or nothing.
void copyAsync(Warp &warp, const Operation &op) {
  Cta &cta = *warp.cta;
  AsyncCopy copy;
  copy.bytes = op.bytes;
  copy.sourceBytes.fill(copy.bytes);
  if (op.slots[3] != noSlot)
    for (unsigned lane = 0; lane < numLanes; ++lane) {
      uint32_t size = warp.lanes<uint32_t>(op.slots[3])[lane];
      copy.sourceBytes[lane] = warp.has(lane) ? size : 0;
      if (warp.has(lane) && size > copy.bytes)
        return cta.fail(warp, lane, "copies %u bytes of %u", size, copy.bytes);
    }
  Places from;
  std::fill_n(from.at, numLanes, nullptr);
  if (!reachSource(warp, op, copy, from))
    return;
  Request destination{op, {}, copy.bytes, Intent::Write};
  addresses(warp, op, 0, destination.address);
  Places to;
  if (!reach(warp, Space::Shared, destination, to))
    return;
  for (unsigned lane = 0; lane < numLanes; ++lane) {
    copy.from[lane] = from.at[lane];
    copy.group[lane] = warp.copies.committed[lane];
    if (!warp.has(lane))
      continue;
    copy.to[lane] = static_cast<uint32_t>(destination.address[lane]);
    std::memset(&cta.sharedState[copy.to[lane]], byteInFlight, copy.bytes);
  }
  copy.pending = copy.unwaited = warp.mask;
  copy.delay = static_cast<uint32_t>(nextRandom(warp.copies.random) % 8);
  letTimePass(warp);
  warp.copies.underWay.push_back(copy);
}

bool selectCopy(const Form &form, Operation &op) {
  op.execute = copyAsync;
  uint32_t bytes = op.slots[2];
  op.bytes = static_cast<uint8_t>(bytes);
  op.space = Space::Shared;
  bool fits = bytes == 16 || (form.has("ca") && (bytes == 4 || bytes == 8));
  return fits && (!form.hasSymbol || form.symbolSpace == Space::Shared);
}

void commit(Warp &warp, const Operation &) {
  for (unsigned lane = 0; lane < numLanes; ++lane)
    warp.copies.committed[lane] += warp.has(lane);
  letTimePass(warp);
}

/// For all but the newest `newest` groups of each lane, or for all copies at all.
void wait(Warp &warp, uint32_t newest, bool forAll) {
  AsyncCopies &copies = warp.copies;
  for (AsyncCopy &copy : copies.underWay) {
    uint32_t lanes = 0;
    for (unsigned lane = 0; lane < numLanes; ++lane) {
      uint64_t due = uint64_t{copy.group[lane]} + newest;
      lanes |= uint32_t{forAll || due < copies.committed[lane]} << lane;
    }
    land(warp, copy, lanes & copy.unwaited & warp.mask);
  }
  std::erase_if(copies.underWay, [](const AsyncCopy &copy) { return copy.unwaited == 0; });
}
void waitGroup(Warp &warp, const Operation &op) { wait(warp, op.slots[0], false); }
void waitAll(Warp &warp, const Operation &) { wait(warp, 0, true); }

template <Execute execute> bool always(const Form &, Operation &op) {
  op.execute = execute;
  return true;
}

constexpr Row rows[] = {
    {"cp", "async ca|cg shared|shared::cta global ?L2::64B|L2::128B|L2::256B", "[a] [a] # u32?",
     Class::AsyncCopy, selectCopy},
    {"cp", "async commit_group", "", Class::AsyncCopy, always<commit>},
    {"cp", "async wait_group", "#", Class::AsyncCopy, always<waitGroup>},
    {"cp", "async wait_all", "", Class::AsyncCopy, always<waitAll>},
};

} // namespace

void endCopies(Warp &warp, uint32_t lanes) {
  for (AsyncCopy &copy : warp.copies.underWay) {
    arrive(warp, copy, lanes);
    copy.unwaited &= ~lanes;
  }
  std::erase_if(warp.copies.underWay, [](const AsyncCopy &copy) { return copy.unwaited == 0; });
}

std::span<const Row> asyncRows() { return rows; }

} // namespace tern::runtime::emulator
