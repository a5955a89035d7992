// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/Requantise.h"

#include "frontend/checkpoint/Dequantise.h"
#include "tools/command/CommandLine.h"
#include "tools/generate/Interrupt.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Parallel.h"

#include <atomic>
#include <cmath>
#include <set>

namespace tern {

using architecture::MatrixKind;
using checkpoint::BinaryForm;
using checkpoint::BitsAndBytesScheme;
using checkpoint::BlockEncoder;
using checkpoint::Checkpoint;
using checkpoint::EncodedWeight;
using checkpoint::StorageType;
using checkpoint::Tensor;
using command::UserError;

namespace {

constexpr llvm::StringRef kWeight = ".weight";

/// In GGUF files: matrices of weights, other than a table of positions or types, a router, or a
/// convolution's few columns.
bool isGgufMatrix(const Tensor &tensor) {
  llvm::StringRef name = tensor.name;
  return tensor.shape.size() > 1 && name.ends_with(kWeight) && !name.contains("_norm") &&
         !name.contains("ffn_gate_inp") && !name.contains("ssm_conv1d") &&
         name != "position_embd.weight" && name != "token_types.weight";
}

/// The type itself, or one of shorter blocks where its own do not fill the rows: llama.cpp's
/// (llama-quant), of which later versions take q4_0 for q2_k and q3_k, as large as iq4_nl and less
/// exact.
const BlockEncoder *fitting(const BlockEncoder *encoder, int64_t columns) {
  static const std::map<llvm::StringRef, llvm::StringRef> shorter{
      {"q2_k", "iq4_nl"}, {"q3_k", "iq4_nl"}, {"iq4_xs", "iq4_nl"},
      {"q4_k", "q5_0"},   {"q5_k", "q5_1"},   {"q6_k", "q8_0"}};
  while (columns % encoder->elements != 0) {
    auto at = shorter.find(encoder->name);
    encoder = checkpoint::findEncoder(at == shorter.end() ? "f16" : at->second);
  }
  return encoder;
}

bool isFloat(const Tensor &tensor) {
  return tensor.type == StorageType::F32 || tensor.type == StorageType::F16 ||
         tensor.type == StorageType::BF16;
}

std::string moduleOf(const Tensor &tensor) {
  return llvm::StringRef(tensor.name).drop_back(kWeight.size()).str();
}

/// torch's name of a type of floats.
std::string_view torchName(StorageType type) {
  return type == StorageType::F32 ? "float32" : type == StorageType::F16 ? "float16" : "bfloat16";
}

bool isFinite(llvm::ArrayRef<float> values) {
  return llvm::all_of(values, [](float value) { return std::isfinite(value); });
}

/// Sums of squares of the differences, and of what they are from.
struct Squares {
  double differences = 0, numbers = 0;

