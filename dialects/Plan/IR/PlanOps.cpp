// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Plan/IR/Plan.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include "dialects/Plan/IR/PlanDialect.cpp.inc"
#include "dialects/Plan/IR/PlanEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Plan/IR/PlanAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Plan/IR/PlanTypes.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/Plan/IR/PlanOps.cpp.inc"

using namespace mlir;

namespace tern::plan {

void PlanDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Plan/IR/PlanAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/Plan/IR/PlanTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Plan/IR/PlanOps.cpp.inc"
      >();
}

LogicalResult ProgramOp::verify() {
  if (getNames().size() != getTypes().size() || getInputCount() > getNames().size()) // P1
    return emitOpError("has ") << getNames().size() << " names, " << getTypes().size()
                               << " types and " << getInputCount() << " inputs";
  return success();
}

LogicalResult BufferOp::verify() {
  if (getTensor().has_value() != (getSpace() == Space::source)) // B1
    return emitOpError("needs the type of its tensor in the space source, and in no other");
  return success();
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  if (!symbols.lookupNearestSymbolFrom<KernelOp>(getOperation()->getParentOp(),
                                                 getKernelAttr())) // L1
    return emitOpError("launches @") << getKernel() << ", which is no kernel of the module";
  return success();
}

} // namespace tern::plan
