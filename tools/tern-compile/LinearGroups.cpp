// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/LinearGroups.h"

#include "dialects/KV/IR/KV.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace tern {

WeightOp weightOf(ContractOp product) {
  auto weight = product.getRhs().getDefiningOp<WeightOp>();
  bool isMap = product.getAxes() == "rk,nk->rn" || isTransposed(product);
  return isMap && weight && !weight.getLayer() ? weight : WeightOp();
}

bool isTransposed(ContractOp product) { return product.getAxes() == "rk,kn->rn"; }

namespace {

/// Finds the tensors that make a value, as `LinearGroup::makers` says.
class Makers {
public:
  explicit Makers(const llvm::StringMap<int> &uses) : uses(uses) {}

  std::vector<std::string> names;

  /// False if there are none: `names` is then anything.
  bool find(Value x) {
    Operation *op = x.getDefiningOp();
    if (auto mul = dyn_cast_or_null<MulOp>(op))
      return findOnly(mul.getLhs()) || findOnly(mul.getRhs());
    if (auto add = dyn_cast_or_null<AddOp>(op))
      return findOnly(add.getLhs()) && findOnly(add.getRhs());
    if (auto relu = dyn_cast_or_null<ReluOp>(op)) // max(x / s, 0) = max(x, 0) / s
      return findOnly(relu.getX());
    if (auto cast = dyn_cast_or_null<CastOp>(op))
      return findOnly(cast.getX());
    if (auto broadcast = dyn_cast_or_null<BroadcastOp>(op))
      return isOfLastAxis(broadcast) && findOnly(broadcast.getX());
    if (auto product = dyn_cast_or_null<ContractOp>(op))
      return weightOf(product) && !isTransposed(product) && findOnly(product.getRhs());
    if (auto reshape = dyn_cast_or_null<ReshapeOp>(op))
      return findInHeads(reshape);
    if (auto weight = dyn_cast_or_null<WeightOp>(op); weight && !weight.getLayer()) {
      names.push_back(weight.getName().str());
      return uses.lookup(weight.getName()) == 1;
    }
    return false;
  }

private:
  bool findOnly(Value x) {
    size_t known = names.size();
    if (x.hasOneUse() && find(x))
      return true;
    names.resize(known);
    return false;
  }

  /// A vector repeated for each row: "k->rk".
  static bool isOfLastAxis(BroadcastOp broadcast) {
    auto [from, to] = broadcast.getAxes().split("->");
    return from.size() == 1 && to.size() == 2 && to.ends_with(from);
  }

  /// Heads [T, H, D] side by side: rows as they are made, or what an attention with as many value
  /// heads makes of them.
  bool findInHeads(ReshapeOp reshape) {
    Value x = reshape.getX();
    auto shape = cast<RankedTensorType>(x.getType()).getShape();
    auto attend = x.getDefiningOp<kv::AttendOp>();
    auto append = attend ? attend.getCache().getDefiningOp<kv::AppendOp>() : kv::AppendOp();
    if (!append || !x.hasOneUse() || attend.getLogSum() ||
        cast<RankedTensorType>(append.getValue().getType()).getShape() != shape)
      return false;
    auto heads = append.getValue().getDefiningOp<ReshapeOp>();
    return heads && append.getValue().hasOneUse() && findOnly(heads.getX());
  }

  const llvm::StringMap<int> &uses;
};

} // namespace

static llvm::StringMap<int> countUses(ModuleOp module) {
  llvm::StringMap<int> uses;
  module.walk([&](WeightOp weight) { ++uses[weight.getName()]; });
  return uses;
}

std::vector<LinearGroup> findLinearGroups(ModuleOp module) {
  llvm::StringMap<int> uses = countUses(module);
  llvm::MapVector<Value, LinearGroup> groups;
  for (auto function : module.getOps<func::FuncOp>())
    if (function.getName() != "step")
      function.walk([&](ContractOp product) {
        WeightOp weight = weightOf(product);
        if (!weight || uses.lookup(weight.getName()) != 1)
          return;
        LinearGroup &group = groups[product.getLhs()];
        group.input = product.getLhs();
        group.products.push_back(product);
      });
  std::vector<LinearGroup> result;
  for (auto &[input, group] : groups) {
    Makers makers(uses);
    bool isApart = llvm::all_of(input.getUses(), [&](OpOperand &use) {
      return llvm::is_contained(group.products, use.getOwner()) && use.getOperandNumber() == 0;
    });
    if (isApart && makers.find(input))
      group.makers = std::move(makers.names);
    result.push_back(std::move(group));
  }
  return result;
}

} // namespace tern
