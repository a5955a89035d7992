// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/Weights.h"

#include "runtime/src/Interpreter.h"

#include <filesystem>

using namespace tern::format;
namespace fs = std::filesystem;

namespace tern::runtime {

namespace {

/// Checkpoint files of one artefact, found and checked.
class Sources {
public:
  explicit Sources(const Artefact &artefact) : artefact(artefact) {}

  Error open(const LoadOptions &options) {
    for (const SourceFile &expected : artefact.index.files)
      if (Error error = openFile(expected, options))
        return error;
    return {};
  }

  const std::byte *address(const SourceTensor &tensor) const { return tensorBytes(tensor).data(); }

  /// Lets the tensor's pages go.
  void release(const SourceTensor &tensor) const {
    const MappedFile &file =
        tensor.file == SourceTensor::embedded ? artefact.file : files[tensor.file];
    file.release(tensorBytes(tensor));
  }

private:
  std::span<const std::byte> tensorBytes(const SourceTensor &tensor) const {
    std::span<const std::byte> all;
    if (tensor.file == SourceTensor::embedded)
      all = artefact.container.bytes(*artefact.container.find(section::weights));
    else
      all = files[tensor.file].bytes();
    return all.subspan(tensor.offset, tensor.length);
  }

  Error openFile(const SourceFile &expected, const LoadOptions &options);

  const Artefact &artefact;
  std::vector<MappedFile> files;
};

/// Where the file may lie: beside the artefact, then where the user says.
std::vector<std::string> candidates(const Artefact &artefact, const SourceFile &file,
                                    const std::string &weightsPath) {
  std::vector<std::string> paths{(fs::path(artefact.path).parent_path() / file.name).string()};
  std::error_code ignored;
  if (fs::is_directory(weightsPath, ignored))
    paths.push_back((fs::path(weightsPath) / file.name).string());
  else if (!weightsPath.empty())
    paths.push_back(weightsPath);
  return paths;
}

Error Sources::openFile(const SourceFile &expected, const LoadOptions &options) {
  std::string tried;
  MappedFile file;
  for (const std::string &path : candidates(artefact, expected, options.weightsPath)) {
    Error missing = MappedFile::open(path, file);
    if (!missing && file.bytes().size() == expected.bytes) {
      tried = path;
      break;
    }
    tried += (tried.empty() ? "" : " and ") +
             (missing ? missing.message()
                      : path + ": has " + std::to_string(file.bytes().size()) + " bytes");
    file = MappedFile();
  }
  if (file.descriptor() < 0)
    return makeError(TERN_BAD_FILE,
                     "%s: expected its weights in a file '%s' of %llu bytes beside it or at the "
                     "path given for weights; tried %s",
                     artefact.path.c_str(), expected.name.c_str(),
                     static_cast<unsigned long long>(expected.bytes), tried.c_str());
  // A remembered hash that differs may be a damaged memory: only the file says.
  Hash found = options.cache && !options.verify ? options.cache->contentHash(file) : Hash{};
  if (found != expected.hash)
    found = hashContent(file);
  if (found != expected.hash)
    return makeError(TERN_BAD_FILE,
                     "%s: its content is not that of the file that %s was compiled from: expected "
                     "hash %s, found %s",
                     tried.c_str(), artefact.path.c_str(), toHex(expected.hash).c_str(),
                     toHex(found).c_str());
  files.push_back(std::move(file));
  return {};
}

/// By command of the load program: the tensors that it reads and no later
/// command does.
std::vector<std::vector<uint32_t>> lastReads(const Program &load, size_t numTensors) {
  std::vector<size_t> last(numTensors, load.commands.size()); // read by none
  auto note = [&](uint32_t buffer, size_t command) {
    if (load.buffers[buffer].space == Space::Source)
      last[load.buffers[buffer].index] = command;
  };
  for (size_t i = 0; i < load.commands.size(); ++i) {
    if (auto *launch = std::get_if<Launch>(&load.commands[i])) {
      for (uint32_t buffer : launch->buffers)
        note(buffer, i);
    } else {
      note(std::get<Copy>(load.commands[i]).source, i);
    }
  }
  std::vector<std::vector<uint32_t>> result(load.commands.size());
  for (uint32_t tensor = 0; tensor < numTensors; ++tensor)
    if (last[tensor] < result.size())
      result[last[tensor]].push_back(tensor);
  return result;
}

Error pack(const Artefact &artefact, Device &device, const LoadedCode &code,
           const LoadOptions &options, std::span<std::byte *const> packed) {
  const Index &index = artefact.index;
  const Program *load = index.findProgram("load");
  if (!load)
    return {};
  Sources sources(artefact);
  if (Error error = sources.open(options))
    return error;
  Spaces spaces;
  spaces.packed.assign(packed.begin(), packed.end());
  spaces.constants = artefact.constants.data();
  for (const SourceTensor &tensor : index.tensors)
    spaces.sources.push_back(sources.address(tensor));
  auto released = lastReads(*load, index.tensors.size());
  uint64_t total = 0, done = 0;
  for (const auto &tensors : released)
    for (uint32_t tensor : tensors)
      total += index.tensors[tensor].length;
  auto finish = [&](size_t command) {
    for (uint32_t tensor : released[command]) {
      sources.release(index.tensors[tensor]);
      done += index.tensors[tensor].length;
    }
    return !options.progress || options.progress(done, total);
  };
  Interpreter interpreter(device, code, index, *load, std::move(spaces));
  std::vector<int64_t> dims(index.dims.size());
  Error error = interpreter.run(
      dims, {}, [&](size_t command) { return command == 0 || finish(command - 1); });
  if (!error && !load->commands.empty())
    finish(load->commands.size() - 1);
  return error;
}

} // namespace

void Weights::setAddresses(std::byte *base) {
  addresses.clear();
  for (uint64_t offset : offsets)
    addresses.push_back(base + offset);
}

Error Weights::load(const Artefact &artefact, Device &device, const LoadedCode &code,
                    const LoadOptions &options) {
  // Each weight starts on a page: it is read alone, in long streams.
  for (const PackedWeight &weight : artefact.index.packed) {
    offsets.push_back(bytes);
    bytes += (weight.bytes + pageBytes - 1) / pageBytes * pageBytes;
  }
  Hash key = artefact.packedKey();
  if (options.cache && !options.verify && bytes)
    if (auto found = options.cache->find(key, bytes)) {
      entry = std::move(*found);
      // No program but `load` writes packed weights (V14).
      setAddresses(const_cast<std::byte *>(entry.bytes.data()));
      return {};
    }
  // Packing reads all of them, so that it costs little to check them.
  if (const SectionEntry *embedded = artefact.container.find(section::weights))
    if (Error error = artefact.container.checkHash(*embedded))
      return std::move(error).in(artefact.path);
  if (Error error = device.allocate(bytes, "weights", memory))
    return error;
  setAddresses(memory.data());
  if (Error error = pack(artefact, device, code, options, addresses))
    return error;
  if (options.cache && bytes)
    options.cache->store(key, {memory.data(), bytes});
  return {};
}

Error Weights::upload(Device &device) {
  Memory own;
  if (Error error = device.allocate(bytes, "weights", own))
    return error;
  const std::byte *packed = memory.size() ? memory.data() : entry.bytes.data();
  if (bytes)
    if (Error error = device.write(own.data(), packed, bytes))
      return error;
  setAddresses(own.data());
  memory = std::move(own);
  entry = {};
  return {};
}

} // namespace tern::runtime
