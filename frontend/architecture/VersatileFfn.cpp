// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// VersatileFFN (arXiv 2512.14531, github.com/huawei-noah/noah-research): OLMo's blocks, of whose
// feed-forward part a token uses more or less depth and width.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

using checkpoint::kSizeRange;

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  readHuggingFaceSizes(reader, config,
                       {.width = "d_model",
                        .layers = "n_layers",
                        .heads = "n_heads",
                        .kvHeads = "n_kv_heads",
                        .ffnWidth = "mlp_hidden_size",
                        .context = "max_sequence_length",
                        .epsilon = "layer_norm_eps",
                        .usualEpsilon = 1e-5,
                        .usualFfnFactor = reader.integer("mlp_ratio", {1, 64}, 4)});
  config.versatile = checkpoint::VersatileConfig();
  // The file counts gate and up together.
  int64_t unit = 2 * config.versatile->parts;
  if (config.ffnWidth % unit != 0)
    reader.reject(reader.has("mlp_hidden_size") ? "mlp_hidden_size" : "d_model",
                  "a feed-forward width that is a multiple of " + checkpoint::toText(unit),
                  checkpoint::toText(config.ffnWidth));
  config.ffnWidth /= 2;
  // Rows of the embedding that no token has are tokens, too.
  config.vocabulary =
      reader.integer("embedding_size", {config.vocabulary, kSizeRange.most}, config.vocabulary);
  config.rotary = readHuggingFaceRotary(reader, config.headWidth, config.contextLength);
  // The repository's own configuration spells it in another way than its code.
  if (std::string type = reader.text("block_type", "versatile");
      type != "versatile" && type != "versatilevffn")
    reader.reject("block_type", "versatile");
  for (auto [key, known] :
       {std::pair("layer_norm_type", "rms"), std::pair("activation_type", "swiglu")})
    if (reader.text(key, known) != known)
      reader.reject(key, known);
  for (const char *key : {"alibi", "attention_layer_norm", "include_bias", "bias_for_layer_norm"})
    if (reader.boolean(key, false))
      reader.reject(key, "false");
  for (const char *key : {"rope", "layer_norm_with_affine"})
    if (!reader.boolean(key, true))
      reader.reject(key, "true");
  config.fusedRows = checkpoint::FusedRows::Concatenated;
  config.tiedEmbeddings = reader.boolean("weight_tying", true);
  const std::string block = "transformer.blocks.{}.";
  config.names.embedding = "transformer.wte";
  config.names.finalNorm = "transformer.ln_f";
  config.names.head = "transformer.ff_out";
  config.names.attentionNorm = block + "attn_norm";
  config.names.fused = block + "att_proj";
  config.names.attentionOut = block + "attn_out";
  config.names.ffnNorm = block + "ff_norm";
  config.names.fusedGateUp = block + "ff_proj";
  config.names.down = block + "ff_out";
  config.names.depthRouter = block + "depth_predictor";
  config.names.widthRouter = block + "expert_gate";
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

const Family kVersatileFfn{"versatileffn", "", readHuggingFace, nullptr};

} // namespace tern::architecture
