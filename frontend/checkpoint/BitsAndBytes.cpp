// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/EncodedWeight.h"

#include "dialects/Tern/IR/BlockFormat.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

namespace tern::checkpoint {

namespace {

template <typename T> std::vector<std::byte> bytesOf(std::span<const T> values) {
  std::span<const std::byte> bytes = std::as_bytes(values);
  return {bytes.begin(), bytes.end()};
}

float largestOf(std::span<const float> values) {
  float most = 0;
  for (float value : values)
    most = std::max(most, std::fabs(value));
  return most;
}

float inverseOf(float scale) { return scale != 0 ? 1 / scale : 0; }

/// Finds the code whose number is nearest; half-way, the smaller number's. Of codes with one number
/// the first is for what lies below or on it.
class NearestCode {
public:
  explicit NearestCode(std::span<const float> numbers) : order(numbers.size()) {
    std::iota(order.begin(), order.end(), uint8_t(0));
    std::ranges::sort(order, {}, [&](uint8_t code) { return std::pair(numbers[code], code); });
    for (size_t i = 1; i < order.size(); ++i)
      middles.push_back((numbers[order[i - 1]] + numbers[order[i]]) / 2);
  }

  uint8_t operator()(float value) const {
    return order[size_t(std::ranges::lower_bound(middles, value) - middles.begin())];
  }

private:
  std::vector<uint8_t> order;
  std::vector<float> middles;
};

struct Coded {
  std::vector<uint8_t> codes; ///< a byte each
  std::vector<float> scales;  ///< the largest magnitude of each block
};

Coded encodeBlocks(std::span<const float> values, std::span<const float> numbers, int64_t block) {
  NearestCode nearest(numbers);
  Coded coded;
  for (size_t first = 0; first < values.size(); first += size_t(block)) {
    std::span<const float> part =
        values.subspan(first, std::min(size_t(block), values.size() - first));
    coded.scales.push_back(largestOf(part));
    float inverse = inverseOf(coded.scales.back());
    for (float value : part)
      coded.codes.push_back(nearest(value * inverse));
  }
  return coded;
}

/// torch.linspace(0.1, 1, count): from both ends, with one rounding each.
std::vector<float> risingFrom01(int count) {
  const float first = 0.1f, step = (1 - first) / float(count - 1);
  std::vector<float> numbers;
  for (int i = 0; i < count; ++i)
    numbers.push_back(i < count / 2 ? std::fma(step, float(i), first)
                                    : std::fma(-step, float(count - 1 - i), 1.0f));
  return numbers;
}

/// The numbers of 8-bit codes: seven decades, each with twice the fractions of the one before
/// (create_dynamic_map).
std::vector<float> dynamicNumbers() {
  std::vector<float> numbers{0, 1};
  for (int decade = 0; decade < 7; ++decade) {
    std::vector<float> ends = risingFrom01((1 << decade) + 1);
    auto scale = static_cast<float>(std::pow(10.0, decade - 6));
    for (size_t i = 1; i < ends.size(); ++i) {
      float number = scale * ((ends[i - 1] + ends[i]) / 2);
      numbers.insert(numbers.end(), {number, -number});
    }
  }
  std::ranges::sort(numbers);
  return numbers;
}

class TableWriter {
public:
  TableWriter(const PlainWeight &weight, const BitsAndBytesScheme &scheme, std::string_view type)
      : weight(weight), scheme(scheme), name(weight.module + ".weight"),
        numbers(namedNumbers(scheme.table)) {
    state = {{"quant_type", scheme.table},
             {"blocksize", kTableBlock},
             {"dtype", type},
             {"shape", {weight.out, weight.in}}};
  }

