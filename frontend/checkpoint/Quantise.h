// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_QUANTISE_H
#define TERN_FRONTEND_CHECKPOINT_QUANTISE_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tern::checkpoint {

/// A storage type of GGUF that weights can be written in, and what it makes of them: the bytes that
/// llama.cpp's quantiser gives without an importance matrix (ggml's ggml-quants.c; a type of 32
/// elements and MXFP4 also as the `gguf` Python package). Which scale is best is a search over a
/// few candidates; none is better than these by much, and who compares files finds them equal.
struct BlockEncoder {
  std::string_view name; ///< in small letters, as options say it
  uint32_t number;       ///< in the table of tensors
  uint32_t fileType;     ///< general.file_type of a model that is mostly of it
  int64_t elements;      ///< of a block
  int64_t bytes;         ///< of a block
  /// Writes one block. Needs finite values.
  void (*encode)(const float *values, std::byte *block);

  /// Writes rows of whole blocks.
  void encodeAll(std::span<const float> values, std::byte *blocks) const;
};

/// Null if there is none of that name.
const BlockEncoder *findEncoder(std::string_view name);

std::span<const BlockEncoder> blockEncoders();

/// Their names, for messages: "a, b or c".
std::string namesOfEncoders();

} // namespace tern::checkpoint

#endif
