// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_LINEARGROUPS_H
#define TERN_TOOLS_TERN_COMPILE_LINEARGROUPS_H

#include "dialects/Tern/IR/Tern.h"

#include "mlir/IR/BuiltinOps.h"

#include <optional>
#include <string>
#include <vector>

namespace tern {

/// The weight of a product y = x W^T of rows x and a matrix that a checkpoint stores, as [out, in]
/// or as [in, out]; a null op for any other product.
WeightOp weightOf(ContractOp product);

/// Of a product that has a weight: true if that is stored as [in, out].
bool isTransposed(ContractOp product);

/// Matrices that multiply the same rows.
struct LinearGroup {
  mlir::Value input;
  std::vector<ContractOp> products;
  /// Tensors of the checkpoint: with their elements, of matrices their rows, divided by s, the
  /// input is x / s, and nothing else changes. Nothing if there are none such: another operation
  /// sees the input, or it is no such multiple of a weight.
  std::optional<std::vector<std::string>> makers;
};

/// The groups of a module's layers, which are all functions but `step`, of stage `import`, in their
/// order. An input of MHA's output projection comes from its values, a down projection's from the
/// up projection, a norm's from its weight and bias.
std::vector<LinearGroup> findLinearGroups(mlir::ModuleOp module);

} // namespace tern

#endif
