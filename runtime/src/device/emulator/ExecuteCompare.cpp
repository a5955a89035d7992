// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Lanes.h"
#include "runtime/src/device/emulator/Numbers.h"
#include "runtime/src/device/emulator/Table.h"

#include <type_traits>

namespace tern::runtime::emulator {

namespace {

struct Equal {
  template <class T> static bool of(T a, T b) { return a == b; }
};
struct Less {
  template <class T> static bool of(T a, T b) { return a < b; }
};
struct LessEqual {
  template <class T> static bool of(T a, T b) { return a <= b; }
};
struct Ordered {
  template <class T> static bool of(T a, T b) { return a == a && b == b; }
};
/// The comparison the other way round.
template <class F> struct Swapped {
  template <class T> static bool of(T a, T b) { return F::of(b, a); }
};
/// Its opposite, which is true of NaN.
template <class F> struct Opposite {
  template <class T> static bool of(T a, T b) { return !F::of(a, b); }
};
/// Not equal, but numbers.
struct OrderedUnequal {
  template <class T> static bool of(T a, T b) { return a < b || a > b; }
};
/// Equal, or a NaN.
struct UnorderedEqual {
  template <class T> static bool of(T a, T b) { return !(a < b || a > b); }
};

template <class F> struct OfHalf {
  static bool of(uint16_t a, uint16_t b) { return F::of(fromHalf(a), fromHalf(b)); }
};
template <class F> struct OfBf16 {
  static bool of(uint16_t a, uint16_t b) { return F::of(fromBf16(a), fromBf16(b)); }
};
template <class F> struct Flushed {
  static bool of(float a, float b) { return F::of(flush(a), flush(b)); }
};

using Predicate = uint32_t (*)(Warp &, const uint32_t *);

template <class F> Predicate wholeTest(Type type) {
  switch (type) {
  case Type::B16:
  case Type::U16:
    return Test<F, uint16_t, uint16_t>::run;
  case Type::S16:
    return Test<F, int16_t, int16_t>::run;
  case Type::B32:
  case Type::U32:
    return Test<F, uint32_t, uint32_t>::run;
  case Type::S32:
    return Test<F, int32_t, int32_t>::run;
  case Type::B64:
  case Type::U64:
    return Test<F, uint64_t, uint64_t>::run;
  default:
    return Test<F, int64_t, int64_t>::run;
  }
}
template <class F> Predicate realTest(Type type, bool flushes) {
  switch (type) {
  case Type::F16:
    return Test<OfHalf<F>, uint16_t, uint16_t>::run;
  case Type::Bf16:
    return Test<OfBf16<F>, uint16_t, uint16_t>::run;
  case Type::F32:
    return flushes ? Test<Flushed<F>, float, float>::run : Test<F, float, float>::run;
  default:
    return Test<F, double, double>::run;
  }
}

Predicate wholeComparison(Type type, std::string_view name) {
  bool isUnsigned = type == Type::U16 || type == Type::U32 || type == Type::U64;
  if (name == "eq")
    return wholeTest<Equal>(type);
  if (name == "ne")
    return wholeTest<Opposite<Equal>>(type);
  if (isBits(type))
    return nullptr;
  if (name == "lt" || (isUnsigned && name == "lo"))
    return wholeTest<Less>(type);
  if (name == "le" || (isUnsigned && name == "ls"))
    return wholeTest<LessEqual>(type);
  if (name == "gt" || (isUnsigned && name == "hi"))
    return wholeTest<Swapped<Less>>(type);
  if (name == "ge" || (isUnsigned && name == "hs"))
    return wholeTest<Swapped<LessEqual>>(type);
  return nullptr;
}

Predicate realComparison(Type type, std::string_view name, bool flushes) {
  struct Entry {
    std::string_view name;
    Predicate (*test)(Type, bool);
  };
  static constexpr Entry entries[] = {
      {"eq", realTest<Equal>},
      {"ne", realTest<OrderedUnequal>},
      {"lt", realTest<Less>},
      {"le", realTest<LessEqual>},
      {"gt", realTest<Swapped<Less>>},
      {"ge", realTest<Swapped<LessEqual>>},
      {"equ", realTest<UnorderedEqual>},
      {"neu", realTest<Opposite<Equal>>},
      {"ltu", realTest<Opposite<Swapped<LessEqual>>>},
      {"leu", realTest<Opposite<Swapped<Less>>>},
      {"gtu", realTest<Opposite<LessEqual>>},
      {"geu", realTest<Opposite<Less>>},
      {"num", realTest<Ordered>},
      {"nan", realTest<Opposite<Ordered>>},
  };
  for (const Entry &entry : entries)
    if (entry.name == name)
      return entry.test(type, flushes);
  return nullptr;
}

Predicate comparison(const Form &form, Type type) {
  bool flushes = form.has("ftz");
  if (isFloat(type))
    return flushes && type != Type::F32 ? nullptr : realComparison(type, form.chosen[0], flushes);
  return flushes ? nullptr : wholeComparison(type, form.chosen[0]);
}

enum Combination : uint32_t { None, And, Or, Xor };

Combination combinationOf(const Form &form) {
  return static_cast<Combination>(form.which({"and", "or", "xor"}) + 1);
}

uint32_t combine(uint32_t bits, uint32_t with, Combination how) {
  switch (how) {
  case And:
    return bits & with;
  case Or:
    return bits | with;
  case Xor:
    return bits ^ with;
  default:
    return bits;
  }
}

/// The predicate p of the comparison and, if asked for, q of its opposite, each combined with c.
void setPredicate(Warp &warp, const Operation &op) {
  uint32_t bits = op.compare(warp, &op.slots[2]);
  auto how = static_cast<Combination>(op.detail & 3);
  uint32_t with = how == None ? 0 : warp.predicate(op.slots[4]) ^ (op.detail & 4 ? allLanes : 0);
  if (op.slots[1] != ~0u)
    storePredicate(warp, op.slots[1], combine(~bits, with, how));
  storePredicate(warp, op.slots[0], combine(bits, with, how));
}

bool selectSetPredicate(const Form &form, Operation &op) {
  op.compare = comparison(form, form.types[0]);
  op.execute = setPredicate;
  Combination how = combinationOf(form);
  op.detail = how | (form.negated >> 4 & 1) << 2;
  return op.compare && (how != None) == !form.isMissing(4, op);
}

/// How set writes the answers: as ones and zeros of a type.
uint32_t yesOf(Type type) {
  return type == Type::F32                            ? std::bit_cast<uint32_t>(1.0f)
         : type == Type::F16 || type == Type::F16x2   ? 0x3c00
         : type == Type::Bf16 || type == Type::Bf16x2 ? 0x3f80
                                                      : ~0u;
}

uint32_t setBits(Warp &warp, const Operation &op, uint32_t bits) {
  auto how = static_cast<Combination>(op.detail & 3);
  uint32_t with = how == None ? 0 : warp.predicate(op.slots[3]) ^ (op.detail & 4 ? allLanes : 0);
  return combine(bits, with, how);
}

template <class T> void setNumber(Warp &warp, const Operation &op) {
  uint32_t bits = setBits(warp, op, op.compare(warp, &op.slots[1]));
  T yes = static_cast<T>(yesOf(op.type));
  T results[numLanes];
  for (unsigned lane = 0; lane < numLanes; ++lane)
    results[lane] = bits >> lane & 1 ? yes : T{0};
  store(warp, op.slots[0], results);
}

uint32_t prepareSet(const Form &form) { return combinationOf(form) | (form.negated >> 3 & 1) << 2; }

bool selectSetNumber(const Form &form, Operation &op) {
  op.compare = comparison(form, form.types[1]);
  op.type = form.types[0];
  op.execute = bytesOf(op.type) == 2 ? setNumber<uint16_t> : setNumber<uint32_t>;
  op.detail = prepareSet(form);
  return op.compare && (combinationOf(form) != None) == !form.isMissing(3, op);
}

//===----------------------------------------------------------------------===//
// Pairs of f16 or bf16: the comparison of the lower ones, then that of the upper ones
//===----------------------------------------------------------------------===//

template <class F, unsigned shift> struct HalfOf {
  static bool of(uint32_t a, uint32_t b) {
    return F::of(static_cast<uint16_t>(a >> shift), static_cast<uint16_t>(b >> shift));
  }
};
template <class F> uint32_t lower(Warp &warp, const uint32_t *slots) {
  return Test<HalfOf<F, 0>, uint32_t, uint32_t>::run(warp, slots);
}
template <class F> uint32_t upper(Warp &warp, const uint32_t *slots) {
  return Test<HalfOf<F, 16>, uint32_t, uint32_t>::run(warp, slots);
}
struct BothHalves {
  Predicate low, high;
};
template <class F> BothHalves halvesOf(bool isBf16) {
  return isBf16 ? BothHalves{lower<OfBf16<F>>, upper<OfBf16<F>>}
                : BothHalves{lower<OfHalf<F>>, upper<OfHalf<F>>};
}
bool compareHalves(const Form &form, Type type, Operation &op) {
  struct Entry {
    std::string_view name;
    BothHalves (*halves)(bool);
  };
  static constexpr Entry entries[] = {
      {"eq", halvesOf<Equal>},
      {"ne", halvesOf<OrderedUnequal>},
      {"lt", halvesOf<Less>},
      {"le", halvesOf<LessEqual>},
      {"gt", halvesOf<Swapped<Less>>},
      {"ge", halvesOf<Swapped<LessEqual>>},
      {"equ", halvesOf<UnorderedEqual>},
      {"neu", halvesOf<Opposite<Equal>>},
      {"ltu", halvesOf<Opposite<Swapped<LessEqual>>>},
      {"leu", halvesOf<Opposite<Swapped<Less>>>},
      {"gtu", halvesOf<Opposite<LessEqual>>},
      {"geu", halvesOf<Opposite<Less>>},
      {"num", halvesOf<Ordered>},
      {"nan", halvesOf<Opposite<Ordered>>},
  };
  for (const Entry &entry : entries)
    if (entry.name == form.chosen[0]) {
      BothHalves halves = entry.halves(type == Type::Bf16x2);
      op.compare = halves.low;
      op.compareUpper = halves.high;
      return true;
    }
  return false;
}

void setPredicates(Warp &warp, const Operation &op) {
  uint32_t low = op.compare(warp, &op.slots[2]), high = op.compareUpper(warp, &op.slots[2]);
  auto how = static_cast<Combination>(op.detail & 3);
  uint32_t with = how == None ? 0 : warp.predicate(op.slots[4]) ^ (op.detail & 4 ? allLanes : 0);
  storePredicate(warp, op.slots[0], combine(low, with, how));
  storePredicate(warp, op.slots[1], combine(high, with, how));
}
bool selectSetPredicates(const Form &form, Operation &op) {
  op.execute = setPredicates;
  Combination how = combinationOf(form);
  op.detail = how | (form.negated >> 4 & 1) << 2;
  return compareHalves(form, form.types[0], op) && (how != None) == !form.isMissing(4, op);
}

void setPair(Warp &warp, const Operation &op) {
  uint32_t low = setBits(warp, op, op.compare(warp, &op.slots[1]));
  uint32_t high = setBits(warp, op, op.compareUpper(warp, &op.slots[1]));
  uint32_t yes = yesOf(op.type) & 0xffff, results[numLanes];
  for (unsigned lane = 0; lane < numLanes; ++lane)
    results[lane] = (high >> lane & 1 ? yes << 16 : 0) | (low >> lane & 1 ? yes : 0);
  store(warp, op.slots[0], results);
}
bool selectSetPair(const Form &form, Operation &op) {
  op.execute = setPair;
  op.type = form.types[0];
  op.detail = prepareSet(form);
  return compareHalves(form, form.types[1], op) &&
         (combinationOf(form) != None) == !form.isMissing(3, op);
}

template <class T> void choose(Warp &warp, const Operation &op) {
  const T *a = warp.lanes<T>(op.slots[1]), *b = warp.lanes<T>(op.slots[2]);
  uint32_t bits = warp.predicate(op.slots[3]) ^ (op.detail ? allLanes : 0);
  T results[numLanes];
  for (unsigned lane = 0; lane < numLanes; ++lane)
    results[lane] = bits >> lane & 1 ? a[lane] : b[lane];
  store(warp, op.slots[0], results);
}
bool selectChoose(const Form &form, Operation &op) {
  unsigned bytes = bytesOf(form.types[0]);
  op.execute = bytes == 8 ? choose<uint64_t> : bytes == 4 ? choose<uint32_t> : choose<uint16_t>;
  op.detail = form.negated >> 3 & 1;
  return true;
}

/// a if c >= 0 (not of NaN), else b.
template <class C> struct BySign {
  template <class T> static T of(T a, T b, C c) { return c >= 0 ? a : b; }
};
struct ByFlushedSign {
  template <class T> static T of(T a, T b, float c) { return flush(c) >= 0 ? a : b; }
};
bool selectBySign(const Form &form, Operation &op) {
  unsigned bytes = bytesOf(form.types[0]);
  auto pick = [&]<class T>(T) {
    if (form.types[1] == Type::S32)
      op.execute = Map<BySign<int32_t>, T, T, T, int32_t>::execute;
    else
      op.execute = form.has("ftz") ? Map<ByFlushedSign, T, T, T, float>::execute
                                   : Map<BySign<float>, T, T, T, float>::execute;
  };
  if (bytes == 8)
    pick(uint64_t{});
  else if (bytes == 4)
    pick(uint32_t{});
  else
    pick(uint16_t{});
  return form.types[1] == Type::F32 || !form.has("ftz");
}

constexpr Row rows[] = {
    {"setp", "COMPARISON ?and|or|xor ?ftz b16|b32|b64|u16|u32|u64|s16|s32|s64|f16|f32|f64",
     ">pred |>pred? T T pred?", Class::Compare, selectSetPredicate},
    {"setp", "COMPARISON ?and|or|xor bf16", ">pred |>pred? T T pred?", Class::Compare,
     selectSetPredicate, 0, 90},
    {"setp", "COMPARISON ?and|or|xor f16x2", ">pred |>pred T T pred?", Class::Compare,
     selectSetPredicates},
    {"setp", "COMPARISON ?and|or|xor bf16x2", ">pred |>pred T T pred?", Class::Compare,
     selectSetPredicates, 0, 90},
    {"set", "COMPARISON ?and|or|xor ?ftz u32|s32|f32 b16|b32|b64|u16|u32|u64|s16|s32|s64|f32|f64",
     ">T U U pred?", Class::Compare, selectSetNumber},
    {"set", "COMPARISON ?and|or|xor f16|u16|s16|u32|s32 f16", ">T U U pred?", Class::Compare,
     selectSetNumber},
    {"set", "COMPARISON ?and|or|xor bf16|u16|s16|u32|s32 bf16", ">T U U pred?", Class::Compare,
     selectSetNumber, 0, 90},
    {"set", "COMPARISON ?and|or|xor f16x2|u32|s32 f16x2", ">T U U pred?", Class::Compare,
     selectSetPair},
    {"set", "COMPARISON ?and|or|xor bf16x2|u32|s32 bf16x2", ">T U U pred?", Class::Compare,
     selectSetPair, 0, 90},
    {"selp", "b16|b32|b64|u16|u32|u64|s16|s32|s64|f32|f64", ">T T T pred", Class::Compare,
     selectChoose},
    {"slct", "?ftz b16|b32|b64|u16|u32|u64|s16|s32|s64|f32|f64 s32|f32", ">T T T U", Class::Compare,
     selectBySign},
};

} // namespace

std::span<const Row> compareRows() { return rows; }

} // namespace tern::runtime::emulator
