// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Check.h"

#include "runtime/format/Hash.h"
#include "tools/tern-explain/check/Instance.h"

#include <set>

namespace tern::check {

using Laws = std::map<std::string, Law, std::less<>>;

static std::string hashOf(const std::string &text) {
  return format::toHex(format::hashBytes(std::as_bytes(std::span(text))));
}

/// Equal terms have one number, so that numbers can be compared.
static void checkShared(const Function &function) {
  std::set<std::pair<std::string, std::vector<uint32_t>>> known;
  for (uint32_t at = 0; at < function.terms.size(); ++at) {
    const Term &term = function.terms[at];
    // An operation is the same whatever its type.
    std::string head = term.isTerm() ? "op " + term.text : term.head;
    if (!known.emplace(std::move(head), term.kids).second)
      throw Refusal("term " + std::to_string(at) + " stands there twice");
    for (uint32_t kid : term.kids)
      if (function.terms[kid].isOperation("roots"))
        throw Refusal("term " + std::to_string(at) + " holds the roots");
  }
}

static void checkKids(const Function &function, const Step &step) {
  const Term &left = function.terms[step.left], &right = function.terms[step.right];
  if (left.kind != Term::Kind::Operation || right.kind != left.kind || left.text != right.text ||
      left.kids.size() != right.kids.size() || step.parts.size() != left.kids.size())
    throw Refusal("its terms are not of one operation");
  for (size_t i = 0; i < step.parts.size(); ++i) {
    bool isEqual = left.kids[i] == right.kids[i];
    if (step.parts[i]) {
      const Step &part = function.steps[*step.parts[i]];
      isEqual = part.left == left.kids[i] && part.right == right.kids[i];
    }
    if (!isEqual)
      throw Refusal("operand " + std::to_string(i) + " is not shown to be equal");
  }
}

static void checkChain(const Function &function, const Step &step) {
  uint32_t at = step.left;
  for (std::optional<uint32_t> part : step.parts) {
    if (!part || function.steps[*part].left != at)
      throw Refusal("its parts do not follow one another");
    at = function.steps[*part].right;
  }
  if (at != step.right)
    throw Refusal("its parts end at another term");
}

static void checkLaw(const Function &function, const Step &step, const Laws &laws, bool isBitOnly,
                     const std::vector<Facts> &facts) {
  auto law = laws.find(step.law);
  if (law == laws.end())
    throw Refusal("there is no such law");
  if (isBitOnly && !law->second.isBit)
    throw Refusal("it does not keep every bit, as the proof claims to do");
  bool isForth = step.kind == Step::Kind::Forth;
  checkInstance(law->second, function, facts, isForth ? step.left : step.right,
                isForth ? step.right : step.left);
}

static bool haveOneType(const Function &function, const Step &step) {
  auto typeOf = [&](uint32_t at) {
    const Term &term = function.terms[at];
    return term.type ? function.types[*term.type].line : term.text;
  };
  return function.terms[step.left].isTerm() && function.terms[step.right].isTerm() &&
         typeOf(step.left) == typeOf(step.right);
}

/// The lines of the two terms and of all that they are made of.
static std::string statement(const Function &function) {
  std::vector<bool> isPart(function.terms.size());
  isPart[function.before] = isPart[function.after] = true;
  for (size_t at = function.terms.size(); at-- > 0;)
    if (isPart[at])
      for (uint32_t kid : function.terms[at].kids)
        isPart[kid] = true;
  std::vector<size_t> places(function.terms.size());
  std::string text;
  size_t count = 0;
  for (size_t at = 0; at < function.terms.size(); ++at) {
    if (!isPart[at])
      continue;
    text += function.terms[at].head;
    for (uint32_t kid : function.terms[at].kids)
      text += " " + std::to_string(places[kid]);
    text += "\n";
    places[at] = count++;
  }
  return text;
}

static void checkFunction(const Function &function, const Laws &laws, bool isBitOnly,
                          Verdict &verdict) {
  checkShared(function);
  checkTypes(function);
  std::vector<Facts> facts = findFacts(function);
  for (size_t at = 0; at < function.steps.size(); ++at) {
    const Step &step = function.steps[at];
    bool isLaw = step.kind == Step::Kind::Forth || step.kind == Step::Kind::Back;
    try {
      if (!haveOneType(function, step))
        throw Refusal("its terms are of two types");
      if (isLaw)
        checkLaw(function, step, laws, isBitOnly, facts);
      else if (step.kind == Step::Kind::Kids)
        checkKids(function, step);
      else
        checkChain(function, step);
    } catch (const Refusal &refusal) {
      throw Refusal("step " + std::to_string(at) + (isLaw ? " by law '" + step.law + "': " : ": ") +
                    refusal.what());
    }
    verdict.instances += isLaw;
  }
  bool isShown = function.last ? function.steps[*function.last].left == function.before &&
                                     function.steps[*function.last].right == function.after
                               : function.before == function.after;
  if (!isShown)
    throw Refusal("the last step does not show what is to be proved");
  if (std::string hash = hashOf(statement(function)); hash != function.hash)
    throw Refusal("the terms are not those that the proof states: expected the hash " + hash +
                  ", found " + function.hash);
  ++verdict.functions;
  verdict.terms += function.terms.size();
  verdict.steps += function.steps.size();
}

Verdict check(std::string_view text, const std::vector<RuleText> &rules) {
  Verdict verdict{false, "", 0, 0, 0, 0};
  try {
    Laws laws = readRules(rules);
    Proof proof = readProof(text);
    std::string all;
    for (const RuleText &file : rules)
      all += file.text + '\0';
    if (hashOf(all) != proof.rulesHash)
      throw Refusal("the proof is of other rules: expected the hash " + hashOf(all) + ", found " +
                    proof.rulesHash);
    for (const Function &function : proof.functions) {
      try {
        checkFunction(function, laws, proof.isBitOnly, verdict);
      } catch (const Refusal &refusal) {
        throw Refusal("function " + function.name + ": " + refusal.what());
      }
    }
    verdict.isAccepted = true;
  } catch (const Refusal &refusal) {
    verdict.reason = refusal.what();
  }
  return verdict;
}

} // namespace tern::check
