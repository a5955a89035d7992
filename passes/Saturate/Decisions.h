// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_DECISIONS_H
#define TERN_PASSES_SATURATE_DECISIONS_H

#include "passes/Saturate/Terms.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace tern::saturate {

/// What was decided for the functions of a module, as a file that people edit:
///
///     {"functions": {"f": {
///       "pins": {"choice q": "fold", "law sum-assoc": "forbid", "term 12ab..": "force"},
///       "laws": [...], "terms": {"12ab..": {...}}}}}
///
/// A pin decides one thing and is refused by its name if there is no such thing: a choice that the
/// module leaves open (`keep` or `fold`), a law (`forbid`), a term that the laws reach (`force`,
/// with all below it, or `forbid`). `laws` are those by which the chosen terms were found, `terms`
/// says what the hashes stand for. A hash depends on a term's operations, properties and leaves
/// alone.
class Decisions {
public:
  /// Fails with one sentence that begins with the path.
  static llvm::Expected<Decisions> read(const std::string &path);

  /// Fails with one sentence if a pin is of a function that the module does not have.
  llvm::Error check(mlir::ModuleOp module) const;
  /// Lets what is pinned stand for the function's choices. Returns them as name and word.
  llvm::Expected<std::vector<std::pair<std::string, std::string>>>
  decideChoices(mlir::func::FuncOp function) const;
  /// Puts the pins of laws and terms into the settings of the engine.
  llvm::Error apply(mlir::func::FuncOp function, const Encoding &encoding, TermTable &table,
                    egraph::Settings &settings) const;
  /// Why a pin of a term, which the engine knows by its node, is refused.
  llvm::Error stale(mlir::func::FuncOp function, uint32_t node, const TermTable &table,
                    const egraph::Settings &settings, llvm::StringRef why) const;
  /// Why all pins of the function together are refused: they leave a result no term.
  llvm::Error blocked(mlir::func::FuncOp function, const TermTable &table,
                      const egraph::Settings &settings) const;

private:
  std::string path;
  llvm::json::Object functions;
};

/// The decisions for one function: those of its choices, and what was chosen for its roots.
llvm::json::Object decisionsOf(const egraph::Terms &best, const egraph::Proof &proof,
                               llvm::ArrayRef<std::pair<std::string, std::string>> choices,
                               const TermTable &table);

} // namespace tern::saturate

#endif
