// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/quantise/Gptq.h"

#include "frontend/quantise/FeedBack.h"

#include "llvm/Support/Parallel.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <numeric>

namespace tern::quantise {

/// Rows that a thread takes.
constexpr int64_t kRows = 64;

Matrix secondMoment(const Matrix &inputs) {
  Matrix moment = Matrix::Zero(inputs.cols(), inputs.cols());
  moment.selfadjointView<Eigen::Lower>().rankUpdate(inputs.transpose(), 2.0 / inputs.rows());
  return moment.selfadjointView<Eigen::Lower>();
}

double outputError(const Matrix &difference, const Matrix &moment) {
  return (difference * moment).cwiseProduct(difference).sum();
}

std::optional<InputFactor> InputFactor::of(const Matrix &moment, bool hasActOrder, double damp) {
  if (!moment.allFinite())
    return std::nullopt;
  int64_t in = moment.cols();
  InputFactor factor{hasActOrder, {}, {}, {}};
  factor.order.resize(size_t(in));
  std::iota(factor.order.begin(), factor.order.end(), 0);
  if (hasActOrder)
    std::ranges::stable_sort(factor.order, std::greater<>(),
                             [&](int64_t k) { return moment(k, k); });
  Matrix damped(in, in);
  for (int64_t i = 0; i < in; ++i)
    for (int64_t j = 0; j < in; ++j)
      damped(i, j) = moment(factor.order[size_t(i)], factor.order[size_t(j)]);
  factor.isDead.resize(size_t(in));
  for (int64_t i = 0; i < in; ++i)
    if (damped(i, i) == 0) {
      damped(i, i) = 1;
      factor.isDead[size_t(factor.order[size_t(i)])] = true;
    }
  damped.diagonal().array() += damp * damped.diagonal().mean();
  // H = R R^T with an upper R is a Cholesky factor of H with all axes reversed; U = R^-1.
  Matrix root = Eigen::LLT<Matrix>(damped.reverse()).matrixL();
  factor.upper = root.reverse().triangularView<Eigen::Upper>().solve(Matrix::Identity(in, in));
  return factor;
}

Matrix InputFactor::lively(const Matrix &weight) const {
  Matrix result = weight;
  for (int64_t k = 0; k < weight.cols(); ++k)
    if (isDead[size_t(k)])
      result.col(k).setZero();
  return result;
}

Row InputFactor::inverseDiagonal() const {
  Row ofColumns = upper.cwiseAbs2().colwise().sum(), diagonal(ofColumns.size());
  for (size_t i = 0; i < order.size(); ++i)
    diagonal[order[i]] = ofColumns[Eigen::Index(i)];
  return diagonal;
}

namespace {

/// The grids of some rows of a weight, which know nothing of each other.
class RowGrids {
public:
  RowGrids(const InputFactor &factor, int64_t firstRow, GroupedWeight &result)
      : factor(factor), firstRow(firstRow), result(result) {}

  void begin(const Matrix &weight, int64_t i) {
    int64_t group = result.form.group;
    if (factor.hasActOrder || i % group != 0)
      return;
    for (int64_t n = 0; n < weight.rows(); ++n)
      result.grid(i / group, firstRow + n) = fitGrid(weight.row(n).segment(i, group), result.form);
  }

  double round(int64_t n, int64_t i, double value) {
    int64_t k = factor.order[size_t(i)];
    const Grid &grid = result.grid(k / result.form.group, firstRow + n);
    int code = grid.codeOf(value);
    result.code(firstRow + n, k) = uint8_t(code);
    return grid.numberOf(code);
  }

private:
  const InputFactor &factor;
  int64_t firstRow;
  GroupedWeight &result;
};

} // namespace

GptqResult gptq(const Matrix &weight, const InputFactor &factor, const GroupForm &form) {
  int64_t in = weight.cols();
  Matrix lively = factor.lively(weight);
  // Without act order its codes and grids are written over.
  GptqResult result{roundToNearest(lively, form), 0};
  std::vector<double> errors(size_t((weight.rows() + kRows - 1) / kRows));
  llvm::parallelFor(0, errors.size(), [&](size_t part) {
    int64_t first = int64_t(part) * kRows, count = std::min(kRows, weight.rows() - first);
    Matrix rows(count, in);
    for (int64_t i = 0; i < in; ++i)
      rows.col(i) = lively.col(factor.order[size_t(i)]).segment(first, count);
    errors[part] = feedBack(rows, factor.upper, RowGrids(factor, first, result.weight));
  });
  result.error = std::accumulate(errors.begin(), errors.end(), 0.0);
  return result;
}

} // namespace tern::quantise
