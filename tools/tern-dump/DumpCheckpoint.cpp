// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-dump/DumpCheckpoint.h"

#include "frontend/architecture/Remarks.h"
#include "frontend/checkpoint/Dequantise.h"
#include "tools/command/CommandLine.h"
#include "tools/generate/ModelFile.h"
#include "tools/generate/ModelTokenizer.h"
#include "tools/tern-dump/SpectralNorm.h"

#include <iostream>
#include <nlohmann/json.hpp>

namespace tern {
namespace {

using checkpoint::Checkpoint;
using checkpoint::quote;

std::string textOf(const checkpoint::GgufValue &value) {
  if (auto text = value.text())
    return quote(*text);
  if (auto integer = value.integer())
    return std::to_string(*integer);
  if (auto real = value.real())
    return checkpoint::toText(*real);
  if (auto boolean = value.boolean())
    return *boolean ? "true" : "false";
  return "array of " + std::to_string(value.count());
}

void dumpKey(std::string_view key, const std::string &value) {
  std::cout << "key " << quote(key) << " = " << value << "\n";
}

/// Settings one by one, those within objects as paths, as messages name them.
void dumpJson(const std::string &prefix, const nlohmann::json &object) {
  for (const auto &[name, value] : object.items()) {
    const std::string key = prefix + name;
    if (value.is_object())
      dumpJson(key + ".", value);
    else if (value.is_array())
      dumpKey(key, "array of " + std::to_string(value.size()));
    else if (value.is_string())
      dumpKey(key, quote(value.get_ref<const std::string &>()));
    else
      dumpKey(key, value.dump());
  }
}

void dumpKeys(const Checkpoint &checkpoint) {
  for (const checkpoint::GgufEntry &entry : checkpoint.metadata().entries())
    dumpKey(entry.key, textOf(entry.value));
  if (checkpoint.config())
    dumpJson("", *checkpoint.config());
}

void dumpTensors(const Checkpoint &checkpoint) {
  for (const checkpoint::Tensor &tensor : checkpoint.tensors())
    std::cout << "tensor " << quote(tensor.name) << " " << tensor.typeName << " "
              << checkpoint::toText(tensor.shape) << " at " << tensor.offset << ", " << tensor.bytes
              << " bytes\n";
}

/// The file's text, which the tokenizer has read before.
std::string contentOf(const std::string &path) {
  auto file = checkpoint::MappedFile::open(path);
  return file ? std::string(file->text()) : std::string();
}

/// Empty if there is none.
std::string chatTemplateOf(const Checkpoint &checkpoint) {
  if (const auto *value = checkpoint.metadata().find("tokenizer.chat_template"))
    return std::string(value->text().value_or(""));
  const checkpoint::TextFiles &files = checkpoint.textFiles();
  if (!files.chatTemplate.empty())
    return contentOf(files.chatTemplate);
  if (files.tokenizerConfig.empty())
    return "";
  auto json = nlohmann::json::parse(contentOf(files.tokenizerConfig), nullptr, false);
  if (!json.is_object() || !json.contains("chat_template"))
    return "";
  const auto &chosen = json["chat_template"];
  return chosen.is_string() ? chosen.get<std::string>() : chosen.dump(2);
}

/// Line by line, so that what steers a terminal is escaped and the rest stays legible.
void dumpChatTemplate(const std::string &text) {
  if (text.empty())
    return;
  std::cout << "chat template of " << text.size() << " bytes\n";
  for (size_t first = 0; first < text.size();) {
    size_t end = std::min(text.find('\n', first), text.size());
    std::cout << "  ";
    for (size_t i = first; i < end; ++i) {
      auto byte = static_cast<unsigned char>(text[i]);
      if (byte >= 0x20 && byte != 0x7f)
        std::cout << text[i];
      else
        std::cout << "\\x" << "0123456789abcdef"[byte >> 4] << "0123456789abcdef"[byte & 15];
    }
    std::cout << "\n";
    first = end + 1;
  }
}

/// A weight whose numbers are codes and scales; nothing for any other.
std::optional<checkpoint::QuantisedWeight> inParts(const generate::ModelFile &model,
                                                   const checkpoint::ExpectedTensor &tensor) {
  auto weight = findQuantised(model.checkpoint, model.config.quantisation, tensor);
  return weight ? *weight : std::nullopt;
}

void dumpSpectralNorm(const std::string &name, const std::vector<int64_t> &shape,
                      const std::vector<float> &numbers) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.10g", spectralNorm(numbers, size_t(shape.back())));
  std::cout << "sigma_max " << quote(name) << " " << checkpoint::toText(shape) << " = " << digits
            << std::endl; // each takes a while
}

/// sigma_max of the matrices whose names have the part, of those in parts by the numbers that they
/// stand for. All maps of layers that are no matrices are left out, which is said.
void dumpSpectralNorms(const generate::ModelFile &model, const std::string &part) {
  const Checkpoint &checkpoint = model.checkpoint;
  auto isWanted = [&](const std::string &name) {
    return part == "*" || name.find(part) != std::string::npos;
  };
  auto matrices = architecture::matricesOf(model.config);
  const checkpoint::LinearForm &form = model.config.linear;
  bool isOtherForm = std::holds_alternative<checkpoint::BinaryForm>(form) ||
                     std::holds_alternative<checkpoint::SharedForm>(form) ||
                     std::holds_alternative<checkpoint::SplitForm>(form);
  bool hasParts = isOtherForm || model.config.quantisation.kind.index() != 0;
  bool hasOne = false;
  for (const checkpoint::Tensor &tensor : checkpoint.tensors()) {
    bool isMatrix = tensor.shape.size() >= 2 && tensor.type != checkpoint::StorageType::Other;
    auto known = matrices.find(tensor.name);
    if (!isWanted(tensor.name) || !isMatrix || (hasParts && known == matrices.end()))
      continue;
    hasOne = true;
    std::vector<float> numbers(size_t(tensor.rows() * tensor.columns()));
    checkpoint::dequantise(tensor, 0, tensor.rows(), numbers.data());
    dumpSpectralNorm(tensor.name, tensor.shape, numbers);
  }
  for (const checkpoint::ExpectedTensor &tensor : architecture::tensorsOf(model.config)) {
    auto weight = isWanted(tensor.name) ? inParts(model, tensor) : std::nullopt;
    if (!weight)
      continue;
    hasOne = true;
    std::vector<int64_t> shape = tensor.shape;
    if (tensor.isTransposed)
      std::swap(shape[0], shape[1]);
    dumpSpectralNorm(tensor.name, shape, numbersOf(checkpoint, *weight, shape[0], shape[1]));
  }
  if (isOtherForm) {
    hasOne = true;
    std::cout << "sigma_max of the maps in layers of " << model.config.family
              << " left out: they are stored in another form\n";
  }
  if (!hasOne)
    throw command::UserError("--sigma-max: expected a part of a matrix's name in " +
                             checkpoint.path() + ", found " + quote(part));
}

void dumpUnused(const generate::ModelFile &model) {
  for (const std::string &key : model.config.unknownKeys)
    std::cout << "not understood: key " << quote(key) << "\n";
  for (const checkpoint::Tensor *tensor :
       architecture::unusedTensors(model.checkpoint, model.config))
    std::cout << "not understood: tensor " << quote(tensor->name) << "\n";
}

} // namespace

void dumpCheckpoint(const std::string &path, const CheckpointParts &parts) {
  // What can't run is refused here as there.
  generate::ModelFile model = generate::ModelFile::open(path);
  generate::readTokenizer(model.checkpoint);
  if (parts.keys)
    dumpKeys(model.checkpoint);
  if (parts.tensors)
    dumpTensors(model.checkpoint);
  if (parts.chatTemplate)
    dumpChatTemplate(chatTemplateOf(model.checkpoint));
  if (parts.unused)
    dumpUnused(model);
  if (parts.remarks)
    for (const std::string &remark : architecture::remarksOn(model.checkpoint, model.config))
      std::cout << remark << "\n";
  if (!parts.spectral.empty())
    dumpSpectralNorms(model, parts.spectral);
}

} // namespace tern
