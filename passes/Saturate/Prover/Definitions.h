// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_PROVER_DEFINITIONS_H
#define TERN_PASSES_SATURATE_PROVER_DEFINITIONS_H

#include "passes/Saturate/Law/Law.h"

namespace tern::prover {

/// What attention, low_rank and gated_ffn are made of, in the order in which their roundings are
/// defined; none for other operations.
std::optional<law::Term> definitionOf(const law::Law &law, const law::Term &term);

} // namespace tern::prover

#endif
