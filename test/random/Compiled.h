// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Functions that tern-compile compiled, called with random arguments.
#ifndef TERN_TEST_RANDOM_COMPILED_H
#define TERN_TEST_RANDOM_COMPILED_H

#include "tern/tern.hpp"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace tern::test {

/// A result as the runtime gives it: its bytes are those of `type`, in order.
struct CompiledResult {
  tern_type_t type;
  std::vector<int64_t> shape;
  std::string bytes;
};

/// Writes `module` into `source` and its artefact into `path`; false if the compiler fails.
bool compile(mlir::ModuleOp module, llvm::StringRef compiler,
             llvm::ArrayRef<llvm::StringRef> options, llvm::StringRef source, llvm::StringRef path);

/// What `function` gives for randomArguments(function, seed), which are f32 and i32.
std::vector<CompiledResult> runCompiled(const Model &model, mlir::func::FuncOp function,
                                        uint64_t seed);

} // namespace tern::test

#endif
