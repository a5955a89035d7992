// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_DIFFERENTIATE_SCALAREXPANSION_H
#define TERN_PASSES_DIFFERENTIATE_SCALAREXPANSION_H

#include "dialects/Tern/IR/Tern.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tern::differentiate {

using Scalars = llvm::SmallVector<mlir::Value>;

/// The elements of a function's tensors as terms of rank 0, in row-major order.
class ScalarExpansion {
public:
  /// Reads the elements of `arguments` where `builder` stands.
  ScalarExpansion(mlir::OpBuilder &builder, uint64_t maxElements)
      : builder(builder), elementsLeft(maxElements) {}

  /// Writes out over `arguments` what `results`, values of `function`, come from. Fails with a
  /// diagnostic at the operation that has no elements.
  mlir::LogicalResult run(mlir::func::FuncOp function, mlir::ValueRange arguments,
                          mlir::ValueRange results);

  /// The elements of a value that was written out.
  const Scalars &of(mlir::Value value) const { return elements.at(value); }
  /// A tensor of these elements.
  mlir::Value join(mlir::Location location, const Scalars &scalars, mlir::RankedTensorType type);

private:
  mlir::LogicalResult expand(mlir::Operation &op);
  Scalars readArgument(mlir::Value argument);
  Scalars expandConstant(ConstantOp op);
  /// Element-wise: the operation itself over elements.
  Scalars expandPointwise(mlir::Operation &op);
  /// Sums of products, or of elements: the letters of the result, then those that it lacks.
  Scalars expandSums(mlir::Operation &op, llvm::ArrayRef<std::string> letters,
                     llvm::StringRef result, double scale);
  /// Element i of the result is element `source(i)` of the operand.
  Scalars move(mlir::Operation &op);
  mlir::Value constant(mlir::Location location, mlir::Type element, double number);

  mlir::OpBuilder &builder;
  uint64_t elementsLeft;
  llvm::DenseMap<mlir::Value, Scalars> elements;
};

/// True for a constant of rank 0 that is this number.
bool isNumber(mlir::Value scalar, double number);

} // namespace tern::differentiate

#endif
