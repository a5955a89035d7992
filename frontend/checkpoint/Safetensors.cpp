// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Safetensors.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <tuple>

namespace tern::checkpoint {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kMaxHeader = 100'000'000; // of the format
constexpr size_t kMaxRank = 16;
constexpr std::string_view kMetadataKey = "__metadata__";

/// Reads the header as it is parsed, so that no document is built: memory stays in proportion to
/// the tensors, and what is not {name: {dtype, shape, data_offsets}} or {"__metadata__": {text:
/// text}} ends the parse at once, nesting included.
class HeaderReader : public nlohmann::json_sax<Json> {
public:
  explicit HeaderReader(const MappedFile &file) : file(file) {}

  SafetensorsContent content;
  Failure failure;

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a Boolean"); }
  bool number_integer(int64_t value) override { return unexpected(std::to_string(value)); }
  bool number_float(double, const std::string &text) override { return unexpected(quote(text)); }
  bool binary(Json::binary_t &) override { return unexpected("binary data"); }

  bool number_unsigned(uint64_t value) override {
    if (place != Place::Shape && place != Place::Offsets)
      return unexpected(std::to_string(value));
    if (place == Place::Offsets) {
      if (offsetCount == 2)
        return fail("expected two data_offsets, found more");
      offsets[offsetCount++] = value;
      return true;
    }
    if (tensor.shape.size() == kMaxRank)
      return fail("expected at most ", kMaxRank, " dimensions, found more");
    if (value > INT64_MAX)
      return fail("expected sizes below 2^63, found ", value);
    tensor.shape.push_back(int64_t(value));
    return true;
  }

  bool string(std::string &text) override {
    if (place == Place::Type) {
      tensor.typeName = text;
      place = Place::Tensor;
      return true;
    }
    if (place == Place::MetadataValue) {
      content.metadata.back().second = text;
      place = Place::Metadata;
      return true;
    }
    return unexpected(quote(text));
  }

  bool start_object(size_t) override {
    switch (place) {
    case Place::Start:
      place = Place::Names;
      return true;
    case Place::Name:
      place = inMetadata ? Place::Metadata : Place::Tensor;
      return true;
    default:
      return unexpected("an object");
    }
  }

  bool key(std::string &text) override {
    switch (place) {
    case Place::Names:
      return startName(text);
    case Place::Metadata:
      content.metadata.emplace_back(text, "");
      place = Place::MetadataValue;
      return true;
    default:
      return startField(text);
    }
  }

  bool end_object() override {
    if (place == Place::Names) {
      place = Place::Start;
      return true;
    }
    place = Place::Names;
    return inMetadata || finishTensor();
  }

  bool start_array(size_t) override {
    if (place != Place::ShapeStart && place != Place::OffsetsStart)
      return unexpected("an array");
    place = place == Place::ShapeStart ? Place::Shape : Place::Offsets;
    return true;
  }

  bool end_array() override {
    place = Place::Tensor;
    return true;
  }

  bool parse_error(size_t position, const std::string &token,
                   const nlohmann::detail::exception &) override {
    failure =
        makeError(file.path(), ": header byte ", position, ": expected JSON, found ", quote(token));
    return false;
  }

private:
  /// Where in the header the next token stands.
  enum class Place {
    Start,         ///< before the header, or after it
    Names,         ///< among tensor names
    Name,          ///< after a name
    Metadata,      ///< inside __metadata__
    MetadataValue, ///< after a key of it
    Tensor,        ///< inside a tensor's object
    Type,          ///< after "dtype"
    ShapeStart,    ///< after "shape"
    Shape,         ///< inside its array
    OffsetsStart,  ///< after "data_offsets"
    Offsets        ///< inside its array
  };

  template <typename... Parts> bool fail(const Parts &...parts) {
    std::string where = tensor.name.empty() ? "header" : "tensor " + quote(tensor.name);
    failure = makeError(file.path(), ": ", where, ": ", parts...);
    return false;
  }

  bool unexpected(std::string_view found) {
    switch (place) {
    case Place::Type:
      return fail("expected a dtype in quotes, found ", found);
    case Place::ShapeStart:
    case Place::Shape:
      return fail("expected a shape of whole numbers, found ", found);
    case Place::OffsetsStart:
    case Place::Offsets:
      return fail("expected two data_offsets, found ", found);
    case Place::MetadataValue:
      return fail("expected text in __metadata__, found ", found);
    default:
      return fail("expected an object, found ", found);
    }
  }

  bool startName(const std::string &name) {
    tensor = Tensor();
    inMetadata = name == kMetadataKey;
    if (inMetadata && std::exchange(hasMetadata, true))
      return fail("expected __metadata__ once, found it twice");
    if (!inMetadata)
      tensor.name = name;
    hasType = hasShape = hasOffsets = false;
    offsetCount = 0;
    place = Place::Name;
    return true;
  }

