// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Gguf.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

namespace tern::checkpoint {
namespace {

template <typename T> T load(const std::byte *from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

uint64_t sizeOf(GgufType type) {
  switch (type) {
  case GgufType::U8:
  case GgufType::I8:
  case GgufType::Bool:
    return 1;
  case GgufType::U16:
  case GgufType::I16:
    return 2;
  case GgufType::U32:
  case GgufType::I32:
  case GgufType::F32:
    return 4;
  default:
    return 8;
  }
}

std::optional<int64_t> loadInteger(GgufType type, const std::byte *from) {
  switch (type) {
  case GgufType::U8:
    return load<uint8_t>(from);
  case GgufType::I8:
    return load<int8_t>(from);
  case GgufType::U16:
    return load<uint16_t>(from);
  case GgufType::I16:
    return load<int16_t>(from);
  case GgufType::U32:
    return load<uint32_t>(from);
  case GgufType::I32:
    return load<int32_t>(from);
  case GgufType::I64:
    return load<int64_t>(from);
  case GgufType::U64:
    if (uint64_t value = load<uint64_t>(from); value <= INT64_MAX)
      return int64_t(value);
    return std::nullopt;
  default:
    return std::nullopt;
  }
}

std::string_view loadText(const std::byte *from) {
  return {reinterpret_cast<const char *>(from) + sizeof(uint64_t), load<uint64_t>(from)};
}

} // namespace

std::string_view nameOf(GgufType type) {
  constexpr std::array<std::string_view, 13> names = {"u8",  "i8",  "u16",  "i16",    "u32",
                                                      "i32", "f32", "bool", "string", "array",
                                                      "u64", "i64", "f64"};
  return names[size_t(type)];
}

std::optional<int64_t> GgufValue::integer() const { return loadInteger(valueType, where.data()); }

std::optional<double> GgufValue::real() const {
  if (valueType == GgufType::F32)
    return load<float>(where.data());
  if (valueType == GgufType::F64)
    return load<double>(where.data());
  return integer();
}

std::optional<bool> GgufValue::boolean() const {
  if (valueType != GgufType::Bool)
    return std::nullopt;
  return load<uint8_t>(where.data()) != 0;
}

std::optional<std::string_view> GgufValue::text() const {
  if (valueType != GgufType::String)
    return std::nullopt;
  return loadText(where.data());
}

std::optional<std::vector<std::string_view>> GgufValue::texts() const {
  if (!isArray() || arrayType != GgufType::String)
    return std::nullopt;
  std::vector<std::string_view> result;
  result.reserve(elements);
  const std::byte *next = where.data();
  for (uint64_t i = 0; i < elements; ++i) {
    result.push_back(loadText(next));
    next += sizeof(uint64_t) + result.back().size();
  }
  return result;
}

std::optional<std::vector<int64_t>> GgufValue::integers() const {
  if (!isArray())
    return std::nullopt;
  std::vector<int64_t> result;
  for (uint64_t i = 0; i < elements; ++i) {
    std::optional<int64_t> value = loadInteger(arrayType, where.data() + i * sizeOf(arrayType));
    if (!value)
      return std::nullopt;
    result.push_back(*value);
  }
  return result;
}

std::optional<std::vector<float>> GgufValue::floats() const {
  if (!isArray() || arrayType != GgufType::F32)
    return std::nullopt;
  std::vector<float> result(elements);
  if (elements != 0)
    std::memcpy(result.data(), where.data(), elements * sizeof(float));
  return result;
}

std::optional<std::vector<bool>> GgufValue::booleans() const {
  if (!isArray() || arrayType != GgufType::Bool)
    return std::nullopt;
  std::vector<bool> result;
  for (uint64_t i = 0; i < elements; ++i)
    result.push_back(load<uint8_t>(where.data() + i) != 0);
  return result;
}

GgufMetadata::GgufMetadata(std::vector<GgufEntry> entries)
    : pairs(std::move(entries)), byKey(pairs.size()) {
  std::iota(byKey.begin(), byKey.end(), 0);
  std::sort(byKey.begin(), byKey.end(),
            [&](uint32_t a, uint32_t b) { return pairs[a].key < pairs[b].key; });
}

const GgufValue *GgufMetadata::find(std::string_view key) const {
  auto at = std::lower_bound(byKey.begin(), byKey.end(), key,
                             [&](uint32_t i, std::string_view k) { return pairs[i].key < k; });
  return at != byKey.end() && pairs[*at].key == key ? &pairs[*at].value : nullptr;
}

std::optional<std::string_view> GgufMetadata::duplicate() const {
  auto at = std::adjacent_find(byKey.begin(), byKey.end(), [&](uint32_t a, uint32_t b) {
    return pairs[a].key == pairs[b].key;
  });
  if (at == byKey.end())
    return std::nullopt;
  return pairs[*at].key;
}

} // namespace tern::checkpoint
