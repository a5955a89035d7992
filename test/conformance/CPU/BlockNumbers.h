// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One block of a format, number by number in f64: the law that kernels are compared with. The
// decoder of checkpoints reads the same description and is compared with goldens.
#ifndef TERN_TEST_CONFORMANCE_CPU_BLOCKNUMBERS_H
#define TERN_TEST_CONFORMANCE_CPU_BLOCKNUMBERS_H

#include "dialects/Tern/IR/BlockFormat.h"

#include <cmath>
#include <cstring>

namespace tern::test {

inline int64_t fieldsAt(const BitFields &fields, const uint8_t *block, int64_t i) {
  int64_t number = 0;
  for (const BitField &field : fields)
    if (field.bits != 0)
      number |= ((block[field.byteOf(i)] >> field.shiftOf(i)) & ((1 << field.bits) - 1))
                << field.place;
  return number;
}

class BlockNumbers {
public:
  BlockNumbers(const BlockFormat &format, const uint8_t *block) : format(format), block(block) {}

  double unit() const {
    return format.scale == ScaleKind::Half     ? half(format.scaleOffset)
           : format.scale == ScaleKind::Single ? single(format.scaleOffset)
                                               : std::ldexp(1.0, block[format.scaleOffset] - 128);
  }
  double least() const { return format.minimum ? half(format.minimumOffset) : 0; }

  int64_t scaleCode(int64_t group) const {
    int64_t code = fieldsAt(format.scales, block, group);
    return format.scaleBits == 8 ? int8_t(code) : code - format.scaleZero();
  }
  int64_t minimumCode(int64_t group) const { return fieldsAt(format.minima, block, group); }

  /// Of element i.
  double scale(int64_t i) const {
    return format.scaleBits == 0 ? unit() : unit() * double(scaleCode(i / format.group));
  }
  double minimum(int64_t i) const {
    return format.scaleBits == 0 ? least() : -least() * double(minimumCode(i / format.group));
  }
  /// What the code stands for.
  double code(int64_t i) const {
    int64_t code = fieldsAt(format.codes, block, i);
    if (!format.numbers.empty())
      return namedNumbers(format.numbers)[static_cast<size_t>(code)];
    if (!format.table.empty())
      return format.table[code];
    return double(format.bits == 8 ? int8_t(code) : code - format.zero);
  }
  /// Code times scale; where a factor follows, rounded to f32 before it.
  double product(int64_t i) const {
    double product = scale(i) * code(i), factor = namedFactor(format.numbers);
    return factor == 1 ? product : static_cast<float>(product) * factor;
  }

private:
  double single(int64_t offset) const {
    float number;
    std::memcpy(&number, block + offset, 4);
    return number;
  }
  double half(int64_t offset) const {
    _Float16 number;
    std::memcpy(&number, block + offset, 2);
    return static_cast<double>(number);
  }

  const BlockFormat &format;
  const uint8_t *block;
};

} // namespace tern::test

#endif
