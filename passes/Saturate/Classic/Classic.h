// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_CLASSIC_CLASSIC_H
#define TERN_PASSES_SATURATE_CLASSIC_CLASSIC_H

#include "passes/Saturate/Classic/Rule.h"
#include "passes/Saturate/TermTable.h"
#include "passes/Saturate/bridge.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

#include <map>

/// The second engine: a classical rewriter. It has one term at a time for each value, and none
/// but the rules' texts in common with the e-graph.
///
/// Terms are hash-consed. A sweep visits them from operands to users; at each one the laws are
/// tried in the order of their files, from left to right and then, if they hold both ways, from
/// right to left. The first application that makes the whole function cheaper stays, and the
/// sweep goes on with what it made. Families of siblings, and one law at all terms that share what
/// they read or what would be made of them, are tried after it, as single applications. Sweeps end
/// when one changes nothing.
///
/// It ends: each application lowers the cost of the function, which is never below 0, by
/// `leastGain` at least.
namespace tern::saturate::classic {

/// Laws with those that are of no use and why.
class Rules {
public:
  /// The files in their order. Fails with the first mistake in one that did not come with the
  /// program; of the others, which are read once, what can't be read is `unused`.
  static llvm::Expected<Rules> read(llvm::ArrayRef<egraph::RuleFile> files);

  /// The rules, by number, whose left side is an operation of that name.
  llvm::ArrayRef<unsigned> of(llvm::StringRef operation) const;
  const Rule &operator[](unsigned rule) const { return rules[rule]; }
  size_t size() const { return rules.size(); }

  /// `law 'NAME': REASON`, with the direction of laws that hold both ways.
  std::vector<std::string> unused() const;

private:
  std::vector<std::string> add(const egraph::RuleFile &file);
  void index(unsigned rule);

  std::vector<Rule> rules;
  std::map<std::string, std::string> places; ///< of laws, by name
  std::vector<std::string> unread; ///< what is wrong with laws that the reader does not know
  llvm::StringMap<std::vector<unsigned>> byOperation;
};

struct Limits {
  unsigned sweeps;
  size_t nodes; ///< terms that were ever made
};

/// Seconds of a step; a thousandth of what the least term costs.
constexpr double leastGain = 1e-12;

struct Outcome {
  egraph::Terms best;
  unsigned sweeps = 0;
  size_t nodes = 0;
  std::string stop; ///< why no more laws were tried
  /// By law: matches, right sides that could be built, and applications that stay.
  std::vector<egraph::Statistic> statistics;
  egraph::Proof proof; ///< that the roots of `best` equal those of the input
};

Outcome rewrite(const TermTable &table, const egraph::Terms &terms, const Rules &rules,
                bool isBitOnly, const Limits &limits);

} // namespace tern::saturate::classic

#endif
