// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/ContractionTile.h"

namespace tern::cpu {

namespace {

constexpr int64_t kDepth = 32;              // k of a block
constexpr int64_t kRow = 4 * kPanelColumns; // bytes of a row of a packed block or a widened one

/// Block-quantised weights with f32 activations: code by code as exact f32.
class BlockTile {
public:
  BlockTile(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile)
      : k(kernel), spec(spec), tile(tile), layout(layoutOf(spec.weights)),
        nibbles(spec.weights != Storage::Q8_0), hasMinimum(spec.weights == Storage::Q4_1) {}

  int64_t widenedHeader() const { return hasMinimum ? 2 * kRow : kRow; }
  int64_t widenedBlock() const { return widenedHeader() + kDepth * kRow; }
  int64_t blocks() const { return spec.k / kDepth; }

  Values packedSums(const TileOperands &operands) {
    return overBlocks(operands, layout.packedBytes, [&](Value block, Value x) {
      Value codes = k.address(k.address(block, k.mul(operands.column, 4)), layout.headerBytes);
      Value header = k.address(block, k.mul(operands.column, 2));
      Values partial = zeroPartial();
      prefetchAhead(k, block, layout.packedBytes);
      forEachCode(codes, [&](int64_t depth, Values weights) {
        addProducts(partial, weights, k.address(x, 4 * depth));
      });
      Values scales = loadHalves(header, 0);
      return std::tuple(partial, scales, hasMinimum ? loadHalves(header, 64) : Values());
    });
  }

  Values widenedSums(const TileOperands &operands) {
    return overBlocks(operands, widenedBlock(), [&](Value block, Value x) {
      Value first = k.address(block, k.mul(operands.column, 4));
      Values partial = k.loop(k.index(0), k.index(kDepth), 1, zeroPartial(),
                              [&](Value depth, mlir::ValueRange carried) {
                                Values sums(carried);
                                Value row = k.address(first, k.mul(depth, kRow));
                                addProducts(sums, loadFloats(row, widenedHeader()),
                                            k.address(x, k.mul(depth, 4)));
                                return sums;
                              });
      Values scales = loadFloats(first, 0);
      return std::tuple(partial, scales, hasMinimum ? loadFloats(first, kRow) : Values());
    });
  }

  /// For a tile of all columns of a panel.
  void widen(Value panel, Value widened) {
    k.loop(k.index(0), k.index(blocks()), 1, [&](Value number) {
      Value from = k.address(panel, k.mul(number, layout.packedBytes));
      Value to = k.address(widened, k.mul(number, widenedBlock()));
      storeFloats(loadHalves(from, 0), to, 0);
      if (hasMinimum)
        storeFloats(loadHalves(from, 64), to, kRow);
      prefetchAhead(k, from, layout.packedBytes);
      forEachCode(k.address(from, layout.headerBytes), [&](int64_t depth, Values weights) {
        storeFloats(weights, to, widenedHeader() + depth * kRow);
      });
    });
  }

private:
  /// Loops over blocks of `bytes`; `part` gives a block's partial sums, scales and minima.
  Values
  overBlocks(const TileOperands &operands, int64_t bytes,
             llvm::function_ref<std::tuple<Values, Values, Values>(Value block, Value x)> part) {
    Values zeros(tile.rows * tile.vectors, k.zero(k.vector(k.f32())));
    return k.loop(k.index(0), k.index(blocks()), 1, zeros,
                  [&](Value number, mlir::ValueRange carried) {
                    Value block = k.address(operands.panel, k.mul(number, bytes));
                    Value x = k.address(operands.activations, k.mul(number, 4 * kDepth));
                    auto [partial, scales, minima] = part(block, x);
                    return addScaled(carried, partial, scales, minima);
                  });
  }

  /// Sums of x * code of each row and vector; with minima, then each row's sum of x.
  Values zeroPartial() {
    return Values(tile.rows * (tile.vectors + hasMinimum), k.zero(k.vector(k.f32())));
  }

  void addProducts(Values &partial, mlir::ValueRange weights, Value x) {
    for (int64_t row = 0; row < tile.rows; ++row) {
      Value activation = loadBroadcast(k, k.f32(), x, row * rowBytes(spec));
      if (hasMinimum) {
        Value &sum = partial[tile.rows * tile.vectors + row];
        sum = k.add(sum, activation);
      }
      for (int64_t v = 0; v < tile.vectors; ++v) {
        Value &sum = partial[row * tile.vectors + v];
        sum = k.fma(activation, weights[v], sum);
      }
    }
  }

