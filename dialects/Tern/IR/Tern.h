// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_DIALECTS_TERN_IR_TERN_H
#define TERN_DIALECTS_TERN_IR_TERN_H

#include "dialects/Tern/IR/BlockFormat.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/Tern/IR/TernEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Tern/IR/TernAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Tern/IR/TernTypes.h.inc"

#include "dialects/Tern/IR/TermInterface.h.inc"
#include "dialects/Tern/IR/TernDialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/Tern/IR/TernOps.h.inc"

namespace tern {

/// The extents of `type`, one an axis: a constant for a static axis, the encoding's sum for a
/// dynamic one, null where a dynamic axis has no name.
llvm::SmallVector<ExtentAttr> getExtents(mlir::RankedTensorType type);

/// The tensor type of these extents. If a null one is among them no dynamic axis is named.
mlir::RankedTensorType getTensor(llvm::ArrayRef<ExtentAttr> extents, mlir::Type elementType);

/// False if the extents are known to differ; true if they are equal or one is unknown.
bool mayBeEqual(ExtentAttr a, ExtentAttr b);

/// A number of rank 0. Where `element` does not hold it, it is one of f64 that is cast, since
/// references compute in f64 and read it as it is.
mlir::Value makeScalar(mlir::OpBuilder &builder, mlir::Location location, double value,
                       mlir::FloatType element);

} // namespace tern

#endif
