// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Blocks of numbers as kernels find them in memory: GGUF's types, and records of activations.
#ifndef TERN_TEST_CONFORMANCE_CPU_BLOCKBYTES_H
#define TERN_TEST_CONFORMANCE_CPU_BLOCKBYTES_H

#include "dialects/Tern/IR/Tern.h"

namespace tern::test {

int64_t blockBytes(BlockType type);
/// Writes a block of numbers, rounded to codes; scale codes differ from group to group.
void storeBlock(uint8_t *bytes, BlockType type, const double *numbers);
/// The numbers that a block stands for.
void loadBlock(const uint8_t *bytes, BlockType type, double *numbers);

} // namespace tern::test

#endif
