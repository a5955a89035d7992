// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/ContractionTile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"

namespace tern::cpu {

Value loadBroadcast(KernelBuilder &kernel, Type type, Value base, int64_t offset) {
  unsigned alignment = type.getIntOrFloatBitWidth() / 8;
  return kernel.broadcast(kernel.load(type, base, offset, alignment));
}

Value halfSum(KernelBuilder &kernel, Value records, int64_t offset, int64_t half) {
  Value sum = kernel.load(kernel.i16(), records, offset + kRecordCorrection + 2 * half, 2);
  return kernel.extendSigned(sum, kernel.i32());
}

Value scaledSum(KernelBuilder &kernel, const ContractionSpec &spec, Value records, int64_t offset,
                int64_t group) {
  if (layoutOf(spec.weights).group == kUnitDepth)
    return loadBroadcast(kernel, kernel.f32(), records, offset + kRecordCorrection);
  Value scale = kernel.load(kernel.f32(), records, offset + kRecordScale);
  return kernel.broadcast(
      kernel.mul(scale, kernel.toFloat(halfSum(kernel, records, offset, group))));
}

void prefetchAhead(KernelBuilder &kernel, Value place, int64_t bytes, int64_t distance) {
  for (int64_t line = 0; line < bytes; line += 64)
    kernel.prefetch(place, distance + line);
}

namespace {

constexpr int64_t kWidenedRow = 4 * kPanelColumns;

/// What a row of a packed panel holds, or of a widened one: f32 for each k.
struct Panel {
  PackedLayout layout;
  bool widened;
  int64_t rowBytes() const { return widened ? layout.depth * kWidenedRow : layout.packedBytes; }
};

/// One step of k: one row of a panel.
class DenseTile {
public:
  DenseTile(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile, bool widened,
            bool asksAhead)
      : k(kernel), spec(spec), tile(tile), panel{layoutOf(spec.weights), widened},
        stride(rowBytes(spec)), pairs(spec.activations == ActivationForm::BF16),
        wordBytes(pairs ? 2 : 4), asksAhead(asksAhead) {}

  int64_t steps() const { return spec.k / panel.layout.depth; }

  Values zeros() { return Values(tile.rows * tile.vectors, k.zero(k.vector(k.f32()))); }

  /// Adds whole rows of the panel, `begin` to `end`.
  Values add(const TileOperands &operands, Value begin, Value end, mlir::ValueRange sums) {
    return k.loop(begin, end, 1, sums, [&](Value step, mlir::ValueRange carried) {
      auto [w, x] = at(operands, step);
      return addRow(w, x, carried, panel.layout.depth);
    });
  }

  /// Adds what is left of the last row: the first of a pair.
  Values addRest(const TileOperands &operands, mlir::ValueRange sums) {
    if (spec.k % panel.layout.depth == 0)
      return sums;
    auto [w, x] = at(operands, k.index(steps()));
    return addRow(w, x, sums, spec.k % panel.layout.depth);
  }

  /// Writes the rows of a packed panel as f32; the tile is of all columns.
  void widen(Value packed, Value widened) {
    int64_t depth = panel.layout.depth;
    k.loop(k.index(0), k.index(panel.layout.blocks(spec.k)), 1, [&](Value step) {
      Value from = k.address(packed, k.mul(step, panel.layout.packedBytes));
      Value to = k.address(widened, k.mul(step, depth * kWidenedRow));
      prefetchAhead(k, from, panel.layout.packedBytes);
      for (int64_t index = 0; index < depth; ++index)
        for (auto [v, weights] : llvm::enumerate(weightsOf(from, index)))
          k.store(weights, to, index * kWidenedRow + static_cast<int64_t>(v) * 4 * k.lanes(),
                  static_cast<unsigned>(4 * k.lanes()));
    });
  }

private:
  /// Where a step's weights and activations lie.
  std::pair<Value, Value> at(const TileOperands &operands, Value step) {
    int64_t columnBytes = (panel.widened ? kWidenedRow : panel.layout.packedBytes) / kPanelColumns;
    Value weights = k.address(operands.panel, k.mul(operands.column, columnBytes));
    return {k.address(weights, k.mul(step, panel.rowBytes())),
            k.address(operands.activations, k.mul(step, panel.layout.depth * wordBytes))};
  }

