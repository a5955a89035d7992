// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Dequantise.h"

#include <bit>
#include <cassert>
#include <cstring>

namespace tern::checkpoint {
namespace {

constexpr int kBlock = 32;

template <typename T> T load(const std::byte *from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

float loadHalf(const std::byte *from) { return halfToFloat(load<uint16_t>(from)); }

int lowCode(std::byte codes) { return int(codes) & 15; }
int highCode(std::byte codes) { return int(codes) >> 4; }

/// Decodes one block; `Out` is float or double and always receives an f32's value.
template <typename Out> void decodeBlock(StorageType type, const std::byte *block, Out *out) {
  switch (type) {
  case StorageType::F32:
    out[0] = load<float>(block);
    return;
  case StorageType::F16:
    out[0] = loadHalf(block);
    return;
  case StorageType::BF16:
    out[0] = std::bit_cast<float>(uint32_t(load<uint16_t>(block)) << 16);
    return;
  case StorageType::Q8_0: {
    float scale = loadHalf(block);
    for (int i = 0; i < kBlock; ++i)
      out[i] = scale * float(int8_t(block[2 + i]));
    return;
  }
  case StorageType::Q4_0: {
    float scale = loadHalf(block);
    for (int i = 0; i < kBlock / 2; ++i) {
      out[i] = scale * float(lowCode(block[2 + i]) - 8);
      out[i + kBlock / 2] = scale * float(highCode(block[2 + i]) - 8);
    }
    return;
  }
  case StorageType::Q4_1: {
    // A code has 4 bits and a scale 11, so the product is exact and the sum is rounded once.
    float scale = loadHalf(block), minimum = loadHalf(block + 2);
    for (int i = 0; i < kBlock / 2; ++i) {
      out[i] = scale * float(lowCode(block[4 + i])) + minimum;
      out[i + kBlock / 2] = scale * float(highCode(block[4 + i])) + minimum;
    }
    return;
  }
  case StorageType::Other:
    __builtin_unreachable();
  }
}

template <typename Out>
void decodeRows(const Tensor &tensor, int64_t firstRow, int64_t rowCount, Out *out) {
  assert(tensor.type != StorageType::Other && "decoding a type that is not read");
  assert(firstRow >= 0 && rowCount >= 0 && rowCount <= tensor.rows() - firstRow && "no such rows");
  const TypeLayout &layout = layoutOf(tensor.type);
  int64_t blocksPerRow = tensor.columns() / layout.blockElements;
  const std::byte *block = tensor.data + firstRow * blocksPerRow * layout.blockBytes;
  for (int64_t left = rowCount * blocksPerRow; left > 0; --left) {
    decodeBlock(tensor.type, block, out);
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
