// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/EncodedWeight.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace tern::checkpoint {

namespace {

constexpr int kMostBits = BinaryGrid::kMostBits;
using Scales = BinaryGrid::Scales;

float sumOf(uint8_t code, const Scales &scales, int bits) {
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
  Group(std::span<const float> values, int bits)
      : values(values), bits(bits), codes(values.size()) {}

  /// The best scales.
  BinaryGrid fit() {
    startGreedily();
    BinaryGrid best;
    double least = HUGE_VAL;
    for (int round = 0; round < kBinaryRounds; ++round) {
      Scales before = scales;
      fitScales();
      if (round > 0 && scales == before)
        break;
      BinaryGrid grid(scales, bits);
      if (double error = fitCodes(grid); error < least) {
        least = error;
        best = grid;
      }
    }
    return best;
  }

private:
  /// The signs of what is left, whose mean magnitude is the next scale.
  void startGreedily() {
    std::vector<float> rest(values.begin(), values.end());
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

  /// The nearest of all numbers. Returns the squared error.
  double fitCodes(const BinaryGrid &grid) {
    double error = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      codes[i] = grid.codeOf(values[i]);
      double difference = double(grid.numberOf(codes[i])) - double(values[i]);
      error += difference * difference;
    }
    return error;
  }

  std::span<const float> values;
  int bits;
  std::vector<uint8_t> codes;
  Scales scales{};
};

} // namespace

BinaryGrid::BinaryGrid(const Scales &scales, int bits) : own(scales), bits(bits) {
  std::vector<std::pair<float, uint8_t>> sums;
  for (int code = 0; code < 1 << bits; ++code)
    sums.emplace_back(sumOf(uint8_t(code), scales, bits), uint8_t(code));
  std::ranges::sort(sums);
  for (size_t i = 0; i < sums.size(); ++i) {
    codes[i] = sums[i].second;
    if (i != 0)
      middles[i - 1] = (sums[i - 1].first + sums[i].first) / 2;
  }
}

float BinaryGrid::numberOf(uint8_t code) const { return sumOf(code, own, bits); }

uint8_t BinaryGrid::codeOf(float value) const {
  size_t at = 0;
  for (size_t i = 0; i + 1 < size_t(1) << bits; ++i)
    at += middles[i] < value;
  return codes[at];
}

BinaryGrid fitBinary(std::span<const float> values, int bits) { return Group(values, bits).fit(); }

constexpr int64_t kByte = BinaryForm::kByte, kGroups = BinaryForm::kOutputGroups;

BinaryWeight::BinaryWeight(int64_t out, int64_t in, int bits)
    : out(out), in(in), bits(bits), codes(size_t(out * in)), grids(size_t(in / kByte * kGroups)) {}

std::vector<StoredTensor> packBinary(const BinaryWeight &weight, const std::string &map) {
  const int64_t out = weight.out, bytes = weight.in / kByte, bits = weight.bits;
  std::vector<_Float16> signs(size_t(bits * bytes * out));
  std::vector<float> scales;
  for (const BinaryGrid &grid : weight.grids)
    scales.insert(scales.end(), grid.scales().begin(), grid.scales().begin() + bits);
  for (int64_t b = 0; b < bits; ++b)
    for (int64_t c = 0; c < bytes; ++c)
      for (int64_t n = 0; n < out; ++n) {
        int number = 0;
        for (int64_t i = 0; i < kByte; ++i)
          number |= (weight.codes[size_t(n * weight.in + c * kByte + i)] >> b & 1) << i;
        signs[size_t((b * bytes + c) * out + n)] = static_cast<_Float16>(number);
      }
  auto stored = [&](const char *ending, const char *type, std::vector<int64_t> shape,
                    std::span<const std::byte> data) {
    return StoredTensor{map + ending, type, std::move(shape), {data.begin(), data.end()}};
  };
  return {stored(".binary_weight", "F16", {bits, bytes, out}, std::as_bytes(std::span(signs))),
          stored(".alpha", "F32", {bytes, kGroups, bits}, std::as_bytes(std::span(scales)))};
}

EncodedWeight encodeBinary(const PlainWeight &plain, int64_t bits) {
  BinaryWeight weight(plain.out, plain.in, int(bits));
  const int64_t rows = plain.out / kGroups;
  std::vector<float> shared(size_t(rows * kByte));
  for (int64_t c = 0; c < plain.in; c += kByte)
    for (int64_t first = 0; first < plain.out; first += rows) {
      for (int64_t i = 0; i < rows * kByte; ++i)
        shared[size_t(i)] = plain.values[size_t((first + i / kByte) * plain.in + c + i % kByte)];
      weight.gridOf(first, c) = fitBinary(shared, weight.bits);
    }
  EncodedWeight encoded;
  encoded.values.resize(size_t(plain.out * plain.in));
  for (int64_t n = 0; n < plain.out; ++n)
    for (int64_t k = 0; k < plain.in; ++k) {
      auto at = size_t(n * plain.in + k);
      weight.codes[at] = weight.gridOf(n, k).codeOf(plain.values[at]);
      encoded.values[at] = weight.number(n, k);
    }
  encoded.parts = packBinary(weight, plain.module);
  return encoded;
}

} // namespace tern::checkpoint
