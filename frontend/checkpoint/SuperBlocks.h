// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Encoders of the types whose scales are found by search: a block of 256 elements has parts with
// integer scales of their own, which one or two f16 scale (Q2_K to Q6_K, IQ4_XS); IQ4_NL is one
// part.
#ifndef TERN_FRONTEND_CHECKPOINT_SUPERBLOCKS_H
#define TERN_FRONTEND_CHECKPOINT_SUPERBLOCKS_H

#include <cstddef>

namespace tern::checkpoint {

void encodeQ2K(const float *values, std::byte *block);
void encodeQ3K(const float *values, std::byte *block);
void encodeQ4K(const float *values, std::byte *block);
void encodeQ5K(const float *values, std::byte *block);
void encodeQ6K(const float *values, std::byte *block);
void encodeIq4Xs(const float *values, std::byte *block);
void encodeIq4Nl(const float *values, std::byte *block); ///< 32 elements

} // namespace tern::checkpoint

#endif
