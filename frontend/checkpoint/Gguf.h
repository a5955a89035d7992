// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_GGUF_H
#define TERN_FRONTEND_CHECKPOINT_GGUF_H

#include "frontend/checkpoint/Expected.h"
#include "frontend/checkpoint/MappedFile.h"
#include "frontend/checkpoint/Tensor.h"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tern::checkpoint {

/// The types of metadata values, by their numbers in the file.
enum class GgufType : uint8_t {
  U8,
  I8,
  U16,
  I16,
  U32,
  I32,
  F32,
  Bool,
  String,
  Array,
  U64,
  I64,
  F64
};

std::string_view nameOf(GgufType type);

/// A value of a GGUF file's metadata, left where it lies in the mapping. Reading has made sure that
/// all of it is there, that Booleans are 0 or 1, and that arrays are not nested.
class GgufValue {
public:
  GgufValue(GgufType type, GgufType elementType, uint64_t count, std::span<const std::byte> bytes)
      : valueType(type), arrayType(elementType), elements(count), where(bytes) {}

  GgufType type() const { return valueType; }
  bool isArray() const { return valueType == GgufType::Array; }
  /// Of the value, or of an array's elements.
  GgufType elementType() const { return arrayType; }
  /// Elements of an array, 1 for other values.
  uint64_t count() const { return elements; }
  /// The value, or an array's elements, as in the file.
  std::span<const std::byte> bytes() const { return where; }

  /// The value, if it is one of that kind. Unsigned integers beyond int64_t are no integers.
  std::optional<int64_t> integer() const;
  std::optional<double> real() const; ///< integers count
  std::optional<bool> boolean() const;
  std::optional<std::string_view> text() const;

  /// The elements of an array of that kind.
  std::optional<std::vector<std::string_view>> texts() const;
  std::optional<std::vector<int64_t>> integers() const;
  std::optional<std::vector<float>> floats() const; ///< F32 alone
  std::optional<std::vector<bool>> booleans() const;

private:
  GgufType valueType;
  GgufType arrayType;
  uint64_t elements;
  std::span<const std::byte> where;
};

struct GgufEntry {
  std::string_view key;
  GgufValue value;
};

/// A GGUF file's key and value pairs.
class GgufMetadata {
public:
  GgufMetadata() = default;
  explicit GgufMetadata(std::vector<GgufEntry> entries);

  /// In the order of the file.
  const std::vector<GgufEntry> &entries() const { return pairs; }

  /// Null if there is no such key.
  const GgufValue *find(std::string_view key) const;

  /// A key that occurs twice, if any.
  std::optional<std::string_view> duplicate() const;

private:
  std::vector<GgufEntry> pairs;
  std::vector<uint32_t> byKey; ///< indices of pairs, sorted
};

struct GgufContent {
  GgufMetadata metadata;
  std::vector<Tensor> tensors;
};

/// Reads the head of a GGUF file of version 2 or 3, little-endian. Each tensor lies within the
/// file, directly after the one before it up to the alignment, and nothing but padding follows the
/// last.
Expected<GgufContent> readGguf(const MappedFile &file);

/// True if the file begins as a GGUF file does.
bool isGguf(const MappedFile &file);

} // namespace tern::checkpoint

#endif
