// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/WriteCheckpoint.h"

#include "frontend/checkpoint/Checkpoint.h"
#include "frontend/checkpoint/Dequantise.h"
#include "frontend/checkpoint/GgufWriter.h"
#include "frontend/checkpoint/Quantise.h"
#include "tools/command/CommandLine.h"
#include "tools/generate/Interrupt.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/Parallel.h"
#include "llvm/Support/raw_ostream.h"

#include <iostream>
#include <map>

namespace tern {

using checkpoint::BlockEncoder;
using checkpoint::Checkpoint;
using checkpoint::StorageType;
using checkpoint::Tensor;
using command::UserError;

namespace {

/// The types that are asked for, by tensors' names.
class Spec {
public:
  explicit Spec(const std::string &text) {
    for (llvm::StringRef part : llvm::split(text, ','))
      parts.push_back(parse(part));
  }

  /// Null if no part fits the name.
  const BlockEncoder *find(llvm::StringRef name) const {
    auto at = llvm::find_if(parts, [&](const Part &part) { return part.pattern.match(name); });
    return at == parts.end() ? nullptr : at->encoder;
  }
  /// Of a name that no pattern is meant for, or of the last part.
  const BlockEncoder &usual() const { return *parts.back().encoder; }

private:
  struct Part {
    llvm::GlobPattern pattern;
    const BlockEncoder *encoder;
  };

  static Part parse(llvm::StringRef part) {
    auto [glob, type] = part.contains('=') ? part.rsplit('=') : std::pair("*", part);
    const BlockEncoder *encoder = checkpoint::findEncoder(type.lower());
    if (!encoder)
      throw UserError("--quantize: expected a type of " + checkpoint::namesOfEncoders() +
                      ", found '" + type.str() + "'");
    llvm::Expected<llvm::GlobPattern> pattern = llvm::GlobPattern::create(glob);
    if (!pattern)
      throw UserError("--quantize: expected a pattern of tensors' names, found '" + glob.str() +
                      "': " + llvm::toString(pattern.takeError()));
    return {std::move(*pattern), encoder};
  }

  std::vector<Part> parts;
};

/// What a tensor is written in.
struct Written {
  const Tensor *tensor;
  const BlockEncoder *encoder; ///< null: as it is

