// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Passes.h"
#include "passes/Saturate/ScalarPlan.h"

#include "dialects/Tern/IR/Tern.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/xxhash.h"

#include <cmath>

using namespace mlir;

namespace tern::saturate {

#define GEN_PASS_DEF_COLLECTSCALARSPASS
#include "passes/Saturate/Passes.h.inc"

using Id = ScalarForms::Id;
using Part = ScalarForms::Part;

/// Sums and products in an element type that a block's scalars have.
static bool isArithmetic(Operation *op, Type element) {
  if (!isa<AddOp, SubOp, NegOp, MulOp, SquareOp>(op))
    return false;
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  return type.getRank() == 0 && type.getElementType() == element;
}

namespace {

/// Rewrites the sums and products of one element type in a block.
class Collector {
public:
  Collector(Block &block, FloatType element) : block(block), element(element) {}

  /// How many operations it wrote.
  int64_t run() {
    SmallVector<std::pair<OpOperand *, Id>> reads;
    for (Operation &op : block) {
      if (!isArithmetic(&op, element)) {
        for (OpOperand &operand : op.getOpOperands())
          if (Operation *source = operand.get().getDefiningOp();
              source && isArithmetic(source, element))
            reads.push_back({&operand, formOf(operand.get())});
        addLeaf(op);
      } else if (!isPartOfSum(&op)) {
        formOf(op.getResult(0));
      }
    }
    SmallVector<Id> roots = llvm::map_to_vector(reads, [](auto &read) { return read.second; });
    plan.emplace(forms, roots);
    for (auto [operand, form] : reads)
      operand->set(emit(form, operand->getOwner()));
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isArithmetic(&op, element) && op.use_empty())
        op.erase();
    return numWritten;
  }

private:
  bool isSum(Operation *op) const {
    return isa<AddOp, SubOp, NegOp>(op) && isArithmetic(op, element);
  }

  /// True for an inner sum of one sum alone: its terms are collected with those of the outer one.
  bool isPartOfSum(Operation *op) const {
    return isSum(op) && op->hasOneUse() && isSum(*op->user_begin());
  }

  Id formOf(Value value) {
    if (auto at = formOfValue.find(value); at != formOfValue.end())
      return at->second;
    Operation *op = value.getDefiningOp();
    bool isHere = op && op->getBlock() == &block;
    Id form = isHere && isArithmetic(op, element) ? read(op) : leafOf(value);
    return formOfValue[value] = form;
  }

