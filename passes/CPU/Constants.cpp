// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Constants.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using llvm::ArrayRef;

namespace tern::cpu {

/// The elements as f32.
static DenseElementsAttr narrowed(DenseElementsAttr elements) {
  MLIRContext *context = elements.getContext();
  SmallVector<float> numbers;
  auto round = [](llvm::APFloat number) {
    bool losesInfo;
    number.convert(llvm::APFloat::IEEEsingle(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
    return number.convertToFloat();
  };
  if (elements.isSplat())
    numbers.push_back(round(elements.getSplatValue<llvm::APFloat>()));
  else
    for (llvm::APFloat number : elements.getValues<llvm::APFloat>())
      numbers.push_back(round(number));
  auto flat = RankedTensorType::get({elements.getNumElements()}, Float32Type::get(context));
  return DenseElementsAttr::get(flat, ArrayRef(numbers));
}

/// The elements sign-extended to i32, as narrower integers are computed with.
static DenseElementsAttr widened(DenseElementsAttr elements) {
  auto type = RankedTensorType::get({elements.getNumElements()},
                                    IntegerType::get(elements.getContext(), 32));
  SmallVector<llvm::APInt> numbers;
  if (elements.isSplat())
    numbers.push_back(elements.getSplatValue<llvm::APInt>().sext(32));
  else
    for (llvm::APInt number : elements.getValues<llvm::APInt>())
      numbers.push_back(number.sext(32));
  return DenseElementsAttr::get(type, numbers);
}

DenseElementsAttr Constants::elementsOf(ConstantOp op) const {
  auto elements = cast<DenseElementsAttr>(op.getValue());
  Type element = elements.getElementType();
  if (isa<IntegerType>(element))
    return element.getIntOrFloatBitWidth() < 32 ? widened(elements) : elements;
  return element.isF64() && keepsDouble ? elements : narrowed(elements);
}

Value Constants::splat(ConstantOp op) {
  DenseElementsAttr elements = elementsOf(op);
  if (!elements.isSplat())
    return {};
  Type element = elements.getElementType();
  if (isa<FloatType>(element)) {
    auto number = elements.getSplatValue<llvm::APFloat>();
    return k.constant(k.vector(element),
                      element.isF64() ? number.convertToDouble() : number.convertToFloat());
  }
  return k.integer(k.vector(element), elements.getSplatValue<llvm::APInt>().getSExtValue());
}

Place Constants::place(ConstantOp op) {
  DenseElementsAttr elements = elementsOf(op);
  Type element = elements.getElementType();
  ImplicitLocOpBuilder &ops = k.builder();
  std::string &name = globals[op.getResult()];
  if (name.empty()) {
    // Other parts of the kernel have constants too.
    for (size_t number = globals.size(); name.empty() || module.lookupSymbol(name); ++number)
      name = kernelName + ".constant." + std::to_string(number);
    OpBuilder::InsertionGuard guard(ops);
    ops.setInsertionPointToStart(module.getBody());
    auto array = LLVM::LLVMArrayType::get(element, elements.getNumElements());
    auto flat = elements.reshape(RankedTensorType::get({elements.getNumElements()}, element));
    LLVM::GlobalOp::create(ops, array, /*isConstant=*/true, LLVM::Linkage::Internal, name, flat,
                           /*alignment=*/64);
  }
  return {LLVM::AddressOfOp::create(ops, k.pointer(), name), element};
}

} // namespace tern::cpu
