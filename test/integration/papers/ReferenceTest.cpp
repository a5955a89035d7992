// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The graph of each paper's layers against its formula, both in f64.
#include "frontend/checkpoint/Checkpoint.h"
#include "frontend/checkpoint/SafetensorsWriter.h"
#include "test/integration/decoder/Golden.h"
#include "test/integration/decoder/ReferenceLogits.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tern::test {
namespace {

/// The largest difference, of the largest magnitude that is expected.
double difference(const std::vector<double> &found, const std::vector<double> &expected) {
  EXPECT_EQ(found.size(), expected.size());
  double largest = 0, scale = 0;
  for (size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
    // A NaN stays.
    if (double distance = std::fabs(found[i] - expected[i]); !(distance <= largest))
      largest = distance;
    scale = std::max(scale, std::fabs(expected[i]));
  }
  return largest / scale;
}

class PaperReference : public testing::TestWithParam<std::tuple<const char *, Spelling>> {};

TEST_P(PaperReference, ComputesTheFormula) {
  auto [name, spelling] = GetParam();
  Golden golden(name);
  for (int prompt = 0; prompt < Golden::prompts; ++prompt)
    EXPECT_LE(difference(exactLogits(golden.model(), golden.prompt(prompt), spelling),
                         golden.exactLogits(prompt)),
              1e-10)
        << "prompt " << prompt;
}

const auto models = testing::Values(
    "tokenformer", "tokenformer-grown", "tokenformer-softmax", "tokenformer-gelu", "pela",
    "widenet", "parscale", "parscale-single", "versatileffn", "versatileffn-deep", "roast",
    "roast-tiles", "shiftaddllm", "shiftaddllm-lut", "high_impact", "moe_redundancy");

std::string nameOf(const testing::TestParamInfo<std::tuple<const char *, Spelling>> &info) {
  std::string name = std::get<0>(info.param);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Models, PaperReference,
                         testing::Combine(models, testing::Values(Spelling::Composite)), nameOf);
INSTANTIATE_TEST_SUITE_P(Primitives, PaperReference,
                         testing::Combine(models, testing::Values(Spelling::Primitive)), nameOf);

//===- Identities ---------------------------------------------------------===//

/// A copy of a golden's model with changes merged into its config.json.
class Changed {
public:
  Changed(const Golden &golden, const char *changes) : original(golden.model()) {
    std::filesystem::create_directories(path());
    auto config = nlohmann::json::parse(std::ifstream(original + "/config.json"));
    config.merge_patch(nlohmann::json::parse(changes));
    std::ofstream(path() + "/config.json") << config;
    std::filesystem::copy(original + "/model.safetensors", path() + "/model.safetensors",
                          std::filesystem::copy_options::overwrite_existing);
  }
  ~Changed() { std::filesystem::remove_all(path()); }
  Changed(const Changed &) = delete;

  /// Leaves out the tensors whose names hold `part`.
  void drop(const std::string &part) {
    auto checkpoint = checkpoint::Checkpoint::open(original);
    ASSERT_TRUE(checkpoint);
    std::vector<checkpoint::SafetensorsEntry> entries;
    std::string bytes;
    for (const checkpoint::Tensor &tensor : checkpoint->tensors())
      if (tensor.name.find(part) == std::string::npos) {
        entries.push_back({tensor.name, tensor.typeName, tensor.shape, tensor.bytes});
        bytes.append(reinterpret_cast<const char *>(tensor.data), tensor.bytes);
      }
    std::ofstream(path() + "/model.safetensors", std::ios::binary)
        << checkpoint::safetensorsHead(entries) << bytes;
  }

  /// Makes a tensor of f32 0.
  void clear(const std::string &name) {
    auto checkpoint = checkpoint::Checkpoint::open(original);
    const checkpoint::Tensor *tensor = checkpoint ? checkpoint->find(name) : nullptr;
    ASSERT_TRUE(tensor) << name;
    std::fstream file(path() + "/model.safetensors", std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(tensor->offset));
    file << std::string(tensor->bytes, '\0');
  }

