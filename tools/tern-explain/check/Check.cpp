// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Check.h"

#include "runtime/format/Hash.h"
#include "tools/tern-explain/check/Instance.h"

#include <set>

namespace tern::check {

using Laws = std::map<std::string, Law, std::less<>>;

static std::string hashOf(std::string_view text) {
  return format::toHex(format::hashBytes(std::as_bytes(std::span(text))));
}

/// Equal terms have one number, so that numbers can be compared.
static void checkShared(const Function &function) {
  std::set<std::pair<std::string, std::vector<uint32_t>>> known;
  for (uint32_t at = 0; at < function.terms.size(); ++at) {
    const Term &term = function.terms[at];
    // An operation is the same whatever its type.
    std::string head = term.isTerm() ? "op " + term.text : term.head;
    expect(known.emplace(std::move(head), term.kids).second, "term ", std::to_string(at),
           " stands there twice");
    for (uint32_t kid : term.kids)
      expect(!function.terms[kid].isOperation("roots"), "term ", std::to_string(at),
             " holds the roots");
  }
}

static void checkKids(const Function &function, const Step &step) {
  const Term &left = function.terms[step.left], &right = function.terms[step.right];
  expect(left.kind == Term::Kind::Operation && right.kind == left.kind && left.text == right.text &&
             left.kids.size() == right.kids.size() && step.parts.size() == left.kids.size(),
         "its terms are not of one operation");
  for (size_t i = 0; i < step.parts.size(); ++i) {
    bool isEqual = left.kids[i] == right.kids[i];
    if (step.parts[i]) {
      const Step &part = function.steps[*step.parts[i]];
      isEqual = part.left == left.kids[i] && part.right == right.kids[i];
    }
    expect(isEqual, "operand ", std::to_string(i), " is not shown to be equal");
  }
}

static void checkChain(const Function &function, const Step &step) {
  uint32_t at = step.left;
  for (std::optional<uint32_t> part : step.parts) {
    expect(part && function.steps[*part].left == at, "its parts do not follow one another");
    at = function.steps[*part].right;
  }
  expect(at == step.right, "its parts end at another term");
}

/// The module leaves open which operand stands for the choice.
static void checkChoice(const Function &function, uint32_t choice, uint32_t operand) {
  const Term &term = function.terms[choice];
  expect(term.isOperation("tern.choice") && contains(term.kids, operand) &&
             function.terms[operand].isTerm(),
         "it chooses no operand of a tern.choice");
}

static void checkLaw(const Terms &terms, const Step &step, const Laws &laws, bool isBitOnly) {
  bool isForth = step.kind == Step::Kind::Forth;
  uint32_t left = isForth ? step.left : step.right, right = isForth ? step.right : step.left;
  if (step.law == "tern.choice")
    return checkChoice(terms.function, left, right);
  auto law = laws.find(step.law);
  expect(law != laws.end(), "there is no such law");
  expect(!isBitOnly || law->second.isBit, "it does not keep every bit, as the proof claims to do");
  checkInstance(law->second, terms, left, right, isForth);
}

static bool haveOneType(const Function &function, const Step &step) {
  auto typeOf = [&](uint32_t at) {
    const Term &term = function.terms[at];
    return term.type ? function.types[*term.type].line : term.text;
  };
  return function.terms[step.left].isTerm() && function.terms[step.right].isTerm() &&
         typeOf(step.left) == typeOf(step.right);
}

static void checkFunction(const Function &function, const Laws &laws, bool isBitOnly,
                          Verdict &verdict) {
  checkShared(function);
  const Terms terms(function);
  for (size_t at = 0; at < function.steps.size(); ++at) {
    const Step &step = function.steps[at];
    try {
      expect(haveOneType(function, step), "its terms are of two types");
      if (step.isLaw())
        checkLaw(terms, step, laws, isBitOnly);
      else if (step.kind == Step::Kind::Kids)
        checkKids(function, step);
      else
        checkChain(function, step);
    } catch (const Refusal &refusal) {
      throw Refusal("step " + std::to_string(at) +
                    (step.isLaw() ? " by law '" + step.law + "': " : ": ") + refusal.what());
    }
    verdict.instances += step.isLaw();
  }
  bool isShown = function.last ? function.steps[*function.last].left == function.before &&
                                     function.steps[*function.last].right == function.after
                               : function.before == function.after;
  expect(isShown, "the last step does not show what is to be proved");
  expect(hashOf(function.text) == function.hash,
         "its text is not what was written: expected the hash ", hashOf(function.text), ", found ",
         function.hash);
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
    expect(hashOf(all) == proof.rulesHash, "the proof is of other rules: expected the hash ",
           hashOf(all), ", found ", proof.rulesHash);
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
