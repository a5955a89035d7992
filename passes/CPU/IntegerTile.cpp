// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/BlockPanel.h"
#include "passes/CPU/ContractionTile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

namespace tern::cpu {

namespace {

/// Sums of u8 x s8 products in i32. Weights are the unsigned side (code + 128, or a nibble); each
/// sum starts at the record's correction, which takes that offset away, so the integers are exact
/// and no instruction is spent on it.
class IntegerTile {
public:
  IntegerTile(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile)
      : k(kernel), spec(spec), tile(tile), panel(kernel, spec.weights),
        layout(layoutOf(spec.weights)), nibbles(layout.nibbles()), hasMinimum(layout.minimum),
        // f32 and i32 sums of all vectors, two weights, a broadcast and two masks must fit; else
        // the integer sums of one vector are finished before those of the next begin.
        oneByOne(2 * tile.rows * tile.vectors + 5 > kernel.target().registers),
        // A second sum for the high nibbles, 16 times too large, saves their shifts.
        twoSums(nibbles && layout.table.empty() && layout.group == kUnitDepth &&
                kernel.target().vnni && tile.rows * tile.vectors <= 6) {}

  Values sums(const TileOperands &operands) {
    Values zeros(tile.rows * tile.vectors, k.zero(k.vector(k.f32())));
    return k.loop(k.index(0), k.index(spec.k / kUnitDepth), 1, zeros,
                  [&](Value number, mlir::ValueRange carried) {
                    Unit here{panel.unit(operands.panel, operands.column, number),
                              k.address(operands.activations, k.mul(number, kRecordBytes))};
                    return addUnit(here, carried);
                  });
  }

private:
  struct Unit {
    BlockPanel::Unit weights;
    Value records; // of the first row
  };
  using Vectors = llvm::ArrayRef<int64_t>;

  Values addUnit(Unit unit, mlir::ValueRange carried) {
    Values sums(carried);
    if (tile.rows > 1 || nibbles)
      prefetchAhead(k, unit.weights.stream, panel.streamBytes());
    auto all = llvm::to_vector(llvm::seq<int64_t>(0, tile.vectors));
    for (int64_t group = 0; group < layout.groupsOfUnit(); ++group) {
      if (group != 0) // else the words of both groups stay in registers
        unit.weights.codes = k.hide(unit.weights.codes);
      if (!oneByOne) {
        addVectors(unit, group, all, sums);
        continue;
      }
      for (int64_t v : all) {
        if (v != 0) // else both passes share their broadcasts, which do not fit the registers
          unit.records = k.hide(unit.records);
        addVectors(unit, group, v, sums);
      }
    }
    return sums;
  }

  /// Adds one group to the sums of the vectors `vs`.
  void addVectors(const Unit &unit, int64_t group, Vectors vs, Values &sums) {
    Values integers = startValues(unit, group, vs);
    Values high(integers.size(), k.zero(k.vector(k.i32())));
    int64_t quads = layout.group / 4, first = group * quads;
    for (int64_t row = nibbles ? 0 : first; row < (nibbles ? 4 : first + quads); ++row) {
      Values weights;
      for (int64_t v : vs)
        weights.push_back(k.load(k.vector(k.i32()), unit.weights.codes,
                                 row * kCodeRow + v * vectorBytes(),
                                 static_cast<unsigned>(vectorBytes())));
      if (!nibbles) {
        addQuads(unit, weights, row, integers);
        continue;
      }
      if (first <= row)
        addQuads(unit, decoded(masked(weights, 0, 0x0f0f0f0f)), row, integers);
      if (first + quads <= row + 4)
        continue;
      if (twoSums)
        addQuads(unit, masked(weights, 0, 0xf0f0f0f0), row + 4, high);
      else
        addQuads(unit, decoded(masked(weights, 4, 0x0f0f0f0f)), row + 4, integers);
    }
    if (twoSums)
      for (auto [sum, part] : llvm::zip_equal(integers, high))
        sum = k.add(sum, k.shiftRightSigned(part, 4));
    addScaled(unit, group, vs, integers, sums);
  }

  /// Unsigned bytes that nibbles stand for.
  Values decoded(Values nibbles) {
    if (!layout.table.empty())
      for (Value &words : nibbles)
        words = panel.lookUp(words, layout.zero);
    return nibbles;
  }

