// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "ApartDevice.h"
#include "TestModel.h"
#include "Thrown.h"

#include <gtest/gtest.h>

using namespace tern::test;

namespace {

class CallTest : public testing::TestWithParam<bool> {
protected:
  TemporaryFolder folder;
  tern::Device device = makeDevice(GetParam(), 4);
  tern::Model model{tern::Artefact(writeModel(folder)), device};
};

} // namespace

INSTANTIATE_TEST_SUITE_P(Devices, CallTest, testing::Bool(), nameOfDevice);

TEST_P(CallTest, RunsAFunctionByName) {
  tern::Call call(model, "add_table");
  std::vector<tern_argument_t> arguments = call.arguments();
  ASSERT_EQ(arguments.size(), 2u);
  EXPECT_STREQ(arguments[0].name, "x");
  EXPECT_EQ(arguments[0].type, TERN_F32);
  EXPECT_FALSE(arguments[0].output);
  EXPECT_EQ(arguments[0].rank, 1);
  EXPECT_TRUE(arguments[1].output);
  for (int64_t size : {0, 1, 5, 1000, 3}) {
    std::vector<float> x(size_t(size), 0.5f);
    call.setInput("x", TERN_F32, std::span(&size, 1), x.data());
    call.run();
    auto [shape, data] = call.output(arguments[1]);
    ASSERT_EQ(shape, std::vector<int64_t>{size});
    constexpr float table[] = {1, 10, 100, 1000};
    for (int64_t i = 0; i < size; ++i)
      ASSERT_EQ(static_cast<const float *>(data)[i], 0.5f + table[i % 4]);
  }
}

TEST_P(CallTest, EachThreadHasScratchOfItsOwn) {
  tern::Call call(model, "use_scratch");
  int64_t size = 5000;
  std::vector<float> x(5000);
  call.setInput("x", TERN_F32, std::span(&size, 1), x.data());
  call.run();
  auto *y = static_cast<const float *>(call.output(call.arguments()[1]).data);
  for (int64_t i = 0; i < size; ++i)
    ASSERT_EQ(y[i], float(i));
}

TEST_P(CallTest, WrongArgumentsAreRefused) {
  tern::Call call(model, "add_table");
  int64_t shape[] = {2, 2};
  float x[4] = {};
  auto set = [&](const char *name, tern_type_t type, size_t rank) {
    return thrown([&] { call.setInput(name, type, std::span(shape, rank), x); });
  };
  EXPECT_EQ(thrown([&] { call.run(); }), "input 'x' of function 'add_table' is not set");
  EXPECT_EQ(thrown([&] { call.output(call.arguments()[1]); }),
            "function 'add_table' did not run yet");
  EXPECT_EQ(set("z", TERN_F32, 1), "function 'add_table' has no input 'z'");
  EXPECT_EQ(set("y", TERN_F32, 1), "function 'add_table' has no input 'y'");
  EXPECT_EQ(set("x", TERN_F32, 2),
            "input 'x' of function 'add_table': expected 1 dimensions of f32, found 2 of f32");
  EXPECT_EQ(set("x", TERN_I32, 1),
            "input 'x' of function 'add_table': expected 1 dimensions of f32, found 1 of i32");
  EXPECT_NE(set("x", static_cast<tern_type_t>(15), 1), "");
  shape[0] = (1 << 20) + 1;
  EXPECT_EQ(set("x", TERN_F32, 1), "");
  EXPECT_EQ(thrown([&] { call.run(); }), "input 'x' of function 'add_table': expected N of 0 .. "
                                         "1048576, found 1048577");
  EXPECT_EQ(thrown([&] { tern::Call(model, "nothing"); }),
            folder.path("model.tern") + ": has no function 'nothing'");
}

TEST_P(CallTest, InputsMustFitEachOther) {
  tern::Call call(model, "sample");
  std::vector<float> numbers(400);
  std::vector<int32_t> tokens(400);
  auto set = [&](const char *name, tern_type_t type, std::vector<int64_t> shape) {
    call.setInput(name, type, shape, type == TERN_F32 ? (void *)numbers.data() : tokens.data());
  };
  set("logits", TERN_F32, {2, 16});
  set("history", TERN_I32, {3});
  set("historyStart", TERN_I32, {4});
  set("parameters", TERN_F32, {2, 8});
  EXPECT_EQ(thrown([&] { call.run(); }),
            "input 'historyStart' of function 'sample': expected shape [3], found [4]");
  set("historyStart", TERN_I32, {3});
  set("parameters", TERN_F32, {2, 7});
  EXPECT_EQ(thrown([&] { call.run(); }),
            "input 'parameters' of function 'sample': expected shape [2x8], found [2x7]");
  set("parameters", TERN_F32, {2, 8});
  call.run();
}

TEST_P(CallTest, FunctionsWithACacheNeedASession) {
  EXPECT_EQ(thrown([&] { tern::Call(model, "step"); }),
            "function 'step' needs a KV cache, which a call does not have");
  EXPECT_EQ(thrown([&] { tern::Call(model, "load"); }),
            "function 'load' needs the weights' files, which a call does not have");
}
