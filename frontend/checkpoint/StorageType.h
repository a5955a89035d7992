// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_STORAGETYPE_H
#define TERN_FRONTEND_CHECKPOINT_STORAGETYPE_H

#include <cstdint>
#include <string_view>

namespace tern::checkpoint {

/// How a tensor's elements are stored. Block types hold `blockElements` consecutive elements of a
/// row in `blockBytes` bytes.
enum class StorageType : uint8_t {
  F32,
  F16,
  BF16,
  Q8_0, ///< f16 scale d, 32 x i8: d * q
  Q4_0, ///< f16 scale d, 32 x 4 bits: d * (q - 8); byte j holds elements j (low) and j + 16
  Q4_1, ///< f16 scale d, f16 minimum m, 32 x 4 bits: d * q + m; the same order
  Other ///< known or unknown by name, not read: see Tensor::typeName
};

/// The types that are read, for messages.
inline constexpr std::string_view kReadableTypes = "F32, F16, BF16, Q8_0, Q4_0 or Q4_1";

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

} // namespace tern::checkpoint

#endif
