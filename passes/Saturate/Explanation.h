// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_EXPLANATION_H
#define TERN_PASSES_SATURATE_EXPLANATION_H

#include "passes/Saturate/Terms.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <functional>
#include <optional>

namespace tern::saturate {

/// Why the terms that were chosen for a function equal those that it had, in numbers and texts that
/// need neither the function nor the engine.
struct Explanation {
  struct Term {
    std::string name;  ///< of an operation; how a leaf or a property is written
    std::string label; ///< a weight's name or a constant's number
    std::string type;  ///< empty for a property
    bool isOperation = false;
    std::vector<std::string> places; ///< FILE:LINE:COLUMN of those that were written
    /// Seconds of a step that are its own, of what was written and of what was chosen.
    std::optional<double> written, chosen;
  };

  std::string function;
  /// Terms and steps, by the laws that made the chosen terms of the written ones.
  egraph::Proof proof;
  std::vector<Term> terms; ///< by term of the proof
  /// The term of the proof that each chosen term is.
  std::vector<uint32_t> chosen;
  egraph::Report report{};
  /// Where what `report.why_not` speaks of was written.
  std::vector<std::vector<std::string>> obstaclePlaces;

  llvm::ArrayRef<uint32_t> kidsOf(uint32_t term) const;
};

/// Is called for each function whose terms were chosen.
using Observer = std::function<void(Explanation)>;

/// What kept a law from being used, or that it was, in one sentence.
std::string sentenceOf(const egraph::Obstacle &obstacle);

/// Before the function is written anew. `written` is what was chosen of the terms as they were
/// written, with `costs`.
Explanation explain(mlir::func::FuncOp function, const Encoding &encoding,
                    const egraph::Terms &written, llvm::ArrayRef<double> costs,
                    const egraph::Terms &best, egraph::Report report, egraph::Proof proof,
                    const TermTable &table);

/// A location that says which chosen term of which function an operation is.
mlir::Location markChosen(mlir::Location location, llvm::StringRef function, uint32_t node);
/// The function and the number that a location was marked with.
std::optional<std::pair<llvm::StringRef, uint32_t>> markOf(mlir::Location location);

} // namespace tern::saturate

#endif
