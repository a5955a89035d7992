// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/EncodedWeight.h"
#include "frontend/checkpoint/LinearForm.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace tern::checkpoint {

namespace {

constexpr int kMostBits = 4;
using Scales = std::array<float, kMostBits>;

/// Bit b of a code is the sign of scale b, 1 for +.
float numberOf(uint8_t code, const Scales &scales, int bits) {
  float sum = 0;
  for (int b = 0; b < bits; ++b)
    sum += code >> b & 1 ? scales[size_t(b)] : -scales[size_t(b)];
  return sum;
}

/// The nearest sum of `terms` signed powers of two, one after the other.
float roundToPowers(float value, int terms) {
  float sum = 0;
  for (int term = 0; term < terms && value != sum; ++term) {
    float rest = value - sum;
    sum += std::copysign(std::exp2(std::round(std::log2(std::fabs(rest)))), rest);
  }
  return sum;
}

/// Numbers that share scales.
class Group {
public:
  Group(std::vector<float> given, int bits)
      : values(std::move(given)), bits(bits), codes(values.size()) {}

  /// Leaves the best codes and scales.
  void encode() {
    startGreedily();
    std::vector<uint8_t> bestCodes;
    Scales bestScales{};
    double least = HUGE_VAL;
    for (int round = 0; round < kBinaryRounds; ++round) {
      Scales before = scales;
      fitScales();
      if (round > 0 && scales == before)
        break;
      if (double error = fitCodes(); error < least) {
        least = error;
        bestCodes = codes;
        bestScales = scales;
      }
    }
    codes = std::move(bestCodes);
    scales = bestScales;
  }

  const std::vector<uint8_t> &chosenCodes() const { return codes; }
  const Scales &chosenScales() const { return scales; }

private:
  /// The signs of what is left, whose mean magnitude is the next scale.
  void startGreedily() {
    std::vector<float> rest = values;
    for (int b = 0; b < bits; ++b) {
      double sum = 0;
      for (float value : rest)
        sum += std::fabs(value);
      scales[size_t(b)] = static_cast<float>(sum / double(rest.size()));
      for (size_t i = 0; i < rest.size(); ++i) {
        bool isPositive = rest[i] >= 0;
        codes[i] = static_cast<uint8_t>(codes[i] | int(isPositive) << b);
        rest[i] -= isPositive ? scales[size_t(b)] : -scales[size_t(b)];
      }
    }
  }

  /// The least squares of the signs, by conjugate gradients from the scales at hand: exact after as
  /// many steps as there are scales. Then as powers of two, falling.
  void fitScales() {
    std::array<std::array<double, kMostBits>, kMostBits> products{};
    std::array<double, kMostBits> residual{}, direction, x{};
    for (size_t i = 0; i < values.size(); ++i)
      for (int a = 0; a < bits; ++a) {
        int sign = codes[i] >> a & 1 ? 1 : -1;
        residual[size_t(a)] += sign * double(values[i]);
        for (int b = 0; b < bits; ++b)
          products[size_t(a)][size_t(b)] += codes[i] >> b & 1 ? sign : -sign;
      }
    auto times = [&](const std::array<double, kMostBits> &v) {
      std::array<double, kMostBits> product{};
      for (size_t a = 0; a < kMostBits; ++a)
        for (size_t b = 0; b < kMostBits; ++b)
          product[a] += products[a][b] * v[b];
      return product;
    };
    auto dot = [](const auto &v, const auto &w) {
      double sum = 0;
      for (size_t a = 0; a < kMostBits; ++a)
        sum += v[a] * w[a];
      return sum;
    };
    std::copy(scales.begin(), scales.end(), x.begin());
    auto reached = times(x);
    for (size_t a = 0; a < kMostBits; ++a)
      residual[a] -= reached[a];
    direction = residual;
    for (int step = 0; step < bits; ++step) {
      auto image = times(direction);
      double size = dot(residual, residual), bend = dot(direction, image);
      if (bend <= 0)
        break;
      double stride = size / bend;
      for (size_t a = 0; a < kMostBits; ++a) {
        x[a] += stride * direction[a];
        residual[a] -= stride * image[a];
      }
      double turn = dot(residual, residual) / size;
      for (size_t a = 0; a < kMostBits; ++a)
        direction[a] = residual[a] + turn * direction[a];
    }
    for (size_t a = 0; a < kMostBits; ++a)
      scales[a] = roundToPowers(static_cast<float>(std::fabs(x[a])), 3);
    // By hand, for g++ 12 takes std::sort of so few to leave the array.
    for (size_t a = 1; a < size_t(bits); ++a)
      for (size_t b = a; b > 0 && scales[b - 1] < scales[b]; --b)
        std::swap(scales[b - 1], scales[b]);
  }

