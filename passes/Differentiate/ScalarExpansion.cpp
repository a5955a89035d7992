// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Differentiate/ScalarExpansion.h"

#include "dialects/Tern/IR/Axes.h"
#include "dialects/Tern/IR/Term.h"
#include "passes/Dispatch/SchemaChoice.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;

namespace tern::differentiate {

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static bool isExpandable(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape() &&
         (type.getElementType().isF32() || type.getElementType().isF64());
}

bool isNumber(Value scalar, double number) {
  DenseElementsAttr value;
  return matchPattern(scalar, m_Constant(&value)) &&
         value.getSplatValue<APFloat>().convertToDouble() == number;
}

/// The operations that `values` come from, in order.
static SmallVector<Operation *> sourcesOf(ValueRange values, Block &body) {
  llvm::SmallPtrSet<Operation *, 16> needed;
  auto need = [&](ValueRange own) {
    for (Value value : own)
      if (Operation *source = value.getDefiningOp())
        needed.insert(source);
  };
  need(values);
  SmallVector<Operation *> ops;
  for (Operation &op : llvm::reverse(body.without_terminator()))
    if (needed.contains(&op)) {
      need(op.getOperands());
      ops.push_back(&op);
    }
  std::reverse(ops.begin(), ops.end());
  return ops;
}

LogicalResult ScalarExpansion::run(func::FuncOp function, ValueRange arguments,
                                   ValueRange results) {
  if (!function.getBody().hasOneBlock())
    return function.emitError("@") << function.getName() << ": expected a function of one block";
  Block &body = function.getBody().front();
  auto refuse = [&](Location location, Type type) {
    return emitError(location) << "@" << function.getName()
                               << ": expected f32 or f64 tensors of static shapes, found " << type;
  };
  for (auto [own, argument] : llvm::zip_equal(body.getArguments(), arguments)) {
    if (!isExpandable(own))
      return refuse(function.getLoc(), own.getType());
    elements[own] = readArgument(argument);
  }
  // What is written may stand in the same block.
  for (Operation *op : sourcesOf(results, body)) {
    for (Value result : op->getResults()) {
      if (!isExpandable(result))
        return refuse(op->getLoc(), result.getType());
      auto count = static_cast<uint64_t>(tensorOf(result).getNumElements());
      if (count > elementsLeft)
        return op->emitOpError("in @") << function.getName() << " makes more elements than may be "
                                       << "written out";
      elementsLeft -= count;
    }
    if (failed(expand(*op)))
      return failure();
  }
  return success();
}

Value ScalarExpansion::constant(Location location, Type element, double number) {
  auto type = RankedTensorType::get({}, element);
  return ConstantOp::create(builder, location,
                            DenseElementsAttr::get(type, builder.getFloatAttr(element, number)));
}

Scalars ScalarExpansion::readArgument(Value argument) {
  RankedTensorType type = tensorOf(argument);
  if (type.getRank() == 0)
    return {argument};
  int64_t count = type.getNumElements();
  auto at = [&](ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, type.getElementType());
  };
  Location location = argument.getLoc();
  if (type.getRank() != 1)
    argument = ReshapeOp::create(builder, location, at({count}), argument);
  Scalars scalars;
  for (int64_t i = 0; i < count; ++i) {
    Value one = SliceOp::create(builder, location, argument, 0, i, 1);
    scalars.push_back(ReshapeOp::create(builder, location, at({}), one));
  }
  return scalars;
}

Value ScalarExpansion::join(Location location, const Scalars &scalars, RankedTensorType type) {
  if (type.getRank() == 0)
    return scalars[0];
  auto at = [&](int64_t count) { return RankedTensorType::get({count}, type.getElementType()); };
  if (scalars.empty())
    return ConstantOp::create(builder, location,
                              DenseElementsAttr::get(type, ArrayRef<Attribute>()));
  Scalars parts;
  for (Value scalar : scalars)
    parts.push_back(ReshapeOp::create(builder, location, at(1), scalar));
  Value joined = ConcatOp::create(builder, location, parts, 0);
  return type.getRank() == 1 ? joined : Value(ReshapeOp::create(builder, location, type, joined));
}

Scalars ScalarExpansion::expandConstant(ConstantOp op) {
  auto value = cast<DenseElementsAttr>(op.getValue());
  Scalars scalars;
  llvm::DenseMap<Attribute, Value> known;
  for (Attribute number : value.getValues<Attribute>()) {
    Value &scalar = known[number];
    if (!scalar)
      scalar = constant(op.getLoc(), value.getElementType(),
                        cast<FloatAttr>(number).getValue().convertToDouble());
    scalars.push_back(scalar);
  }
  return scalars;
}

Scalars ScalarExpansion::expandPointwise(Operation &op) {
  Scalars scalars;
  SmallVector<Attribute> properties = getProperties(&op);
  if (isa<CastOp>(op)) // the type of a scalar
    properties.back() =
        TypeAttr::get(RankedTensorType::get({}, tensorOf(op.getResult(0)).getElementType()));
  for (int64_t i = 0, count = tensorOf(op.getResult(0)).getNumElements(); i < count; ++i) {
    Scalars operands;
    for (Value operand : op.getOperands())
      operands.push_back(of(operand)[tensorOf(operand).getRank() == 0 ? 0 : i]);
    scalars.push_back(
        makeTerm(builder, op.getLoc(), op.getName(), operands, properties)->getResult(0));
  }
  return scalars;
}

/// Steps through all indices of axes, the last one fastest.
static bool advance(llvm::MutableArrayRef<int64_t> index, ArrayRef<int64_t> extents) {
  for (size_t axis = extents.size(); axis-- > 0;) {
    if (++index[axis] < extents[axis])
      return true;
    index[axis] = 0;
  }
  return false;
}

