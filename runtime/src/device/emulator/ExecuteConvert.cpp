// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Lanes.h"
#include "runtime/src/device/emulator/Numbers.h"
#include "runtime/src/device/emulator/Table.h"

#include <algorithm>
#include <cfenv>

/// cvt; compiled with -frounding-math, as f32 and f64 are rounded in the host's modes.
namespace tern::runtime::emulator {

namespace {

//===----------------------------------------------------------------------===//
// Any type to any other: read, convert, write
//===----------------------------------------------------------------------===//

/// What the general conversion is to do, packed into Operation::detail.
struct Plan {
  Type to, from;
  uint8_t toBytes, fromBytes; ///< of the registers
  Rounding rounding;
  bool toWhole, saturates, flushes;

  uint32_t pack() const {
    return static_cast<uint32_t>(to) | static_cast<uint32_t>(from) << 6 |
           static_cast<uint32_t>(toBytes) << 12 | static_cast<uint32_t>(fromBytes) << 16 |
           static_cast<uint32_t>(rounding) << 20 | uint32_t{toWhole} << 24 |
           uint32_t{saturates} << 25 | uint32_t{flushes} << 26;
  }
  static Plan unpack(uint32_t bits) {
    return {static_cast<Type>(bits & 63),
            static_cast<Type>(bits >> 6 & 63),
            static_cast<uint8_t>(bits >> 12 & 15),
            static_cast<uint8_t>(bits >> 16 & 15),
            static_cast<Rounding>(bits >> 20 & 15),
            (bits >> 24 & 1) != 0,
            (bits >> 25 & 1) != 0,
            (bits >> 26 & 1) != 0};
  }
};

uint64_t readBits(Warp &warp, uint32_t slot, unsigned bytes, unsigned lane) {
  return bytes == 8   ? warp.lanes<uint64_t>(slot)[lane]
         : bytes == 4 ? warp.lanes<uint32_t>(slot)[lane]
                      : warp.lanes<uint16_t>(slot)[lane];
}

/// The low bits of a register as a whole number of the type, in 128 bits.
__int128 wholeOf(uint64_t bits, Type type) {
  unsigned unused = 64 - 8 * bytesOf(type);
  return isSigned(type) ? __int128{static_cast<int64_t>(bits << unused) >> unused}
                        : __int128{(bits << unused) >> unused};
}

double realOf(uint64_t bits, Type type, bool flushes) {
  switch (type) {
  case Type::F16:
    return fromHalf(static_cast<uint16_t>(bits));
  case Type::Bf16:
    return fromBf16(static_cast<uint16_t>(bits));
  case Type::F32: {
    float value = std::bit_cast<float>(static_cast<uint32_t>(bits));
    return flushes ? flush(value) : value;
  }
  default:
    return std::bit_cast<double>(bits);
  }
}

__int128 leastOf(Type type) {
  return isSigned(type) ? -(__int128{1} << (8 * bytesOf(type) - 1)) : 0;
}
__int128 mostOf(Type type) { return (__int128{1} << (8 * bytesOf(type) - isSigned(type))) - 1; }

double roundWhole(double value, Rounding rounding) {
  switch (rounding) {
  case Rounding::Zero:
    return std::trunc(value);
  case Rounding::Down:
    return std::floor(value);
  case Rounding::Up:
    return std::ceil(value);
  default:
    return std::nearbyint(value);
  }
}

/// NaN becomes 0, numbers beyond the type its nearest.
__int128 wholeFrom(double value, const Plan &plan) {
  if (value != value)
    return 0;
  double whole = roundWhole(value, plan.rounding);
  if (whole <= -0x1p100 || whole >= 0x1p100)
    return whole < 0 ? leastOf(plan.to) : mostOf(plan.to);
  return std::clamp(static_cast<__int128>(whole), leastOf(plan.to), mostOf(plan.to));
}

int modeOf(Rounding rounding) {
  switch (rounding) {
  case Rounding::Zero:
    return FE_TOWARDZERO;
  case Rounding::Down:
    return FE_DOWNWARD;
  case Rounding::Up:
    return FE_UPWARD;
  default:
    return FE_TONEAREST;
  }
}

template <class T> uint64_t finish32(T value, const Plan &plan) {
  float result = static_cast<float>(value);
  if (plan.flushes)
    result = flush(result);
  return std::bit_cast<uint32_t>(plan.saturates ? saturate(result) : canonical(result));
}

/// The bits of a number in the destination's format; `value` is a double or an exact integer.
template <class T> uint64_t realBits(T value, const Plan &plan) {
  if (plan.to == Type::F32)
    return finish32(value, plan);
  double real = static_cast<double>(value);
  if (plan.saturates)
    real = real > 0 ? std::min(real, 1.0) : 0.0;
  if (plan.to == Type::F64)
    return std::bit_cast<uint64_t>(real);
  return narrow(real, plan.to == Type::F16 ? half : bfloat, plan.rounding);
}

uint64_t convertLane(uint64_t bits, const Plan &plan) {
  if (!isFloat(plan.from)) {
    __int128 whole = wholeOf(bits, plan.from);
    if (!isFloat(plan.to)) {
      if (plan.saturates)
        whole = std::clamp(whole, leastOf(plan.to), mostOf(plan.to));
      return static_cast<uint64_t>(wholeOf(static_cast<uint64_t>(whole), plan.to));
    }
    return isSigned(plan.from) ? realBits(static_cast<int64_t>(whole), plan)
                               : realBits(static_cast<uint64_t>(whole), plan);
  }
  double real = realOf(bits, plan.from, plan.flushes);
  if (!isFloat(plan.to))
    return static_cast<uint64_t>(wholeFrom(real, plan));
  return realBits(plan.toWhole ? roundWhole(real, plan.rounding) : real, plan);
}

void convert(Warp &warp, const Operation &op) {
  Plan plan = Plan::unpack(op.detail);
  int mode = isFloat(plan.to) && !plan.toWhole ? modeOf(plan.rounding) : FE_TONEAREST;
  std::fesetround(mode);
  uint64_t results[numLanes];
  for (unsigned lane = 0; lane < numLanes; ++lane)
    results[lane] = convertLane(readBits(warp, op.slots[1], plan.fromBytes, lane), plan);
  std::fesetround(FE_TONEAREST);
  auto write = [&]<class T>(T) {
    T narrowed[numLanes];
    for (unsigned lane = 0; lane < numLanes; ++lane)
      narrowed[lane] = static_cast<T>(results[lane]);
    store(warp, op.slots[0], narrowed);
  };
  if (plan.toBytes == 8)
    write(uint64_t{});
  else if (plan.toBytes == 4)
    write(uint32_t{});
  else
    write(uint16_t{});
}

//===----------------------------------------------------------------------===//
// The common ones, in loops of their own
//===----------------------------------------------------------------------===//

struct HalfToFloat {
  static float of(uint16_t a) { return canonical(fromHalf(a)); }
};
struct FloatToHalf {
  static uint16_t of(float a) { return toHalf(a); }
};
struct Bf16ToFloat {
  static float of(uint16_t a) { return canonical(fromBf16(a)); }
};
struct FloatToBf16 {
  static uint16_t of(float a) { return toBf16(a); }
};
template <class D> struct To {
  template <class S> static D of(S a) { return static_cast<D>(a); }
};
struct FloatToInt {
  static int32_t of(float a) {
    double value = std::clamp(double{a}, -0x1p31, 0x1p31 - 1);
    return a == a ? static_cast<int32_t>(value) : 0;
  }
};

Execute common(const Plan &plan) {
  struct Entry {
    Type to, from;
    Rounding rounding;
    uint8_t toBytes, fromBytes;
    Execute execute;
  };
  constexpr auto near = Rounding::Nearest, zero = Rounding::Zero;
  static constexpr Entry entries[] = {
      {Type::F32, Type::F16, near, 4, 2, Map<HalfToFloat, float, uint16_t>::execute},
      {Type::F16, Type::F32, near, 2, 4, Map<FloatToHalf, uint16_t, float>::execute},
      {Type::F32, Type::Bf16, near, 4, 2, Map<Bf16ToFloat, float, uint16_t>::execute},
      {Type::Bf16, Type::F32, near, 2, 4, Map<FloatToBf16, uint16_t, float>::execute},
      {Type::F32, Type::S32, near, 4, 4, Map<To<float>, float, int32_t>::execute},
      {Type::F32, Type::U32, near, 4, 4, Map<To<float>, float, uint32_t>::execute},
      {Type::S32, Type::F32, zero, 4, 4, Map<FloatToInt, int32_t, float>::execute},
      {Type::U64, Type::U32, near, 8, 4, Map<To<uint64_t>, uint64_t, uint32_t>::execute},
      {Type::S64, Type::S32, near, 8, 4, Map<To<int64_t>, int64_t, int32_t>::execute},
      {Type::U32, Type::U64, near, 4, 8, Map<To<uint32_t>, uint32_t, uint64_t>::execute},
      {Type::U32, Type::U16, near, 4, 2, Map<To<uint32_t>, uint32_t, uint16_t>::execute},
      {Type::U16, Type::U32, near, 2, 4, Map<To<uint16_t>, uint16_t, uint32_t>::execute},
  };
  bool isWhole = plan.toWhole && isFloat(plan.to);
  if (plan.saturates || plan.flushes || isWhole)
    return nullptr;
  for (const Entry &entry : entries)
    if (entry.to == plan.to && entry.from == plan.from && entry.rounding == plan.rounding &&
        entry.toBytes == plan.toBytes && entry.fromBytes == plan.fromBytes)
      return entry.execute;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Pairs, tf32, eight bits
//===----------------------------------------------------------------------===//

/// The first source goes to the upper half.
template <bool isBf16, bool rectifies> struct PackNear {
  static uint32_t one(float a) {
    a = rectifies && a < 0 ? 0.0f : a;
    uint32_t bits = isBf16 ? toBf16(a) : toHalf(a);
    return rectifies && bits == 0x8000 ? 0 : bits;
  }
  static uint32_t of(float a, float b) { return one(a) << 16 | one(b); }
};
template <bool isBf16, bool rectifies> struct PackZero {
  static uint32_t one(float a) {
    a = rectifies && a < 0 ? 0.0f : a;
    uint32_t bits = narrow(a, isBf16 ? bfloat : half, Rounding::Zero);
    return rectifies && bits == 0x8000 ? 0 : bits;
  }
  static uint32_t of(float a, float b) { return one(a) << 16 | one(b); }
};
template <class Pack> struct Single {
  static uint16_t of(float a) { return static_cast<uint16_t>(Pack::one(a)); }
};
bool selectRectified(const Form &form, Operation &op) {
  constexpr Execute all[2][2] = {{Map<Single<PackNear<false, true>>, uint16_t, float>::execute,
                                  Map<Single<PackZero<false, true>>, uint16_t, float>::execute},
                                 {Map<Single<PackNear<true, true>>, uint16_t, float>::execute,
                                  Map<Single<PackZero<true, true>>, uint16_t, float>::execute}};
  op.execute = all[form.types[0] == Type::Bf16][form.has("rz")];
  return true;
}
bool selectPair(const Form &form, Operation &op) {
  bool isBf16 = form.types[0] == Type::Bf16x2, rectifies = form.has("relu");
  auto pick = [&]<bool bf16, bool relu>() {
    op.execute = form.has("rz") ? Map<PackZero<bf16, relu>, uint32_t, float, float>::execute
                                : Map<PackNear<bf16, relu>, uint32_t, float, float>::execute;
    return true;
  };
  if (isBf16)
    return rectifies ? pick.template operator()<true, true>()
                     : pick.template operator()<true, false>();
  return rectifies ? pick.template operator()<false, true>()
                   : pick.template operator()<false, false>();
}

template <Rounding rounding> struct ToTensorFloat {
  static uint32_t of(float a) {
    if (a != a)
      return canonicalNan;
    bool isNegative = std::signbit(a);
    uint32_t bits = narrowMagnitude(std::fabs(a), isNegative, tensorFloat, rounding);
    return bits << 13 | (isNegative ? 0x80000000 : 0);
  }
};
bool selectTensorFloat(const Form &form, Operation &op) {
  op.execute = form.has("rna")  ? Map<ToTensorFloat<Rounding::Away>, uint32_t, float>::execute
               : form.has("rz") ? Map<ToTensorFloat<Rounding::Zero>, uint32_t, float>::execute
                                : Map<ToTensorFloat<Rounding::Nearest>, uint32_t, float>::execute;
  return true;
}

// e4m3 has no infinity: its largest number is 448 and its NaN all ones.
struct E4m3 {
  static constexpr Format format{4, -6, 0x7f};
  static constexpr uint32_t nan = 0x7f, largest = 0x7e;
  static constexpr int bias = 7, digits = 3;
};
struct E5m2 {
  static constexpr Format format{3, -14, 0x7c};
  static constexpr uint32_t nan = 0x7f, largest = 0x7b;
  static constexpr int bias = 15, digits = 2;
};
template <class F> uint32_t toEight(float a, bool rectifies) {
  if (a != a)
    return F::nan;
  bool isNegative = std::signbit(a);
  if (isNegative && rectifies)
    return 0;
  uint32_t bits = narrowMagnitude(std::fabs(a), isNegative, F::format, Rounding::Nearest);
  return std::min(bits, F::largest) | (isNegative ? 0x80 : 0);
}
template <class F> uint32_t halfFromEight(uint32_t bits) {
  uint32_t size = bits & 0x7f, sign = (bits & 0x80) << 8;
  if (size == F::nan || (F::digits == 2 && size > 0x7c))
    return canonicalHalfNan;
  if (F::digits == 2)
    return sign | size << 8;
  int exponent = static_cast<int>(size >> F::digits);
  double whole = (exponent ? 1 << F::digits : 0) + static_cast<int>(size & ((1 << F::digits) - 1));
  double value = std::ldexp(whole, std::max(exponent, 1) - F::bias - F::digits);
  return sign | toHalf(static_cast<float>(value));
}
template <class F, bool rectifies> struct EightFromFloats {
  static uint16_t of(float a, float b) {
    return static_cast<uint16_t>(toEight<F>(a, rectifies) << 8 | toEight<F>(b, rectifies));
  }
};
template <class F, bool rectifies> struct EightFromHalves {
  static uint16_t of(uint32_t a) {
    return EightFromFloats<F, rectifies>::of(fromHalf(static_cast<uint16_t>(a >> 16)),
                                             fromHalf(static_cast<uint16_t>(a)));
  }
};
template <class F, bool rectifies> struct HalvesFromEight {
  static uint32_t one(uint32_t bits) {
    uint32_t value = halfFromEight<F>(bits);
    bool isNegative = value & 0x8000 && (value & 0x7fff) <= 0x7c00;
    return rectifies && isNegative ? 0 : value;
  }
  static uint32_t of(uint16_t a) { return one(a >> 8) << 16 | one(a & 0xff); }
};
template <class F, bool rectifies> Execute eight(const Form &form) {
  if (form.types[0] == Type::F16x2)
    return Map<HalvesFromEight<F, rectifies>, uint32_t, uint16_t>::execute;
  return form.types[1] == Type::F32
             ? Map<EightFromFloats<F, rectifies>, uint16_t, float, float>::execute
             : Map<EightFromHalves<F, rectifies>, uint16_t, uint32_t>::execute;
}
bool selectEight(const Form &form, Operation &op) {
  bool isE4m3 = form.types[0] == Type::E4m3x2 || form.types[1] == Type::E4m3x2;
  bool rectifies = form.has("relu");
  op.execute = isE4m3 ? (rectifies ? eight<E4m3, true>(form) : eight<E4m3, false>(form))
                      : (rectifies ? eight<E5m2, true>(form) : eight<E5m2, false>(form));
  return true;
}

/// Two saturated numbers side by side, the first above; of bytes, with two that were there.
template <class T> struct PackWhole {
  static uint32_t one(int32_t a) {
    using Limits = std::numeric_limits<T>;
    auto bounded = std::clamp<int32_t>(a, Limits::min(), Limits::max());
    return static_cast<std::make_unsigned_t<T>>(bounded);
  }
  static uint32_t of(int32_t a, int32_t b, uint32_t c) { return c << 16 | one(a) << 8 | one(b); }
  static uint32_t of(int32_t a, int32_t b) { return one(a) << 16 | one(b); }
};
bool selectPackBytes(const Form &form, Operation &op) {
  op.execute = form.types[0] == Type::S8
                   ? Map<PackWhole<int8_t>, uint32_t, int32_t, int32_t, uint32_t>::execute
                   : Map<PackWhole<uint8_t>, uint32_t, int32_t, int32_t, uint32_t>::execute;
  return true;
}
bool selectPackHalves(const Form &form, Operation &op) {
  op.execute = form.types[0] == Type::S16
                   ? Map<PackWhole<int16_t>, uint32_t, int32_t, int32_t>::execute
                   : Map<PackWhole<uint16_t>, uint32_t, int32_t, int32_t>::execute;
  return true;
}

//===----------------------------------------------------------------------===//
// Choice of the function for a form
//===----------------------------------------------------------------------===//

/// Which roundings PTX asks for: of reals to whole numbers with i, of whole numbers and wider reals
/// to reals without, and none where nothing is lost.
bool selectConvert(const Form &form, Operation &op) {
  Plan plan{};
  plan.to = form.types[0];
  plan.from = form.types[1];
  plan.toBytes = form.registerBytes[0];
  plan.fromBytes = form.registerBytes[1];
  plan.flushes = form.has("ftz");
  plan.saturates = form.has("sat");
  int whole = form.which({"rni", "rzi", "rmi", "rpi"}), real = form.which({"rn", "rz", "rm", "rp"});
  plan.toWhole = whole >= 0;
  plan.rounding = whole >= 0  ? static_cast<Rounding>(whole)
                  : real >= 0 ? static_cast<Rounding>(real)
                              : Rounding::Nearest;
  bool fromReal = isFloat(plan.from), toReal = isFloat(plan.to);
  bool isSameReal = fromReal && plan.to == plan.from;
  bool isNarrowing = toReal && (!fromReal || bytesOf(plan.to) < bytesOf(plan.from) ||
                                (bytesOf(plan.to) == 2 && bytesOf(plan.from) == 2 && !isSameReal));
  bool needsWhole = fromReal && !toReal;
  if (needsWhole != (whole >= 0) && !isSameReal)
    return false;
  if (isNarrowing != (real >= 0))
    return false;
  // Where every number has its place, nothing saturates.
  bool isWholeOnly = !fromReal && !toReal;
  if (plan.saturates && isWholeOnly && leastOf(plan.from) >= leastOf(plan.to) &&
      mostOf(plan.from) <= mostOf(plan.to))
    return false;
  bool hasF32 = plan.to == Type::F32 || plan.from == Type::F32;
  if (plan.flushes && !hasF32)
    return false;
  op.execute = common(plan);
  if (!op.execute)
    op.execute = convert;
  op.detail = plan.pack();
  return true;
}

constexpr Row rows[] = {
    {"cvt",
     "?rn|rz|rm|rp|rni|rzi|rmi|rpi ?ftz ?sat u8|u16|u32|u64|s8|s16|s32|s64|f16|f32|f64 "
     "u8|u16|u32|u64|s8|s16|s32|s64|f16|f32|f64",
     ">~T ~U", Class::Convert, selectConvert},
    {"cvt", "rn|rz bf16 f32", ">~T ~U", Class::Convert, selectConvert},
    {"cvt", "f32 bf16", ">~T ~U", Class::Convert, selectConvert},
    {"cvt",
     "?rn|rz|rm|rp|rni|rzi|rmi|rpi ?ftz ?sat u8|u16|u32|u64|s8|s16|s32|s64|f16|bf16|f32|f64 "
     "u8|u16|u32|u64|s8|s16|s32|s64|f16|bf16|f32|f64",
     ">~T ~U", Class::Convert, selectConvert, 0, 90},
    {"cvt", "rn|rz relu f16|bf16 f32", ">T U", Class::Convert, selectRectified},
    {"cvt", "rn|rz ?relu f16x2|bf16x2 f32", ">T U U", Class::Convert, selectPair},
    {"cvt", "rna tf32 f32", ">T U", Class::Convert, selectTensorFloat},
    {"cvt", "rn|rz tf32 f32", ">T U", Class::Convert, selectTensorFloat, 0, 90},
    {"cvt", "rn satfinite ?relu e4m3x2|e5m2x2 f32", ">T U U", Class::Convert, selectEight, 0, 89},
    {"cvt", "rn satfinite ?relu e4m3x2|e5m2x2 f16x2", ">T U", Class::Convert, selectEight, 0, 89},
    {"cvt", "rn ?relu f16x2 e4m3x2|e5m2x2", ">T U", Class::Convert, selectEight, 0, 89},
    {"cvt", "pack sat u8|s8 s32 b32", ">b32 s32 s32 b32", Class::Convert, selectPackBytes},
    {"cvt", "pack sat u16|s16 s32", ">b32 s32 s32", Class::Convert, selectPackHalves},
};

} // namespace

std::span<const Row> convertRows() { return rows; }

} // namespace tern::runtime::emulator
