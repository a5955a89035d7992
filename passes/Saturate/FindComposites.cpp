// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Passes.h"
#include "passes/Saturate/Proof.h"
#include "passes/Saturate/Rules.h"
#include "passes/Saturate/Terms.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace tern::saturate {

#define GEN_PASS_DEF_FINDCOMPOSITESPASS
#include "passes/Saturate/Passes.h.inc"

/// More than any function takes: a composite is found once, and what it is made of before it.
static constexpr uint32_t mostRounds = 64, mostNodes = 200000;

namespace {

struct FindComposites : impl::FindCompositesPassBase<FindComposites> {
  using Base::Base;

  void runOnOperation() override {
    llvm::Expected<std::vector<egraph::RuleFile>> files =
        readRules(llvm::SmallVector<std::string>(rulesFiles.begin(), rulesFiles.end()));
    if (!files) {
      emitError(getOperation().getLoc()) << llvm::toString(files.takeError());
      return signalPassFailure();
    }
    std::string proofText = writeProofHead(/*isBitOnly=*/false, *files);
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && failed(find(function, *files, proofText)))
        return signalPassFailure();
    if (!proof.empty() && failed(writeText(getOperation(), proof, proofText)))
      signalPassFailure();
    if (failed(checkProof(getOperation(), proofText, *files)))
      signalPassFailure();
  }

private:
  LogicalResult find(func::FuncOp function, const std::vector<egraph::RuleFile> &files,
                     std::string &proofText) {
    if (!function.getBody().hasOneBlock())
      return function.emitError("@")
             << function.getSymName() << " has " << function.getBody().getBlocks().size()
             << " blocks, expected one";
    auto table = std::make_shared<TermTable>(&getContext(), CostModel(Machine(), Use()));
    Block &block = function.front();
    Encoding encoding = encode(block, *table);
    egraph::Terms best;
    egraph::Proof why;
    egraph::Settings settings{};
    settings.iterations = mostRounds;
    settings.nodes = mostNodes;
    settings.proves = needsProof();
    egraph::Status status = egraph::find_composites(encoding.terms, {files.data(), files.size()},
                                                    settings, table, best, why);
    if (!status.ok)
      return function.emitError(std::string(status.message));
    unsigned count = countNew(encoding.terms, best);
    if (count == 0)
      return success();
    if (needsProof())
      proofText += writeProof(function.getSymName(), why, *table);
    numFound += count;
    decode(block, best, encoding.uses, *table,
           [](Location location, uint32_t) { return location; });
    return success();
  }

  bool needsProof() const { return !proof.empty() || checksProofs(); }
};

} // namespace
} // namespace tern::saturate
