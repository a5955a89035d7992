// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Models whose weights --quantize=gptq and awq wrote, against the same models as they were.
#include "frontend/architecture/Architecture.h"
#include "test/integration/decoder/ReferenceLogits.h"
#include "tools/generate/ModelTokenizer.h"
#include "tools/tern-compile/LinearGroups.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tern::test {
namespace {

namespace fs = std::filesystem;

/// What no model is calibrated with. Random tokens would not do: their activations are others.
constexpr const char *kOtherText =
    "A model file is read as one expression of whole tensors. The cheapest equal one is found, cut "
    "into kernels and packed.";

/// A model of test/data beside a tokenizer of its vocabulary's size.
class TextModel {
public:
  /// Some channels are larger by `growth`.
  explicit TextModel(const std::string &name, float growth = 16) : folder("text-" + name) {
    fs::remove_all(folder);
    fs::copy(TERN_TEST_DATA "/models/" + name, folder);
    for (const char *file : {"tokenizer.json", "tokenizer_config.json"})
      fs::copy(fs::path(TERN_TINY_GGUF) / "../llama-text" / file, folder);
    if (name == "extra-mamba")
      dropMerges();
    writeText();
    enlargeChannels(growth);
    auto words = generate::readTokenizer(*checkpoint::Checkpoint::open(folder));
    auto ids = words->encode(kOtherText);
    tokens.assign(ids->begin(), ids->end());
    expected = logitsOf(folder);
  }
  ~TextModel() { fs::remove_all(folder); }
  TextModel(const TextModel &) = delete;

  /// How far the quantised model's logits lie from the model's.
  double errorOf(const std::string &method, bool isCalibrated) const {
    std::string text = isCalibrated ? " --quantize-calibrate=" + folder + "/text.txt" : "";
    return distance(logitsOf(compile(folder, "--emit=checkpoint --quantize=" + method + text +
                                                 " 2> /dev/null")),
                    expected)
        .rms;
  }

private:
  /// Leaves a token for each byte, which small vocabularies hold.
  void dropMerges() const {
    const std::string path = folder + "/tokenizer.json";
    nlohmann::json tokenizer = nlohmann::json::parse(std::ifstream(path));
    tokenizer["model"]["merges"] = nlohmann::json::array();
    std::ofstream(path) << tokenizer;
  }

  /// What the model is calibrated with, in bytes of ASCII.
  void writeText() const {
    std::ifstream file(TERN_TEST_DATA "/real/text.txt");
    std::ofstream text(folder + "/text.txt");
    for (char letter; file.get(letter);)
      if (static_cast<unsigned char>(letter) < 128)
        text << letter;
  }

  /// Gives each norm some channels that are much larger than the rest, as trained models have.
  void enlargeChannels(float growth) const {
    auto checkpoint = checkpoint::Checkpoint::open(folder);
    std::fstream file(folder + "/model.safetensors", std::ios::in | std::ios::out);
    for (const checkpoint::Tensor &tensor : checkpoint->tensors())
      if (tensor.shape.size() == 1 &&
          (tensor.name.find("norm") != std::string::npos ||
           tensor.name.find(".ln_") != std::string::npos) &&
          tensor.name.ends_with(".weight"))
        for (uint64_t at = 0; at < tensor.bytes; at += 13 * sizeof(float)) {
          float number;
          std::memcpy(&number, tensor.data + at, sizeof number);
          number *= growth;
          file.seekp(std::streamoff(tensor.offset + at));
          file.write(reinterpret_cast<const char *>(&number), sizeof number);
        }
  }

  Logits logitsOf(const std::string &model) const {
    return referenceLogits(model, false, "f32", tokens);
  }