  EncodedWeight write() {
    Coded coded = encodeBlocks(weight.values, numbers, kTableBlock);
    addCodes(coded.codes);
    addFloats(".quant_map", numbers);
    if (scheme.isNested)
      addNested(coded.scales);
    else
      addFloats(".absmax", coded.scales);
    std::string text = state.dump();
    add(".quant_state.bitsandbytes__" + scheme.table, "U8", {int64_t(text.size())},
        bytesOf(std::span<const char>(text)));
    for (size_t i = 0; i < coded.codes.size(); ++i)
      encoded.values.push_back(numbers[coded.codes[i]] * coded.scales[i / size_t(kTableBlock)]);
    return std::move(encoded);
  }

private:
  void addCodes(std::span<const uint8_t> codes) {
    std::vector<std::byte> pairs;
    for (size_t i = 0; i < codes.size(); i += 2)
      pairs.push_back(std::byte(codes[i] << 4 | codes[i + 1]));
    auto count = int64_t(pairs.size());
    add("", "U8", {count, 1}, std::move(pairs));
  }

  /// Puts what the codes stand for in place of the scales.
  void addNested(std::vector<float> &scales) {
    double sum = std::accumulate(scales.begin(), scales.end(), 0.0);
    float offset = static_cast<float>(sum) / float(scales.size());
    for (float &scale : scales)
      scale -= offset;
    std::vector<float> dynamic = dynamicNumbers();
    Coded coded = encodeBlocks(scales, dynamic, kNestedBlock);
    for (size_t i = 0; i < scales.size(); ++i)
      scales[i] = dynamic[coded.codes[i]] * coded.scales[i / size_t(kNestedBlock)] + offset;
    add(".absmax", "U8", {int64_t(coded.codes.size())}, bytesOf<uint8_t>(coded.codes));
    addFloats(".nested_absmax", coded.scales);
    addFloats(".nested_quant_map", dynamic);
    state["nested_blocksize"] = kNestedBlock;
    state["nested_dtype"] = "float32";
    state["nested_offset"] = offset;
  }

  void addFloats(std::string_view ending, std::span<const float> values) {
    add(ending, "F32", {int64_t(values.size())}, bytesOf(values));
  }

  void add(std::string_view ending, std::string_view type, std::vector<int64_t> shape,
           std::vector<std::byte> bytes) {
    encoded.parts.push_back(
        {name + std::string(ending), std::string(type), std::move(shape), std::move(bytes)});
  }

  const PlainWeight &weight;
  const BitsAndBytesScheme &scheme;
  std::string name;
  std::span<const float> numbers;
  nlohmann::ordered_json state;
  EncodedWeight encoded;
};

/// LLM.int8's rows.
EncodedWeight encodeRows(const PlainWeight &weight) {
  EncodedWeight encoded;
  std::vector<int8_t> codes;
  std::vector<float> scales, row(size_t(weight.in));
  for (int64_t n = 0; n < weight.out; ++n) {
    std::ranges::transform(weight.values.subspan(size_t(n * weight.in), row.size()), row.begin(),
                           [](float value) { return float(static_cast<_Float16>(value)); });
    float scale = largestOf(row), factor = 127 * inverseOf(scale);
    scales.push_back(scale);
    if (std::isinf(scale))
      std::ranges::fill(row, 0.0f);
    for (float value : row) {
      codes.push_back(static_cast<int8_t>(std::nearbyint(value * factor)));
      encoded.values.push_back(float(codes.back()) * scale * namedFactor("i8"));
    }
  }
  encoded.parts = {
      {weight.module + ".weight", "I8", {weight.out, weight.in}, bytesOf<int8_t>(codes)},
      {weight.module + ".SCB", "F32", {weight.out}, bytesOf<float>(scales)},
      {weight.module + ".weight_format", "U8", {}, {std::byte(0)}}};
  return encoded;
}

} // namespace

EncodedWeight encodeBitsAndBytes(const PlainWeight &weight, const BitsAndBytesScheme &scheme,
                                 std::string_view type) {
  return scheme.isInteger ? encodeRows(weight) : TableWriter(weight, scheme, type).write();
}

} // namespace tern::checkpoint
