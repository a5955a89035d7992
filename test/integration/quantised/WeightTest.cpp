// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What compiled code makes of quantised weights, to the bit: against bitsandbytes' own results, and
// the methods' formulas in make_quantised.py.
#include "frontend/architecture/Families.h"
#include "frontend/architecture/ModelBuilder.h"
#include "frontend/checkpoint/Dequantise.h"
#include "frontend/quantise/GroupedWeight.h"
#include "test/integration/decoder/Golden.h"
#include "test/integration/decoder/ReferenceLogits.h"

#include "llvm/Support/raw_ostream.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <span>

namespace tern::test {
namespace {

using architecture::ModelBuilder;
using checkpoint::Checkpoint;
using checkpoint::QuantisedWeight;
using checkpoint::ScaledCodes;
using checkpoint::StoredTensor;
using checkpoint::TableCodes;

Checkpoint opened(checkpoint::Expected<Checkpoint> checkpoint) {
  if (!checkpoint)
    throw std::runtime_error(checkpoint.error().message);
  return std::move(*checkpoint);
}

std::vector<float> numbersOf(const Checkpoint &checkpoint, const std::string &name) {
  const checkpoint::Tensor *tensor = checkpoint.find(name);
  if (!tensor)
    throw std::runtime_error(checkpoint.path() + ": no " + name);
  std::vector<float> numbers(size_t(tensor->rows() * tensor->columns()));
  dequantise(*tensor, 0, tensor->rows(), numbers.data());
  return numbers;
}

/// Stored integers as f32, in which they are exact.
template <typename Integer>
std::vector<float> integersOf(const Checkpoint &checkpoint, const std::string &name) {
  const checkpoint::Tensor &tensor = *checkpoint.find(name);
  std::vector<Integer> numbers(tensor.bytes / sizeof(Integer));
  std::memcpy(numbers.data(), tensor.data, tensor.bytes);
  return {numbers.begin(), numbers.end()};
}

/// A compiled function of one number x that gives x times the weight.
class Decoded {
public:
  Decoded(const Checkpoint &checkpoint, const QuantisedWeight &weight, std::vector<int64_t> shape)
      : folder(std::filesystem::absolute("decoded-" + std::to_string(count++))) {
    std::filesystem::create_directories(folder);
    writeModule(checkpoint, weight, shape);
    Artefact artefact(
        compile(folder + "/decode.mlir", "--numerics=exact --weights='" + checkpoint.path() + "'"));
    Device device("cpu", 1);
    Model model(artefact, device, {.weightsPath = checkpoint.path()});
    Call call(model, "decode");
    float one = 1;
    call.setInput("x", TERN_F32, {}, &one);
    call.run();
    auto *data = static_cast<const float *>(call.output(call.arguments()[1]).data);
    numbers.assign(data, data + shape[0] * shape[1]);
  }
  ~Decoded() { std::filesystem::remove_all(folder); }
  Decoded(const Decoded &) = delete;

  std::vector<float> numbers;

private:
  void writeModule(const Checkpoint &checkpoint, const QuantisedWeight &weight,
                   const std::vector<int64_t> &shape) {
    mlir::MLIRContext context;
    context.loadDialect<TernDialect, mlir::func::FuncDialect>();
    checkpoint::ModelConfig config;
    architecture::ImportOptions options;
    ModelBuilder model(&context, checkpoint, config, options);
    mlir::OwningOpRef<mlir::ModuleOp> module = model.module;
    mlir::Type scalar = model.tensor({}, model.builder.getF32Type());
    auto result = mlir::RankedTensorType::get(shape, model.builder.getF32Type());
    auto function = model.function("decode", scalar, result, /*isPublic=*/true);
    function.setArgAttr(0, "tern.name", model.builder.getStringAttr("x"));
    function.setResultAttr(0, "tern.name", model.builder.getStringAttr("y"));
    mlir::Value decoded = model.decode(weight, shape);
    if (decoded.getType() != result)
      decoded = DequantiseOp::create(model.builder, model.location, decoded);
    mlir::func::ReturnOp::create(model.builder, model.location,
                                 model.mul(decoded, function.getArgument(0)));
    std::string text;
    llvm::raw_string_ostream(text) << *module;
    std::ofstream(folder + "/decode.mlir") << text;
  }

