// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Gguf.h"

#include <bit>
#include <cstring>

namespace tern::checkpoint {

static_assert(std::endian::native == std::endian::little, "files are read as little-endian");

namespace {

constexpr std::string_view kMagic = "GGUF";
constexpr std::string_view kAlignmentKey = "general.alignment";
constexpr std::string_view kPartsKey = "split.count";
constexpr uint32_t kMaxDimensions = 4; // of the format
constexpr uint64_t kMaxAlignment = 1 << 20;

// The smallest records: an empty key, a type and one byte; an empty name, one dimension.
constexpr uint64_t kLeastEntry = 8 + 4 + 1;
constexpr uint64_t kLeastTensor = 8 + 4 + 8 + 4 + 8;

/// Reads a file from front to back and never past its end.
class Cursor {
public:
  explicit Cursor(const MappedFile &file) : file(file) {}

  uint64_t position() const { return offset; }
  uint64_t left() const { return file.size() - offset; }
  const std::byte *here() const { return file.bytes().data() + offset; }

  /// An error at the present position.
  template <typename... Parts> Error error(const Parts &...parts) const {
    return makeError(file.path(), ": byte ", offset, ": ", parts...);
  }

  /// Passes over `size` bytes, which hold `what`.
  Failure skip(uint64_t size, std::string_view what) {
    if (size > left())
      return error("expected ", size, " bytes of ", what, ", found ", left(),
                   " to the end of the file");
    offset += size;
    return std::nullopt;
  }

  template <typename T> Failure read(T &value, std::string_view what) {
    const std::byte *from = here();
    if (Failure failure = skip(sizeof value, what))
      return failure;
    std::memcpy(&value, from, sizeof value);
    return std::nullopt;
  }

