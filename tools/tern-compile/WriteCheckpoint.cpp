// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/WriteCheckpoint.h"

#include "frontend/checkpoint/GgufWriter.h"
#include "frontend/checkpoint/SafetensorsWriter.h"
#include "tools/command/CommandLine.h"
#include "tools/generate/Interrupt.h"
#include "tools/generate/ModelFile.h"
#include "tools/tern-compile/NewFolder.h"
#include "tools/tern-compile/OutputFile.h"
#include "tools/tern-compile/Requantise.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <iostream>
#include <nlohmann/json.hpp>

namespace tern {

using checkpoint::Checkpoint;
using command::UserError;
using Json = nlohmann::json;

namespace {

[[noreturn]] void refuseOutput(const std::string &path, const std::string &why) {
  throw UserError(path + ": expected a file that can be written: " + why);
}

//===- GGUF ---------------------------------------------------------------===//

/// All keys, with another general.file_type: that of the last part of the spec.
void addKeys(const Checkpoint &model, const WeightTypes &types, checkpoint::GgufWriter &head) {
  for (const checkpoint::GgufEntry &entry : model.metadata().entries())
    if (entry.key != "general.file_type" && entry.key != "general.alignment" &&
        entry.key != "general.quantization_version")
      head.copy(entry.key, entry.value);
  head.number("general.alignment", checkpoint::GgufWriter::kAlignment);
  head.number("general.quantization_version", 2);
  head.number("general.file_type", types.all().back().encoder()->fileType);
}

/// Writes aside and renames, so that nothing half-written has the name.
void writeGguf(const std::string &path, const std::string &head, Requantisation &weights) {
  std::string target = behindLinks(path).string();
  llvm::Expected<llvm::sys::fs::TempFile> file = llvm::sys::fs::TempFile::create(
      target + ".%%%%%%", llvm::sys::fs::all_read | llvm::sys::fs::owner_write);
  if (!file)
    refuseOutput(path, llvm::toString(file.takeError()));
  std::error_code error;
  try {
    llvm::raw_fd_ostream out(file->FD, /*shouldClose=*/false);
    out << head;
    for (const NewTensor &tensor : weights.tensors()) {
      weights.write(tensor, [&](llvm::ArrayRef<std::byte> bytes) {
        out.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
      });
      out.write_zeros(
          static_cast<unsigned>(checkpoint::GgufWriter::aligned(tensor.bytes) - tensor.bytes));
    }
    out.flush();
    error = out.error();
    out.clear_error();
  } catch (...) {
    llvm::consumeError(file->discard());
    throw;
  }
  if (error || generate::interrupted()) {
    llvm::consumeError(file->discard());
    if (error)
      refuseOutput(path, error.message());
    return;
  }
  if (llvm::Error failure = file->keep(target))
    refuseOutput(path, llvm::toString(std::move(failure)));
}

void emitGguf(const Checkpoint &model, const WeightTypes &types, const std::string &output) {
  if (const WeightType *type = types.inParts())
    throw UserError(model.path() + ": --quantize=" + type->name +
                    ": expected a Hugging Face directory, for a model is written as what it is "
                    "read from and only such files have this type, found a GGUF file");
  if (llvm::sys::fs::equivalent(model.path(), output))
    throw UserError(output + ": expected another file to write than the one that is read");
  checkOutputFile(output);
  Requantisation weights(model, nullptr, types);
  checkpoint::GgufWriter head;
  addKeys(model, types, head);
  for (const NewTensor &tensor : weights.tensors())
    head.tensor(tensor.name, tensor.shape, checkpoint::ggufNumber(tensor.type), tensor.bytes);
  writeGguf(output, head.head(), weights);
  if (generate::interrupted())
    return;
  std::cerr << output << ": " << weights.describe() << "\n";
  command::warn(weights.warning("tern-dump --tensors " + output));
}

//===- Hugging Face -------------------------------------------------------===//

/// What transformers reads of bitsandbytes' types.
Json configOf(const checkpoint::BitsAndBytesScheme &scheme,
              const std::vector<std::string> &omitted) {
  return {{"quant_method", "bitsandbytes"},
          {"load_in_4bit", !scheme.isInteger},
          {"load_in_8bit", scheme.isInteger},
          {"bnb_4bit_quant_type", scheme.table},
          {"bnb_4bit_use_double_quant", scheme.isNested},
          {"bnb_4bit_quant_storage", "uint8"},
          {"bnb_4bit_compute_dtype", "float32"},
          {"llm_int8_threshold", 6.0},
          {"llm_int8_skip_modules", omitted},
          {"llm_int8_has_fp16_weight", false},
          {"llm_int8_enable_fp32_cpu_offload", false}};
}

Json configFor(const Checkpoint &model, const WeightTypes &types, const Requantisation &weights) {
  Json config = *model.config();
  const WeightType *type = types.inParts();
  if (!type)
    return config;
  if (auto *scheme = std::get_if<checkpoint::BitsAndBytesScheme>(&type->form)) {
    config["quantization_config"] = configOf(*scheme, weights.omitted());
  } else {
    sayBinary(config, std::get<checkpoint::BinaryForm>(type->form).bits, weights.omitted());
  }
  return config;
}

/// The tensors of many bytes an element first, so that each lies at a multiple of them.
std::vector<const NewTensor *> ordered(Requantisation &weights) {
  std::vector<const NewTensor *> tensors;
  for (const NewTensor &tensor : weights.tensors())
    tensors.push_back(&tensor);
  auto sizeOf = [](const NewTensor *tensor) {
    const checkpoint::TypeLayout *layout = checkpoint::safetensorsType(tensor->type);
    return layout ? -int64_t(layout->blockBytes) : 0;
  };
  std::ranges::sort(tensors, {}, [&](const NewTensor *tensor) {
    return std::tuple(sizeOf(tensor), std::string_view(tensor->name));
  });
  return tensors;
}

std::string headOf(llvm::ArrayRef<const NewTensor *> tensors) {
  std::vector<checkpoint::SafetensorsEntry> entries;
  for (const NewTensor *tensor : tensors)
    entries.push_back({tensor->name, tensor->type, tensor->shape, tensor->bytes});
  return checkpoint::safetensorsHead(entries);
}

void emitFolder(const std::string &path, const WeightTypes &types, const std::string &output) {
  for (const WeightType &type : types.all())
    if (type.encoder() && !type.isFloat())
      throw UserError(path + ": --quantize=" + type.name +
                      ": expected a GGUF file, for a model is written as what it is read from "
                      "and only such files have this type, found a Hugging Face directory");
  NewFolder folder(output, path);
  generate::ModelFile model = generate::ModelFile::open(path);
  const WeightType *parts = types.inParts();
  bool isBinary = parts && std::holds_alternative<checkpoint::BinaryForm>(parts->form);
  if (isBinary && model.config.family != "llama")
    throw UserError(path + ": --quantize=" + parts->name + ": expected llama, whose graph " +
                    "ShiftAddLLM's files have, or an artefact to write, found " +
                    model.config.family);
  Requantisation weights(model.checkpoint, &model.config, types);
  std::vector<const NewTensor *> tensors = ordered(weights);
  folder.write("config.json", [&](llvm::raw_ostream &out) {
    out << configFor(model.checkpoint, types, weights).dump(2) << "\n";
  });
  folder.write("model.safetensors", [&](llvm::raw_ostream &out) {
    out << headOf(tensors);
    for (const NewTensor *tensor : tensors)
      weights.write(*tensor, [&](llvm::ArrayRef<std::byte> bytes) {
        out.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
      });
  });
  folder.copySettings();
  if (generate::interrupted())
    return;
  folder.keep();
  std::cerr << folder.name() << ": " << weights.describe() << "\n";
}

} // namespace

void sayBinary(Json &config, int64_t bits, const std::vector<std::string> &omitted) {
  config["model_type"] = "shiftaddllm";
  config["wbits"] = bits;
  config["lat"] = true;
  config["lut_eval"] = false;
  config["name_omit"] = omitted;
}

void writeCheckpoint(const std::string &path, const std::string &spec, const std::string &output) {
  WeightTypes types(spec);
  const WeightType *parts = types.inParts();
  for (const WeightType &type : types.all())
    if (parts && type.encoder() && !type.isFloat())
      throw UserError(path + ": --quantize=" + spec +
                      ": expected types that one kind of file has, " +
                      "or an artefact to write, found " + type.name + " and " + parts->name);
  generate::catchInterrupts(nullptr);
  if (llvm::sys::fs::is_directory(path))
    return emitFolder(path, types, output);
  checkpoint::Expected<Checkpoint> model = Checkpoint::open(path);
  if (!model)
    throw UserError(model.error().message);
  emitGguf(*model, types, output);
}

} // namespace tern