  uint64_t bytes() const {
    if (!encoder)
      return tensor->bytes;
    return static_cast<uint64_t>(tensor->rows() * tensor->columns() / encoder->elements *
                                 encoder->bytes);
  }
};

/// Matrices of weights, other than those that choose: a table of positions or types, or a router.
bool isMatrix(const Tensor &tensor) {
  llvm::StringRef name = tensor.name;
  return tensor.shape.size() > 1 && name.ends_with(".weight") && !name.contains("_norm") &&
         !name.contains("ffn_gate_inp") && name != "position_embd.weight" &&
         name != "token_types.weight";
}

/// The type itself, or a shorter one where its blocks do not fill the rows (llama.cpp,
/// llama-quant).
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

const BlockEncoder *choose(const Checkpoint &model, const Tensor &tensor, const Spec &spec) {
  const BlockEncoder *wanted = isMatrix(tensor) ? spec.find(tensor.name) : nullptr;
  if (!wanted)
    return nullptr;
  if (tensor.type == StorageType::Other)
    throw UserError(model.fileOf(tensor) + ": tensor '" + tensor.name + "': expected a type of " +
                    std::string(checkpoint::kReadableTypes) + ", found " + tensor.typeName);
  bool isWhole = tensor.type == StorageType::F32 || tensor.type == StorageType::F16 ||
                 tensor.type == StorageType::BF16;
  if (!isWhole && wanted->elements != 1)
    throw UserError(model.fileOf(tensor) + ": tensor '" + tensor.name +
                    "': expected F32, F16 or BF16, which --quantize=f32 writes, found " +
                    tensor.typeName);
  return fitting(wanted, tensor.columns());
}

/// All keys, with another general.file_type.
void addKeys(const Checkpoint &model, const Spec &spec, checkpoint::GgufWriter &head) {
  for (const checkpoint::GgufEntry &entry : model.metadata().entries())
    if (entry.key != "general.file_type" && entry.key != "general.alignment" &&
        entry.key != "general.quantization_version")
      head.copy(entry.key, entry.value);
  head.number("general.alignment", checkpoint::GgufWriter::kAlignment);
  head.number("general.quantization_version", 2);
  head.number("general.file_type", spec.usual().fileType);
}

/// Rows are independent, so they are encoded side by side.
void writeData(const Written &written, llvm::raw_ostream &out) {
  const Tensor &tensor = *written.tensor;
  if (!written.encoder) {
    out.write(reinterpret_cast<const char *>(tensor.data), tensor.bytes);
    return;
  }
  constexpr int64_t chunk = 256;
  int64_t columns = tensor.columns();
  auto rowBytes = static_cast<size_t>(columns / written.encoder->elements * written.encoder->bytes);
  for (int64_t first = 0; first < tensor.rows(); first += chunk) {
    auto rows = static_cast<size_t>(std::min(chunk, tensor.rows() - first));
    std::vector<std::byte> bytes(rows * rowBytes);
    llvm::parallelFor(0, rows, [&](size_t row) {
      std::vector<float> values(static_cast<size_t>(columns));
      dequantise(tensor, first + static_cast<int64_t>(row), 1, values.data());
      written.encoder->encodeAll(values, bytes.data() + row * rowBytes);
    });
    out.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
    if (generate::interrupted())
      return;
  }
}

/// Writes aside and renames, so that nothing half-written has the name.
void writeFile(const std::string &path, llvm::ArrayRef<Written> tensors, const std::string &head) {
  auto refuse = [&](std::string why) {
    throw UserError(path + ": expected a file that can be written: " + why);
  };
  llvm::Expected<llvm::sys::fs::TempFile> file = llvm::sys::fs::TempFile::create(
      path + ".%%%%%%", llvm::sys::fs::all_read | llvm::sys::fs::owner_write);
  if (!file)
    refuse(llvm::toString(file.takeError()));
  llvm::raw_fd_ostream out(file->FD, /*shouldClose=*/false);
  out << head;
  for (const Written &written : tensors) {
    if (generate::interrupted())
      break;
    writeData(written, out);
    out.write_zeros(
        static_cast<unsigned>(checkpoint::GgufWriter::aligned(written.bytes()) - written.bytes()));
  }
  out.flush();
  std::error_code error = out.error();
  out.clear_error();
  if (error || generate::interrupted()) {
    llvm::consumeError(file->discard());
    if (error)
      refuse(error.message());
    return;
  }
  if (llvm::Error failure = file->keep(path))
    refuse(llvm::toString(std::move(failure)));
}

void report(llvm::ArrayRef<Written> tensors, const std::string &output) {
  std::map<std::string, int> counts;
  for (const Written &written : tensors)
    ++counts[written.encoder ? std::string(written.encoder->name) : "their own type"];
  std::string text;
  for (auto &[type, count] : counts)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " in " + type;
  std::cerr << output << ": " << text << "\n";
}

} // namespace

void writeCheckpoint(const std::string &model, const std::string &spec, const std::string &output) {
  Spec types(spec);
  checkpoint::Expected<Checkpoint> opened = Checkpoint::open(model);
  if (!opened)
    throw UserError(opened.error().message);
  if (opened->format() != checkpoint::Format::Gguf)
    throw UserError(model + ": --emit=checkpoint: expected a GGUF file, found a Hugging Face "
                            "directory");
  if (llvm::sys::fs::equivalent(model, output))
    throw UserError(output + ": expected another file to write than the one that is read");
  checkpoint::GgufWriter head;
  addKeys(*opened, types, head);
  std::vector<Written> tensors;
  for (const Tensor &tensor : opened->tensors()) {
    tensors.push_back({&tensor, choose(*opened, tensor, types)});
    const Written &written = tensors.back();
    head.tensor(tensor.name, tensor.shape,
                written.encoder ? written.encoder->number : checkpoint::ggufNumber(tensor.typeName),
                written.bytes());
  }
  generate::catchInterrupts(nullptr);
  writeFile(output, tensors, head.head());
  if (!generate::interrupted())
    report(tensors, output);
}

} // namespace tern
