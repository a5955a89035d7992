// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Directories that tern-compile writes with rounded weights: they compute as the model does that
// has the rounded numbers themselves, and as the same types in an artefact.
#include "frontend/architecture/Families.h"
#include "frontend/checkpoint/Dequantise.h"
#include "frontend/checkpoint/EncodedWeight.h"
#include "frontend/checkpoint/Quantise.h"
#include "test/integration/decoder/Golden.h"
#include "test/integration/decoder/ReferenceLogits.h"

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

std::string pathOf(const std::string &model) { return TERN_TEST_DATA "/models/" + model; }

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
      values[i] = float(int8_t(byteOf(model, name, i))) * scales[i / in] * 7.874015718698502e-3f;
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

struct DenseTensor {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> values;
};

void writeModel(const std::string &folder, const std::string &config,
                const std::vector<DenseTensor> &tensors) {
  nlohmann::ordered_json head;
  std::vector<float> data;
  for (const DenseTensor &tensor : tensors) {
    size_t first = 4 * data.size();
    data.insert(data.end(), tensor.values.begin(), tensor.values.end());
    head[tensor.name] = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {first, 4 * data.size()}}};
  }
  fs::create_directories(folder);
  std::ofstream(folder + "/config.json") << config;
  std::string text = head.dump();
  uint64_t size = text.size();
  std::ofstream file(folder + "/model.safetensors", std::ios::binary);
  file.write(reinterpret_cast<const char *>(&size), sizeof size) << text;
  file.write(reinterpret_cast<const char *>(data.data()), std::streamsize(4 * data.size()));
}

