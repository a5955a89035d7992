// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_JSON_H
#define TERN_FRONTEND_CHECKPOINT_JSON_H

#include "frontend/checkpoint/Expected.h"
#include "frontend/checkpoint/MappedFile.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace tern::checkpoint {

/// Reads a configuration file: a JSON object of at most 1 MiB, 20,000 values and 32 levels, each
/// key once in its object. Never throws.
Expected<nlohmann::json> readJsonObject(const MappedFile &file);
/// The same of a file that holds an array.
Expected<nlohmann::json> readJsonArray(const MappedFile &file);

/// Reads the `weight_map` of a model.safetensors.index.json: tensor name to shard.
Expected<std::map<std::string, std::string>> readWeightMap(const MappedFile &file);

} // namespace tern::checkpoint

#endif
