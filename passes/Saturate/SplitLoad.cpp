// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/KV/IR/KV.h"
#include "dialects/Tern/IR/Axes.h"
#include "dialects/Tern/IR/Tern.h"
#include "passes/Dispatch/SchemaChoice.h"
#include "passes/Saturate/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace tern::saturate {

#define GEN_PASS_DEF_SPLITLOADPASS
#include "passes/Saturate/Passes.h.inc"

namespace {

/// Where the load-bound values of one function lie, and on which layer index they depend.
class Binding {
public:
  explicit Binding(Block &block) {
    for (BlockArgument argument : block.getArguments())
      if (argument.getType().isIndex())
        layerOf[argument] = argument;
    for (Operation &op : block)
      add(op);
  }

  /// Decides on an operation whose operands were decided before.
  void add(Operation &op) {
    if (op.getNumResults() == 0 || !isPure(&op))
      return;
    if (matchPattern(&op, m_Constant())) {
      layerOf[op.getResult(0)] = Value();
      constants.insert(op.getResult(0));
      return;
    }
    auto isStatic = [](Type type) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      return tensor && tensor.hasStaticShape();
    };
    // What a size says is known in a step alone; one that always is was folded.
    if (!isa<TermOpInterface, TopKOp>(op) || isa<SizeOp>(op) ||
        !llvm::all_of(op.getResultTypes(), isStatic))
      return;
    Value layer;
    for (Value operand : op.getOperands()) {
      auto at = layerOf.find(operand);
      if (at == layerOf.end() || (layer && at->second && layer != at->second))
        return;
      layer = layer ? layer : at->second;
    }
    bool isConstant = op.getNumOperands() > 0 && llvm::all_of(op.getOperands(), [&](Value v) {
                        return constants.contains(v);
                      });
    for (Value result : op.getResults()) {
      layerOf[result] = layer;
      if (isConstant)
        constants.insert(result);
    }
  }

  bool isLoad(Value value) const { return layerOf.contains(value); }
  bool isLoad(Operation &op) const { return op.getNumResults() != 0 && isLoad(op.getResult(0)); }
  /// The index that the load-bound value depends on, null for none.
  Value getLayer(Value value) const { return layerOf.at(value); }
  bool isConstant(Value value) const { return constants.contains(value); }

private:
  llvm::DenseMap<Value, Value> layerOf;
  llvm::DenseSet<Value> constants;
};

/// Packs the matrices that contractions, gathers and recurrences read.
class Packer {
public:
  explicit Packer(Binding &binding) : binding(binding) {}

  void visit(Operation &op) {
    if (auto contract = dyn_cast<ContractOp>(op))
      pack(contract);
    else if (auto gather = dyn_cast<GatherOp>(op))
      pack(gather);
    else if (auto convolve = dyn_cast<kv::ConvolveOp>(op))
      pack(convolve, convolve.getWeightMutable());
    else if (auto scan = dyn_cast<kv::ScanOp>(op))
      pack(scan, scan.getRateMutable());
  }

  /// Lets the halves that a kernel computes at once alternate, where contractions alone read them.
  void alternate();

  unsigned count() const { return packs.size(); }

private:
  void pack(ContractOp op);
  void pack(GatherOp op);
  void pack(Operation *op, OpOperand &matrix);
  bool isPackable(Value matrix, int64_t rank) const;
  Value packed(Operation *user, Value matrix, bool isTurned = false);

  Binding &binding;
  llvm::MapVector<std::pair<Value, unsigned>, Value> packs; ///< by matrix, and if it is turned
};

} // namespace

/// A load-bound matrix (rank 2) or stack of them (3), of a type that has a packed layout.
bool Packer::isPackable(Value matrix, int64_t rank) const {
  auto type = cast<RankedTensorType>(matrix.getType());
  Type element = type.getElementType();
  auto block = dyn_cast<BlockType>(element);
  bool isStored = element.isF32() || element.isF16() || element.isBF16() ||
                  (block && !block.getGgufName().empty());
  return isStored && type.getRank() == rank && !isa_and_present<PanelsAttr>(type.getEncoding()) &&
         binding.isLoad(matrix);
}

