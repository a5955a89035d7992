// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_NVPTX_LASTARRIVAL_H
#define TERN_PASSES_NVPTX_LASTARRIVAL_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace tern::nvptx {

/// The address in global memory of so many counts (i32), called `name`, which begin as 0. Adds them
/// to the module if it has none of that name.
mlir::Value countsOf(mlir::ImplicitLocOpBuilder &ops, mlir::ModuleOp module, llvm::StringRef name,
                     int64_t counts);

/// Does what `write` writes in all threads of one thread block: the last that comes here of those
/// that share the count at an address, `others` (i32) and itself. It sees what all of them stored
/// before. The count goes up to `others` and back to 0.
void whenLast(mlir::ImplicitLocOpBuilder &ops, mlir::Value count, mlir::Value others,
              llvm::function_ref<void()> write);

} // namespace tern::nvptx

#endif
