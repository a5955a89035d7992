// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_INTEGRATION_DECODER_REFERENCELOGITS_H
#define TERN_TEST_INTEGRATION_DECODER_REFERENCELOGITS_H

#include "test/integration/decoder/Golden.h"

namespace tern::test {

/// Logits by the references of the operations, in f64, after the stage that writes roundings: those
/// of the target. Throws what is wrong with the model at `path`.
Logits referenceLogits(const std::string &path, bool isFast, const std::string &cacheType,
                       const std::vector<int32_t> &tokens, Spelling spelling = Spelling::Composite,
                       const std::string &target = "cpu");

/// Whether `found` lies within `relative` of the rounded reference (isFast), up to a few numbers
/// that lie so near a boundary between two roundings that f32 sums take the other one: those within
/// 3e-7 of the largest number of their row, which is what f32 sums lose.
bool agreesButForTies(const std::string &path, const std::string &cacheType,
                      const std::vector<int32_t> &tokens, const Logits &found, double relative);

/// Logits of the model as it was imported, unrounded: no constant of it is in f32. Rows of one
/// number after the other.
std::vector<double> exactLogits(const std::string &path, const std::vector<int32_t> &tokens,
                                Spelling spelling = Spelling::Composite);

} // namespace tern::test

#endif
