// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Checkpoint.h"
#include "frontend/checkpoint/Json.h"
#include "frontend/checkpoint/Safetensors.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>

namespace tern::checkpoint {
namespace {

bool exists(const std::string &path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

Failure readJson(const MappedFile &file, std::unique_ptr<const nlohmann::json> &result) {
  Expected<nlohmann::json> json = readJsonObject(file);
  if (!json)
    return json.error();
  result = std::make_unique<const nlohmann::json>(std::move(*json));
  return std::nullopt;
}

/// True for the name of a file in the index's own directory.
bool isPlainName(const std::string &name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
}

} // namespace

std::string toText(const std::vector<int64_t> &shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + "]";
}

Checkpoint::Checkpoint(Format format, std::string path)
    : kind(format), location(std::move(path)), settingsFile(location) {}
Checkpoint::Checkpoint(Checkpoint &&) noexcept = default;
Checkpoint &Checkpoint::operator=(Checkpoint &&) noexcept = default;
Checkpoint::~Checkpoint() = default;

Expected<Checkpoint> Checkpoint::open(const std::string &path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return openDirectory(path);
  Expected<MappedFile> file = MappedFile::open(path);
  if (!file)
    return file.error();
  if (!isGguf(*file))
    return makeError(path,
                     ": expected a GGUF file or a Hugging Face directory, found a file that "
                     "begins with ",
                     quote(file->text().substr(0, 4)));
  return read(std::move(*file));
}

Expected<Checkpoint> Checkpoint::openSafetensors(const std::string &path) {
  Expected<MappedFile> file = MappedFile::open(path);
  if (!file)
    return file.error();
  return read(std::move(*file));
}

Expected<Checkpoint> Checkpoint::read(MappedFile file) {
  Checkpoint checkpoint(isGguf(file) ? Format::Gguf : Format::Safetensors, file.path());
  if (checkpoint.kind == Format::Safetensors) {
    if (Failure failure = checkpoint.addSafetensors(std::move(file)))
      return std::move(*failure);
  } else {
    Expected<GgufContent> content = readGguf(file);
    if (!content)
      return content.error();
    checkpoint.ggufMetadata = std::move(content->metadata);
    checkpoint.weights = std::move(content->tensors);
    checkpoint.weightFiles.push_back(std::move(file));
  }
  if (Failure failure = checkpoint.indexNames())
    return std::move(*failure);
  return checkpoint;
}

Expected<Checkpoint> Checkpoint::openDirectory(const std::string &path) {
  Checkpoint checkpoint(Format::HuggingFace, path);
  if (Failure failure = checkpoint.readSettings())
    return std::move(*failure);

  const std::string single = path + "/model.safetensors";
  const std::string sharded = single + ".index.json";
  if (exists(single) || !exists(sharded)) {
    if (!exists(single))
      return makeError(path, ": expected model.safetensors or model.safetensors.index.json, found "
                             "neither");
    Expected<MappedFile> file = MappedFile::open(single);
    if (!file)
      return file.error();
    if (Failure failure = checkpoint.addSafetensors(std::move(*file)))
      return std::move(*failure);
  } else {
    Expected<MappedFile> index = MappedFile::open(sharded);
    if (!index)
      return index.error();
    if (Failure failure = checkpoint.addShards(*index))
      return std::move(*failure);
  }
  if (Failure failure = checkpoint.indexNames())
    return std::move(*failure);
  return checkpoint;
}

Expected<Checkpoint> Checkpoint::read(MappedFile weights, const MappedFile &config) {
  Checkpoint checkpoint(Format::HuggingFace, weights.path());
  if (Failure failure = checkpoint.setConfig(config))
    return std::move(*failure);
  if (Failure failure = checkpoint.addSafetensors(std::move(weights)))
    return std::move(*failure);
  if (Failure failure = checkpoint.indexNames())
    return std::move(*failure);
  return checkpoint;
}

Failure Checkpoint::replaceTensors(std::vector<Tensor> tensors,
                                   std::vector<std::vector<std::byte>> bytes) {
  weights = std::move(tensors);
  ownBytes = std::move(bytes);
  return indexNames();
}

Failure Checkpoint::setConfig(const MappedFile &file) {
  settingsFile = file.path();
  return readJson(file, configJson);
}

Failure Checkpoint::readSettings() {
  if (!exists(location + "/config.json"))
    return makeError(location, ": expected a config.json, found none");
  Expected<MappedFile> config = MappedFile::open(location + "/config.json");
  if (!config)
    return config.error();
  if (Failure failure = setConfig(*config))
    return failure;

  const std::string generationPath = location + "/generation_config.json";
  if (exists(generationPath)) {
    Expected<MappedFile> generation = MappedFile::open(generationPath);
    if (!generation)
      return generation.error();
    if (Failure failure = readJson(*generation, generationJson))
      return failure;
  }
  auto ifThere = [&](const char *name) {
    std::string file = location + "/" + name;
    return exists(file) ? file : std::string();
  };
  texts.tokenizer = ifThere("tokenizer.json");
  texts.tokenizerConfig = ifThere("tokenizer_config.json");
  texts.chatTemplate = ifThere("chat_template.jinja");
  return std::nullopt;
}

Failure Checkpoint::addSafetensors(MappedFile file) {
  Expected<SafetensorsContent> content = readSafetensors(file);
  if (!content)
    return content.error();
  for (Tensor &tensor : content->tensors) {
    tensor.file = uint32_t(weightFiles.size());
    weights.push_back(std::move(tensor));
  }
  weightFiles.push_back(std::move(file));
  return std::nullopt;
}

Failure Checkpoint::addShards(const MappedFile &index) {
  auto shardOf = readWeightMap(index);
  if (!shardOf)
    return shardOf.error();
  std::map<std::string, std::vector<std::string>> tensorsOf;
  for (auto &[tensor, shard] : *shardOf) {
    if (!isPlainName(shard))
      return makeError(index.path(), ": tensor ", quote(tensor),
                       ": expected the name of a file in the same directory, found ", quote(shard));
    tensorsOf[shard].push_back(tensor);
  }
  for (auto &[shard, tensors] : tensorsOf)
    if (Failure failure = addShard(shard, tensors))
      return failure;
  return std::nullopt;
}

/// Adds those tensors of a shard that the index says are there, given in the order of their names.
/// Any others are left out, since the index decides.
Failure Checkpoint::addShard(const std::string &name, std::span<const std::string> tensors) {
  Expected<MappedFile> file = MappedFile::open(location + "/" + name);
  if (!file)
    return file.error();
  size_t first = weights.size();
  const std::string path = file->path();
  if (Failure failure = addSafetensors(std::move(*file)))
    return failure;
  auto unnamed = [&](const Tensor &tensor) {
    return !std::binary_search(tensors.begin(), tensors.end(), tensor.name);
  };
  weights.erase(std::remove_if(weights.begin() + first, weights.end(), unnamed), weights.end());

  std::vector<std::string_view> found;
  for (size_t i = first; i < weights.size(); ++i)
    found.push_back(weights[i].name);
  std::sort(found.begin(), found.end());
  for (const std::string &tensor : tensors)
    if (!std::binary_search(found.begin(), found.end(), tensor))
      return makeError(path, ": expected tensor ", quote(tensor),
                       ", which model.safetensors.index.json says is here, found none");
  return std::nullopt;
}

Failure Checkpoint::indexNames() {
  byName.resize(weights.size());
  std::iota(byName.begin(), byName.end(), 0);
  std::sort(byName.begin(), byName.end(),
            [&](uint32_t a, uint32_t b) { return weights[a].name < weights[b].name; });
  auto twice = std::adjacent_find(byName.begin(), byName.end(), [&](uint32_t a, uint32_t b) {
    return weights[a].name == weights[b].name;
  });
  if (twice == byName.end())
    return std::nullopt;
  const Tensor &tensor = weights[*twice];
  return makeError(fileOf(tensor), ": expected each tensor once, found ", quote(tensor.name),
                   " twice");
}

const Tensor *Checkpoint::find(std::string_view name) const {
  auto at = std::lower_bound(byName.begin(), byName.end(), name,
                             [&](uint32_t i, std::string_view n) { return weights[i].name < n; });
  return at != byName.end() && weights[*at].name == name ? &weights[*at] : nullptr;
}

Failure checkTensors(const Checkpoint &checkpoint, std::span<const ExpectedTensor> expected) {
  for (const ExpectedTensor &wanted : expected) {
    const Tensor *tensor = checkpoint.find(wanted.name);
    if (!tensor)
      return makeError(checkpoint.path(), ": tensor ", quote(wanted.name), ": expected shape ",
                       toText(wanted.shape), ", found no such tensor");
    if (tensor->shape != wanted.shape)
      return makeError(checkpoint.fileOf(*tensor), ": tensor ", quote(wanted.name),
                       ": expected shape ", toText(wanted.shape), ", found ",
                       toText(tensor->shape));
    if (tensor->type == StorageType::Other)
      return makeError(checkpoint.fileOf(*tensor), ": tensor ", quote(wanted.name),
                       ": expected storage type ", kReadableTypes, ", found ",
                       quote(tensor->typeName));
  }
  return std::nullopt;
}

} // namespace tern::checkpoint
