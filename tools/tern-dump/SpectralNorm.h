// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERNDUMP_SPECTRALNORM_H
#define TERN_TOOLS_TERNDUMP_SPECTRALNORM_H

#include <cstddef>
#include <span>

namespace tern {

/// sigma_max(W), the largest singular value of a matrix, row by row: the square root of the largest
/// eigenvalue of W^T W by power iteration in f64, until a step changes it by less than 1e-13 of it.
/// The same start, so the same digits, each time. How it grows with a model's width is what muP's
/// rules of scaling are about.
double spectralNorm(std::span<const float> matrix, size_t columns);

} // namespace tern

#endif
