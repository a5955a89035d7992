// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/integration/decoder/Golden.h"

#include "frontend/checkpoint/Dequantise.h"

#include <cmath>
#include <cstring>

namespace tern::test {

static checkpoint::Checkpoint open(const std::string &path) {
  auto opened = checkpoint::Checkpoint::openSafetensors(path);
  if (!opened)
    throw std::runtime_error(opened.error().message);
  return std::move(*opened);
}

Golden::Golden(const std::string &name)
    : folder(TERN_TEST_DATA "/models/" + name), tensors(open(folder + "/case.safetensors")) {}

const checkpoint::Tensor &Golden::find(const std::string &name) const {
  if (const checkpoint::Tensor *tensor = tensors.find(name))
    return *tensor;
  throw std::runtime_error(folder + ": no golden is called " + name);
}

std::vector<int32_t> Golden::integers(const std::string &name) const {
  const checkpoint::Tensor &tensor = find(name);
  std::vector<int32_t> values(tensor.rows() * tensor.columns());
  if (tensor.typeName != "I32" || tensor.bytes != values.size() * sizeof(int32_t))
    throw std::runtime_error(folder + ": " + name + ": expected integers of type I32");
  std::memcpy(values.data(), tensor.data, tensor.bytes);
  return values;
}

std::vector<double> Golden::numbers(const std::string &name) const {
  const checkpoint::Tensor &tensor = find(name);
  std::vector<double> values(tensor.rows() * tensor.columns());
  if (tensor.typeName == "F64")
    std::memcpy(values.data(), tensor.data, tensor.bytes);
  else
    checkpoint::dequantise(tensor, 0, tensor.rows(), values.data());
  return values;
}

Logits Golden::rows(const std::string &name) const {
  std::vector<double> values = numbers(name);
  int64_t columns = find(name).columns();
  Logits result;
  for (auto at = values.begin(); at != values.end(); at += columns)
    result.emplace_back(at, at + columns);
  return result;
}

Logits Golden::batchLogits() const {
  return tensors.find("batch.row0.logits") ? rows("batch.row0.logits") : logits(1);
}

static std::string promptName(int number) { return "prompt" + std::to_string(number); }

std::vector<int32_t> Golden::prompt(int number) const {
  return integers(promptName(number) + ".input_ids");
}

Logits Golden::logits(int number) const { return rows(promptName(number) + ".logits"); }

std::vector<double> Golden::exactLogits(int number) const {
  return numbers(promptName(number) + ".logits");
}

std::vector<int32_t> Golden::greedy(int number) const {
  return integers(promptName(number) + ".greedy");
}

std::vector<int32_t> Golden::batchPrompt(int row) const {
  std::vector<int32_t> ids = integers("batch.input_ids"), mask = integers("batch.attention_mask");
  size_t count = ids.size() / 2;
  std::vector<int32_t> prompt;
  for (size_t i = size_t(row) * count; i < size_t(row + 1) * count; ++i)
    if (mask[i] != 0)
      prompt.push_back(ids[i]);
  return prompt;
}

Logits Golden::hidden(int number) const { return rows(promptName(number) + ".hidden"); }

std::vector<int32_t> Golden::decoded(int number) const {
  return integers(promptName(number) + ".decoder_input_ids");
}

Logits Golden::encoderHidden(int number) const {
  return rows(promptName(number) + ".encoder_hidden");
}

Distance distance(const Logits &found, const Logits &expected) {
  if (found.size() != expected.size())
    throw std::runtime_error("expected " + std::to_string(expected.size()) + " rows, found " +
                             std::to_string(found.size()));
  Distance result;
  double squares = 0;
  size_t count = 0;
  for (size_t row = 0; row < found.size(); ++row)
    for (size_t i = 0; i < expected[row].size(); ++i, ++count) {
      double difference = std::fabs(double(found[row].at(i)) - double(expected[row][i]));
      squares += difference * difference;
      result.largest = std::isnan(difference) ? difference : std::fmax(result.largest, difference);
      result.scale = std::max(result.scale, std::fabs(double(expected[row][i])));
    }
  result.rms = std::sqrt(squares / double(count));
  if (std::isnan(result.rms))
    result.largest = result.rms;
  return result;
}

bool isSame(const Logits &left, const Logits &right) {
  if (left.size() != right.size())
    return false;
  for (size_t row = 0; row < left.size(); ++row)
    if (left[row].size() != right[row].size() ||
        std::memcmp(left[row].data(), right[row].data(), left[row].size() * sizeof(float)) != 0)
      return false;
  return true;
}

} // namespace tern::test
