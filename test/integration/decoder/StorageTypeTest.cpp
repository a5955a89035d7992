// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled models in every storage type against the interpreter on the same file.
#include "test/integration/decoder/ReferenceLogits.h"

#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>

#include <unistd.h>

namespace tern::test {
namespace {

class StorageType : public testing::TestWithParam<const char *> {
protected:
  /// MODEL.TYPE is a GGUF file, else a Hugging Face directory.
  std::string name = GetParam();
  bool isFile = name.find('.') != name.npos;
  std::string path = isFile ? TERN_TINY_GGUF "/" + name + ".gguf" : Golden(name).model();
  std::vector<int32_t> prompt = Golden(isFile ? "llama-llama3" : name).prompt(2);
  Logits exact = referenceLogits(path, false, "f32", prompt);
};

TEST_P(StorageType, ComputesExactlyInF32) {
  // Both compute the same real function of the same weights; f32 sums of up to 128 terms in two
  // layers lose 1e-6 of the largest logit (f32_error of the goldens), 10 times that is a mistake.
  const CompiledModel &model = CompiledModel::get(path, "--numerics=exact");
  EXPECT_LE(distance(model.logits(prompt), exact).relative(), 1e-5);
}

// The same roundings of almost the same numbers: to what f32 sums lose, but for numbers by a
// boundary that round the other way. Two tokens see all that is rounded: activations, keys and
// values.
TEST_P(StorageType, RoundsWhereTheReferenceDoes) {
  for (std::string cacheType : {"f32", "f16", "bf16"}) {
    const CompiledModel &model =
        CompiledModel::get(path, "--numerics=fast --cache-type=" + cacheType);
    for (size_t i = 0; i < 12; i += 2) {
      std::vector<int32_t> text = {prompt[i], prompt[i + 1]};
      EXPECT_TRUE(agreesButForTies(path, cacheType, text, model.logits(text), 1e-5))
          << "tokens " << i << " and " << i + 1 << ", cache in " << cacheType;
    }
  }
}

// A row feels the numbers of all rows before it that rounded the other way, as a part of what the
// roundings move it by. Where that is so of the first rows all later ones are moved, so the text
// begins with two tokens whose numbers all round alike.
TEST_P(StorageType, StaysNearTheReferenceInLongTexts) {
  for (std::string cacheType : {"f32", "f16", "bf16"}) {
    const CompiledModel &model =
        CompiledModel::get(path, "--numerics=fast --cache-type=" + cacheType);
    std::vector<int32_t> text = prompt;
    auto beginsAlike = [&] {
      std::vector<int32_t> first(text.begin(), text.begin() + 2);
      Logits rounded = referenceLogits(path, true, cacheType, first);
      return distance(model.logits(first), rounded).relative() <= 1e-5;
    };
    constexpr size_t least = 20;
    while (text.size() >= least && !beginsAlike())
      text.erase(text.begin());
    ASSERT_GE(text.size(), least);
    Logits rounded = referenceLogits(path, true, cacheType, text);
    Distance moved = distance(rounded, referenceLogits(path, false, "f32", text));
    EXPECT_LE(distance(model.logits(text), rounded).rms, moved.rms / 2 + 1e-6 * moved.scale)
        << "cache in " << cacheType;
  }
}

class GpuRoundings : public StorageType {};

// A GPU rounds activations to bf16 where a CPU takes blocks. What the compiler wrote for a GPU up
// to its kernels runs on a CPU, too. Small numbers of a row lie near a boundary of bf16 often, so
// of two tokens some round alike, to what f32 sums lose, and others are moved by a part of what all
// roundings move them by.
TEST_P(GpuRoundings, AreThoseOfTheReference) {
  std::string module = testing::TempDir() + name + "." + std::to_string(getpid()) + ".mlir";
  std::string command = "'" TERN_COMPILE "' '" + path +
                        "' --target=sm_80 --compile-to=normalise --cache-type=f16 -o '" + module +
                        "'";
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
  CompiledModel model(module, "--compile-from=normalise --weights='" + path + "'", 1, path);
  std::remove(module.c_str());
  int alike = 0;
  for (size_t i = 0; i < 12; i += 2) {
    std::vector<int32_t> text = {prompt[i], prompt[i + 1]};
    Logits rounded = referenceLogits(path, true, "f16", text, Spelling::Composite, "sm_80");
    Distance moved = distance(rounded, referenceLogits(path, false, "f32", text));
    Distance found = distance(model.logits(text), rounded);
    EXPECT_GT(moved.relative(), 1e-4);
    EXPECT_LE(found.rms, moved.rms / 2 + 1e-6 * moved.scale) << "tokens " << i << " and " << i + 1;
    alike += found.relative() <= 1e-5;
  }
  EXPECT_GE(alike, 1);
}

class Emulated : public StorageType {
protected:
  static constexpr size_t tokens = 8, pairs = 3;
  std::vector<int32_t> pair(size_t i) const { return {prompt[2 * i], prompt[2 * i + 1]}; }

