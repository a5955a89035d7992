// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_NORMALISE_TERMHASHES_H
#define TERN_PASSES_NORMALISE_TERMHASHES_H

#include "mlir/IR/Block.h"
#include "mlir/IR/Operation.h"

namespace tern::normalise {

/// Hashes of the terms of a function: equal structures have equal hashes in every process.
class TermHashes {
public:
  /// The next operation in the order of the block.
  void add(mlir::Operation &op);
  /// Of an argument, or of a result of an operation that was added.
  uint64_t of(mlir::Value value) const;

private:
  llvm::DenseMap<mlir::Operation *, uint64_t> known;
};

} // namespace tern::normalise

#endif