  /// The nearest of all sums. Returns the squared error.
  double fitCodes() {
    std::vector<std::pair<float, uint8_t>> sums;
    for (int code = 0; code < 1 << bits; ++code)
      sums.emplace_back(numberOf(uint8_t(code), scales, bits), uint8_t(code));
    std::ranges::sort(sums);
    std::array<float, 1 << kMostBits> middles;
    for (size_t i = 1; i < sums.size(); ++i)
      middles[i - 1] = (sums[i - 1].first + sums[i].first) / 2;
    double error = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      size_t at = 0;
      for (size_t j = 0; j + 1 < sums.size(); ++j)
        at += middles[j] < values[i];
      codes[i] = sums[at].second;
      double difference = double(sums[at].first) - double(values[i]);
      error += difference * difference;
    }
    return error;
  }

  std::vector<float> values;
  int bits;
  std::vector<uint8_t> codes;
  Scales scales{};
};

} // namespace

EncodedWeight encodeBinary(const PlainWeight &weight, int64_t bits) {
  constexpr int64_t byte = BinaryForm::kByte, groups = BinaryForm::kOutputGroups;
  const int64_t out = weight.out, in = weight.in, rows = out / groups, bytes = in / byte;
  std::vector<_Float16> signs(size_t(bits * bytes * out));
  std::vector<float> scales(size_t(bytes * groups * bits));
  EncodedWeight encoded;
  encoded.values.resize(size_t(out * in));
  for (int64_t c = 0; c < bytes; ++c)
    for (int64_t g = 0; g < groups; ++g) {
      auto placeOf = [&](int64_t n, int64_t i) {
        return size_t((g * rows + n) * in + c * byte + i);
      };
      std::vector<float> values;
      for (int64_t n = 0; n < rows; ++n)
        for (int64_t i = 0; i < byte; ++i)
          values.push_back(weight.values[placeOf(n, i)]);
      Group group(std::move(values), int(bits));
      group.encode();
      for (int64_t b = 0; b < bits; ++b)
        scales[size_t((c * groups + g) * bits + b)] = group.chosenScales()[size_t(b)];
      for (int64_t n = 0; n < rows; ++n) {
        std::array<int, kMostBits> numbers{};
        for (int64_t i = 0; i < byte; ++i) {
          uint8_t code = group.chosenCodes()[size_t(n * byte + i)];
          encoded.values[placeOf(n, i)] = numberOf(code, group.chosenScales(), int(bits));
          for (int64_t b = 0; b < bits; ++b)
            numbers[size_t(b)] |= (code >> b & 1) << i;
        }
        for (int64_t b = 0; b < bits; ++b)
          signs[size_t((b * bytes + c) * out + g * rows + n)] =
              static_cast<_Float16>(numbers[size_t(b)]);
      }
    }
  auto part = [&](const char *ending, std::string_view type, std::vector<int64_t> shape,
                  std::span<const std::byte> data) {
    encoded.parts.push_back(
        {weight.module + ending, type, std::move(shape), {data.begin(), data.end()}});
  };
  part(".binary_weight", "F16", {bits, bytes, out}, std::as_bytes(std::span(signs)));
  part(".alpha", "F32", {bytes, groups, bits}, std::as_bytes(std::span(scales)));
  return encoded;
}

} // namespace tern::checkpoint
