// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_CHECKPOINT_H
#define TERN_FRONTEND_CHECKPOINT_CHECKPOINT_H

#include "frontend/checkpoint/Gguf.h"
#include "frontend/checkpoint/MappedFile.h"
#include "frontend/checkpoint/Tensor.h"

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tern::checkpoint {

enum class Format { Gguf, HuggingFace, Safetensors };

/// Paths of files beside the weights of a Hugging Face directory, each empty if there is none.
struct TextFiles {
  std::string tokenizer;       ///< tokenizer.json
  std::string tokenizerConfig; ///< tokenizer_config.json
  std::string chatTemplate;    ///< chat_template.jinja
};

/// A model's tensors and settings, opened and checked. Files are mapped, not read: opening costs
/// the size of the heads, whatever the size of the weights.
class Checkpoint {
public:
  /// Opens a GGUF file, or a directory with config.json and either model.safetensors or
  /// model.safetensors.index.json.
  static Expected<Checkpoint> open(const std::string &path);

  /// Opens one safetensors file without a configuration.
  static Expected<Checkpoint> openSafetensors(const std::string &path);

  /// Reads a GGUF or safetensors file that is in memory.
  static Expected<Checkpoint> read(MappedFile file);

  /// Reads the files of a Hugging Face directory that are in memory.
  static Expected<Checkpoint> read(MappedFile weights, const MappedFile &config);

  Checkpoint(Checkpoint &&) noexcept;
  Checkpoint &operator=(Checkpoint &&) noexcept;
  ~Checkpoint();

  /// Puts tensors in place of all that are there. What each one borrows is of the files or of
  /// `bytes`, which this keeps. Fails if two have one name.
  Failure replaceTensors(std::vector<Tensor> tensors, std::vector<std::vector<std::byte>> bytes);

  Format format() const { return kind; }
  /// As it was opened.
  const std::string &path() const { return location; }
  /// The file that holds the settings, for messages: the GGUF file or config.json.
  const std::string &configPath() const { return settingsFile; }

  /// Files with weights, in the order of their names.
  std::span<const MappedFile> files() const { return weightFiles; }
  /// In the order of the files.
  std::span<const Tensor> tensors() const { return weights; }
  /// Null if there is no tensor of that name.
  const Tensor *find(std::string_view name) const;
  /// The file that holds a tensor of this checkpoint, for messages.
  const std::string &fileOf(const Tensor &tensor) const { return weightFiles[tensor.file].path(); }

  /// Empty unless the format is Gguf.
  const GgufMetadata &metadata() const { return ggufMetadata; }
  /// Objects of a Hugging Face directory's config.json and generation_config.json; null if there is
  /// none.
  const nlohmann::json *config() const { return configJson.get(); }
  const nlohmann::json *generationConfig() const { return generationJson.get(); }
  const TextFiles &textFiles() const { return texts; }

private:
  Checkpoint(Format format, std::string path);
  Failure setConfig(const MappedFile &file);
  static Expected<Checkpoint> openDirectory(const std::string &path);
  Failure addSafetensors(MappedFile file);
  Failure addShards(const MappedFile &index);
  Failure addShard(const std::string &name, std::span<const std::string> tensors);
  Failure readSettings();
  Failure indexNames();

  Format kind;
  std::string location;
  std::string settingsFile;
  std::vector<MappedFile> weightFiles;
  std::vector<Tensor> weights;
  std::vector<std::vector<std::byte>> ownBytes; ///< of weights that are in no file
  std::vector<uint32_t> byName;                 ///< indices of weights, sorted
  GgufMetadata ggufMetadata;
  std::unique_ptr<const nlohmann::json> configJson;
  std::unique_ptr<const nlohmann::json> generationJson;
  TextFiles texts;
};

/// A tensor that a model needs.
struct ExpectedTensor {
  std::string name;
  std::vector<int64_t> shape;
  bool isTransposed = false; ///< a weight [in, out], of which codes are [out, in] all the same
  bool isStacked = false;    ///< is multiplied as one of a stack of matrices
};

/// Fails at the first of `expected` that the checkpoint lacks, or that has another shape or a type
/// that is not read.
Failure checkTensors(const Checkpoint &checkpoint, std::span<const ExpectedTensor> expected);

} // namespace tern::checkpoint

#endif
