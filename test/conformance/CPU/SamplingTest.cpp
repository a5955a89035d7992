// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Checkpoint.h"
#include "test/conformance/CPU/DispatchRunner.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstring>
#include <fstream>

using namespace tern;
using test::Dims;
using test::DispatchRunner;

namespace {

constexpr const char *kGoldens = TERN_TEST_DATA "/sampling/case";

std::string moduleOf(int64_t vocabulary) {
  std::string v = std::to_string(vocabulary);
  std::string logits = "tensor<?x" + v + "xf32, #tern.dims<R>>";
  std::string types = logits + ", tensor<?xi32, #tern.dims<H>>, tensor<?xi32, #tern.dims<R + 1>>"
                               ", tensor<?x8xf32, #tern.dims<R>>";
  std::string results = "(tensor<?xi32, #tern.dims<R>>, " + logits + ")";
  return "tern.dim @R from 0 to 64\ntern.dim @H from 0 to 128\n"
         "func.func @f(%a: " +
         logits +
         ", %b: tensor<?xi32, #tern.dims<H>>, "
         "%c: tensor<?xi32, #tern.dims<R + 1>>, %d: tensor<?x8xf32, #tern.dims<R>>) -> " +
         results + " {\n%r:2 = tern.dispatch sampling (%a, %b, %c, %d) : (" + types + ") -> " +
         results + " {\n^bb0(%e: " + logits +
         ", %f: tensor<?xi32, #tern.dims<H>>, "
         "%g: tensor<?xi32, #tern.dims<R + 1>>, %h: tensor<?x8xf32, #tern.dims<R>>):\n"
         "%t, %p = tern.sample %e, %f, %g, %h : " +
         types +
         "\n"
         "tern.yield %t, %p : tensor<?xi32, #tern.dims<R>>, " +
         logits +
         "\n}\n"
         "return %r#0, %r#1 : tensor<?xi32, #tern.dims<R>>, " +
         logits + "\n}\n";
}

/// One row of parameters; everything off.
struct Settings {
  double temperature = 1, topK = 0, topP = 1, minP = 0, typicalP = 1, penalty = 1, uniform = 0.5;

