// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/command/Tensor.h"

#include "tools/command/CommandLine.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace tern::command {

//===- Number types -------------------------------------------------------===//

namespace {
struct TypeInfo {
  std::string_view name;
  size_t bytes;
  int fraction;    ///< bits of a float's fraction, 0 for integers
  int leastPower;  ///< exponent of the smallest normal float
  double greatest; ///< finite number
};
} // namespace

static constexpr TypeInfo types[] = {
    {"f32", 4, 23, -126, std::numeric_limits<float>::max()},
    {"f16", 2, 10, -14, 65504},
    {"bf16", 2, 7, -126, 0x1.fep127},
    {"f64", 8, 52, -1022, std::numeric_limits<double>::max()},
    {"i8", 1, 0, 0, 0},
    {"u8", 1, 0, 0, 0},
    {"i16", 2, 0, 0, 0},
    {"i32", 4, 0, 0, 0},
    {"i64", 8, 0, 0, 0},
};

static const TypeInfo &infoOf(NumberType type) { return types[static_cast<int>(type)]; }

std::string_view nameOf(NumberType type) { return infoOf(type).name; }
size_t bytesOf(NumberType type) { return infoOf(type).bytes; }

std::optional<NumberType> numberType(std::string_view name) {
  for (size_t i = 0; i < std::size(types); ++i)
    if (types[i].name == name)
      return static_cast<NumberType>(i);
  return std::nullopt;
}

