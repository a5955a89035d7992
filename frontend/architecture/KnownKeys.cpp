// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What of a file's settings may be passed over. A GGUF file holds no more than what its family is
// made of, so each of the family's keys is read, is listed here, or is refused. A config.json holds
// whatever its author liked; of that, what changes the graph of some family of transformers' must
// be read, or say that there is nothing to change. The rest is passed over, as transformers does.
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

/// What some of transformers' configurations change the graph by, and what is off unless the file
/// sets it. Biases are no matter here: a tensor says that there is one.
constexpr std::string_view kJsonSwitches[] = {
    "activation_function",
    "activation_sparsity_pattern",
    "add_cross_attention",
    "alibi",
    "altup_num_inputs",
    "apply_residual_connection_post_layernorm",
    "attention_chunk_size",
    "attention_type",
    "attn_config",
    "attn_logit_softcapping",
    "attn_temperature_tuning",
    "clip_qkv",
    "cross_attention_layers",
    "dense_act_fn",
    "dual_chunk_attention_config",
    "final_logit_softcapping",
    "first_k_dense_replace",
    "full_attention_interval",
    "global_attn_every_n_layers",
    "hidden_act",
    "hidden_activation",
    "hidden_size_per_layer_input",
    "index_topk",
    "is_encoder_decoder",
    "is_gated_act",
    "kv_lora_rank",
    "laurel_rank",
    "local_attention",
    "mlp_only_layers",
    "moe_intermediate_size",
    "multi_query",
    "n_group",
    "n_routed_experts",
    "n_shared_experts",
    "no_rope_layer_interval",
    "no_rope_layers",
    "norm_topk_prob",
    "num_experts",
    "num_experts_per_tok",
    "num_kv_shared_layers",
    "num_local_experts",
    "num_shared_experts",
    "position_embedding_type",
    "q_lora_rank",
    "qk_layernorm",
    "qk_norm",
    "qkv_proj_clip",
    "query_pre_attn_scalar",
    "rope_interleaved",
    "rope_local_base_freq",
    "rope_parameters",
    "rope_scaling",
    "rope_theta",
    "rotary_emb_base",
    "scale_attn_by_inverse_layer_idx",
    "scale_decoder_outputs",
    "scale_embedding",
    "scoring_func",
    "shared_intermediate_size",
    "sliding_window",
    "sliding_window_pattern",
    "swiglu_limit",
    "topk_group",
    "topk_method",
    "use_bidirectional_attention",
    "use_mrope",
    "use_qk_norm",
};

/// Factors, shares and periods that change nothing if they are 1.
constexpr std::string_view kJsonFactors[] = {
    "attention_multiplier", "decoder_sparse_step",   "embedding_multiplier",  "logit_scale",
    "logits_scaling",       "moe_layer_freq",        "partial_rotary_factor", "residual_multiplier",
    "rotary_pct",           "routed_scaling_factor", "scale_depth",           "scale_emb",
};

/// Of a rotary embedding, whatever its kind; transformers passes over what its kind has no use for.
constexpr std::string_view kRotaryKeys[] = {
    "attention_factor",
    "beta_fast",
    "beta_slow",
    "factor",
    "finetuned",
    "high_freq_factor",
    "long_factor",
    "low_freq_factor",
    "mscale",
    "mscale_all_dim",
    "original_max_position_embeddings",
    "partial_rotary_factor",
    "rope_theta",
    "rope_type",
    "short_factor",
    "truncate",
    "type",
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

void checkJsonKeys(ConfigReader &reader, const std::string &family, ModelConfig &config) {
  const std::vector<std::string> unread = reader.unread();
  auto isOneOf = [](std::string_view key, const auto &keys) {
    return std::ranges::find(keys, key) != std::end(keys);
  };
  // A family that reads no windows has none.
  static constexpr std::string_view plain[] = {"full_attention"};
  if (isOneOf("layer_types", unread))
    reader.choices("layer_types", size_t(config.layers), plain);
  bool hasNoWindows = !reader.boolean("use_sliding_window", true);
  for (const std::string &key : unread) {
    std::string_view name = std::string_view(key).substr(key.rfind('.') + 1);
    bool isRotary = key.starts_with("rope_scaling.") || key.starts_with("rope_parameters.");
    if ((isRotary && isOneOf(name, kRotaryKeys)) || key == "layer_types" ||
        (hasNoWindows && key.ends_with("sliding_window")))
      continue;
    if (isOneOf(key, kJsonFactors)) {
      if (!reader.is(key, 1))
        reader.reject(key, "none or 1 in " + family);
    } else if (isRotary || isOneOf(key, kJsonSwitches)) {
      if (reader.isSet(key))
        reader.reject(key, "none in " + family);
    } else if (!isHarmlessJson(key)) {
      config.unknownKeys.push_back(key);
    }
  }
}

} // namespace

void checkKeys(ConfigReader &reader, checkpoint::Format format, const Family &family,
               ModelConfig &config) {
  if (format == checkpoint::Format::Gguf)
    return checkGgufKeys(reader, std::string(family.ggufName), config);
  checkJsonKeys(reader, std::string(family.huggingFaceName), config);
}

} // namespace tern::architecture
