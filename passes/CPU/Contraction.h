// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Contraction: y[m, n] = sum over k of x[m, k] W[n, k], with W packed (PackedWeight.h).
//
// One kernel serves every number of rows m. Each y has one sum; k ascends (bf16 x bf16: in pairs
// where the target multiplies pairs). For block-quantised weights the order is, for each group of
// 32 or 16 k that shares a scale, in turn:
//   floats            s = fma chain of x[k] * code[k] from 0;          y = fma(scale, s, y)
//   q8 activations    i = exact integer sum of x[k] * code[k];         y = fma(i, scale * xScale,
//   y) minima add        fma(minimum, sum of x, y) after each group
// so the bits of a row depend neither on its neighbours nor on tiles.
//
// Rows may choose one of several weights each, which are packed one after the other: a tile takes
// the weights in turn, gathers the rows of each and multiplies them as if there were no others, so
// a weight is read once and a row's bits are those that the weight alone would give.
#ifndef TERN_PASSES_CPU_CONTRACTION_H
#define TERN_PASSES_CPU_CONTRACTION_H

#include "passes/CPU/KernelBuilder.h"
#include "passes/CPU/PackedWeight.h"

namespace tern::cpu {

/// How a row of activations lies in memory (Record.h writes the last).
enum class ActivationForm {
  F32,
  BF16,
  F16,
  Q8 // a record of 40 bytes for 32 k: 32 x i8, f32 scale, correction
};
llvm::StringRef nameOf(ActivationForm form);

/// Bytes of a record of quantised activations, and where its parts lie.
inline constexpr int64_t kRecordBytes = 40;
inline constexpr int64_t kRecordScale = 32;
inline constexpr int64_t kRecordCorrection = 36;

struct ContractionSpec {
  Storage weights = Storage::F32;
  /// F32 goes with every storage; F16 and BF16 with weights of the same type; BF16 and Q8 with
  /// blocks.
  ActivationForm activations = ActivationForm::F32;
  int64_t n = 0;
  int64_t k = 0; // whole blocks for block-quantised weights
  /// From one row of activations to the next: elements, or records for Q8. A stride that is not a
  /// multiple of 1024 elements keeps the rows of a tile in different sets of the first cache.
  int64_t activationStride = 0;
  /// Places in the kernel's tables of buffers and sizes. Activations are aligned to their elements
  /// (records to 4), weights to 64 bytes; the size is the number of rows.
  unsigned activationBuffer = 0;
  unsigned weightBuffer = 1;
  unsigned rowsSize = 0;
  /// Columns of one tile: 32 (a panel), or 16 where panels are too few for the threads.
  int64_t tileColumns = kPanelColumns;

  /// Two matrices of n columns each are packed one after the other, and the epilogue sees the sums
  /// of both at once. n is whole panels.
  bool isPaired = false;
  /// Panels of the first half of all columns and of the second take turns.
  bool isAlternating = false;
  /// The epilogue sees the vectors of a panel one after the other, row by row. n is whole panels.
  bool byPanels = false;

  /// Weights that rows choose from, each of n columns in panels of its own; 0: all rows use one.
  int64_t groups = 0;
  unsigned groupBuffer = 0; // i32 for each row; what is outside of the range counts as its end
  /// Rows lie `choices` to an index of a first axis, dense within it; from one index to the next
  /// are `sourceStride` elements of activations (records for Q8) and `groupStride` of numbers. Then
  /// activationStride is that of the gathered rows, and the size counts indices.
  int64_t choices = 1, sourceStride = 0, groupStride = 0;
};

/// Up to Target::lanes neighbouring results of one row.
struct OutputVector {
  Value row;    // i64
  Value column; // i64, of lane 0
  Value sums;   // vector of f32
  /// Lanes that are columns of y; those after them are padding and must not be stored.
  int64_t live;
  Value ofSecond; ///< the sums of the second matrix, of ContractionSpec::isPaired
};
/// Stores what becomes of the sums: residuals, biases, activations come from the dispatch.
using Epilogue = llvm::function_ref<void(KernelBuilder &, const OutputVector &)>;

/// The plain epilogue: y[row, column...] = sums in rows of f32 `stride` elements apart.
void storeOutput(KernelBuilder &kernel, const OutputVector &output, Value base, int64_t stride);

struct ContractionKernel {
  int64_t tiles;
  int64_t scratchBytes;
};

/// Appends a kernel called `name` to `module`.
llvm::Expected<ContractionKernel> addContraction(mlir::ModuleOp module, const Target &target,
                                                 llvm::StringRef name, const ContractionSpec &spec,
                                                 Epilogue epilogue);

} // namespace tern::cpu

#endif
