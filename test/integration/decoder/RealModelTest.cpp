// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Real models against their results in f64. Gemma 3's terms are not open, so its tests run on
// request alone (tools/dev gemma), as those of a whole model on the emulator do (tools/dev
// emulate).
#include "test/integration/decoder/Golden.h"
#include "tools/generate/ModelTokenizer.h"

#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tern::test {
namespace {

/// A folder of test/data/real and of TERN_MODELS, and the model's file there.
struct Source {
  std::string folder, file;
};

/// The elements of a .npy file of a vector of f32.
std::vector<float> readVector(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  if (bytes.size() < 10 || !bytes.starts_with("\x93NUMPY\x01"))
    throw std::runtime_error(path + ": expected a .npy file of version 1");
  size_t start = 10 + uint8_t(bytes[8]) + 256 * uint8_t(bytes[9]);
  std::vector<float> values((bytes.size() - start) / sizeof(float));
  std::memcpy(values.data(), bytes.data() + start, values.size() * sizeof(float));
  return values;
}

/// Mean of -log softmax(logits)[next token], in nats.
class Loss {
public:
  void add(const float *logits, int64_t count, int32_t next) {
    double largest = logits[argmax(logits, count)], sum = 0;
    for (int64_t i = 0; i < count; ++i)
      sum += std::exp(logits[i] - largest);
    total += std::log(sum) + largest - logits[next];
    ++tokens;
  }
  double mean() const { return total / double(tokens); }

private:
  double total = 0;
  int64_t tokens = 0;
};

/// Of the first tokens of a text.
double meanLoss(const CompiledModel &model, std::span<const int32_t> text) {
  Session session = model.newSession();
  tern_feed_t feed{session.begin(), text.data(), int64_t(text.size()), TERN_LOGITS_ALL};
  Loss loss;
  session.feed({&feed, 1}, [&](int32_t, int64_t position, const float *logits) {
    if (size_t(position) + 1 < text.size())
      loss.add(logits, model.vocabulary(), text[size_t(position) + 1]);
  });
  return loss.mean();
}

/// A file of a folder of test/data/real.
nlohmann::json readResults(const std::string &file) {
  std::ifstream stream(TERN_TEST_DATA "/real/" + file);
  return nlohmann::json::parse(stream);
}

class RealModel : public testing::TestWithParam<Source> {
protected:
  std::string model = TERN_MODELS "/" + GetParam().folder + "/" + GetParam().file;
  std::string results = TERN_TEST_DATA "/real/" + GetParam().folder + "/";

  const CompiledModel &compiled(const std::string &numerics) const {
    return CompiledModel::get(model, "--numerics=" + numerics);
  }

  nlohmann::json readJson(const std::string &name) const {
    return readResults(GetParam().folder + "/" + name);
  }

  nlohmann::json prompts = readJson("prompts.json"), exact = readJson("exact.json");
  std::vector<int32_t> text = prompts["text_ids"];

