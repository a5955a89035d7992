// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_SAFETENSORSWRITER_H
#define TERN_FRONTEND_CHECKPOINT_SAFETENSORSWRITER_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tern::checkpoint {

/// A tensor as a safetensors file stores it.
struct StoredTensor {
  std::string name;
  std::string type; ///< as the format calls it: F32, I32
  std::vector<int64_t> shape;
  std::vector<std::byte> bytes; ///< row by row
};

/// What a safetensors file says of a tensor.
struct SafetensorsEntry {
  std::string name, type;
  std::vector<int64_t> shape;
  uint64_t bytes = 0;
};

/// The head of a safetensors file whose data follow in the order of `entries`, without gaps; its
/// size is a multiple of 8.
std::string safetensorsHead(std::span<const SafetensorsEntry> entries);

} // namespace tern::checkpoint

#endif