Value Packer::packed(Operation *user, Value matrix, bool isTurned) {
  Value &pack = packs[{matrix, isTurned}];
  if (pack)
    return pack;
  SmallVector<Value> parts{matrix};
  // Rows joined twice are rows joined once.
  uint64_t joined = isTurned ? 1 : 0;
  for (size_t i = 0; i < parts.size();) {
    auto concat = parts[i].getDefiningOp<ConcatOp>();
    if (!concat || concat.getAxis() != joined) {
      ++i;
      continue;
    }
    SmallVector<Value> inner(concat.getOperands());
    parts.erase(parts.begin() + i);
    parts.insert(parts.begin() + i, inner.begin(), inner.end());
  }
  OpBuilder builder(user);
  if (Operation *definition = matrix.getDefiningOp())
    builder.setInsertionPointAfter(definition);
  pack = PackOp::create(builder, matrix.getLoc(), parts, isTurned);
  binding.add(*pack.getDefiningOp());
  return pack;
}

void Packer::alternate() {
  for (auto &[matrix, packed] : packs) {
    auto readsColumns = [](Operation *user) {
      auto contract = dyn_cast<ContractOp>(user);
      return contract && !contract.getGroups();
    };
    auto readsHalves = [](Operation *user) {
      return dispatch::halvesOf(cast<ContractOp>(user))[0];
    };
    if (!llvm::all_of(packed.getUsers(), readsColumns) ||
        !llvm::any_of(packed.getUsers(), readsHalves))
      continue;
    auto pack = cast<PackOp>(packed.getDefiningOp());
    auto type = cast<RankedTensorType>(packed.getType());
    pack.setAlternating(true);
    packed.setType(RankedTensorType::get(type.getShape(), type.getElementType(),
                                         PanelsAttr::get(type.getContext(), 32, true)));
  }
}

/// Kernels read activations of 16 bits beside weights of the same type, bf16 beside blocks too; as
/// f32 beside all.
static void widenActivations(ContractOp op) {
  auto type = cast<RankedTensorType>(op.getLhs().getType());
  Type element = type.getElementType();
  Type weights = cast<RankedTensorType>(op.getRhs().getType()).getElementType();
  bool isRead = element == weights || (element.isBF16() && isa<BlockType>(weights));
  if (!(element.isF16() || element.isBF16()) || isRead)
    return;
  OpBuilder builder(op);
  Type wide = RankedTensorType::get(type.getShape(), builder.getF32Type(), type.getEncoding());
  op.getLhsMutable().assign(CastOp::create(builder, op.getLoc(), wide, op.getLhs()));
}

void Packer::pack(ContractOp op) {
  std::string why;
  FailureOr<Axes> axes = Axes::parse(op.getAxes(), why);
  Value matrix = op.getRhs();
  bool isStack = static_cast<bool>(op.getGroups());
  if (failed(axes) || !isPackable(matrix, isStack ? 3 : 2))
    return;
  // The rows are the result's last axis, the columns the left operand's. Each other axis of a
  // stack's left operand chooses a matrix.
  StringRef left = axes->operands[0], right = axes->operands[1], result = axes->result;
  auto groups = isStack ? cast<RankedTensorType>(op.getGroups().getType()) : RankedTensorType();
  size_t rowAxes = isStack ? groups.getRank() : 1;
  if (isStack && (rowAxes > 2 || !groups.getElementType().isInteger(32)))
    return;
  if (left.size() != rowAxes + 1 || result.empty())
    return;
  char n = result.back(), k = left.back();
  if (left.drop_back() != result.drop_back() || left.contains(n) || result.contains(k))
    return;
  auto type = cast<RankedTensorType>(matrix.getType());
  bool isTurned = right == std::string{k, n};
  if (isTurned && (isStack || isa<BlockType>(type.getElementType())))
    return;
  if (!isTurned && right != std::string{n, k})
    return;
  widenActivations(op);
  op.setAxes((left + "," + std::string{n, k} + "->" + result).str());
  op.getRhsMutable().assign(packed(op, matrix, isTurned));
}

void Packer::pack(GatherOp op) {
  std::string why;
  FailureOr<Axes> axes = Axes::parse(op.getAxes(), why);
  if (failed(axes) || !isPackable(op.getTable(), 2))
    return;
  // Rows are read, columns stay at the end.
  auto indices = cast<RankedTensorType>(op.getIndices().getType());
  if (axes->canonical() != "ab,c->cb" || !indices.getElementType().isInteger(32))
    return;
  op.getTableMutable().assign(packed(op, op.getTable()));
}

void Packer::pack(Operation *op, OpOperand &matrix) {
  if (isPackable(matrix.get(), 2))
    matrix.set(packed(op, matrix.get()));
}

