// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// No model has a kernel that is not from its best schema (`tern-dump --remarks`): every one of
// test/data, and weights in every type that --quantize writes. Those that other tests compile for
// their numbers are asked there.
#include "frontend/checkpoint/Quantise.h"
#include "test/integration/decoder/CompiledModel.h"

#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>

namespace fs = std::filesystem;

namespace tern::test {
namespace {

/// A model under test/data, and what to compile it with.
struct Compiled {
  std::string model, flags;
};

void PrintTo(const Compiled &compiled, std::ostream *out) {
  *out << compiled.model << " " << compiled.flags;
}

class Kernels : public testing::TestWithParam<Compiled> {};

TEST_P(Kernels, ComeFromTheBestSchemasAlone) {
  const auto &[model, flags] = GetParam();
  EXPECT_EQ(remarksOf(TERN_TEST_DATA "/" + model, flags), "");
}

std::string nameOf(const testing::TestParamInfo<Compiled> &info) {
  std::string name = info.param.model + info.param.flags;
  std::ranges::replace_if(
      name, [](char letter) { return !std::isalnum(static_cast<unsigned char>(letter)); }, '_');
  return name;
}

/// All models in a folder of test/data: directories with settings, or files.
std::vector<Compiled> allOf(const std::string &folder, const std::string &flags) {
  std::vector<Compiled> models;
  for (const fs::directory_entry &entry : fs::directory_iterator(TERN_TEST_DATA "/" + folder))
    if (!entry.is_directory() || fs::exists(entry.path() / "config.json"))
      models.push_back({folder + "/" + entry.path().filename().string(), flags});
  std::ranges::sort(models, {}, &Compiled::model);
  return models;
}

INSTANTIATE_TEST_SUITE_P(Directories, Kernels,
                         testing::ValuesIn(allOf("models", "--numerics=fast")), nameOf);
INSTANTIATE_TEST_SUITE_P(Files, Kernels, testing::ValuesIn(allOf("gguf", "--numerics=fast")),
                         nameOf);
INSTANTIATE_TEST_SUITE_P(ExactFiles, Kernels, testing::ValuesIn(allOf("gguf", "--numerics=exact")),
                         nameOf);

/// Weights of the same model in each type, and of models with other layers in some.
std::vector<Compiled> allTypes() {
  std::vector<std::string> types{"nf4", "nf4-dq", "fp4", "fp4-dq", "int8"};
  for (const checkpoint::BlockEncoder &encoder : checkpoint::blockEncoders())
    types.emplace_back(encoder.name);
  std::vector<Compiled> models;
  for (const std::string &type : types)
    models.push_back({"models/llama", "--quantize=" + type});
  for (const char *type : {"binary2", "binary3", "binary4", "*down_proj*=q4_0,nf4"})
    models.push_back({"models/llama", std::string("--quantize='") + type + "'"});
  for (const char *model : {"bert", "deepseek_v2", "extra-t5", "falcon", "mixtral", "opt"})
    for (const char *type : {"nf4-dq", "int8"})
      models.push_back({std::string("models/") + model, std::string("--quantize=") + type});
  for (const char *model : {"bert", "deepseek_v2", "extra-mamba", "extra-t5", "mixtral"})
    models.push_back({std::string("gguf/") + model + ".gguf", "--quantize=q4_0"});
  return models;
}

INSTANTIATE_TEST_SUITE_P(Types, Kernels, testing::ValuesIn(allTypes()), nameOf);

} // namespace
} // namespace tern::test
