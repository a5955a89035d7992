// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Directories that tern-compile writes with rounded weights: they compute as the model does that
// has the rounded numbers themselves, and as the same types in an artefact.
#include "frontend/architecture/Families.h"
#include "frontend/checkpoint/Dequantise.h"
#include "frontend/checkpoint/EncodedWeight.h"
#include "test/integration/llama/Golden.h"
#include "test/integration/llama/ReferenceLogits.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace fs = std::filesystem;

namespace tern::test {
namespace {

using checkpoint::Checkpoint;
using checkpoint::Tensor;

const std::string kModel = TERN_TEST_DATA "/models/llama";

Checkpoint opened(checkpoint::Expected<Checkpoint> checkpoint) {
  if (!checkpoint)
    throw std::runtime_error(checkpoint.error().message);
  return std::move(*checkpoint);
}

std::vector<float> numbersOf(const Checkpoint &checkpoint, const std::string &name) {
  const Tensor &tensor = *checkpoint.find(name);
  std::vector<float> numbers(size_t(tensor.rows() * tensor.columns()));
  dequantise(tensor, 0, tensor.rows(), numbers.data());
  return numbers;
}

int byteOf(const Checkpoint &checkpoint, const std::string &name, size_t at) {
  return int(checkpoint.find(name)->data[at]);
}

/// The numbers of a weight [out, in] by the formulas of bitsandbytes and ShiftAddLLM.
std::vector<float> decoded(const Checkpoint &model, const std::string &module, size_t out,
                           size_t in) {
  const std::string name = module + ".weight";
  std::vector<float> values(out * in);
  if (model.find(module + ".SCB")) {
    std::vector<float> scales = numbersOf(model, module + ".SCB");
    for (size_t i = 0; i < values.size(); ++i)
      values[i] =
          float(int8_t(byteOf(model, name, i))) * scales[i / in] * float(checkpoint::kRowFactor);
  } else if (const Tensor *signs = model.find(module + ".binary_weight")) {
    std::vector<float> bytes = numbersOf(model, signs->name),
                       scales = numbersOf(model, module + ".alpha");
    auto bits = size_t(signs->shape[0]);
    for (size_t i = 0; i < values.size(); ++i)
      for (size_t b = 0, n = i / in, k = i % in; b < bits; ++b) {
        float scale = scales[(k / 8 * 8 + n / (out / 8)) * bits + b];
        bool isPositive = int(bytes[(b * (in / 8) + k / 8) * out + n]) >> k % 8 & 1;
        values[i] += isPositive ? scale : -scale;
      }
  } else if (model.find(name + ".quant_map")) {
    std::vector<float> table = numbersOf(model, name + ".quant_map"), scales;
    if (const Tensor *nested = model.find(name + ".nested_absmax")) {
      const Tensor &state = *model.find(name + ".quant_state.bitsandbytes__nf4");
      auto *text = reinterpret_cast<const char *>(state.data);
      auto offset = nlohmann::json::parse(text, text + state.bytes)["nested_offset"].get<float>();
      std::vector<float> outer = numbersOf(model, nested->name),
                         map = numbersOf(model, name + ".nested_quant_map");
      for (size_t i = 0; i < model.find(name + ".absmax")->bytes; ++i)
        scales.push_back(map[size_t(byteOf(model, name + ".absmax", i))] * outer[i / 256] + offset);
    } else {
      scales = numbersOf(model, name + ".absmax");
    }
    for (size_t i = 0; i < values.size(); ++i) {
      int pair = byteOf(model, name, i / 2);
      values[i] = table[size_t(i % 2 == 0 ? pair >> 4 : pair & 15)] * scales[i / 64];
    }
  } else {
    return numbersOf(model, name);
  }
  return values;
}

/// A directory of the tests' model with other numbers.
void writeDense(const std::string &folder, const Checkpoint &written) {
  Checkpoint source = opened(Checkpoint::open(kModel));
  nlohmann::ordered_json head;
  std::vector<float> data;
  for (const Tensor &tensor : source.tensors()) {
    bool isMatrix = tensor.shape.size() == 2;
    std::string module = tensor.name.substr(0, tensor.name.rfind('.'));
    std::vector<float> values =
        isMatrix ? decoded(written, module, size_t(tensor.shape[0]), size_t(tensor.shape[1]))
                 : numbersOf(source, tensor.name);
    size_t first = 4 * data.size();
    data.insert(data.end(), values.begin(), values.end());
    head[tensor.name] = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {first, 4 * data.size()}}};
  }
  fs::create_directories(folder);
  fs::copy_file(kModel + "/config.json", folder + "/config.json",
                fs::copy_options::overwrite_existing);
  std::string text = head.dump();
  uint64_t size = text.size();
  std::ofstream file(folder + "/model.safetensors", std::ios::binary);
  file.write(reinterpret_cast<const char *>(&size), sizeof size) << text;
  file.write(reinterpret_cast<const char *>(data.data()), std::streamsize(4 * data.size()));
}

class Written : public testing::TestWithParam<const char *> {
protected:
  Written() {
    std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    std::ranges::replace(name, '/', '-');
    folder = fs::absolute("written-" + name);
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  ~Written() override { fs::remove_all(folder); }

  std::string flag() const { return std::string("--quantize='") + GetParam() + "'"; }

  std::string folder;
  std::vector<int32_t> prompt = Golden("llama").prompt(2);
};

TEST_P(Written, ComputesAsItsNumbers) {
  std::string model = folder + "/model", dense = folder + "/dense";
  std::string command =
      "'" TERN_COMPILE "' '" + kModel + "' --emit=checkpoint " + flag() + " -o '" + model + "'";
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
  writeDense(dense, opened(Checkpoint::open(model)));
  // Numbers of the graph are not rounded to f32.
  Logits expected = referenceLogits(dense, false, "f32", prompt);
  EXPECT_LE(distance(referenceLogits(model, false, "f32", prompt), expected).relative(), 1e-6);
  constexpr const char *flags = "--numerics=exact --max-context=64";
  Logits found = CompiledModel(model, flags).logits(prompt);
  EXPECT_LE(distance(found, expected).relative(), 2e-4);
  Logits direct = CompiledModel(kModel, flag() + " " + flags).logits(prompt);
  EXPECT_TRUE(isSame(direct, found));
}

INSTANTIATE_TEST_SUITE_P(Types, Written,
                         testing::Values("*down_proj*=bf16,nf4-dq", "*.0.*=f16,fp4",
                                         "*k_proj*=f32,int8", "*.o_proj.*=bf16,binary3"));

} // namespace
} // namespace tern::test
