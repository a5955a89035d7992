// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_PROOF_H
#define TERN_PASSES_SATURATE_PROOF_H

#include "passes/Saturate/TermTable.h"
#include "passes/Saturate/bridge.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/ArrayRef.h"

namespace tern::saturate {

/// The first lines of a proof file: the tier of laws that may be used, and which rules they are of.
/// The file's form is described in tools/tern-explain/check/Proof.h.
std::string writeProofHead(bool isBitOnly, llvm::ArrayRef<egraph::RuleFile> rules);

/// Why the terms that were chosen for a function equal those that it had.
std::string writeProof(llvm::StringRef function, const egraph::Proof &proof,
                       const TermTable &table);

/// Writes `text` to the file, or after what is in it. Fails with one sentence at the module.
llvm::LogicalResult writeText(mlir::ModuleOp module, llvm::StringRef path, llvm::StringRef text,
                              bool isContinued = false);

/// True from checkEveryProof() on.
bool checksProofs();

/// Fails with one sentence at the module if proofs are checked and this one does not hold.
llvm::LogicalResult checkProof(mlir::ModuleOp module, llvm::StringRef text,
                               llvm::ArrayRef<egraph::RuleFile> rules);

} // namespace tern::saturate

#endif