  std::vector<int32_t> ids(size_t prompt) const {
    return prompts["prompts"][prompt]["ids"].get<std::vector<int32_t>>();
  }
};

TEST_P(RealModel, GivesTheLogitsOfPromptEnds) {
  const CompiledModel &model = compiled("exact");
  for (size_t i = 0; i < prompts["prompts"].size(); ++i) {
    std::string name = prompts["prompts"][i]["name"];
    ASSERT_EQ(exact["prompts"][i]["name"], name);
    Session session = model.newSession();
    int32_t sequence = session.begin();
    session.feed(sequence, ids(i));
    const float *logits = session.logits(sequence);
    for (const auto &[token, value] :
         exact["prompts"][i]["top"].get<std::vector<std::pair<int32_t, double>>>())
      EXPECT_NEAR(logits[token], value, 1e-3) << name << ", token " << token;
    if (name != "prose" && name != "code")
      continue;
    Logits expected = {readVector(results + "logits/exact-" + name + ".npy")};
    EXPECT_LE(distance({{logits, logits + model.vocabulary()}}, expected).largest, 1e-3) << name;
  }
}

TEST_P(RealModel, ChoosesTheGreedyTokens) {
  const CompiledModel &model = compiled("exact");
  for (size_t i = 0; i < prompts["prompts"].size(); ++i) {
    Session session = model.newSession();
    int32_t sequence = session.begin();
    session.feed(sequence, ids(i));
    auto greedy = exact["prompts"][i]["greedy"].get<std::vector<int32_t>>();
    auto margins = exact["prompts"][i]["margins"].get<std::vector<double>>();
    for (size_t step = 0; step < greedy.size(); ++step) {
      if (margins[step] >= 0.01)
        EXPECT_EQ(argmax(session.logits(sequence), model.vocabulary()), greedy[step])
            << exact["prompts"][i]["name"] << ", step " << step;
      session.feed(sequence, std::span(&greedy[step], 1));
    }
  }
}

TEST_P(RealModel, LosesOnTextWhatTheReferenceLoses) {
  EXPECT_NEAR(meanLoss(compiled("exact"), text), exact["text_mean_nll"].get<double>(), 1e-5);
}

TEST_P(RealModel, LosesLittleMoreWithFastNumerics) {
  EXPECT_NEAR(meanLoss(compiled("fast"), text), exact["text_mean_nll"].get<double>(), 0.015);
}

TEST_P(RealModel, TokenisesAsTheReferenceDoes) {
  auto checkpoint = checkpoint::Checkpoint::open(model);
  ASSERT_TRUE(checkpoint) << checkpoint.error().message;
  auto tokenizer = generate::readTokenizer(*checkpoint);
  ASSERT_TRUE(tokenizer);
  for (const nlohmann::json &row : readJson("tokens.json")["strings"]) {
    if (!row.contains("text")) // is no UTF-8
      continue;
    for (bool special : {false, true}) {
      std::vector<uint32_t> expected = row[special ? "ids_special" : "ids"];
      auto ids = tokenizer->encode(row["text"].get<std::string>(), special, text::Bos::No);
      ASSERT_TRUE(ids) << row;
      EXPECT_EQ(*ids, expected) << row;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, RealModel,
                         testing::Values(Source{"smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"},
                                         Source{"gemma3-270m", "gemma-3-270m-q4_k_m.gguf"}),
                         [](const auto &info) {
                           return info.param.folder == "smollm2" ? "SmolLM2" : "Gemma3";
                         });

/// SmolLM2, or its first layers, compiled for a GPU and run on the emulator, against the CPU.
class EmulatedModel : public testing::TestWithParam<const char *> {
protected:
  std::string path = GetParam();
  const CompiledModel &onCpu = CompiledModel::get(path, "--numerics=exact --max-context=128");
  nlohmann::json prompts = readResults("smollm2/prompts.json");

  const CompiledModel &emulated(const std::string &numerics) const {
    return CompiledModel::get(path, "--target=sm_80 --max-context=128 --numerics=" + numerics, 2,
                              "emulator");
  }
};

/// By how much the most likely of two or more tokens leads.
float margin(const float *logits, int64_t count) {
  std::vector<float> ordered(logits, logits + count);
  std::ranges::nth_element(ordered, ordered.begin() + 1, std::greater());
  return ordered[0] - ordered[1];
}

TEST_P(EmulatedModel, ChoosesTheGreedyTokens) {
  const CompiledModel &model = emulated("exact");
  std::vector<int32_t> ids = prompts["prompts"][0]["ids"];
  Session session = model.newSession(), expected = onCpu.newSession();
  int32_t sequence = session.begin(), other = expected.begin();
  for (int step = 0; step < 16; ++step) {
    session.feed(sequence, ids);
    expected.feed(other, ids);
    int32_t token = argmax(expected.logits(other), onCpu.vocabulary());
    if (margin(expected.logits(other), onCpu.vocabulary()) >= 0.01f)
      EXPECT_EQ(argmax(session.logits(sequence), model.vocabulary()), token) << "step " << step;
    ids = {token};
  }
}

TEST_P(EmulatedModel, LosesLittleMoreWithFastNumerics) {
  std::vector<int32_t> text = prompts["text_ids"];
  text.resize(64);
  EXPECT_NEAR(meanLoss(emulated("fast"), text), meanLoss(onCpu, text), 0.02);
}

INSTANTIATE_TEST_SUITE_P(FourLayers, EmulatedModel, testing::Values(TERN_SMOLLM2_OF_FOUR_LAYERS),
                         [](const auto &) { return "SmolLM2"; });
INSTANTIATE_TEST_SUITE_P(Whole, EmulatedModel,
                         testing::Values(TERN_MODELS "/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),
                         [](const auto &) { return "SmolLM2"; });

} // namespace
} // namespace tern::test
