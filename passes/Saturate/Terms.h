// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_TERMS_H
#define TERN_PASSES_SATURATE_TERMS_H

#include "dialects/Tern/IR/Tern.h"
#include "passes/Saturate/TermTable.h"
#include "passes/Saturate/bridge.h"

#include <map>
#include <optional>

namespace tern::saturate {

/// The terms of a block as one graph. The other operations are its skeleton: they stay, in their
/// order. What they return are leaves, and the terms that they read are roots.
struct Encoding {
  egraph::Terms terms;
  /// The operations that nodes stand for.
  llvm::SmallVector<std::pair<uint32_t, mlir::Operation *>> sources;
  /// The operand of the skeleton that root i stands for.
  llvm::SmallVector<mlir::OpOperand *> uses;
  /// The nodes that the block returns.
  llvm::SmallVector<uint32_t> returned;
};

Encoding encode(mlir::Block &block, TermTable &table);
/// The same, with `arguments` in place of the block's own.
Encoding encode(mlir::Block &block, TermTable &table, mlir::ValueRange arguments);

/// The location of a node that is built for a user at another one.
using Locator = llvm::function_ref<mlir::Location(mlir::Location, uint32_t node)>;

/// The transpose only moves axes of one element, so it is a reshape.
bool movesUnits(TransposeOp op);

/// Builds `terms`, each in front of the first operation that needs it, lets `uses` read its roots,
/// and removes what is dead then.
void decode(mlir::Block &block, const egraph::Terms &terms, llvm::ArrayRef<mlir::OpOperand *> uses,
            const TermTable &table, Locator locate);

/// The kids of a node.
llvm::ArrayRef<uint32_t> kidsOf(const egraph::Terms &terms, uint32_t node);

/// What a value that is no term is called in proofs and decisions.
std::string leafName(mlir::Value value);

/// Finds terms by their structure.
class TermFinder {
public:
  explicit TermFinder(const egraph::Terms &terms);

  /// The term that each node is; none for what is no such term.
  std::vector<std::optional<uint32_t>> find(const egraph::Terms &terms) const;

private:
  std::map<std::pair<uint32_t, std::vector<uint32_t>>, uint32_t> known;
};

/// How many operations of `after` are none of `before`.
unsigned countNew(const egraph::Terms &before, const egraph::Terms &after);

} // namespace tern::saturate

#endif
