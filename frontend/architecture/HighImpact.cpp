// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Layer-wise high-impact parameters (arXiv 2511.17801; no code of the authors is known, so keys and
// tensors are ours): Llama's graph with codes of few bits, and of more bits for a share of each
// layer's weights.
#include "frontend/architecture/Families.h"

#include "frontend/checkpoint/Dequantise.h"

#include <cmath>

namespace tern::architecture {

using checkpoint::SplitForm;

/// How many numbers the layer's maps have, and how many of them are of high impact.
static std::pair<int64_t, int64_t> countOf(const Checkpoint &checkpoint, int64_t layer) {
  const std::string scope = nameOf("model.layers.{}.", layer);
  std::pair<int64_t, int64_t> counts;
  for (const checkpoint::Tensor &tensor : checkpoint.tensors()) {
    bool isMask = tensor.name.starts_with(scope) && tensor.name.ends_with(".mask");
    if (!isMask || tensor.type == checkpoint::StorageType::Other)
      continue;
    std::vector<float> row(size_t(tensor.columns()));
    for (int64_t i = 0; i < tensor.rows(); ++i) {
      checkpoint::dequantise(tensor, i, 1, row.data());
      for (float mark : row)
        counts.second += mark != 0;
    }
    counts.first += tensor.rows() * tensor.columns();
  }
  return counts;
}

/// A share of each layer, which its masks must have. Missing tensors are told of later.
static void checkRatios(ConfigReader &reader, const Checkpoint &checkpoint, int64_t layers) {
  std::vector<double> ratios = reader.positives("high_impact_ratios", size_t(layers));
  for (int64_t layer = 0; layer < layers; ++layer) {
    auto [all, high] = countOf(checkpoint, layer);
    double ratio = ratios[size_t(layer)];
    if (std::fabs(ratio * double(all) - double(high)) > 1)
      reader.reject("high_impact_ratios",
                    "the share of layer " + checkpoint::toText(layer) + "'s masks, " +
                        checkpoint::toText(double(high) / double(all)),
                    checkpoint::toText(ratio));
  }
}

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = kLlama.readHuggingFace(reader, checkpoint);
  SplitForm form;
  form.group = reader.integer("group_size", checkpoint::kSizeRange);
  form.omitted = reader.texts("name_omit");
  form.omitted.push_back(config.names.head);
  for (int64_t width : {config.width, config.ffnWidth, config.heads * config.headWidth})
    if (width % form.group != 0)
      reader.reject("group_size", "a divisor of the width " + checkpoint::toText(width));
  reader.ignore({"low_bits", "high_bits"}); // how the codes were made
  if (!reader.failure())
    checkRatios(reader, checkpoint, config.layers);
  config.linear = form;
  return config;
}

const Family kHighImpact{"high_impact", "", readHuggingFace, nullptr};

} // namespace tern::architecture