  std::string folder;
  std::vector<int32_t> tokens;
  Logits expected;
};

/// Llama: grouped queries, no bias. OPT: a value head a query head, biases, a norm that shifts,
/// relu. Qwen2: biases of queries, keys and values. GPT-2: weights [in, out].
class Calibrated : public testing::TestWithParam<const char *> {};

TEST_P(Calibrated, GptqComputesCloserThanTheNearestNumbers) {
  TextModel model(GetParam());
  double nearest = model.errorOf("rtn-4-g32", false);
  EXPECT_LT(model.errorOf("gptq-4-g32", true), nearest);
  EXPECT_LT(model.errorOf("gptq-4-g32-act", true), nearest);
}

TEST_P(Calibrated, AwqComputesCloserThanTheNearestNumbers) {
  TextModel model(GetParam());
  EXPECT_LT(model.errorOf("awq-g32", true), model.errorOf("rtn-4-g32-asym", false));
}

TEST_P(Calibrated, EightBitsComputeCloser) {
  TextModel model(GetParam());
  EXPECT_LT(model.errorOf("gptq-8-g-1", true), model.errorOf("gptq-4-g32", true) / 4);
}

/// Some widths of this one fill no words with 4 bits. A state that keeps large numbers makes all
/// roundings as large.
TEST(Mamba, ComputesCloserThanTheNearestNumbers) {
  TextModel model("extra-mamba", 1);
  EXPECT_LT(model.errorOf("gptq-8-g32", true), model.errorOf("rtn-8-g32", false));
}

TEST(Binary, ComputesCloserWithErrorFeedback) {
  TextModel model("llama");
  for (std::string bits : {"binary2", "binary3", "binary4"})
    EXPECT_LT(model.errorOf(bits, true), 0.9 * model.errorOf(bits, false)) << bits;
}

TEST(HighImpact, ComputesCloserTheMoreWeightsHaveMoreBits) {
  TextModel model("llama");
  double few = model.errorOf("high_impact-g32-r5", true);
  double many = model.errorOf("high_impact-g32-r60", true);
  EXPECT_LT(many, few / 1.5);
}

INSTANTIATE_TEST_SUITE_P(Models, Calibrated, testing::Values("llama", "opt", "qwen2", "gpt2"),
                         [](const auto &info) { return std::string(info.param); });

//===- What weights share their inputs ------------------------------------===//

/// "weights <- makers" of each group of layer 1, without what their names share.
std::vector<std::string> groupsOf(const std::string &name, const std::string &scope) {
  auto checkpoint = checkpoint::Checkpoint::open(TERN_TEST_DATA "/models/" + name);
  auto config = architecture::readModelConfig(*checkpoint);
  mlir::MLIRContext context;
  auto module = architecture::importModel(&context, *checkpoint, *config,
                                          {.maxContext = 64, .cacheType = "f32"});
  std::vector<std::string> found;
  for (const LinearGroup &group : findLinearGroups(**module)) {
    std::string text;
    auto add = [&](llvm::StringRef tensor) {
      text += (text.empty() ? "" : " ") + tensor.drop_front(scope.size()).str();
    };
    if (!weightOf(group.products.front()).getName().starts_with(scope))
      continue;
    for (ContractOp product : group.products)
      add(weightOf(product).getName().drop_back(7));
    text += " <-";
    if (group.makers)
      for (const std::string &maker : *group.makers)
        add(maker);
    found.push_back(text);
  }
  return found;
}

using Groups = std::vector<std::string>;

TEST(LinearGroups, OfGroupedQueriesAreScaledByNormsAndTheUpProjection) {
  EXPECT_EQ(
      groupsOf("llama", "model.layers.1."),
      (Groups{"self_attn.q_proj self_attn.k_proj self_attn.v_proj <- input_layernorm.weight",
              "self_attn.o_proj <-", "mlp.gate_proj mlp.up_proj <- post_attention_layernorm.weight",
              "mlp.down_proj <- mlp.up_proj.weight"}));
}

TEST(LinearGroups, OfAsManyValueHeadsAreScaledByValues) {
  EXPECT_EQ(groupsOf("opt", "model.decoder.layers.1."),
            (Groups{"self_attn.q_proj self_attn.k_proj self_attn.v_proj <- "
                    "self_attn_layer_norm.weight self_attn_layer_norm.bias",
                    "self_attn.out_proj <- self_attn.v_proj.weight self_attn.v_proj.bias",
                    "fc1 <- final_layer_norm.weight final_layer_norm.bias",
                    "fc2 <- fc1.weight fc1.bias"}));
}

TEST(LinearGroups, OfNormsWithAnOffsetAreNotScaled) {
  EXPECT_EQ(groupsOf("gemma2", "model.layers.1."),
            (Groups{"self_attn.q_proj self_attn.k_proj self_attn.v_proj <-", "self_attn.o_proj <-",
                    "mlp.gate_proj mlp.up_proj <-", "mlp.down_proj <- mlp.up_proj.weight"}));
}

// The router sees the inputs of the shared expert.
TEST(LinearGroups, ThatOthersSeeAreNotScaled) {
  for (const std::string &group : groupsOf("qwen2_moe", "model.layers.1.mlp."))
    if (group.find("gate_proj") != std::string::npos)
      EXPECT_TRUE(group.ends_with("<-")) << group;
}

} // namespace
} // namespace tern::test
