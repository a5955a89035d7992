// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_UNIT_CHECKPOINT_CHANGEDMODEL_H
#define TERN_TEST_UNIT_CHECKPOINT_CHANGEDMODEL_H

#include "frontend/architecture/Families.h"
#include "test/unit/checkpoint/TestFiles.h"

#include <nlohmann/json.hpp>

namespace tern::checkpoint {

/// A golden's config.json with changes merged into it, without weights; null removes, or stays
/// where asked to.
class Changed {
public:
  Changed(const std::string &model, const char *changes, bool keepsNull = false) {
    std::ifstream stream(TERN_TEST_DATA "/models/" + model + "/config.json");
    auto json = nlohmann::json::parse(stream);
    if (keepsNull)
      json.update(nlohmann::json::parse(changes));
    else
      json.merge_patch(nlohmann::json::parse(changes));
    text = json.dump();
    opened.emplace(Checkpoint::read(
        MappedFile::borrow("model", std::as_bytes(std::span(std::string_view(weights)))),
        MappedFile::borrow("config", std::as_bytes(std::span(std::string_view(text))))));
  }

  const Checkpoint &checkpoint() const { return **opened; }
  Expected<ModelConfig> config() const { return architecture::readModelConfig(checkpoint()); }
  std::string refusal() const {
    Expected<ModelConfig> read = config();
    return read ? "" : read.error().message;
  }

private:
  std::string text, weights = safetensorsFile("{}", "");
  std::optional<Expected<Checkpoint>> opened;
};

inline std::string refusal(const std::string &model, const char *changes) {
  return Changed(model, changes).refusal();
}

} // namespace tern::checkpoint

#endif
