// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_INSTANCE_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_INSTANCE_H

#include "tools/tern-explain/check/Proof.h"
#include "tools/tern-explain/check/Rules.h"

namespace tern::check {

/// Throws a Refusal unless the terms `left` and `right` are the sides of the law for one meaning of
/// its variables, letters and sizes, and its conditions hold for that meaning. A step that
/// `isForth` begins with the left side.
void checkInstance(const Law &law, const Term *left, const Term *right, bool isForth);

} // namespace tern::check

#endif
