// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_WRITEDIRECTORY_H
#define TERN_TOOLS_TERN_COMPILE_WRITEDIRECTORY_H

#include "frontend/checkpoint/Checkpoint.h"
#include "frontend/checkpoint/SafetensorsWriter.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace tern {

/// Writes a Hugging Face directory anew. Functions throw UserError.
class DirectoryWriter {
public:
  /// By the name of a tensor, what is written in its place.
  using Parts = std::map<std::string, std::vector<checkpoint::StoredTensor>>;

  /// Refuses a directory that is there, or that could not be written.
  DirectoryWriter(const checkpoint::Checkpoint &model, std::string output);

  /// config.json anew, one model.safetensors, and what text and settings lie beside the model's.
  /// The directory has its name when all of it is there.
  void write(const nlohmann::json &config, const Parts &parts) const;

private:
  const checkpoint::Checkpoint &model;
  std::string output;
};

} // namespace tern

#endif