template <typename T> static T load(const std::byte *from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <typename T> static void store(std::byte *to, double value) {
  auto stored = static_cast<T>(value);
  std::memcpy(to, &stored, sizeof stored);
}

/// The number with these bits in a 16-bit format of `fraction` bits.
static double decodeFloat16(uint16_t bits, const TypeInfo &info) {
  int exponentBits = 15 - info.fraction, bias = (1 << (exponentBits - 1)) - 1;
  int exponent = (bits >> info.fraction) & ((1 << exponentBits) - 1);
  double fraction = bits & ((1 << info.fraction) - 1);
  double sign = bits >> 15 ? -1 : 1;
  if (exponent == (1 << exponentBits) - 1)
    return fraction != 0 ? std::numeric_limits<double>::quiet_NaN()
                         : sign * std::numeric_limits<double>::infinity();
  if (exponent != 0)
    fraction += 1 << info.fraction;
  return sign * std::ldexp(fraction, std::max(exponent, 1) - bias - info.fraction);
}

static uint16_t encodeFloat16(double value, const TypeInfo &info) {
  auto sign = static_cast<uint16_t>(std::signbit(value) << 15);
  int infinity = 0x7fff & ~((1 << info.fraction) - 1);
  double magnitude = std::fabs(value);
  if (std::isnan(value))
    return static_cast<uint16_t>(infinity | 1 << (info.fraction - 1));
  int power = magnitude == 0 ? info.leastPower : std::max(std::ilogb(magnitude), info.leastPower);
  // Round to a multiple of the last place; a carry moves into the exponent by itself.
  double places = std::nearbyint(std::ldexp(magnitude, info.fraction - power));
  if (std::ldexp(places, power - info.fraction) > info.greatest)
    return static_cast<uint16_t>(sign | infinity);
  auto normal = (power - info.leastPower) << info.fraction;
  return static_cast<uint16_t>(sign | (normal + static_cast<int>(places)));
}

Tensor Tensor::make(NumberType type, std::vector<int64_t> shape) {
  size_t count = bytesOf(type);
  for (int64_t size : shape)
    if (size < 0 || __builtin_mul_overflow(count, static_cast<size_t>(size), &count) ||
        count > size_t(1) << 40)
      throw UserError("a tensor of these sizes does not fit into memory");
  return {type, std::move(shape), std::vector<std::byte>(count)};
}

double Tensor::get(int64_t i) const {
  const std::byte *at = bytes.data() + static_cast<size_t>(i) * bytesOf(type);
  switch (type) {
  case NumberType::F32:
    return load<float>(at);
  case NumberType::F16:
  case NumberType::BF16:
    return decodeFloat16(load<uint16_t>(at), infoOf(type));
  case NumberType::F64:
    return load<double>(at);
  case NumberType::I8:
    return load<int8_t>(at);
  case NumberType::U8:
    return load<uint8_t>(at);
  case NumberType::I16:
    return load<int16_t>(at);
  case NumberType::I32:
    return load<int32_t>(at);
  case NumberType::I64:
    return static_cast<double>(load<int64_t>(at));
  }
  __builtin_unreachable();
}

void Tensor::set(int64_t i, double value) {
  std::byte *at = bytes.data() + static_cast<size_t>(i) * bytesOf(type);
  switch (type) {
  case NumberType::F32:
    return store<float>(at, value);
  case NumberType::F16:
  case NumberType::BF16:
    return store<uint16_t>(at, encodeFloat16(value, infoOf(type)));
  case NumberType::F64:
    return store<double>(at, value);
  case NumberType::I8:
    return store<int8_t>(at, value);
  case NumberType::U8:
    return store<uint8_t>(at, value);
  case NumberType::I16:
    return store<int16_t>(at, value);
  case NumberType::I32:
    return store<int32_t>(at, value);
  case NumberType::I64:
    return store<int64_t>(at, value);
  }
}

//===- Text ---------------------------------------------------------------===//

static UserError badTensor(const std::string &text, const std::string &why) {
  return UserError("tensor '" + text.substr(0, 60) + "': " + why);
}

/// Reads `2x3xf32`.
static Tensor readShape(const std::string &text, std::string_view words) {
  std::vector<int64_t> shape;
  for (size_t x; (x = words.find('x')) != words.npos; words.remove_prefix(x + 1)) {
    int64_t size = 0;
    auto [end, error] = std::from_chars(words.data(), words.data() + x, size);
    if (error != std::errc() || end != words.data() + x || size < 0)
      throw badTensor(text, "expected sizes and a type as in 2x3xf32");
    shape.push_back(size);
  }
  std::optional<NumberType> type = numberType(words);
  if (!type)
    throw badTensor(text, "expected a type f32, f16, bf16, f64, i8, u8, i16, i32 or i64, found '" +
                              std::string(words) + "'");
  return Tensor::make(*type, std::move(shape));
}

static double readNumber(const std::string &text, const std::string &word, NumberType type) {
  char *end = nullptr;
  double value = std::strtod(word.c_str(), &end);
  if (word.empty() || *end)
    throw badTensor(text, "expected a number, found '" + word + "'");
  // Integers must survive the way through f64, and the store.
  bool isInteger = infoOf(type).fraction == 0;
  int bits = std::min(static_cast<int>(bytesOf(type)) * 8 - 1, 53);
  bool isUnsigned = type == NumberType::U8;
  double above = std::ldexp(1, isUnsigned ? bits + 1 : bits), least = isUnsigned ? 0 : -above;
  if (isInteger && !(value == std::trunc(value) && value >= least && value < above))
    throw badTensor(text,
                    "expected numbers of type " + std::string(nameOf(type)) + ", found " + word);
  return value;
}

Tensor readTensor(const std::string &text) {
  if (text.ends_with(".npy"))
    return readNpy(text);
  size_t equals = text.find('=');
  Tensor tensor = readShape(text, std::string_view(text).substr(0, equals));
  if (equals == text.npos)
    return tensor;
  std::vector<std::string> words = CLI::detail::split(text.substr(equals + 1), ',');
  if (words.size() != 1 && static_cast<int64_t>(words.size()) != tensor.size())
    throw badTensor(text, "expected 1 or " + std::to_string(tensor.size()) + " numbers, found " +
                              std::to_string(words.size()));
  for (int64_t i = 0; i < tensor.size(); ++i)
    tensor.set(
        i, readNumber(text, words[words.size() == 1 ? 0 : static_cast<size_t>(i)], tensor.type));
  return tensor;
}

std::string printTensor(const Tensor &tensor) {
  std::string text;
  for (int64_t size : tensor.shape)
    text += std::to_string(size) + "x";
  text += std::string(nameOf(tensor.type)) + "=";
  for (int64_t i = 0; i < tensor.size(); ++i) {
    char number[32];
    std::snprintf(number, sizeof number, "%.*g", tensor.type == NumberType::F64 ? 17 : 9,
                  tensor.get(i));
    text += (i ? "," : "") + std::string(number);
  }
  return text;
}

//===- Comparison ---------------------------------------------------------===//

void compareTensors(const std::string &what, const Tensor &found, const Tensor &expected,
                    double tolerance) {
  auto shapeOf = [](const Tensor &tensor) {
    std::string text = "[";
    for (int64_t size : tensor.shape)
      text += (text.size() > 1 ? ", " : "") + std::to_string(size);
    return text + "]";
  };
  if (found.shape != expected.shape)
    throw UserError(what + ": expected shape " + shapeOf(expected) + ", found " + shapeOf(found));
  double largest = 0, worst = -1;
  int64_t place = 0;
  for (int64_t i = 0; i < found.size(); ++i) {
    double a = found.get(i), b = expected.get(i);
    if (std::isfinite(b))
      largest = std::max(largest, std::fabs(b));
    bool same = a == b || (std::isnan(a) && std::isnan(b));
    double difference = same ? 0 : std::fabs(a - b);
    if (!(difference <= std::numeric_limits<double>::max()))
      difference = std::numeric_limits<double>::infinity();
    if (difference > worst) {
      worst = difference;
      place = i;
    }
  }
  if (worst <= tolerance * largest)
    return;
  char text[160];
  std::snprintf(
      text, sizeof text,
      ": number %lld: expected %.9g, found %.9g, where differences up to %.3g are allowed",
      static_cast<long long>(place), expected.get(place), found.get(place), tolerance * largest);
  throw UserError(what + text);
}

} // namespace tern::command
