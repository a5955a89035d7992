// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writers of weights that a Hugging Face directory holds in parts. How the parts are read, and what
// they stand for, is said in QuantisedWeight.h and LinearForm.h.
#ifndef TERN_FRONTEND_CHECKPOINT_ENCODEDWEIGHT_H
#define TERN_FRONTEND_CHECKPOINT_ENCODEDWEIGHT_H

#include "frontend/checkpoint/QuantisedWeight.h"

#include <cstddef>
#include <span>

namespace tern::checkpoint {

/// A stored tensor.
struct WeightPart {
  std::string name;
  std::string_view type; ///< as safetensors calls it
  std::vector<int64_t> shape;
  std::vector<std::byte> bytes;
};

/// The parts of a weight [out, in], and the numbers that they stand for.
struct EncodedWeight {
  std::vector<WeightPart> parts;
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

/// Signs with scales of 3 powers of two (ShiftAddLLM's bcq_shift.py without error feedback): from
/// the greedy signs, scales that fit the signs best and signs that fit the scales best in turn, up
/// to kBinaryRounds times; the best of all is kept. Needs an `in` and an `out` that 8 divides.
inline constexpr int kBinaryRounds = 20;
EncodedWeight encodeBinary(const PlainWeight &weight, int64_t bits);

} // namespace tern::checkpoint

#endif
