// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/BlockPanel.h"
#include "passes/CPU/ContractionTile.h"

namespace tern::cpu {

namespace {

/// Integer sums by vpmaddubsw, u8 x s8 in pairs of i16, where there is no dot product into i32.
///   nibbles   a pair is at most 2 * 15 * 127, so the 8 pairs of a unit still fit i16
///   bytes with minima   of at most 6 bits: at most 2 * 63 * 127, each pair is widened at once
///   other bytes, and what tables have for nibbles   |code| x (activation with the code's sign): at
///   most 2 * 128 * 127, which fits i16;
///             each pair is widened at once
/// Integer sums of all rows and two vectors fill the registers; the sums in f32 stay in scratch.
class PairTile {
public:
  PairTile(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile)
      : k(kernel), spec(spec), tile(tile), panel(kernel, spec.weights),
        layout(layoutOf(spec.weights)), nibbles(layout.nibbles()), hasMinimum(layout.minimum),
        isNarrow(nibbles && layout.table.empty()) {}

  void addAll(const TileOperands &operands) {
    for (int64_t i = 0; i < tile.rows * tile.vectors; ++i)
      k.store(k.zero(k.vector(k.f32())), k.scratch(), i * vectorBytes(), 32);
    k.loop(k.index(0), k.index(spec.k / kUnitDepth), 1, [&](Value number) {
      addUnit({panel.unit(operands.panel, operands.column, number),
               k.address(operands.activations, k.mul(number, kRecordBytes))});
    });
  }

private:
  struct Unit {
    BlockPanel::Unit weights;
    Value records; // of the first row
  };
  static constexpr int64_t kVectors = 2; // of the tile at a time: a line of codes
  /// Bytes between what is read and what is asked for, line by line among the arithmetic: a whole
  /// block's lines at once keep the others of one row waiting (measured on Zen 3: bytes read at 79
  /// % of the limit with 2 KiB, at 87 % with 1; nibbles at 88 and 91 % the other way round).
  int64_t ahead() const { return nibbles ? 2048 : 1024; }

  void addUnit(const Unit &unit) {
    // Codes are asked for line by line below.
    for (int64_t line = 0; line < layout.headerBytes / layout.units(); line += 64)
      k.prefetch(unit.weights.stream, ahead() + line);
    for (int64_t first = 0; first < tile.vectors; first += kVectors)
      for (int64_t group = 0; group < layout.groupsOfUnit(); ++group)
        addVectors(unit, group, first);
  }

  /// Adds a group to the sums of the vectors from `first` on.
  void addVectors(const Unit &unit, int64_t group, int64_t first) {
    Values integers(tile.rows * kVectors, k.zero(isNarrow ? words() : k.vector(k.i32())));
    // Loops, for LLVM would add the products of an unrolled one in another order and spill them.
    auto addQuads = [&](int64_t begin, int64_t end, int64_t half) {
      integers = k.loop(k.index(begin), k.index(end), 1, integers,
                        [&](Value quad, mlir::ValueRange carried) {
                          return addQuad(unit, first, quad, half, carried);
                        });
    };
    int64_t quads = layout.group / 4, begin = group * quads;
    if (!nibbles)
      addQuads(begin, begin + quads, 0);
    else
      for (int64_t half = begin / 4; half < (begin + quads) / 4; ++half)
        addQuads(0, 4, half);
    addScaled(unit, group, first, integers);
  }

