// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// CallBench FUNCTION A.tern B.tern INPUT.npy...: what a call takes on one thread in both artefacts,
// ten calls of one after ten of the other: medians, and the median of their ratio. Inputs are
// vectors of f64.
#include "tern/tern.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

using namespace tern;

static constexpr int kPairs = 201, kCalls = 10;

static std::vector<double> readVector(const char *path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  size_t begin = text.find('\n') + 1;
  std::vector<double> numbers((text.size() - begin) / sizeof(double));
  std::memcpy(numbers.data(), text.data() + begin, numbers.size() * sizeof(double));
  return numbers;
}

namespace {

/// A function of an artefact over fixed inputs.
class Program {
public:
  Program(const char *path, const char *function, const std::vector<std::vector<double>> &inputs)
      : artefact(path), model(artefact, device), call(model, function) {
    size_t number = 0;
    for (const tern_argument_t &argument : call.arguments())
      if (!argument.output) {
        const std::vector<double> &input = inputs.at(number++);
        int64_t extent = static_cast<int64_t>(input.size());
        call.setInput(argument.name, TERN_F64, std::span(&extent, 1), input.data());
      }
  }

  double seconds() {
    auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kCalls; ++i)
      call.run();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / kCalls;
  }

private:
  Device device{"cpu", 1};
  Artefact artefact;
  Model model;
  Call call;
};

} // namespace

static double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + values.size() / 2);
  return values[values.size() / 2];
}

int main(int count, char **arguments) {
  if (count < 4) {
    std::fprintf(stderr, "usage: CallBench FUNCTION A.tern B.tern INPUT.npy...\n");
    return 2;
  }
  std::vector<std::vector<double>> inputs;
  for (int i = 4; i < count; ++i)
    inputs.push_back(readVector(arguments[i]));
  Program a(arguments[2], arguments[1], inputs), b(arguments[3], arguments[1], inputs);
  std::vector<double> ofA, ofB, ratios;
  for (int i = 0; i < kPairs; ++i) {
    ofA.push_back(a.seconds());
    ofB.push_back(b.seconds());
    ratios.push_back(ofA.back() / ofB.back());
  }
  std::printf("%s %.2f us, %s %.2f us, ratio %.2f\n", arguments[2], 1e6 * median(ofA), arguments[3],
              1e6 * median(ofB), median(ratios));
}
