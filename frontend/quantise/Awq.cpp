// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/quantise/Awq.h"

#include "llvm/Support/Parallel.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tern::quantise {

constexpr int kRatios = 20;
constexpr double kLeast = 1e-4;
/// Rows that a thread takes.
constexpr int64_t kRows = 64;

/// Errors are compared with each other, for which f32 will do.
using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Row meanMagnitude(const Matrix &inputs) { return inputs.cwiseAbs().colwise().mean(); }

/// The mean over all rows of |W| over the largest of its group.
static Row shareOfGroup(std::span<const Matrix> weights, int64_t group) {
  Row sum = Row::Zero(weights[0].cols());
  int64_t rows = 0;
  for (const Matrix &weight : weights) {
    rows += weight.rows();
    for (int64_t first = 0; first < weight.cols(); first += group) {
      auto block = weight.middleCols(first, group).cwiseAbs();
      for (int64_t n = 0; n < weight.rows(); ++n)
        if (double largest = block.row(n).maxCoeff(); largest > 0)
          sum.segment(first, group) += block.row(n) / largest;
    }
  }
  return sum / double(rows);
}

static Row scalesOf(double ratio, const Row &magnitude, const Row &share) {
  Row scales = magnitude.array().pow(ratio) / (share.array().pow(1 - ratio) + kLeast);
  scales = scales.cwiseMax(kLeast);
  return scales / std::sqrt(scales.maxCoeff() * scales.minCoeff());
}

/// With D H D^T = D L D^T, of which a product is half as long: L is lower triangular.
static Floats halfOf(const Matrix &moment) {
  Matrix half = 2 * moment;
  half.diagonal() = moment.diagonal();
  return half.cast<float>();
}

static double errorOf(const Matrix &weight, const Row &scales, const Floats &half,
                      const GroupForm &form) {
  std::vector<double> errors(size_t((weight.rows() + kRows - 1) / kRows));
  llvm::parallelFor(0, errors.size(), [&](size_t part) {
    int64_t first = int64_t(part) * kRows;
    Matrix rows = weight.middleRows(first, std::min(kRows, weight.rows() - first));
    Matrix scaled = rows * scales.asDiagonal();
    Matrix rounded = roundToNearest(scaled, form).numbers() * scales.cwiseInverse().asDiagonal();
    Floats difference = (rounded - rows).cast<float>();
    Floats product = difference * half.triangularView<Eigen::Lower>();
    errors[part] = product.cwiseProduct(difference).cast<double>().sum();
  });
  return std::accumulate(errors.begin(), errors.end(), 0.0);
}

InputScales findScales(std::span<const Matrix> weights, const Matrix &moment, const Row &magnitude,
                       const GroupForm &form) {
  Floats half = halfOf(moment);
  auto errorWith = [&](const Row &scales) {
    double error = 0;
    for (const Matrix &weight : weights)
      error += errorOf(weight, scales, half, form);
    return error;
  };
  Row best = Row::Ones(moment.cols()), share = shareOfGroup(weights, form.group);
  InputScales result;
  result.error = result.plainError = errorWith(best);
  for (int i = 0; i < kRatios; ++i) {
    Row scales = scalesOf(double(i) / kRatios, magnitude, share);
    if (double error = errorWith(scales); error < result.error) {
      result.error = error;
      best = scales;
    }
  }
  result.scales.assign(best.begin(), best.end());
  return result;
}

static auto clip(const Eigen::Ref<const Matrix> &values, const Eigen::VectorXd &limits) {
  return values.cwiseMin(limits.replicate(1, values.cols()))
      .cwiseMax(-limits.replicate(1, values.cols()))
      .eval();
}

static Eigen::VectorXd limitsOf(const Eigen::Ref<const Matrix> &values, int cut) {
  return values.cwiseAbs().rowwise().maxCoeff() * (1 - double(cut) / kClipParts);
}

Clips findClips(const Matrix &weight, const Matrix &moment, const GroupForm &form) {
  int64_t groups = weight.cols() / form.group;
  Clips clips(size_t(weight.rows() * groups));
  llvm::parallelFor(0, size_t(groups), [&](size_t g) {
    int64_t first = int64_t(g) * form.group;
    Matrix values = weight.middleCols(first, form.group);
    Matrix own = moment.block(first, first, form.group, form.group);
    Eigen::VectorXd least;
    for (int cut = 0; cut < kClipParts / 2; ++cut) {
      Matrix rounded = roundToNearest(clip(values, limitsOf(values, cut)), form).numbers();
      Matrix difference = rounded - values;
      Eigen::VectorXd errors = (difference * own).cwiseProduct(difference).rowwise().sum();
      for (int64_t n = 0; n < weight.rows(); ++n)
        if (cut != 0 && errors[n] < least[n])
          clips[size_t(n * groups + int64_t(g))] = uint8_t(cut);
      least = cut == 0 ? errors : Eigen::VectorXd(least.cwiseMin(errors));
    }
  });
  return clips;
}

Matrix clipped(const Matrix &weight, const Clips &clips, int64_t group) {
  int64_t groups = weight.cols() / group;
  Matrix result = weight;
  for (int64_t n = 0; n < weight.rows(); ++n)
    for (int64_t g = 0; g < groups; ++g) {
      auto values = weight.block(n, g * group, 1, group);
      result.block(n, g * group, 1, group) =
          clip(values, limitsOf(values, clips[size_t(n * groups + g)]));
    }
  return result;
}

} // namespace tern::quantise
