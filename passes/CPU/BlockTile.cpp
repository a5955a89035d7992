// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/BlockPanel.h"
#include "passes/CPU/ContractionTile.h"

namespace tern::cpu {

namespace {

constexpr int64_t kRow = 4 * kPanelColumns; // bytes of a row of a widened panel

/// Bytes of a widened unit's scales and minima.
int64_t widenedHeaderOf(const PackedLayout &layout) {
  return layout.groupsOfUnit() * (layout.minimum ? 2 : 1) * kRow;
}
int64_t widenedUnitOf(const PackedLayout &layout) {
  return widenedHeaderOf(layout) + kUnitDepth * kRow;
}

/// Block-quantised weights with activations in floats: code by code as exact f32.
class BlockTile {
public:
  BlockTile(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile)
      : k(kernel), spec(spec), tile(tile), panel(kernel, spec.weights),
        layout(layoutOf(spec.weights)), hasMinimum(layout.minimum) {}

  Values packedSums(const TileOperands &operands) {
    return overUnits(operands, [&](Value number, Value x, Values &sums) {
      BlockPanel::Unit unit = panel.unit(operands.panel, operands.column, number);
      prefetchAhead(k, unit.stream, panel.streamBytes());
      for (int64_t group = 0; group < layout.groupsOfUnit(); ++group) {
        Values partial = zeroPartial(), scales, minima;
        forEachCode(unit.codes, group, [&](int64_t depth, Values weights) {
          addProducts(partial, weights, k.address(x, wordBytes() * depth));
        });
        for (int64_t v = 0; v < tile.vectors; ++v) {
          scales.push_back(panel.scales(unit, group, v));
          if (hasMinimum)
            minima.push_back(panel.minima(unit, group, v));
        }
        addScaled(sums, partial, scales, minima);
      }
    });
  }

  Values widenedSums(const TileOperands &operands) {
    return overUnits(operands, [&](Value number, Value x, Values &sums) {
      Value first = k.address(k.address(operands.panel, k.mul(number, widenedUnitOf(layout))),
                              k.mul(operands.column, 4));
      for (int64_t group = 0; group < layout.groupsOfUnit(); ++group) {
        int64_t begin = group * layout.group, header = scalesOffset(group);
        Values partial = k.loop(k.index(begin), k.index(begin + layout.group), 1, zeroPartial(),
                                [&](Value depth, mlir::ValueRange carried) {
                                  Values products(carried);
                                  Value row = k.address(first, k.mul(depth, kRow));
                                  addProducts(products, loadFloats(row, widenedHeaderOf(layout)),
                                              k.address(x, k.mul(depth, wordBytes())));
                                  return products;
                                });
        addScaled(sums, partial, loadFloats(first, header),
                  hasMinimum ? loadFloats(first, header + kRow) : Values());
      }
    });
  }

  /// For a tile of all columns of a panel.
  void widen(Value packed, Value widened) {
    k.loop(k.index(0), k.index(units()), 1, [&](Value number) {
      BlockPanel::Unit unit = panel.unit(packed, k.index(0), number);
      Value to = k.address(widened, k.mul(number, widenedUnitOf(layout)));
      prefetchAhead(k, unit.stream, panel.streamBytes());
      for (int64_t group = 0; group < layout.groupsOfUnit(); ++group) {
        for (int64_t v = 0; v < tile.vectors; ++v) {
          int64_t offset = scalesOffset(group) + v * 4 * k.lanes();
          store(panel.scales(unit, group, v), to, offset);
          if (hasMinimum)
            store(panel.minima(unit, group, v), to, offset + kRow);
        }
        forEachCode(unit.codes, group, [&](int64_t depth, Values weights) {
          for (auto [v, numbers] : llvm::enumerate(weights))
            store(numbers, to, widenedHeaderOf(layout) + depth * kRow + int64_t(v) * 4 * k.lanes());
        });
      }
    });
  }

private:
  int64_t units() const { return spec.k / kUnitDepth; }
  /// Of an activation.
  int64_t wordBytes() const { return spec.activations == ActivationForm::F32 ? 4 : 2; }
  /// Of a group in a widened unit.
  int64_t scalesOffset(int64_t group) const { return group * (hasMinimum ? 2 : 1) * kRow; }

