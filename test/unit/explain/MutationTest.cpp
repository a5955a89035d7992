// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A proof in which one thing is another is refused.
#include "test/unit/explain/ProofText.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <sstream>

using namespace tern;
using namespace tern::test;

namespace {

using Words = std::vector<std::string>;

/// One function of a proof by kinds of lines.
struct FunctionText {
  std::vector<Words> types; ///< after the line of its name
  std::vector<Words> terms, steps;
  Words ends;
};

/// A proof that can be changed word by word.
class ProofText {
public:
  explicit ProofText(const std::string &text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
      read(line);
  }

  std::string text() const {
    std::string text;
    auto write = [&](const Words &words) {
      for (const std::string &word : words)
        text += (&word == &words.front() ? "" : " ") + word;
      text += "\n";
    };
    std::ranges::for_each(head, write);
    for (const FunctionText &function : functions) {
      for (const auto *lines : {&function.types, &function.terms, &function.steps})
        std::ranges::for_each(*lines, write);
      write(function.ends);
      text += "end\n";
    }
    return text;
  }

  std::vector<Words> head;
  std::vector<FunctionText> functions;

private:
  void read(const std::string &line) {
    Words words;
    std::istringstream stream(line);
    for (std::string word; stream >> word;)
      words.push_back(word);
    const std::string &key = words[0];
    auto isOneOf = [&](std::initializer_list<std::string_view> keys) {
      return std::ranges::find(keys, key) != keys.end();
    };
    if (isOneOf({"tern-proof", "rules"})) {
      head.push_back(words);
    } else if (key == "function") {
      functions.emplace_back();
      functions.back().types.push_back(words);
    } else if (isOneOf({"type", "other"})) {
      functions.back().types.push_back(words);
    } else if (isOneOf({"forth", "back", "kids", "chain"})) {
      functions.back().steps.push_back(words);
    } else if (key == "prove") {
      functions.back().ends = words;
    } else if (key != "end") {
      functions.back().terms.push_back(words);
    }
  }
};

class Mutator {
public:
  Mutator(ProofText &proof, std::mt19937 &random) : proof(proof), random(random) {}

  /// Changes one word. Returns what was changed, or nothing if this try found nothing to change.
  std::string mutate() {
    FunctionText &function = proof.functions[below(proof.functions.size())];
    switch (below(6)) {
    case 0:
      return changeType(function);
    case 1:
    case 2:
      return changeTerm(function);
    default:
      return changeStep(function);
    }
  }

private:
  size_t below(size_t bound) { return std::uniform_int_distribution<size_t>(0, bound - 1)(random); }

  std::string put(Words &words, size_t at, const std::string &word) {
    if (words[at] == word)
      return "";
    std::string what = words[0] + ": " + words[at] + " to " + word;
    words[at] = word;
    return what;
  }

  /// Another extent or element type.
  std::string changeType(FunctionText &function) {
    Words &words = function.types[below(function.types.size())];
    if (words[0] != "type")
      return "";
    size_t at = 1 + below(words.size() - 1);
    if (at == 1)
      return put(words, at, words[at] == "f32" ? "bf16" : "f32");
    bool isNumber = std::isdigit(static_cast<unsigned char>(words[at][0]));
    return put(words, at, isNumber ? std::to_string(std::stoll(words[at]) + 1) : "Other");
  }

  /// Another operand, operation, type or property.
  std::string changeTerm(FunctionText &function) {
    size_t number = below(function.terms.size());
    Words &words = function.terms[number];
    const std::string &key = words[0];
    if (key == "int")
      return put(words, 2, std::to_string(std::stoll(words[2]) + (below(2) ? 1 : -1)));
    if (key == "real" || key == "splat")
      return put(words, 2, "0x1.8p+3");
    if (key == "text" && words[2].size() > 1) {
      std::string text = words[2];
      std::swap(text[below(text.size())], text[below(text.size())]);
      return put(words, 2, text);
    }
    if (key == "shape" || (key == "op" && words[2] != "-" && below(3) == 0))
      return put(words, key == "op" ? 2 : 1, std::to_string(below(function.types.size() - 1)));
    if (key == "op" && words.size() > 3 && number > 0)
      return put(words, 3 + below(words.size() - 3), std::to_string(below(number)));
    if (key == "op" && words[2] != "-")
      return put(words, 1, words[1] == "tern.add" ? "tern.mul" : "tern.add");
    return "";
  }

