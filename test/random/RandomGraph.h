// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_RANDOM_RANDOMGRAPH_H
#define TERN_TEST_RANDOM_RANDOMGRAPH_H

#include "dialects/Tern/Reference/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

#include <cstdint>

namespace tern::test {

/// Tokens of the dimension T when a graph is run.
inline constexpr int64_t kTokens = 5;

/// Whether numbers are rounded to narrower ones on the way, where a small error may become a large
/// one. Without, weights are constants.
enum class Jumps { None, Some };

/// Appends to `module` a function `name` of well-typed terms of every pure operation of the
/// dialect, drawn by the seed alone. Its arguments are f32 tensors of several ranks, some with the
/// dimension T, and indices [T] below 3. Functions are used where they are defined: a logarithm is
/// taken of what is above 0, a power of e of what is small.
void addRandomGraph(mlir::ModuleOp module, llvm::StringRef name, uint64_t seed, int terms,
                    Jumps jumps);

/// What to call it with: numbers of [-2, 2).
llvm::SmallVector<reference::Datum> randomArguments(mlir::func::FuncOp function, uint64_t seed);

/// The tensor of a checkpoint that a graph names.
mlir::FailureOr<reference::Tensor> randomWeight(llvm::StringRef name, mlir::RankedTensorType type);

} // namespace tern::test

#endif
