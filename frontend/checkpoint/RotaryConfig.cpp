// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Dequantise.h"
#include "frontend/checkpoint/ModelConfig.h"

#include <algorithm>
#include <cmath>

namespace tern::checkpoint {
namespace {

constexpr std::string_view kFactorsTensor = "rope_freqs.weight";
constexpr std::string_view kShortFactorsTensor = "rope_factors_short.weight";
constexpr std::string_view kLongFactorsTensor = "rope_factors_long.weight";

struct NamedKind {
  std::string_view name;
  RotaryKind kind;
};

constexpr NamedKind kHuggingFaceKinds[] = {
    {"default", RotaryKind::Default}, {"linear", RotaryKind::Linear},
    {"dynamic", RotaryKind::Dynamic}, {"yarn", RotaryKind::Yarn},
    {"llama3", RotaryKind::Llama3},   {"longrope", RotaryKind::Long},
    {"su", RotaryKind::Long}};
constexpr NamedKind kGgufKinds[] = {{"none", RotaryKind::Default},
                                    {"linear", RotaryKind::Linear},
                                    {"yarn", RotaryKind::Yarn},
                                    {"longrope", RotaryKind::Long}};

RotaryKind readKind(ConfigReader &reader, const std::string &key,
                    std::span<const NamedKind> kinds) {
  std::string name = reader.text(key, kinds.front().name);
  std::string known;
  for (const NamedKind &entry : kinds) {
    if (entry.name == name)
      return entry.kind;
    known += (known.empty() ? "" : &entry == &kinds.back() ? " or " : ", ");
    known += entry.name;
  }
  reader.reject(key, known);
  return RotaryKind::Default;
}

/// Yarn divides by the logarithm of the base, dynamic by the dimensions less two, llama3 by the
/// difference of its factors. `key` gives the file's name of a setting.
template <typename Key>
void checkRotary(ConfigReader &reader, const RotaryConfig &rotary, Key key) {
  if (rotary.theta <= 1)
    reader.reject(key("theta"), "a base above 1", toText(rotary.theta));
  if (rotary.dimensions % 2 != 0 || rotary.dimensions < 2)
    reader.reject(key("dimensions"), "an even number of rotated elements in a head",
                  toText(rotary.dimensions));
  if (rotary.kind == RotaryKind::Dynamic && rotary.dimensions < 4)
    reader.reject(key("dimensions"), "at least 4 rotated elements for dynamic scaling",
                  toText(rotary.dimensions));
  if (rotary.kind == RotaryKind::Dynamic && rotary.factor < 1)
    reader.reject(key("factor"), "at least 1 for dynamic scaling", toText(rotary.factor));
  if (rotary.kind == RotaryKind::Llama3 && rotary.highFrequencyFactor <= rotary.lowFrequencyFactor)
    reader.reject(key("high_freq_factor"),
                  "more than low_freq_factor, which is " + toText(rotary.lowFrequencyFactor),
                  toText(rotary.highFrequencyFactor));
  if (rotary.kind == RotaryKind::Yarn && rotary.betaFast < rotary.betaSlow)
    reader.reject(key("beta_fast"), "at least beta_slow, which is " + toText(rotary.betaSlow),
                  toText(rotary.betaFast));
}

} // namespace

/// The context before it grew. What stands outside of the group goes before what is in it.
static int64_t readOriginal(ConfigReader &reader, const std::string &group, int64_t contextLength,
                            const RotaryKeys &keys) {
  const std::string outer = "original_max_position_embeddings", inner = group + "." + outer;
  const Range range{2, kContextRange.most};
  if (!keys.group.empty() || (!reader.has(outer) && keys.usualOriginal == 0))
    return reader.integer(inner, range, contextLength);
  int64_t original = reader.integer(outer, range, keys.usualOriginal);
  if (reader.integer(inner, range, original) != original)
    reader.reject(inner, "what " + outer + " says, " + toText(original));
  return original;
}

/// Long: factors for each pair. How far the context grew is `factor`, or what the lengths say.
static void readLong(ConfigReader &reader, RotaryConfig &rotary, int64_t contextLength,
                     const std::string &group) {
  rotary.factor =
      reader.positive(group + ".factor", double(contextLength) / double(rotary.originalContext));
  auto pairs = size_t(rotary.dimensions / 2);
  rotary.shortFactors = reader.positives(group + ".short_factor", pairs);
  rotary.longFactors = reader.positives(group + ".long_factor", pairs);
  rotary.attentionFactor = reader.optionalPositive(group + ".attention_factor");
}

RotaryConfig readHuggingFaceRotary(ConfigReader &reader, int64_t headWidth, int64_t contextLength,
                                   const RotaryKeys &keys) {
  // rope_parameters holds all settings; before it rope_theta stood beside rope_scaling.
  const std::string group = !keys.group.empty()             ? std::string(keys.group)
                            : reader.has("rope_parameters") ? "rope_parameters"
                                                            : "rope_scaling";
  auto key = [&](std::string_view name) {
    if (name == "dimensions")
      return std::string(keys.width);
    std::string inGroup = group + "." + (name == "theta" ? "rope_theta" : std::string(name));
    return name == "theta" && !reader.has(inGroup) ? std::string(keys.theta) : inGroup;
  };
  if (reader.has(group) && !reader.isObject(group))
    reader.reject(group, "an object");

  RotaryConfig rotary;
  rotary.layout = RotaryLayout::HalfSplit;
  const std::string kind = reader.has(key("rope_type")) ? key("rope_type") : key("type");
  rotary.kind = readKind(reader, kind, kHuggingFaceKinds);
  if (reader.has(key("type")) && readKind(reader, key("type"), kHuggingFaceKinds) != rotary.kind)
    reader.reject(key("type"), "what " + kind + " says");
  bool isLong = rotary.kind == RotaryKind::Long || rotary.kind == RotaryKind::Default;
  if (keys.isLongAlone && !isLong)
    reader.reject(kind, "default, longrope or su");
  rotary.theta = reader.positive(key("theta"), keys.usualTheta);
  if (std::string outer(keys.theta); keys.group.empty() && key("theta") != outer &&
                                     reader.positive(outer, rotary.theta) != rotary.theta)
    reader.reject(outer, "what " + key("theta") + " says, " + toText(rotary.theta));
  std::string partial =
      reader.has(keys.partial) ? std::string(keys.partial) : key("partial_rotary_factor");
  double share = reader.positive(partial, keys.usualPartial);
  if (reader.positive(key("partial_rotary_factor"), share) != share)
    reader.reject(key("partial_rotary_factor"), "what " + partial + " says, " + toText(share));
  if (share > 1)
    reader.reject(partial, "at most 1");
  rotary.dimensions = int64_t(double(headWidth) * std::min(share, 1.0));

  if (rotary.kind == RotaryKind::Long) {
    checkRotary(reader, rotary, key);
    rotary.originalContext = readOriginal(reader, group, contextLength, keys);
    readLong(reader, rotary, contextLength, group);
    return rotary;
  }
  if (rotary.kind != RotaryKind::Default)
    rotary.factor = reader.positive(key("factor"));
  // The dynamic base is stretched from the model's own length on.
  rotary.originalContext = contextLength;
  if (rotary.kind == RotaryKind::Yarn || rotary.kind == RotaryKind::Llama3)
    rotary.originalContext = readOriginal(reader, group, contextLength, keys);
  if (rotary.kind == RotaryKind::Llama3) {
    rotary.lowFrequencyFactor = reader.positive(key("low_freq_factor"));
    rotary.highFrequencyFactor = reader.positive(key("high_freq_factor"));
  }
  if (rotary.kind == RotaryKind::Yarn) {
    rotary.betaFast = reader.positive(key("beta_fast"), rotary.betaFast);
    rotary.betaSlow = reader.positive(key("beta_slow"), rotary.betaSlow);
    rotary.truncate = reader.boolean(key("truncate"), true);
    rotary.mscale = reader.optionalPositive(key("mscale"));
    rotary.mscaleAllDimensions = reader.optionalPositive(key("mscale_all_dim"));
    rotary.attentionFactor = reader.optionalPositive(key("attention_factor"));
  }
  checkRotary(reader, rotary, key);
  return rotary;
}

/// Sets the kind of scaling and its factor. A factor without a kind scales linearly; older files
/// have it under `oldScale`.
static void readGgufScaling(ConfigReader &reader, const std::string &scaling,
                            const std::string &oldScale, RotaryConfig &rotary) {
  rotary.kind = readKind(reader, scaling + "type", kGgufKinds);
  const std::string factor = scaling + "factor";
  if (!reader.has(scaling + "type") && (reader.has(factor) || reader.has(oldScale)))
    rotary.kind = RotaryKind::Linear;
  if (rotary.kind == RotaryKind::Default)
    reader.ignore({factor});
  else if (rotary.kind != RotaryKind::Long)
    rotary.factor =
        reader.positive(!reader.has(factor) && reader.has(oldScale) ? oldScale : factor);
  reader.ignore({oldScale}); // says nothing beside the newer key
}

RotaryConfig readGgufRotary(ConfigReader &reader, const Checkpoint &checkpoint,
                            std::string_view family, int64_t headWidth, int64_t contextLength) {
  const std::string rope = std::string(family) + ".rope.";
  const std::string scaling = rope + "scaling.";
  auto key = [&](std::string_view name) {
    if (name == "theta")
      return rope + "freq_base";
    if (name == "dimensions")
      return rope + "dimension_count";
    return name == "factor" ? scaling + "factor" : scaling + "yarn_" + std::string(name);
  };

  RotaryConfig rotary;
  rotary.layout = RotaryLayout::Interleaved;
  rotary.theta = reader.positive(key("theta"), rotary.theta);
  rotary.dimensions = reader.integer(key("dimensions"), {1, headWidth}, headWidth);
  readGgufScaling(reader, scaling, rope + "scale_linear", rotary);
  rotary.originalContext =
      reader.integer(scaling + "original_context_length", kContextRange, contextLength);
  if (rotary.kind == RotaryKind::Yarn) {
    rotary.betaFast = reader.positive(key("beta_fast"), rotary.betaFast);
    rotary.betaSlow = reader.positive(key("beta_slow"), rotary.betaSlow);
    if (reader.positive(key("ext_factor"), 1) != 1)
      reader.reject(key("ext_factor"), "1");
  } else {
    reader.ignore({key("beta_fast"), key("beta_slow"), key("ext_factor"), key("log_multiplier")});
  }
  if (checkpoint.find(kFactorsTensor))
    rotary.factorsTensor = kFactorsTensor;
  if (checkpoint.find(kLongFactorsTensor)) {
    rotary.kind = RotaryKind::Long; // older files name the tensors alone
    rotary.factorsTensor = kShortFactorsTensor;
    rotary.longFactorsTensor = kLongFactorsTensor;
  }
  if (rotary.kind == RotaryKind::Long && rotary.longFactorsTensor.empty())
    reader.reject(scaling + "type", "a tensor '" + std::string(kLongFactorsTensor) + "' beside it");
  // Here the factor multiplies what the kind of scaling gives; in config.json it replaces it. Files
  // with long factors hold all of it.
  std::string factorKey =
      reader.has(key("attn_factor")) ? key("attn_factor") : scaling + "attn_factor";
  double factor = reader.positive(factorKey, 1);
  if (rotary.kind == RotaryKind::Long || reader.has(factorKey))
    rotary.attentionFactor = factor * attentionScale(rotary);
  checkRotary(reader, rotary, key);
  return rotary;
}

static Expected<std::vector<float>> readFactors(const Checkpoint &checkpoint,
                                                const std::string &name, int64_t count) {
  if (name.empty())
    return std::vector<float>();
  const ExpectedTensor expected{name, {count}};
  if (Failure failure = checkTensors(checkpoint, {&expected, 1}))
    return std::move(*failure);
  const Tensor &tensor = *checkpoint.find(name);
  std::vector<float> factors(size_t(tensor.columns()));
  dequantise(tensor, 0, 1, factors.data());
  for (float factor : factors)
    if (!std::isfinite(factor) || factor <= 0)
      return makeError(checkpoint.fileOf(tensor), ": tensor ", quote(tensor.name),
                       ": expected finite values above 0, found ", double(factor));
  return factors;
}

Expected<RotaryFactors> readRotaryFactors(const Checkpoint &checkpoint,
                                          const RotaryConfig &rotary) {
  int64_t pairs = rotary.dimensions / 2;
  auto all = readFactors(checkpoint, rotary.factorsTensor, pairs);
  if (!all)
    return all.error();
  auto longer = readFactors(checkpoint, rotary.longFactorsTensor, pairs);
  if (!longer)
    return longer.error();
  return RotaryFactors{std::move(*all), std::move(*longer)};
}

} // namespace tern::checkpoint
