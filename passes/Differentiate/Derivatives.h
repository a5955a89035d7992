// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_DIFFERENTIATE_DERIVATIVES_H
#define TERN_PASSES_DIFFERENTIATE_DERIVATIVES_H

#include "mlir/IR/Builders.h"

#include <map>
#include <optional>

namespace tern::differentiate {

/// The derivatives of a scalar by the variables that it depends on, by their numbers.
using Gradient = std::map<int64_t, mlir::Value>;

/// The derivatives of scalar terms, each from those of its operands by the chain rule.
class Derivatives {
public:
  explicit Derivatives(mlir::OpBuilder &builder) : builder(builder) {}

  /// `scalar` is variable `number`.
  void setVariable(mlir::Value scalar, int64_t number);
  /// What depends on no variable has no derivatives.
  const Gradient &of(mlir::Value scalar) const;
  /// Adds those of the operation's result. Fails with a diagnostic if it has no derivative.
  mlir::LogicalResult add(mlir::Operation &op);

private:
  /// The derivatives by the operation's operands, null where they are 0; none if it has none.
  std::optional<llvm::SmallVector<mlir::Value>> partials(mlir::Operation &op);
  mlir::Value number(mlir::Operation &op, double value);

  mlir::OpBuilder &builder;
  llvm::DenseMap<mlir::Value, Gradient> gradients;
};

} // namespace tern::differentiate

#endif
