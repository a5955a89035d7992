// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Models whose weights --quantize=gptq and awq wrote, against the same models as they were.
#include "frontend/architecture/Architecture.h"
#include "test/integration/decoder/ReferenceLogits.h"
#include "test/integration/encoder/Encoders.h"
#include "tools/generate/ModelTokenizer.h"
#include "tools/tern-compile/Calibration.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

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
  explicit TextModel(const std::string &name) : folder("text-" + name) {
    fs::remove_all(folder);
    fs::copy(TERN_TEST_DATA "/models/" + name, folder);
    for (const char *file : {"tokenizer.json", "tokenizer_config.json"})
      fs::copy(fs::path(TERN_TINY_GGUF) / "../llama-text" / file, folder);
    editTokenizer(name);
    writeText();
    if (name == "extra-mamba")
      widenSteps();
    enlargeChannels(name == "extra-mamba" ? 1 : name == "extra-t5" ? 4 : 16);
    auto words = generate::readTokenizer(*checkpoint::Checkpoint::open(folder));
    auto ids = words->encode(kOtherText);
    tokens.assign(ids->begin(), ids->end());
    expected = logitsOf(folder);
  }
  ~TextModel() { fs::remove_all(folder); }
  TextModel(const TextModel &) = delete;

  const std::string &path() const { return folder; }
  std::string text() const { return folder + "/text.txt"; }

  std::string write(const std::string &method, bool isCalibrated) const {
    std::string words = isCalibrated ? " --quantize-calibrate=" + text() : "";
    return compile(folder, "--emit=checkpoint --quantize=" + method + words + " 2> /dev/null");
  }

  /// How far what the quantised model computes lies from what the model does: of half of the rows.
  /// Where a rounding sends a token to another expert its row is another one.
  double errorOf(const std::string &method, bool isCalibrated) const {
    Logits found = logitsOf(write(method, isCalibrated));
    std::vector<double> errors;
    for (size_t row = 0; row < expected.size(); ++row)
      errors.push_back(distance({found[row]}, {expected[row]}).rms);
    auto middle = errors.begin() + std::ptrdiff_t(errors.size() / 2);
    std::ranges::nth_element(errors, middle);
    return *middle;
  }

private:
  /// Small vocabularies hold a token for each byte alone; an encoder's texts have tokens around
  /// them.
  void editTokenizer(const std::string &name) const {
    const std::string path = folder + "/tokenizer.json";
    nlohmann::json tokenizer = nlohmann::json::parse(std::ifstream(path));
    if (name == "extra-mamba" || name == "extra-t5")
      tokenizer["model"]["merges"] = nlohmann::json::array();
    if (name == "bert") {
      auto special = [](int id, const char *content) {
        return nlohmann::json{{"id", id},        {"content", content}, {"single_word", false},
                              {"lstrip", false}, {"rstrip", false},    {"normalized", false},
                              {"special", true}};
      };
      tokenizer["added_tokens"].push_back(special(266, "[CLS]"));
      tokenizer["added_tokens"].push_back(special(267, "[SEP]"));
      tokenizer["post_processor"] = {
          {"type", "BertProcessing"}, {"cls", {"[CLS]", 266}}, {"sep", {"[SEP]", 267}}};
    }
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

  /// Mamba's step sizes as a map of 8 numbers, half of them 0, in place of 4: with these widths
  /// codes of 4 bits fill words.
  void widenSteps() const {
    constexpr int64_t rank = 4, wide = 8;
    std::vector<checkpoint::SafetensorsEntry> entries;
    std::string data;
    auto model = checkpoint::Checkpoint::open(folder);
    for (const checkpoint::Tensor &tensor : model->tensors()) {
      checkpoint::SafetensorsEntry entry{tensor.name, tensor.typeName, tensor.shape, tensor.bytes};
      const char *bytes = reinterpret_cast<const char *>(tensor.data);
      bool isSelect = tensor.name.ends_with("x_proj.weight");
      bool isStep = tensor.name.ends_with("dt_proj.weight");
      auto row = size_t(tensor.shape.back()) * sizeof(float);
      for (size_t at = 0; at < tensor.bytes; at += row) {
        if (isSelect && at == rank * row)
          data.append((wide - rank) * row, 0);
        data.append(bytes + at, row);
        if (isStep)
          data.append((wide - rank) * sizeof(float), 0);
      }
      if (isSelect || isStep)
        entry.shape[isStep] += wide - rank;
      entry.bytes = uint64_t(entry.shape[0]) * (tensor.bytes / uint64_t(tensor.shape[0]));
      if (isStep)
        entry.bytes = uint64_t(entry.shape[0] * wide) * sizeof(float);
      entries.push_back(entry);
    }
    std::ofstream(folder + "/model.safetensors") << checkpoint::safetensorsHead(entries) << data;
    nlohmann::json config = *model->config();
    config["time_step_rank"] = wide;
    std::ofstream(folder + "/config.json") << config;
  }

  /// Gives each norm some channels that are much larger than the rest, as trained models have. As
  /// scores of T5 have no scale, they grow with the square; a state of Mamba that keeps large
  /// numbers makes all roundings as large.
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

  /// Of an encoder the rows of all layers, of an encoder and decoder the logits of both reading the
  /// text.
  Logits logitsOf(const std::string &model) const {
    auto config = architecture::readModelConfig(*checkpoint::Checkpoint::open(model));
    if (config->encoder)
      return rowsOf(referenceEncoding(model, tokens).hidden);
    if (!config->encoderDecoder)
      return referenceLogits(model, false, "f32", tokens);
    generate::EncoderDecoder pair(referenceFunctions(model),
                                  int32_t(config->encoderDecoder->start));
    Logits rows;
    for (int part = 0; part < 2; ++part) {
      generate::Entry entry{.sequence = 0, .tokens = tokens, .wantsAllLogits = true};
      auto keep = [&](int32_t, std::span<const float> row) {
        rows.emplace_back(row.begin(), row.end());
      };
      if (auto failure = pair.feed({&entry, 1}, keep))
        throw std::runtime_error(*failure);
    }
    return rows;
  }

  std::string folder;
  std::vector<int32_t> tokens;
  Logits expected;
};

