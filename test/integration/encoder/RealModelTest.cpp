// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// all-MiniLM-L6-v2 against its results in f64, and its tokenizer: the directory and the GGUF file.
#include "test/integration/encoder/Encoders.h"
#include "tools/generate/ModelTokenizer.h"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tern::test {
namespace {

const std::string kModel = TERN_MODELS "/minilm", kFolder = TERN_TEST_DATA "/real/minilm/";

std::string readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

nlohmann::json readJson(const std::string &name) {
  return nlohmann::json::parse(readFile(kFolder + name));
}

class RealEncoder : public testing::Test {
protected:
  nlohmann::json sentences = readJson("sentences.json")["sentences"];

  Logits embeddings() const {
    CompiledEncoder model = compiledEncoder(kModel, "--numerics=exact");
    Logits rows;
    for (const nlohmann::json &sentence : sentences) {
      auto ids = sentence["ids"].get<std::vector<int32_t>>();
      rows.push_back(rowsOf(model.encode(ids, {}, /*wantsLogits=*/false).embedding)[0]);
    }
    return rows;
  }
};

double cosine(const std::vector<float> &a, const std::vector<float> &b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i)
    sum += double(a[i]) * double(b[i]);
  return sum;
}

TEST_F(RealEncoder, EmbedsSentences) {
  Logits expected = rowsOf(command::readNpy(kFolder + "embeddings.npy")), found = embeddings();
  EXPECT_LE(distance(found, expected).largest, 1e-5);
  for (size_t a = 0; a < found.size(); ++a)
    for (size_t b = 0; b < a; ++b)
      EXPECT_NEAR(cosine(found[a], found[b]), cosine(expected[a], expected[b]), 1e-5) << a << b;
}

TEST_F(RealEncoder, GivesTheSameBitsFromGguf) {
  CompiledEncoder one = compiledEncoder(kModel, "--numerics=exact"),
                  other = compiledEncoder(TERN_MINILM_GGUF, "--numerics=exact");
  for (const nlohmann::json &sentence : sentences) {
    auto ids = sentence["ids"].get<std::vector<int32_t>>();
    generate::Encoding expected = one.encode(ids, {}, false), found = other.encode(ids, {}, false);
    EXPECT_TRUE(isSame(rowsOf(found.hidden), rowsOf(expected.hidden))) << sentence;
    EXPECT_TRUE(isSame(rowsOf(found.embedding), rowsOf(expected.embedding))) << sentence;
  }
}

class RealTokenizer : public RealEncoder, public testing::WithParamInterface<const char *> {};

TEST_P(RealTokenizer, ReadsText) {
  auto checkpoint = checkpoint::Checkpoint::open(GetParam());
  ASSERT_TRUE(checkpoint) << checkpoint.error().message;
  auto tokenizer = generate::readTokenizer(*checkpoint);
  ASSERT_TRUE(tokenizer);
  for (const nlohmann::json &entry : readJson("tokens.json")["strings"]) {
    auto text = entry["text"].get<std::string>();
    EXPECT_EQ(*tokenizer->encode(text, true, text::Bos::No),
              entry["ids"].get<std::vector<uint32_t>>())
        << text;
  }
  constexpr size_t longest = 256; // the last sentence was cut there, before its end token
  for (const nlohmann::json &sentence : sentences) {
    std::vector<uint32_t> ids = *tokenizer->encode(sentence["text"].get<std::string>());
    if (ids.size() > longest)
      ids.erase(ids.begin() + longest - 1, ids.end() - 1);
    EXPECT_EQ(ids, sentence["ids"].get<std::vector<uint32_t>>()) << sentence["text"];
  }
}

INSTANTIATE_TEST_SUITE_P(Files, RealTokenizer,
                         testing::Values(TERN_MODELS "/minilm", TERN_MINILM_GGUF));

} // namespace
} // namespace tern::test
