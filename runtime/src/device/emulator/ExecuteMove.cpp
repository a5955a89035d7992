// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Access.h"
#include "runtime/src/device/emulator/Lanes.h"
#include "runtime/src/device/emulator/Table.h"

#include <algorithm>

namespace tern::runtime::emulator {

namespace {

struct Same {
  template <class T> static T of(T a) { return a; }
};

/// A clock that goes on each time it is looked at, so that whoever waits for it comes to an end.
template <class T> void readClock(Warp &warp, const Operation &op) {
  T results[numLanes];
  warp.ticks += 1000;
  for (T &result : results)
    result = static_cast<T>(warp.ticks);
  store(warp, op.slots[0], results);
}

bool selectMove(const Form &form, Operation &op) {
  unsigned bytes = bytesOf(form.types[0]);
  if (form.readsClock) {
    op.execute = bytes == 8 ? readClock<uint64_t> : readClock<uint32_t>;
    return bytes >= 4;
  }
  op.execute = bytes == 8   ? Map<Same, uint64_t, uint64_t>::execute
               : bytes == 4 ? Map<Same, uint32_t, uint32_t>::execute
                            : Map<Same, uint16_t, uint16_t>::execute;
  return true;
}

void movePredicate(Warp &warp, const Operation &op) {
  storePredicate(warp, op.slots[0], warp.predicate(op.slots[1]));
}
bool selectPredicate(const Form &, Operation &op) {
  op.execute = movePredicate;
  return true;
}

/// Elements come in order, the first lowest.
template <class Whole, class Part> void pack(Warp &warp, const Operation &op) {
  constexpr unsigned count = sizeof(Whole) / sizeof(Part);
  Whole results[numLanes] = {};
  for (unsigned i = 0; i < count; ++i) {
    const Part *part = warp.lanes<Part>(op.slots[1 + i]);
    for (unsigned lane = 0; lane < numLanes; ++lane)
      results[lane] |= static_cast<Whole>(Whole{part[lane]} << (8 * sizeof(Part) * i));
  }
  store(warp, op.slots[0], results);
}
template <class Whole, class Part> void unpack(Warp &warp, const Operation &op) {
  constexpr unsigned count = sizeof(Whole) / sizeof(Part);
  Whole whole[numLanes];
  const Whole *from = warp.lanes<Whole>(op.slots[count]);
  std::copy_n(from, numLanes, whole);
  for (unsigned i = 0; i < count; ++i) {
    Part results[numLanes];
    for (unsigned lane = 0; lane < numLanes; ++lane)
      results[lane] = static_cast<Part>(whole[lane] >> (8 * sizeof(Part) * i));
    store(warp, op.slots[i], results);
  }
}
template <Execute execute> bool always(const Form &, Operation &op) {
  op.execute = execute;
  return true;
}

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

uint64_t windowOf(const Form &form) {
  return form.has("shared") || form.has("shared::cta") ? sharedWindow
         : form.has("local")                           ? localWindow
         : form.has("param")                           ? parameterWindow
                                                       : 0;
}

/// From an address in a space to a generic one, or back.
void convertAddress(Warp &warp, const Operation &op) {
  const uint64_t *from = warp.lanes<uint64_t>(op.slots[1]);
  uint64_t window = uint64_t{op.detail & 0xff} << 40;
  bool isBack = op.detail >> 8;
  uint64_t results[numLanes];
  for (unsigned lane = 0; lane < numLanes; ++lane)
    results[lane] = isBack ? from[lane] - window : from[lane] + window;
  store(warp, op.slots[0], results);
}
bool selectConvertAddress(const Form &form, Operation &op) {
  op.detail = static_cast<uint32_t>(windowOf(form) >> 40) | (form.has("to") ? 1u << 8 : 0);
  op.execute = convertAddress;
  return true;
}

void isInSpace(Warp &warp, const Operation &op) {
  const uint64_t *from = warp.lanes<uint64_t>(op.slots[1]);
  uint32_t bits = 0;
  for (unsigned lane = 0; lane < numLanes; ++lane) {
    uint64_t window = from[lane] >> 40;
    bits |= uint32_t{(window < 1 || window > 3 ? 0 : window) == op.detail} << lane;
  }
  storePredicate(warp, op.slots[0], bits);
}
bool selectIsInSpace(const Form &form, Operation &op) {
  op.detail = static_cast<uint32_t>(windowOf(form) >> 40);
  op.execute = isInSpace;
  return true;
}

constexpr Row rows[] = {
    {"mov", "b16|b32|b64|u16|u32|u64|s16|s32|s64|f32|f64", ">T T", Class::Move, selectMove},
    {"mov", "pred", ">pred pred", Class::Move, selectPredicate},
    {"mov", "b32", ">b32 {b16}2", Class::Move, always<pack<uint32_t, uint16_t>>},
    {"mov", "b64", ">b64 {b32}2", Class::Move, always<pack<uint64_t, uint32_t>>},
    {"mov", "b64", ">b64 {b16}4", Class::Move, always<pack<uint64_t, uint16_t>>},
    {"mov", "b32", ">{b16}2 b32", Class::Move, always<unpack<uint32_t, uint16_t>>},
    {"mov", "b64", ">{b32}2 b64", Class::Move, always<unpack<uint64_t, uint32_t>>},
    {"mov", "b64", ">{b16}4 b64", Class::Move, always<unpack<uint64_t, uint16_t>>},
    {"cvta", "?to global|shared|shared::cta|local|const|param u64", ">T T", Class::Move,
     selectConvertAddress},
    {"isspacep", "global|shared|shared::cta|local|const|param", ">pred u64", Class::Compare,
     selectIsInSpace},
};

} // namespace

std::span<const Row> moveRows() { return rows; }

} // namespace tern::runtime::emulator
