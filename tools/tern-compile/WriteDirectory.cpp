// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/WriteDirectory.h"

#include "tools/command/CommandLine.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

namespace tern {

using checkpoint::SafetensorsEntry;
using checkpoint::StoredTensor;
using checkpoint::Tensor;
using command::UserError;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

DirectoryWriter::DirectoryWriter(const checkpoint::Checkpoint &model, std::string output)
    : model(model), output(llvm::StringRef(output).rtrim('/').str()) {
  if (fs::exists(this->output))
    throw UserError(output + ": expected a directory that is not there yet, found one");
  llvm::StringRef parent = path::parent_path(this->output);
  if (!fs::is_directory(parent.empty() ? "." : parent))
    throw UserError(output + ": expected a folder to write to, found none");
}

namespace {
struct Folder {
  llvm::SmallString<128> name;

  [[noreturn]] void refuse(llvm::StringRef file, const std::error_code &error) const {
    throw UserError((name + "/" + file).str() +
                    ": expected a file that can be written: " + error.message());
  }

  template <typename Write> void file(llvm::StringRef file, Write write) const {
    std::error_code error;
    llvm::raw_fd_ostream out((name + "/" + file).str(), error);
    if (!error) {
      write(out);
      out.close();
      error = out.error();
      out.clear_error();
    }
    if (error)
      refuse(file, error);
  }
};
} // namespace

static void writeWeights(const Folder &folder, const checkpoint::Checkpoint &model,
                         const DirectoryWriter::Parts &parts) {
  std::vector<SafetensorsEntry> entries;
  for (const Tensor &tensor : model.tensors())
    if (auto changed = parts.find(tensor.name); changed == parts.end())
      entries.push_back({tensor.name, tensor.typeName, tensor.shape, tensor.bytes});
    else
      for (const StoredTensor &part : changed->second)
        entries.push_back({part.name, part.type, part.shape, part.bytes.size()});
  folder.file("model.safetensors", [&](llvm::raw_ostream &out) {
    out << checkpoint::safetensorsHead(entries);
    auto write = [&](const std::byte *data, uint64_t size) {
      out.write(reinterpret_cast<const char *>(data), size);
    };
    for (const Tensor &tensor : model.tensors())
      if (auto changed = parts.find(tensor.name); changed == parts.end())
        write(tensor.data, tensor.bytes);
      else
        for (const StoredTensor &part : changed->second)
          write(part.bytes.data(), part.bytes.size());
  });
}

/// Tokenizer, templates and settings of generation, whatever their names.
static void copyOthers(const Folder &folder, llvm::StringRef from) {
  std::error_code error;
  for (fs::directory_iterator at(from, error), end; at != end && !error; at.increment(error)) {
    llvm::StringRef name = path::filename(at->path()), ending = path::extension(name);
    bool isText = ending == ".json" || ending == ".jinja" || ending == ".model" || ending == ".txt";
    if (!isText || name == "config.json" || name.ends_with(".index.json") ||
        !fs::is_regular_file(at->path()))
      continue;
    if (std::error_code failed = fs::copy_file(at->path(), folder.name + "/" + name))
      folder.refuse(name, failed);
  }
}

void DirectoryWriter::write(const nlohmann::json &config, const Parts &parts) const {
  Folder folder;
  fs::createUniquePath(output + ".%%%%%%", folder.name, /*MakeAbsolute=*/false);
  if (std::error_code error =
          fs::create_directory(folder.name, /*IgnoreExisting=*/false, fs::all_all))
    throw UserError(output + ": expected a directory that can be written: " + error.message());
  llvm::scope_exit remove([&] { fs::remove_directories(folder.name); });
  writeWeights(folder, model, parts);
  copyOthers(folder, model.path());
  folder.file("config.json", [&](llvm::raw_ostream &out) { out << config.dump(2) << "\n"; });
  if (std::error_code error = fs::rename(folder.name, output))
    throw UserError(output + ": expected a directory that can be written: " + error.message());
  remove.release();
}

} // namespace tern
