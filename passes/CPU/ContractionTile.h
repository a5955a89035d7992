// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Inner loops of the contraction: each computes the sums of a few rows and vectors of columns over
// the whole of k and keeps them in registers.
#ifndef TERN_PASSES_CPU_CONTRACTIONTILE_H
#define TERN_PASSES_CPU_CONTRACTIONTILE_H

#include "passes/CPU/Contraction.h"

namespace tern::cpu {

struct RegisterTile {
  int64_t rows;
  int64_t vectors;
};

struct TileOperands {
  Value activations; // address of the first row
  Value panel;       // address of the panel, packed or widened
  Value column;      // i64: place of the first column in the panel
};

/// Sums of a tile, row by row. The order of rounding does not depend on the tile.
using TileSums = Values (*)(KernelBuilder &, const ContractionSpec &, RegisterTile,
                            const TileOperands &);

/// Weights in f32, f16 or bf16; activations in f32, or in bf16 where the target multiplies pairs,
/// or as they are in a warp. Tiles too large for the registers leave their sums in scratch, row by
/// row, and return none.
Values denseSums(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile,
                 const TileOperands &operands);
/// The same from a panel that widenDensePanel() wrote, bit for bit.
Values widenedDenseSums(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile,
                        const TileOperands &operands);
/// Block-quantised weights, quantised activations.
Values integerSums(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile,
                   const TileOperands &operands);
/// The same on AVX2 without VNNI. The sums are left in scratch, row by row, and none is returned.
Values pairSums(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile,
                const TileOperands &operands);
/// Block-quantised weights; activations in f32, or as they are in a warp.
Values blockSums(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile,
                 const TileOperands &operands);
/// The same from a panel that widenPanel() wrote, bit for bit.
Values widenedSums(KernelBuilder &kernel, const ContractionSpec &spec, RegisterTile tile,
                   const TileOperands &operands);

/// Writes the codes and scales of a packed panel as f32, for use by many rows.
void widenPanel(KernelBuilder &kernel, const ContractionSpec &spec, Value panel, Value widened);
int64_t widenedBytes(const ContractionSpec &spec);
void widenDensePanel(KernelBuilder &kernel, const ContractionSpec &spec, Value panel,
                     Value widened);
int64_t widenedDenseBytes(const ContractionSpec &spec);

/// Bytes of activations from one row to the next.
int64_t rowBytes(const ContractionSpec &spec);

inline constexpr int64_t kFarAhead = 8192; // measured: 4 to 16 KiB serve alike
/// Asks for the lines that a loop over a panel reads some way after the `bytes` at `place`. Several
/// rows take so many instructions a line that the processor itself does not look far enough; one
/// row reaches the limit alone where weights are used as they lie (f32, bf16 pairs, q8_0 bytes).
void prefetchAhead(KernelBuilder &kernel, Value place, int64_t bytes, int64_t distance = kFarAhead);

/// The sum of the codes of half a record at `offset`, of a record that holds such sums: i32.
Value halfSum(KernelBuilder &kernel, Value records, int64_t offset, int64_t half);
/// The scale times the sum of the codes of a group of the weights' layout, in every lane.
Value scaledSum(KernelBuilder &kernel, const ContractionSpec &spec, Value records, int64_t offset,
                int64_t group);

/// Whether an instruction multiplies pairs of activations and weights.
inline bool readsPairs(const ContractionSpec &spec, const Target &target) {
  return spec.activations == ActivationForm::BF16 && spec.weights == Storage::BF16 && target.bf16;
}

/// Loads a scalar and repeats it in every lane.
Value loadBroadcast(KernelBuilder &kernel, Type type, Value base, int64_t offset);
/// An activation, of whichever float, as f32 in every lane.
Value loadActivation(KernelBuilder &kernel, ActivationForm form, Value base, int64_t offset);

} // namespace tern::cpu

#endif
