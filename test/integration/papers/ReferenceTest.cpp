// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The graph of each paper's layers against its formula, both in f64.
#include "test/integration/llama/Golden.h"
#include "test/integration/llama/ReferenceLogits.h"

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

class PaperReference : public testing::TestWithParam<const char *> {};

TEST_P(PaperReference, ComputesTheFormula) {
  Golden golden(GetParam());
  for (int prompt = 0; prompt < Golden::prompts; ++prompt)
    EXPECT_LE(
        difference(exactLogits(golden.model(), golden.prompt(prompt)), golden.exactLogits(prompt)),
        1e-10)
        << "prompt " << prompt;
}

INSTANTIATE_TEST_SUITE_P(Models, PaperReference,
                         testing::Values("tokenformer", "tokenformer-grown", "tokenformer-softmax",
                                         "tokenformer-gelu", "pela"),
                         [](const auto &info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

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

} // namespace
} // namespace tern::test