/// The load-bound values that operations of the step read, by the index that they depend on.
using Frontier = llvm::MapVector<Value, llvm::SetVector<Value>>;

static Frontier findFrontier(Block &block, const Binding &binding) {
  llvm::DenseSet<Operation *> steps;
  auto readsInStep = [&](Operation *user) { return steps.contains(user); };
  // Users come after what they use, so backwards: a broadcast that the step reads is of the step.
  for (Operation &op : llvm::reverse(block)) {
    if (!binding.isLoad(op) || (isa<BroadcastOp>(op) && llvm::any_of(op.getUsers(), readsInStep)))
      steps.insert(&op);
  }
  Frontier frontier;
  for (Operation &op : block) {
    if (!steps.contains(&op))
      continue;
    for (Value operand : op.getOperands()) {
      auto type = dyn_cast<RankedTensorType>(operand.getType());
      Operation *definition = operand.getDefiningOp();
      if (!type || !definition || !binding.isLoad(operand) || steps.contains(definition) ||
          isa<LoadedOp>(definition) || matchPattern(definition, m_Constant()) ||
          (type.getRank() == 0 && binding.isConstant(operand)))
        continue;
      frontier[binding.getLayer(operand)].insert(operand);
    }
  }
  return frontier;
}

/// Copies the operations that `values` need.
static void cloneTerms(ArrayRef<Value> values, OpBuilder &builder, IRMapping &mapping) {
  SmallVector<Value> stack(values.rbegin(), values.rend());
  while (!stack.empty()) {
    Value value = stack.back();
    if (mapping.contains(value)) {
      stack.pop_back();
      continue;
    }
    Operation *op = value.getDefiningOp();
    bool ready = true;
    for (Value operand : llvm::reverse(op->getOperands()))
      if (!mapping.contains(operand)) {
        stack.push_back(operand);
        ready = false;
      }
    if (!ready)
      continue;
    builder.clone(*op, mapping);
    stack.pop_back();
  }
}

/// Makes `values` the results of a new function and reads them from there.
static void moveToLoad(func::FuncOp step, Value layer, ArrayRef<Value> values,
                       SymbolTable &symbols) {
  OpBuilder builder(step.getContext());
  Location location = step.getLoc();
  SmallVector<Type> inputs, results;
  if (layer)
    inputs.push_back(layer.getType());
  for (Value value : values)
    results.push_back(value.getType());
  auto load = func::FuncOp::create(builder, location, (step.getName() + ".load").str(),
                                   builder.getFunctionType(inputs, results));
  load.setPrivate();
  load->setAttr("tern.load", builder.getUnitAttr());
  symbols.insert(load, step->getIterator());

  IRMapping mapping;
  builder.setInsertionPointToStart(load.addEntryBlock());
  if (layer)
    mapping.map(layer, load.getArgument(0));
  cloneTerms(values, builder, mapping);
  SmallVector<Value> copies;
  for (Value value : values)
    copies.push_back(mapping.lookup(value));
  func::ReturnOp::create(builder, location, copies);

  builder.setInsertionPointToStart(&step.front());
  for (auto [i, value] : llvm::enumerate(values)) {
    Value loaded =
        LoadedOp::create(builder, value.getLoc(), value.getType(), load.getSymName(), i, layer);
    Value(value).replaceAllUsesWith(loaded);
  }
}

/// A product of weights, which is worth a packed layout too.
static bool isLoadProduct(Operation &op) {
  auto contract = dyn_cast<ContractOp>(op);
  return contract && cast<RankedTensorType>(contract.getLhs().getType()).getElementType().isF32();
}

static void eraseDead(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

namespace {

struct SplitLoad : impl::SplitLoadPassBase<SplitLoad> {
  using Base::Base;

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto step : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      if (step.isExternal() || step->hasAttr("tern.load"))
        continue;
      Block &block = step.front();
      Binding binding(block);
      Packer packer(binding);
      for (Operation &op : llvm::make_early_inc_range(block))
        if (!binding.isLoad(op) || isLoadProduct(op))
          packer.visit(op);
      packer.alternate();
      numPacked += packer.count();
      for (auto &[layer, values] : findFrontier(block, binding)) {
        moveToLoad(step, layer, values.getArrayRef(), symbols);
        numLoaded += values.size();
      }
      eraseDead(block);
    }
  }
};

} // namespace
} // namespace tern::saturate
