// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_STORAGETYPE_H
#define TERN_FRONTEND_CHECKPOINT_STORAGETYPE_H

#include "dialects/Tern/IR/BlockFormat.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tern::checkpoint {

/// How a tensor's elements are stored. What the blocks of a GGUF type hold is said by formatOf().
enum class StorageType : uint8_t {
  F32,
  F16,
  BF16,
  Q4_0,
  Q4_1,
  Q5_0,
  Q5_1,
  Q8_0,
  Q2_K,
  Q3_K,
  Q4_K,
  Q5_K,
  Q6_K,
  IQ4_NL,
  IQ4_XS,
  MXFP4,
  Other ///< known or unknown by name, not read: see Tensor::typeName
};

/// The types that are read, for messages.
inline constexpr std::string_view kReadableTypes =
    "F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS or "
    "MXFP4";

/// What a file format says of one of its types: `blockElements` elements take `blockBytes` bytes.
struct TypeLayout {
  std::string_view name;
  StorageType type;
  uint32_t blockElements;
  uint32_t blockBytes;
};

/// The type with a number in GGUF files; null if there is none.
const TypeLayout *ggufType(uint32_t number);

/// The number in GGUF files of a type that ggufType() names so.
uint32_t ggufNumber(std::string_view name);

/// The type with a name in safetensors files; null if it is unknown.
const TypeLayout *safetensorsType(std::string_view name);

/// The layout of a type other than StorageType::Other.
const TypeLayout &layoutOf(StorageType type);

/// The blocks of a quantised type; null for floats.
const BlockFormat *formatOf(StorageType type);

/// The name that the dialect and the artefact know a type by: "f32", "q4_k".
std::string nameOf(StorageType type);

} // namespace tern::checkpoint

#endif
