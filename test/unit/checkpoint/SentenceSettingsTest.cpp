// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// sentence-transformers' files beside an encoder: what is read, and what is said of those that are
// wrong.
#include "frontend/architecture/Families.h"
#include "test/unit/checkpoint/TestFiles.h"

#include <nlohmann/json.hpp>

namespace tern::checkpoint {
namespace {

constexpr const char *kModules = R"([
  {"path": "", "type": "sentence_transformers.models.Transformer"},
  {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
  {"path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}])";

/// A copy of the tiny BERT to which files are added.
class SentenceModel : public testing::Test {
protected:
  std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) /
      (std::string("sentence-") + testing::UnitTest::GetInstance()->current_test_info()->name());

  void SetUp() override {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder / "1_Pooling");
    for (const char *name : {"config.json", "model.safetensors"})
      std::filesystem::copy(TERN_TEST_DATA "/models/bert/" + std::string(name), folder / name);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const std::string &name, std::string_view text) const {
    std::ofstream(folder / name) << text;
  }
  void writePooling(std::string_view text) const {
    write("modules.json", kModules);
    write("1_Pooling/config.json", text);
  }

  Expected<ModelConfig> read() const {
    return architecture::readModelConfig(*Checkpoint::open(folder));
  }
  ModelConfig config() const {
    Expected<ModelConfig> config = read();
    if (!config)
      throw std::runtime_error(config.error().message);
    return std::move(*config);
  }
  /// Without the folder's name.
  std::string refusal() const {
    Expected<ModelConfig> config = read();
    return config ? "" : config.error().message.substr(folder.string().size() + 1);
  }
};

TEST_F(SentenceModel, TakesTheMeanWithoutFiles) {
  EXPECT_EQ(config().encoder->pooling, Pooling::Mean);
  EXPECT_FALSE(config().encoder->isNormalised);
  EXPECT_EQ(config().contextLength, 128);
}

TEST_F(SentenceModel, ReadsEachWayToPool) {
  const std::pair<const char *, Pooling> ways[] = {
      {R"({"pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true})", Pooling::Mean},
      {R"({"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false})", Pooling::First},
      {R"({"pooling_mode_max_tokens": true})", Pooling::Largest},
      {R"({"pooling_mode": "cls"})", Pooling::First},
  };
  for (auto [text, pooling] : ways) {
    writePooling(text);
    EXPECT_EQ(config().encoder->pooling, pooling) << text;
    EXPECT_TRUE(config().encoder->isNormalised) << text;
  }
}

TEST_F(SentenceModel, ReadsTheLengthOfATextWithinThatOfTheModel) {
  write("sentence_bert_config.json", R"({"max_seq_length": 100})");
  EXPECT_EQ(config().contextLength, 100);
  write("sentence_bert_config.json", R"({"max_seq_length": null})");
  EXPECT_EQ(config().contextLength, 128);
  write("sentence_bert_config.json", R"({"max_seq_length": 1000})");
  EXPECT_EQ(config().contextLength, 128);
  write("sentence_bert_config.json", R"({"max_seq_length": 0})");
  EXPECT_EQ(refusal(), "sentence_bert_config.json: max_seq_length: expected an integer from 1 to "
                       "1073741824, found 0");
}

TEST_F(SentenceModel, RefusesOtherWaysToPool) {
  writePooling(R"({"pooling_mode_lasttoken": true, "pooling_mode_mean_tokens": true})");
  EXPECT_EQ(refusal(), "1_Pooling/config.json: pooling_mode_lasttoken: expected false, found true");
  writePooling(R"({"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true})");
  EXPECT_EQ(refusal(),
            "1_Pooling/config.json: pooling_mode_cls_token: expected one way to pool, or "
            "else false, found true");
  writePooling("{}");
  EXPECT_EQ(refusal(), "1_Pooling/config.json: pooling_mode_mean_tokens: expected one way to pool, "
                       "found none");
  writePooling(R"({"pooling_mode": "last"})");
  EXPECT_EQ(refusal(),
            "1_Pooling/config.json: pooling_mode: expected mean, cls or max, found 'last'");
}

TEST_F(SentenceModel, RefusesOtherModules) {
  write("modules.json", R"([{"path": "2_Dense", "type": "sentence_transformers.models.Dense"}])");
  EXPECT_EQ(refusal(), "modules.json: type: expected a Transformer in this folder, Pooling or "
                       "Normalize, found 'sentence_transformers.models.Dense'");
  write("modules.json", R"([{"path": "../x", "type": "Pooling"}])");
  EXPECT_EQ(refusal(),
            "modules.json: path: expected the name of a folder beside this file, found '../x'");
  write("modules.json", R"([{"path": "absent", "type": "Pooling"}])");
  EXPECT_EQ(refusal(), "modules.json: path: expected a folder with a config.json, found 'absent'");
  write("modules.json", R"([7])");
  EXPECT_EQ(refusal(), "modules.json: type: expected text, found none");
  write("modules.json", R"({"0": 7})");
  EXPECT_EQ(refusal(), "modules.json: expected a JSON array, found something else");
}

} // namespace
} // namespace tern::checkpoint
