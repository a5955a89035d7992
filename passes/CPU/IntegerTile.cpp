// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
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
      : k(kernel), spec(spec), tile(tile), layout(layoutOf(spec.weights)),
        nibbles(spec.weights != Storage::Q8_0), hasMinimum(spec.weights == Storage::Q4_1),
        // f32 and i32 sums of all vectors, two weights, a broadcast and two masks must fit; else
        // the integer sums of one vector are finished before those of the next begin.
        oneByOne(2 * tile.rows * tile.vectors + 5 > kernel.target().registers),
        // A second sum for the high nibbles, 16 times too large, saves their shifts.
        twoSums(nibbles && kernel.target().vnni && tile.rows * tile.vectors <= 6) {}

  Values sums(const TileOperands &operands) {
    Values zeros(tile.rows * tile.vectors, k.zero(k.vector(k.f32())));
    Value scales = k.address(operands.panel, k.mul(operands.column, 2));
    Value codes =
        k.address(k.address(operands.panel, k.mul(operands.column, 4)), layout.headerBytes);
    return k.loop(k.index(0), k.index(spec.k / layout.depth), 1, zeros,
                  [&](Value block, mlir::ValueRange carried) {
                    Value offset = k.mul(block, layout.packedBytes);
                    Block here{k.address(scales, offset), k.address(codes, offset),
                               k.address(operands.activations, k.mul(block, kRecordBytes))};
                    return addBlock(here, carried);
                  });
  }

private:
  struct Block {
    Value scales;
    Value codes;
    Value records; // of the first row
  };
  using Vectors = llvm::ArrayRef<int64_t>;

  Values addBlock(Block block, mlir::ValueRange carried) {
    Values sums(carried);
    if (tile.rows > 1 || nibbles)
      prefetchAhead(k, block.scales, layout.packedBytes);
    auto all = llvm::to_vector(llvm::seq<int64_t>(0, tile.vectors));
    if (!oneByOne) {
      addVectors(block, all, sums);
      return sums;
    }
    for (int64_t v : all) {
      if (v != 0) // else both passes share their broadcasts, which do not fit the registers
        block.records = k.hide(block.records);
      addVectors(block, v, sums);
    }
    return sums;
  }

  /// Adds one block to the sums of the vectors `vs`.
  void addVectors(const Block &block, Vectors vs, Values &sums) {
    Values integers = startValues(block, vs);
    Values high(integers.size(), k.zero(k.vector(k.i32())));
    for (int64_t row = 0; row < (nibbles ? 4 : 8); ++row) {
      Values weights;
      for (int64_t v : vs)
        weights.push_back(k.load(k.vector(k.i32()), block.codes, row * 128 + v * vectorBytes(),
                                 static_cast<unsigned>(vectorBytes())));
      if (!nibbles) {
        addQuads(block, weights, row, integers);
        continue;
      }
      addQuads(block, masked(weights, 0, 0x0f0f0f0f), row, integers);
      if (twoSums)
        addQuads(block, masked(weights, 0, 0xf0f0f0f0), row + 4, high);
      else
        addQuads(block, masked(weights, 4, 0x0f0f0f0f), row + 4, integers);
    }
    if (twoSums)
      for (auto [sum, part] : llvm::zip_equal(integers, high))
        sum = k.add(sum, k.shiftRightSigned(part, 4));
    addScaled(block, vs, integers, sums);
  }

  Values startValues(const Block &block, Vectors vs) {
    Values values;
    for (int64_t row = 0; row < tile.rows; ++row) {
      Value start = hasMinimum ? k.zero(k.vector(k.i32()))
                               : loadBroadcast(k, k.i32(), block.records,
                                               row * rowBytes(spec) + kRecordCorrection);
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
  void addQuads(const Block &block, mlir::ValueRange weights, int64_t quad, Values &integers) {
    for (int64_t row = 0; row < tile.rows; ++row) {
      Value codes = loadBroadcast(k, k.i32(), block.records, row * rowBytes(spec) + 4 * quad);
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

  /// sums = fma(integer, scale * row's scale, sums), and q4_1's minimum after it.
  void addScaled(const Block &block, Vectors vs, mlir::ValueRange integers, Values &sums) {
    auto loadHalves = [&](int64_t offset) {
      Values values;
      for (int64_t v : vs)
        values.push_back(
            k.convertFloat(k.load(k.vector(k.f16()), block.scales, offset + v * vectorBytes() / 2,
                                  static_cast<unsigned>(vectorBytes() / 2)),
                           k.f32()));
      return values;
    };
    Values scales = loadHalves(0), minima = hasMinimum ? loadHalves(64) : Values();
    for (int64_t row = 0; row < tile.rows; ++row) {
      int64_t record = row * rowBytes(spec);
      Value scale = loadBroadcast(k, k.f32(), block.records, record + kRecordScale);
      Value sum = hasMinimum ? loadBroadcast(k, k.f32(), block.records, record + kRecordCorrection)
                             : Value();
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
  PackedLayout layout;
  bool nibbles, hasMinimum, oneByOne, twoSums;
};

} // namespace

Values integerSums(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile,
                   const TileOperands &operands) {
  return IntegerTile(kernel, spec, tile).sums(operands);
}

} // namespace tern::cpu
