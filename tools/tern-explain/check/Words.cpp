// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Words.h"

#include "tools/tern-explain/check/Strings.h"

#include <cmath>

namespace tern::check {

static std::vector<Word> allWords() {
  std::vector<Word> words = {
      {"map", "", Form::Map, 1},
      {"map2", "", Form::Map, 2},
      {"rnd", "tern.cast", Form::Cast, 1},
      {"cast", "tern.cast", Form::Cast, 1},
      {"contract", "tern.contract", Form::Axes, 2, 0, false, true},
      {"lse", "tern.logsumexp", Form::Axes, 1},
      {"perm", "tern.transpose", Form::Axes, 1},
      {"softmax", "tern.softmax", Form::Axes, 1},
      {"softmax_masked", "tern.masked_softmax", Form::Axes, 2},
      {"topk_mask", "tern.top_k_mask", Form::Axes, 1, 1, true},
      {"bcast", "tern.broadcast", Form::Axes, 1},
      {"reshape", "tern.reshape", Form::Reshape, 1},
      {"slice", "tern.slice", Form::Cut, 1, 1, true},
      {"pad", "tern.pad", Form::Cut, 1, 1, true},
      {"concat", "tern.concat", Form::Concat, 0},
      {"turn_half", "tern.rotary half", Form::Turn, 3},
      {"turn_pair", "tern.rotary interleaved", Form::Turn, 3},
      {"turned_half", "tern.rotary half", Form::Turn, 3},
      {"turned_pair", "tern.rotary interleaved", Form::Turn, 3},
      {"keys", "kv.keys", Form::Slots, 0, 0, false, false, 1},
      {"values", "kv.values", Form::Slots, 0, 0, false, false, 1},
      {"slots", "kv.positions", Form::Slots, 0, 0, false, false, 1},
      {"visible", "kv.visible", Form::Slots, 0, 0, false, false, 2},
      {"attend", "kv.attend", Form::Attend, 1, 1, false, false, 2},
      {"attend_capped", "kv.attend", Form::Attend, 1, 2, false, false, 2},
      {"attend_sloped", "kv.attend", Form::Attend, 3, 1, false, false, 3},
      {"attend_sloped_rounded", "kv.attend", Form::Attend, 3, 1, false, false, 4},
      {"grouped", "tern.attention", Form::Grouped, 3, 1},
      {"grouped_bias", "tern.attention", Form::Grouped, 4, 1},
      {"grouped_causal_bias", "tern.attention causal", Form::Grouped, 4, 1},
      {"attention", "tern.attention", Form::Attention, 3, 1},
      {"attention_bias", "tern.attention", Form::Attention, 4, 1},
      {"attention_capped", "tern.attention", Form::Attention, 3, 2},
      {"attention_capped_bias", "tern.attention", Form::Attention, 4, 2},
  };
  auto addAll = [&](std::string_view names, size_t operands, bool commutes = false,
                    Form form = Form::Plain, size_t scalars = 0) {
    for (std::string_view name : split(names, " "))
      words.push_back({std::string(name), "tern." + std::string(name), form, operands, scalars,
                       false, commutes});
  };
  addAll("neg abs square sqrt rsqrt recip exp log log1p sin cos tan cot tanh erf sigmoid softplus "
         "relu silu gelu gelu_tanh quick_gelu rint not",
         1);
  addAll("sub div pow lt le", 2);
  addAll("add mul maximum minimum eq and or", 2, /*commutes=*/true);
  addAll("where", 3);
  addAll("iota", 0, false, Form::Axes);
  addAll("sum mean amax amin cumsum one_hot", 1, false, Form::Axes);
  addAll("gather scatter_add", 2, false, Form::Axes);
  addAll("rms_norm layer_norm", 1, false, Form::Axes, 1);
  return words;
}

static const std::vector<Word> words = allWords();

const Word *findWord(std::string_view name) {
  auto at = std::ranges::find(words, name, &Word::name);
  return at == words.end() ? nullptr : &*at;
}

const Word *findOperation(std::string_view operation) {
  auto at = std::ranges::find(words, operation, &Word::operation);
  return at == words.end() ? nullptr : &*at;
}

std::optional<double> evaluate(std::string_view operation, const std::vector<double> &x) {
  auto is = [&](std::string_view name, size_t count) {
    return x.size() == count && operation == "tern." + std::string(name);
  };
  // Of 0 and -0 either one may be the larger.
  bool isOrdered = x.size() == 2 && (x[0] != x[1] || std::signbit(x[0]) == std::signbit(x[1]));
  using Result = std::optional<double>;
  return is("neg", 1)                    ? Result(-x[0])
         : is("abs", 1)                  ? Result(std::fabs(x[0]))
         : is("square", 1)               ? Result(x[0] * x[0])
         : is("sqrt", 1)                 ? Result(std::sqrt(x[0]))
         : is("recip", 1)                ? Result(1 / x[0])
         : is("add", 2)                  ? Result(x[0] + x[1])
         : is("sub", 2)                  ? Result(x[0] - x[1])
         : is("mul", 2)                  ? Result(x[0] * x[1])
         : is("div", 2)                  ? Result(x[0] / x[1])
         : is("maximum", 2) && isOrdered ? Result(std::max(x[0], x[1]))
         : is("minimum", 2) && isOrdered ? Result(std::min(x[0], x[1]))
                                         : std::nullopt;
}

bool isKnown(std::string_view fact, std::string_view operation) {
  std::string_view name = plainName(operation);
  if (fact == "increasing")
    return isOneOf(name, "exp tanh erf sigmoid softplus");
  return fact == "zero_at_zero" &&
         isOneOf(name, "neg abs square sqrt log1p sin tan tanh erf relu silu gelu gelu_tanh "
                       "quick_gelu rint");
}

} // namespace tern::check