/// Llama: grouped queries, no bias. OPT: a value head a query head, biases, a norm that shifts,
/// relu. Qwen2: biases of queries, keys and values. GPT-2: weights [in, out]. Mixtral: experts;
/// Qwen2-MoE: one of them shared. BERT: sequences on their own. T5: two programs.
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

TEST(Mamba, ComputesCloserThanTheNearestNumbers) {
  TextModel model("extra-mamba");
  EXPECT_LT(model.errorOf("gptq-4-g32", true), model.errorOf("rtn-4-g32", false));
  EXPECT_LT(model.errorOf("gptq-8-g32", true), model.errorOf("rtn-8-g32", false));
  EXPECT_LT(model.errorOf("awq-g32", true), model.errorOf("rtn-4-g32-asym", false));
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

INSTANTIATE_TEST_SUITE_P(Models, Calibrated,
                         testing::Values("llama", "opt", "qwen2", "gpt2", "mixtral", "qwen2_moe",
                                         "bert", "extra-t5"),
                         [](const auto &info) {
                           std::string name = info.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

//===- What each product sees ---------------------------------------------===//

using quantise::Matrix;

/// What a calibration gives, by the weights' names.
std::map<std::string, Matrix> inputsOf(const std::string &model, const std::string &text) {
  generate::ModelFile file = generate::ModelFile::open(model);
  std::map<std::string, Matrix> inputs;
  Calibration calibration(file, text);
  calibration.run([&](LinearMap map, const Matrix &rows) -> std::optional<Matrix> {
    inputs[map.weight.getName().str()] = rows;
    return std::nullopt;
  });
  return inputs;
}

/// The two experts of the largest scores.
std::pair<int64_t, int64_t> twoBest(const quantise::Row &scores) {
  Eigen::Index first, second;
  scores.maxCoeff(&first);
  quantise::Row rest = scores;
  rest[first] = -INFINITY;
  rest.maxCoeff(&second);
  return std::minmax<int64_t>(first, second);
}

// The formula of Mixtral's block in this test's own terms. Products are in f32.
TEST(Experts, SeeTheRowsThatTheirRouterSends) {
  TextModel model("mixtral");
  auto inputs = inputsOf(model.path(), model.text());
  auto checkpoint = checkpoint::Checkpoint::open(model.path());
  auto numbers = [&](const std::string &name) { return numbersOfTensor(*checkpoint->find(name)); };
  const std::string block = "model.layers.1.block_sparse_moe.";
  Matrix router = numbers(block + "gate.weight");
  int64_t tokens = inputs.at("model.layers.1.self_attn.q_proj.weight").rows(), rows = 0;
  for (int64_t expert = 0; expert < 4; ++expert) {
    const std::string name = block + "experts." + std::to_string(expert) + ".";
    const Matrix &x = inputs.at(name + "w1.weight");
    ASSERT_GT(x.rows(), 0);
    rows += x.rows();
    for (int64_t i = 0; i < x.rows(); ++i) {
      auto [first, second] = twoBest(x.row(i) * router.transpose());
      EXPECT_TRUE(expert == first || expert == second) << "row " << i << " of " << expert;
    }
    EXPECT_EQ(inputs.at(name + "w3.weight"), x);
    Matrix gate = x * numbers(name + "w1.weight").transpose();
    Matrix up = x * numbers(name + "w3.weight").transpose();
    Matrix hidden = gate.array() / (1 + (-gate.array()).exp()) * up.array();
    double error = (inputs.at(name + "w2.weight") - hidden).cwiseAbs().maxCoeff();
    EXPECT_LE(error, 1e-5 * hidden.cwiseAbs().maxCoeff());
  }
  EXPECT_EQ(rows, 2 * tokens);
}

// Two tokens can't choose all experts of both layers in this model.
TEST(Experts, ThatNoTokenChoosesAreRoundedToTheNearest) {
  TextModel model("qwen2_moe");
  std::ofstream(model.text()) << "ab";
  std::map<std::string, int64_t> seen;
  for (auto &[name, rows] : inputsOf(model.path(), model.text()))
    seen[name] = rows.rows();
  auto nearest = checkpoint::Checkpoint::open(model.write("rtn-4-g32", false));
  auto fedBack = checkpoint::Checkpoint::open(model.write("gptq-4-g32", true));
  auto unseen = fedBack->config()->at("quantization_config").at("meta").at("rounded_to_nearest");
  std::set<std::string> expected, found = unseen;
  for (auto &[name, rows] : seen) {
    const std::string module = name.substr(0, name.rfind(".weight"));
    if (rows == 0)
      expected.insert(module);
    for (const char *part : {".qweight", ".scales"}) {
      auto bytesOf = [&](const checkpoint::Checkpoint &model) {
        const checkpoint::Tensor &tensor = *model.find(module + part);
        return std::vector(tensor.data, tensor.data + tensor.bytes);
      };
      if (rows == 0)
        EXPECT_EQ(bytesOf(*fedBack), bytesOf(*nearest)) << module << part;
    }
  }
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(found, expected);
}

// A hidden state is what the next layer's queries are made of.
TEST(Encoders, SeeEachSequenceAmongTheTokensThatTheirTextsHaveAroundThem) {
  TextModel model("bert");
  auto words = generate::readTokenizer(*checkpoint::Checkpoint::open(model.path()));
  std::stringstream text;
  text << std::ifstream(model.text()).rdbuf();
  auto ids = *words->encode(text.str(), false, text::Bos::No);
  constexpr size_t window = 128, around = 2;
  std::vector<Logits> states(2);
  for (size_t first = 0; first < std::min(ids.size(), 64 * (window - around));
       first += window - around) {
    std::vector<int32_t> tokens{266};
    tokens.insert(tokens.end(), ids.begin() + first,
                  ids.begin() + std::min(first + window - around, ids.size()));
    tokens.push_back(267);
    Logits hidden = rowsOf(referenceEncoding(model.path(), tokens).hidden);
    for (size_t state = 0; state < 2; ++state)
      states[state].insert(states[state].end(), hidden.begin() + state * tokens.size(),
                           hidden.begin() + (state + 1) * tokens.size());
  }
  auto inputs = inputsOf(model.path(), model.text());
  for (size_t state = 0; state < 2; ++state) {
    const Matrix &rows =
        inputs.at("bert.encoder.layer." + std::to_string(state) + ".attention.self.query.weight");
    Logits found;
    for (int64_t i = 0; i < rows.rows(); ++i)
      found.emplace_back(rows.row(i).begin(), rows.row(i).end());
    EXPECT_LE(distance(found, states[state]).relative(), 1e-5) << state;
  }
}

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
    if (!LinearMap(group.maps.front()).weight.getName().starts_with(scope))
      continue;
    for (LinearMap map : group.maps)
      add(map.weight.getName().drop_back(7));
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

TEST(LinearGroups, OfMambaAreScaledByTheirNorm) {
  EXPECT_EQ(groupsOf("extra-mamba", "backbone.layers.1."),
            (Groups{"mixer.in_proj <- norm.weight", "mixer.x_proj <-", "mixer.dt_proj <-",
                    "mixer.out_proj <-"}));
}

// The router sees what they do, and each expert's hidden numbers are its own.
TEST(LinearGroups, OfExpertsAreScaledByTheirOwnUpProjections) {
  auto groups = groupsOf("mixtral", "model.layers.1.block_sparse_moe.experts.");
  for (int expert = 0; expert < 4; ++expert) {
    std::string own = std::to_string(expert) + ".";
    EXPECT_EQ(std::ranges::count(groups, own + "w1 " + own + "w3 <-"), 1);
    EXPECT_EQ(std::ranges::count(groups, own + "w2 <- " + own + "w3.weight"), 1);
  }
  EXPECT_EQ(groups.size(), 8u);
}

// The router sees the inputs of the shared expert.
TEST(LinearGroups, ThatOthersSeeAreNotScaled) {
  for (const std::string &group : groupsOf("qwen2_moe", "model.layers.1.mlp."))
    if (group.find("gate_proj") != std::string::npos)
      EXPECT_TRUE(group.ends_with("<-")) << group;
}

} // namespace
} // namespace tern::test
