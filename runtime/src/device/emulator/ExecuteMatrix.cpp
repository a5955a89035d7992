// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Access.h"
#include "runtime/src/device/emulator/Lanes.h"
#include "runtime/src/device/emulator/Numbers.h"
#include "runtime/src/device/emulator/Table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

/// Matrix instructions. What PTX leaves open is chosen so: products of f16, bf16 and tf32 are
/// exact; they and the accumulator are added in f64 in the order of k, and the sum is rounded once,
/// to nearest. Hardware may cut bits off each sum; of f32 results, it and this differ by at most
/// (k + 2) 2^-23 (|c| + sum |a b|). Whole numbers are exact; f64 is a chain of multiply-adds.
///
/// A register holds elements that follow each other along k. With g = lane / 4 and t = lane % 4,
/// register r of A holds row g + 8 (r % 2) and the elements of k from (r / 2) 4 e + t e on, where e
/// elements are in a register; of B, column g and k from r 4 e + t e on; C has (g, 2t), (g, 2t + 1)
/// and then the same 8 rows below. Matrices of 8 rows have only the first of each two.
namespace tern::runtime::emulator {

namespace {

bool isWholeWarp(Warp &warp) {
  if (warp.mask == allLanes)
    return true;
  unsigned lane = static_cast<unsigned>(std::countr_zero(~warp.mask));
  warp.cta->fail(warp, lane, "is for all 32 lanes of a warp, of which 0x%08x are not here",
                 ~warp.mask);
  return false;
}

struct HalfElement {
  using Word = uint32_t;
  using Number = double;
  static constexpr unsigned perWord = 2;
  static double at(uint32_t word, unsigned i) {
    return fromHalf(static_cast<uint16_t>(word >> (16 * i)));
  }
};
struct Bf16Element {
  using Word = uint32_t;
  using Number = double;
  static constexpr unsigned perWord = 2;
  static double at(uint32_t word, unsigned i) {
    return fromBf16(static_cast<uint16_t>(word >> (16 * i)));
  }
};
struct TensorFloatElement {
  using Word = uint32_t;
  using Number = double;
  static constexpr unsigned perWord = 1;
  static double at(uint32_t word, unsigned) { return std::bit_cast<float>(word & ~0x1fffu); }
};
struct DoubleElement {
  using Word = double;
  using Number = double;
  static constexpr unsigned perWord = 1;
  static double at(double word, unsigned) { return word; }
};
template <bool isSigned> struct ByteElement {
  using Word = uint32_t;
  using Number = int32_t;
  static constexpr unsigned perWord = 4;
  static int32_t at(uint32_t word, unsigned i) {
    return isSigned ? int32_t{static_cast<int8_t>(word >> (8 * i))}
                    : int32_t{static_cast<uint8_t>(word >> (8 * i))};
  }
};
template <bool isSigned> struct NibbleElement {
  using Word = uint32_t;
  using Number = int32_t;
  static constexpr unsigned perWord = 8;
  static int32_t at(uint32_t word, unsigned i) {
    uint32_t nibble = word >> (4 * i) & 15;
    return static_cast<int32_t>(nibble) - (isSigned && nibble & 8 ? 16 : 0);
  }
};

template <class T> T multiplyAdd(T a, T b, T c) {
  if constexpr (std::is_floating_point_v<T>)
    return std::fma(a, b, c);
  else
    return a * b + c;
}

/// Products of one warp: m x 8 x k. Slots: m / 4 words of D, then A, B and C.
template <unsigned m, unsigned k, class A, class B> struct Product {
  using Number = typename A::Number;
  using Sum = std::conditional_t<std::is_integral_v<Number>, int64_t, double>;
  static constexpr unsigned each = A::perWord, rows = m / 8;
  static constexpr unsigned wordsOfB = k / (4 * each), wordsOfA = wordsOfB * rows;

  Number a[m][k], b[k][8];
  Sum sums[m][8];

  /// Four lanes hold 4 e elements of a line, in order.
  template <class E> static void readLine(const typename E::Word *words, Number *out) {
    for (unsigned i = 0; i < 4 * each; ++i)
      out[i] = E::at(words[i / each], i % each);
  }
  void readA(Warp &warp, const uint32_t *slots) {
    for (unsigned r = 0; r < wordsOfA; ++r) {
      const auto *words = warp.lanes<typename A::Word>(slots[r]);
      unsigned row = 8 * (r % rows), first = r / rows * 4 * each;
      for (unsigned g = 0; g < 8; ++g)
        readLine<A>(words + 4 * g, &a[row + g][first]);
    }
  }
  void readB(Warp &warp, const uint32_t *slots) {
    for (unsigned r = 0; r < wordsOfB; ++r) {
      const auto *words = warp.lanes<typename B::Word>(slots[r]);
      for (unsigned g = 0; g < 8; ++g) {
        Number line[4 * each];
        readLine<B>(words + 4 * g, line);
        for (unsigned i = 0; i < 4 * each; ++i)
          b[r * 4 * each + i][g] = line[i];
      }
    }
  }
  /// Four rows at once, so that sums need not wait for each other.
  void multiply() {
    for (unsigned i = 0; i < m; i += 4) {
      Sum block[4][8];
      std::memcpy(block, sums[i], sizeof block);
      for (unsigned j = 0; j < k; ++j)
        for (unsigned row = 0; row < 4; ++row)
          for (unsigned n = 0; n < 8; ++n)
            block[row][n] = multiplyAdd<Sum>(a[i + row][j], b[j][n], block[row][n]);
      std::memcpy(sums[i], block, sizeof block);
    }
  }

  /// Accumulators of one number a slot.
  template <class C> void readC(Warp &warp, const uint32_t *slots) {
    for (unsigned r = 0; r < 2 * rows; ++r) {
      const C *from = warp.lanes<C>(slots[r]);
      for (unsigned lane = 0; lane < numLanes; ++lane)
        sums[r / 2 * 8 + lane / 4][lane % 4 * 2 + r % 2] = static_cast<Sum>(from[lane]);
    }
  }
  template <class C, class Round> void write(Warp &warp, const uint32_t *slots, Round &&round) {
    for (unsigned r = 0; r < 2 * rows; ++r) {
      C *to = warp.lanes<C>(slots[r]);
      for (unsigned lane = 0; lane < numLanes; ++lane)
        to[lane] = round(sums[r / 2 * 8 + lane / 4][lane % 4 * 2 + r % 2]);
    }
  }

  /// Accumulators of two f16 a slot.
  void readHalves(Warp &warp, const uint32_t *slots) {
    for (unsigned r = 0; r < rows; ++r) {
      const uint32_t *from = warp.lanes<uint32_t>(slots[r]);
      for (unsigned lane = 0; lane < numLanes; ++lane)
        for (unsigned i = 0; i < 2; ++i)
          sums[r * 8 + lane / 4][lane % 4 * 2 + i] = HalfElement::at(from[lane], i);
    }
  }
  void writeHalves(Warp &warp, const uint32_t *slots) {
    for (unsigned r = 0; r < rows; ++r) {
      uint32_t *to = warp.lanes<uint32_t>(slots[r]);
      for (unsigned lane = 0; lane < numLanes; ++lane) {
        const double *pair = &sums[r * 8 + lane / 4][lane % 4 * 2];
        uint32_t high = toHalf(toFloatOdd(pair[1]));
        to[lane] = high << 16 | toHalf(toFloatOdd(pair[0]));
      }
    }
  }
};

enum Accumulator { F16, F32, F64, S32 };

/// `detail` 1: whole numbers saturate.
template <unsigned m, unsigned k, class A, class B, Accumulator kind>
void multiply(Warp &warp, const Operation &op) {
  if (!isWholeWarp(warp))
    return;
  using P = Product<m, k, A, B>;
  constexpr unsigned wordsOfC = kind == F16 ? P::rows : 2 * P::rows;
  P product;
  const uint32_t *slots = op.slots.data();
  const uint32_t *ofA = slots + wordsOfC, *ofB = ofA + P::wordsOfA, *ofC = ofB + P::wordsOfB;
  product.readA(warp, ofA);
  product.readB(warp, ofB);
  if constexpr (kind == F16) {
    product.readHalves(warp, ofC);
    product.multiply();
    product.writeHalves(warp, slots);
  } else if constexpr (kind == F32) {
    product.template readC<float>(warp, ofC);
    product.multiply();
    product.template write<float>(warp, slots,
                                  [](double sum) { return canonical(static_cast<float>(sum)); });
  } else if constexpr (kind == F64) {
    product.template readC<double>(warp, ofC);
    product.multiply();
    product.template write<double>(warp, slots, [](double sum) { return sum; });
  } else {
    product.template readC<int32_t>(warp, ofC);
    product.multiply();
    bool saturates = op.detail & 1;
    product.template write<int32_t>(warp, slots, [=](int64_t sum) {
      int64_t bounded = std::clamp<int64_t>(sum, INT32_MIN, INT32_MAX);
      return static_cast<int32_t>(saturates ? bounded : sum);
    });
  }
}

template <Execute execute> bool always(const Form &, Operation &op) {
  op.execute = execute;
  return true;
}

template <unsigned m, unsigned k, template <bool> class Element>
bool selectWhole(const Form &form, Operation &op) {
  constexpr Execute all[2][2] = {{multiply<m, k, Element<false>, Element<false>, S32>,
                                  multiply<m, k, Element<false>, Element<true>, S32>},
                                 {multiply<m, k, Element<true>, Element<false>, S32>,
                                  multiply<m, k, Element<true>, Element<true>, S32>}};
  op.execute = all[isSigned(form.types[1])][isSigned(form.types[2])];
  op.detail = form.has("satfinite");
  op.type = Type::S32;
  return true;
}

//===----------------------------------------------------------------------===//
// ldmatrix, stmatrix, movmatrix: matrices of 8 rows of 16 bytes
//===----------------------------------------------------------------------===//

using Tile = uint16_t[8][8];

/// Each lane has two elements of row lane / 4, or of column lane / 4 if turned.
uint32_t fragment(const Tile &tile, unsigned lane, bool isTurned) {
  unsigned line = lane / 4, first = lane % 4 * 2;
  uint32_t low = isTurned ? tile[first][line] : tile[line][first];
  uint32_t high = isTurned ? tile[first + 1][line] : tile[line][first + 1];
  return high << 16 | low;
}
void scatter(Tile &tile, unsigned lane, bool isTurned, uint32_t pair) {
  unsigned line = lane / 4, first = lane % 4 * 2;
  (isTurned ? tile[first][line] : tile[line][first]) = static_cast<uint16_t>(pair);
  (isTurned ? tile[first + 1][line] : tile[line][first + 1]) = static_cast<uint16_t>(pair >> 16);
}

/// The rows of matrix i are where lanes 8 i and on say.
bool reachRows(Warp &warp, const Operation &op, Intent intent, Places &places) {
  Request request{op, {}, 16, intent};
  addresses(warp, op, 0, request.address);
  warp.mask = op.count == 4 ? allLanes : (1u << (8 * op.count)) - 1;
  bool succeeds = reach(warp, Space::Shared, request, places);
  warp.mask = allLanes;
  return succeeds;
}

void loadMatrix(Warp &warp, const Operation &op) {
  Places places;
  if (!isWholeWarp(warp) || !reachRows(warp, op, Intent::Read, places))
    return;
  for (unsigned i = 0; i < op.count; ++i) {
    Tile tile;
    for (unsigned row = 0; row < 8; ++row)
      std::memcpy(tile[row], places.at[8 * i + row], 16);
    uint32_t *to = warp.lanes<uint32_t>(op.slots[i]);
    for (unsigned lane = 0; lane < numLanes; ++lane)
      to[lane] = fragment(tile, lane, op.detail);
  }
}
void storeMatrix(Warp &warp, const Operation &op) {
  Places places;
  if (!isWholeWarp(warp) || !reachRows(warp, op, Intent::Write, places))
    return;
  for (unsigned i = 0; i < op.count; ++i) {
    Tile tile;
    const uint32_t *from = warp.lanes<uint32_t>(op.slots[1 + i]);
    for (unsigned lane = 0; lane < numLanes; ++lane)
      scatter(tile, lane, op.detail, from[lane]);
    for (unsigned row = 0; row < 8; ++row)
      std::memcpy(places.at[8 * i + row], tile[row], 16);
  }
}
void moveMatrix(Warp &warp, const Operation &op) {
  if (!isWholeWarp(warp))
    return;
  Tile tile;
  const uint32_t *from = warp.lanes<uint32_t>(op.slots[1]);
  for (unsigned lane = 0; lane < numLanes; ++lane)
    scatter(tile, lane, false, from[lane]);
  uint32_t *to = warp.lanes<uint32_t>(op.slots[0]);
  for (unsigned lane = 0; lane < numLanes; ++lane)
    to[lane] = fragment(tile, lane, true);
}

template <Execute execute> bool selectTiles(const Form &form, Operation &op) {
  op.execute = execute;
  op.detail = form.has("trans");
  op.bytes = 16;
  op.space = Space::Shared;
  return !form.hasSymbol || form.symbolSpace == Space::Shared;
}

template <unsigned k, class E> constexpr Select ofF32 = always<multiply<16, k, E, E, F32>>;
template <unsigned k>
constexpr Select ofF16 = always<multiply<16, k, HalfElement, HalfElement, F16>>;

/// Two operations for each product.
constexpr uint32_t workOf(uint32_t m, uint32_t k) { return 2 * m * 8 * k; }

constexpr Row rows[] = {
    {"mma", "sync aligned m16n8k8 row col f32 f16 f16 f32", ">{f32}4 {b32}2 {b32}1 {f32}4",
     Class::Matrix, ofF32<8, HalfElement>, workOf(16, 8)},
    {"mma", "sync aligned m16n8k16 row col f32 f16 f16 f32", ">{f32}4 {b32}4 {b32}2 {f32}4",
     Class::Matrix, ofF32<16, HalfElement>, workOf(16, 16)},
    {"mma", "sync aligned m16n8k8 row col f16 f16 f16 f16", ">{b32}2 {b32}2 {b32}1 {b32}2",
     Class::Matrix, ofF16<8>, workOf(16, 8)},
    {"mma", "sync aligned m16n8k16 row col f16 f16 f16 f16", ">{b32}2 {b32}4 {b32}2 {b32}2",
     Class::Matrix, ofF16<16>, workOf(16, 16)},
    {"mma", "sync aligned m16n8k8 row col f32 bf16 bf16 f32", ">{f32}4 {b32}2 {b32}1 {f32}4",
     Class::Matrix, ofF32<8, Bf16Element>, workOf(16, 8)},
    {"mma", "sync aligned m16n8k16 row col f32 bf16 bf16 f32", ">{f32}4 {b32}4 {b32}2 {f32}4",
     Class::Matrix, ofF32<16, Bf16Element>, workOf(16, 16)},
    {"mma", "sync aligned m16n8k4 row col f32 tf32 tf32 f32", ">{f32}4 {b32}2 {b32}1 {f32}4",
     Class::Matrix, ofF32<4, TensorFloatElement>, workOf(16, 4)},
    {"mma", "sync aligned m16n8k8 row col f32 tf32 tf32 f32", ">{f32}4 {b32}4 {b32}2 {f32}4",
     Class::Matrix, ofF32<8, TensorFloatElement>, workOf(16, 8)},
    {"mma", "sync aligned m8n8k4 row col f64 f64 f64 f64", ">{f64}2 {f64}1 {f64}1 {f64}2",
     Class::Matrix, always<multiply<8, 4, DoubleElement, DoubleElement, F64>>, workOf(8, 4)},
    {"mma", "sync aligned m8n8k16 row col ?satfinite s32 s8|u8 s8|u8 s32",
     ">{s32}2 {b32}1 {b32}1 {s32}2", Class::Matrix, selectWhole<8, 16, ByteElement>, workOf(8, 16)},
    {"mma", "sync aligned m16n8k16 row col ?satfinite s32 s8|u8 s8|u8 s32",
     ">{s32}4 {b32}2 {b32}1 {s32}4", Class::Matrix, selectWhole<16, 16, ByteElement>,
     workOf(16, 16)},
    {"mma", "sync aligned m16n8k32 row col ?satfinite s32 s8|u8 s8|u8 s32",
     ">{s32}4 {b32}4 {b32}2 {s32}4", Class::Matrix, selectWhole<16, 32, ByteElement>,
     workOf(16, 32)},
    {"mma", "sync aligned m8n8k32 row col ?satfinite s32 s4|u4 s4|u4 s32",
     ">{s32}2 {b32}1 {b32}1 {s32}2", Class::Matrix, selectWhole<8, 32, NibbleElement>,
     workOf(8, 32)},
    {"mma", "sync aligned m16n8k32 row col ?satfinite s32 s4|u4 s4|u4 s32",
     ">{s32}4 {b32}2 {b32}1 {s32}4", Class::Matrix, selectWhole<16, 32, NibbleElement>,
     workOf(16, 32)},
    {"mma", "sync aligned m16n8k64 row col ?satfinite s32 s4|u4 s4|u4 s32",
     ">{s32}4 {b32}4 {b32}2 {s32}4", Class::Matrix, selectWhole<16, 64, NibbleElement>,
     workOf(16, 64)},
    {"ldmatrix", "sync aligned m8n8 x1|x2|x4 ?trans shared|shared::cta b16", ">{b32} [a]",
     Class::LoadMatrix, selectTiles<loadMatrix>},
    {"stmatrix", "sync aligned m8n8 x1|x2|x4 ?trans shared|shared::cta b16", "[a] {b32}",
     Class::LoadMatrix, selectTiles<storeMatrix>, 0, 90},
    {"movmatrix", "sync aligned m8n8 trans b16", ">b32 b32", Class::Warp, always<moveMatrix>},
};

} // namespace

std::span<const Row> matrixRows() { return rows; }

} // namespace tern::runtime::emulator
