// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Types of results as functions of types and properties.
#include "dialects/Tern/IR/Inference.h"

#include "llvm/ADT/StringMap.h"

using namespace mlir;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern {

FailureOr<Axes> parseAxes(std::optional<Location> location, StringRef text, size_t operands) {
  std::string why;
  FailureOr<Axes> axes = Axes::parse(text, why);
  if (failed(axes))
    return emitOptionalError(location, why);
  if (axes->operands.size() != operands)
    return emitOptionalError(location, "\"", text, "\" has ", axes->operands.size(),
                             " operands, expected ", operands);
  return axes;
}

LogicalResult ExtentTable::bind(std::optional<Location> location, StringRef letters,
                                RankedTensorType type) {
  if (static_cast<int64_t>(letters.size()) != type.getRank())
    return emitOptionalError(location, "\"", letters, "\" names ", letters.size(), " axes of ",
                             type);
  for (auto [letter, extent] : llvm::zip_equal(letters, getExtents(type))) {
    auto [at, inserted] = extentOf.try_emplace(letter, extent);
    if (!inserted && !mayBeEqual(at->second, extent))
      return emitOptionalError(location, "axis '", StringRef(&letter, 1), "' of ", type,
                               " has another extent than before: expected ", at->second, ", found ",
                               extent);
    if (!at->second)
      at->second = extent;
  }
  return success();
}

FailureOr<RankedTensorType> ExtentTable::get(std::optional<Location> location, StringRef letters,
                                             Type elementType) const {
  SmallVector<ExtentAttr> extents;
  for (char letter : letters) {
    auto at = extentOf.find(letter);
    if (at == extentOf.end())
      return emitOptionalError(location, "axis '", StringRef(&letter, 1),
                               "' of the result stands in no operand");
    extents.push_back(at->second);
  }
  return getTensor(extents, elementType);
}

LogicalResult inferElementwise(std::optional<Location> location, TypeRange operands,
                               SmallVectorImpl<Type> &types) {
  auto result = cast<RankedTensorType>(operands.front());
  for (Type operand : operands) {
    auto type = cast<RankedTensorType>(operand);
    if (type.getElementType() != result.getElementType()) // E1
      return emitOptionalError(location, "operands have one element type, found ", result, " and ",
                               type);
    if (type.getRank() == 0 || type == result)
      continue;
    if (result.getRank() == 0) {
      result = type;
      continue;
    }
    bool fits = type.getRank() == result.getRank();
    for (auto [a, b] : llvm::zip(getExtents(type), getExtents(result)))
      fits = fits && mayBeEqual(a, b);
    if (!fits) // E2
      return emitOptionalError(location, "operands have one shape or rank 0, found ", result,
                               " and ", type);
  }
  types.push_back(result);
  return success();
}

LogicalResult inferRearranged(std::optional<Location> location, StringRef text, Type operand,
                              SmallVectorImpl<Type> &types) {
  FailureOr<Axes> axes = parseAxes(location, text, 1);
  if (failed(axes))
    return failure();
  auto type = cast<RankedTensorType>(operand);
  ExtentTable table;
  if (failed(table.bind(location, axes->operands[0], type))) // R1
    return failure();
  FailureOr<RankedTensorType> result = table.get(location, axes->result, type.getElementType());
  if (failed(result))
    return failure();
  types.push_back(*result);
  return success();
}

LogicalResult inferTransposed(std::optional<Location> location, StringRef text, Type operand,
                              SmallVectorImpl<Type> &types) {
  FailureOr<Axes> axes = parseAxes(location, text, 1);
  if (failed(axes))
    return failure();
  auto type = cast<RankedTensorType>(operand);
  if (axes->result.size() != axes->operands[0].size()) // L4
    return emitOptionalError(location, "\"", text, "\" is no order of the ", type.getRank(),
                             " axes of ", type);
  return inferRearranged(location, text, operand, types);
}

LogicalResult inferAlong(std::optional<Location> location, StringRef text, Type operand,
                         SmallVectorImpl<Type> &types) {
  FailureOr<Axes> axes = parseAxes(location, text, 1);
  if (failed(axes))
    return failure();
  auto type = cast<RankedTensorType>(operand);
  if (axes->along.empty() || static_cast<int64_t>(axes->result.size()) != type.getRank()) // A1
    return emitOptionalError(location, "\"", text, "\" does not name the ", type.getRank(),
                             " axes of ", type, " and, after a slash, some of them");
  types.push_back(type);
  return success();
}

LogicalResult inferMasked(std::optional<Location> location, StringRef text, Type operand, Type mask,
                          SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(operand), kept = cast<RankedTensorType>(mask);
  bool fits = x.getElementType() == kept.getElementType() && x.getRank() == kept.getRank();
  for (auto [a, b] : llvm::zip(getExtents(x), getExtents(kept)))
    fits = fits && mayBeEqual(a, b);
  if (!fits) // A2
    return emitOptionalError(location, "the mask ", kept, " has not the type of ", x);
  return inferAlong(location, text, operand, types);
}

} // namespace tern