  const CompiledModel &onGpu(const std::string &cacheType) const {
    return CompiledModel::get(path, "--target=sm_80 --max-context=128 --cache-type=" + cacheType, 2,
                              "emulator");
  }
  Logits rounded(const std::string &cacheType, const std::vector<int32_t> &text) const {
    return referenceLogits(path, true, cacheType, text, Spelling::Composite, "sm_80");
  }
};

// The same of a GPU's kernels. A token whose numbers all round alike
// agrees to what sums lose: those of f32, and of tensor cores, which cut. Another, of which some
// round the other way, lies as far from the exact result as the reference does, and so at most
// twice that from the reference. With Q5_0 and Q5_1 some number of these wide models always does:
// products of codes in bytes are cut before those of the offset are taken away, which leaves less.
TEST_P(Emulated, RoundsWhereTheReferenceDoes) {
  bool isCut = name == "llama.q5_0" || name == "llama.q5_1";
  int alike = 0;
  for (size_t i = 0; i < tokens; ++i) {
    std::vector<int32_t> text = {prompt[i]};
    Logits expected = rounded("f32", text);
    Distance moved = distance(expected, referenceLogits(path, false, "f32", text));
    Distance found = distance(onGpu("f32").logits(text), expected);
    EXPECT_LE(found.rms, 2 * moved.rms + 1e-6 * moved.scale) << "token " << i;
    alike += found.relative() <= 1e-5;
  }
  EXPECT_TRUE(alike > 0 || isCut);
}

// With a cache in 16 bits tensor cores take queries and shares in its type, too: those move the
// logits as keys and values do, beside the numbers that round the other way.
TEST_P(Emulated, RoundsQueriesAndSharesLikeTheCache) {
  for (size_t i = 0; i < pairs; ++i) {
    Logits expected = rounded("f16", pair(i));
    Distance moved = distance(expected, referenceLogits(path, false, "f32", pair(i)));
    Distance movedByCache = distance(expected, rounded("f32", pair(i)));
    Distance found = distance(onGpu("f16").logits(pair(i)), expected);
    EXPECT_LE(found.rms, moved.rms + movedByCache.rms) << "tokens of pair " << i;
  }
}

class StorageTypeKernels : public StorageType {};

TEST_P(StorageTypeKernels, ComeFromTheBestSchemasExactly) {
  EXPECT_EQ(remarksOf(path, "--numerics=exact"), "");
}

TEST_P(StorageTypeKernels, ComeFromTheBestSchemasWithRoundings) {
  EXPECT_EQ(remarksOf(path, "--numerics=fast --cache-type=f16"), "");
}

const auto types = testing::Values(
    "llama.f32", "llama.f16", "llama.bf16", "llama.q8_0", "llama.q4_0", "llama.q4_1", "llama.q5_0",
    "llama.q5_1", "llama.q2_k", "llama.q3_k", "llama.q4_k_m", "llama.q5_k", "llama.iq4_nl",
    "llama.iq4_xs", "llama.mxfp4", "llama-bf16.bf16", "llama-linear.f32", "llama-llama3.f32",
    "llama-yarn.f32", "llama-nf4-double", "llama-gptq", "llama-gptq-order", "llama-gptq-8bit");

std::string nameOf(const testing::TestParamInfo<const char *> &info) {
  std::string name = info.param;
  for (char &letter : name)
    letter = std::isalnum(static_cast<unsigned char>(letter)) ? letter : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Models, StorageType, types, nameOf);
INSTANTIATE_TEST_SUITE_P(Models, StorageTypeKernels, types, nameOf);

INSTANTIATE_TEST_SUITE_P(Models, Emulated, types, nameOf);
INSTANTIATE_TEST_SUITE_P(Models, GpuRoundings,
                         testing::Values("llama.q4_0", "llama.q5_1", "llama.iq4_nl",
                                         "llama-nf4-double", "llama-gptq"),
                         nameOf);

} // namespace
} // namespace tern::test
