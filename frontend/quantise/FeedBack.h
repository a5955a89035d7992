// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_QUANTISE_FEEDBACK_H
#define TERN_FRONTEND_QUANTISE_FEEDBACK_H

#include "frontend/quantise/GroupedWeight.h"

#include <algorithm>

namespace tern::quantise {

/// Columns whose errors reach those after them in one product.
inline constexpr int64_t kFeedBackBlock = 128;

/// Rounds some rows of a weight, whose columns are in order, column by column: what a rounding does
/// to the outputs is made good in the columns that are still to come, w_j -= e U[i,j] for j > i
/// with e = (w_i - q_i) / U[i,i]. `grid.begin(weight, i)` sees what column i and those after it
/// have become, `grid.round(n, i, w)` gives q. Returns the sum of e^2; `weight` becomes anything.
template <typename Grid> double feedBack(Matrix &weight, const Matrix &upper, Grid &&grid) {
  double error = 0;
  int64_t in = weight.cols();
  for (int64_t first = 0; first < in; first += kFeedBackBlock) {
    int64_t count = std::min(kFeedBackBlock, in - first), rest = in - first - count;
    Matrix errors(weight.rows(), count);
    for (int64_t i = first; i < first + count; ++i) {
      grid.begin(weight, i);
      for (int64_t n = 0; n < weight.rows(); ++n) {
        double e = (weight(n, i) - grid.round(n, i, weight(n, i))) / upper(i, i);
        weight.row(n).segment(i, first + count - i) -=
            e * upper.row(i).segment(i, first + count - i);
        errors(n, i - first) = e;
      }
    }
    if (rest != 0)
      weight.rightCols(rest).noalias() -= errors * upper.block(first, first + count, count, rest);
    error += errors.squaredNorm();
  }
  return error;
}

} // namespace tern::quantise

#endif