  Failure readText(std::string_view &text, std::string_view what) {
    uint64_t size = 0;
    if (Failure failure = read(size, what))
      return failure;
    text = {reinterpret_cast<const char *>(here()), size_t(size)};
    return skip(size, what);
  }

private:
  const MappedFile &file;
  uint64_t offset = 0;
};

/// Bytes of a value whose size depends on the type alone, else 0.
uint64_t fixedSize(GgufType type) {
  constexpr uint8_t sizes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
  return sizes[size_t(type)];
}

Failure readType(Cursor &cursor, GgufType &type, std::string_view key) {
  uint32_t number = 0;
  if (Failure failure = cursor.read(number, "a value type"))
    return failure;
  if (number > uint32_t(GgufType::F64))
    return cursor.error("key ", quote(key), ": expected a value type from 0 to 12, found ", number);
  type = GgufType(number);
  return std::nullopt;
}

/// Passes over `count` values of `type`.
Failure skipValues(Cursor &cursor, GgufType type, uint64_t count, std::string_view key) {
  if (type == GgufType::String) {
    std::string_view text;
    for (uint64_t i = 0; i < count; ++i)
      if (Failure failure = cursor.readText(text, "a string"))
        return failure;
    return std::nullopt;
  }

  const std::byte *values = cursor.here();
  uint64_t size;
  if (__builtin_mul_overflow(count, fixedSize(type), &size) || size > cursor.left())
    return cursor.error("key ", quote(key), ": expected ", count, " values of ", nameOf(type),
                        ", found ", cursor.left(), " bytes to the end of the file");
  if (type == GgufType::Bool)
    for (uint64_t i = 0; i < count; ++i)
      if (values[i] > std::byte{1})
        return cursor.error("key ", quote(key), ": expected a bool of 0 or 1, found ",
                            int(values[i]));
  return cursor.skip(size, "values");
}

Expected<GgufEntry> readEntry(Cursor &cursor) {
  std::string_view key;
  if (Failure failure = cursor.readText(key, "a key"))
    return *failure;
  GgufType type = GgufType::U8;
  if (Failure failure = readType(cursor, type, key))
    return *failure;

  GgufType elementType = type;
  uint64_t count = 1;
  if (type == GgufType::Array) {
    if (Failure failure = readType(cursor, elementType, key))
      return *failure;
    if (elementType == GgufType::Array)
      return cursor.error("key ", quote(key), ": expected an array of values, found nested arrays");
    if (Failure failure = cursor.read(count, "an array's length"))
      return *failure;
  }
  const std::byte *begin = cursor.here();
  if (Failure failure = skipValues(cursor, elementType, count, key))
    return *failure;
  return GgufEntry{key, GgufValue(type, elementType, count, {begin, cursor.here()})};
}

Expected<GgufMetadata> readMetadata(Cursor &cursor, uint64_t count) {
  std::vector<GgufEntry> entries;
  for (uint64_t i = 0; i < count; ++i) {
    Expected<GgufEntry> entry = readEntry(cursor);
    if (!entry)
      return entry.error();
    entries.push_back(*entry);
  }
  GgufMetadata metadata(std::move(entries));
  if (auto key = metadata.duplicate())
    return cursor.error("expected each key once, found ", quote(*key), " twice");
  return metadata;
}

/// A model in several files says so in each of them.
Failure checkWhole(Cursor &cursor, const GgufMetadata &metadata) {
  const GgufValue *parts = metadata.find(kPartsKey);
  if (parts && parts->integer().value_or(0) > 1)
    return cursor.error(kPartsKey, ": expected a whole model, found one of ", *parts->integer(),
                        " parts");
  return std::nullopt;
}

Expected<uint64_t> readAlignment(Cursor &cursor, const GgufMetadata &metadata) {
  const GgufValue *value = metadata.find(kAlignmentKey);
  if (!value)
    return uint64_t(32);
  std::optional<int64_t> alignment = value->integer();
  if (!alignment)
    return cursor.error(kAlignmentKey, ": expected an integer, found ", nameOf(value->type()));
  if (*alignment <= 0 || uint64_t(*alignment) > kMaxAlignment ||
      !std::has_single_bit(uint64_t(*alignment)))
    return cursor.error(kAlignmentKey, ": expected a power of two up to ", kMaxAlignment,
                        ", found ", *alignment);
  return uint64_t(*alignment);
}

/// Sets shape, type and bytes of a tensor from its dimensions, the contiguous one first.
Failure setLayout(Cursor &cursor, Tensor &tensor, std::span<const uint64_t> dimensions,
                  uint32_t typeNumber) {
  const TypeLayout *layout = ggufType(typeNumber);
  if (!layout)
    return cursor.error("tensor ", quote(tensor.name),
                        ": expected a known storage type, found number ", typeNumber);
  tensor.type = layout->type;
  tensor.typeName = layout->name;

  uint64_t elements = 1;
  for (uint64_t size : dimensions) {
    if (size == 0 || __builtin_mul_overflow(elements, size, &elements) || elements > INT64_MAX)
      return cursor.error("tensor ", quote(tensor.name),
                          ": expected sizes from 1 with a product below 2^63, found size ", size);
    tensor.shape.insert(tensor.shape.begin(), int64_t(size));
  }
  if (dimensions[0] % layout->blockElements != 0)
    return cursor.error("tensor ", quote(tensor.name), ": expected rows of whole ", layout->name,
                        " blocks of ", layout->blockElements, ", found rows of ", dimensions[0]);
  if (__builtin_mul_overflow(elements / layout->blockElements, layout->blockBytes, &tensor.bytes))
    return cursor.error("tensor ", quote(tensor.name), ": ", elements, " elements of ",
                        layout->name, " exceed any file");
  return std::nullopt;
}

/// Reads a record of the tensor table; `offset` is left relative to the start of the data.
Expected<Tensor> readTensor(Cursor &cursor) {
  std::string_view name;
  if (Failure failure = cursor.readText(name, "a tensor name"))
    return *failure;
  uint32_t rank = 0;
  if (Failure failure = cursor.read(rank, "a number of dimensions"))
    return *failure;
  if (rank == 0 || rank > kMaxDimensions)
    return cursor.error("tensor ", quote(name), ": expected 1 to ", kMaxDimensions,
                        " dimensions, found ", rank);

  uint64_t dimensions[kMaxDimensions] = {};
  for (uint32_t i = 0; i < rank; ++i)
    if (Failure failure = cursor.read(dimensions[i], "a dimension"))
      return *failure;
  uint32_t typeNumber = 0;
  if (Failure failure = cursor.read(typeNumber, "a tensor type"))
    return *failure;

  Tensor tensor;
  tensor.name = name;
  if (Failure failure = setLayout(cursor, tensor, {dimensions, rank}, typeNumber))
    return *failure;
  if (Failure failure = cursor.read(tensor.offset, "a tensor offset"))
    return *failure;
  return tensor;
}

/// `value` rounded up to a multiple of a power of two; both are far below 2^63.
uint64_t alignTo(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

/// Makes the tensors' offsets absolute. They must follow one another without a gap other than
/// padding, to the end of the file, so that a changed size or offset never goes unseen.
Failure placeTensors(const MappedFile &file, std::vector<Tensor> &tensors, uint64_t headEnd,
                     uint64_t alignment) {
  uint64_t start = alignTo(headEnd, alignment);
  uint64_t room = file.size() > start ? file.size() - start : 0;
  uint64_t next = 0;
  for (Tensor &tensor : tensors) {
    if (tensor.offset != next)
      return makeError(file.path(), ": tensor ", quote(tensor.name),
                       ": expected its data at offset ", next,
                       ", directly after the tensor before it, found offset ", tensor.offset);
    if (tensor.offset > room || tensor.bytes > room - tensor.offset)
      return makeError(file.path(), ": tensor ", quote(tensor.name), ": expected ", tensor.bytes,
                       " bytes at ", start + tensor.offset, ", found a file of ", file.size(),
                       " bytes");
    next = alignTo(tensor.offset + tensor.bytes, alignment);
    tensor.offset += start;
    tensor.data = file.bytes().data() + tensor.offset;
  }
  if (file.size() > start + next)
    return makeError(file.path(), ": expected the file to end with its last tensor at byte ",
                     start + next, ", found ", file.size(), " bytes");
  return std::nullopt;
}

/// Reads magic, version and the two counts.
Failure readCounts(Cursor &cursor, uint64_t &tensors, uint64_t &entries) {
  if (Failure failure = cursor.skip(kMagic.size(), "a magic number"))
    return failure;
  uint32_t version = 0;
  if (Failure failure = cursor.read(version, "a version"))
    return failure;
  if (version == __builtin_bswap32(2) || version == __builtin_bswap32(3))
    return cursor.error("expected a little-endian GGUF file, found a big-endian one");
  if (version != 2 && version != 3)
    return cursor.error("expected GGUF version 2 or 3, found ", version);
  if (Failure failure = cursor.read(tensors, "a tensor count"))
    return failure;
  if (Failure failure = cursor.read(entries, "a key count"))
    return failure;
  if (entries > cursor.left() / kLeastEntry)
    return cursor.error("expected at most ", cursor.left() / kLeastEntry,
                        " keys in what is left of the file, found a count of ", entries);
  if (tensors > cursor.left() / kLeastTensor)
    return cursor.error("expected at most ", cursor.left() / kLeastTensor,
                        " tensors in what is left of the file, found a count of ", tensors);
  return std::nullopt;
}

} // namespace

bool isGguf(const MappedFile &file) { return file.text().starts_with(kMagic); }

Expected<GgufContent> readGguf(const MappedFile &file) {
  if (!isGguf(file))
    return makeError(file.path(), ": expected a file that begins with GGUF, found ",
                     quote(file.text().substr(0, kMagic.size())));
  Cursor cursor(file);
  uint64_t tensorCount = 0, entryCount = 0;
  if (Failure failure = readCounts(cursor, tensorCount, entryCount))
    return *failure;

  Expected<GgufMetadata> metadata = readMetadata(cursor, entryCount);
  if (!metadata)
    return metadata.error();
  if (Failure failure = checkWhole(cursor, *metadata))
    return *failure;
  Expected<uint64_t> alignment = readAlignment(cursor, *metadata);
  if (!alignment)
    return alignment.error();

  std::vector<Tensor> tensors;
  for (uint64_t i = 0; i < tensorCount; ++i) {
    Expected<Tensor> tensor = readTensor(cursor);
    if (!tensor)
      return tensor.error();
    tensors.push_back(std::move(*tensor));
  }
  if (Failure failure = placeTensors(file, tensors, cursor.position(), *alignment))
    return *failure;
  return GgufContent{std::move(*metadata), std::move(tensors)};
}

} // namespace tern::checkpoint