  /// An argument, or a value of another block.
  Id leafOf(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value); argument && argument.getOwner() == &block) {
      std::string key = "argument " + std::to_string(argument.getArgNumber());
      return forms.leaf(value, key, llvm::xxh3_64bits(key));
    }
    auto address = reinterpret_cast<uintptr_t>(value.getAsOpaquePointer());
    return forms.leaf(value, "value " + std::to_string(address), 0);
  }

  /// Results of what is no sum or product. Equal terms of equal forms are one leaf.
  void addLeaf(Operation &op) {
    DenseElementsAttr constant;
    bool isNumber = op.getNumResults() == 1 && matchPattern(&op, m_Constant(&constant)) &&
                    constant.getElementType() == element && constant.getType().getRank() == 0;
    if (isNumber) {
      double number = constant.getSplatValue<APFloat>().convertToDouble();
      if (std::isfinite(number)) {
        formOfValue[op.getResult(0)] = forms.number(number);
        return;
      }
    }
    std::string key, content;
    llvm::raw_string_ostream keyed(key), text(content);
    keyed << op.getName() << op.getAttrDictionary().getAsOpaquePointer();
    text << op.getName() << op.getAttrDictionary();
    for (Value operand : op.getOperands()) {
      Id form = formOf(operand);
      keyed << ' ' << form;
      text << ' ' << forms[form].hash;
    }
    bool isShared = isa<TermOpInterface>(op);
    for (Type type : op.getResultTypes()) {
      keyed << ' ' << type.getAsOpaquePointer();
      text << ' ' << type;
    }
    for (OpResult result : op.getResults()) {
      std::string own = key + '#' + std::to_string(result.getResultNumber());
      if (!isShared)
        own += ' ' + std::to_string(reinterpret_cast<uintptr_t>(result.getAsOpaquePointer()));
      formOfValue[result] = forms.leaf(
          result, own, llvm::xxh3_64bits(content) + 0x9e3779b97f4a7c15u * result.getResultNumber());
    }
  }

  Id read(Operation *op) {
    if (isSum(op))
      return readSum(op);
    if (isa<SquareOp>(op))
      return forms.product({{formOf(op->getOperand(0)), 2}});
    return forms.product({{formOf(op->getOperand(0)), 1}, {formOf(op->getOperand(1)), 1}});
  }

  Id readSum(Operation *root) {
    std::vector<Part> parts;
    SmallVector<std::pair<Operation *, double>> open{{root, 1.0}};
    auto add = [&](Value value, double sign) {
      Operation *source = value.getDefiningOp();
      if (source && isPartOfSum(source))
        open.push_back({source, sign});
      else
        parts.push_back({formOf(value), sign});
    };
    while (!open.empty()) {
      auto [op, sign] = open.pop_back_val();
      add(op->getOperand(0), isa<NegOp>(op) ? -sign : sign);
      if (op->getNumOperands() == 2)
        add(op->getOperand(1), isa<SubOp>(op) ? -sign : sign);
    }
    return forms.sum(parts);
  }

  //===- Writing ----------------------------------------------------------===//

  Value emit(Id root, Operation *user) {
    OpBuilder builder(user);
    SmallVector<std::pair<Id, size_t>> stack{{root, 0}};
    while (!stack.empty()) {
      auto &[id, next] = stack.back();
      if (valueOf.contains(id)) {
        stack.pop_back();
      } else if (ArrayRef<Part> parts = plan->parts(id); next < parts.size()) {
        Id inner = parts[next++].form;
        stack.push_back({inner, 0});
      } else {
        valueOf[id] = write(id, builder, user->getLoc());
        stack.pop_back();
      }
    }
    return valueOf[root];
  }

  template <typename Op, typename... Operands>
  Value make(OpBuilder &builder, Location location, Operands... operands) {
    ++numWritten;
    return Op::create(builder, location, operands...);
  }

  Value constant(OpBuilder &builder, Location location, double number) {
    auto type = RankedTensorType::get({}, element);
    return ConstantOp::create(builder, location,
                              DenseElementsAttr::get(type, FloatAttr::get(element, number)));
  }

  Value write(Id id, OpBuilder &builder, Location location) {
    const ScalarForms::Form &form = forms[id];
    switch (form.kind) {
    case ScalarForms::Kind::Number:
      return constant(builder, location, form.number);
    case ScalarForms::Kind::Leaf:
      return form.leaf;
    case ScalarForms::Kind::Sum:
      return writeSum(id, builder, location);
    case ScalarForms::Kind::Product:
      return writeProduct(form, builder, location);
    }
    llvm_unreachable("a form is one of these");
  }

  Value writeProduct(const ScalarForms::Form &form, OpBuilder &builder, Location location) {
    Value product;
    for (const Part &part : form.parts) {
      Value power, square = valueOf[part.form];
      for (auto exponent = static_cast<int64_t>(part.factor); exponent > 0; exponent /= 2) {
        if (exponent % 2)
          power = power ? make<MulOp>(builder, location, power, square) : square;
        if (exponent > 1)
          square = make<SquareOp>(builder, location, square);
      }
      product = product ? make<MulOp>(builder, location, product, power) : power;
    }
    return product;
  }

  /// Halves are added first: a long chain would wait for each of its sums.
  Value addAll(ArrayRef<Value> values, OpBuilder &builder, Location location) {
    if (values.size() < 2)
      return values.empty() ? Value() : values[0];
    size_t half = values.size() / 2;
    Value first = addAll(values.take_front(half), builder, location);
    return make<AddOp>(builder, location, first,
                       addAll(values.drop_front(half), builder, location));
  }

  Value writeSum(Id id, OpBuilder &builder, Location location) {
    // Terms of one coefficient are added before they are multiplied by it.
    std::map<uint64_t, std::pair<SmallVector<Value>, SmallVector<Value>>> bySize;
    for (const Part &part : plan->parts(id)) {
      auto &[plus, minus] = bySize[llvm::bit_cast<uint64_t>(std::abs(part.factor))];
      (part.factor < 0 ? minus : plus).push_back(valueOf[part.form]);
    }
    SmallVector<Value> plus, minus;
    for (auto &[bits, terms] : bySize) {
      auto size = llvm::bit_cast<double>(bits);
      Value positive = addAll(terms.first, builder, location);
      Value negative = addAll(terms.second, builder, location);
      if (size == 1) {
        if (positive)
          plus.push_back(positive);
        if (negative)
          minus.push_back(negative);
        continue;
      }
      bool isNegative = !positive;
      Value sum = positive && negative ? make<SubOp>(builder, location, positive, negative)
                  : positive           ? positive
                                       : negative;
      sum = make<MulOp>(builder, location, constant(builder, location, size), sum);
      (isNegative ? minus : plus).push_back(sum);
    }
    if (double number = forms[id].number)
      plus.push_back(constant(builder, location, number));
    Value positive = addAll(plus, builder, location), negative = addAll(minus, builder, location);
    if (!negative)
      return positive;
    return positive ? make<SubOp>(builder, location, positive, negative)
                    : make<NegOp>(builder, location, negative);
  }

  Block &block;
  FloatType element;
  ScalarForms forms;
  std::optional<ScalarPlan> plan;
  llvm::DenseMap<Value, Id> formOfValue;
  std::map<Id, Value> valueOf;
  int64_t numWritten = 0;
};

struct CollectScalars : impl::CollectScalarsPassBase<CollectScalars> {
  using Base::Base;

  void runOnOperation() override {
    Builder builder(&getContext());
    for (auto function : getOperation().getOps<func::FuncOp>())
      for (Block &block : function.getBody())
        for (FloatType element : {FloatType(builder.getF32Type()), FloatType(builder.getF64Type())})
          numWritten += Collector(block, element).run();
  }
};

} // namespace
} // namespace tern::saturate
