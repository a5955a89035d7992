// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// mma.sync.m16n8k16 as contractions use it: weights are its first operand, rows its second.
//
// With group = lane / 4 and quarter = lane % 4 a thread holds, of a tile of 16 columns and 16 k,
// the words (two k of a column) of columns 2 group and 2 group + 1 at pairs of k number quarter and
// quarter + 4; of 8 rows the same pairs of row `group`; of the sums columns 2 group and 2 group + 1
// of rows 2 quarter and 2 quarter + 1. A tile's even columns are the operand's first 8 rows, the
// odd ones its others, so neighbouring words of a packed line are neighbouring registers.
//
// All kernels have weights and rows in these places and add 16 k after the other, so that a row's
// bits are the same in all of them.
#ifndef TERN_PASSES_NVPTX_MATRIXUNIT_H
#define TERN_PASSES_NVPTX_MATRIXUNIT_H

#include "passes/CPU/Contraction.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace tern::nvptx {

/// Of mma.sync: columns, rows, k.
inline constexpr int64_t kTileColumns = 16, kTileRows = 8, kTileDepth = 16;
/// Neighbouring columns of a row that a thread has the sums of.
inline constexpr int64_t kOwnColumns = 2;
/// Bytes of the two k of a panel's columns in the packed weight.
inline constexpr int64_t kLineBytes = 128;

class MatrixUnit {
public:
  MatrixUnit(cpu::KernelBuilder &kernel, const cpu::ContractionSpec &spec)
      : k(kernel), ops(kernel.builder()), spec(spec) {}

  /// A thread as an epilogue sees it: a processor with vectors of the columns that it holds.
  static cpu::Target thread();

  bool isBF16() const { return spec.activations == cpu::ActivationForm::BF16; }
  /// Panels of all matrices.
  int64_t panels() const { return cpu::panels(spec.n) * (spec.isPaired ? 2 : 1); }
  /// Where a panel (i64) lies, in panels. Of a pair of matrices their panels take turns in number.
  mlir::Value placeOf(mlir::Value panel);

  mlir::Value displaced(mlir::Value address, mlir::LLVM::GEPArg bytes);
  mlir::Value globalOf(unsigned buffer);
  mlir::Value wide(mlir::Value number) { return k.extendUnsigned(number, k.i64()); }

  /// Two columns of a pair of k as words: from one k and the next of both columns.
  cpu::Values pairsOf(mlir::Value even, mlir::Value odd);
  cpu::Values multiplyAdd(const cpu::Values &columns, const cpu::Values &rows,
                          const cpu::Values &sums);

  /// Hands the sums at `column` of a row, both i64, to an epilogue if they are columns of y.
  /// `columns` is the end of all columns that there may be.
  void finish(mlir::Value row, mlir::Value column, int64_t columns, mlir::Value sums,
              mlir::Value ofSecond, cpu::Epilogue epilogue);
  /// Of a tile's four sums those of one of the thread's rows.
  mlir::Value sumsOf(const cpu::Values &tile, int64_t second);

private:
  cpu::Values operand(const cpu::Values &words);

  cpu::KernelBuilder &k;
  mlir::ImplicitLocOpBuilder &ops;
  const cpu::ContractionSpec &spec;
};

} // namespace tern::nvptx

#endif
