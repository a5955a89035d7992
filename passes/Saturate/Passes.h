// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_PASSES_H
#define TERN_PASSES_SATURATE_PASSES_H

#include "passes/Saturate/Explanation.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace tern::saturate {

/// Which laws may be used.
enum class RuleSet { None, Bit, Real };

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/Saturate/Passes.h.inc"

/// Saturates as the options say, and calls `observer`, if there is one, for each function. What was
/// chosen is marked then (markOf).
std::unique_ptr<mlir::Pass> createSaturatePass(SaturatePassOptions options, Observer observer);

} // namespace tern::saturate

#endif