  Values addScaled(mlir::ValueRange carried, mlir::ValueRange partial, mlir::ValueRange scales,
                   mlir::ValueRange minima) {
    Values sums(carried);
    for (int64_t row = 0; row < tile.rows; ++row)
      for (int64_t v = 0; v < tile.vectors; ++v) {
        Value &sum = sums[row * tile.vectors + v];
        sum = k.fma(scales[v], partial[row * tile.vectors + v], sum);
        if (hasMinimum)
          sum = k.fma(minima[v], partial[tile.rows * tile.vectors + row], sum);
      }
    return sums;
  }

  /// Calls `use` with the codes of each k of a packed block as f32, k ascending.
  void forEachCode(Value codes, llvm::function_ref<void(int64_t, Values)> use) {
    for (int64_t half = 0; half < (nibbles ? 2 : 1); ++half) {
      if (half == 1 && k.target().registers < 32) // else the words of all rows stay in registers
        codes = k.hide(codes);
      for (int64_t row = 0; row < (nibbles ? 4 : 8); ++row) {
        Values words = loadVectors(k.i32(), codes, row * kRow);
        for (int64_t byte = 0; byte < 4; ++byte) {
          Values weights;
          for (Value word : words)
            weights.push_back(nibbles ? nibbleToFloat(word, 2 * byte + half)
                                      : byteToFloat(word, byte));
          use(16 * half + 4 * row + byte, weights);
        }
      }
    }
  }

  /// A number placed in the low bits of the significand of a power of two, less that power (and
  /// the storage's offset), is exact and needs no integer conversion.
  Value fieldToFloat(Value word, int64_t shiftRight, int64_t mask, int64_t exponentBits,
                     double offset) {
    Value field = shiftRight >= 0 ? k.shiftRight(word, shiftRight) : k.shiftLeft(word, -shiftRight);
    Value bits = k.bitOr(k.bitAnd(field, mask), exponentBits);
    Value number = k.bitcast(bits, k.vector(k.f32()));
    return k.sub(number, k.constant(number.getType(), offset));
  }

  Value byteToFloat(Value word, int64_t byte) { // bits 8..15 under 2^15: units of 1
    return fieldToFloat(word, 8 * byte - 8, 0xff00, 0x47000000, 32768 + 128);
  }

  Value nibbleToFloat(Value word, int64_t nibble) {
    double offset = hasMinimum ? 0 : 8;
    // Nibbles 0, 4 and 6 go to bits 16..19 under 2^7, the others to bits 12..15 under 2^11: those
    // positions take the fewest shifts.
    if (nibble == 0 || nibble == 4 || nibble == 6)
      return fieldToFloat(word, 4 * nibble - 16, 0xf0000, 0x43000000, 128 + offset);
    return fieldToFloat(word, 4 * nibble - 12, 0xf000, 0x45000000, 2048 + offset);
  }

  Values loadVectors(Type element, Value base, int64_t offset) {
    int64_t bytes = k.lanes() * element.getIntOrFloatBitWidth() / 8;
    Values vectors;
    for (int64_t v = 0; v < tile.vectors; ++v)
      vectors.push_back(
          k.load(k.vector(element), base, offset + v * bytes, static_cast<unsigned>(bytes)));
    return vectors;
  }
  Values loadFloats(Value base, int64_t offset) { return loadVectors(k.f32(), base, offset); }
  Values loadHalves(Value base, int64_t offset) {
    Values vectors = loadVectors(k.f16(), base, offset);
    for (Value &vector : vectors)
      vector = k.convertFloat(vector, k.f32());
    return vectors;
  }
  void storeFloats(mlir::ValueRange vectors, Value base, int64_t offset) {
    int64_t bytes = 4 * k.lanes();
    for (size_t v = 0; v < vectors.size(); ++v)
      k.store(vectors[v], base, offset + static_cast<int64_t>(v) * bytes,
              static_cast<unsigned>(bytes));
  }

  KernelBuilder &k;
  const ContractionSpec &spec;
  RegisterTile tile;
  PackedLayout layout;
  bool nibbles, hasMinimum;
};

} // namespace

Values blockSums(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile,
                 const TileOperands &operands) {
  return BlockTile(kernel, spec, tile).packedSums(operands);
}

Values widenedSums(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile,
                   const TileOperands &operands) {
  return BlockTile(kernel, spec, tile).widenedSums(operands);
}

void widenPanel(KernelBuilder &kernel, const ContractionSpec &spec, Value panel, Value widened) {
  BlockTile(kernel, spec, {1, kPanelColumns / kernel.lanes()}).widen(panel, widened);
}

int64_t widenedBytes(const ContractionSpec &spec) {
  int64_t header = spec.weights == Storage::Q4_1 ? 2 * kRow : kRow;
  return spec.k / kDepth * (header + kDepth * kRow);
}

} // namespace tern::cpu
