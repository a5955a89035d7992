// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/SentenceSettings.h"

#include "frontend/checkpoint/Json.h"

#include <filesystem>

namespace tern::checkpoint {
namespace {

using nlohmann::json;

struct NamedPooling {
  std::string_view mode; ///< in newer files
  std::string_view key;  ///< in all others
  Pooling pooling;
};

constexpr NamedPooling kPoolings[] = {
    {"mean", "pooling_mode_mean_tokens", Pooling::Mean},
    {"cls", "pooling_mode_cls_token", Pooling::First},
    {"max", "pooling_mode_max_tokens", Pooling::Largest},
};

constexpr std::string_view kOtherPoolings[] = {
    "pooling_mode_mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens",
    "pooling_mode_lasttoken",
};

/// Reads the files one by one; the first mistake ends it.
class SettingsReader {
public:
  SettingsReader(ConfigReader &reader, const Checkpoint &checkpoint)
      : reader(reader), folder(checkpoint.path()) {}

  SentenceSettings read() {
    readLength();
    readModules();
    return settings;
  }

private:
  /// The file as JSON; nothing if there is none or it is wrong.
  std::optional<json> open(const std::string &path, Expected<json> (*parse)(const MappedFile &)) {
    std::error_code absent;
    if (!std::filesystem::exists(path, absent))
      return std::nullopt;
    Expected<MappedFile> file = MappedFile::open(path);
    if (!file) {
      reader.adopt(file.error());
      return std::nullopt;
    }
    Expected<json> content = parse(*file);
    if (content)
      return std::move(*content);
    reader.adopt(content.error());
    return std::nullopt;
  }

  void readLength() {
    const std::string path = folder + "/sentence_bert_config.json";
    std::optional<json> content = open(path, readJsonObject);
    if (!content)
      return;
    ConfigReader file(path, *content);
    if (file.has("max_seq_length"))
      settings.maxTokens = file.integer("max_seq_length", kContextRange);
    reader.adopt(file);
  }

  /// The first module is the model itself; what follows it turns its rows into a vector.
  void readModules() {
    const std::string path = folder + "/modules.json";
    std::optional<json> content = open(path, readJsonArray);
    if (!content)
      return;
    for (const json &entry : *content) {
      ConfigReader module(path, entry);
      std::string type = module.text("type");
      std::string_view kind = std::string_view(type).substr(type.rfind('.') + 1);
      std::string place = module.text("path", "");
      if (kind == "Pooling")
        readPooling(module, place);
      else if (kind == "Normalize")
        settings.isNormalised = true;
      else if (kind != "Transformer" || !place.empty())
        module.reject("type", "a Transformer in this folder, Pooling or Normalize");
      reader.adopt(module);
    }
  }

  void readPooling(ConfigReader &module, const std::string &place) {
    if (place.empty() || place == ".." || place.find_first_of("/\\") != place.npos)
      return module.reject("path", "the name of a folder beside this file");
    const std::string path = folder + "/" + place + "/config.json";
    std::optional<json> content = open(path, readJsonObject);
    if (!content)
      return module.reject("path", "a folder with a config.json");
    ConfigReader file(path, *content);
    if (file.has("pooling_mode"))
      readMode(file);
    else
      readSwitches(file);
    reader.adopt(file);
  }

  void readMode(ConfigReader &file) {
    std::string mode = file.text("pooling_mode");
    for (const NamedPooling &known : kPoolings)
      if (known.mode == mode) {
        settings.pooling = known.pooling;
        return;
      }
    file.reject("pooling_mode", "mean, cls or max");
  }

  void readSwitches(ConfigReader &file) {
    int found = 0;
    for (const NamedPooling &known : kPoolings)
      if (file.boolean(known.key, false)) {
        settings.pooling = known.pooling;
        if (++found > 1)
          file.reject(known.key, "one way to pool, or else false");
      }
    for (std::string_view key : kOtherPoolings)
      if (file.boolean(key, false))
        file.reject(key, "false");
    if (found == 0)
      file.reject("pooling_mode_mean_tokens", "one way to pool");
  }

  ConfigReader &reader;
  const std::string &folder;
  SentenceSettings settings;
};

} // namespace

SentenceSettings readSentenceSettings(ConfigReader &reader, const Checkpoint &checkpoint) {
  return SettingsReader(reader, checkpoint).read();
}

} // namespace tern::checkpoint
