// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where the parts of a block of quantised numbers lie among its bytes: GGUF's block types (ggml's
// ggml-common.h and ggml-quants.c), and those that tern.blocks makes of codes and scales, each said
// once. Whoever reads blocks (the decoder, the pack kernels, the loops) reads them from this
// description. Needs no MLIR.
#ifndef TERN_DIALECTS_TERN_IR_BLOCKFORMAT_H
#define TERN_DIALECTS_TERN_IR_BLOCKFORMAT_H

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace tern {

/// Small unsigned numbers in bytes. With row = i / run % rows, number i lies in byte
///   offset + i % run + row * byteStep + i / (run * rows) * run
/// from bit firstShift + row * shiftStep on. What is read are the bits of the whole number from
/// `place` on. No field: bits = 0.
struct BitField {
  uint8_t bits = 0;
  uint8_t offset = 0;
  uint8_t run = 0;
  uint8_t rows = 1;
  uint8_t shiftStep = 0;
  uint8_t byteStep = 0;
  uint8_t firstShift = 0;
  uint8_t place = 0;

  constexpr int64_t byteOf(int64_t i) const {
    return offset + i % run + i / run % rows * byteStep + i / (run * rows) * run;
  }
  constexpr int64_t shiftOf(int64_t i) const { return firstShift + i / run % rows * shiftStep; }
};

/// A number is made of one field or of two; the second is not used where its bits are 0.
using BitFields = std::array<BitField, 2>;

/// How a scale is stored: in f16 or f32 (little endian), or as a byte e that stands for 2^(e -
/// 128).
enum class ScaleKind : uint8_t { Half, Single, PowerOfTwo };

/// A block of `elements` neighbours in `bytes` bytes. Groups of `group` neighbours share a scale
/// and a minimum. With q an element's code:
///   element = scale * (table is empty ? q - zero : table[q]) + minimum
///   element = scale * numbers[q], rounded to f32, where codes are of named numbers
///   scale   = d, or d * s where there are scale codes s; minimum = m, or -m * t with codes t
/// Scale codes are signed where there is no minimum: of two's complement if they have 8 bits, else
/// less half of their range. Every product is exact in f32; the sum is rounded once.
struct BlockFormat {
  std::string_view name; ///< GGUF's, in lower case, or one of ours
  int64_t elements;
  int64_t bytes;
  int64_t bits;  ///< of a code; 8 bits without a minimum are two's complement
  int64_t group; ///< divides `elements`
  int64_t zero;
  bool minimum;
  int64_t scaleBits; ///< of a scale code, 0 if there are none
  ScaleKind scale;
  int64_t scaleOffset;   ///< of d
  int64_t minimumOffset; ///< of m, always f16
  BitFields codes;       ///< one an element
  BitFields scales;      ///< one a group
  BitFields minima;      ///< one a group
  std::span<const int8_t> table = {};
  std::string_view numbers = {}; ///< of namedNumbers(), or empty

  int64_t groups() const { return elements / group; }
  /// What is taken from a scale code that has fewer than 8 bits.
  int64_t scaleZero() const {
    return minimum || scaleBits == 0 || scaleBits == 8 ? 0 : 1 << (scaleBits - 1);
  }
};

/// The number of each code, exact in f32: nf4 and fp4 are bitsandbytes' of 4 bits (functional.py),
/// e4m3 and e5m2 floats of 8 bits (OCP 8-bit floating point 1.0; e4m3 has no infinities), i8
/// two's complement. Empty if there are none of that name.
std::span<const float> namedNumbers(std::string_view name);

/// What a number of that name times its block's scale is multiplied by, rounded after each product:
/// bitsandbytes' 1 / 127 for i8 (int8_vectorwise_dequant), else 1.
float namedFactor(std::string_view name);

/// Null if there is no block type of that name, or it is not read.
const BlockFormat *findBlockFormat(std::string_view name);

/// All of them.
std::span<const BlockFormat> blockFormats();

} // namespace tern

#endif
