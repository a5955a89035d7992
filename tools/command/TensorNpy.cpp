// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/command/CommandLine.h"
#include "tools/command/Tensor.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace tern::command {

// NumPy has no name for bf16.
static constexpr std::pair<NumberType, std::string_view> names[] = {
    {NumberType::F32, "<f4"}, {NumberType::F16, "<f2"}, {NumberType::F64, "<f8"},
    {NumberType::I8, "|i1"},  {NumberType::U8, "|u1"},  {NumberType::I16, "<i2"},
    {NumberType::I32, "<i4"}, {NumberType::I64, "<i8"}};

static constexpr std::string_view magic = "\x93NUMPY";

namespace {
/// The parts of a header's dictionary, a Python literal.
class HeaderReader {
public:
  HeaderReader(const std::string &path, std::string_view text) : path(path), text(text) {}

  UserError error(const std::string &why) const { return UserError(path + ": " + why); }

  /// What follows `'key':`.
  std::string_view value(std::string_view key) const {
    std::string quoted = "'" + std::string(key) + "':";
    size_t at = text.find(quoted);
    if (at == text.npos)
      throw error("the .npy header has no " + quoted);
    std::string_view rest = text.substr(at + quoted.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    return rest;
  }

  NumberType type() const {
    std::string_view found = value("descr");
    for (auto [type, name] : names)
      if (found.starts_with("'" + std::string(name) + "'"))
        return type;
    throw error("expected numbers of type f32, f16, f64, i8, u8, i16, i32 or i64, found " +
                std::string(found.substr(0, found.find(','))));
  }

  std::vector<int64_t> shape() const {
    std::string_view rest = value("shape");
    size_t end = rest.find(')');
    if (!rest.starts_with('(') || end == rest.npos)
      throw error("the .npy header has no shape");
    std::vector<int64_t> sizes;
    const char *at = rest.data() + 1, *stop = rest.data() + end;
    while (at < stop) {
      int64_t size = 0;
      auto [next, failed] = std::from_chars(at, stop, size);
      if (failed != std::errc() || size < 0)
        throw error("the .npy header has a shape that is not understood");
      sizes.push_back(size);
      for (at = next; at < stop && (*at == ',' || *at == ' ');)
        ++at;
    }
    return sizes;
  }

private:
  const std::string &path;
  std::string_view text;
};
} // namespace

Tensor readNpy(const std::string &path) {
  std::error_code absent;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path, absent))
    throw UserError(path + ": expected a .npy file that can be read, found none");
  std::string content{std::istreambuf_iterator<char>(file), {}};
  auto byte = [&](size_t i) { return static_cast<uint8_t>(content[i]); };
  if (content.size() < 12 || !content.starts_with(magic) || byte(6) < 1 || byte(6) > 3)
    throw UserError(path + ": expected a .npy file of version 1 to 3");
  size_t start = byte(6) == 1 ? 10 : 12;
  size_t length = byte(8) | byte(9) << 8;
  if (start == 12)
    length |= size_t(byte(10)) << 16 | size_t(byte(11)) << 24;
  if (length > content.size() - start)
    throw UserError(path + ": ends within its header");
  HeaderReader header(path, std::string_view(content).substr(start, length));
  if (!header.value("fortran_order").starts_with("False"))
    throw header.error("expected numbers in C order, found Fortran's");
  Tensor tensor = Tensor::make(header.type(), header.shape());
  size_t found = content.size() - start - length;
  if (found != tensor.bytes.size())
    throw header.error("expected " + std::to_string(tensor.bytes.size()) +
                       " bytes of numbers, found " + std::to_string(found));
  std::copy_n(reinterpret_cast<const std::byte *>(content.data() + start + length), found,
              tensor.bytes.begin());
  return tensor;
}

std::string npyHeader(NumberType type, std::span<const int64_t> shape) {
  const auto *name =
      std::ranges::find(names, type, &std::pair<NumberType, std::string_view>::first);
  std::string sizes;
  for (int64_t size : shape)
    sizes += std::to_string(size) + ", ";
  std::string text = "{'descr': '" + std::string(name->second) +
                     "', 'fortran_order': False, 'shape': (" + sizes + "), }";
  // With its length before it and a newline behind, the header ends at a multiple of 64.
  constexpr size_t total = 256;
  text.resize(total - 10 - 1, ' ');
  std::string header(magic);
  header +=
      {'\1', '\0', static_cast<char>((total - 10) & 0xff), static_cast<char>((total - 10) >> 8)};
  return header + text + '\n';
}

void writeNpy(const std::string &path, const Tensor &tensor) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << npyHeader(tensor.type, tensor.shape);
  file.write(reinterpret_cast<const char *>(tensor.bytes.data()),
             static_cast<std::streamsize>(tensor.bytes.size()));
  if (!file.flush())
    throw UserError(path + ": expected a file that can be written");
}

} // namespace tern::command
