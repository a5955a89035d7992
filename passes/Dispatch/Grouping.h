// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_DISPATCH_GROUPING_H
#define TERN_PASSES_DISPATCH_GROUPING_H

#include "dialects/Tern/IR/Tern.h"

#include "llvm/ADT/SetVector.h"

namespace tern::dispatch {

/// The operations of a dispatch to be, in the order of the block.
struct Group {
  Schema schema;
  llvm::SetVector<mlir::Operation *> ops;
  /// The loops of schemas `loops` and `fold`: terms of these extents may join. Empty where none
  /// may.
  std::optional<llvm::SmallVector<ExtentAttr>> domain;

  /// The operation that stands last in the block.
  mlir::Operation *last() const;
};

/// Finds the groups of one block.
class Grouping {
public:
  explicit Grouping(mlir::Block &block) : block(block) {}

  /// Groups in the order in which their dispatches must stand.
  llvm::SmallVector<Group *> find();

private:
  Group *begin(mlir::Operation *op, Schema schema);
  void join(mlir::Operation *op, Group *group);
  void followWithEpilogue(mlir::Operation *root);
  mlir::Operation *followWithChain(mlir::Operation *root, mlir::Operation *last);
  mlir::Operation *followHalves(ContractOp root);
  llvm::SmallVector<mlir::Operation *> chainFrom(mlir::Operation *op, bool readsMemory) const;
  bool canFollow(mlir::Operation *op, mlir::Operation *user, bool readsMemory) const;
  bool canJoin(mlir::Operation *op, Group *group) const;
  Group *commonUser(mlir::Operation *op) const;
  bool isComputed(mlir::Operation *op) const;
  void place(mlir::Operation *op);

  mlir::Block &block;
  std::vector<std::unique_ptr<Group>> groups;
  llvm::DenseMap<mlir::Operation *, Group *> groupOf;
};

} // namespace tern::dispatch

#endif
