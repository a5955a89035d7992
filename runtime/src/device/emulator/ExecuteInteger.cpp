// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Lanes.h"
#include "runtime/src/device/emulator/Table.h"

#include <algorithm>
#include <limits>
#include <type_traits>

namespace tern::runtime::emulator {

namespace {

// Sums and products are taken without sign, where they wrap round. Types narrower than int would
// be promoted to it, so they are widened beforehand.
template <class T> using Wrapping = std::common_type_t<std::make_unsigned_t<T>, unsigned>;
template <class T> Wrapping<T> wrap(T value) { return static_cast<Wrapping<T>>(value); }

template <class T> struct Wide;
template <> struct Wide<uint16_t> {
  using Type = uint32_t;
};
template <> struct Wide<int16_t> {
  using Type = int32_t;
};
template <> struct Wide<uint32_t> {
  using Type = uint64_t;
};
template <> struct Wide<int32_t> {
  using Type = int64_t;
};
template <> struct Wide<uint64_t> {
  using Type = unsigned __int128;
};
template <> struct Wide<int64_t> {
  using Type = __int128;
};
template <class T> using WideOf = typename Wide<T>::Type;

template <class T> WideOf<T> product(T a, T b) {
  return static_cast<WideOf<T>>(static_cast<WideOf<T>>(a) * static_cast<WideOf<T>>(b));
}

struct Add {
  template <class T> static T of(T a, T b) { return static_cast<T>(wrap(a) + wrap(b)); }
};
struct Sub {
  template <class T> static T of(T a, T b) { return static_cast<T>(wrap(a) - wrap(b)); }
};
struct AddSaturated {
  static int32_t of(int32_t a, int32_t b) {
    return static_cast<int32_t>(std::clamp<int64_t>(
        int64_t{a} + b, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()));
  }
};
struct SubSaturated {
  static int32_t of(int32_t a, int32_t b) {
    return static_cast<int32_t>(std::clamp<int64_t>(
        int64_t{a} - b, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()));
  }
};
struct MulLow {
  template <class T> static T of(T a, T b) { return static_cast<T>(wrap(a) * wrap(b)); }
};
struct MulHigh {
  template <class T> static T of(T a, T b) {
    return static_cast<T>(product(a, b) >> (8 * sizeof(T)));
  }
};
struct MulWide {
  template <class T> static WideOf<T> of(T a, T b) { return product(a, b); }
};
struct MadLow {
  template <class T> static T of(T a, T b, T c) {
    return static_cast<T>(wrap(a) * wrap(b) + wrap(c));
  }
};
struct MadHigh {
  template <class T> static T of(T a, T b, T c) { return Add::of(MulHigh::of(a, b), c); }
};
struct MadHighSaturated {
  static int32_t of(int32_t a, int32_t b, int32_t c) {
    return AddSaturated::of(MulHigh::of(a, b), c);
  }
};
struct MadWide {
  template <class T> static WideOf<T> of(T a, T b, WideOf<T> c) {
    return Add::of(product(a, b), c);
  }
};

/// Of the low 24 bits.
template <class T> int64_t product24(T a, T b) {
  if constexpr (std::is_signed_v<T>)
    return (int64_t{static_cast<int32_t>(wrap(a) << 8)} >> 8) *
           (int64_t{static_cast<int32_t>(wrap(b) << 8)} >> 8);
  else
    return static_cast<int64_t>(uint64_t{a & 0xffffff} * uint64_t{b & 0xffffff});
}
struct Mul24Low {
  template <class T> static T of(T a, T b) { return static_cast<T>(product24(a, b)); }
};
struct Mul24High {
  template <class T> static T of(T a, T b) { return static_cast<T>(product24(a, b) >> 16); }
};
struct Mad24Low {
  template <class T> static T of(T a, T b, T c) { return Add::of(Mul24Low::of(a, b), c); }
};
struct Mad24High {
  template <class T> static T of(T a, T b, T c) { return Add::of(Mul24High::of(a, b), c); }
};

struct Sad {
  template <class T> static T of(T a, T b, T c) {
    return static_cast<T>(wrap(c) + (a < b ? wrap(b) - wrap(a) : wrap(a) - wrap(b)));
  }
};

/// What PTX leaves open is as GPUs have it: division by zero gives all ones, the remainder then is
/// the dividend.
struct Div {
  template <class T> static T of(T a, T b) {
    if (b == 0)
      return static_cast<T>(~T{0});
    if constexpr (std::is_signed_v<T>)
      if (b == -1)
        return Sub::of(T{0}, a);
    return static_cast<T>(a / b);
  }
};
struct Rem {
  template <class T> static T of(T a, T b) {
    if (b == 0)
      return a;
    if constexpr (std::is_signed_v<T>)
      if (b == -1)
        return 0;
    return static_cast<T>(a % b);
  }
};
struct Abs {
  template <class T> static T of(T a) { return a < 0 ? Sub::of(T{0}, a) : a; }
};
struct Neg {
  template <class T> static T of(T a) { return Sub::of(T{0}, a); }
};
struct Min {
  template <class T> static T of(T a, T b) { return std::min(a, b); }
};
struct Max {
  template <class T> static T of(T a, T b) { return std::max(a, b); }
};

template <bool isSigned, bool otherIsSigned> struct Dot4 {
  static uint32_t of(uint32_t a, uint32_t b, uint32_t c) {
    for (unsigned i = 0; i < 32; i += 8) {
      int left = isSigned ? int{static_cast<int8_t>(a >> i)} : int{static_cast<uint8_t>(a >> i)};
      int right =
          otherIsSigned ? int{static_cast<int8_t>(b >> i)} : int{static_cast<uint8_t>(b >> i)};
      c += static_cast<uint32_t>(left * right);
    }
    return c;
  }
};

/// Halves of a with two bytes of b, the upper ones for .hi.
template <bool isSigned, bool otherIsSigned, bool isHigh> struct Dot2 {
  static uint32_t of(uint32_t a, uint32_t b, uint32_t c) {
    for (unsigned i = 0; i < 2; ++i) {
      uint32_t half = a >> (16 * i), byte = b >> (8 * i + (isHigh ? 16 : 0));
      int left = isSigned ? int{static_cast<int16_t>(half)} : int{static_cast<uint16_t>(half)};
      int right = otherIsSigned ? int{static_cast<int8_t>(byte)} : int{static_cast<uint8_t>(byte)};
      c += static_cast<uint32_t>(left * right);
    }
    return c;
  }
};

/// With the carry flag of each lane.
template <class T, bool isSub, bool usesCarry, bool setsCarry> struct Carry {
  static void execute(Warp &warp, const Operation &op) {
    const T *a = warp.lanes<const T>(op.slots[1]), *b = warp.lanes<const T>(op.slots[2]);
    T results[numLanes];
    uint32_t carry = 0;
    for (unsigned lane = 0; lane < numLanes; ++lane) {
      // a - b is a + ~b + 1, and a borrow is a carry that is missing.
      bool in = usesCarry ? (warp.carry >> lane & 1) != 0 : false;
      T other = isSub ? static_cast<T>(~b[lane]) : b[lane];
      T one = isSub ? T{!in} : T{in};
      T sum = a[lane] + other;
      T all = sum + one;
      bool out = sum < a[lane] || all < sum;
      carry |= uint32_t{isSub ? !out : out} << lane;
      results[lane] = all;
    }
    if (setsCarry)
      warp.carry = (warp.carry & ~warp.mask) | (carry & warp.mask);
    store(warp, op.slots[0], results);
  }
};

template <class T, bool isHigh, bool usesCarry, bool setsCarry> struct MadCarry {
  static void execute(Warp &warp, const Operation &op) {
    const T *a = warp.lanes<const T>(op.slots[1]), *b = warp.lanes<const T>(op.slots[2]),
            *c = warp.lanes<const T>(op.slots[3]);
    using U = std::make_unsigned_t<T>;
    U results[numLanes];
    uint32_t carry = 0;
    for (unsigned lane = 0; lane < numLanes; ++lane) {
      U part =
          static_cast<U>(isHigh ? MulHigh::of(a[lane], b[lane]) : MulLow::of(a[lane], b[lane]));
      U sum = part + static_cast<U>(c[lane]);
      U all = sum + U{usesCarry && (warp.carry >> lane & 1)};
      carry |= uint32_t{sum < part || all < sum} << lane;
      results[lane] = all;
    }
    if (setsCarry)
      warp.carry = (warp.carry & ~warp.mask) | (carry & warp.mask);
    store(warp, op.slots[0], results);
  }
};

//===----------------------------------------------------------------------===//
// Choice of the function for a form
//===----------------------------------------------------------------------===//

/// Calls the function with a value of the C++ type that holds the PTX type.
template <class Function> bool withType(Type type, Function &&function) {
  switch (type) {
  case Type::U16:
    return function(uint16_t{});
  case Type::S16:
    return function(int16_t{});
  case Type::U32:
    return function(uint32_t{});
  case Type::S32:
    return function(int32_t{});
  case Type::U64:
    return function(uint64_t{});
  case Type::S64:
    return function(int64_t{});
  default:
    return false;
  }
}

template <class F, unsigned sources> bool selectMap(const Form &form, Operation &op) {
  return withType(form.types[0], [&]<class T>(T) {
    if constexpr (sources == 1)
      op.execute = Map<F, T, T>::execute;
    else if constexpr (sources == 2)
      op.execute = Map<F, T, T, T>::execute;
    else
      op.execute = Map<F, T, T, T, T>::execute;
    return true;
  });
}

template <bool isSub> bool selectAdd(const Form &form, Operation &op) {
  if (!form.has("sat"))
    return isSub ? selectMap<Sub, 2>(form, op) : selectMap<Add, 2>(form, op);
  op.execute = isSub ? Map<SubSaturated, int32_t, int32_t, int32_t>::execute
                     : Map<AddSaturated, int32_t, int32_t, int32_t>::execute;
  return form.types[0] == Type::S32;
}

bool selectMul(const Form &form, Operation &op) {
  if (form.has("hi"))
    return selectMap<MulHigh, 2>(form, op);
  if (form.has("lo"))
    return selectMap<MulLow, 2>(form, op);
  return withType(form.types[0], [&]<class T>(T) {
    if constexpr (sizeof(T) < 8)
      op.execute = Map<MulWide, WideOf<T>, T, T>::execute;
    return sizeof(T) < 8;
  });
}

bool selectMad(const Form &form, Operation &op) {
  if (form.has("sat")) {
    op.execute = Map<MadHighSaturated, int32_t, int32_t, int32_t, int32_t>::execute;
    return form.has("hi") && form.types[0] == Type::S32;
  }
  if (form.has("hi"))
    return selectMap<MadHigh, 3>(form, op);
  if (form.has("lo"))
    return selectMap<MadLow, 3>(form, op);
  return withType(form.types[0], [&]<class T>(T) {
    if constexpr (sizeof(T) < 8)
      op.execute = Map<MadWide, WideOf<T>, T, T, WideOf<T>>::execute;
    return sizeof(T) < 8;
  });
}

/// Two halves of a word, each by itself.
template <class F, class T> struct Halves {
  static uint32_t of(uint32_t a, uint32_t b) {
    uint16_t low = static_cast<uint16_t>(F::of(static_cast<T>(a), static_cast<T>(b)));
    uint16_t high = static_cast<uint16_t>(F::of(static_cast<T>(a >> 16), static_cast<T>(b >> 16)));
    return uint32_t{high} << 16 | low;
  }
};
template <class F> bool selectHalves(const Form &form, Operation &op) {
  op.execute = form.types[0] == Type::S16x2
                   ? Map<Halves<F, int16_t>, uint32_t, uint32_t, uint32_t>::execute
                   : Map<Halves<F, uint16_t>, uint32_t, uint32_t, uint32_t>::execute;
  return true;
}

template <class Low, class High, unsigned sources> bool select24(const Form &form, Operation &op) {
  bool isSigned = form.types[0] == Type::S32;
  auto pick = [&]<class F>(F) {
    if constexpr (sources == 2)
      op.execute = isSigned ? Map<F, int32_t, int32_t, int32_t>::execute
                            : Map<F, uint32_t, uint32_t, uint32_t>::execute;
    else
      op.execute = isSigned ? Map<F, int32_t, int32_t, int32_t, int32_t>::execute
                            : Map<F, uint32_t, uint32_t, uint32_t, uint32_t>::execute;
  };
  if (form.has("hi"))
    pick(High{});
  else
    pick(Low{});
  return true;
}

bool selectDot4(const Form &form, Operation &op) {
  constexpr Execute all[2][2] = {
      {Map<Dot4<false, false>, uint32_t, uint32_t, uint32_t, uint32_t>::execute,
       Map<Dot4<false, true>, uint32_t, uint32_t, uint32_t, uint32_t>::execute},
      {Map<Dot4<true, false>, uint32_t, uint32_t, uint32_t, uint32_t>::execute,
       Map<Dot4<true, true>, uint32_t, uint32_t, uint32_t, uint32_t>::execute}};
  op.execute = all[isSigned(form.types[0])][isSigned(form.types[1])];
  return true;
}

template <bool isHigh> Execute dot2(const Form &form) {
  constexpr Execute all[2][2] = {
      {Map<Dot2<false, false, isHigh>, uint32_t, uint32_t, uint32_t, uint32_t>::execute,
       Map<Dot2<false, true, isHigh>, uint32_t, uint32_t, uint32_t, uint32_t>::execute},
      {Map<Dot2<true, false, isHigh>, uint32_t, uint32_t, uint32_t, uint32_t>::execute,
       Map<Dot2<true, true, isHigh>, uint32_t, uint32_t, uint32_t, uint32_t>::execute}};
  return all[isSigned(form.types[0])][isSigned(form.types[1])];
}

bool selectDot2(const Form &form, Operation &op) {
  op.execute = form.has("hi") ? dot2<true>(form) : dot2<false>(form);
  return true;
}

template <bool isSub, bool usesCarry> bool selectCarry(const Form &form, Operation &op) {
  bool sets = form.has("cc");
  if (!usesCarry && !sets)
    return false;
  auto pick = [&]<class T>(T) {
    op.execute = sets ? Carry<T, isSub, usesCarry, true>::execute
                      : Carry<T, isSub, usesCarry, false>::execute;
    return true;
  };
  return bytesOf(form.types[0]) == 8 ? pick(uint64_t{}) : pick(uint32_t{});
}

template <bool usesCarry> bool selectMadCarry(const Form &form, Operation &op) {
  bool sets = form.has("cc"), isHigh = form.has("hi");
  if (!usesCarry && !sets)
    return false;
  return withType(form.types[0], [&]<class T>(T) {
    if (isHigh)
      op.execute = sets ? MadCarry<T, true, usesCarry, true>::execute
                        : MadCarry<T, true, usesCarry, false>::execute;
    else
      op.execute = sets ? MadCarry<T, false, usesCarry, true>::execute
                        : MadCarry<T, false, usesCarry, false>::execute;
    return true;
  });
}

constexpr Row rows[] = {
    {"add", "?sat u16|u32|u64|s16|s32|s64", ">T T T", Class::Integer, selectAdd<false>, 1},
    {"sub", "?sat u16|u32|u64|s16|s32|s64", ">T T T", Class::Integer, selectAdd<true>, 1},
    {"add", "cc u32|s32|u64|s64", ">T T T", Class::Integer, selectCarry<false, false>, 1},
    {"addc", "?cc u32|s32|u64|s64", ">T T T", Class::Integer, selectCarry<false, true>, 1},
    {"sub", "cc u32|s32|u64|s64", ">T T T", Class::Integer, selectCarry<true, false>, 1},
    {"subc", "?cc u32|s32|u64|s64", ">T T T", Class::Integer, selectCarry<true, true>, 1},
    {"mul", "hi|lo u16|u32|u64|s16|s32|s64", ">T T T", Class::Integer, selectMul, 1},
    {"mul", "wide u16|u32|s16|s32", ">W T T", Class::Integer, selectMul, 1},
    {"mad", "hi|lo ?sat u16|u32|u64|s16|s32|s64", ">T T T T", Class::Integer, selectMad, 2},
    {"mad", "wide u16|u32|s16|s32", ">W T T W", Class::Integer, selectMad, 2},
    {"mad", "hi|lo cc u32|s32|u64|s64", ">T T T T", Class::Integer, selectMadCarry<false>, 2},
    {"madc", "hi|lo ?cc u32|s32|u64|s64", ">T T T T", Class::Integer, selectMadCarry<true>, 2},
    {"mul24", "hi|lo u32|s32", ">T T T", Class::Integer, select24<Mul24Low, Mul24High, 2>, 1},
    {"mad24", "hi|lo u32|s32", ">T T T T", Class::Integer, select24<Mad24Low, Mad24High, 3>, 2},
    {"sad", "u16|u32|u64|s16|s32|s64", ">T T T T", Class::Integer, selectMap<Sad, 3>, 2},
    {"div", "u16|u32|u64|s16|s32|s64", ">T T T", Class::Integer, selectMap<Div, 2>, 1},
    {"rem", "u16|u32|u64|s16|s32|s64", ">T T T", Class::Integer, selectMap<Rem, 2>, 1},
    {"abs", "s16|s32|s64", ">T T", Class::Integer, selectMap<Abs, 1>, 1},
    {"neg", "s16|s32|s64", ">T T", Class::Integer, selectMap<Neg, 1>, 1},
    {"min", "u16|u32|u64|s16|s32|s64", ">T T T", Class::Integer, selectMap<Min, 2>, 1},
    {"max", "u16|u32|u64|s16|s32|s64", ">T T T", Class::Integer, selectMap<Max, 2>, 1},
    {"add", "u16x2|s16x2", ">T T T", Class::Integer, selectHalves<Add>, 2, 90},
    {"min", "u16x2|s16x2", ">T T T", Class::Integer, selectHalves<Min>, 2, 90},
    {"max", "u16x2|s16x2", ">T T T", Class::Integer, selectHalves<Max>, 2, 90},
    {"dp4a", "u32|s32 u32|s32", ">b32 b32 b32 b32", Class::Integer, selectDot4, 8},
    {"dp2a", "lo|hi u32|s32 u32|s32", ">b32 b32 b32 b32", Class::Integer, selectDot2, 4},
};

} // namespace

std::span<const Row> integerRows() { return rows; }

} // namespace tern::runtime::emulator
