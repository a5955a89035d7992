// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// No schedule changes a bit of the logits, and nothing outside the inputs a byte of the artefact.
#include "test/integration/decoder/Golden.h"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace tern::test {
namespace {

struct Case {
  std::string model; ///< a folder of test/data/models, or a GGUF file of the build
  std::string numerics;
};

std::string path(const Case &given) {
  return given.model.ends_with(".gguf") ? TERN_TINY_GGUF "/" + given.model
                                        : TERN_TEST_DATA "/models/" + given.model;
}

/// Tokens that every tiny model knows, without a period.
std::vector<int32_t> tokens(int count, uint32_t seed) {
  std::vector<int32_t> result;
  for (int i = 0; i < count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    result.push_back(int32_t((seed >> 16) % 160));
  }
  return result;
}

class SameBits : public testing::TestWithParam<Case> {
protected:
  std::string model = path(GetParam()), flags = "--numerics=" + GetParam().numerics;
  const CompiledModel &compiled = CompiledModel::get(model, flags);
  // Dynamic scaling: beyond 32 tokens the base depends on what is fed at once, as it must.
  bool isDynamic = GetParam().model == "llama-dynamic";
  // More than a cache block of 64 where the model is long enough.
  std::vector<int32_t> prompt = tokens(isDynamic ? 32 : 83, 1);
  Logits expected = compiled.logits(prompt);
};

TEST_P(SameBits, ForAnyNumberOfThreads) {
  for (int32_t threads : {2, 3})
    EXPECT_TRUE(isSame(CompiledModel::get(model, flags, threads).logits(prompt), expected))
        << threads << " threads";
}

TEST_P(SameBits, ForAnyChunk) {
  for (int64_t rows : {1, 2, 3, 7, 16, 64})
    EXPECT_TRUE(isSame(compiled.logits(prompt, {.chunkRows = rows}), expected))
        << "chunks of " << rows;
}

TEST_P(SameBits, TokenByToken) {
  EXPECT_TRUE(isSame(compiled.logits(prompt, {.isTokenByToken = true}), expected));
}

TEST_P(SameBits, BesideAnyNeighbours) {
  std::vector<int32_t> first = tokens(5, 2), other = tokens(23, 3);
  // A neighbour that ended, one that is decoded, one that is read at the same time.
  std::vector<CompiledModel::Feed> feeds = {
      {{0, first}}, {{0, {7}}, {2, prompt}, {3, other}}, {{0, {8}}, {3, {9}}}};
  for (int64_t rows : {0, 5, 16}) {
    std::vector<Logits> found = compiled.logitsOfBatches(4, feeds, rows);
    EXPECT_TRUE(isSame(found[2], expected)) << "chunks of " << rows;
    first.resize(5);
    first.insert(first.end(), {7, 8});
    EXPECT_TRUE(isSame(found[0], compiled.logits(first))) << "chunks of " << rows;
  }
}

TEST_P(SameBits, InASequenceThatIsUsedAgain) {
  Session session = compiled.newSession();
  int32_t sequence = session.begin();
  session.feed(sequence, tokens(isDynamic ? 20 : 90, 4));
  check(tern_session_reset(session.get(), sequence));
  session.feed(sequence, prompt);
  const float *last = session.logits(sequence);
  EXPECT_TRUE(isSame({std::vector<float>(last, last + compiled.vocabulary())}, {expected.back()}));
}

std::string bytes(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST_P(SameBits, OfTheArtefact) {
  std::string first = bytes(compile(model, flags));
  ASSERT_FALSE(first.empty());
  EXPECT_TRUE(first == bytes(compile(model, flags)));
}

INSTANTIATE_TEST_SUITE_P(
    Models, SameBits,
    testing::Values(Case{"llama.f32.gguf", "exact"}, Case{"llama.f16.gguf", "exact"},
                    Case{"llama.bf16.gguf", "exact"}, Case{"llama.q8_0.gguf", "exact"},
                    Case{"llama.q4_0.gguf", "exact"}, Case{"llama.q4_1.gguf", "exact"},
                    Case{"llama.f16.gguf", "fast"}, Case{"llama.bf16.gguf", "fast"},
                    Case{"llama.q8_0.gguf", "fast"}, Case{"llama.q4_0.gguf", "fast"},
                    Case{"llama.q4_1.gguf", "fast"}, Case{"llama-dynamic", "exact"},
                    Case{"llama-yarn", "fast"}, Case{"extra-mamba", "exact"}),
    [](const auto &info) {
      std::string name = info.param.model + "_" + info.param.numerics;
      for (char &letter : name)
        letter = std::isalnum(static_cast<unsigned char>(letter)) ? letter : '_';
      return name;
    });

} // namespace
} // namespace tern::test
