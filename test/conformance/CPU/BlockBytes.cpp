// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/BlockBytes.h"

#include "passes/CPU/Record.h"
#include "test/conformance/CPU/BlockNumbers.h"

#include <algorithm>

namespace tern::test {

//===----------------------------------------------------------------------===//
// Records of activations
//===----------------------------------------------------------------------===//

static void storeRecord(uint8_t *bytes, const double *numbers) {
  auto isNearer = [](double a, double b) { return std::fabs(a) < std::fabs(b); };
  auto scale =
      static_cast<float>(std::fabs(*std::max_element(numbers, numbers + 32, isNearer)) / 127);
  std::memset(bytes, 0, cpu::kRecordBytes);
  std::memcpy(bytes + cpu::kRecordScale, &scale, 4);
  for (int64_t i = 0; i < 32 && scale != 0; ++i)
    bytes[i] =
        static_cast<uint8_t>(static_cast<int8_t>(std::nearbyint(numbers[i] / double(scale))));
}

static void loadRecord(const uint8_t *bytes, double *numbers) {
  float scale;
  std::memcpy(&scale, bytes + cpu::kRecordScale, 4);
  for (int64_t i = 0; i < 32; ++i)
    numbers[i] = double(scale) * static_cast<int8_t>(bytes[i]);
}

//===----------------------------------------------------------------------===//
// GGUF's blocks
//===----------------------------------------------------------------------===//

static void putFields(const BitFields &fields, uint8_t *block, int64_t i, int64_t number) {
  for (const BitField &field : fields)
    if (field.bits != 0)
      block[field.byteOf(i)] |= static_cast<uint8_t>(
          (number >> field.place & ((1 << field.bits) - 1)) << field.shiftOf(i));
}

static void putHalf(uint8_t *to, double number) {
  auto half = static_cast<_Float16>(number);
  std::memcpy(to, &half, 2);
}

static void putSingle(uint8_t *to, double number) {
  auto single = static_cast<float>(number);
  std::memcpy(to, &single, 4);
}

/// The code whose number is nearest.
static int64_t nearestCode(const BlockFormat &format, double number) {
  if (!format.numbers.empty()) {
    auto numbers = namedNumbers(format.numbers);
    auto distance = [&](float a) { return std::isfinite(a) ? std::fabs(a - number) : INFINITY; };
    return std::min_element(numbers.begin(), numbers.end(),
                            [&](float a, float b) { return distance(a) < distance(b); }) -
           numbers.begin();
  }
  if (!format.table.empty())
    return std::min_element(
               format.table.begin(), format.table.end(),
               [&](int8_t a, int8_t b) { return std::fabs(a - number) < std::fabs(b - number); }) -
           format.table.begin();
  if (format.bits == 8)
    return std::clamp<int64_t>(std::llround(number), -128, 127) & 255;
  return std::clamp<int64_t>(std::llround(number) + format.zero, 0, (1 << format.bits) - 1);
}

static void storeFormat(uint8_t *bytes, const BlockFormat &format, const double *numbers) {
  std::memset(bytes, 0, format.bytes);
  auto [low, high] = std::minmax_element(numbers, numbers + format.elements);
  double range = std::max(-*low, *high), codes = 1 << (format.bits - 1);
  if (!format.table.empty())
    codes = *std::max_element(format.table.begin(), format.table.end());
  for (float number : namedNumbers(format.numbers))
    codes = std::isfinite(number) ? std::max<double>(codes, number) : codes;
  double scale = format.minimum ? (*high - *low) / (2 * codes - 1) : range / codes;
  double largest = format.scaleBits == 0 ? 1 : 4; // of the scale codes
  if (format.scale == ScaleKind::Half)
    putHalf(bytes + format.scaleOffset, scale / largest);
  else if (format.scale == ScaleKind::Single)
    putSingle(bytes + format.scaleOffset, scale / namedFactor(format.numbers));
  else
    bytes[format.scaleOffset] = static_cast<uint8_t>(128 + (scale > 0 ? std::ilogb(scale) : -100));
  if (format.minimum)
    putHalf(bytes + format.minimumOffset, format.scaleBits == 0 ? *low : -*low / largest);
  for (int64_t group = 0; format.scaleBits != 0 && group < format.groups(); ++group) {
    putFields(format.scales, bytes, group, format.scaleZero() + 3 + group % 2);
    if (format.minimum)
      putFields(format.minima, bytes, group, 2 + group % 3);
  }
  BlockNumbers block(format, bytes);
  for (int64_t i = 0; i < format.elements; ++i) {
    double unit = block.scale(i) * namedFactor(format.numbers);
    double number = unit == 0 ? 0 : (numbers[i] - block.minimum(i)) / unit;
    putFields(format.codes, bytes, i, nearestCode(format, number));
  }
}

static void loadFormat(const uint8_t *bytes, const BlockFormat &format, double *numbers) {
  BlockNumbers block(format, bytes);
  for (int64_t i = 0; i < format.elements; ++i)
    numbers[i] = block.product(i) + block.minimum(i);
}

int64_t blockBytes(BlockType type) {
  const BlockFormat *format = type.getFormat();
  return format ? format->bytes : cpu::kRecordBytes;
}

void storeBlock(uint8_t *bytes, BlockType type, const double *numbers) {
  const BlockFormat *format = type.getFormat();
  format ? storeFormat(bytes, *format, numbers) : storeRecord(bytes, numbers);
}

void loadBlock(const uint8_t *bytes, BlockType type, double *numbers) {
  const BlockFormat *format = type.getFormat();
  format ? loadFormat(bytes, *format, numbers) : loadRecord(bytes, numbers);
}

} // namespace tern::test