  /// Loops over units; `add` adds one to the sums.
  Values overUnits(const TileOperands &operands,
                   llvm::function_ref<void(Value number, Value x, Values &sums)> add) {
    Values zeros(tile.rows * tile.vectors, k.zero(k.vector(k.f32())));
    return k.loop(
        k.index(0), k.index(units()), 1, zeros, [&](Value number, mlir::ValueRange carried) {
          Values sums(carried);
          add(number, k.address(operands.activations, k.mul(number, wordBytes() * kUnitDepth)),
              sums);
          return sums;
        });
  }

  /// Sums of x * code of each row and vector; with minima, then each row's sum of x.
  Values zeroPartial() {
    return Values(tile.rows * (tile.vectors + hasMinimum), k.zero(k.vector(k.f32())));
  }

  void addProducts(Values &partial, mlir::ValueRange weights, Value x) {
    for (int64_t row = 0; row < tile.rows; ++row) {
      Value activation = loadActivation(k, spec.activations, x, row * rowBytes(spec));
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

  void addScaled(Values &sums, mlir::ValueRange partial, mlir::ValueRange scales,
                 mlir::ValueRange minima) {
    for (int64_t row = 0; row < tile.rows; ++row)
      for (int64_t v = 0; v < tile.vectors; ++v) {
        Value &sum = sums[row * tile.vectors + v];
        sum = k.fma(scales[v], partial[row * tile.vectors + v], sum);
        if (hasMinimum)
          sum = k.fma(minima[v], partial[tile.rows * tile.vectors + row], sum);
      }
  }

  /// Calls `use` with the codes of each k of a unit's group as f32, k ascending.
  void forEachCode(Value codes, int64_t group, llvm::function_ref<void(int64_t, Values)> use) {
    int64_t quads = layout.group / 4;
    for (int64_t quad = group * quads; quad < (group + 1) * quads; ++quad) {
      // Else the words of all rows stay in registers.
      if (layout.nibbles() && quad == 4 && k.target().registers < 32)
        codes = k.hide(codes);
      Values words = loadVectors(k.i32(), codes, (layout.nibbles() ? quad % 4 : quad) * kCodeRow);
      if (!layout.table.empty())
        for (Value &word : words)
          word = panel.lookUp(k.bitAnd(quad < 4 ? word : k.shiftRight(word, 4), 0x0f0f0f0f), 128);
      for (int64_t byte = 0; byte < 4; ++byte) {
        Values weights;
        for (Value word : words)
          weights.push_back(!layout.numbers.empty() ? namedNumber(word, byte, quad / 4)
                            : layout.nibbles() && layout.table.empty()
                                ? nibbleToFloat(word, 2 * byte + quad / 4)
                                : byteToFloat(word, byte));
        use(4 * quad + byte, weights);
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

  Value namedNumber(Value word, int64_t byte, int64_t half) {
    int64_t shift = 8 * byte + (layout.nibbles() ? 4 * half : 0);
    Value code = shift ? k.shiftRight(word, shift) : word;
    return panel.numbers(k.bitAnd(code, layout.nibbles() ? 15 : 255));
  }

  Value byteToFloat(Value word, int64_t byte) { // bits 8..15 under 2^15: units of 1
    return fieldToFloat(word, 8 * byte - 8, 0xff00, 0x47000000,
                        32768. + static_cast<double>(layout.zero));
  }

  Value nibbleToFloat(Value word, int64_t nibble) {
    auto offset = static_cast<double>(layout.zero);
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
  void store(Value vector, Value base, int64_t offset) {
    k.store(vector, base, offset, static_cast<unsigned>(4 * k.lanes()));
  }

  KernelBuilder &k;
  const ContractionSpec &spec;
  RegisterTile tile;
  BlockPanel panel;
  PackedLayout layout;
  bool hasMinimum;
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
  return spec.k / kUnitDepth * widenedUnitOf(layoutOf(spec.weights));
}

} // namespace tern::cpu
