// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/generate/ModelTokenizer.h"

#include "tools/command/CommandLine.h"

#include <nlohmann/json.hpp>

namespace tern::generate {

using checkpoint::Checkpoint;
using checkpoint::Expected;
using checkpoint::MappedFile;

template <typename T> static T valueOf(Expected<T> expected, const std::string &prefix = "") {
  if (!expected)
    throw command::UserError(prefix + expected.error().message);
  return std::move(*expected);
}

static std::optional<text::Tokenizer> readGguf(const Checkpoint &checkpoint) {
  if (!checkpoint.metadata().find("tokenizer.ggml.model"))
    return std::nullopt;
  auto metadata = valueOf(checkpoint::readTokenizerMetadata(checkpoint));
  return valueOf(text::Tokenizer::fromGguf(metadata), checkpoint.path() + ": ");
}

static std::optional<text::Tokenizer> readHuggingFace(const Checkpoint &checkpoint) {
  const checkpoint::TextFiles &paths = checkpoint.textFiles();
  if (paths.tokenizer.empty())
    return std::nullopt;
  std::vector<MappedFile> files;
  // What was taken for a view stays mapped until the tokenizer is made.
  auto read = [&](const std::string &path) -> std::string_view {
    if (path.empty())
      return "";
    files.push_back(valueOf(MappedFile::open(path)));
    return files.back().text();
  };
  text::HuggingFaceFiles content;
  content.tokenizer = read(paths.tokenizer);
  content.tokenizerConfig = read(paths.tokenizerConfig);
  content.chatTemplate = read(paths.chatTemplate);
  std::string generation;
  if (checkpoint.generationConfig())
    generation = checkpoint.generationConfig()->dump();
  content.generationConfig = generation;
  return valueOf(text::Tokenizer::fromHuggingFace(content), checkpoint.path() + "/");
}

std::optional<text::Tokenizer> readTokenizer(const Checkpoint &checkpoint) {
  return checkpoint.format() == checkpoint::Format::Gguf ? readGguf(checkpoint)
                                                         : readHuggingFace(checkpoint);
}

std::optional<text::Tokenizer> readTokenizer(std::string_view section, const std::string &path) {
  if (section.empty())
    return std::nullopt;
  return valueOf(text::Tokenizer::fromJson(section), path + ": section 'tokenizer': ");
}

} // namespace tern::generate
