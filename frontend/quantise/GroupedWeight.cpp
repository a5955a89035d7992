// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/quantise/GroupedWeight.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace tern::quantise {

using checkpoint::StoredTensor;

int Grid::codeOf(double value) const {
  return std::clamp(int(std::nearbyint(value / scale)) + zero, 0, most);
}

/// In f16, and neither 0 nor infinite.
static double toScale(double scale) {
  constexpr double least = 0x1p-24, largest = 65504;
  return double(_Float16(float(std::clamp(scale, least, largest))));
}

Grid fitGrid(const Eigen::Ref<const Row> &values, const GroupForm &form) {
  double low = std::min(values.minCoeff(), 0.0), high = std::max(values.maxCoeff(), 0.0);
  Grid grid;
  grid.most = (1 << form.bits) - 1;
  if (form.isSymmetric)
    low = -(high = std::max(high, -low));
  grid.scale = low == high ? 1 : toScale((high - low) / grid.most);
  grid.zero = form.isSymmetric ? (grid.most + 1) / 2
                               : std::clamp(int(std::nearbyint(-low / grid.scale)), 0, grid.most);
  return grid;
}

GroupedWeight::GroupedWeight(int64_t out, int64_t in, const GroupForm &form)
    : out(out), in(in), form(form), codes(size_t(out * in)),
      grids(size_t(out * (in / form.group))) {}

Matrix GroupedWeight::numbers() const {
  Matrix numbers(out, in);
  for (int64_t n = 0; n < out; ++n)
    for (int64_t k = 0; k < in; ++k)
      numbers(n, k) = grid(k / form.group, n).numberOf(code(n, k));
  return numbers;
}

GroupedWeight roundToNearest(const Matrix &weight, const GroupForm &form) {
  GroupedWeight result(weight.rows(), weight.cols(), form);
  for (int64_t n = 0; n < result.out; ++n)
    for (int64_t first = 0; first < result.in; first += form.group) {
      Grid &grid = result.grid(first / form.group, n);
      grid = fitGrid(weight.row(n).segment(first, form.group), form);
      for (int64_t k = first; k < first + form.group; ++k)
        result.code(n, k) = uint8_t(grid.codeOf(weight(n, k)));
    }
  return result;
}

//===- Files --------------------------------------------------------------===//

/// An i32 tensor [rows, columns] of words, word (r, c) of the codes `code(r, c, i)`, i = 0 lowest.
template <typename Code>
static StoredTensor packWords(std::string name, int64_t rows, int64_t columns, int bits,
                              Code code) {
  StoredTensor tensor{std::move(name), "I32", {rows, columns}, {}};
  tensor.bytes.resize(size_t(rows * columns) * sizeof(uint32_t));
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c) {
      uint32_t word = 0;
      for (int i = 0; i < 32 / bits; ++i)
        word |= uint32_t(code(r, c, i)) << (i * bits);
      std::memcpy(tensor.bytes.data() + size_t(r * columns + c) * sizeof word, &word, sizeof word);
    }
  return tensor;
}

static StoredTensor packScales(const GroupedWeight &weight, std::string name) {
  StoredTensor tensor{std::move(name), "F16", {weight.in / weight.form.group, weight.out}, {}};
  tensor.bytes.resize(weight.grids.size() * sizeof(_Float16));
  for (size_t i = 0; i < weight.grids.size(); ++i) {
    auto scale = _Float16(float(weight.grids[i].scale));
    std::memcpy(tensor.bytes.data() + i * sizeof scale, &scale, sizeof scale);
  }
  return tensor;
}

std::vector<StoredTensor> packGptq(const GroupedWeight &weight, const std::string &module) {
  int bits = weight.form.bits, per = 32 / bits;
  std::vector<StoredTensor> tensors;
  tensors.push_back(
      packWords(module + ".qweight", weight.in / per, weight.out, bits,
                [&](int64_t r, int64_t c, int i) { return weight.code(c, r * per + i); }));
  tensors.push_back(packWords(module + ".qzeros", weight.in / weight.form.group, weight.out / per,
                              bits, [&](int64_t r, int64_t c, int i) {
                                const Grid &grid = weight.grid(r, c * per + i);
                                return (grid.zero - 1) & grid.most;
                              }));
  tensors.push_back(packScales(weight, module + ".scales"));
  StoredTensor index{module + ".g_idx", "I32", {weight.in}, {}};
  index.bytes.resize(size_t(weight.in) * sizeof(int32_t));
  for (int64_t k = 0; k < weight.in; ++k) {
    auto group = int32_t(k / weight.form.group);
    std::memcpy(index.bytes.data() + size_t(k) * sizeof group, &group, sizeof group);
  }
  tensors.push_back(std::move(index));
  return tensors;
}

std::vector<StoredTensor> packAwq(const GroupedWeight &weight, const std::string &module) {
  constexpr std::array<int64_t, 8> order{0, 2, 4, 6, 1, 3, 5, 7};
  std::vector<StoredTensor> tensors;
  tensors.push_back(packWords(
      module + ".qweight", weight.in, weight.out / 8, 4,
      [&](int64_t r, int64_t c, int i) { return weight.code(8 * c + order[size_t(i)], r); }));
  tensors.push_back(packWords(
      module + ".qzeros", weight.in / weight.form.group, weight.out / 8, 4,
      [&](int64_t r, int64_t c, int i) { return weight.grid(r, 8 * c + order[size_t(i)]).zero; }));
  tensors.push_back(packScales(weight, module + ".scales"));
  return tensors;
}

} // namespace tern::quantise
