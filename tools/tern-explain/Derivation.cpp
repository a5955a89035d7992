// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/Derivation.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <cmath>
#include <map>

using tern::egraph::Reason;
using tern::saturate::Explanation;

namespace tern {

Derivation::Derivation(const Explanation &explanation)
    : explanation(explanation), classes(explanation.terms.size()),
      isRewritten(explanation.terms.size()) {
  for (uint32_t step = 0; step < explanation.proof.steps.size(); ++step)
    if (isLaw(step))
      joinLaw(step);
    else if (explanation.proof.steps[step].reason == Reason::Kids)
      joinKids(step);
  joinMoved();
}

bool Derivation::isLaw(uint32_t step) const {
  Reason reason = explanation.proof.steps[step].reason;
  return reason == Reason::Forth || reason == Reason::Back;
}

std::vector<uint32_t> Derivation::operationsOf(uint32_t term) const {
  std::vector<bool> seen(term + 1);
  seen[term] = true;
  std::vector<uint32_t> operations;
  for (uint32_t next = term + 1; next-- > 0;) { // kids come first
    if (!seen[next])
      continue;
    if (explanation.terms[next].isOperation)
      operations.push_back(next);
    for (uint32_t kid : explanation.kidsOf(next))
      seen[kid] = true;
  }
  return operations;
}

std::vector<uint32_t> Derivation::without(uint32_t term, uint32_t other) const {
  std::vector<uint32_t> own = operationsOf(term), others = operationsOf(other);
  llvm::erase_if(own, [&](uint32_t one) { return llvm::is_contained(others, one); });
  return own;
}

std::vector<uint32_t> Derivation::replaced(uint32_t step) const {
  const egraph::Step &own = explanation.proof.steps[step];
  return without(own.left, own.right);
}

void Derivation::joinLaw(uint32_t step) {
  const egraph::Step &own = explanation.proof.steps[step];
  std::vector<uint32_t> changed = without(own.left, own.right);
  llvm::append_range(changed, without(own.right, own.left));
  for (uint32_t term : changed) {
    classes.join(changed.front(), term);
    isRewritten[term] = true;
  }
}

/// What has new kids is what it was. A law that only takes away rewrites what reads its result.
void Derivation::joinKids(uint32_t step) {
  const egraph::Step &own = explanation.proof.steps[step];
  classes.join(own.left, own.right);
  llvm::SmallVector<uint32_t> stack{step};
  while (!stack.empty()) {
    for (uint32_t part : partsOf(stack.pop_back_val())) {
      if (part == 0)
        continue;
      const egraph::Step &inner = explanation.proof.steps[part - 1];
      if (inner.reason == Reason::Chain)
        stack.push_back(part - 1);
      else if (isLaw(part - 1) && without(inner.right, inner.left).empty())
        for (uint32_t term : without(inner.left, inner.right))
          classes.join(own.right, term);
    }
  }
}

/// What no law rewrote costs something else where its value goes another way than before, for the
/// terms that read it were rewritten: it is compared with them.
void Derivation::joinMoved() {
  struct Group {
    bool isRewritten = false;
    double gain = 0, written = 0;
  };
  std::vector<unsigned> leaders;
  std::map<unsigned, Group> groups;
  for (uint32_t term = 0; term < explanation.terms.size(); ++term) {
    const Explanation::Term &own = explanation.terms[term];
    Group &group = groups[leaders.emplace_back(classes.findLeader(term))];
    group.isRewritten |= isRewritten[term];
    group.gain += own.chosen.value_or(0) - own.written.value_or(0);
    group.written += own.written.value_or(0);
  }
  for (uint32_t user = 0; user < explanation.terms.size(); ++user) {
    const Explanation::Term &own = explanation.terms[user];
    if (!own.isOperation || own.written.has_value() == own.chosen.has_value())
      continue;
    for (uint32_t kid : explanation.kidsOf(user)) {
      const Group &group = groups[leaders[kid]];
      if (explanation.terms[kid].isOperation && !group.isRewritten &&
          std::abs(group.gain) > 1e-9 * group.written)
        classes.join(kid, user);
    }
  }
}

std::vector<uint32_t> Derivation::together(llvm::ArrayRef<uint32_t> terms) const {
  std::vector<uint32_t> all;
  for (uint32_t term = 0; term < explanation.terms.size(); ++term)
    if (explanation.terms[term].isOperation && llvm::any_of(terms, [&](uint32_t own) {
          return classes.findLeader(own) == classes.findLeader(term);
        }))
      all.push_back(term);
  return all;
}

llvm::ArrayRef<uint32_t> Derivation::partsOf(uint32_t step) const {
  const egraph::Proof &proof = explanation.proof;
  return llvm::ArrayRef(proof.parts.data(), proof.parts.size())
      .slice(proof.first[step], proof.first[step + 1] - proof.first[step]);
}

std::vector<uint32_t> Derivation::laws(llvm::ArrayRef<uint32_t> together) const {
  auto isOne = [&](uint32_t term) { return llvm::is_contained(together, term); };
  std::vector<bool> seen(explanation.proof.steps.size());
  std::vector<uint32_t> laws;
  llvm::SmallVector<uint32_t> stack; // one more than the step's number, 0 for none
  stack.push_back(explanation.proof.last);
  while (!stack.empty()) {
    uint32_t next = stack.pop_back_val();
    if (next == 0 || seen[next - 1])
      continue;
    seen[next - 1] = true;
    const egraph::Step &own = explanation.proof.steps[next - 1];
    llvm::append_range(stack, llvm::reverse(partsOf(next - 1)));
    if (isLaw(next - 1) && (llvm::any_of(without(own.left, own.right), isOne) ||
                            llvm::any_of(without(own.right, own.left), isOne)))
      laws.push_back(next - 1);
  }
  return laws;
}

} // namespace tern
