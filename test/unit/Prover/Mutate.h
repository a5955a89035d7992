// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_UNIT_PROVER_MUTATE_H
#define TERN_TEST_UNIT_PROVER_MUTATE_H

#include "passes/Saturate/Law/Bindings.h"

#include <random>

namespace tern::prover {

/// The law with one to three small changes: operands swapped, another operation, another order of
/// letters, a sign more, another number or variable or size, an operation less, a condition less,
/// the other tier. None if its types do not fit or nothing has changed.
std::optional<law::Law> mutate(const law::Law &law, std::mt19937_64 &random);

} // namespace tern::prover

#endif
