// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/quantise/Gptq.h"

#include "llvm/Support/Parallel.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <numeric>

namespace tern::quantise {

/// Columns whose errors reach those after them in one product.
constexpr int64_t kBlock = 128;
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

Row InputFactor::inverseDiagonal() const {
  Row ofColumns = upper.cwiseAbs2().colwise().sum(), diagonal(ofColumns.size());
  for (size_t i = 0; i < order.size(); ++i)
    diagonal[order[i]] = ofColumns[Eigen::Index(i)];
  return diagonal;
}

namespace {

/// Some rows of a weight, which know nothing of each other.
class Rows {
public:
  Rows(const InputFactor &factor, int64_t firstRow, GroupedWeight &result)
      : factor(factor), firstRow(firstRow), result(result) {}

  /// The sum of e^2. `weight` has the columns in order, and becomes what is rounded in the end.
  double round(Matrix &weight) {
    double error = 0;
    int64_t in = result.in;
    for (int64_t first = 0; first < in; first += kBlock) {
      int64_t count = std::min(kBlock, in - first), rest = in - first - count;
      Matrix errors(weight.rows(), count);
      for (int64_t n = 0; n < weight.rows(); ++n)
        for (int64_t i = first; i < first + count; ++i) {
          double e = roundColumn(weight, n, i) / factor.upper(i, i);
          weight.row(n).segment(i, first + count - i) -=
              e * factor.upper.row(i).segment(i, first + count - i);
          errors(n, i - first) = e;
        }
      if (rest != 0)
        weight.rightCols(rest).noalias() -=
            errors * factor.upper.block(first, first + count, count, rest);
      error += errors.squaredNorm();
    }
    return error;
  }

private:
  /// What the number loses.
  double roundColumn(const Matrix &weight, int64_t n, int64_t i) {
    int64_t k = factor.order[size_t(i)], group = result.form.group;
    Grid &grid = result.grid(k / group, firstRow + n);
    if (!factor.hasActOrder && k % group == 0)
      grid = fitGrid(weight.row(n).segment(k, group), result.form);
    int code = grid.codeOf(weight(n, i));
    result.code(firstRow + n, k) = uint8_t(code);
    return weight(n, i) - grid.numberOf(code);
  }

  const InputFactor &factor;
  int64_t firstRow;
  GroupedWeight &result;
};

} // namespace

GptqResult gptq(const Matrix &weight, const InputFactor &factor, const GroupForm &form) {
  int64_t in = weight.cols();
  Matrix lively = weight;
  for (int64_t k = 0; k < in; ++k)
    if (factor.isDead[size_t(k)])
      lively.col(k).setZero();
  // Without act order its codes and grids are written over.
  GptqResult result{roundToNearest(lively, form), 0};
  std::vector<double> errors(size_t((weight.rows() + kRows - 1) / kRows));
  llvm::parallelFor(0, errors.size(), [&](size_t part) {
    int64_t first = int64_t(part) * kRows, count = std::min(kRows, weight.rows() - first);
    Matrix rows(count, in);
    for (int64_t i = 0; i < in; ++i)
      rows.col(i) = lively.col(factor.order[size_t(i)]).segment(first, count);
    errors[part] = Rows(factor, first, result.weight).round(rows);
  });
  result.error = std::accumulate(errors.begin(), errors.end(), 0.0);
  return result;
}

} // namespace tern::quantise
