// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERNDUMP_SPECTRALNORM_H
#define TERN_TOOLS_TERNDUMP_SPECTRALNORM_H

#include "frontend/checkpoint/Tensor.h"

namespace tern {

/// sigma_max(W), the largest singular value of a matrix [rows, columns] of a type that is read
/// (more axes than two count as rows): the square root of the largest eigenvalue of W^T W by power
/// iteration in f64, until a step changes it by less than 1e-13 of it. The same start, so the same
/// digits, each time. How it grows with a model's width is what muP's rules of scaling are about.
double spectralNorm(const checkpoint::Tensor &tensor);

} // namespace tern

#endif
