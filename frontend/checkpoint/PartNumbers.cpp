// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Dequantise.h"
#include "frontend/checkpoint/QuantisedWeight.h"

#include "dialects/Tern/IR/BlockFormat.h"

#include <array>
#include <cstring>

namespace tern::checkpoint {

namespace {

/// Each gives the number at row n and column k.
class PartReader {
public:
  PartReader(const Checkpoint &checkpoint, int64_t out, int64_t in)
      : checkpoint(checkpoint), out(out), in(in) {}

  std::vector<float> operator()(const ScaledCodes &weight) const {
    std::vector<float> scales = floatsOf(weight.scales);
    std::span<const float> numbers = namedNumbers(weight.numbers);
    int64_t wide = (in + weight.blockColumns - 1) / weight.blockColumns;
    float factor = namedFactor(weight.numbers);
    return all([&](int64_t n, int64_t k) {
      float number = numbers[byteOf(weight.codes, n * in + k)];
      return number * scales[size_t(n / weight.blockRows * wide + k / weight.blockColumns)] *
             factor;
    });
  }

  std::vector<float> operator()(const TableCodes &weight) const {
    std::vector<float> scales = scalesOf(weight);
    return all([&](int64_t n, int64_t k) {
      int64_t i = n * in + k;
      unsigned pair = byteOf(weight.codes, i / 2);
      return weight.numbers[i % 2 == 0 ? pair >> 4 : pair & 15] * scales[size_t(i / weight.block)];
    });
  }

  std::vector<float> operator()(const GroupedCodes &weight) const {
    const int64_t bits = weight.bits, per = 32 / bits, mask = (int64_t(1) << bits) - 1;
    std::vector<float> scales = floatsOf(weight.scales);
    auto outputsOf = [&](const std::string &name, int64_t row, int64_t n) {
      return field(name, row * (out / per) + n / per, placeOf(weight, n % per) * bits) & mask;
    };
    return all([&](int64_t n, int64_t k) {
      int64_t group = weight.index.empty() ? k / weight.group : int64_t(field(weight.index, k, 0));
      int64_t code = weight.isAwq ? outputsOf(weight.codes, k, n)
                                  : field(weight.codes, k / per * out + n, k % per * bits) & mask;
      int64_t zero = (outputsOf(weight.zeros, group, n) + weight.zeroOffset) & mask;
      return scales[size_t(group * out + n)] * float(code - zero);
    });
  }

private:
  template <typename Number> std::vector<float> all(Number number) const {
    std::vector<float> numbers;
    numbers.reserve(size_t(out * in));
    for (int64_t n = 0; n < out; ++n)
      for (int64_t k = 0; k < in; ++k)
        numbers.push_back(number(n, k));
    return numbers;
  }

  std::vector<float> floatsOf(const std::string &name) const {
    const Tensor &tensor = *checkpoint.find(name);
    std::vector<float> numbers(size_t(tensor.rows() * tensor.columns()));
    dequantise(tensor, 0, tensor.rows(), numbers.data());
    return numbers;
  }

  unsigned byteOf(const std::string &name, int64_t at) const {
    return unsigned(checkpoint.find(name)->data[at]);
  }

  /// A word from one of its bits on.
  int64_t field(const std::string &name, int64_t at, int64_t bit) const {
    uint32_t word;
    std::memcpy(&word, checkpoint.find(name)->data + at * int64_t(sizeof word), sizeof word);
    return word >> bit;
  }

  /// Where a word of neighbouring outputs has one of them.
  static int64_t placeOf(const GroupedCodes &weight, int64_t output) {
    constexpr std::array<int64_t, 8> awq{0, 4, 1, 5, 2, 6, 3, 7};
    return weight.isAwq ? awq[size_t(output)] : output;
  }

  std::vector<float> scalesOf(const TableCodes &weight) const {
    if (!weight.nested)
      return floatsOf(weight.scales);
    const TableCodes::Nested &nested = *weight.nested;
    std::vector<float> outer = floatsOf(nested.scales), scales(size_t(out * in / weight.block));
    for (size_t i = 0; i < scales.size(); ++i)
      scales[i] =
          nested.numbers[byteOf(weight.scales, int64_t(i))] * outer[i / size_t(nested.block)] +
          float(nested.offset);
    return scales;
  }

  const Checkpoint &checkpoint;
  int64_t out, in;
};

} // namespace

std::vector<float> numbersOf(const Checkpoint &checkpoint, const QuantisedWeight &weight,
                             int64_t out, int64_t in) {
  return std::visit(PartReader(checkpoint, out, in), weight);
}

} // namespace tern::checkpoint