  std::vector<double> row() const {
    return {temperature, topK, topP, minP, typicalP, penalty, uniform, 0};
  }
};

using Numbers = std::vector<double>;

/// All rows with the same settings; row r's history is from starts[r] below starts[r + 1].
std::vector<Numbers> inputsOf(const Numbers &logits, const Numbers &history, const Numbers &starts,
                              const Settings &settings) {
  Numbers parameters;
  for (size_t row = 0; row + 1 < starts.size(); ++row)
    for (double parameter : settings.row())
      parameters.push_back(parameter);
  return {logits, history, starts, parameters};
}

Numbers tensorOf(const checkpoint::Checkpoint &file, const std::string &name) {
  const checkpoint::Tensor *tensor = file.find(name);
  Numbers numbers(tensor->bytes / 4);
  for (size_t i = 0; i < numbers.size(); ++i) {
    const std::byte *at = tensor->data + 4 * i;
    if (name == "history") {
      int32_t token;
      std::memcpy(&token, at, 4);
      numbers[i] = token;
    } else {
      float number;
      std::memcpy(&number, at, 4);
      numbers[i] = static_cast<double>(number);
    }
  }
  return numbers;
}

struct SamplingTest : testing::TestWithParam<cpu::Target> {};

TEST_P(SamplingTest, agreesWithTheGoldens) {
  auto file = checkpoint::Checkpoint::openSafetensors(std::string(kGoldens) + ".safetensors");
  ASSERT_TRUE(file) << file.error().message;
  nlohmann::json facts = nlohmann::json::parse(std::ifstream(std::string(kGoldens) + ".json"));
  DispatchRunner runner(moduleOf(facts["vocab"]), cpu::emitSampling, GetParam());
  ASSERT_TRUE(runner.compiled()) << runner.diagnostic();
  Numbers logits = tensorOf(*file, "logits"), history = tensorOf(*file, "history");
  int tried = 0;
  for (const auto &[name, given] : facts["settings"].items()) {
    if (given.contains("no_repeat_ngram_size"))
      continue;
    Settings settings{given.value("temperature", 1.0), given.value("top_k", 0.0),
                      given.value("top_p", 1.0),       given.value("min_p", 0.0),
                      given.value("typical_p", 1.0),   given.value("repetition_penalty", 1.0)};
    auto inputs = inputsOf(logits, history, {0, 24, 48, 72, 96}, settings);
    Dims dims{{"R", 4}, {"H", 96}};
    Numbers expected = tensorOf(*file, name + ".probabilities");
    EXPECT_LE(test::relativeError(runner.refer(inputs, dims)[1], expected), 1e-6) << name;
    EXPECT_LE(test::relativeError(runner.run(inputs, dims)[1], expected), 1e-6) << name;
    ++tried;
  }
  EXPECT_EQ(tried, 16);
}

TEST_P(SamplingTest, agreesWithTheReference) {
  std::vector<Settings> all(9);
  all[1].topK = 3;
  all[2].topP = 0.7;
  all[3].minP = 0.2;
  all[4].typicalP = 0.6;
  all[5] = {0.7, 40, 0.9, 0.02, 0.9, 1.3, 0.25};
  all[6] = {0, 2, 0.5, 0.5, 0.5, 0.6, 0.9};
  all[7].topP = 1e-9;
  all[8] = {2, 1000000, 0.33, 0, 0.1, 1, 0.999};
  for (int64_t vocabulary : {1, 7, 64, 97, 1000}) {
    DispatchRunner runner(moduleOf(vocabulary), cpu::emitSampling, GetParam());
    // Steps of 1/4 make many equal scores, smooth ones none.
    for (double step : {0.0, 0.25}) {
      for (const Settings &settings : all) {
        SCOPED_TRACE("vocabulary " + std::to_string(vocabulary) + ", settings " +
                     std::to_string(&settings - all.data()) + ", step " + std::to_string(step));
        Dims dims{{"R", 5}, {"H", 16}};
        Numbers logits = test::randomNumbers(5 * vocabulary, 3, 4);
        for (double &logit : logits)
          logit = step > 0 ? std::round(logit / step) * step : logit;
        Numbers history = test::randomNumbers(16, 5, static_cast<double>(vocabulary));
        for (double &token : history)
          token = std::floor(std::abs(token));
        auto inputs = inputsOf(logits, history, {0, 0, 6, 9, 10, 16}, settings);
        auto got = runner.run(inputs, dims), expected = runner.refer(inputs, dims);
        EXPECT_LE(test::relativeError(got[1], expected[1]), 1e-6);
        EXPECT_EQ(got[0], expected[0]);
        EXPECT_EQ(runner.run(inputs, dims, /*tileByTile=*/true), got);
      }
    }
  }
}

TEST_P(SamplingTest, takesTheLowestOfEqualScores) {
  DispatchRunner runner(moduleOf(5), cpu::emitSampling, GetParam());
  Settings settings;
  settings.temperature = 0;
  settings.penalty = 2;
  auto inputs = inputsOf({4, 1, 2, 2, -1, -3, -2, -2, -9, -2}, {0, 0, 1, 1}, {0, 2, 4}, settings);
  // A token that stands twice is penalised once.
  auto got = runner.run(inputs, {{"R", 2}, {"H", 4}});
  EXPECT_EQ(got[0], (Numbers{0, 2}));
  EXPECT_EQ(got[1], (Numbers{1, 0, 0, 0, 0, 0, 0, 1, 0, 0}));
}

// What a score becomes over such a temperature is beyond f32: the likeliest tokens share it all.
TEST_P(SamplingTest, takesTheLargestScoresAtTinyTemperatures) {
  DispatchRunner runner(moduleOf(3), cpu::emitSampling, GetParam());
  Dims dims{{"R", 4}, {"H", 0}};
  for (double temperature : {0x1p-149, 1e-40, 1e-37}) {
    SCOPED_TRACE(temperature);
    Settings all[3];
    all[1] = {1, 2, 0.9, 0.1, 1, 1, 0.75};
    all[2] = {1, 0, 1, 0, 0.9, 1, 0.75};
    for (Settings &settings : all) {
      settings.temperature = temperature;
      auto inputs = inputsOf({4, 1, 11, -9, -8, -8.5, 7, 7, 6, -5, -6, -INFINITY}, {},
                             {0, 0, 0, 0, 0}, settings);
      auto got = runner.run(inputs, dims);
      EXPECT_EQ(got, runner.refer(inputs, dims));
      EXPECT_EQ(got[1].front(), 0);
      EXPECT_EQ(got[0][0], 2);
      EXPECT_EQ(got[0][3], 0);
    }
  }
}

TEST_P(SamplingTest, drawsByTheRunningSum) {
  DispatchRunner runner(moduleOf(4), cpu::emitSampling, GetParam());
  Numbers logits{-INFINITY, 0, 0, -INFINITY};
  for (auto [uniform, token] :
       {std::pair(0.0, 1.0), {0.4999, 1.0}, {0.5, 2.0}, {0.99999994, 2.0}}) {
    Settings settings;
    settings.uniform = uniform;
    EXPECT_EQ(runner.run(inputsOf(logits, {}, {0, 0}, settings), {{"R", 1}, {"H", 0}})[0][0],
              token);
  }
  EXPECT_TRUE(runner.run(inputsOf({}, {}, {0}, {}), {{"R", 0}, {"H", 0}})[0].empty());
}

std::string nameOf(const testing::TestParamInfo<cpu::Target> &info) {
  std::string name = info.param.cpu;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(targets, SamplingTest, testing::ValuesIn(test::allTargets()), nameOf);

} // namespace
