// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weights as codes of a few bits, of which a group of inputs shares a scale and a zero point: what
// the methods of this folder make, and GPTQ's and AWQ's files hold. W is [out, in], y = x W^T.
#ifndef TERN_FRONTEND_QUANTISE_GROUPEDWEIGHT_H
#define TERN_FRONTEND_QUANTISE_GROUPEDWEIGHT_H

#include "frontend/checkpoint/SafetensorsWriter.h"

#include <Eigen/Core>

#include <cstdint>
#include <string>
#include <vector>

namespace tern::quantise {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Row = Eigen::Matrix<double, 1, Eigen::Dynamic>;

/// How groups are made of a weight's rows.
struct GroupForm {
  int bits = 4;             ///< 2, 4 or 8
  int64_t group = 128;      ///< inputs; a divisor of the weight's
  bool isSymmetric = false; ///< every zero point is the middle code
};

/// What the codes 0 to `most` of a group stand for: scale * (code - zero).
struct Grid {
  double scale = 1; ///< a number of f16
  int zero = 0;
  int most = 0;

  /// The code of the number nearest to `value`, of two the one that is even before the zero point
  /// is added.
  int codeOf(double value) const;
  double numberOf(int code) const { return scale * (code - zero); }
};

/// The grid from the least to the largest of some values, both with 0 included; a symmetric one
/// reaches the largest magnitude. scale = (max - min) / most, zero = round(-min / scale) or the
/// middle code (GPTQ's `Quantizer`, AWQ's `pseudo_quantize_tensor`); the scale is rounded to f16
/// first, as files hold it, and kept from 0 and infinity.
Grid fitGrid(const Eigen::Ref<const Row> &values, const GroupForm &form);

/// W[n,k] = grid[g,n] of code[n,k], with g = k / group.
struct GroupedWeight {
  int64_t out = 0, in = 0;
  GroupForm form;
  std::vector<uint8_t> codes; ///< [out, in]
  std::vector<Grid> grids;    ///< [in / group, out]

  /// Room for a weight of this shape.
  GroupedWeight(int64_t out, int64_t in, const GroupForm &form);

  Grid &grid(int64_t group, int64_t n) { return grids[size_t(group * out + n)]; }
  const Grid &grid(int64_t group, int64_t n) const { return grids[size_t(group * out + n)]; }
  uint8_t &code(int64_t n, int64_t k) { return codes[size_t(n * in + k)]; }
  uint8_t code(int64_t n, int64_t k) const { return codes[size_t(n * in + k)]; }

  /// The numbers that the codes stand for [out, in], all of them numbers of f32.
  Matrix numbers() const;
};

/// Each number to the nearest of its group's grid, and nothing else.
GroupedWeight roundToNearest(const Matrix &weight, const GroupForm &form);

/// The tensors of GPTQ's first format (AutoGPTQ, GPTQModel) for the module of that name: `qweight`
/// i32 [in / per, out] and `qzeros` [groups, out / per], from the low bits on, zero points less 1;
/// `scales` f16 [groups, out]; `g_idx` i32 [in].
///
/// Needs: `in` and `out` are multiples of 32 / bits.
std::vector<checkpoint::StoredTensor> packGptq(const GroupedWeight &weight,
                                               const std::string &module);

/// The tensors of AutoAWQ's version `gemm`: `qweight` i32 [in, out / 8] and `qzeros` [groups, out /
/// 8], outputs in the order 0 2 4 6 1 3 5 7 from the low bits on; `scales` f16 [groups, out].
///
/// Needs: 4 bits, `out` a multiple of 8.
std::vector<checkpoint::StoredTensor> packAwq(const GroupedWeight &weight,
                                              const std::string &module);

} // namespace tern::quantise

#endif
