// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How what chunks of a sequence leave becomes attention's result. The bits are those of a kernel
// that takes a line through all chunks, whoever merges them.
#ifndef TERN_PASSES_NVPTX_ATTENTIONMERGE_H
#define TERN_PASSES_NVPTX_ATTENTIONMERGE_H

#include "passes/NVPTX/AttentionLine.h"

namespace tern::nvptx {

/// Merges the records in the buffer after those of the dispatch, a thread two columns of a line
/// or more.
class AttentionMerge : AttentionLine {
public:
  AttentionMerge(cpu::KernelBuilder &kernel, const AttentionSpec &spec,
                 const cpu::DispatchBuffers &buffers, cpu::EpilogueWriter &epilogue,
                 int64_t logSumStride)
      : AttentionLine(kernel, spec, buffers, /*sums=*/0), epilogue(epilogue),
        logSumStride(logSumStride) {}

  /// Threads of a block that merges one line.
  static int64_t threads(const AttentionSpec &spec);
  /// For a kernel of its own: a block merges the line of its number.
  void writeLine();

  /// Whether a row's lines of one key head are so few that a warp merges them.
  static bool isForOneWarp(const AttentionSpec &spec);
  /// After a kernel whose blocks, a warp each, compute the chunks of an entry and a key head,
  /// chunks innermost: the last of these to end merges them. There is a count (LastArrival.h) at
  /// `counts` for each row and key head.
  void writeLast(mlir::Value counts);

private:
  static int64_t strips(const AttentionSpec &spec);

  void mergeRow(mlir::Value row, mlir::Value lane);
  /// Of lines of the tile that see these blocks, at the same columns.
  llvm::SmallVector<Sums> mergeAll(mlir::ValueRange lines, mlir::ValueRange columns,
                                   mlir::Value begin, mlir::Value end);
  /// Stores the results of line number `own` at these columns, as far as there are so many.
  void store(mlir::Value own, mlir::ValueRange columns, const Sums &sums);
  cpu::Values two(mlir::Value address, int64_t offset);

  cpu::EpilogueWriter &epilogue;
  int64_t logSumStride;
};

} // namespace tern::nvptx

#endif
