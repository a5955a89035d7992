// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Words.h"

#include <algorithm>
#include <sstream>
#include <vector>

namespace tern::check {

static std::vector<Word> allWords() {
  std::vector<Word> words = {
      {"map", "", Form::Map, 1, 0},
      {"map2", "", Form::Map, 2, 0},
      {"rnd", "tern.cast", Form::Round, 1, 1},
      {"cast", "tern.cast", Form::Cast, 1, 1},
      {"contract", "tern.contract", Form::Axes, 2, 1, true},
      {"gather", "tern.gather", Form::Axes, 2, 1},
      {"lse", "tern.logsumexp", Form::Axes, 1, 1},
      {"perm", "tern.transpose", Form::Axes, 1, 1},
      {"softmax", "tern.softmax", Form::Along, 1, 1},
      {"softmax_masked", "tern.masked_softmax", Form::Along, 2, 1},
      {"cumsum", "tern.cumsum", Form::Along, 1, 1},
      {"rms_norm", "tern.rms_norm", Form::Norm, 1, 2},
      {"layer_norm", "tern.layer_norm", Form::Norm, 1, 2},
      {"topk_mask", "tern.top_k_mask", Form::TopK, 1, 2},
      {"bcast", "tern.broadcast", Form::Typed, 1, 2},
      {"scatter_add", "tern.scatter_add", Form::Typed, 2, 2},
      {"one_hot", "tern.one_hot", Form::Typed, 1, 2},
      {"iota", "tern.iota", Form::Typed, 0, 2},
      {"reshape", "tern.reshape", Form::Reshape, 1, 1},
      {"slice", "tern.slice", Form::Slice, 1, 3},
      {"pad", "tern.pad", Form::Pad, 1, 3},
      {"concat", "tern.concat", Form::Concat, 0, 1},
  };
  auto addAll = [&](const std::string &names, Form form, size_t operands, bool commutes = false) {
    std::istringstream stream(names);
    for (std::string name; stream >> name;)
      words.push_back(
          {name, "tern." + name, form, operands, form == Form::Axes ? 1u : 0u, commutes});
  };
  addAll("neg abs square sqrt rsqrt recip exp log log1p sin cos tan cot tanh erf sigmoid softplus "
         "relu silu gelu gelu_tanh quick_gelu rint not",
         Form::Plain, 1);
  addAll("sub div pow lt le", Form::Plain, 2);
  addAll("add mul maximum minimum eq and or", Form::Plain, 2, /*commutes=*/true);
  addAll("where", Form::Plain, 3);
  addAll("sum mean amax amin", Form::Axes, 1);
  return words;
}

static const std::vector<Word> words = allWords();

const Word *findWord(std::string_view name) {
  auto at = std::ranges::find(words, name, &Word::name);
  return at == words.end() ? nullptr : &*at;
}

const Word *findPlain(std::string_view operation) {
  auto isPlain = [&](const Word &word) {
    return word.form == Form::Plain && word.operation == operation;
  };
  auto at = std::ranges::find_if(words, isPlain);
  return at == words.end() ? nullptr : &*at;
}

bool isKnown(std::string_view fact, std::string_view operation) {
  static constexpr std::string_view increasing = " exp tanh erf sigmoid softplus ";
  static constexpr std::string_view zeroAtZero =
      " neg abs square sqrt log1p sin tan tanh erf relu silu gelu gelu_tanh quick_gelu rint ";
  const Word *word = findPlain(operation);
  std::string_view known = fact == "increasing"     ? increasing
                           : fact == "zero_at_zero" ? zeroAtZero
                                                    : "";
  return word && known.find(" " + word->name + " ") != std::string_view::npos;
}

} // namespace tern::check
