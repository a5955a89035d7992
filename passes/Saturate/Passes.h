// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_PASSES_H
#define TERN_PASSES_SATURATE_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace tern::saturate {

/// Which laws may be used.
enum class RuleSet { None, Bit, Real };

/// What applies them: equality saturation, or the rewriter of Classic/.
enum class Engine { EGraph, Classic };

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/Saturate/Passes.h.inc"

} // namespace tern::saturate

#endif
