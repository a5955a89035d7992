// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Passes.h"
#include "passes/Saturate/Proof.h"
#include "passes/Saturate/Rules.h"
#include "passes/Saturate/Terms.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace tern::saturate {

#define GEN_PASS_DEF_SATURATEPASS
#include "passes/Saturate/Passes.h.inc"

namespace {

struct Saturate : impl::SaturatePassBase<Saturate> {
  using Base::Base;

  void runOnOperation() override {
    bool hasChoices = false;
    getOperation().walk([&](ChoiceOp) { hasChoices = true; });
    if (rules == RuleSet::None && !hasChoices)
      return markAllAnalysesPreserved();
    llvm::Expected<std::vector<egraph::RuleFile>> files = std::vector<egraph::RuleFile>();
    if (rules != RuleSet::None)
      files = readRules(llvm::SmallVector<std::string>(rulesFiles.begin(), rulesFiles.end()));
    if (!files) {
      emitError(getOperation().getLoc()) << llvm::toString(files.takeError());
      return signalPassFailure();
    }
    if (!extendsProof)
      proofText = writeProofHead(rules == RuleSet::Bit, *files);
    llvm::Expected<Machine> found =
        machine.empty() ? Machine::of(targetCpu) : Machine::read(machine);
    if (!found) {
      emitError(getOperation().getLoc()) << llvm::toString(found.takeError());
      return signalPassFailure();
    }
    Use use = usual();
    CostModel model(*found, use, getOperation());
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && failed(saturate(function, *files, model)))
        return signalPassFailure();
    record(*found, use);
    if (!proof.empty() && failed(writeProofFile(getOperation(), proof, proofText, extendsProof)))
      signalPassFailure();
  }

private:
  bool dumpsJson() const { return llvm::sys::path::extension(dump) == ".json"; }

  /// Into NAME.function.json, if the option says NAME.json.
  LogicalResult writeDump(func::FuncOp function, const std::string &text) {
    llvm::SmallString<128> path(dump);
    llvm::sys::path::replace_extension(path,
                                       function.getSymName() + llvm::sys::path::extension(dump));
    std::error_code error;
    llvm::raw_fd_ostream file(path, error);
    if (!error) {
      file << text;
      file.close();
      error = file.error();
      file.clear_error(); // else its end would be the program's
    }
    if (error)
      return function.emitError() << path
                                  << ": expected a file that can be written: " << error.message();
    return success();
  }

  /// The use that the options state, cut to the model's context.
  Use usual() {
    Use use{forPrompt, forBatch, forContext, stepsPerLoad};
    auto facts = getOperation()->getAttrOfType<DictionaryAttr>("tern.model");
    auto context = facts ? facts.getAs<IntegerAttr>("context") : IntegerAttr();
    if (context && context.getInt() > 0) {
      use.prompt = std::min(use.prompt, context.getInt());
      use.context = std::min(use.context, context.getInt());
    }
    return use;
  }

  /// What the choices were made by, and what they cost.
  void record(const Machine &figures, const Use &use) {
    Builder builder(&getContext());
    SmallVector<NamedAttribute> machine;
    for (auto [name, value] : figures.figures())
      machine.push_back(builder.getNamedAttr(name, builder.getF64FloatAttr(value)));
    auto number = [&](StringRef name, int64_t value) {
      return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
    };
    auto numbers = builder.getDictionaryAttr(
        {number("prompt", use.prompt), number("batch", use.batch), number("context", use.context),
         number("steps_per_load", use.stepsPerLoad)});
    if (!choices.empty())
      getOperation()->setAttr("tern.choices", builder.getArrayAttr(choices));
    getOperation()->setAttr(
        "tern.costs", builder.getDictionaryAttr(
                          {builder.getNamedAttr("machine", builder.getDictionaryAttr(machine)),
                           builder.getNamedAttr("use", numbers),
                           builder.getNamedAttr("functions", builder.getDictionaryAttr(costs))}));
  }

  static void remark(func::FuncOp function, const egraph::Report &report) {
    double gap = report.cost_after > 0 ? 1 - report.bound / report.cost_after : 0;
    function.emitRemark() << "@" << function.getSymName()
                          << llvm::formatv(" takes {0:f3} us a step, {1:f3} as it was written and "
                                           "{2:f3} at least: a gap of {3:f2} %",
                                           1e6 * report.cost_after, 1e6 * report.cost_before,
                                           1e6 * report.bound, 100 * gap)
                                 .str();
  }

  LogicalResult saturate(func::FuncOp function, const std::vector<egraph::RuleFile> &files,
                         const CostModel &model) {
    if (!function.getBody().hasOneBlock())
      return function.emitError("@")
             << function.getSymName() << " has " << function.getBody().getBlocks().size()
             << " blocks, expected one";
    auto table = std::make_shared<TermTable>(&getContext(), model);
    Block &block = function.front();
    Encoding encoding = encode(block, *table);
    egraph::Terms best;
    egraph::Report result{};
    egraph::Proof why;
    llvm::StringRef format = dump.empty() ? "" : dumpsJson() ? "json" : "dot";
    egraph::Settings settings{rules == RuleSet::Bit, maxIterations, maxNodes, !proof.empty(),
                              format.str()};
    egraph::Status status = egraph::saturate(encoding.terms, {files.data(), files.size()}, settings,
                                             table, best, result, why);
    if (!status.ok)
      return function.emitError(std::string(status.message));
    if (!proof.empty())
      proofText += writeProof(function.getSymName(), why, *table);
    if (!dump.empty() && failed(writeDump(function, std::string(result.dump))))
      return failure();
    if (report) {
      remark(function, result);
      print(function, result);
    }
    Builder builder(&getContext());
    for (const egraph::Chosen &chosen : result.chosen) {
      auto name = cast<StringAttr>(std::get<Attribute>(table->at(chosen.name)));
      auto decided = builder.getStringAttr(chosen.operand == 0 ? "keep" : "fold");
      choices.push_back(builder.getDictionaryAttr(
          {builder.getNamedAttr("function", function.getSymNameAttr()),
           builder.getNamedAttr("name", name), builder.getNamedAttr("chosen", decided)}));
    }
    const double seconds[] = {result.cost_before, result.cost_after, result.bound};
    costs.push_back(
        builder.getNamedAttr(function.getSymName(), builder.getDenseF64ArrayAttr(seconds)));
    numNodes += result.nodes;
    numIterations += result.iterations;
    numRewritten += countNew(encoding.terms, best);
    decode(block, best, encoding.uses, *table);
    return success();
  }

  static void print(func::FuncOp function, const egraph::Report &report) {
    InFlightDiagnostic remark = function.emitRemark("@");
    remark << function.getSymName() << ": " << report.nodes << " terms in " << report.classes
           << " classes after " << report.iterations << " rounds: " << std::string(report.stop);
    for (const egraph::Statistic &own : report.statistics)
      remark.attachNote() << "law '" << std::string(own.law) << "': " << own.matches << " matches, "
                          << own.applications << " applications, " << own.unions << " unions";
  }

  std::string proofText;
  /// Of each function the seconds of a step as it was written, as it is now, and at least.
  SmallVector<NamedAttribute> costs;
  SmallVector<Attribute> choices;
};

} // namespace
} // namespace tern::saturate
