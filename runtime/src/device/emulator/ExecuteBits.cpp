// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Lanes.h"
#include "runtime/src/device/emulator/Table.h"

#include <algorithm>
#include <bit>

namespace tern::runtime::emulator {

namespace {

struct And {
  template <class T> static T of(T a, T b) { return static_cast<T>(a & b); }
};
struct Or {
  template <class T> static T of(T a, T b) { return static_cast<T>(a | b); }
};
struct Xor {
  template <class T> static T of(T a, T b) { return static_cast<T>(a ^ b); }
};
struct Not {
  template <class T> static T of(T a) { return static_cast<T>(~a); }
};
struct CNot {
  template <class T> static T of(T a) { return a == 0; }
};

// Shifts by more than the width shift everything out.
struct ShiftLeft {
  template <class T> static T of(T a, uint32_t by) {
    constexpr uint32_t width = 8 * sizeof(T);
    return by < width ? static_cast<T>(static_cast<uint64_t>(a) << (by & (width - 1))) : T{0};
  }
};
struct ShiftRight {
  template <class T> static T of(T a, uint32_t by) {
    constexpr uint32_t width = 8 * sizeof(T);
    return static_cast<T>(a >> std::min(by, width - 1)) &
           static_cast<T>(std::is_signed_v<T> || by < width ? ~T{0} : T{0});
  }
};

/// The funnel {b, a} shifted; the upper half for .l, the lower for .r.
template <bool isLeft, bool clamps> struct Funnel {
  static uint32_t of(uint32_t a, uint32_t b, uint32_t by) {
    by = clamps ? std::min(by, 32u) : by & 31;
    uint64_t both = uint64_t{b} << 32 | a;
    return static_cast<uint32_t>(isLeft ? (both << by) >> 32 : both >> by);
  }
};

template <class T> uint64_t lowBits(uint32_t count) {
  return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}

struct Extract {
  template <class T> static T of(T a, uint32_t position, uint32_t length) {
    constexpr uint32_t width = 8 * sizeof(T);
    position &= 0xff;
    length &= 0xff;
    if (length == 0)
      return 0;
    bool sign = false;
    if constexpr (std::is_signed_v<T>)
      sign = a >> std::min(position + length - 1, width - 1) & 1;
    uint64_t field = position < width ? static_cast<std::make_unsigned_t<T>>(a) >> position : 0;
    uint32_t kept = std::min(length, position < width ? width - position : 0u);
    uint64_t mask = lowBits<T>(kept);
    return static_cast<T>((field & mask) | (sign ? ~mask : 0));
  }
};
struct Insert {
  template <class T> static T of(T a, T b, uint32_t position, uint32_t length) {
    constexpr uint32_t width = 8 * sizeof(T);
    position &= 0xff;
    length &= 0xff;
    if (length == 0 || position >= width)
      return b;
    uint64_t mask = lowBits<T>(std::min(length, width - position)) << position;
    return static_cast<T>((b & ~mask) | ((uint64_t{a} << position) & mask));
  }
};
struct Reverse {
  template <class T> static T of(T a) {
    T out = 0;
    for (unsigned i = 0; i < 8 * sizeof(T); ++i)
      out |= (a >> i & 1) << (8 * sizeof(T) - 1 - i);
    return out;
  }
};
struct CountOnes {
  template <class T> static uint32_t of(T a) { return static_cast<uint32_t>(std::popcount(a)); }
};
struct CountLeadingZeros {
  template <class T> static uint32_t of(T a) { return static_cast<uint32_t>(std::countl_zero(a)); }
};
/// The highest bit that is not the sign; its distance from the top for .shiftamt.
template <bool isDistance> struct FindHighest {
  template <class T> static uint32_t of(T a) {
    using U = std::make_unsigned_t<T>;
    U bits = static_cast<U>(a);
    if constexpr (std::is_signed_v<T>)
      bits = a < 0 ? static_cast<U>(~bits) : bits;
    if (bits == 0)
      return ~0u;
    uint32_t place = static_cast<uint32_t>(std::bit_width(bits)) - 1;
    return isDistance ? 8 * sizeof(T) - 1 - place : place;
  }
};
/// The place of the offset-th set bit from the base on, up or down.
struct FindNth {
  static uint32_t of(uint32_t mask, uint32_t base, uint32_t offset) {
    int32_t wanted = static_cast<int32_t>(offset);
    if (base > 31)
      return ~0u;
    if (wanted == 0)
      return mask >> base & 1 ? base : ~0u;
    int32_t step = wanted > 0 ? 1 : -1;
    int32_t left = wanted > 0 ? wanted : (wanted < -32 ? 33 : -wanted);
    for (int32_t at = static_cast<int32_t>(base); at >= 0 && at < 32; at += step)
      if (mask >> at & 1 && --left == 0)
        return static_cast<uint32_t>(at);
    return ~0u;
  }
};
template <bool clamps> struct MakeMask {
  static uint32_t of(uint32_t position, uint32_t length) {
    position = clamps ? position : position & 31;
    length = clamps ? length : length & 31;
    if (position >= 32)
      return 0;
    return static_cast<uint32_t>(lowBits<uint32_t>(std::min(length, 32u)) << position);
  }
};
template <bool clamps> struct Extend {
  template <class T> static uint32_t of(T a, uint32_t bits) {
    bits = clamps ? bits : bits & 31;
    if (bits >= 32)
      return static_cast<uint32_t>(a);
    if (bits == 0)
      return 0;
    uint32_t field = static_cast<uint32_t>(a) << (32 - bits);
    return std::is_signed_v<T> ? static_cast<uint32_t>(static_cast<int32_t>(field) >> (32 - bits))
                               : field >> (32 - bits);
  }
};

/// Selectors of four bits choose among eight bytes; the fourth repeats the byte's sign.
uint32_t permute(uint64_t bytes, uint32_t selector) {
  uint32_t out = 0;
  for (unsigned i = 0; i < 4; ++i) {
    uint32_t choice = selector >> (4 * i) & 15;
    uint32_t byte = static_cast<uint32_t>(bytes >> (8 * (choice & 7))) & 0xff;
    if (choice & 8)
      byte = byte & 0x80 ? 0xff : 0;
    out |= byte << (8 * i);
  }
  return out;
}
enum PermuteMode { Default, Forward4, Backward4, Replicate8, EdgeLeft, EdgeRight, Replicate16 };
template <PermuteMode mode> struct Permute {
  static uint32_t of(uint32_t a, uint32_t b, uint32_t selector) {
    uint32_t s = selector & 3;
    uint32_t choices = selector;
    if (mode == Forward4)
      choices = 0x3210 + 0x1111 * s;
    if (mode == Backward4)
      choices = s | ((s - 1) & 7) << 4 | ((s - 2) & 7) << 8 | ((s - 3) & 7) << 12;
    if (mode == Replicate8)
      choices = 0x1111 * s;
    if (mode == EdgeLeft)
      choices = std::max(s, 0u) | std::max(s, 1u) << 4 | std::max(s, 2u) << 8 | 3 << 12;
    if (mode == EdgeRight)
      choices = 0 | std::min(s, 1u) << 4 | std::min(s, 2u) << 8 | std::min(s, 3u) << 12;
    if (mode == Replicate16)
      choices = s & 1 ? 0x3232 : 0x1010;
    return permute(uint64_t{b} << 32 | a, choices);
  }
};

/// The truth table `detail`, its bit 4a + 2b + c for the bits a, b and c.
void lop3(Warp &warp, const Operation &op) {
  const uint32_t *a = warp.lanes<uint32_t>(op.slots[1]), *b = warp.lanes<uint32_t>(op.slots[2]),
                 *c = warp.lanes<uint32_t>(op.slots[3]);
  uint32_t all[8];
  for (unsigned i = 0; i < 8; ++i)
    all[i] = op.detail >> i & 1 ? ~0u : 0;
  uint32_t results[numLanes];
  for (unsigned lane = 0; lane < numLanes; ++lane) {
    uint32_t x = a[lane], y = b[lane], z = c[lane];
    uint32_t low = (~y & ((~z & all[0]) | (z & all[1]))) | (y & ((~z & all[2]) | (z & all[3])));
    uint32_t high = (~y & ((~z & all[4]) | (z & all[5]))) | (y & ((~z & all[6]) | (z & all[7])));
    results[lane] = (~x & low) | (x & high);
  }
  store(warp, op.slots[0], results);
}

//===----------------------------------------------------------------------===//
// Choice of the function for a form
//===----------------------------------------------------------------------===//

template <class Function> bool withBits(Type type, Function &&function) {
  switch (type) {
  case Type::B16:
  case Type::U16:
    return function(uint16_t{});
  case Type::S16:
    return function(int16_t{});
  case Type::B32:
  case Type::U32:
    return function(uint32_t{});
  case Type::S32:
    return function(int32_t{});
  case Type::B64:
  case Type::U64:
    return function(uint64_t{});
  case Type::S64:
    return function(int64_t{});
  default:
    return false;
  }
}

template <class F, unsigned sources> bool selectLogic(const Form &form, Operation &op) {
  return withBits(form.types[0], [&]<class T>(T) {
    if constexpr (sources == 1)
      op.execute = Map<F, T, T>::execute;
    else
      op.execute = Map<F, T, T, T>::execute;
    return true;
  });
}

/// On predicates, all lanes at once.
template <class F, unsigned sources> void predicateLogic(Warp &warp, const Operation &op) {
  auto source = [&](unsigned i) {
    return warp.predicate(op.slots[i]) ^ (op.detail >> i & 1 ? allLanes : 0);
  };
  if constexpr (sources == 1)
    storePredicate(warp, op.slots[0], F::of(source(1)));
  else
    storePredicate(warp, op.slots[0], F::of(source(1), source(2)));
}
template <class F, unsigned sources> bool selectPredicate(const Form &form, Operation &op) {
  op.execute = predicateLogic<F, sources>;
  op.detail = form.negated;
  return true;
}

template <class F> bool selectShift(const Form &form, Operation &op) {
  return withBits(form.types[0], [&]<class T>(T) {
    op.execute = Map<F, T, T, uint32_t>::execute;
    return true;
  });
}

bool selectFunnel(const Form &form, Operation &op) {
  constexpr Execute all[2][2] = {
      {Map<Funnel<false, false>, uint32_t, uint32_t, uint32_t, uint32_t>::execute,
       Map<Funnel<false, true>, uint32_t, uint32_t, uint32_t, uint32_t>::execute},
      {Map<Funnel<true, false>, uint32_t, uint32_t, uint32_t, uint32_t>::execute,
       Map<Funnel<true, true>, uint32_t, uint32_t, uint32_t, uint32_t>::execute}};
  op.execute = all[form.has("l")][form.has("clamp")];
  return true;
}

bool selectExtract(const Form &form, Operation &op) {
  return withBits(form.types[0], [&]<class T>(T) {
    op.execute = Map<Extract, T, T, uint32_t, uint32_t>::execute;
    return true;
  });
}
bool selectInsert(const Form &form, Operation &op) {
  bool isWide = form.types[0] == Type::B64;
  op.execute = isWide ? Map<Insert, uint64_t, uint64_t, uint64_t, uint32_t, uint32_t>::execute
                      : Map<Insert, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t>::execute;
  return true;
}
template <class F> bool selectCount(const Form &form, Operation &op) {
  bool isWide = form.types[0] == Type::B64;
  op.execute = isWide ? Map<F, uint32_t, uint64_t>::execute : Map<F, uint32_t, uint32_t>::execute;
  return true;
}
bool selectFind(const Form &form, Operation &op) {
  bool isDistance = form.has("shiftamt");
  return withBits(form.types[0], [&]<class T>(T) {
    op.execute = isDistance ? Map<FindHighest<true>, uint32_t, T>::execute
                            : Map<FindHighest<false>, uint32_t, T>::execute;
    return true;
  });
}
bool selectNth(const Form &, Operation &op) {
  op.execute = Map<FindNth, uint32_t, uint32_t, uint32_t, uint32_t>::execute;
  return true;
}
bool selectMask(const Form &form, Operation &op) {
  op.execute = form.has("clamp") ? Map<MakeMask<true>, uint32_t, uint32_t, uint32_t>::execute
                                 : Map<MakeMask<false>, uint32_t, uint32_t, uint32_t>::execute;
  return true;
}
bool selectExtend(const Form &form, Operation &op) {
  constexpr Execute all[2][2] = {{Map<Extend<false>, uint32_t, uint32_t, uint32_t>::execute,
                                  Map<Extend<true>, uint32_t, uint32_t, uint32_t>::execute},
                                 {Map<Extend<false>, uint32_t, int32_t, uint32_t>::execute,
                                  Map<Extend<true>, uint32_t, int32_t, uint32_t>::execute}};
  op.execute = all[form.types[0] == Type::S32][form.has("clamp")];
  return true;
}
bool selectPermute(const Form &form, Operation &op) {
  constexpr Execute all[] = {
      Map<Permute<Forward4>, uint32_t, uint32_t, uint32_t, uint32_t>::execute,
      Map<Permute<Backward4>, uint32_t, uint32_t, uint32_t, uint32_t>::execute,
      Map<Permute<Replicate8>, uint32_t, uint32_t, uint32_t, uint32_t>::execute,
      Map<Permute<EdgeLeft>, uint32_t, uint32_t, uint32_t, uint32_t>::execute,
      Map<Permute<EdgeRight>, uint32_t, uint32_t, uint32_t, uint32_t>::execute,
      Map<Permute<Replicate16>, uint32_t, uint32_t, uint32_t, uint32_t>::execute};
  int mode = form.which({"f4e", "b4e", "rc8", "ecl", "ecr", "rc16"});
  op.execute =
      mode < 0 ? Map<Permute<Default>, uint32_t, uint32_t, uint32_t, uint32_t>::execute : all[mode];
  return true;
}
bool selectLop3(const Form &, Operation &op) {
  op.execute = lop3;
  op.detail = op.slots[4];
  return op.detail < 256;
}

constexpr Row rows[] = {
    {"and", "b16|b32|b64", ">T T T", Class::Bits, selectLogic<And, 2>},
    {"or", "b16|b32|b64", ">T T T", Class::Bits, selectLogic<Or, 2>},
    {"xor", "b16|b32|b64", ">T T T", Class::Bits, selectLogic<Xor, 2>},
    {"not", "b16|b32|b64", ">T T", Class::Bits, selectLogic<Not, 1>},
    {"cnot", "b16|b32|b64", ">T T", Class::Bits, selectLogic<CNot, 1>},
    {"and", "pred", ">pred pred pred", Class::Compare, selectPredicate<And, 2>},
    {"or", "pred", ">pred pred pred", Class::Compare, selectPredicate<Or, 2>},
    {"xor", "pred", ">pred pred pred", Class::Compare, selectPredicate<Xor, 2>},
    {"not", "pred", ">pred pred", Class::Compare, selectPredicate<Not, 1>},
    {"shl", "b16|b32|b64", ">T T u32", Class::Bits, selectShift<ShiftLeft>},
    {"shr", "b16|b32|b64|u16|u32|u64|s16|s32|s64", ">T T u32", Class::Bits,
     selectShift<ShiftRight>},
    {"shf", "l|r clamp|wrap b32", ">b32 b32 b32 u32", Class::Bits, selectFunnel},
    {"lop3", "b32", ">b32 b32 b32 b32 #", Class::Bits, selectLop3},
    {"bfe", "u32|s32|u64|s64", ">T T u32 u32", Class::Bits, selectExtract},
    {"bfi", "b32|b64", ">T T T u32 u32", Class::Bits, selectInsert},
    {"brev", "b32|b64", ">T T", Class::Bits, selectLogic<Reverse, 1>},
    {"popc", "b32|b64", ">u32 T", Class::Bits, selectCount<CountOnes>},
    {"clz", "b32|b64", ">u32 T", Class::Bits, selectCount<CountLeadingZeros>},
    {"bfind", "?shiftamt u32|s32|u64|s64", ">u32 T", Class::Bits, selectFind},
    {"fns", "b32", ">b32 b32 b32 s32", Class::Bits, selectNth},
    {"bmsk", "clamp|wrap b32", ">b32 b32 b32", Class::Bits, selectMask},
    {"szext", "clamp|wrap u32|s32", ">T T u32", Class::Bits, selectExtend},
    {"prmt", "b32 ?f4e|b4e|rc8|ecl|ecr|rc16", ">b32 b32 b32 b32", Class::Bits, selectPermute},
};

} // namespace

std::span<const Row> bitRows() { return rows; }

} // namespace tern::runtime::emulator
