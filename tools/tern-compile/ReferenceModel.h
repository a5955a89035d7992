// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_REFERENCEMODEL_H
#define TERN_TOOLS_TERN_COMPILE_REFERENCEMODEL_H

#include "dialects/KV/Reference/KVReference.h"
#include "tools/generate/Model.h"
#include "tools/tern-compile/Diagnostics.h"
#include "tools/tern-compile/ReferenceWeights.h"

namespace tern {

/// A number of the module's attribute `tern.model`. Throws UserError if it is not there.
int64_t factOf(mlir::ModuleOp module, llvm::StringRef name);

/// The tokens that end a text, as the module says.
std::vector<int32_t> endsOf(mlir::ModuleOp module);

/// A model run by the references of its operations, in f64. Works on a module of any stage from
/// `import` to `dispatch` that has a function `step`.
class ReferenceModel : public generate::Model {
public:
  /// All arguments must outlive the model; `checkpoint` may be null. Throws UserError if the module
  /// is no model.
  ReferenceModel(mlir::ModuleOp module, const checkpoint::Checkpoint *checkpoint,
                 Diagnostics &diagnostics);

  int64_t vocabulary() const { return words; }
  int64_t maxContext() const { return context; }
  /// The tokens that end a text, as the module says.
  const std::vector<int32_t> &endTokens() const { return ends; }

  /// Of the sequence's last token, as the interpreter has them.
  std::span<const double> exactLogits(int32_t sequence) const {
    return sequences[static_cast<size_t>(sequence)].logits;
  }

  /// What the interpreter does with numbers at a boundary of rounding.
  reference::Ties &ties() { return references.ties; }
  /// Who gives an operation another meaning does so before the first call.
  reference::Interpreter &interpreter() { return references; }

  Failure feed(std::span<const generate::Entry> entries, const OnLogits &onLogits) override;
  Failure sample(std::span<const int32_t> sequences, const generate::Sampling &sampling,
                 std::span<int32_t> tokens) override;

private:
  struct Sequence {
    std::vector<int32_t> history;
    std::vector<double> logits; ///< of the last token
    int64_t drawn = 0;
  };
  struct Step;

  int64_t mostOf(mlir::ModuleOp module, llvm::StringRef dim) const;
  Step nextStep(std::span<const generate::Entry> entries, std::vector<size_t> &done) const;
  Failure run(const Step &step, const OnLogits &onLogits);

  Diagnostics &diagnostics;
  ReferenceWeights weights;
  reference::Interpreter references;
  int64_t words, context, mostRows, mostEntries, mostLogitRows;
  std::vector<int32_t> ends;
  std::vector<std::shared_ptr<reference::State>> caches; ///< that `step` takes, in order
  std::vector<Sequence> sequences;
};

} // namespace tern

#endif
