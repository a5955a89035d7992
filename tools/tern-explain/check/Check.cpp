// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Check.h"

#include "runtime/format/Hash.h"
#include "tools/tern-explain/check/Instance.h"

namespace tern::check {

using Laws = std::map<std::string, Law, std::less<>>;

static std::string hashOf(std::string_view text) {
  return format::toHex(format::hashBytes(std::as_bytes(std::span(text))));
}

static void checkKids(const Step &step) {
  const Term &left = *step.left, &right = *step.right;
  expect(left.key == "op" && right.isOperation(left.text) &&
             left.kids.size() == right.kids.size() && step.parts.size() == left.kids.size(),
         "its terms are not of one operation");
  for (size_t i = 0; i < step.parts.size(); ++i) {
    const Step *part = step.parts[i];
    expect(part ? part->left == left.kids[i] && part->right == right.kids[i]
                : left.kids[i] == right.kids[i],
           "operand ", std::to_string(i), " is not shown to be equal");
  }
}

static void checkChain(const Step &step) {
  const Term *at = step.left;
  for (const Step *part : step.parts) {
    expect(part && part->left == at, "its parts do not follow one another");
    at = part->right;
  }
  expect(at == step.right, "its parts end at another term");
}

static void checkLaw(const Step &step, const Laws &laws, bool isBitOnly) {
  bool isForth = step.key == "forth";
  const Term *left = isForth ? step.left : step.right, *right = isForth ? step.right : step.left;
  if (step.law == "tern.choice") { // the module leaves open which operand stands for it
    expect(left->isOperation("tern.choice") && contains(left->kids, right),
           "it chooses no operand of a tern.choice");
    return;
  }
  auto law = laws.find(step.law);
  expect(law != laws.end(), "there is no such law");
  expect(!isBitOnly || law->second.isBit, "it does not keep every bit, as the proof claims to do");
  checkInstance(law->second, left, right, isForth);
}

static void checkStep(const Step &step, const Laws &laws, bool isBitOnly) {
  expect(step.left->isTerm() && step.right->isTerm() && step.left->type == step.right->type,
         "its terms are of two types");
  if (step.isLaw())
    checkLaw(step, laws, isBitOnly);
  else if (step.key == "kids")
    checkKids(step);
  else
    checkChain(step);
}

static void checkFunction(Function &function, const Laws &laws, bool isBitOnly, Verdict &verdict) {
  readTerms(function);
  findFacts(function);
  for (size_t at = 0; at < function.steps.size(); ++at) {
    const Step &step = function.steps[at];
    try {
      checkStep(step, laws, isBitOnly);
    } catch (const Refusal &refusal) {
      throw Refusal("step " + std::to_string(at) +
                    (step.isLaw() ? " by law '" + step.law + "': " : ": ") + refusal.what());
    }
    verdict.instances += step.isLaw();
  }
  bool isShown = function.last ? function.last->left == function.before &&
                                     function.last->right == function.after
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
    for (Function &function : proof.functions) {
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
