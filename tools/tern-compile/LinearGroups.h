// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_LINEARGROUPS_H
#define TERN_TOOLS_TERN_COMPILE_LINEARGROUPS_H

#include "dialects/Tern/IR/Tern.h"

#include "mlir/IR/BuiltinOps.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace tern {

/// y = x W^T of rows x and a matrix W that a checkpoint stores, as [out, in] or as [in, out]. An
/// expert's rows are those that choose it.
struct LinearMap {
  ContractOp product;
  WeightOp weight;
  int64_t expert = 0; ///< 0 where there are none
};

/// True if the matrix is stored as [in, out].
bool isTransposed(LinearMap map);

/// [out, in].
std::array<int64_t, 2> shapeOf(LinearMap map);

/// The maps of a product by their experts; none if its matrices are not each a checkpoint's tensor.
llvm::SmallVector<LinearMap> mapsOf(ContractOp product);

/// Matrices that multiply the same rows.
struct LinearGroup {
  mlir::Value input;
  std::vector<LinearMap> maps;
  /// Tensors of the checkpoint: with their elements, of matrices their rows, divided by s, the
  /// input is x / s, and nothing else changes. Nothing if there are none such: another operation
  /// sees the input, or it is no such multiple of a weight.
  std::optional<std::vector<std::string>> makers;
};

/// The groups of a module's layers, which are all functions but `step`, of stage `import`, in their
/// order; each expert has groups of its own. An input of MHA's output projection comes from its
/// values, a down projection's from the up projection, a norm's from its weight and bias.
std::vector<LinearGroup> findLinearGroups(mlir::ModuleOp module);

} // namespace tern

#endif
