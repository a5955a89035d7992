// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Passes.h"
#include "passes/Saturate/Proof.h"
#include "passes/Saturate/Rules.h"
#include "passes/Saturate/Terms.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace tern::saturate {

#define GEN_PASS_DEF_SATURATEPASS
#include "passes/Saturate/Passes.h.inc"

namespace {

struct Saturate : impl::SaturatePassBase<Saturate> {
  using Base::Base;

  void runOnOperation() override {
    if (rules == RuleSet::None)
      return markAllAnalysesPreserved();
    llvm::Expected<std::vector<egraph::RuleFile>> files =
        readRules(llvm::SmallVector<std::string>(rulesFiles.begin(), rulesFiles.end()));
    if (!files) {
      emitError(getOperation().getLoc()) << llvm::toString(files.takeError());
      return signalPassFailure();
    }
    proofText = writeProofHead(rules == RuleSet::Bit, *files);
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && failed(saturate(function, *files)))
        return signalPassFailure();
    if (!proof.empty() && failed(writeProofFile()))
      signalPassFailure();
  }

private:
  LogicalResult saturate(func::FuncOp function, const std::vector<egraph::RuleFile> &files) {
    if (!function.getBody().hasOneBlock())
      return function.emitError("@")
             << function.getSymName() << " has " << function.getBody().getBlocks().size()
             << " blocks, expected one";
    Use use{forPrompt, forBatch, forContext, stepsPerLoad};
    auto table = std::make_shared<TermTable>(&getContext(), CostModel(Machine::cpu(), use));
    Block &block = function.front();
    Encoding encoding = encode(block, *table);
    egraph::Terms best;
    egraph::Report result{};
    egraph::Proof why;
    egraph::Settings settings{rules == RuleSet::Bit, maxIterations, maxNodes, !proof.empty()};
    egraph::Status status = egraph::saturate(encoding.terms, {files.data(), files.size()}, settings,
                                             table, best, result, why);
    if (!status.ok)
      return function.emitError(std::string(status.message));
    if (!proof.empty())
      proofText += writeProof(function.getSymName(), why, *table);
    if (report)
      print(function, result);
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

  LogicalResult writeProofFile() {
    std::error_code error;
    llvm::raw_fd_ostream file(proof, error);
    if (!error) {
      file << proofText;
      file.close();
      error = file.error();
      file.clear_error(); // else its end would be the program's
    }
    if (error)
      return emitError(getOperation().getLoc())
             << proof << ": expected a file that can be written: " << error.message();
    return success();
  }

  std::string proofText;
};

} // namespace
} // namespace tern::saturate
