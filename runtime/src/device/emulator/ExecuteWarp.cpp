// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Access.h"
#include "runtime/src/device/emulator/Lanes.h"
#include "runtime/src/device/emulator/Table.h"

#include <algorithm>
#include <bit>

/// What the lanes of a warp do together.
namespace tern::runtime::emulator {

namespace {

/// The member mask of the current lanes: the same for all, with all of them and no others that are
/// alive. False if the CTA has failed.
bool members(Warp &warp, const uint32_t *masks) {
  unsigned first = static_cast<unsigned>(std::countr_zero(warp.mask));
  uint32_t wanted = masks[first];
  for (unsigned lane = 0; lane < numLanes; ++lane) {
    if (!warp.has(lane))
      continue;
    if (masks[lane] != wanted) {
      warp.cta->fail(warp, lane, "names the lanes 0x%08x, but thread %u of its warp 0x%08x",
                     masks[lane], first, wanted);
      return false;
    }
    if (!(wanted >> lane & 1)) {
      warp.cta->fail(warp, lane, "names the lanes 0x%08x and not itself, lane %u", wanted, lane);
      return false;
    }
  }
  uint32_t missing = wanted & warp.alive & ~warp.mask;
  if (missing) {
    warp.cta->fail(warp, first, "names the lanes 0x%08x, of which 0x%08x are not here", wanted,
                   missing);
    return false;
  }
  return true;
}

enum ShuffleMode : uint32_t { Up, Down, Butterfly, Index };

/// The low 5 bits of c bound the lane, bits 8 to 12 divide the warp into segments.
void shuffle(Warp &warp, const Operation &op) {
  const uint32_t *a = warp.lanes<uint32_t>(op.slots[2]), *b = warp.lanes<uint32_t>(op.slots[3]),
                 *c = warp.lanes<uint32_t>(op.slots[4]);
  if (!members(warp, warp.lanes<uint32_t>(op.slots[5])))
    return;
  uint32_t results[numLanes] = {}, inRange = 0;
  for (unsigned lane = 0; lane < numLanes; ++lane) {
    if (!warp.has(lane))
      continue;
    int by = static_cast<int>(b[lane] & 31), bound = static_cast<int>(c[lane] & 31);
    int segment = static_cast<int>(c[lane] >> 8 & 31), its = static_cast<int>(lane);
    int most = (its & segment) | (bound & ~segment), from = its;
    bool isInside = true;
    switch (static_cast<ShuffleMode>(op.detail)) {
    case Up:
      from = its - by;
      isInside = from >= most;
      break;
    case Down:
      from = its + by;
      isInside = from <= most;
      break;
    case Butterfly:
      from = its ^ by;
      isInside = from <= most;
      break;
    case Index:
      from = (its & segment) | (by & ~segment);
      isInside = from <= most;
      break;
    }
    from = isInside ? from : its;
    if (!(warp.mask >> from & 1))
      return warp.cta->fail(warp, lane, "reads from lane %d, which does not take part", from);
    results[lane] = a[from];
    inRange |= uint32_t{isInside} << lane;
  }
  store(warp, op.slots[0], results);
  if (op.slots[1] != noSlot)
    storePredicate(warp, op.slots[1], inRange);
}
bool selectShuffle(const Form &form, Operation &op) {
  op.execute = shuffle;
  op.detail = static_cast<uint32_t>(form.which({"up", "down", "bfly", "idx"}));
  return true;
}

enum VoteMode : uint32_t { All, Any, Uniform, Ballot };

void vote(Warp &warp, const Operation &op) {
  if (!members(warp, warp.lanes<uint32_t>(op.slots[2])))
    return;
  uint32_t yes = (warp.predicate(op.slots[1]) ^ (op.detail & 4 ? allLanes : 0)) & warp.mask;
  switch (static_cast<VoteMode>(op.detail & 3)) {
  case All:
    return storePredicate(warp, op.slots[0], yes == warp.mask ? allLanes : 0);
  case Any:
    return storePredicate(warp, op.slots[0], yes ? allLanes : 0);
  case Uniform:
    return storePredicate(warp, op.slots[0], yes == warp.mask || yes == 0 ? allLanes : 0);
  case Ballot:
    break;
  }
  uint32_t results[numLanes];
  std::fill_n(results, numLanes, yes);
  store(warp, op.slots[0], results);
}
bool selectVote(const Form &form, Operation &op) {
  op.execute = vote;
  op.detail = static_cast<uint32_t>(form.which({"all", "any", "uni", "ballot"})) |
              (form.negated >> 1 & 1) << 2;
  return true;
}

void activeMask(Warp &warp, const Operation &op) {
  uint32_t results[numLanes];
  std::fill_n(results, numLanes, warp.mask);
  store(warp, op.slots[0], results);
}
bool selectActiveMask(const Form &, Operation &op) {
  op.execute = activeMask;
  return true;
}

/// Lanes with the same value.
template <class T> uint32_t sameAs(Warp &warp, const T *values, unsigned lane) {
  uint32_t same = 0;
  for (unsigned other = 0; other < numLanes; ++other)
    same |= uint32_t{warp.has(other) && values[other] == values[lane]} << other;
  return same;
}
template <class T> void matchAny(Warp &warp, const Operation &op) {
  const T *values = warp.lanes<T>(op.slots[1]);
  if (!members(warp, warp.lanes<uint32_t>(op.slots[2])))
    return;
  uint32_t results[numLanes];
  for (unsigned lane = 0; lane < numLanes; ++lane)
    results[lane] = sameAs(warp, values, lane);
  store(warp, op.slots[0], results);
}
template <class T> void matchAll(Warp &warp, const Operation &op) {
  const T *values = warp.lanes<T>(op.slots[2]);
  if (!members(warp, warp.lanes<uint32_t>(op.slots[3])))
    return;
  unsigned first = static_cast<unsigned>(std::countr_zero(warp.mask));
  bool isSame = sameAs(warp, values, first) == warp.mask;
  uint32_t results[numLanes];
  std::fill_n(results, numLanes, isSame ? warp.mask : 0);
  store(warp, op.slots[0], results);
  if (op.slots[1] != noSlot)
    storePredicate(warp, op.slots[1], isSame ? allLanes : 0);
}
bool selectMatchAny(const Form &form, Operation &op) {
  op.execute = form.types[0] == Type::B64 ? matchAny<uint64_t> : matchAny<uint32_t>;
  return true;
}
bool selectMatchAll(const Form &form, Operation &op) {
  op.execute = form.types[0] == Type::B64 ? matchAll<uint64_t> : matchAll<uint32_t>;
  return true;
}

struct Add {
  template <class T> static T of(T a, T b) {
    return static_cast<T>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
  }
};
struct Min {
  template <class T> static T of(T a, T b) { return std::min(a, b); }
};
struct Max {
  template <class T> static T of(T a, T b) { return std::max(a, b); }
};
struct And {
  template <class T> static T of(T a, T b) { return a & b; }
};
struct Or {
  template <class T> static T of(T a, T b) { return a | b; }
};
struct Xor {
  template <class T> static T of(T a, T b) { return a ^ b; }
};

template <class T, class F> void reduce(Warp &warp, const Operation &op) {
  const T *values = warp.lanes<T>(op.slots[1]);
  if (!members(warp, warp.lanes<uint32_t>(op.slots[2])))
    return;
  unsigned first = static_cast<unsigned>(std::countr_zero(warp.mask));
  T total = values[first];
  for (unsigned lane = first + 1; lane < numLanes; ++lane)
    if (warp.has(lane))
      total = F::of(total, values[lane]);
  T results[numLanes];
  std::fill_n(results, numLanes, total);
  store(warp, op.slots[0], results);
}
bool selectReduce(const Form &form, Operation &op) {
  constexpr Execute unsignedOnes[] = {reduce<uint32_t, Add>, reduce<uint32_t, Min>,
                                      reduce<uint32_t, Max>, reduce<uint32_t, And>,
                                      reduce<uint32_t, Or>,  reduce<uint32_t, Xor>};
  constexpr Execute signedOnes[] = {reduce<int32_t, Add>, reduce<int32_t, Min>,
                                    reduce<int32_t, Max>};
  int which = form.which({"add", "min", "max", "and", "or", "xor"});
  op.execute = isSigned(form.types[0]) ? signedOnes[which] : unsignedOnes[which];
  return true;
}

void syncWarp(Warp &warp, const Operation &op) {
  if (members(warp, warp.lanes<uint32_t>(op.slots[0])))
    warp.cta->order.syncWarp(warp.index);
}
bool selectSyncWarp(const Form &, Operation &op) {
  op.execute = syncWarp;
  return true;
}

void elect(Warp &warp, const Operation &op) {
  if (!members(warp, warp.lanes<uint32_t>(op.slots[2])))
    return;
  unsigned first = static_cast<unsigned>(std::countr_zero(warp.mask));
  uint32_t results[numLanes];
  std::fill_n(results, numLanes, first);
  store(warp, op.slots[0], results);
  storePredicate(warp, op.slots[1], 1u << first);
}
bool selectElect(const Form &, Operation &op) {
  op.execute = elect;
  return true;
}

constexpr Row rows[] = {
    {"shfl", "sync up|down|bfly|idx b32", ">b32 |>pred? b32 b32 b32 b32", Class::Warp,
     selectShuffle},
    {"vote", "sync all|any|uni pred", ">pred pred b32", Class::Warp, selectVote},
    {"vote", "sync ballot b32", ">b32 pred b32", Class::Warp, selectVote},
    {"activemask", "b32", ">b32", Class::Warp, selectActiveMask},
    {"match", "any sync b32|b64", ">b32 T b32", Class::Warp, selectMatchAny},
    {"match", "all sync b32|b64", ">b32 |>pred? T b32", Class::Warp, selectMatchAll},
    {"redux", "sync add|min|max u32|s32", ">T T b32", Class::Warp, selectReduce},
    {"redux", "sync and|or|xor b32", ">T T b32", Class::Warp, selectReduce},
    {"bar", "warp sync", "b32", Class::Warp, selectSyncWarp},
    {"elect", "sync", ">b32 |>pred b32", Class::Warp, selectElect, 0, 90},
};

} // namespace

std::span<const Row> warpRows() { return rows; }

} // namespace tern::runtime::emulator
