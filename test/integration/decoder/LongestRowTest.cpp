// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// In a padded batch of transformers all rows have the frequencies of the longest one, where these
// follow the length. Here each has its own, and the golden of the shorter row is that of a model
// with the longest row's frequencies at all lengths.
#include "test/integration/decoder/Golden.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace tern::test {
namespace {

/// The first row of the golden batch by the model with changed settings.
void expectFirstRow(const std::string &name, void (*change)(Json &config, double longest)) {
  Golden golden(name);
  std::string folder = testing::TempDir() + name + "-longest";
  fs::copy(golden.model(), folder,
           fs::copy_options::overwrite_existing | fs::copy_options::recursive);
  Json config = Json::parse(std::ifstream(folder + "/config.json"));
  change(config, double(golden.batchPrompt(1).size()));
  std::ofstream(folder + "/config.json") << config;
  Logits found = CompiledModel(folder, "--numerics=exact").logits(golden.batchPrompt(0));
  EXPECT_LE(distance(found, golden.batchLogits()).relative(), 2e-4);
  EXPECT_GE(distance(golden.logits(1), golden.batchLogits()).relative(), 1e-3)
      << "the row's own frequencies would do";
  fs::remove_all(folder);
}

TEST(LongestRow, HasTheBaseOfAllRows) {
  expectFirstRow("llama-dynamic", [](Json &config, double longest) {
    Json &rope = config["rope_parameters"];
    auto factor = rope["factor"].get<double>(), base = rope["rope_theta"].get<double>();
    auto context = config["max_position_embeddings"].get<double>(),
         width = config["head_dim"].get<double>();
    rope = {{"rope_type", "default"},
            {"rope_theta",
             base * std::pow(factor * longest / context - (factor - 1), width / (width - 2))}};
  });
}

TEST(LongestRow, ChoosesTheFactorsOfAllRows) {
  expectFirstRow("phi3-longrope", [](Json &config, double longest) {
    ASSERT_GT(longest, config["original_max_position_embeddings"].get<double>());
    config["rope_scaling"]["short_factor"] = config["rope_scaling"]["long_factor"];
  });
}

} // namespace
} // namespace tern::test
