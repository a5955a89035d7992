// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// GPTQ (arXiv 2210.17323), as AutoGPTQ computes it: columns are rounded one after the other, and
// what a rounding does to the outputs is made good in the columns that are still to come.
#ifndef TERN_FRONTEND_QUANTISE_GPTQ_H
#define TERN_FRONTEND_QUANTISE_GPTQ_H

#include "frontend/quantise/GroupedWeight.h"

#include <optional>

namespace tern::quantise {

/// H = 2 / N sum x^T x over the N rows x of `inputs` [N, in].
Matrix secondMoment(const Matrix &inputs);

/// The mean squared error of the outputs, times 2: tr(D H D^T) with D = `difference` [out, in].
double outputError(const Matrix &difference, const Matrix &moment);

/// What GPTQ has to know of a weight's inputs; the weights that share them share it.
struct InputFactor {
  /// True if columns are processed from the largest H[k,k] to the least.
  bool hasActOrder = false;
  /// Of each column as it is processed: the input.
  std::vector<int64_t> order;
  std::vector<bool> isDead; ///< by input: H[k,k] = 0, so the input never is other than 0
  /// U, upper triangular, with H^-1 = U^T U for H in this order plus `damp` times the mean of its
  /// diagonal; dead inputs have H[k,k] = 1.
  Matrix upper;

  /// (H^-1)[k,k] of each input k.
  Row inverseDiagonal() const;

  /// The weight with 0 for dead inputs.
  Matrix lively(const Matrix &weight) const;

  /// Nothing if `moment` holds what is not finite.
  static std::optional<InputFactor> of(const Matrix &moment, bool hasActOrder, double damp = 0.01);
};

struct GptqResult {
  GroupedWeight weight;
  double error; ///< outputError() of it with the damped moment
};

/// The codes of `weight` [out, in]. For columns i in order: q_i = nearest(w_i), e = (w_i - q_i) /
/// U[i,i], w_j -= e U[i,j] for j > i. A group's grid is fitted to what its columns have become when
/// the first one comes; with act order, where they do not follow each other, to the weight as it is
/// (`static_groups`). Weights of dead inputs become 0.
GptqResult gptq(const Matrix &weight, const InputFactor &factor, const GroupForm &form);

} // namespace tern::quantise

#endif