  /// Adds `depth` values of k at `w` and `x` to the sums.
  Values addRow(Value w, Value x, mlir::ValueRange carried, int64_t depth) {
    Values sums(carried);
    if (asksAhead)
      prefetchAhead(k, w, panel.layout.packedBytes * tile.vectors * k.lanes() / kPanelColumns,
                    // One row of AVX2 goes through a panel so fast that near lines are in time.
                    tile.rows == 1 && !k.target().avx512 ? 1024 : kFarAhead);
    if (pairs) {
      addPairs(sums, loadWeights(w, k.i32()), x, depth);
      return sums;
    }
    for (int64_t index = 0; index < depth; ++index) {
      if (index != 0 && k.target().registers < 32) { // else the words of both stay in registers
        w = k.hide(w);
        x = k.hide(x);
      }
      addProducts(sums, weightsOf(w, index), x, index);
    }
    return sums;
  }

  /// The weights of the k that is `index` in a row, as f32.
  Values weightsOf(Value w, int64_t index) {
    if (panel.widened)
      return loadWeights(k.address(w, index * kWidenedRow), k.f32());
    if (spec.weights == Storage::BF16)
      return llvm::map_to_vector(loadWeights(w, k.i32()),
                                 [&](Value words) { return half(words, index == 1); });
    return loadWeights(w, spec.weights == Storage::F32 ? k.f32() : k.f16());
  }

  /// A row of weights as f32, or as it is for i32.
  Values loadWeights(Value w, Type element) {
    int64_t bytes = k.lanes() * element.getIntOrFloatBitWidth() / 8;
    Values vectors;
    for (int64_t v = 0; v < tile.vectors; ++v) {
      Value loaded = k.load(k.vector(element), w, v * bytes, static_cast<unsigned>(bytes));
      vectors.push_back(element.isF16() ? k.convertFloat(loaded, k.f32()) : loaded);
    }
    return vectors;
  }

  /// The first or second bf16 of each pair as f32.
  Value half(Value words, bool second) {
    Value bits = second ? k.bitAnd(words, 0xffff0000) : k.shiftLeft(words, 16);
    return k.bitcast(bits, k.vector(k.f32()));
  }

  void addProducts(Values &sums, mlir::ValueRange weights, Value x, int64_t index) {
    for (int64_t row = 0; row < tile.rows; ++row) {
      Value activation = loadBroadcast(k, k.f32(), x, row * stride + index * wordBytes);
      for (int64_t v = 0; v < tile.vectors; ++v) {
        Value &sum = sums[row * tile.vectors + v];
        sum = k.fma(activation, weights[v], sum);
      }
    }
  }

  /// Both products of each pair by one instruction; the partner of a last single k is 0.
  void addPairs(Values &sums, mlir::ValueRange weights, Value x, int64_t depth) {
    Type words = k.vector(k.bf16(), 2 * k.lanes()), result = k.vector(k.f32());
    for (int64_t row = 0; row < tile.rows; ++row) {
      Value pair = depth == 2 ? k.load(k.i32(), x, row * stride, 2)
                              : k.extendUnsigned(k.load(k.i16(), x, row * stride, 2), k.i32());
      Value activation = k.bitcast(k.broadcast(pair), words);
      for (int64_t v = 0; v < tile.vectors; ++v) {
        Value &sum = sums[row * tile.vectors + v];
        sum = k.intrinsic("llvm.x86.avx512bf16.dpbf16ps.512", result,
                          {sum, activation, k.bitcast(weights[v], words)});
      }
    }
  }

  KernelBuilder &k;
  const ContractionSpec &spec;
  RegisterTile tile;
  Panel panel;
  int64_t stride;    // bytes of a row of activations
  bool pairs;        // pairs of bf16 are multiplied by one instruction
  int64_t wordBytes; // bytes of one activation
  bool asksAhead;
};

/// Few rows, too many for the registers: two after the other, for as many k as stay in the first
/// cache, so that a panel is read once. The sums are in scratch.
class ChunkedTile {
public:
  ChunkedTile(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile)
      : k(kernel), spec(spec), tile(tile) {}

