// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_LAW_BINDINGS_H
#define TERN_PASSES_SATURATE_LAW_BINDINGS_H

#include "passes/Saturate/Law/Law.h"

namespace tern::law {

/// Whether facts are about variables that can have them. Returns what is wrong, or "".
std::string checkConditions(const Law &law);

/// Whether the side to be matched binds what the other one needs: each side of a law of two ways.
/// Sizes that follow by the equations between sizes count as bound. What a law that may grow terms
/// leaves open is its searcher's to choose. Returns what is wrong, or "".
std::string checkBindings(const Law &law);

/// Whether one side binds what the other one needs, for laws that may grow terms too. Returns what
/// is wrong, or "".
std::string checkBindingsOf(const Law &law, bool isRightMatched);

} // namespace tern::law

#endif
