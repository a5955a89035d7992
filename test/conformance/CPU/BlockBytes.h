// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Blocks of 32 numbers as kernels find them in memory: GGUF's q8_0, q4_0 and q4_1, and records of
// activations.
#ifndef TERN_TEST_CONFORMANCE_CPU_BLOCKBYTES_H
#define TERN_TEST_CONFORMANCE_CPU_BLOCKBYTES_H

#include "dialects/Tern/IR/Tern.h"

namespace tern::test {

int64_t blockBytes(BlockType type);
/// Writes 32 numbers, rounded to codes and a scale.
void storeBlock(uint8_t *bytes, BlockType type, const double *numbers);
/// The 32 numbers that a block stands for.
void loadBlock(const uint8_t *bytes, BlockType type, double *numbers);

} // namespace tern::test

#endif
