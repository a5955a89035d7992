// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_PASSES_H
#define TERN_PASSES_SATURATE_PASSES_H

#include "passes/Saturate/Explanation.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

#include <functional>

namespace tern::saturate {

/// Which laws may be used.
enum class RuleSet { None, Bit, Real };

/// What applies them: equality saturation, or the rewriter of Classic/.
enum class Engine { EGraph, Classic };

/// When the e-graph tries laws: each in every round, or later where one matches often.
enum class Scheduler { Simple, Backoff };

/// Says why a proof by these rules, by name and text, does not hold; nothing if it does.
using ProofCheck = std::function<std::string(
    llvm::StringRef proof, llvm::ArrayRef<std::pair<std::string, std::string>> rules)>;

/// From here on each run of tern-saturate has its proof checked, and fails if that is refused.
void checkEveryProof(ProofCheck check);

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/Saturate/Passes.h.inc"

/// Saturates as the options say, and calls `observer`, if there is one, for each function. What was
/// chosen is marked then (markOf).
std::unique_ptr<mlir::Pass> createSaturatePass(SaturatePassOptions options, Observer observer);

} // namespace tern::saturate

#endif
