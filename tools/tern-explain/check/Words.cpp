// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Words.h"

namespace tern::check {

static constexpr bool commutes = true, increases = true, keepsZero = true;

static constexpr Word words[] = {
    {"neg", "tern.neg", Form::Plain, 1, 0, false, false, keepsZero},
    {"abs", "tern.abs", Form::Plain, 1, 0, false, false, keepsZero},
    {"square", "tern.square", Form::Plain, 1, 0, false, false, keepsZero},
    {"sqrt", "tern.sqrt", Form::Plain, 1, 0, false, false, keepsZero},
    {"rsqrt", "tern.rsqrt", Form::Plain, 1, 0},
    {"recip", "tern.recip", Form::Plain, 1, 0},
    {"exp", "tern.exp", Form::Plain, 1, 0, false, increases},
    {"log", "tern.log", Form::Plain, 1, 0},
    {"log1p", "tern.log1p", Form::Plain, 1, 0, false, false, keepsZero},
    {"sin", "tern.sin", Form::Plain, 1, 0, false, false, keepsZero},
    {"cos", "tern.cos", Form::Plain, 1, 0},
    {"tan", "tern.tan", Form::Plain, 1, 0, false, false, keepsZero},
    {"cot", "tern.cot", Form::Plain, 1, 0},
    {"tanh", "tern.tanh", Form::Plain, 1, 0, false, increases, keepsZero},
    {"erf", "tern.erf", Form::Plain, 1, 0, false, increases, keepsZero},
    {"sigmoid", "tern.sigmoid", Form::Plain, 1, 0, false, increases},
    {"softplus", "tern.softplus", Form::Plain, 1, 0, false, increases},
    {"relu", "tern.relu", Form::Plain, 1, 0, false, false, keepsZero},
    {"silu", "tern.silu", Form::Plain, 1, 0, false, false, keepsZero},
    {"gelu", "tern.gelu", Form::Plain, 1, 0, false, false, keepsZero},
    {"gelu_tanh", "tern.gelu_tanh", Form::Plain, 1, 0, false, false, keepsZero},
    {"quick_gelu", "tern.quick_gelu", Form::Plain, 1, 0, false, false, keepsZero},
    {"rint", "tern.rint", Form::Plain, 1, 0, false, false, keepsZero},
    {"not", "tern.not", Form::Plain, 1, 0},
    {"add", "tern.add", Form::Plain, 2, 0, commutes},
    {"sub", "tern.sub", Form::Plain, 2, 0},
    {"mul", "tern.mul", Form::Plain, 2, 0, commutes},
    {"div", "tern.div", Form::Plain, 2, 0},
    {"pow", "tern.pow", Form::Plain, 2, 0},
    {"maximum", "tern.maximum", Form::Plain, 2, 0, commutes},
    {"minimum", "tern.minimum", Form::Plain, 2, 0, commutes},
    {"lt", "tern.lt", Form::Plain, 2, 0},
    {"le", "tern.le", Form::Plain, 2, 0},
    {"eq", "tern.eq", Form::Plain, 2, 0, commutes},
    {"and", "tern.and", Form::Plain, 2, 0, commutes},
    {"or", "tern.or", Form::Plain, 2, 0, commutes},
    {"where", "tern.where", Form::Plain, 3, 0},
    {"map", "", Form::Map, 1, 0},
    {"map2", "", Form::Map, 2, 0},
    {"rnd", "tern.cast", Form::Round, 1, 1},
    {"cast", "tern.cast", Form::Cast, 1, 1},
    {"contract", "tern.contract", Form::Axes, 2, 1},
    {"gather", "tern.gather", Form::Axes, 2, 1},
    {"sum", "tern.sum", Form::Axes, 1, 1},
    {"mean", "tern.mean", Form::Axes, 1, 1},
    {"amax", "tern.amax", Form::Axes, 1, 1},
    {"amin", "tern.amin", Form::Axes, 1, 1},
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

const Word *findWord(std::string_view name) {
  for (const Word &word : words)
    if (word.name == name)
      return &word;
  return nullptr;
}

const Word *findPlain(std::string_view operation) {
  for (const Word &word : words)
    if (word.operation == operation && word.form == Form::Plain)
      return &word;
  return nullptr;
}

} // namespace tern::check
