// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What of a file's settings may be passed over. A GGUF file holds no more than what its family is
// made of, so each of the family's keys is read, is listed here, or is refused. A config.json holds
// whatever its author liked, and transformers passes over what a family does not have; only
// switches that are known to change a decoder's graph are refused.
#include "frontend/architecture/Families.h"

#include <algorithm>

namespace tern::architecture {
namespace {

/// Of `<family>.*`: how the weights were trained or are used, not what they compute.
constexpr std::string_view kHarmlessGgufKeys[] = {
    "attention.layer_norm_epsilon", // beside that of the family's norms
    "attention.layer_norm_rms_epsilon",
    "pooling_type",
    "rope.scaling.finetuned",
};

/// Of `<family>.*`: off unless the file sets them.
constexpr std::string_view kGgufSwitches[] = {"expert_count", "expert_used_count"};

/// Groups that other readers check, or that describe the file.
constexpr std::string_view kOtherGgufGroups[] = {"general.", "tokenizer.", "split.", "quantize."};

/// Switches of decoders that are off unless the file sets them.
constexpr std::string_view kJsonSwitches[] = {
    "add_cross_attention",
    "alibi",
    "attn_logit_softcapping",
    "clip_qkv",
    "final_logit_softcapping",
    "is_encoder_decoder",
    "num_experts",
    "num_local_experts",
    "qk_layernorm",
    "rope_parameters.mrope_section",
    "rope_scaling.mrope_section",
    "use_bidirectional_attention",
    "use_qk_norm",
};

constexpr std::string_view kHarmlessJsonKeys[] = {
    "_attn_implementation",
    "_attn_implementation_autoset",
    "_name_or_path",
    "_sliding_window_pattern", // says what layer_types says
    "architectures",
    "auto_map",
    "cache_implementation",
    "chunk_size_feed_forward",
    "dtype",
    "gradient_checkpointing",
    "id2label",
    "init_std",
    "initializer_factor",
    "initializer_range",
    "is_decoder",
    "label2id",
    "layerdrop",
    "n_ctx",
    "name_or_path",
    "output_router_logits",
    "pretraining_tp", // splits products that are the same in one piece
    "problem_type",
    "reorder_and_upcast_attn", // rounding alone
    "rope_scaling.finetuned",
    "router_aux_loss_coef",
    "router_jitter_noise", // of a training
    "task_specific_params",
    "tokenizer_class",
    "torch_dtype",
    "transformers_version",
    "use_cache",
};

/// Of a training, of a classifier, of generation.
constexpr std::string_view kHarmlessJsonParts[] = {"dropout", "pdrop", "summary_", "_token_id"};

bool isHarmlessJson(std::string_view key) {
  return std::ranges::find(kHarmlessJsonKeys, key) != std::end(kHarmlessJsonKeys) ||
         std::ranges::any_of(kHarmlessJsonParts,
                             [&](std::string_view part) { return key.find(part) != key.npos; });
}

void checkGgufKeys(ConfigReader &reader, const std::string &family, ModelConfig &config) {
  const std::string group = family + ".";
  for (const std::string &key : reader.unread()) {
    auto begins = [&](std::string_view prefix) { return key.starts_with(prefix); };
    if (std::ranges::any_of(kOtherGgufGroups, begins))
      continue;
    if (!key.starts_with(group)) {
      config.unknownKeys.push_back(key);
      continue;
    }
    auto isOneOf = [own = key.substr(group.size())](const auto &keys) {
      return std::ranges::find(keys, own) != std::end(keys);
    };
    bool isOff = isOneOf(kGgufSwitches) && !reader.isSet(key);
    if (!isOneOf(kHarmlessGgufKeys) && !isOff)
      reader.reject(key, "none, as nothing is known of it in " + family);
  }
}

} // namespace

void checkKeys(ConfigReader &reader, checkpoint::Format format, const Family &family,
               ModelConfig &config) {
  if (format == checkpoint::Format::Gguf)
    return checkGgufKeys(reader, std::string(family.ggufName), config);
  for (const std::string &key : reader.unread()) {
    if (std::ranges::find(kJsonSwitches, key) == std::end(kJsonSwitches)) {
      if (!isHarmlessJson(key))
        config.unknownKeys.push_back(key);
    } else if (reader.isSet(key)) {
      reader.reject(key, "none in " + std::string(family.huggingFaceName));
    }
  }
}

} // namespace tern::architecture
