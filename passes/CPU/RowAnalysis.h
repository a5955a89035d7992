// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_ROWANALYSIS_H
#define TERN_PASSES_CPU_ROWANALYSIS_H

#include "passes/CPU/RowTerms.h"

namespace tern::cpu {

/// What schema `rows` knows of a dispatch that it can lower.
struct RowAnalysis {
  /// Tiles: the first extent of the results, or 1 where these are read as wholes.
  ExtentAttr rows;
  Role role = Role::Row;
  /// The terms that the results need, in the order of the body.
  llvm::SmallVector<Term> terms;
};

/// Fails with a diagnostic at the first operation that schema `rows` has no code for.
mlir::FailureOr<RowAnalysis> analyseRows(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts);

} // namespace tern::cpu

#endif
