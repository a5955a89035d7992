// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Constraints of the operations that make, read or compare indices.
#include "dialects/Tern/IR/Inference.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern {

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// The letters of `part` that `whole` lacks.
static std::string missing(StringRef part, StringRef whole) {
  std::string letters;
  for (char letter : part)
    if (!whole.contains(letter))
      letters += letter;
  return letters;
}

//===- CumsumOp, TopKMaskOp -----------------------------------------------===//

template <typename AlongOp> static LogicalResult verifyOneAxis(AlongOp op) {
  FailureOr<Axes> axes = parseAxes(op.getLoc(), op.getAxes(), 1);
  if (succeeded(axes) && axes->along.size() != 1) // A3
    return op.emitOpError("works along one axis, found ")
           << axes->along.size() << " after the slash of \"" << op.getAxes() << "\"";
  return axes;
}

LogicalResult CumsumOp::verify() { return verifyOneAxis(*this); }

LogicalResult TopKMaskOp::verify() {
  if (static_cast<int64_t>(getK()) < 0) // K2
    return emitOpError("has k = ") << static_cast<int64_t>(getK()) << ", expected 0 or more";
  return verifyOneAxis(*this);
}

//===- ScatterAddOp -------------------------------------------------------===//

LogicalResult ScatterAddOp::verify() {
  FailureOr<Axes> axes = parseAxes(getLoc(), getAxes(), 2);
  if (failed(axes))
    return failure();
  StringRef x = axes->operands[0], indices = axes->operands[1];
  if (missing(axes->result, x).size() != 1 || !missing(indices, x).empty()) // G3
    return emitOpError("has the axes \"")
           << getAxes() << "\", expected a result with one letter that \"" << x
           << "\" lacks, and all letters of the indices in \"" << x << "\"";
  ExtentTable table;
  if (failed(table.bind(getLoc(), x, tensorOf(getX()))) ||
      failed(table.bind(getLoc(), indices, tensorOf(getIndices()))) ||
      failed(table.bind(getLoc(), axes->result, tensorOf(getResult())))) // G4
    return failure();
  if (tensorOf(getX()).getElementType() != tensorOf(getResult()).getElementType()) // G5
    return emitOpError("changes the element type from ") << getX().getType() << " to " << getType();
  return success();
}

//===- IotaOp -------------------------------------------------------------===//

LogicalResult IotaOp::verify() {
  FailureOr<Axes> axes = parseAxes(getLoc(), getAxes(), 1);
  if (failed(axes))
    return failure();
  StringRef letter = axes->operands[0];
  bool isAxis = letter.size() == 1 && StringRef(axes->result).contains(letter[0]);
  if (!isAxis || static_cast<int64_t>(axes->result.size()) != tensorOf(getResult()).getRank()) // I1
    return emitOpError("has the axes \"")
           << getAxes() << "\", expected one letter, then those of " << getType() << " with it";
  return success();
}

//===- SizeOp -------------------------------------------------------------===//

OpFoldResult SizeOp::fold(FoldAdaptor) {
  int64_t product = 1;
  for (ExtentAttr extent : getExtents().getExtents()) {
    if (!extent.isConstant())
      return {};
    product *= extent.getConstant();
  }
  RankedTensorType type = tensorOf(getResult());
  auto element = dyn_cast<FloatType>(type.getElementType());
  Attribute number = element ? Attribute(FloatAttr::get(element, static_cast<double>(product)))
                             : Attribute(IntegerAttr::get(type.getElementType(), product));
  return DenseElementsAttr::get(type, number);
}

//===- OneHotOp -----------------------------------------------------------===//

LogicalResult OneHotOp::verify() {
  FailureOr<Axes> axes = parseAxes(getLoc(), getAxes(), 1);
  if (failed(axes))
    return failure();
  StringRef indices = axes->operands[0];
  bool hasIndices = missing(indices, axes->result).empty();
  if (!hasIndices || missing(axes->result, indices).size() != 1) // G6
    return emitOpError("has the axes \"") << getAxes() << "\", expected a result with all of \""
                                          << indices << "\" and one letter more";
  ExtentTable table;
  return success(succeeded(table.bind(getLoc(), indices, tensorOf(getIndices()))) &&
                 succeeded(table.bind(getLoc(), axes->result, tensorOf(getResult())))); // G4
}

} // namespace tern