  /// Adds the products of four k: those of the low or high nibbles, or of the bytes, of a row.
  Values addQuad(const Unit &unit, int64_t first, Value quad, int64_t half,
                 mlir::ValueRange carried) {
    Values integers(carried), weights, signs;
    Value row = k.address(unit.weights.codes, k.mul(quad, kCodeRow));
    Value activations = k.address(unit.records, k.mul(quad, 4));
    for (int64_t v = 0; v < kVectors; ++v) {
      Value word = k.load(k.vector(k.i32()), row, (first + v) * vectorBytes(), 32);
      if (nibbles)
        word = k.bitAnd(half == 0 ? word : k.shiftRight(word, 4), 0x0f0f0f0f);
      if (isUnsigned()) {
        weights.push_back(word);
        continue;
      }
      word = nibbles ? panel.lookUp(word, 0) : k.bitXor(word, 0x80808080);
      signs.push_back(k.bitcast(word, bytes()));
      weights.push_back(absolute(signs[v]));
    }
    if (half == 0)
      k.prefetch(row, ahead() + first * vectorBytes());
    for (int64_t r = 0; r < tile.rows; ++r) {
      Value codes = k.bitcast(
          loadBroadcast(k, k.i32(), activations, r * rowBytes(spec) + 16 * half), bytes());
      for (int64_t v = 0; v < kVectors; ++v) {
        Value products = pairs(weights[v], isUnsigned() ? codes : withSign(codes, signs[v]));
        Value &sum = integers[r * kVectors + v];
        sum = k.add(sum, isNarrow ? products : widened(products));
      }
    }
    return integers;
  }

  /// True if the codes are multiplied as they lie, and their zero point is taken from the sums.
  bool isUnsigned() const { return isNarrow || hasMinimum; }

  /// sums = fma(integer, scale * row's scale, sums), and a minimum after it.
  void addScaled(const Unit &unit, int64_t group, int64_t first, mlir::ValueRange integers) {
    Values scales, minima;
    for (int64_t v = first; v < first + kVectors; ++v) {
      scales.push_back(panel.scales(unit.weights, group, v));
      if (hasMinimum)
        minima.push_back(panel.minima(unit.weights, group, v));
    }
    for (int64_t row = 0; row < tile.rows; ++row) {
      int64_t record = row * rowBytes(spec);
      Value scale = loadBroadcast(k, k.f32(), unit.records, record + kRecordScale);
      for (int64_t v = 0; v < kVectors; ++v) {
        Value integer = integers[row * kVectors + v];
        if (isNarrow)
          integer = widened(integer);
        if (isNarrow && !hasMinimum)
          integer = k.add(integer, zeroOf(unit, record, group));
        int64_t place = (row * tile.vectors + first + v) * vectorBytes();
        Value sum = k.load(k.vector(k.f32()), k.scratch(), place, 32);
        sum = k.fma(k.toFloat(integer), k.mul(scales[v], scale), sum);
        if (hasMinimum)
          sum = k.fma(minima[v], scaledSum(k, spec, unit.records, record, group), sum);
        k.store(sum, k.scratch(), place, 32);
      }
    }
  }

  /// What the zero point of nibbles takes from a group's sum.
  Value zeroOf(const Unit &unit, int64_t record, int64_t group) {
    if (layout.group == kUnitDepth)
      return loadBroadcast(k, k.i32(), unit.records, record + kRecordCorrection);
    return k.broadcast(k.mul(halfSum(k, unit.records, record, group), -layout.zero));
  }

  Value absolute(Value codes) {
    return k.intrinsic("llvm.abs.v32i8", bytes(), {codes, k.integer(k.i1(), 0)});
  }
  Value withSign(Value codes, Value signs) {
    return k.intrinsic("llvm.x86.avx2.psign.b", bytes(), {codes, signs});
  }
  Value pairs(Value unsignedBytes, Value signedBytes) {
    return k.intrinsic("llvm.x86.avx2.pmadd.ub.sw", words(),
                       {k.bitcast(unsignedBytes, bytes()), signedBytes});
  }
  Value widened(Value pairs) {
    return k.intrinsic("llvm.x86.avx2.pmadd.wd", k.vector(k.i32()), {pairs, k.integer(words(), 1)});
  }

  Type bytes() { return k.vector(k.i8(), 4 * k.lanes()); }
  Type words() { return k.vector(k.i16(), 2 * k.lanes()); }
  int64_t vectorBytes() const { return 4 * k.lanes(); }

  KernelBuilder &k;
  const ContractionSpec &spec;
  RegisterTile tile;
  BlockPanel panel;
  PackedLayout layout;
  bool nibbles, hasMinimum;
  bool isNarrow; // sums are kept in i16
};

} // namespace

Values pairSums(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile,
                const TileOperands &operands) {
  PairTile(kernel, spec, tile).addAll(operands);
  return {};
}

} // namespace tern::cpu