  /// Another law, direction, end or part.
  std::string changeStep(FunctionText &function) {
    if (function.steps.empty())
      return "";
    size_t number = below(function.steps.size());
    Words &words = function.steps[number];
    bool isLaw = words[0] == "forth" || words[0] == "back";
    size_t ends = isLaw ? 2 : 1;
    switch (below(4)) {
    case 0:
      // The checker sees through transposes, so that this law says the same both ways.
      if (words[1] == "layout-slice-perm")
        return "";
      return isLaw ? put(words, 0, words[0] == "forth" ? "back" : "forth")
                   : put(words, 0, words[0] == "kids" ? "chain" : "kids");
    case 1:
      if (isLaw)
        return put(words, 1, anyLaw());
      [[fallthrough]];
    case 2:
      if (!isLaw && words.size() > 3) {
        size_t at = 3 + below(words.size() - 3);
        return put(words, at, number > 0 && below(3) ? std::to_string(below(number)) : "=");
      }
      [[fallthrough]];
    default:
      return put(words, ends + below(2), std::to_string(below(function.terms.size())));
    }
  }

  std::string anyLaw() {
    static const auto laws = check::readRules(shippedRules());
    return std::next(laws.begin(), static_cast<long>(below(laws.size())))->first;
  }

  ProofText &proof;
  std::mt19937 &random;
};

} // namespace

/// Of one proof and its terms: what is written and not needed would be a change of nothing.
TEST(Proofs, HoldNothingThatIsNotNeeded) {
  ProofText proof(proofOf("deepseek_v3", "real"));
  for (const FunctionText &function : proof.functions) {
    std::set<std::string> terms{function.ends[1], function.ends[2]}, steps{function.ends[3]};
    for (size_t at = function.steps.size(); at-- > 0;) {
      const Words &words = function.steps[at];
      EXPECT_TRUE(steps.contains(std::to_string(at)));
      bool isLaw = words[0] == "forth" || words[0] == "back";
      size_t ends = isLaw ? 2 : 1;
      terms.insert({words[ends], words[ends + 1]});
      steps.insert(words.begin() + static_cast<long>(ends) + 2, words.end());
    }
    for (size_t at = function.terms.size(); at-- > 0;) {
      const Words &words = function.terms[at];
      EXPECT_TRUE(terms.contains(std::to_string(at)));
      if (words[0] == "op")
        terms.insert(words.begin() + 3, words.end());
    }
  }
}

TEST(Proofs, AreRefusedWithOneThingChanged) {
  std::vector<check::RuleText> rules = shippedRules();
  std::vector<std::string> proofs;
  for (const char *tier : {"real", "bit"}) {
    for (const char *model : {"llama", "gemma2", "deepseek_v3", "extra-t5", "parscale"})
      proofs.push_back(proofOf(model, tier));
    // Attention from its unfused forms, rotations, low-rank terms and choices.
    for (const char *name : {"attention", "found", "choice"})
      proofs.push_back(proofOfModule(name, tier));
  }
  // One head of keys, regrouped; positions of a decoder.
  for (const char *model : {"extra-t5", "falcon", "gemma"})
    proofs.push_back(proofOf(model, "real", "primitive"));
  for (const std::string &proof : proofs) {
    check::Verdict verdict = check::check(proof, rules);
    ASSERT_TRUE(verdict.isAccepted) << verdict.reason;
  }
  std::mt19937 random(5);
  int count = 0, byHash = 0;
  while (count < 1000) {
    ProofText proof(proofs[random() % proofs.size()]);
    std::string what = Mutator(proof, random).mutate();
    if (what.empty())
      continue;
    ++count;
    check::Verdict verdict = check::check(proof.text(), rules);
    EXPECT_FALSE(verdict.isAccepted) << what;
    byHash += verdict.reason.find("its text is not what was written") != std::string::npos;
  }
  // Most are found by what they claim. By the hash alone: another name throughout, and a step that
  // is true both ways.
  EXPECT_LT(byHash, 300);
  RecordProperty("refused", count);
  RecordProperty("by-hash-alone", byHash);
  std::cout << count << " mutations refused, " << byHash << " by the hash alone\n";
}
