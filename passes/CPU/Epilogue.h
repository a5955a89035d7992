// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a dispatch makes of the result of a contraction or of attention, vector by vector.
#ifndef TERN_PASSES_CPU_EPILOGUE_H
#define TERN_PASSES_CPU_EPILOGUE_H

#include "passes/CPU/Contraction.h"
#include "passes/CPU/RowTerms.h"

namespace tern::cpu {

/// Computes what the dispatch makes of its root's vectors, and stores it. A root of three axes has
/// a row for each index of the first two.
class EpilogueWriter {
public:
  EpilogueWriter(DispatchOp dispatch, Value root, llvm::ArrayRef<Layout> layouts,
                 llvm::StringRef name, mlir::ModuleOp module);

  /// True if the dispatch reads the root by its halves, which OutputVector holds both of.
  bool readsHalves() const { return first && second; }

  void operator()(KernelBuilder &kernel, const OutputVector &output);

private:
  void addToRecord(KernelBuilder &kernel, RowTerms &terms, QuantiseOp op, Place place, Run run);

  DispatchOp dispatch;
  Value root;
  SliceOp first, second; ///< the halves; null where there are none
  llvm::ArrayRef<Layout> layouts;
  llvm::StringRef name;
  mlir::ModuleOp module;
  Values numbers; ///< of a record, so far
};

} // namespace tern::cpu

#endif