  std::string path() const {
    return "changed-" + std::filesystem::path(original).filename().string();
  }

private:
  std::string original;
};

TEST(TokenFormer, KeepsItsFunctionWhenItGrowsByKeysOfZero) {
  Golden golden("tokenformer"), grown("tokenformer-grown");
  EXPECT_LE(difference(exactLogits(grown.model(), golden.prompt(1)), golden.exactLogits(1)), 1e-12);
}

TEST(TokenFormer, ChangesIfItsScaleCountsTheNewSlots) {
  Golden golden("tokenformer"), grown("tokenformer-grown");
  Changed counted(grown, R"({"base_qkv_slot_num":null,"base_proj_slot_num":null,
                             "base_ffn_slot_num":null})");
  EXPECT_GE(difference(exactLogits(counted.path(), golden.prompt(1)), golden.exactLogits(1)), 1e-3);
}

TEST(ParScale, OfOneStreamIsThePlainModel) {
  Golden golden("parscale-single");
  Changed plain(golden, R"({"model_type":"qwen2","parscale_n":null,"parscale_n_tokens":null,
                            "parscale_attn_smooth":null})");
  EXPECT_EQ(exactLogits(golden.model(), golden.prompt(1)),
            exactLogits(plain.path(), golden.prompt(1)));
}

/// True if the logits do not depend on which slices of the width a row uses.
bool ignoresWidth(const char *model) {
  Golden golden(model);
  Changed changed(golden, "{}");
  changed.clear("transformer.blocks.0.expert_gate.weight");
  changed.clear("transformer.blocks.1.expert_gate.weight");
  return exactLogits(changed.path(), golden.prompt(1)) ==
         exactLogits(golden.model(), golden.prompt(1));
}

TEST(VersatileFfn, UsesNoSliceAfterFourLoops) {
  EXPECT_TRUE(ignoresWidth("versatileffn-deep"));
  EXPECT_FALSE(ignoresWidth("versatileffn"));
}

TEST(ShiftAdd, GivesTheSameByLookUpAsByWeights) {
  Golden golden("shiftaddllm"), lookup("shiftaddllm-lut");
  EXPECT_LE(difference(exactLogits(lookup.model(), golden.prompt(1)),
                       exactLogits(golden.model(), golden.prompt(1))),
            1e-12);
}

class MoeRedundancy : public testing::Test {
protected:
  MoeRedundancy() { plain.drop("lora_"); }

  Golden golden{"moe_redundancy"};
  /// Without what its experts have for images.
  Changed plain{golden, R"({"model_type":"mixtral","lora_r":null,"lora_alpha":null,
                            "image_token_begin":null,"image_token_end":null})"};
  std::vector<int32_t> text{5, 17, 33, 60, 69}, image{5, 17, 70};
};

TEST_F(MoeRedundancy, LeavesTextAsItWas) {
  EXPECT_EQ(exactLogits(golden.model(), text), exactLogits(plain.path(), text));
  EXPECT_NE(exactLogits(golden.model(), image), exactLogits(plain.path(), image));
}

TEST_F(MoeRedundancy, LeavesEveryBitOfCompiledText) {
  CompiledModel with(golden.model(), "--numerics=exact"), without(plain.path(), "--numerics=exact");
  EXPECT_TRUE(isSame(with.logits(text), without.logits(text)));
  EXPECT_FALSE(isSame(with.logits(image), without.logits(image)));
}

TEST(HighImpact, RefusesRatiosThatTheMasksContradict) {
  Changed other(Golden("high_impact"), R"({"high_impact_ratios":[0.125,0.125]})");
  try {
    exactLogits(other.path(), {1});
    FAIL();
  } catch (const std::runtime_error &error) {
    EXPECT_STREQ(error.what(), "changed-high_impact/config.json: high_impact_ratios: expected the "
                               "share of layer 1's masks, 0.25, found 0.125");
  }
}

} // namespace
} // namespace tern::test
