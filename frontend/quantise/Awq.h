// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// AWQ (arXiv 2306.00978), as AutoAWQ searches its scales and limits: W diag(s) is rounded in place
// of W, and what makes the inputs gives x / s. Inputs that are large have their weights rounded
// finely. Then what is largest in a group is clipped, where that makes the rest better.
#ifndef TERN_FRONTEND_QUANTISE_AWQ_H
#define TERN_FRONTEND_QUANTISE_AWQ_H

#include "frontend/quantise/GroupedWeight.h"

#include <span>

namespace tern::quantise {

struct InputScales {
  std::vector<double> scales; ///< of each input; all 1 if none are better
  double error = 0;           ///< outputError() of all weights with them
  double plainError = 0;      ///< with none
};

/// The mean of |x| over the rows of `inputs` [N, in].
Row meanMagnitude(const Matrix &inputs);

/// Scales of the inputs that all of `weights` [out, in] share: of s = m^r / (w^(1 - r) + 1e-4) for
/// r = 0, 1/20, ... 19/20, at least 1e-4 and divided by sqrt(max s min s), those with the least
/// tr(D H D^T), D = nearest(W diag(s)) / diag(s) - W; or ones. `m` is `magnitude`, `w` the mean
/// over all rows of |W| over the largest of its group.
InputScales findScales(std::span<const Matrix> weights, const Matrix &moment, const Row &magnitude,
                       const GroupForm &form);

/// By how many parts of kClipParts the largest magnitudes of a weight's groups are cut.
inline constexpr int kClipParts = 20;
using Clips = std::vector<uint8_t>; ///< [out, in / group]

/// Of the cuts below a half that which gives each group the least error of its own share of the
/// outputs: d H[g,g] d^T with d = nearest(clip(w)) - w in group g, whatever the others do. The
/// least of equal cuts.
Clips findClips(const Matrix &weight, const Matrix &moment, const GroupForm &form);

/// The weight with each group between plus and minus what its largest magnitude is cut to.
Matrix clipped(const Matrix &weight, const Clips &clips, int64_t group);

} // namespace tern::quantise

#endif