  bool startField(const std::string &field) {
    bool *seen = field == "dtype"          ? &hasType
                 : field == "shape"        ? &hasShape
                 : field == "data_offsets" ? &hasOffsets
                                           : nullptr;
    if (!seen)
      return fail("expected dtype, shape and data_offsets, found ", quote(field));
    if (std::exchange(*seen, true))
      return fail("expected ", field, " once, found it twice");
    place = seen == &hasType    ? Place::Type
            : seen == &hasShape ? Place::ShapeStart
                                : Place::OffsetsStart;
    return true;
  }

  bool finishTensor() {
    if (!hasType || !hasShape || !hasOffsets)
      return fail("expected dtype, shape and data_offsets, found no ", !hasType ? "dtype"
                                                                       : !hasShape
                                                                           ? "shape"
                                                                           : "data_offsets");
    if (offsetCount != 2 || offsets[0] > offsets[1])
      return fail("expected two rising data_offsets, found ",
                  offsetCount == 2 ? toText(offsets[0]) + " and " + toText(offsets[1])
                                   : toText(offsetCount));
    tensor.offset = offsets[0];
    tensor.bytes = offsets[1] - offsets[0];
    if (!setType())
      return false;
    content.tensors.push_back(std::move(tensor));
    tensor = Tensor();
    return true;
  }

  /// Sets the tensor's type; one that is known must agree with shape and data_offsets.
  bool setType() {
    uint64_t elements = 1;
    bool empty = std::count(tensor.shape.begin(), tensor.shape.end(), 0) != 0;
    for (int64_t size : tensor.shape)
      if (!empty &&
          (__builtin_mul_overflow(elements, uint64_t(size), &elements) || elements > INT64_MAX))
        return fail("expected fewer than 2^63 elements, found the shape ", toText(tensor.shape));
    elements = empty ? 0 : elements;

    const TypeLayout *layout = safetensorsType(tensor.typeName);
    if (!layout)
      return true;
    tensor.type = layout->type;
    uint64_t bytes;
    if (__builtin_mul_overflow(elements, layout->blockBytes, &bytes) || bytes != tensor.bytes)
      return fail("expected data_offsets that hold ", layout->name, " of shape ",
                  toText(tensor.shape), ", found ", tensor.bytes, " bytes");
    return true;
  }

  const MappedFile &file;
  Place place = Place::Start;
  bool inMetadata = false, hasMetadata = false;
  Tensor tensor;
  bool hasType = false, hasShape = false, hasOffsets = false;
  uint64_t offsets[2] = {};
  uint32_t offsetCount = 0;
};

/// Sorts the tensors by place and makes their offsets absolute; they must fill the data exactly.
Failure placeTensors(const MappedFile &file, std::vector<Tensor> &tensors, uint64_t dataStart) {
  std::sort(tensors.begin(), tensors.end(), [](const Tensor &a, const Tensor &b) {
    return std::tie(a.offset, a.bytes, a.name) < std::tie(b.offset, b.bytes, b.name);
  });
  uint64_t room = file.size() - dataStart;
  uint64_t next = 0;
  for (Tensor &tensor : tensors) {
    if (tensor.offset != next)
      return makeError(file.path(), ": tensor ", quote(tensor.name),
                       ": expected data_offsets that begin at ", next,
                       ", where the tensor before it ends, found ", tensor.offset);
    if (tensor.bytes > room - next)
      return makeError(file.path(), ": tensor ", quote(tensor.name),
                       ": expected data_offsets up to ", room, ", the end of the file, found ",
                       tensor.offset + tensor.bytes);
    next += tensor.bytes;
    tensor.offset += dataStart;
    tensor.data = file.bytes().data() + tensor.offset;
  }
  if (next != room)
    return makeError(file.path(), ": expected ", next, " bytes of data, found ", room);
  return std::nullopt;
}

} // namespace

Expected<SafetensorsContent> readSafetensors(const MappedFile &file) {
  uint64_t headerSize = 0;
  if (file.size() < sizeof headerSize)
    return makeError(file.path(), ": expected a safetensors header, found a file of ", file.size(),
                     " bytes");
  std::memcpy(&headerSize, file.bytes().data(), sizeof headerSize);
  uint64_t room = std::min(file.size() - sizeof headerSize, kMaxHeader);
  if (headerSize > room)
    return makeError(file.path(), ": expected a header of at most ", room,
                     " bytes, found a length of ", headerSize);

  HeaderReader reader(file);
  const char *text = file.text().data() + sizeof headerSize;
  if (!Json::sax_parse(text, text + headerSize, &reader))
    return std::move(*reader.failure);
  if (Failure failure = placeTensors(file, reader.content.tensors, sizeof headerSize + headerSize))
    return std::move(*failure);
  return std::move(reader.content);
}

} // namespace tern::checkpoint