std::string configOf(const std::string &model) {
  std::ifstream file(model + "/config.json");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// [columns, rows] of [rows, columns].
std::vector<float> turned(const std::vector<float> &values, size_t rows, size_t columns) {
  std::vector<float> result(values.size());
  for (size_t i = 0; i < values.size(); ++i)
    result[i % columns * rows + i / columns] = values[i];
  return result;
}

/// The numbers of a matrix of the model, by what makes those of a weight [out, in]. GPT-2 stores
/// the maps of its layers as [in, out].
template <typename Decode> std::vector<float> denseMatrix(const Tensor &tensor, Decode decode) {
  std::string module = tensor.name.substr(0, tensor.name.rfind('.'));
  auto rows = size_t(tensor.shape[0]), columns = size_t(tensor.shape[1]);
  return module.find(".c_") == module.npos ? decode(module, rows, columns)
                                           : turned(decode(module, columns, rows), columns, rows);
}

/// The tensors of a model with other numbers in its matrices.
template <typename Decode>
std::vector<DenseTensor> denseTensors(const std::string &model, Decode decode) {
  Checkpoint source = opened(Checkpoint::open(model));
  std::vector<DenseTensor> tensors;
  for (const Tensor &tensor : source.tensors()) {
    bool isMatrix = tensor.shape.size() == 2 && tensor.name.ends_with(".weight");
    tensors.push_back({tensor.name, tensor.shape,
                       isMatrix ? denseMatrix(tensor, decode) : numbersOf(source, tensor.name)});
  }
  return tensors;
}

/// The same with the numbers that `written` has.
std::vector<DenseTensor> denseTensors(const std::string &model, const Checkpoint &written) {
  return denseTensors(model, [&](const std::string &module, size_t out, size_t in) {
    std::vector<float> values = decoded(written, module, out, in);
    // What was left as it is is stored as it was.
    bool isLeft = written.find(module + ".weight") && !written.find(module + ".SCB") &&
                  !written.find(module + ".weight.quant_map");
    return isLeft && module.find(".c_") != module.npos ? turned(values, in, out) : values;
  });
}

/// What tern-compile says as it writes `model` as `output`, or refuses to.
std::string say(const std::string &model, const std::string &types, const std::string &output) {
  std::string command = "'" TERN_COMPILE "' '" + model + "' --emit=checkpoint --quantize='" +
                        types + "' -o '" + output + "' 2>&1";
  FILE *pipe = popen(command.c_str(), "r");
  std::string text;
  for (int letter; (letter = std::fgetc(pipe)) != EOF;)
    text += char(letter);
  pclose(pipe);
  return text;
}

class Folder {
public:
  Folder() {
    std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    std::ranges::replace(name, '/', '-');
    folder = fs::absolute("written-" + name);
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  ~Folder() { fs::remove_all(folder); }

protected:
  std::string folder;
};

/// A model and the types that it is written in.
struct Case {
  const char *model, *types;
};

void PrintTo(const Case &given, std::ostream *out) { *out << given.model << " " << given.types; }

class Written : public testing::TestWithParam<Case>, protected Folder {
protected:
  std::string flag() const { return std::string("--quantize='") + GetParam().types + "'"; }

  std::string source = pathOf(GetParam().model);
  std::vector<int32_t> prompt = Golden(GetParam().model).prompt(2);
};

TEST_P(Written, ComputesAsItsNumbers) {
  std::string model = folder + "/model", dense = folder + "/dense";
  ASSERT_NE(say(source, GetParam().types, model).find("bits a weight"), std::string::npos);
  writeModel(dense, configOf(source), denseTensors(source, opened(Checkpoint::open(model))));
  // Numbers of the graph are not rounded to f32.
  Logits expected = referenceLogits(dense, false, "f32", prompt);
  EXPECT_LE(distance(referenceLogits(model, false, "f32", prompt), expected).relative(), 1e-6);
  constexpr const char *flags = "--numerics=exact --max-context=64";
  Logits found = CompiledModel(model, flags).logits(prompt);
  EXPECT_LE(distance(found, expected).relative(), 2e-4);
  Logits direct = CompiledModel(source, flag() + " " + flags).logits(prompt);
  EXPECT_TRUE(isSame(direct, found));
}

INSTANTIATE_TEST_SUITE_P(Types, Written,
                         testing::Values(Case{"llama", "*down_proj*=bf16,nf4-dq"},
                                         Case{"llama", "*k_proj*=f32,int8"},
                                         Case{"llama", "*.o_proj.*=bf16,binary3"},
                                         Case{"gpt2", "*.mlp.c_proj.*=bf16,nf4-dq"},
                                         Case{"gpt2", "int8"}, Case{"extra-mamba", "nf4"},
                                         Case{"falcon_mamba", "*out_proj*=f16,int8"},
                                         Case{"mixtral", "*experts.1.*=bf16,nf4"}));

/// In artefacts each family without experts has maps of ShiftAddLLM's form.
class BinaryArtefact : public testing::TestWithParam<const char *>, protected Folder {};

TEST_P(BinaryArtefact, ComputesAsItsNumbers) {
  std::string source = pathOf(GetParam()), dense = folder + "/dense";
  auto config = architecture::readModelConfig(opened(Checkpoint::open(source)));
  auto kinds = architecture::matricesOf(*config);
  Checkpoint model = opened(Checkpoint::open(source));
  auto encoded = [&](const std::string &module, size_t out, size_t in) {
    std::vector<float> values = numbersOf(model, module + ".weight");
    if (kinds.at(module + ".weight") != architecture::MatrixKind::Linear)
      return values;
    if (module.find(".c_") != module.npos)
      values = turned(values, in, out);
    return checkpoint::encodeBinary({module, int64_t(out), int64_t(in), values}, 3).values;
  };
  writeModel(dense, configOf(source), denseTensors(source, encoded));
  std::vector<int32_t> prompt = Golden(GetParam()).prompt(2);
  CompiledModel found(source, "--quantize=binary3 --numerics=exact --max-context=64");
  EXPECT_LE(distance(found.logits(prompt), referenceLogits(dense, false, "f32", prompt)).relative(),
            2e-4);
}

INSTANTIATE_TEST_SUITE_P(Families, BinaryArtefact,
                         testing::Values("gpt2", "opt", "qwen2", "gpt_neox"));

/// A directory's maps [in, out] are rounded along their inputs, as those of its GGUF file. That has
/// the first 64 tokens.
TEST(TransposedMaps, AreRoundedAsThoseOfTheGgufFile) {
  std::vector<int32_t> prompt{3, 63, 7, 21, 7, 40, 5};
  const std::string flags = "' --numerics=exact --max-context=64";
  auto logitsOf = [&](const std::string &model, const std::string &types) {
    return CompiledModel(model, "--quantize='" + types + flags).logits(prompt);
  };
  for (const char *rest : {"q4_0", "q5_1"}) {
    std::string types = std::string("=q8_0,") + rest;
    Logits file = logitsOf(TERN_TEST_DATA "/gguf/gpt2.gguf", "*ffn_down*" + types);
    Logits found = logitsOf(pathOf("gpt2"), "*mlp.c_proj*" + types);
    for (std::vector<float> &row : found)
      row.resize(64);
    EXPECT_LE(distance(found, file).relative(), 1e-6) << rest;
  }
}

/// Experts of one stack in blocks, in halves and as they were.
class ExpertsOfSeveralTypes : public testing::Test, protected Folder {};

TEST_F(ExpertsOfSeveralTypes, ComputeAsTheirNumbers) {
  std::string source = pathOf("mixtral"), dense = folder + "/dense";
  Checkpoint model = opened(Checkpoint::open(source));
  auto rounded = [&](const std::string &module, size_t, size_t) {
    std::vector<float> values = numbersOf(model, module + ".weight");
    const char *type = module.find("experts.1.w1") != module.npos   ? "q8_0"
                       : module.find("experts.2.w2") != module.npos ? "bf16"
                                                                    : "f32";
    const checkpoint::BlockEncoder &encoder = *checkpoint::findEncoder(type);
    std::vector<std::byte> blocks(values.size() / size_t(encoder.elements) * size_t(encoder.bytes));
    encoder.encodeAll(values, blocks.data());
    Tensor tensor;
    tensor.type = checkpoint::ggufType(encoder.number)->type;
    tensor.shape = {1, int64_t(values.size())};
    tensor.data = blocks.data();
    dequantise(tensor, 0, 1, values.data());
    return values;
  };
  writeModel(dense, configOf(source), denseTensors(source, rounded));
  std::vector<int32_t> prompt = Golden("mixtral").prompt(2);
  CompiledModel found(source, "--quantize='*experts.1.w1*=q8_0,*experts.2.w2*=bf16' "
                              "--numerics=exact --max-context=64");
  EXPECT_LE(distance(found.logits(prompt), referenceLogits(dense, false, "f32", prompt)).relative(),
            2e-4);
}

class NotWritten : public testing::Test, protected Folder {
protected:
  void expectRefusal(const std::string &types, const std::string &expected) {
    std::string text = say(folder + "/model", types, folder + "/written");
    EXPECT_NE(text.find(expected), std::string::npos) << text;
    EXPECT_FALSE(fs::exists(folder + "/written"));
  }
};

TEST_F(NotWritten, WhatHasATensorOfAPartsName) {
  std::vector<DenseTensor> tensors = denseTensors(kModel, opened(Checkpoint::open(kModel)));
  tensors.push_back({"model.layers.0.mlp.up_proj.SCB", {1}, {0}});
  writeModel(folder + "/model", configOf(kModel), tensors);
  expectRefusal("int8", "tensor 'model.layers.0.mlp.up_proj.SCB': expected none in llama, found "
                        "shape [1]");
}

TEST_F(NotWritten, WhatBlocksDoNotFill) {
  std::vector<DenseTensor> tensors;
  auto add = [&](const std::string &name, int64_t out, int64_t in) {
    std::vector<int64_t> shape = in == 0 ? std::vector{out} : std::vector{out, in};
    tensors.push_back(
        {name + ".weight", shape, std::vector<float>(size_t(out * std::max<int64_t>(in, 1)))});
  };
  add("model.embed_tokens", 4, 12);
  add("lm_head", 4, 12);
  for (const char *part : {"q", "k", "v", "o"})
    add("model.layers.0.self_attn." + std::string(part) + "_proj", 12, 12);
  for (const char *norm : {"layers.0.input_layernorm", "layers.0.post_attention_layernorm", "norm"})
    add("model." + std::string(norm), 12, 0);
  add("model.layers.0.mlp.gate_proj", 16, 12);
  add("model.layers.0.mlp.up_proj", 16, 12);
  add("model.layers.0.mlp.down_proj", 12, 16);
  writeModel(folder + "/model",
             R"({"model_type": "llama", "vocab_size": 4, "hidden_size": 12, "num_hidden_layers": 1,
                 "num_attention_heads": 1, "intermediate_size": 16, "rms_norm_eps": 1e-6,
                 "hidden_act": "silu", "max_position_embeddings": 8})",
             tensors);
  expectRefusal("nf4", "tensor 'model.layers.0.self_attn.q_proj.weight': expected a multiple of 64 "
                       "numbers for nf4, found [12, 12]");
  expectRefusal("binary2", "tensor 'model.layers.0.self_attn.q_proj.weight': expected sizes that "
                           "are multiples of 8 for binary2, found [12, 12]");
}

} // namespace
} // namespace tern::test
