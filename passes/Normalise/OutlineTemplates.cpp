// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Normalise/Passes.h"
#include "passes/Normalise/SortTerms.h"

#include "dialects/Tern/IR/Tern.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/OperationSupport.h"

using namespace mlir;

namespace tern::normalise {

#define GEN_PASS_DEF_OUTLINETEMPLATESPASS
#include "passes/Normalise/Passes.h.inc"

/// "blk.3.attn_q.weight" -> "blk.{}.attn_q.weight" for layer 3; empty if the number is not there.
static std::string generalName(StringRef name, int64_t layer) {
  std::string number = "." + std::to_string(layer) + ".";
  size_t at = name.find(number);
  return at == StringRef::npos
             ? ""
             : (name.take_front(at) + ".{}." + name.drop_front(at + number.size())).str();
}

static void generaliseWeights(func::FuncOp function, int64_t layer) {
  function.walk([&](WeightOp weight) {
    std::string name = generalName(weight.getName(), layer);
    if (weight.getLayer() || name.empty())
      return;
    weight.setName(name);
    weight.getLayerMutable().assign(function.getArgument(0));
  });
}

static bool areEqual(func::FuncOp a, func::FuncOp b) {
  return a.getFunctionType() == b.getFunctionType() &&
         OperationEquivalence::isRegionEquivalentTo(&a.getBody(), &b.getBody(),
                                                    OperationEquivalence::IgnoreLocations);
}

namespace {

/// Calls of one template, each fed by the one before.
struct Run {
  func::FuncOp callee;
  SmallVector<func::CallOp> calls;
  SmallVector<int64_t> layers;

  /// True if `call` goes on where the run ends.
  bool continuesWith(func::CallOp call) const {
    func::CallOp last = calls.back();
    size_t carried = last.getNumResults();
    return llvm::equal(call.getOperands().slice(1, carried), last.getResults()) &&
           llvm::equal(call.getOperands().drop_front(1 + carried),
                       last.getOperands().drop_front(1 + carried)) &&
           llvm::all_of(last.getResults(), [](Value value) { return value.hasOneUse(); });
  }
};

struct OutlineTemplates : impl::OutlineTemplatesPassBase<OutlineTemplates> {
  using Base::Base;

  void runOnOperation() override {
    findTemplates();
    for (auto function : getOperation().getOps<func::FuncOp>())
      for (Block &block : function.getBody())
        repeatCalls(block);
    for (auto [name, layer] : templateOf)
      if (!llvm::is_contained(templates, layers.lookup(name)))
        layers.lookup(name).erase();
    for (func::FuncOp function : templates)
      function->removeAttr("tern.layer");
  }

  /// Maps each layer function to the first one that equals it, which keeps its body.
  void findTemplates() {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      auto layer = function->getAttrOfType<IntegerAttr>("tern.layer");
      if (!layer)
        continue;
      generaliseWeights(function, layer.getInt());
      sortTerms(function); // layers may be spelt in different orders
      layers[function.getName()] = function;
      auto equal = llvm::find_if(templates, [&](auto known) { return areEqual(known, function); });
      ++numLayers;
      if (equal != templates.end()) {
        templateOf[function.getName()] = *equal;
        continue;
      }
      templateOf[function.getName()] = function;
      templates.push_back(function);
      ++numTemplates;
    }
  }

  void repeatCalls(Block &block) {
    SmallVector<Run> runs;
    for (auto call : block.getOps<func::CallOp>()) {
      func::FuncOp callee = templateOf.lookup(call.getCallee());
      IntegerAttr index;
      if (!callee || !matchPattern(call.getOperand(0), m_Constant(&index)))
        continue;
      if (runs.empty() || runs.back().callee != callee || !runs.back().continuesWith(call))
        runs.push_back({callee, {}, {}});
      runs.back().calls.push_back(call);
      runs.back().layers.push_back(index.getInt());
    }
    for (Run &run : runs)
      replaceRun(run);
  }

  static void replaceRun(Run &run) {
    func::CallOp first = run.calls.front(), last = run.calls.back();
    OpBuilder builder(last);
    size_t carried = first.getNumResults();
    auto operands = first.getOperands();
    auto repeat = RepeatOp::create(builder, first.getLoc(), run.callee.getName(), run.layers,
                                   operands.slice(1, carried), operands.drop_front(1 + carried));
    last->replaceAllUsesWith(repeat.getResults());
    for (func::CallOp call : llvm::reverse(run.calls)) {
      Operation *index = call.getOperand(0).getDefiningOp();
      call.erase();
      if (index->use_empty())
        index->erase();
    }
  }

  llvm::StringMap<func::FuncOp> layers;
  llvm::MapVector<StringRef, func::FuncOp> templateOf;
  SmallVector<func::FuncOp> templates;
};

} // namespace
} // namespace tern::normalise
