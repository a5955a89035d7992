// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_DIALECTS_TERN_IR_TERM_H
#define TERN_DIALECTS_TERN_IR_TERM_H

#include "dialects/Tern/IR/Tern.h"

namespace mlir {
class OpBuilder;
}

namespace tern {

/// True if the operation is a term: pure, with one result, without regions.
bool isTerm(mlir::Operation *op);

/// The attributes that are a term's properties, in order.
llvm::SmallVector<mlir::StringAttr> propertyNames(mlir::OperationName name);

/// The properties of a term, in the order of their names, null for one that is absent. A result
/// type that operands and properties do not determine comes last, as a TypeAttr.
llvm::SmallVector<mlir::Attribute> getProperties(mlir::Operation *op);

/// How many properties a term of that name has.
size_t countProperties(mlir::OperationName name);

/// Builds the term of that name, operands and properties. Null, without a diagnostic, if there is
/// no such term.
mlir::Operation *makeTerm(mlir::OpBuilder &builder, mlir::Location location,
                          mlir::OperationName name, mlir::ValueRange operands,
                          llvm::ArrayRef<mlir::Attribute> properties);

} // namespace tern

#endif
