// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Codes of block-quantised weights as the numbers in bf16 that mma.sync takes.
#ifndef TERN_PASSES_NVPTX_BLOCKCODES_H
#define TERN_PASSES_NVPTX_BLOCKCODES_H

#include "passes/NVPTX/MatrixUnit.h"

namespace tern::nvptx {

/// Neighbouring columns of a panel whose codes a thread reads.
inline constexpr int64_t kReadColumns = 4;

class BlockCodes {
public:
  /// Codes are not those of floats. Writes what is the same for all of them.
  BlockCodes(cpu::KernelBuilder &kernel, const cpu::PackedLayout &layout);

  /// How much more the numbers of a code are than what it stands for.
  static double offset(const cpu::PackedLayout &layout);

  /// Two columns, the first of them 2 tile, at four k of one half of a unit. `codes` are vectors of
  /// a word for each column, as the panel has them: one of nibbles of both halves, or two of bytes.
  /// Products with all of the operands that result make up that with the codes; bytes have two.
  llvm::SmallVector<cpu::Values> columns(llvm::ArrayRef<mlir::Value> codes, int64_t half,
                                         int64_t tile);

  /// Four codes of scales or minima, the bytes of a word, as f32.
  cpu::Values scales(mlir::Value word);

private:
  bool isTable() const { return !layout.table.empty(); }
  mlir::Value permute(mlir::Value low, mlir::Value high, mlir::Value selector);
  mlir::Value permute(mlir::Value low, mlir::Value high, int64_t selector);
  cpu::Values pairsOf(mlir::Value word, bool isHigh, int64_t upperByte);
  int64_t tableByte(int64_t code, bool isUpper) const;
  void findTable();
  std::array<cpu::Values, 2> lookUp(mlir::Value word);

  cpu::KernelBuilder &k;
  cpu::PackedLayout layout;
  cpu::Values table; ///< lower bytes of its numbers in four words, then upper ones
};

} // namespace tern::nvptx

#endif
