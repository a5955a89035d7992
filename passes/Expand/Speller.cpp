// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Expand/Speller.h"

#include "dialects/Tern/IR/Axes.h"

using namespace mlir;

namespace tern::expand {

RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

RowLetters RowLetters::parse(llvm::StringRef text) {
  std::string why;
  FailureOr<Axes> axes = Axes::parse(text, why);
  RowLetters letters{axes->operands[0], axes->along, {}};
  if (letters.along.empty())
    letters.along = axes->summed();
  for (char letter : letters.all)
    if (letters.along.find(letter) == std::string::npos)
      letters.kept += letter;
  return letters;
}

Value Speller::scalar(double value, Value like) {
  return makeScalar(*this, getLoc(), value, mlir::cast<FloatType>(tensorOf(like).getElementType()));
}

Value Speller::cast(Value x, Type element) {
  RankedTensorType type = tensorOf(x);
  return type.getElementType() == element ? x : CastOp::create(*this, type.clone(element), x);
}

Value Speller::spread(Value x, Value like, llvm::StringRef axes) {
  RankedTensorType type = tensorOf(like).clone(tensorOf(x).getElementType());
  return BroadcastOp::create(*this, type, axes, x);
}

Value Speller::regroup(Value x, llvm::ArrayRef<ExtentAttr> extents) {
  return ReshapeOp::create(*this, getTensor(extents, tensorOf(x).getElementType()), x);
}

Value Speller::sigmoid(Value x) {
  Value power = ExpOp::create(*this, NegOp::create(*this, x));
  return RecipOp::create(*this, AddOp::create(*this, scalar(1, x), power));
}

Value Speller::size(llvm::ArrayRef<ExtentAttr> extents, Type element) {
  return SizeOp::create(*this, RankedTensorType::get({}, element),
                        DimsAttr::get(getContext(), extents));
}

Value Speller::mean(Value x, const RowLetters &letters) {
  RankedTensorType type = tensorOf(x);
  SmallVector<ExtentAttr> summed;
  for (auto [letter, extent] : llvm::zip_equal(letters.all, getExtents(type)))
    if (letters.along.find(letter) != std::string::npos)
      summed.push_back(extent);
  Value sum = SumOp::create(*this, letters.reduction(), x);
  return DivOp::create(*this, sum, size(summed, type.getElementType()));
}

} // namespace tern::expand
