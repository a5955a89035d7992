// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/GgufWriter.h"

namespace tern::checkpoint {

template <typename T> static void append(T value, std::string &out) {
  out.append(reinterpret_cast<const char *>(&value), sizeof value);
}

static void appendText(std::string_view text, std::string &out) {
  append(uint64_t(text.size()), out);
  out += text;
}

void GgufWriter::start(std::string_view key, GgufType type) {
  appendText(key, keys);
  append(uint32_t(type), keys);
  ++entries;
}

void GgufWriter::startArray(std::string_view key, GgufType type, uint64_t count) {
  start(key, GgufType::Array);
  append(uint32_t(type), keys);
  append(count, keys);
}

void GgufWriter::number(std::string_view key, uint32_t value) {
  start(key, GgufType::U32);
  append(value, keys);
}

void GgufWriter::real(std::string_view key, float value) {
  start(key, GgufType::F32);
  append(value, keys);
}

void GgufWriter::boolean(std::string_view key, bool value) {
  start(key, GgufType::Bool);
  append(value, keys);
}

void GgufWriter::text(std::string_view key, std::string_view value) {
  start(key, GgufType::String);
  appendText(value, keys);
}

void GgufWriter::texts(std::string_view key, std::span<const std::string> values) {
  startArray(key, GgufType::String, values.size());
  for (const std::string &value : values)
    appendText(value, keys);
}

void GgufWriter::reals(std::string_view key, std::span<const float> values) {
  startArray(key, GgufType::F32, values.size());
  for (float value : values)
    append(value, keys);
}

void GgufWriter::integers(std::string_view key, std::span<const int32_t> values) {
  startArray(key, GgufType::I32, values.size());
  for (int32_t value : values)
    append(value, keys);
}

void GgufWriter::copy(std::string_view key, const GgufValue &value) {
  if (value.isArray())
    startArray(key, value.elementType(), value.count());
  else
    start(key, value.type());
  keys.append(reinterpret_cast<const char *>(value.bytes().data()), value.bytes().size());
}

void GgufWriter::tensor(std::string_view name, std::span<const int64_t> shape, uint32_t type,
                        uint64_t bytes) {
  appendText(name, table);
  append(uint32_t(shape.size()), table);
  for (size_t i = shape.size(); i-- > 0;) // the contiguous size first
    append(uint64_t(shape[i]), table);
  append(type, table);
  append(dataBytes, table);
  dataBytes += aligned(bytes);
  ++tensors;
}

std::string GgufWriter::head() const {
  std::string head = "GGUF";
  append(uint32_t(3), head);
  append(tensors, head);
  append(entries, head);
  head += keys + table;
  head.resize(aligned(head.size()));
  return head;
}

} // namespace tern::checkpoint
