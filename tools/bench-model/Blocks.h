// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_BENCH_MODEL_BLOCKS_H
#define TERN_TOOLS_BENCH_MODEL_BLOCKS_H

#include <cstdint>
#include <span>
#include <string>

namespace tern::bench {

/// A storage type of GGUF.
struct BlockFormat {
  const char *name;
  uint32_t number;   ///< in the table of tensors
  uint32_t fileType; ///< general.file_type of a model that is mostly of it
  int64_t elements;  ///< of a block
  int64_t bytes;     ///< of a block
  /// Appends one block.
  void (*encode)(std::span<const float> values, std::string &out);
};

/// Null if `name` is none of f32, f16, bf16, q8_0, q4_0, q4_1.
const BlockFormat *findFormat(const std::string &name);

} // namespace tern::bench

#endif
