// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Access.h"
#include "runtime/src/device/emulator/Lanes.h"
#include "runtime/src/device/emulator/Numbers.h"
#include "runtime/src/device/emulator/Table.h"

#include <algorithm>
#include <cstring>

/// Lanes follow each other in order. Where the result could depend on the order of CTAs, a CTA
/// waits for those before it.
namespace tern::runtime::emulator {

namespace {

struct And {
  template <class T> static T of(T old, T by) { return old & by; }
};
struct Or {
  template <class T> static T of(T old, T by) { return old | by; }
};
struct Xor {
  template <class T> static T of(T old, T by) { return old ^ by; }
};
struct Exchange {
  template <class T> static T of(T, T by) { return by; }
};
struct Add {
  template <class T> static T of(T old, T by) { return old + by; }
};
struct Min {
  template <class T> static T of(T old, T by) { return std::min(old, by); }
};
struct Max {
  template <class T> static T of(T old, T by) { return std::max(old, by); }
};
struct Increment {
  static uint32_t of(uint32_t old, uint32_t by) { return old >= by ? 0 : old + 1; }
};
struct Decrement {
  static uint32_t of(uint32_t old, uint32_t by) { return old == 0 || old > by ? by : old - 1; }
};
struct AddFloat {
  static uint32_t of(uint32_t old, uint32_t by) {
    float sum = std::bit_cast<float>(old) + std::bit_cast<float>(by);
    return std::bit_cast<uint32_t>(canonical(sum));
  }
};
/// In global memory, atom.add.f32 flushes subnormal numbers.
struct AddFlushed {
  static uint32_t of(uint32_t old, uint32_t by) {
    float sum = flush(std::bit_cast<float>(old)) + flush(std::bit_cast<float>(by));
    return std::bit_cast<uint32_t>(canonical(flush(sum)));
  }
};
struct AddDouble {
  static uint64_t of(uint64_t old, uint64_t by) {
    return std::bit_cast<uint64_t>(std::bit_cast<double>(old) + std::bit_cast<double>(by));
  }
};
struct AddHalf {
  static uint16_t of(uint16_t old, uint16_t by) { return toHalf(fromHalf(old) + fromHalf(by)); }
};
struct AddBf16 {
  static uint16_t of(uint16_t old, uint16_t by) {
    return toBf16(toFloatOdd(sumToOdd(fromBf16(old), fromBf16(by))));
  }
};
template <class F> struct Pair {
  static uint32_t of(uint32_t old, uint32_t by) {
    uint32_t high = F::of(static_cast<uint16_t>(old >> 16), static_cast<uint16_t>(by >> 16));
    return high << 16 | F::of(static_cast<uint16_t>(old), static_cast<uint16_t>(by));
  }
};

/// Other threads of the host may update the same place.
template <class T, class Function> T update(std::byte *place, Function &&function) {
  T *at = reinterpret_cast<T *>(place);
  T old = __atomic_load_n(at, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(at, &old, function(old), true, __ATOMIC_ACQ_REL,
                                      __ATOMIC_RELAXED)) {
  }
  return old;
}

bool begin(Warp &warp, const Operation &op, Request &request, Places &places) {
  addresses(warp, op, 0, request.address);
  if (op.isOrdered)
    awaitOthers(warp, op);
  if (!reach(warp, op.space, request, places))
    return false;
  acquireAll(warp, request);
  releaseAll(warp, request);
  return true;
}

/// Slots of atom: result, address, operand; of red: address, operand.
template <class T, class F, bool hasResult> void apply(Warp &warp, const Operation &op) {
  using Bits = std::make_unsigned_t<T>;
  Request request{op, {}, sizeof(T), Intent::Atomic};
  Places places;
  if (!begin(warp, op, request, places))
    return;
  const Bits *by = warp.lanes<Bits>(op.slots[hasResult ? 2 : 1]);
  Bits results[numLanes] = {};
  for (unsigned lane = 0; lane < numLanes; ++lane)
    if (warp.has(lane))
      results[lane] = update<Bits>(places.at[lane], [&](Bits old) {
        return static_cast<Bits>(F::of(static_cast<T>(old), static_cast<T>(by[lane])));
      });
  if (hasResult)
    store(warp, op.slots[0], results);
}

template <class T> void compareAndSwap(Warp &warp, const Operation &op) {
  Request request{op, {}, sizeof(T), Intent::Atomic};
  Places places;
  if (!begin(warp, op, request, places))
    return;
  const T *expected = warp.lanes<T>(op.slots[2]), *wanted = warp.lanes<T>(op.slots[3]);
  T results[numLanes] = {};
  for (unsigned lane = 0; lane < numLanes; ++lane)
    if (warp.has(lane))
      results[lane] = update<T>(places.at[lane],
                                [&](T old) { return old == expected[lane] ? wanted[lane] : old; });
  store(warp, op.slots[0], results);
}

template <class F, bool hasResult> Execute whole(Type type) {
  switch (type) {
  case Type::B32:
  case Type::U32:
    return apply<uint32_t, F, hasResult>;
  case Type::S32:
    return apply<int32_t, F, hasResult>;
  case Type::S64:
    return apply<int64_t, F, hasResult>;
  default:
    return apply<uint64_t, F, hasResult>;
  }
}

/// Sums of signed numbers wrap round as those without sign do.
template <bool hasResult> Execute addition(Type type, bool isGlobal) {
  switch (type) {
  case Type::F32:
    return isGlobal ? apply<uint32_t, AddFlushed, hasResult> : apply<uint32_t, AddFloat, hasResult>;
  case Type::F64:
    return apply<uint64_t, AddDouble, hasResult>;
  case Type::F16:
    return apply<uint16_t, AddHalf, hasResult>;
  case Type::F16x2:
    return apply<uint32_t, Pair<AddHalf>, hasResult>;
  case Type::Bf16:
    return apply<uint16_t, AddBf16, hasResult>;
  case Type::Bf16x2:
    return apply<uint32_t, Pair<AddBf16>, hasResult>;
  case Type::U64:
  case Type::S64:
    return apply<uint64_t, Add, hasResult>;
  default:
    return apply<uint32_t, Add, hasResult>;
  }
}

template <bool hasResult> Execute operationOf(const Form &form, bool isGlobal) {
  Type type = form.types[0];
  switch (form.which({"and", "or", "xor", "exch", "add", "min", "max", "inc", "dec", "cas"})) {
  case 0:
    return whole<And, hasResult>(type);
  case 1:
    return whole<Or, hasResult>(type);
  case 2:
    return whole<Xor, hasResult>(type);
  case 3:
    return whole<Exchange, hasResult>(type);
  case 4:
    return addition<hasResult>(type, isGlobal);
  case 5:
    return whole<Min, hasResult>(type);
  case 6:
    return whole<Max, hasResult>(type);
  case 7:
    return apply<uint32_t, Increment, hasResult>;
  case 8:
    return apply<uint32_t, Decrement, hasResult>;
  default:
    return bytesOf(type) == 8   ? compareAndSwap<uint64_t>
           : bytesOf(type) == 4 ? compareAndSwap<uint32_t>
                                : compareAndSwap<uint16_t>;
  }
}

template <bool hasResult> bool selectAtomic(const Form &form, Operation &op) {
  op.space = spaceOf(form);
  op.bytes = static_cast<uint8_t>(bytesOf(form.types[0]));
  op.releases = form.has("release") || form.has("acq_rel");
  bool isSeen = hasResult && !(op.sinks & 1);
  op.isOrdered = isSeen || isFloat(form.types[0]);
  op.execute = operationOf<hasResult>(form, op.space != Space::Shared);
  return !form.hasSymbol || op.space == Space::Generic || form.symbolSpace == op.space;
}

constexpr Row rows[] = {
    {"atom", "ORDER and|or|xor|exch b32|b64", ">T [a] T", Class::Atomic, selectAtomic<true>, 1},
    {"atom", "ORDER cas b16|b32|b64", ">T [a] T T", Class::Atomic, selectAtomic<true>, 1},
    {"atom", "ORDER add u32|s32|u64|s64|f32|f64", ">T [a] T", Class::Atomic, selectAtomic<true>, 1},
    {"atom", "ORDER add noftz f16|f16x2", ">T [a] T", Class::Atomic, selectAtomic<true>, 1},
    {"atom", "ORDER add noftz bf16|bf16x2", ">T [a] T", Class::Atomic, selectAtomic<true>, 1, 90},
    {"atom", "ORDER inc|dec u32", ">T [a] T", Class::Atomic, selectAtomic<true>, 1},
    {"atom", "ORDER min|max u32|s32|u64|s64", ">T [a] T", Class::Atomic, selectAtomic<true>, 1},
    {"red", "ORDER and|or|xor b32|b64", "[a] T", Class::Atomic, selectAtomic<false>, 1},
    {"red", "ORDER add u32|s32|u64|s64|f32|f64", "[a] T", Class::Atomic, selectAtomic<false>, 1},
    {"red", "ORDER add noftz f16|f16x2", "[a] T", Class::Atomic, selectAtomic<false>, 1},
    {"red", "ORDER add noftz bf16|bf16x2", "[a] T", Class::Atomic, selectAtomic<false>, 1, 90},
    {"red", "ORDER inc|dec u32", "[a] T", Class::Atomic, selectAtomic<false>, 1},
    {"red", "ORDER min|max u32|s32|u64|s64", "[a] T", Class::Atomic, selectAtomic<false>, 1},
};

} // namespace

std::span<const Row> atomicRows() { return rows; }

} // namespace tern::runtime::emulator
