// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writers of weights that a Hugging Face directory holds in parts. How the parts are read, and what
// they stand for, is said in QuantisedWeight.h and LinearForm.h.
#ifndef TERN_FRONTEND_CHECKPOINT_ENCODEDWEIGHT_H
#define TERN_FRONTEND_CHECKPOINT_ENCODEDWEIGHT_H

#include "frontend/checkpoint/LinearForm.h"
#include "frontend/checkpoint/QuantisedWeight.h"
#include "frontend/checkpoint/SafetensorsWriter.h"

#include <array>

#include <cstddef>
#include <span>

namespace tern::checkpoint {

/// The parts of a weight [out, in], and the numbers that they stand for.
struct EncodedWeight {
  std::vector<StoredTensor> parts;
  std::vector<float> values;
};

/// A weight to encode, row by row. All numbers are finite.
struct PlainWeight {
  std::string module; ///< the weight's name without `.weight`
  int64_t out = 0, in = 0;
  std::span<const float> values;
};

/// Elements that share a scale in bitsandbytes' 4 bits, and scales that share one themselves.
inline constexpr int64_t kTableBlock = 64, kNestedBlock = 256;

/// What bitsandbytes makes of it (functional.py and the CPU kernels of 0.50). 8 bits are of numbers
/// rounded to f16; a row with one that is too large stands for no numbers. The mean of the scales,
/// which nested ones are less, is summed in f64: torch's depends on the width of its vectors.
/// `type` is torch's name of the type that the weight had. Needs a multiple of kTableBlock elements
/// for 4 bits.
EncodedWeight encodeBitsAndBytes(const PlainWeight &weight, const BitsAndBytesScheme &scheme,
                                 std::string_view type);

/// The numbers that signs of some scales make: +-scale[0] +-scale[1] ... Bit b of a code is the
/// sign of scale b, 1 for +.
class BinaryGrid {
public:
  static constexpr int kMostBits = 4;
  using Scales = std::array<float, kMostBits>;

  BinaryGrid() : BinaryGrid({}, 1) {}
  BinaryGrid(const Scales &scales, int bits);

  const Scales &scales() const { return own; }
  float numberOf(uint8_t code) const;
  /// The code of the nearest number, of two the less.
  uint8_t codeOf(float value) const;

private:
  Scales own;
  int bits;
  std::array<uint8_t, 1 << kMostBits> codes{}; ///< by rising number
  std::array<float, 1 << kMostBits> middles{}; ///< between the numbers of two codes
};

/// Scales of 3 powers of two for some numbers (ShiftAddLLM's bcq_shift.py): from the greedy signs,
/// scales that fit the signs best and signs that fit the scales best in turn, up to kBinaryRounds
/// times; the best of all.
inline constexpr int kBinaryRounds = 20;
BinaryGrid fitBinary(std::span<const float> values, int bits);

/// Of a weight [out, in]; 8 inputs and an eighth of the outputs share a grid.
struct BinaryWeight {
  int64_t out = 0, in = 0;
  int bits = 2;
  std::vector<uint8_t> codes;    ///< [out, in]
  std::vector<BinaryGrid> grids; ///< [in / 8, 8]

  /// Room for a weight of this shape. Needs an `in` and an `out` that 8 divides.
  BinaryWeight(int64_t out, int64_t in, int bits);

  BinaryGrid &gridOf(int64_t n, int64_t k) { return grids[size_t(k / 8 * 8 + n / (out / 8))]; }
  const BinaryGrid &gridOf(int64_t n, int64_t k) const {
    return grids[size_t(k / 8 * 8 + n / (out / 8))];
  }
  float number(int64_t n, int64_t k) const {
    return gridOf(n, k).numberOf(codes[size_t(n * in + k)]);
  }
};

/// The tensors of BinaryForm for the map of that name.
std::vector<StoredTensor> packBinary(const BinaryWeight &weight, const std::string &map);

/// Each number to the nearest of a grid that is fitted to those that share it. Needs an `in` and an
/// `out` that 8 divides.
EncodedWeight encodeBinary(const PlainWeight &weight, int64_t bits);

} // namespace tern::checkpoint

#endif
