// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/Families.h"

namespace tern::architecture {

using checkpoint::Expected;
using checkpoint::Format;

/// Codes are of weights, and of no other form of a map.
static void readQuantisation(ConfigReader &reader, ModelConfig &config) {
  config.quantisation = checkpoint::readQuantisation(reader);
  if (config.quantisation.kind.index() != 0 && config.linear.index() != 0)
    reader.reject("quantization_config", "weights that are not quantised in " + config.family);
}

static const Family *const kFamilies[] = {
#define TERN_FAMILY(name) &name,
#include "frontend/architecture/Families.def"
};

Expected<ModelConfig> readModelConfig(const Checkpoint &checkpoint) {
  bool isGguf = checkpoint.format() == Format::Gguf;
  std::string_view key = isGguf ? "general.architecture" : "model_type";
  ConfigReader reader(checkpoint);
  std::string name = reader.text(key), known;
  if (isGguf && reader.text("general.type", "model") != "model")
    reader.reject("general.type", "'model'");
  if (reader.failure())
    return *reader.failure();
  for (const Family *family : kFamilies) {
    std::string_view own = isGguf ? family->ggufName : family->huggingFaceName;
    if (own.empty())
      continue;
    if (own != name) {
      known += (known.empty() ? "" : ", ") + std::string(own);
      continue;
    }
    ModelConfig config = (isGguf ? family->readGguf : family->readHuggingFace)(reader, checkpoint);
    config.family = name;
    if (!isGguf)
      readQuantisation(reader, config);
    checkKeys(reader, checkpoint.format(), *family, config);
    if (reader.failure())
      return *reader.failure();
    return config;
  }
  reader.reject(key, "one of " + known);
  return *reader.failure();
}

} // namespace tern::architecture
