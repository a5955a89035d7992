// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Dequantise.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>

namespace tern::checkpoint {
namespace {

/// Of a block, as GGUF has them.
constexpr int64_t kMostElements = 256;

template <typename T> T load(const std::byte *from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

float loadHalf(const std::byte *from) { return halfToFloat(load<uint16_t>(from)); }

/// Reads `count` numbers from a block.
void readFields(const BitFields &fields, const std::byte *block, int64_t count, int *out) {
  std::fill_n(out, count, 0);
  for (const BitField &field : fields) {
    if (field.bits == 0)
      break;
    int mask = (1 << field.bits) - 1;
    for (int64_t i = 0; i < count;) {
      const std::byte *bytes = block + field.byteOf(i);
      int64_t shift = field.shiftOf(i);
      for (int64_t end = std::min(count, i + field.run); i < end; ++i)
        out[i] |= (int(*bytes++) >> shift & mask) << field.place;
    }
  }
}

float loadScale(const BlockFormat &format, const std::byte *block) {
  if (format.scale == ScaleKind::Half)
    return loadHalf(block + format.scaleOffset);
  return std::ldexp(1.0f, int(block[format.scaleOffset]) - 128);
}

/// Numbers of 8 bits are two's complement, but for those of formats with minima.
int signedNumber(const BlockFormat &format, int64_t bits, int number) {
  return bits == 8 && !format.minimum ? int(int8_t(number)) : number;
}

/// Decodes one block; `Out` is float or double and always receives an f32's value.
template <typename Out>
void decodeBlock(const BlockFormat &format, const std::byte *block, Out *out) {
  int codes[kMostElements], scales[kMostElements], minima[kMostElements];
  readFields(format.codes, block, format.elements, codes);
  readFields(format.scales, block, format.groups(), scales);
  readFields(format.minima, block, format.groups(), minima);
  float unit = loadScale(format, block);
  float least = format.minimum ? loadHalf(block + format.minimumOffset) : 0;
  for (int64_t i = 0; i < format.elements; ++i) {
    int64_t group = i / format.group;
    float scale = unit, minimum = least;
    if (format.scaleBits != 0) {
      scale *= float(signedNumber(format, format.scaleBits, scales[group]) - format.scaleZero());
      minimum *= -float(minima[group]);
    }
    int code = signedNumber(format, format.bits, codes[i]);
    int number = format.table.empty() ? code - int(format.zero) : format.table[code];
    // The product is exact, so the sum is rounded once.
    out[i] = format.minimum ? scale * float(number) + minimum : scale * float(number);
  }
}

template <typename Out> void decodeNumber(StorageType type, const std::byte *from, Out *out) {
  switch (type) {
  case StorageType::F32:
    *out = load<float>(from);
    return;
  case StorageType::F16:
    *out = loadHalf(from);
    return;
  case StorageType::BF16:
    *out = std::bit_cast<float>(uint32_t(load<uint16_t>(from)) << 16);
    return;
  default:
    __builtin_unreachable();
  }
}

template <typename Out>
void decodeRows(const Tensor &tensor, int64_t firstRow, int64_t rowCount, Out *out) {
  assert(tensor.type != StorageType::Other && "decoding a type that is not read");
  assert(firstRow >= 0 && rowCount >= 0 && rowCount <= tensor.rows() - firstRow && "no such rows");
  const TypeLayout &layout = layoutOf(tensor.type);
  const BlockFormat *format = formatOf(tensor.type);
  int64_t blocksPerRow = tensor.columns() / layout.blockElements;
  const std::byte *block = tensor.data + firstRow * blocksPerRow * layout.blockBytes;
  for (int64_t left = rowCount * blocksPerRow; left > 0; --left) {
    format ? decodeBlock(*format, block, out) : decodeNumber(tensor.type, block, out);
    block += layout.blockBytes;
    out += layout.blockElements;
  }
}

} // namespace

float halfToFloat(uint16_t bits) {
  uint32_t sign = uint32_t(bits & 0x8000) << 16;
  uint32_t exponent = (bits >> 10) & 31;
  uint32_t fraction = bits & 0x3ff;
  if (exponent == 31) // infinity, or not a number with its payload
    return std::bit_cast<float>(sign | 0x7f800000 | fraction << 13);
  if (exponent == 0) { // zero, or fraction * 2^-24
    float magnitude = float(fraction) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

void dequantise(const Tensor &tensor, int64_t firstRow, int64_t rowCount, float *out) {
  decodeRows(tensor, firstRow, rowCount, out);
}

void dequantise(const Tensor &tensor, int64_t firstRow, int64_t rowCount, double *out) {
  decodeRows(tensor, firstRow, rowCount, out);
}

} // namespace tern::checkpoint
