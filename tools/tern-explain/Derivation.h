// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_DERIVATION_H
#define TERN_TOOLS_TERN_EXPLAIN_DERIVATION_H

#include "passes/Saturate/Explanation.h"

#include "llvm/ADT/IntEqClasses.h"

namespace tern {

/// Which laws made which terms of which. A law makes the terms of one side that the other side does
/// not hold of those that it alone holds; terms that are so connected, over any number of laws,
/// were rewritten together, and what they cost before and after can be compared. So can what one of
/// them reads, if that costs something else since though no law rewrote it.
class Derivation {
public:
  explicit Derivation(const saturate::Explanation &explanation);

  /// The terms that were rewritten together with these, themselves included, in order.
  std::vector<uint32_t> together(llvm::ArrayRef<uint32_t> terms) const;
  /// The steps by laws that rewrote any of these terms, in the order in which they lead from what
  /// was written to what was chosen.
  std::vector<uint32_t> laws(llvm::ArrayRef<uint32_t> together) const;
  /// The operations of the left side of a step that its right side does not hold.
  std::vector<uint32_t> replaced(uint32_t step) const;

private:
  bool isLaw(uint32_t step) const;
  llvm::ArrayRef<uint32_t> partsOf(uint32_t step) const;
  std::vector<uint32_t> operationsOf(uint32_t term) const;
  std::vector<uint32_t> without(uint32_t term, uint32_t other) const;
  void joinLaw(uint32_t step);
  void joinKids(uint32_t step);
  void joinMoved();

  const saturate::Explanation &explanation;
  llvm::IntEqClasses classes;    ///< of terms
  std::vector<bool> isRewritten; ///< terms by a law
};

} // namespace tern

#endif
