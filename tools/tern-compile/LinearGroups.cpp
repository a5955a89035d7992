// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/LinearGroups.h"

#include "dialects/KV/IR/KV.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace tern {

bool isTransposed(LinearMap map) { return map.product.getAxes() == "rk,kn->rn"; }

std::array<int64_t, 2> shapeOf(LinearMap map) {
  ArrayRef<int64_t> shape = map.weight.getResult().getType().getShape();
  return isTransposed(map) ? std::array{shape[1], shape[0]} : std::array{shape[0], shape[1]};
}

/// A tensor that is the same in all layers' terms.
static WeightOp ownWeight(Value matrix) {
  auto weight = matrix.getDefiningOp<WeightOp>();
  return weight && !weight.getLayer() ? weight : WeightOp();
}

/// One below the other: [E, out, in] of matrices [1, out, in].
static SmallVector<LinearMap> mapsOfExperts(ContractOp product) {
  SmallVector<LinearMap> maps;
  auto stack = product.getRhs().getDefiningOp<ConcatOp>();
  if (!stack || product.getAxes() != "tak,nk->tan")
    return {};
  for (auto [expert, matrix] : llvm::enumerate(stack.getOperands())) {
    auto reshape = matrix.getDefiningOp<ReshapeOp>();
    Value numbers = reshape ? reshape.getX() : Value();
    if (auto cast = numbers ? numbers.getDefiningOp<CastOp>() : CastOp())
      numbers = cast.getX();
    WeightOp weight = numbers ? ownWeight(numbers) : WeightOp();
    if (!weight)
      return {};
    maps.push_back({product, weight, int64_t(expert)});
  }
  return maps;
}

SmallVector<LinearMap> mapsOf(ContractOp product) {
  if (product.getGroups())
    return mapsOfExperts(product);
  WeightOp weight = ownWeight(product.getRhs());
  LinearMap map{product, weight};
  bool isMap = weight && (product.getAxes() == "rk,nk->rn" || isTransposed(map));
  return isMap ? SmallVector<LinearMap>{map} : SmallVector<LinearMap>();
}

namespace {

/// Finds the tensors that make a value, as `LinearGroup::makers` says.
class Makers {
public:
  /// Of what that expert sees.
  Makers(const llvm::StringMap<int> &uses, int64_t expert) : uses(uses), expert(expert) {}

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
    if (auto product = dyn_cast_or_null<ContractOp>(op)) {
      SmallVector<LinearMap> maps = mapsOf(product);
      return size_t(expert) < maps.size() && !isTransposed(maps[size_t(expert)]) &&
             product.getRhs().hasOneUse() && addOnly(maps[size_t(expert)].weight);
    }
    if (auto reshape = dyn_cast_or_null<ReshapeOp>(op))
      return findInHeads(reshape);
    WeightOp weight = ownWeight(x);
    return weight && addOnly(weight);
  }

private:
  bool addOnly(WeightOp weight) {
    names.push_back(weight.getName().str());
    return uses.lookup(weight.getName()) == 1;
  }

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
  int64_t expert;
};

} // namespace

static llvm::StringMap<int> countUses(ModuleOp module) {
  llvm::StringMap<int> uses;
  module.walk([&](WeightOp weight) { ++uses[weight.getName()]; });
  return uses;
}

std::vector<LinearGroup> findLinearGroups(ModuleOp module) {
  llvm::StringMap<int> uses = countUses(module);
  llvm::MapVector<std::pair<Value, int64_t>, LinearGroup> groups;
  for (auto function : module.getOps<func::FuncOp>())
    if (function.getName() != "step")
      function.walk([&](ContractOp product) {
        SmallVector<LinearMap> maps = mapsOf(product);
        if (!llvm::all_of(maps,
                          [&](LinearMap &map) { return uses.lookup(map.weight.getName()) == 1; }))
          return;
        for (const LinearMap &map : maps) {
          LinearGroup &group = groups[{product.getLhs(), map.expert}];
          group.input = product.getLhs();
          group.maps.push_back(map);
        }
      });
  std::vector<LinearGroup> result;
  for (auto &[key, group] : groups) {
    Makers makers(uses, key.second);
    bool isApart = llvm::all_of(group.input.getUses(), [&](OpOperand &use) {
      return use.getOperandNumber() == 0 && llvm::any_of(group.maps, [&](LinearMap &map) {
               return map.product == use.getOwner();
             });
    });
    if (isApart && makers.find(group.input))
      group.makers = std::move(makers.names);
    result.push_back(std::move(group));
  }
  return result;
}

} // namespace tern
