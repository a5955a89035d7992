// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/quantise/HighImpact.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace tern::quantise {

using checkpoint::StoredTensor;

Matrix salience(const Matrix &weight, const Row &inverseDiagonal) {
  return weight.cwiseAbs2() * inverseDiagonal.cwiseInverse().asDiagonal();
}

float thresholdOf(int64_t budget, const std::function<int64_t(float)> &countFrom) {
  // Numbers that are not negative have the order of their bits.
  auto low = std::bit_cast<uint32_t>(0.0f);
  auto high = std::bit_cast<uint32_t>(std::numeric_limits<float>::infinity());
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (countFrom(std::bit_cast<float>(middle)) <= budget)
      high = middle;
    else
      low = middle + 1;
  }
  return std::bit_cast<float>(low);
}

Matrix SplitWeight::numbers() const {
  Matrix numbers(out, in);
  int64_t groups = in / group;
  for (int64_t n = 0; n < out; ++n)
    for (int64_t k = 0; k < in; ++k) {
      auto i = size_t(n * in + k), grid = size_t((isHigh[i] * out + n) * groups + k / group);
      numbers(n, k) = float(codes[i] * scales[grid]) + minima[grid];
    }
  return numbers;
}

SplitWeight roundSplit(const Matrix &weight, std::vector<uint8_t> isHigh, int64_t group,
                       int lowBits, int highBits) {
  SplitWeight result{weight.rows(), weight.cols(), group, {}, std::move(isHigh), {}, {}};
  int64_t in = result.in, groups = in / group;
  result.codes.resize(size_t(result.out * in));
  result.scales.resize(size_t(2 * result.out * groups), 1);
  result.minima.resize(size_t(2 * result.out * groups));
  for (int level = 0; level < 2; ++level)
    for (int64_t n = 0; n < result.out; ++n)
      for (int64_t g = 0; g < groups; ++g) {
        double least = std::numeric_limits<double>::infinity(), largest = -least;
        auto each = [&](auto visit) {
          for (int64_t k = g * group; k < (g + 1) * group; ++k)
            if (result.isHigh[size_t(n * in + k)] == level)
              visit(weight(n, k), result.codes[size_t(n * in + k)]);
        };
        each([&](double w, uint8_t &) {
          least = std::min(least, w);
          largest = std::max(largest, w);
        });
        if (least > largest) // none of this kind
          continue;
        auto grid = size_t((level * result.out + n) * groups + g);
        int most = (1 << (level ? highBits : lowBits)) - 1;
        float scale = float((largest - least) / most);
        result.minima[grid] = float(least);
        result.scales[grid] = scale > 0 ? scale : 1;
        each([&](double w, uint8_t &code) {
          double steps = std::nearbyint((w - result.minima[grid]) / result.scales[grid]);
          code = uint8_t(std::clamp(int(steps), 0, most));
        });
      }
  return result;
}

/// A tensor of numbers of type T.
template <typename T, typename Values>
static StoredTensor stored(std::string name, std::string type, std::vector<int64_t> shape,
                           const Values &values) {
  StoredTensor tensor{std::move(name), std::move(type), std::move(shape), {}};
  tensor.bytes.resize(values.size() * sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    T value = T(float(values[i]));
    std::memcpy(tensor.bytes.data() + i * sizeof value, &value, sizeof value);
  }
  return tensor;
}

std::vector<StoredTensor> packSplit(const SplitWeight &weight, const std::string &map) {
  std::vector<int64_t> all{weight.out, weight.in}, grids{2, weight.out, weight.in / weight.group};
  return {stored<_Float16>(map + ".codes", "F16", all, weight.codes),
          stored<_Float16>(map + ".mask", "F16", all, weight.isHigh),
          stored<float>(map + ".scales", "F32", grids, weight.scales),
          stored<float>(map + ".minima", "F32", grids, weight.minima)};
}

} // namespace tern::quantise
