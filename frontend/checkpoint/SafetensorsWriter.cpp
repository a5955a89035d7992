// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/SafetensorsWriter.h"

#include <nlohmann/json.hpp>

namespace tern::checkpoint {

std::string safetensorsHead(std::span<const SafetensorsEntry> entries) {
  // What transformers asks for.
  nlohmann::ordered_json head{{"__metadata__", {{"format", "pt"}}}};
  uint64_t offset = 0;
  for (const SafetensorsEntry &entry : entries) {
    head[entry.name] = {{"dtype", entry.type},
                        {"shape", entry.shape},
                        {"data_offsets", {offset, offset + entry.bytes}}};
    offset += entry.bytes;
  }
  std::string text = head.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::string size;
  for (int shift = 0; shift < 64; shift += 8)
    size += char(text.size() >> shift & 0xff);
  return size + text;
}

} // namespace tern::checkpoint
