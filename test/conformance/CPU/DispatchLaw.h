// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels of any shapes against the references of their operations, as tables of dispatches.
#ifndef TERN_TEST_CONFORMANCE_CPU_DISPATCHLAW_H
#define TERN_TEST_CONFORMANCE_CPU_DISPATCHLAW_H

#include "test/conformance/CPU/DispatchRunner.h"

namespace tern::test {

/// A dispatch of %a, %b, ... with the dimensions T and S, and the error that is allowed in each
/// result, relative to its largest number (or 1).
struct DispatchLaw {
  const char *name;
  /// Separated by "; ". A tensor is written as its axes, its element type last: "T 7 S f32".
  const char *inputs, *results;
  /// In it, {0}, {1}, ... are the types of the inputs, then of the results.
  const char *body;
  double tolerance;
  /// Integers are below it.
  int64_t integers = 4;
  double scale = 2;
};

/// What the dispatch of a law says when it is not compiled; empty if it is.
std::string refusalOf(const DispatchLaw &law, Schema schema, EmitFunction emit,
                      const cpu::Target &target);

/// Compares all results for each pair of T and S, all tiles at once and one by one, bit for bit.
void checkLaw(const DispatchLaw &law, Schema schema, EmitFunction emit, const cpu::Target &target,
              const std::vector<std::pair<int64_t, int64_t>> &sizes);

/// The name of a test's target.
std::string targetName(const cpu::Target &target);

} // namespace tern::test

#endif
