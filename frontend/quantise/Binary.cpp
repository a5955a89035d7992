// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/quantise/Binary.h"

#include "frontend/quantise/FeedBack.h"

#include "llvm/Support/Parallel.h"

#include <array>
#include <numeric>

namespace tern::quantise {

using checkpoint::BinaryForm;
using checkpoint::BinaryWeight;

namespace {

/// The grids of outputs that share them.
class SharedGrids {
public:
  SharedGrids(int64_t firstRow, BinaryWeight &result) : firstRow(firstRow), result(result) {}

  void begin(const Matrix &weight, int64_t k) {
    if (k % BinaryForm::kByte != 0)
      return;
    Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> values =
        weight.middleCols(k, BinaryForm::kByte).cast<float>();
    result.gridOf(firstRow, k) =
        checkpoint::fitBinary({values.data(), size_t(values.size())}, result.bits);
  }

  double round(int64_t n, int64_t k, double value) {
    uint8_t code = result.gridOf(firstRow, k).codeOf(float(value));
    result.codes[size_t((firstRow + n) * result.in + k)] = code;
    return double(result.gridOf(firstRow, k).numberOf(code));
  }

private:
  int64_t firstRow;
  BinaryWeight &result;
};

} // namespace

BinaryResult feedBackBinary(const Matrix &weight, const InputFactor &factor, int bits) {
  constexpr int64_t groups = BinaryForm::kOutputGroups;
  const int64_t rows = weight.rows() / groups;
  Matrix lively = factor.lively(weight);
  BinaryResult result{BinaryWeight(weight.rows(), weight.cols(), bits), 0};
  std::array<double, groups> errors{};
  llvm::parallelFor(0, groups, [&](size_t g) {
    int64_t first = int64_t(g) * rows;
    Matrix own = lively.middleRows(first, rows);
    errors[g] = feedBack(own, factor.upper, SharedGrids(first, result.weight));
  });
  result.error = std::accumulate(errors.begin(), errors.end(), 0.0);
  return result;
}

} // namespace tern::quantise
