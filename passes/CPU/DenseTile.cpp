// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/ContractionTile.h"

namespace tern::cpu {

Value loadBroadcast(KernelBuilder &kernel, Type type, Value base, int64_t offset) {
  unsigned alignment = type.getIntOrFloatBitWidth() / 8;
  return kernel.broadcast(kernel.load(type, base, offset, alignment));
}

void prefetchAhead(KernelBuilder &kernel, Value place, int64_t bytes) {
  constexpr int64_t distance = 8192; // measured: 4 to 16 KiB serve alike
  for (int64_t line = 0; line < bytes; line += 64)
    kernel.prefetch(place, distance + line);
}

namespace {

/// One step of k: one row of a packed panel.
class DenseTile {
public:
  DenseTile(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile)
      : k(kernel), spec(spec), tile(tile), layout(layoutOf(spec.weights)), stride(rowBytes(spec)),
        pairs(spec.activations == ActivationForm::BF16), wordBytes(pairs ? 2 : 4),
        asksAhead(tile.rows > 1 || !(pairs || spec.weights == Storage::F32)) {}

  Values sums(const TileOperands &operands) {
    Value weights =
        k.address(operands.panel, k.mul(operands.column, layout.packedBytes / kPanelColumns));
    Values zeros(tile.rows * tile.vectors, k.zero(k.vector(k.f32())));
    int64_t steps = spec.k / layout.depth;
    auto at = [&](Value step) {
      return std::pair(k.address(weights, k.mul(step, layout.packedBytes)),
                       k.address(operands.activations, k.mul(step, layout.depth * wordBytes)));
    };
    Values sums =
        k.loop(k.index(0), k.index(steps), 1, zeros, [&](Value step, mlir::ValueRange carried) {
          auto [w, x] = at(step);
          return this->step(w, x, carried, layout.depth);
        });
    if (spec.k % layout.depth == 0)
      return sums;
    auto [w, x] = at(k.index(steps));
    return step(w, x, sums, spec.k % layout.depth);
  }

private:
  /// Adds `depth` values of k at `w` and `x` to the sums.
  Values step(Value w, Value x, mlir::ValueRange carried, int64_t depth) {
    Values sums(carried);
    if (asksAhead)
      prefetchAhead(k, w, layout.packedBytes);
    if (spec.weights != Storage::BF16) {
      addProducts(sums, loadWeights(w, spec.weights == Storage::F32 ? k.f32() : k.f16()), x, 0);
    } else if (pairs) {
      addPairs(sums, loadWeights(w, k.i32()), x, depth);
    } else {
      Values both = loadWeights(w, k.i32());
      addProducts(sums, halves(both, /*second=*/false), x, 0);
      if (depth == 2)
        addProducts(sums, halves(both, /*second=*/true), x, 1);
    }
    return sums;
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
  Values halves(mlir::ValueRange words, bool second) {
    Values vectors;
    for (Value word : words) {
      Value bits = second ? k.bitAnd(word, 0xffff0000) : k.shiftLeft(word, 16);
      vectors.push_back(k.bitcast(bits, k.vector(k.f32())));
    }
    return vectors;
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
  PackedLayout layout;
  int64_t stride;    // bytes of a row of activations
  bool pairs;        // pairs of bf16 are multiplied by one instruction
  int64_t wordBytes; // bytes of one activation
  bool asksAhead;
};

} // namespace

Values denseSums(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile,
                 const TileOperands &operands) {
  return DenseTile(kernel, spec, tile).sums(operands);
}

} // namespace tern::cpu
