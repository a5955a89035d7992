// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/ContractionTile.h"

namespace tern::cpu {

namespace {

/// Integer sums by vpmaddubsw, u8 x s8 in pairs of i16, where there is no dot product into i32.
///   nibbles   a pair is at most 2 * 15 * 127, so the 8 pairs of a block still fit i16
///   bytes     |code| x (activation with the code's sign): at most 2 * 128 * 127, which fits i16;
///             each pair is widened at once
/// Integer sums of all rows and two vectors fill the registers; the sums in f32 stay in scratch.
class PairTile {
public:
  PairTile(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile)
      : k(kernel), spec(spec), tile(tile), layout(layoutOf(spec.weights)),
        nibbles(spec.weights != Storage::Q8_0), hasMinimum(spec.weights == Storage::Q4_1) {}

  void addAll(const TileOperands &operands) {
    for (int64_t i = 0; i < tile.rows * tile.vectors; ++i)
      k.store(k.zero(k.vector(k.f32())), k.scratch(), i * vectorBytes(), 32);
    Value scales = k.address(operands.panel, k.mul(operands.column, 2));
    Value codes =
        k.address(k.address(operands.panel, k.mul(operands.column, 4)), layout.headerBytes);
    k.loop(k.index(0), k.index(spec.k / layout.depth), 1, [&](Value block) {
      Value offset = k.mul(block, layout.packedBytes);
      addBlock({k.address(scales, offset), k.address(codes, offset),
                k.address(operands.activations, k.mul(block, kRecordBytes))});
    });
  }

private:
  struct Block {
    Value scales;
    Value codes;
    Value records; // of the first row
  };
  static constexpr int64_t kVectors = 2; // of the tile at a time: a line of codes
  /// Bytes between what is read and what is asked for, line by line among the arithmetic: a whole
  /// block's lines at once keep the others of one row waiting (measured on Zen 3: bytes read at 79
  /// % of the limit with 2 KiB, at 87 % with 1; nibbles at 88 and 91 % the other way round).
  int64_t ahead() const { return nibbles ? 2048 : 1024; }

  void addBlock(const Block &block) {
    for (int64_t line = 0; line < layout.headerBytes; line += 64)
      k.prefetch(block.scales, ahead() + line);
    for (int64_t first = 0; first < tile.vectors; first += kVectors)
      addVectors(block, first);
  }

  /// Adds the block to the sums of the vectors from `first` on.
  void addVectors(const Block &block, int64_t first) {
    Values integers(tile.rows * kVectors, k.zero(nibbles ? words() : k.vector(k.i32())));
    // A loop, for LLVM would add the products of an unrolled one in another order and spill them.
    for (int64_t half = 0; half < (nibbles ? 2 : 1); ++half)
      integers = k.loop(k.index(0), k.index(nibbles ? 4 : 8), 1, integers,
                        [&](Value quad, mlir::ValueRange carried) {
                          return addQuad(block, first, quad, half, carried);
                        });
    addScaled(block, first, integers);
  }

  /// Adds the products of four k: those of the low or high nibbles, or of the bytes, of a row.
  Values addQuad(const Block &block, int64_t first, Value quad, int64_t half,
                 mlir::ValueRange carried) {
    Values integers(carried), weights, signs;
    Value row = k.address(block.codes, k.mul(quad, 4 * kPanelColumns));
    Value activations = k.address(block.records, k.mul(quad, 4));
    for (int64_t v = 0; v < kVectors; ++v) {
      Value word = k.load(k.vector(k.i32()), row, (first + v) * vectorBytes(), 32);
      if (nibbles) {
        weights.push_back(k.bitAnd(half == 0 ? word : k.shiftRight(word, 4), 0x0f0f0f0f));
      } else {
        signs.push_back(k.bitcast(k.bitXor(word, 0x80808080), bytes()));
        weights.push_back(absolute(signs[v]));
      }
    }
    if (half == 0)
      k.prefetch(row, ahead() + first * vectorBytes());
    for (int64_t r = 0; r < tile.rows; ++r) {
      Value codes = k.bitcast(
          loadBroadcast(k, k.i32(), activations, r * rowBytes(spec) + 16 * half), bytes());
      for (int64_t v = 0; v < kVectors; ++v) {
        Value &sum = integers[r * kVectors + v];
        sum = k.add(sum, nibbles ? pairs(weights[v], codes)
                                 : widened(pairs(weights[v], withSign(codes, signs[v]))));
      }
    }
    return integers;
  }

  /// sums = fma(integer, scale * row's scale, sums), and q4_1's minimum after it.
  void addScaled(const Block &block, int64_t first, mlir::ValueRange integers) {
    Values scales = loadHalves(block, first, 0);
    Values minima = hasMinimum ? loadHalves(block, first, 2 * kPanelColumns) : Values();
    for (int64_t row = 0; row < tile.rows; ++row) {
      int64_t record = row * rowBytes(spec);
      Value scale = loadBroadcast(k, k.f32(), block.records, record + kRecordScale);
      for (int64_t v = 0; v < kVectors; ++v) {
        Value integer = integers[row * kVectors + v];
        if (nibbles)
          integer = widened(integer);
        if (nibbles && !hasMinimum)
          integer =
              k.add(integer, loadBroadcast(k, k.i32(), block.records, record + kRecordCorrection));
        int64_t place = (row * tile.vectors + first + v) * vectorBytes();
        Value sum = k.load(k.vector(k.f32()), k.scratch(), place, 32);
        sum = k.fma(k.toFloat(integer), k.mul(scales[v], scale), sum);
        if (hasMinimum)
          sum = k.fma(minima[v],
                      loadBroadcast(k, k.f32(), block.records, record + kRecordCorrection), sum);
        k.store(sum, k.scratch(), place, 32);
      }
    }
  }

  Values loadHalves(const Block &block, int64_t first, int64_t offset) {
    Values values;
    for (int64_t v = 0; v < kVectors; ++v)
      values.push_back(k.convertFloat(
          k.load(k.vector(k.f16()), block.scales, offset + (first + v) * vectorBytes() / 2, 16),
          k.f32()));
    return values;
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
  PackedLayout layout;
  bool nibbles, hasMinimum;
};

} // namespace

Values pairSums(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile,
                const TileOperands &operands) {
  PairTile(kernel, spec, tile).addAll(operands);
  return {};
}

} // namespace tern::cpu