  void storeSums(const TileOperands &operands) {
    int64_t chunk = kChunkBytes / layoutOf(spec.weights).packedBytes;
    for (int64_t i = 0; i < tile.rows * tile.vectors; ++i)
      k.store(k.zero(k.vector(k.f32())), k.scratch(), i * vectorBytes(), 32);
    Value steps = k.index(spec.k / layoutOf(spec.weights).depth);
    k.loop(k.index(0), steps, chunk, [&](Value begin) {
      Value end = k.min(k.add(begin, chunk), steps);
      change(operands, [&](DenseTile &part, const TileOperands &here, mlir::ValueRange sums) {
        return part.add(here, begin, end, sums);
      });
    });
    if (spec.k % layoutOf(spec.weights).depth)
      change(operands, [&](DenseTile &part, const TileOperands &here, mlir::ValueRange sums) {
        return part.addRest(here, sums);
      });
  }

private:
  static constexpr int64_t kRows = 2;
  static constexpr int64_t kChunkBytes = 2048; // short: lines are asked for by the first two rows

  /// Replaces the sums of two rows after the other.
  void change(const TileOperands &operands,
              llvm::function_ref<Values(DenseTile &, const TileOperands &, mlir::ValueRange)> add) {
    for (int64_t first = 0; first < tile.rows; first += kRows) {
      RegisterTile rows{std::min(kRows, tile.rows - first), tile.vectors};
      DenseTile part(k, spec, rows, /*widened=*/false, /*asksAhead=*/first == 0);
      TileOperands here = operands;
      here.activations = k.address(operands.activations, first * rowBytes(spec));
      Values sums;
      for (int64_t i = 0; i < rows.rows * rows.vectors; ++i)
        sums.push_back(k.load(k.vector(k.f32()), k.scratch(), place(first, i), 32));
      for (auto [i, sum] : llvm::enumerate(add(part, here, sums)))
        k.store(sum, k.scratch(), place(first, static_cast<int64_t>(i)), 32);
    }
  }

  int64_t vectorBytes() const { return 4 * k.lanes(); }
  int64_t place(int64_t row, int64_t i) const { return (row * tile.vectors + i) * vectorBytes(); }

  KernelBuilder &k;
  const ContractionSpec &spec;
  RegisterTile tile;
};

} // namespace

Values denseSums(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile,
                 const TileOperands &operands) {
  // Sums, a row of weights and an activation.
  if ((tile.rows + 1) * tile.vectors + 1 > kernel.target().registers) {
    ChunkedTile(kernel, spec, tile).storeSums(operands);
    return {};
  }
  // Parts of a panel's columns are for many rows, of which few wait for memory.
  bool direct = spec.weights == Storage::F32 ||
                (spec.activations == ActivationForm::BF16 && kernel.target().bf16);
  bool asksAhead = tile.vectors * kernel.lanes() == kPanelColumns && (tile.rows > 1 || !direct);
  DenseTile dense(kernel, spec, tile, /*widened=*/false, asksAhead);
  Value steps = kernel.index(dense.steps());
  return dense.addRest(operands, dense.add(operands, kernel.index(0), steps, dense.zeros()));
}

Values widenedDenseSums(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile,
                        const TileOperands &operands) {
  DenseTile dense(kernel, spec, tile, /*widened=*/true, /*asksAhead=*/false);
  Value steps = kernel.index(dense.steps());
  return dense.addRest(operands, dense.add(operands, kernel.index(0), steps, dense.zeros()));
}

void widenDensePanel(KernelBuilder &kernel, const ContractionSpec &spec, Value panel,
                     Value widened) {
  RegisterTile tile{1, kPanelColumns / kernel.lanes()};
  DenseTile(kernel, spec, tile, /*widened=*/false, /*asksAhead=*/false).widen(panel, widened);
}

int64_t widenedDenseBytes(const ContractionSpec &spec) {
  PackedLayout layout = layoutOf(spec.weights);
  return layout.blocks(spec.k) * layout.depth * kWidenedRow;
}

} // namespace tern::cpu