  Values startValues(const Unit &unit, int64_t group, Vectors vs) {
    Values values;
    for (int64_t row = 0; row < tile.rows; ++row) {
      int64_t record = row * rowBytes(spec);
      Value start = hasMinimum ? k.zero(k.vector(k.i32()))
                    : layout.group == kUnitDepth
                        ? loadBroadcast(k, k.i32(), unit.records, record + kRecordCorrection)
                        : k.broadcast(k.mul(halfSum(k, unit.records, record, group), -layout.zero));
      values.append(vs.size(), start);
    }
    return values;
  }

  Values masked(mlir::ValueRange weights, int64_t shift, int64_t mask) {
    Values results;
    for (Value weight : weights)
      results.push_back(k.bitAnd(shift ? k.shiftRight(weight, shift) : weight, mask));
    return results;
  }

  /// Adds the products of four k, at activations 4 * quad of each row.
  void addQuads(const Unit &unit, mlir::ValueRange weights, int64_t quad, Values &integers) {
    for (int64_t row = 0; row < tile.rows; ++row) {
      Value codes = loadBroadcast(k, k.i32(), unit.records, row * rowBytes(spec) + 4 * quad);
      for (size_t v = 0; v < weights.size(); ++v) {
        Value &sum = integers[row * weights.size() + v];
        sum = k.target().vnni ? dotVNNI(sum, weights[v], codes) : dotWords(sum, weights[v], codes);
      }
    }
  }

  Value dotVNNI(Value sum, Value weights, Value codes) {
    Type bytes = k.vector(k.i8(), 4 * k.lanes());
    return k.intrinsic(k.target().avx512 ? "llvm.x86.avx512.vpdpbusd.512"
                                         : "llvm.x86.avx512.vpdpbusd.256",
                       sum.getType(), {sum, k.bitcast(weights, bytes), k.bitcast(codes, bytes)});
  }

  /// The same on AVX-512 without VNNI: bytes 0, 2 and 1, 3 as i16 (pmaddubsw would saturate).
  Value dotWords(Value sum, Value weights, Value codes) {
    Type words = k.vector(k.i16(), 2 * k.lanes());
    Value codeWords = k.bitcast(codes, words);
    Value evenCodes = k.shiftRightSigned(k.shiftLeft(codeWords, 8), 8);
    Value oddCodes = k.shiftRightSigned(codeWords, 8);
    Value evenWeights = k.bitAnd(k.bitcast(weights, words), 0xff);
    Value oddWeights = k.shiftRight(k.bitcast(weights, words), 8);
    auto pairs = [&](Value a, Value b) {
      return k.intrinsic("llvm.x86.avx512.pmaddw.d.512", sum.getType(), {a, b});
    };
    return k.add(k.add(sum, pairs(evenWeights, evenCodes)), pairs(oddWeights, oddCodes));
  }

  /// sums = fma(integer, scale * row's scale, sums), and a minimum after it.
  void addScaled(const Unit &unit, int64_t group, Vectors vs, mlir::ValueRange integers,
                 Values &sums) {
    Values scales, minima;
    for (int64_t v : vs) {
      scales.push_back(panel.scales(unit.weights, group, v));
      if (hasMinimum)
        minima.push_back(panel.minima(unit.weights, group, v));
    }
    for (int64_t row = 0; row < tile.rows; ++row) {
      int64_t record = row * rowBytes(spec);
      Value scale = loadBroadcast(k, k.f32(), unit.records, record + kRecordScale);
      Value sum = hasMinimum ? scaledSum(k, spec, unit.records, record, group) : Value();
      for (size_t i = 0; i < vs.size(); ++i) {
        Value &result = sums[row * tile.vectors + vs[i]];
        result = k.fma(k.toFloat(integers[row * vs.size() + i]), k.mul(scales[i], scale), result);
        if (hasMinimum)
          result = k.fma(minima[i], sum, result);
      }
    }
  }

  int64_t vectorBytes() const { return 4 * k.lanes(); }

  KernelBuilder &k;
  const ContractionSpec &spec;
  RegisterTile tile;
  BlockPanel panel;
  PackedLayout layout;
  bool nibbles, hasMinimum, oneByOne, twoSums;
};

} // namespace

Values integerSums(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile,
                   const TileOperands &operands) {
  return IntegerTile(kernel, spec, tile).sums(operands);
}

} // namespace tern::cpu