Scalars ScalarExpansion::expandSums(Operation &op, ArrayRef<std::string> letters, StringRef result,
                                    double scale) {
  std::string all = result.str(), summed;
  llvm::StringMap<int64_t> extentOf;
  for (auto [operand, own] : llvm::zip_equal(op.getOperands(), letters))
    for (auto [axis, letter] : llvm::enumerate(own)) {
      extentOf[StringRef(&letter, 1)] = tensorOf(operand).getDimSize(axis);
      if (all.find(letter) == std::string::npos) {
        all += letter;
        summed += letter;
      }
    }
  auto extents = [&](StringRef of) {
    SmallVector<int64_t> sizes;
    for (size_t i = 0; i < of.size(); ++i)
      sizes.push_back(extentOf.lookup(of.substr(i, 1)));
    return sizes;
  };
  SmallVector<int64_t> outer = extents(result), inner = extents(summed);
  auto count = [](ArrayRef<int64_t> sizes) {
    int64_t product = 1;
    for (int64_t size : sizes)
      product *= size;
    return product;
  };
  SmallVector<int64_t> index(all.size(), 0);
  auto element = [&](unsigned operand) {
    int64_t at = 0;
    for (auto [axis, letter] : llvm::enumerate(letters[operand]))
      at = at * tensorOf(op.getOperand(operand)).getDimSize(axis) + index[all.find(letter)];
    return of(op.getOperand(operand))[at];
  };
  Type type = tensorOf(op.getResult(0)).getElementType();
  Location location = op.getLoc();
  Scalars scalars;
  for (int64_t i = 0, results = count(outer); i < results; ++i) {
    Value sum;
    auto part = llvm::MutableArrayRef(index).drop_front(result.size());
    for (int64_t j = 0, terms = count(inner); j < terms; ++j, advance(part, inner)) {
      Value term = element(0);
      bool isZero = isNumber(term, 0);
      if (letters.size() == 2) {
        isZero |= isNumber(element(1), 0);
        if (!isZero)
          term = MulOp::create(builder, location, term, element(1));
      }
      if (!isZero)
        sum = sum ? Value(AddOp::create(builder, location, sum, term)) : term;
    }
    if (!sum)
      sum = constant(location, type, 0);
    else if (scale != 1)
      sum = MulOp::create(builder, location, sum, constant(location, type, scale));
    scalars.push_back(sum);
    advance(llvm::MutableArrayRef(index).take_front(result.size()), outer);
  }
  return scalars;
}

Scalars ScalarExpansion::move(Operation &op) {
  RankedTensorType type = tensorOf(op.getResult(0));
  if (isa<ReshapeOp>(op))
    return of(op.getOperand(0));
  SmallVector<int64_t> index(type.getRank(), 0);
  Scalars scalars;
  for (int64_t i = 0; i < type.getNumElements(); ++i, advance(index, type.getShape())) {
    SmallVector<int64_t> from(index);
    Value source = op.getOperand(0);
    if (auto slice = dyn_cast<SliceOp>(op)) {
      from[slice.getAxis()] += static_cast<int64_t>(slice.getOffset());
    } else if (auto concat = dyn_cast<ConcatOp>(op)) {
      int64_t &at = from[concat.getAxis()];
      for (Value operand : concat.getOperands()) {
        source = operand;
        int64_t extent = tensorOf(operand).getDimSize(concat.getAxis());
        if (at < extent)
          break;
        at -= extent;
      }
    } else {
      std::string why;
      Axes axes = *Axes::parse(op.getAttrOfType<StringAttr>("axes").getValue(), why);
      from.clear();
      for (char letter : axes.operands[0])
        from.push_back(index[axes.result.find(letter)]);
    }
    int64_t at = 0;
    for (auto [axis, number] : llvm::enumerate(from))
      at = at * tensorOf(source).getDimSize(axis) + number;
    scalars.push_back(of(source)[at]);
  }
  return scalars;
}

LogicalResult ScalarExpansion::expand(Operation &op) {
  for (Value operand : op.getOperands())
    if (!elements.contains(operand))
      return op.emitOpError("reads a value of type ")
             << operand.getType() << ", which can't be written out in scalars";
  auto axes = [&] {
    std::string why;
    return *Axes::parse(op.getAttrOfType<StringAttr>("axes").getValue(), why);
  };
  auto set = [&](Scalars scalars) {
    elements[op.getResult(0)] = std::move(scalars);
    return success();
  };
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      .Case([&](ConstantOp constant) { return set(expandConstant(constant)); })
      .Case<ReshapeOp, SliceOp, ConcatOp, BroadcastOp, TransposeOp>(
          [&](auto) { return set(move(op)); })
      .Case([&](ContractOp contract) -> LogicalResult {
        if (contract.getGroups())
          return contract.emitOpError("with groups can't be written out in scalars");
        return set(expandSums(op, axes().operands, axes().result, 1));
      })
      .Case([&](SumOp) { return set(expandSums(op, axes().operands, axes().result, 1)); })
      .Case([&](MeanOp mean) {
        auto results = static_cast<double>(tensorOf(mean.getResult()).getNumElements());
        auto terms = static_cast<double>(tensorOf(mean.getX()).getNumElements());
        return set(expandSums(op, axes().operands, axes().result, results / terms));
      })
      .Default([&](Operation *) -> LogicalResult {
        if (!dispatch::isPointwise(&op))
          return op.emitOpError("can't be written out in scalars");
        return set(expandPointwise(op));
      });
}

} // namespace tern::differentiate