  static inline int count = 0;
  std::string folder;
};

/// To the bit, but for zeros of both signs, which are one number.
void expectSame(const std::vector<float> &found, const std::vector<float> &expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i)
    ASSERT_EQ(found[i], expected[i]) << "at " << i;
}

//===- Models of make_quantised.py ----------------------------------------===//

class QuantisedModel : public testing::TestWithParam<const char *> {};

TEST_P(QuantisedModel, GivesTheNumbersOfItsFormula) {
  const std::string folder = std::string(TERN_TEST_DATA "/models/") + GetParam();
  Checkpoint checkpoint = opened(Checkpoint::open(folder));
  auto config = architecture::readModelConfig(checkpoint);
  ASSERT_TRUE(config) << config.error().message;
  const std::string name = "model.layers.1.mlp.down_proj.weight";
  std::vector<int64_t> shape{config->width, config->ffnWidth};
  auto weight = findQuantised(checkpoint, config->quantisation, {name, shape});
  ASSERT_TRUE(weight) << weight.error().message;
  ASSERT_TRUE(*weight);
  Checkpoint golden = opened(Checkpoint::openSafetensors(folder + "/case.safetensors"));
  std::vector<float> expected = numbersOf(golden, "weight." + name);
  expectSame(Decoded(checkpoint, **weight, shape).numbers, expected);
  expectSame(checkpoint::numbersOf(checkpoint, **weight, shape[0], shape[1]), expected);
}

// Numbers of the graph are not rounded to f32, of which the logits lose 1e-7.
TEST_P(QuantisedModel, ComputesTheFormulaByReference) {
  Golden golden(GetParam());
  for (int prompt = 0; prompt < Golden::prompts; ++prompt) {
    Logits found = referenceLogits(golden.model(), false, "f32", golden.prompt(prompt));
    EXPECT_LE(distance(found, golden.logits(prompt)).relative(), 1e-6) << "prompt " << prompt;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, QuantisedModel,
                         testing::Values("llama-fp8-block", "llama-fp8-row", "llama-fp8-e5m2",
                                         "llama-int8", "llama-nf4", "llama-nf4-double", "llama-fp4",
                                         "llama-fp4-double", "llama-gptq", "llama-gptq-sym",
                                         "llama-gptq-order", "llama-gptq-8bit",
                                         "llama-gptq-8bit-asym", "llama-gptq-8bit-order",
                                         "llama-awq"),
                         [](const auto &info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

//===- What is written here -----------------------------------------------===//

void writeFolder(const std::string &folder, const std::string &config,
                 const std::vector<StoredTensor> &tensors) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/config.json") << config;
  std::vector<checkpoint::SafetensorsEntry> entries;
  for (const StoredTensor &tensor : tensors)
    entries.push_back({tensor.name, tensor.type, tensor.shape, tensor.bytes.size()});
  std::ofstream file(folder + "/model.safetensors", std::ios::binary);
  file << checkpoint::safetensorsHead(entries);
  for (const StoredTensor &tensor : tensors)
    file.write(reinterpret_cast<const char *>(tensor.bytes.data()),
               std::streamsize(tensor.bytes.size()));
}

StoredTensor storedFloats(const std::string &name, std::vector<int64_t> shape,
                          const std::vector<float> &numbers) {
  auto bytes = std::as_bytes(std::span(numbers));
  return {name, "F32", std::move(shape), {bytes.begin(), bytes.end()}};
}

/// A model of make_quantised.py whose tensors and settings may change before it is written anew.
class ChangedModel : public testing::Test {
protected:
  void read(const std::string &name) {
    golden.emplace(name);
    source.emplace(opened(Checkpoint::open(TERN_TEST_DATA "/models/" + name)));
    config = *source->config();
    tensors.clear();
    for (const checkpoint::Tensor &tensor : source->tensors())
      tensors.push_back({tensor.name,
                         std::string(tensor.typeName),
                         tensor.shape,
                         {tensor.data, tensor.data + tensor.bytes}});
  }

  nlohmann::json &settings() { return config["quantization_config"]; }

  /// Puts the numbers of a square weight in place of its parts.
  void makePlain(const std::string &module, int64_t width) {
    auto known = architecture::readModelConfig(*source);
    auto weight = findQuantised(*source, known->quantisation, {module + ".weight", {width, width}});
    std::erase_if(
        tensors, [&](const StoredTensor &tensor) { return tensor.name.starts_with(module + "."); });
    tensors.push_back(storedFloats(module + ".weight", {width, width},
                                   numbersOf(*source, **weight, width, width)));
  }

  /// Of the model as it was.
  void expectSameLogits() {
    const std::string folder = "changed";
    writeFolder(folder, config.dump(), tensors);
    Logits found = referenceLogits(folder, false, "f32", golden->prompt(1));
    EXPECT_LE(distance(found, golden->logits(1)).relative(), 1e-6) << golden->model();
    std::filesystem::remove_all(folder);
  }

  std::optional<Golden> golden;
  std::optional<Checkpoint> source;
  nlohmann::json config;
  std::vector<StoredTensor> tensors;
};

// One that says in its settings what has no codes is refused (quantised.test).
TEST_F(ChangedModel, HasPlainWeightsWhereTensorsAloneSaySo) {
  for (const char *name : {"llama-gptq", "llama-awq"}) {
    read(name);
    settings().erase("modules_to_not_convert");
    makePlain("model.layers.0.self_attn.q_proj", 64);
    expectSameLogits();
  }
}

TEST_F(ChangedModel, HasPlainWeightsThatSettingsName) {
  for (const char *part : {"layers.0.self_attn.q_proj", "0.self_attn.q", "model.*0.+q_proj"}) {
    read("llama-nf4");
    settings()["llm_int8_skip_modules"] = {part};
    makePlain("model.layers.0.self_attn.q_proj", 64);
    expectSameLogits();
  }
}

TEST_F(ChangedModel, LeavesStaticScalesOfInputs) {
  for (const char *scale : {".input_scale", ".activation_scale"}) {
    read("llama-fp8-row");
    settings()["activation_scheme"] = "static";
    std::vector<StoredTensor> scales;
    for (const StoredTensor &tensor : tensors)
      if (tensor.type.starts_with("F8"))
        scales.push_back(
            storedFloats(tensor.name.substr(0, tensor.name.rfind('.')) + scale, {}, {0.5f}));
    ASSERT_EQ(scales.size(), 14u);
    tensors.insert(tensors.end(), scales.begin(), scales.end());
    expectSameLogits();
  }
}

struct Form {
  const char *name;
  checkpoint::GroupScheme scheme;
};

void PrintTo(const Form &form, std::ostream *out) { *out << form.name; }

class WrittenWeight : public testing::TestWithParam<Form> {
protected:
  static constexpr int64_t out = 48, in = 96;

  /// Codes, zero points and scales of all kinds.
  quantise::GroupedWeight weight() const {
    const checkpoint::GroupScheme &scheme = GetParam().scheme;
    quantise::GroupedWeight weight(out, in, {int(scheme.bits), scheme.group, scheme.isSymmetric});
    std::mt19937 random(7);
    int most = (1 << scheme.bits) - 1;
    for (uint8_t &code : weight.codes)
      code = uint8_t(random() & unsigned(most));
    for (quantise::Grid &grid : weight.grids)
      grid = {float(_Float16(float(random() % 1000 + 1) / 777)),
              scheme.isSymmetric ? (most + 1) / 2 : int(random() & unsigned(most)), most};
    return weight;
  }
};

TEST_P(WrittenWeight, IsReadAsTheNumbersThatWereRounded) {
  quantise::GroupedWeight weight = this->weight();
  const checkpoint::GroupScheme &scheme = GetParam().scheme;
  writeFolder("written", "{}", scheme.isAwq ? packAwq(weight, "w") : packGptq(weight, "w"));
  Checkpoint checkpoint = opened(Checkpoint::open("written"));
  auto parts = findQuantised(checkpoint, {scheme, {}}, {"w.weight", {out, in}});
  ASSERT_TRUE(parts) << parts.error().message;
  ASSERT_TRUE(*parts);
  quantise::Matrix numbers = weight.numbers();
  std::vector<float> expected(numbers.data(), numbers.data() + numbers.size());
  expectSame(Decoded(checkpoint, **parts, {out, in}).numbers, expected);
  std::filesystem::remove_all("written");
}

INSTANTIATE_TEST_SUITE_P(Forms, WrittenWeight,
                         testing::Values(Form{"gptq2", {false, 2, 32, false, 1}},
                                         Form{"gptq4", {false, 4, 32, false, 1}},
                                         Form{"gptq4_narrow", {false, 4, 8, false, 1}},
                                         Form{"gptq4_symmetric", {false, 4, 96, true, 1}},
                                         Form{"gptq8_symmetric", {false, 8, 32, true, 1}},
                                         Form{"gptq8", {false, 8, 32, false, 1}},
                                         Form{"awq", {true, 4, 32, false, 0}}),
                         [](const auto &info) { return std::string(info.param.name); });

//===- What bitsandbytes and torch compute --------------------------------===//

/// Tensors of goldens as a directory that holds a model.
class Goldens {
public:
  explicit Goldens(const std::string &name) : folder("goldens-" + name) {
    std::filesystem::create_directories(folder);
    std::ofstream(folder + "/config.json") << "{}";
    std::filesystem::copy(TERN_TEST_DATA "/quant/" + name + "/case.safetensors",
                          folder + "/model.safetensors",
                          std::filesystem::copy_options::overwrite_existing);
    checkpoint.emplace(opened(Checkpoint::open(folder)));
  }
  ~Goldens() { std::filesystem::remove_all(folder); }
  Goldens(const Goldens &) = delete;

  void check(const QuantisedWeight &weight, const std::string &values, std::vector<int64_t> shape) {
    expectSame(Decoded(*checkpoint, weight, std::move(shape)).numbers,
               numbersOf(*checkpoint, values));
  }

  std::string folder;
  std::optional<Checkpoint> checkpoint;
};

TEST(BitsAndBytes, GivesTheNumbersOfBlocks) {
  Goldens goldens("bitsandbytes");
  for (const char *kind : {"nf4", "fp4"}) {
    std::string name = kind;
    TableCodes codes{
        name + ".packed", name + ".absmax", numbersOf(*goldens.checkpoint, name + ".code"), 64, {}};
    goldens.check(codes, name + ".values", {45, 512});
    // Rows of 16 are no blocks.
    goldens.check(codes, name + ".values", {1440, 16});
    if (name == "nf4") {
      TableCodes wide{"nf4-128.packed", "nf4-128.absmax", codes.numbers, 128, {}};
      goldens.check(wide, "nf4-128.values", {45, 512});
    }
  }
}

TEST(BitsAndBytes, GivesTheNumbersOfBlocksWithNestedScales) {
  Goldens goldens("bitsandbytes");
  const Checkpoint &tensors = *goldens.checkpoint;
  for (const char *kind : {"nf4-double", "fp4-double"}) {
    std::string name = kind;
    TableCodes codes{
        name + ".packed", name + ".absmax", numbersOf(tensors, name + ".code"), 64, {}};
    codes.nested = {name + ".nested_absmax", numbersOf(tensors, name + ".nested_code"), 256,
                    numbersOf(tensors, name + ".offset")[0]};
    goldens.check(codes, name + ".values", {45, 512});
  }
}

TEST(BitsAndBytes, GivesTheNumbersOfRows) {
  Goldens goldens("bitsandbytes");
  goldens.check(ScaledCodes{"int8.packed", "int8.scales", "i8", 1, 512}, "int8.values", {43, 512});
}

/// LLM.int8's product of the goldens' rows, with the roundings of int8_linear_matmul and
/// int8_mm_dequant: of up to 512 products of codes each sum is exact in f32.
constexpr const char *kMultiply = R"mlir(
func.func @multiply(%codes: tensor<43x512xf32> {tern.name = "codes"},
                    %scales: tensor<43xf32> {tern.name = "scales"})
    -> (tensor<43x24xf32> {tern.name = "product"}, tensor<43x24xf32> {tern.name = "matmul"}) {
  %bytes = tern.weight "int8.weight.packed" : tensor<12288xi8>
  %stored = tern.reshape %bytes : tensor<12288xi8> to tensor<24x512xi8>
  %weight = tern.cast %stored : tensor<24x512xi8> to tensor<24x512xf32>
  %product = tern.contract "tk,nk->tn" %codes, %weight : tensor<43x512xf32>, tensor<24x512xf32>
  %columns = tern.weight "int8.weight.scales" : tensor<24xf32>
  %0 = tern.broadcast "t->tn" %scales : tensor<43xf32> to tensor<43x24xf32>
  %1 = tern.broadcast "n->tn" %columns : tensor<24xf32> to tensor<43x24xf32>
  %2 = tern.mul %0, %1 : tensor<43x24xf32>, tensor<43x24xf32>
  %3 = tern.mul %product, %2 : tensor<43x24xf32>, tensor<43x24xf32>
  %4 = tern.constant dense<6.200124e-05> : tensor<f32>
  %5 = tern.mul %3, %4 : tensor<43x24xf32>, tensor<f32>
  %6 = tern.cast %5 : tensor<43x24xf32> to tensor<43x24xf16>
  %matmul = tern.cast %6 : tensor<43x24xf16> to tensor<43x24xf32>
  return %product, %matmul : tensor<43x24xf32>, tensor<43x24xf32>
}
)mlir";

TEST(BitsAndBytes, MultipliesCodesOfRows) {
  Goldens goldens("bitsandbytes");
  std::ofstream(goldens.folder + "/multiply.mlir") << kMultiply;
  Artefact artefact(compile(goldens.folder + "/multiply.mlir",
                            "--numerics=exact --rules=bit --weights='" + goldens.folder + "'"));
  Device device("cpu", 1);
  Model model(artefact, device, {.weightsPath = goldens.folder});
  Call call(model, "multiply");
  const Checkpoint &tensors = *goldens.checkpoint;
  std::vector<float> codes = integersOf<int8_t>(tensors, "int8.packed"),
                     scales = numbersOf(tensors, "int8.scales");
  call.setInput("codes", TERN_F32, std::vector<int64_t>{43, 512}, codes.data());
  call.setInput("scales", TERN_F32, std::vector<int64_t>{43}, scales.data());
  call.run();
  auto outputOf = [&](size_t argument) {
    auto *data = static_cast<const float *>(call.output(call.arguments()[argument]).data);
    return std::vector<float>(data, data + 43 * 24);
  };
  expectSame(outputOf(2), integersOf<int32_t>(tensors, "int8.product"));
  expectSame(outputOf(3), numbersOf(tensors, "int8.matmul"));
}

TEST(Float8, HasTorchsNumbers) {
  Checkpoint casts =
      opened(Checkpoint::openSafetensors(TERN_TEST_DATA "/quant/casts/case.safetensors"));
  for (auto [type, name] : {std::pair("e4m3", "e4m3fn.all"), std::pair("e5m2", "e5m2.all")}) {
    std::span<const float> found = namedNumbers(type);
    std::vector<float> expected = numbersOf(casts, name);
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i)
      if (std::isnan(expected[i]))
        EXPECT_TRUE(std::isnan(found[i])) << name << " " << i;
      else
        EXPECT_EQ(std::bit_cast<uint32_t>(found[i]), std::bit_cast<uint32_t>(expected[i]))
            << name << " " << i;
  }
}

} // namespace
} // namespace tern::test