  void add(llvm::ArrayRef<float> rounded, llvm::ArrayRef<float> values) {
    for (auto [to, from] : llvm::zip_equal(rounded, values)) {
      double difference = double(to) - double(from);
      differences += difference * difference;
      numbers += double(from) * double(from);
    }
  }
};

UserError misfit(const Checkpoint &model, const Tensor &tensor, const std::string &expected,
                 const std::string &found) {
  return UserError(model.fileOf(tensor) + ": tensor '" + tensor.name + "': expected " + expected +
                   ", found " + found);
}

} // namespace

Requantisation::Requantisation(const Checkpoint &model, const checkpoint::ModelConfig *config,
                               const WeightTypes &types)
    : model(model), config(config), types(types) {
  if (config) {
    checkFamily();
    matrices = architecture::matricesOf(*config);
    turnsAll = config->isTransposed && llvm::any_of(types.all(), [](const WeightType &type) {
                 return type.encoder() && !type.isFloat();
               });
    // Tied to the embedding it is no tensor; an encoder's name is of all that its head has.
    left.push_back(config->names.head + (config->encoder ? ".decoder" : ""));
  }
  for (const Tensor &tensor : model.tensors())
    plan(tensor);
  for (const WeightType &type : types.all())
    if (!used.contains(&type))
      throw UserError(model.path() + ": --quantize: expected a matrix of weights for '" +
                      type.text + "' whose name no part before it fits, found none");
  encodeParts();
}

void Requantisation::checkFamily() const {
  auto refuse = [&](const WeightType &type, const std::string &expected) {
    throw UserError(model.path() + ": --quantize=" + type.name + ": expected " + expected +
                    ", found " + config->family);
  };
  if (config->quantisation.kind.index() != 0)
    throw UserError(model.path() + ": --quantize: expected weights of F32, F16 or BF16, found a " +
                    "quantization_config");
  for (const WeightType &type : types.all()) {
    if (!type.encoder() && config->linear.index() != 0)
      refuse(type, "layers of plain linear maps");
    if (std::holds_alternative<BinaryForm>(type.form) && config->experts)
      refuse(type, "layers without experts, whose maps are each a tensor of their own");
    // There `output`, the head, is a part of names of maps that are not left out.
    if (std::holds_alternative<BinaryForm>(type.form) && !config->tiedEmbeddings &&
        model.format() == checkpoint::Format::Gguf)
      refuse(type, "a Hugging Face directory, or a head that is the embedding");
  }
}

/// The same weight stored as [out, in].
const Tensor &Requantisation::turned(const Tensor &tensor) {
  auto rows = static_cast<size_t>(tensor.rows()), columns = static_cast<size_t>(tensor.columns());
  size_t width = tensor.bytes / (rows * columns);
  std::vector<std::byte> &bytes = turnedBytes.emplace_back(tensor.bytes);
  for (size_t r = 0; r < rows; ++r)
    for (size_t c = 0; c < columns; ++c)
      std::memcpy(bytes.data() + (c * rows + r) * width, tensor.data + (r * columns + c) * width,
                  width);
  Tensor &result = turnedTensors.emplace_back(tensor);
  std::swap(result.shape[0], result.shape[1]);
  result.data = bytes.data();
  return result;
}

/// Null for what stays as it is.
const WeightType *Requantisation::typeOf(const Tensor &tensor) const {
  auto at = matrices.find(tensor.name);
  bool isListed = at != matrices.end() && at->second != MatrixKind::Choice;
  bool isGguf = model.format() == checkpoint::Format::Gguf;
  if (isGguf ? !isGgufMatrix(tensor) : !isListed)
    return nullptr;
  const WeightType *type = types.find(tensor.name);
  bool isLinear = at != matrices.end() && at->second == MatrixKind::Linear;
  return type && !type->encoder() && !isLinear ? nullptr : type;
}

void Requantisation::checkSource(const Tensor &tensor, const WeightType &type) const {
  if (tensor.type == StorageType::Other)
    throw misfit(model, tensor, "a type of " + std::string(checkpoint::kReadableTypes),
                 tensor.typeName);
  if (!isFloat(tensor) && !type.isFloat())
    throw misfit(model, tensor, "F32, F16 or BF16, which --quantize=f32 writes", tensor.typeName);
  int64_t rows = tensor.rows(), columns = tensor.columns();
  auto *table = std::get_if<BitsAndBytesScheme>(&type.form);
  if (table && !table->isInteger && rows * columns % checkpoint::kTableBlock != 0)
    throw misfit(model, tensor,
                 "a multiple of " + std::to_string(checkpoint::kTableBlock) + " numbers for " +
                     type.name,
                 checkpoint::toText(tensor.shape));
  if (std::holds_alternative<BinaryForm>(type.form) &&
      (rows % BinaryForm::kOutputGroups != 0 || columns % BinaryForm::kByte != 0))
    throw misfit(model, tensor, "sizes that are multiples of 8 for " + type.name,
                 checkpoint::toText(tensor.shape));
}

void Requantisation::keep(const Tensor &tensor, std::vector<std::byte> bytes) {
  written.push_back({&tensor, tensor.name, tensor.typeName, tensor.shape, tensor.bytes, nullptr,
                     std::move(bytes)});
  ++counts["their own type"];
}

void Requantisation::plan(const Tensor &stored) {
  const WeightType *type = typeOf(stored);
  auto at = matrices.find(stored.name);
  bool isMap = at != matrices.end() && at->second == MatrixKind::Linear;
  bool turns =
      isMap && config->isTransposed && isFloat(stored) && (turnsAll || (type && !type->encoder()));
  const Tensor &tensor = turns ? turned(stored) : stored;
  if (matrices.contains(tensor.name) && (!type || type->encoder()) &&
      moduleOf(tensor) != config->names.head)
    left.push_back(moduleOf(tensor));
  if (!type)
    return keep(tensor, turns ? std::move(turnedBytes.back()) : std::vector<std::byte>());
  used.insert(type);
  checkSource(tensor, *type);
  if (!type->encoder()) { // its parts are made when all are known
    ++counts[type->name];
    written.push_back({&tensor, "", "", {}, 0, nullptr, {}});
    return;
  }
  const BlockEncoder *encoder = fitting(type->encoder(), tensor.columns());
  if (encoder != type->encoder())
    substitutes.push_back({tensor.name, tensor.columns(), type->encoder(), encoder});
  ++counts[std::string(encoder->name)];
  auto blocks = static_cast<uint64_t>(tensor.rows() * tensor.columns() / encoder->elements);
  written.push_back({&tensor,
                     tensor.name,
                     std::string(checkpoint::ggufType(encoder->number)->name),
                     tensor.shape,
                     blocks * static_cast<uint64_t>(encoder->bytes),
                     encoder,
                     {}});
}

/// The matrices are independent, so they are encoded side by side.
void Requantisation::encodeParts() {
  std::vector<EncodedWeight> all(written.size());
  std::vector<Squares> squares(written.size());
  llvm::parallelFor(0, written.size(), [&](size_t i) {
    const Tensor &tensor = *written[i].source;
    if (!written[i].name.empty() || generate::interrupted())
      return;
    std::vector<float> values(static_cast<size_t>(tensor.rows() * tensor.columns()));
    dequantise(tensor, 0, tensor.rows(), values.data());
    checkpoint::PlainWeight plain{moduleOf(tensor), tensor.rows(), tensor.columns(), values};
    const WeightType &type = *types.inParts();
    if (!isFinite(values)) {
      squares[i].differences = HUGE_VAL;
      return;
    }
    if (auto *scheme = std::get_if<BitsAndBytesScheme>(&type.form))
      all[i] = encodeBitsAndBytes(plain, *scheme, torchName(tensor.type));
    else
      all[i] = encodeBinary(plain, std::get<BinaryForm>(type.form).bits);
    squares[i].add(all[i].values, values);
    all[i].values = {};
  });
  std::vector<NewTensor> expanded;
  for (auto [i, tensor] : llvm::enumerate(written)) {
    if (!tensor.name.empty()) {
      expanded.push_back(std::move(tensor));
      continue;
    }
    uint64_t bytes = 0;
    for (checkpoint::StoredTensor &part : all[i].parts) {
      bytes += part.bytes.size();
      expanded.push_back({tensor.source, part.name, part.type, part.shape, part.bytes.size(),
                          nullptr, std::move(part.bytes)});
    }
    count(*tensor.source, squares[i].differences, squares[i].numbers, bytes);
  }
  written = std::move(expanded);
  checkNames();
}

/// A stored tensor may be called as a part of a rounded weight is.
void Requantisation::checkNames() const {
  std::set<llvm::StringRef> parts;
  for (const NewTensor &tensor : written)
    if (!tensor.own.empty())
      parts.insert(tensor.name);
  for (const NewTensor &tensor : written)
    if (tensor.own.empty() && parts.contains(tensor.name))
      throw misfit(model, *tensor.source, "none beside a weight that has a part of this name",
                   checkpoint::toText(tensor.shape));
}

/// Adds a matrix to the loss, which is infinite if its numbers or the rounded ones are not finite.
void Requantisation::count(const Tensor &tensor, double differences, double numbers,
                           uint64_t bytes) {
  if (!std::isfinite(differences))
    throw misfit(model, tensor, "finite numbers that its new type can hold", "others");
  weights += static_cast<double>(tensor.rows() * tensor.columns());
  bits += 8 * static_cast<double>(bytes);
  if (numbers > 0)
    error = std::max(error, std::sqrt(differences / numbers));
}

/// Rows are independent, so they are encoded side by side.
void Requantisation::encodeRows(const NewTensor &tensor,
                                llvm::function_ref<void(llvm::ArrayRef<std::byte>)> take) {
  constexpr int64_t chunk = 256;
  const Tensor &source = *tensor.source;
  const BlockEncoder &encoder = *tensor.encoder;
  auto columns = static_cast<size_t>(source.columns());
  auto rowBytes = static_cast<size_t>(source.columns() / encoder.elements * encoder.bytes);
  Squares squares;
  for (int64_t first = 0; first < source.rows() && !generate::interrupted(); first += chunk) {
    auto rows = static_cast<size_t>(std::min(chunk, source.rows() - first));
    std::vector<std::byte> bytes(rows * rowBytes);
    std::vector<float> values(rows * columns), rounded(rows * columns);
    std::atomic<bool> areFinite = true;
    llvm::parallelFor(0, rows, [&](size_t row) {
      llvm::MutableArrayRef<float> own(values.data() + row * columns, columns);
      dequantise(source, first + static_cast<int64_t>(row), 1, own.data());
      if (!isFinite(own)) {
        areFinite = false;
        return;
      }
      encoder.encodeAll({own.data(), columns}, bytes.data() + row * rowBytes);
    });
    if (!areFinite)
      return count(source, HUGE_VAL, 0, 0);
    Tensor view;
    view.type = checkpoint::ggufType(encoder.number)->type;
    view.shape = {static_cast<int64_t>(rows), source.columns()};
    view.data = bytes.data();
    dequantise(view, 0, static_cast<int64_t>(rows), rounded.data());
    squares.add(rounded, values);
    take(bytes);
  }
  count(source, squares.differences, squares.numbers, tensor.bytes);
}

void Requantisation::write(const NewTensor &tensor,
                           llvm::function_ref<void(llvm::ArrayRef<std::byte>)> take) {
  if (tensor.encoder)
    encodeRows(tensor, take);
  else if (!tensor.own.empty())
    take(tensor.own);
  else
    take({tensor.source->data, static_cast<size_t>(tensor.source->bytes)});
}

QuantisationLoss Requantisation::loss() const { return {weights > 0 ? bits / weights : 0, error}; }

std::string Requantisation::describe() const {
  std::string text;
  for (auto &[type, number] : counts)
    text += (text.empty() ? "" : ", ") + std::to_string(number) + " in " + type;
  char figures[64];
  std::snprintf(figures, sizeof figures, "; %.4g bits a weight, error at most %.3g", loss().bits,
                loss().error);
  return text + figures;
}

std::string Requantisation::Substitute::describe() const {
  return std::string(given->name) + " in place of " + std::string(asked->name) +
         ", whose blocks of " + std::to_string(asked->elements) + " do not fill rows of " +
         std::to_string(columns);
}

std::vector<std::string> Requantisation::remarks() const {
  std::vector<std::string> remarks;
  for (const Substitute &substitute : substitutes)
    remarks.push_back("weight " + checkpoint::quote(substitute.name) + ": is of " +
                      substitute.describe());
  return remarks;
}

std::string Requantisation::warning(const std::string &list) const {
  if (substitutes.empty())
    return "";
  const Substitute &first = substitutes.front();
  size_t count = substitutes.size();
  return model.path() + ": " + std::to_string(count) +
         (count > 1 ? " weights get" : " weight gets") + " another type than asked for, " +
         checkpoint::quote(first.name) + " first: " + first.describe() + " (" + list +
         " lists all)";
}

void Requantisation::apply(Checkpoint &into, checkpoint::ModelConfig &settings) {
  std::vector<Tensor> tensors;
  std::vector<std::vector<std::byte>> all;
  for (NewTensor &written : this->written) {
    Tensor &tensor = tensors.emplace_back(*written.source);
    if (!written.encoder && written.own.empty())
      continue;
    std::vector<std::byte> &bytes = all.emplace_back(std::move(written.own));
    if (written.encoder)
      encodeRows(written, [&](llvm::ArrayRef<std::byte> rows) {
        bytes.insert(bytes.end(), rows.begin(), rows.end());
      });
    tensor.name = written.name;
    tensor.type = written.encoder ? checkpoint::ggufType(written.encoder->number)->type
                                  : checkpoint::safetensorsType(written.type)->type;
    tensor.typeName = written.type;
    tensor.shape = written.shape;
    tensor.bytes = bytes.size();
    tensor.data = bytes.data();
  }
  settings.isTransposed &= !turnsAll;
  if (const WeightType *type = types.inParts()) {
    if (auto *scheme = std::get_if<BitsAndBytesScheme>(&type->form)) {
      settings.quantisation = {*scheme, left};
    } else {
      BinaryForm form = std::get<BinaryForm>(type->form);
      form.omitted = {left.begin() + (settings.tiedEmbeddings ? 1 : 0), left.end()};
      settings.linear = form;
    }
  }
  if (checkpoint::Failure failure = into.replaceTensors(std::move(tensors), std::move(all)))
    throw UserError(failure->message);
}

} // namespace tern
