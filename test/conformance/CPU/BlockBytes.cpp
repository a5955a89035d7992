// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/BlockBytes.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tern::test {

namespace {
/// Where the parts of a block lie.
struct Parts {
  bool isRecord;
  int64_t codes, codeBytes, bytes;

  explicit Parts(BlockType type)
      : isRecord(type.getScale().isF32()), codes(isRecord            ? 0
                                                 : type.getMinimum() ? 4
                                                                     : 2),
        codeBytes(type.getGroup() * type.getBits() / 8),
        bytes(isRecord ? codeBytes + 8 : codes + codeBytes) {}
};

/// f32 in records, f16 elsewhere.
double scaleAt(const uint8_t *bytes, bool isRecord) {
  float wide;
  _Float16 narrow;
  std::memcpy(&narrow, bytes, 2);
  if (!isRecord)
    return static_cast<double>(narrow);
  std::memcpy(&wide, bytes, 4);
  return static_cast<double>(wide);
}

double putScale(uint8_t *bytes, bool isRecord, double scale) {
  auto wide = static_cast<float>(scale);
  auto narrow = static_cast<_Float16>(scale);
  isRecord ? std::memcpy(bytes, &wide, 4) : std::memcpy(bytes, &narrow, 2);
  return scaleAt(bytes, isRecord);
}
} // namespace

int64_t blockBytes(BlockType type) { return Parts(type).bytes; }

void storeBlock(uint8_t *bytes, BlockType type, const double *numbers) {
  Parts parts(type);
  auto [low, high] = std::minmax_element(numbers, numbers + 32);
  double largest = std::max(-*low, *high), codes = (1 << type.getBits()) - 1;
  double minimum = type.getMinimum() ? *low : 0;
  double scale = type.getMinimum() ? (*high - *low) / codes : largest / ((codes - 1) / 2);
  std::memset(bytes, 0, parts.bytes);
  scale = putScale(bytes + (parts.isRecord ? parts.codeBytes : 0), parts.isRecord, scale);
  if (type.getMinimum())
    minimum = putScale(bytes + 2, false, minimum);
  for (int64_t i = 0; i < 32; ++i) {
    double code = scale == 0 ? 0 : std::nearbyint((numbers[i] - minimum) / scale);
    int64_t stored = static_cast<int64_t>(code) + static_cast<int64_t>(type.getZero());
    uint8_t *place = bytes + parts.codes;
    if (type.getBits() == 8)
      place[i] = static_cast<uint8_t>(stored);
    else
      place[i % 16] |= static_cast<uint8_t>(std::clamp<int64_t>(stored, 0, 15) << (i < 16 ? 0 : 4));
  }
}

void loadBlock(const uint8_t *bytes, BlockType type, double *numbers) {
  Parts parts(type);
  double scale = scaleAt(bytes + (parts.isRecord ? parts.codeBytes : 0), parts.isRecord);
  double minimum = type.getMinimum() ? scaleAt(bytes + 2, false) : 0;
  for (int64_t i = 0; i < 32; ++i) {
    const uint8_t *place = bytes + parts.codes;
    int64_t code = type.getBits() == 8 ? static_cast<int8_t>(place[i])
                                       : (place[i % 16] >> (i < 16 ? 0 : 4)) & 15;
    numbers[i] = static_cast<double>(code - static_cast<int64_t>(type.getZero())) * scale + minimum;
  }
}

} // namespace tern::test
