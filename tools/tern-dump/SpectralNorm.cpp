// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-dump/SpectralNorm.h"

#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

namespace tern {

using Vector = std::vector<double>;

static double lengthOf(const Vector &x) {
  return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
}

double spectralNorm(std::span<const float> matrix, size_t columns) {
  constexpr int kMostSteps = 10000;
  constexpr double kLeastChange = 1e-13;
  // No weight of a model is at right angles to these.
  Vector x(columns);
  for (size_t i = 0; i < columns; ++i)
    x[i] = 1 + std::sin(double(i));
  double sigma = 0;
  for (int step = 0; step < kMostSteps; ++step) {
    double length = lengthOf(x);
    if (length == 0)
      return 0;
    Vector next(columns);
    double squares = 0; // of W x
    for (const float *w = matrix.data(), *end = w + matrix.size(); w != end; w += columns) {
      double y = std::inner_product(w, w + columns, x.begin(), 0.0) / length;
      squares += y * y;
      for (size_t i = 0; i < columns; ++i)
        next[i] += w[i] * y;
    }
    double before = std::exchange(sigma, std::sqrt(squares));
    x = std::move(next);
    // A NaN of the weights stays and ends the steps.
    if (!(std::fabs(sigma - before) > kLeastChange * sigma))
      break;
  }
  return sigma;
}

} // namespace tern
