// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Mamba: layers of a convolution and a selective state space, no attention, no positions (Gu and
// Dao 2023, arXiv:2312.00752). Falcon Mamba (arXiv:2410.05355) normalises what each row selects.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

using checkpoint::StateSpaceConfig;

/// A sequence may be as long as one likes, and the state is as large for all; GGUF files of the
/// family say so much.
constexpr int64_t kUsualContext = 1 << 20;

constexpr checkpoint::Range kChannelRange{1, 1 << 20};
constexpr checkpoint::Range kStateRange{1, 1 << 10};
constexpr checkpoint::Range kKernelRange{2, 1 << 6};

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  config.vocabulary = reader.integer("vocab_size", checkpoint::kSizeRange);
  config.width = reader.integer("hidden_size", checkpoint::kSizeRange);
  config.layers = reader.integer("num_hidden_layers", checkpoint::kLayerRange);
  config.epsilon = reader.positive("layer_norm_epsilon", 1e-5);
  config.contextLength = kUsualContext;
  StateSpaceConfig &space = config.stateSpace.emplace();
  int64_t expanded = reader.integer("expand", {1, 64}, 2) * config.width;
  space.width = reader.integer("intermediate_size", kChannelRange, expanded);
  if (space.width > kChannelRange.most)
    reader.reject("hidden_size",
                  "at most " + checkpoint::toText(kChannelRange.most) + " channels of a layer",
                  checkpoint::toText(space.width));
  space.states = reader.integer("state_size", kStateRange, 16);
  space.kernel = reader.integer("conv_kernel", kKernelRange, 4);
  bool isAuto = reader.isText("time_step_rank") && reader.text("time_step_rank") == "auto";
  int64_t usualRank = (config.width + 15) / 16;
  space.stepRank =
      isAuto ? usualRank : reader.integer("time_step_rank", checkpoint::kSizeRange, usualRank);
  space.convolutionShape = {space.width, 1, space.kernel};
  space.hasConvolutionBias = reader.boolean("use_conv_bias", true);
  space.hasBias = reader.boolean("use_bias", false);
  space.isRateLogarithm = true;
  config.activation = readActivation(reader, "hidden_act", "silu");
  if (config.activation != checkpoint::Activation::Silu)
    reader.reject("hidden_act", "silu, which gates have in any case");
  config.tiedEmbeddings = reader.boolean("tie_word_embeddings", true);
  // How weights were begun, how they are computed elsewhere, and what is rounded there.
  reader.ignore({"rescale_prenorm_residual", "residual_in_fp32", "time_step_floor",
                 "time_step_init_scheme", "time_step_max", "time_step_min", "time_step_scale",
                 "use_associative_scan", "use_falcon_mambapy", "use_mambapy"});
  const std::string layer = "backbone.layers.{}.", mixer = layer + "mixer.";
  config.names.embedding = "backbone.embeddings";
  config.names.finalNorm = "backbone.norm_f";
  config.names.head = "lm_head";
  config.names.attentionNorm = layer + "norm";
  config.names.stateIn = mixer + "in_proj";
  config.names.convolution = mixer + "conv1d";
  config.names.stateSelect = mixer + "x_proj";
  config.names.stateStep = mixer + "dt_proj";
  config.names.stateRate = mixer + "A_log";
  config.names.stateSkip = mixer + "D";
  config.names.stateOut = mixer + "out_proj";
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

static ModelConfig readFalcon(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readHuggingFace(reader, checkpoint);
  config.stateSpace->epsilon = reader.positive("mixer_rms_eps", 1e-6);
  return config;
}

static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  config.vocabulary = readGgufVocabulary(reader, checkpoint, "mamba");
  config.width = reader.integer("mamba.embedding_length", checkpoint::kSizeRange);
  config.layers = reader.integer("mamba.block_count", checkpoint::kLayerRange);
  config.epsilon = reader.positive("mamba.attention.layer_norm_rms_epsilon");
  config.contextLength =
      reader.integer("mamba.context_length", checkpoint::kContextRange, kUsualContext);
  StateSpaceConfig &space = config.stateSpace.emplace();
  space.width = reader.integer("mamba.ssm.inner_size", kChannelRange);
  space.states = reader.integer("mamba.ssm.state_size", kStateRange);
  space.kernel = reader.integer("mamba.ssm.conv_kernel", kKernelRange);
  space.stepRank = reader.integer("mamba.ssm.time_step_rank", checkpoint::kSizeRange);
  if (reader.boolean("mamba.ssm.dt_b_c_rms", false)) // Falcon Mamba, by the epsilon of all norms
    space.epsilon = config.epsilon;
  space.convolutionShape = {space.width, space.kernel};
  reader.ignore({"mamba.attention.head_count", "mamba.feed_forward_length"}); // 0: there are none
  config.tiedEmbeddings = !checkpoint.find("output.weight");
  config.names.embedding = "token_embd";
  config.names.finalNorm = "output_norm";
  config.names.head = "output";
  config.names.attentionNorm = "blk.{}.attn_norm";
  config.names.stateIn = "blk.{}.ssm_in";
  config.names.convolution = "blk.{}.ssm_conv1d";
  config.names.stateSelect = "blk.{}.ssm_x";
  config.names.stateStep = "blk.{}.ssm_dt";
  config.names.stateRate = "blk.{}.ssm_a";
  config.names.stateSkip = "blk.{}.ssm_d";
  config.names.stateOut = "blk.{}.ssm_out";
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

const Family kMamba{"mamba", "mamba", readHuggingFace, readGguf};
const Family kFalconMamba{"falcon_mamba", "", readFalcon, nullptr};

} // namespace tern::architecture
