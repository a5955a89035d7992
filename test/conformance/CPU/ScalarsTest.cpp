// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/DispatchLaw.h"

#include <gtest/gtest.h>

using namespace tern;
using test::DispatchLaw;

namespace {

const DispatchLaw kLaws[] = {
    {"elements of a vector", "5 f32; f32", "f32; 2 f32", R"(
      %0 = tern.slice %a axis 0 from 3 size 1 : {0}
      %1 = tern.reshape %0 : tensor<1xf32> to tensor<f32>
      %2 = tern.mul %1, %b : tensor<f32>, tensor<f32>
      %3 = tern.exp %2 : tensor<f32>
      %4 = tern.reshape %3 : tensor<f32> to tensor<1xf32>
      %5 = tern.concat %4, %0 axis 0 : tensor<1xf32>, tensor<1xf32>
      tern.yield %2, %5 : {2}, {3})",
     1e-6},
    {"elements of a matrix", "3 4 f64", "f64", R"(
      %0 = tern.slice %a axis 0 from 1 size 2 : {0}
      %1 = tern.slice %0 axis 1 from 2 size 1 : tensor<2x4xf64>
      %2 = tern.slice %1 axis 0 from 1 size 1 : tensor<2x1xf64>
      %3 = tern.reshape %2 : tensor<1x1xf64> to tensor<f64>
      %4 = tern.reshape %a : {0} to tensor<12xf64>
      %5 = tern.slice %4 axis 0 from 7 size 1 : tensor<12xf64>
      %6 = tern.reshape %5 : tensor<1xf64> to tensor<f64>
      %7 = tern.div %3, %6 : tensor<f64>, tensor<f64>
      tern.yield %7 : {1})",
     1e-15},
    {"choices and roundings", "f64; f64", "f64; f32", R"(
      %0 = tern.lt %a, %b : tensor<f64>, tensor<f64>
      %1 = tern.where %0, %a, %b : tensor<f64>, tensor<f64>, tensor<f64>
      %2 = tern.cast %1 : tensor<f64> to tensor<f32>
      %3 = tern.tanh %2 : tensor<f32>
      tern.yield %1, %3 : {2}, {3})",
     1e-6},
    {"a constant", "f32", "f32; 2 f32", R"(
      %0 = tern.constant dense<[1.5, 2.5]> : tensor<2xf32>
      %1 = tern.slice %0 axis 0 from 1 size 1 : tensor<2xf32>
      %2 = tern.reshape %1 : tensor<1xf32> to tensor<f32>
      %3 = tern.sub %a, %2 : tensor<f32>, tensor<f32>
      %4 = tern.reshape %3 : tensor<f32> to tensor<1xf32>
      %5 = tern.concat %4, %1 axis 0 : tensor<1xf32>, tensor<1xf32>
      tern.yield %3, %5 : {1}, {2})",
     0},
};

struct ScalarsTest : testing::TestWithParam<cpu::Target> {};

TEST_P(ScalarsTest, agreesWithTheReference) {
  for (const DispatchLaw &law : kLaws)
    test::checkLaw(law, Schema::scalars, cpu::emitScalars, GetParam(), {{1, 1}});
}

TEST_P(ScalarsTest, refusesWhatIsNoNumber) {
  DispatchLaw law{"integers", "i32", "i32", "%0 = tern.add %a, %a : {0}, {0}\n tern.yield %0 : {1}",
                  0};
  EXPECT_NE(test::refusalOf(law, Schema::scalars, cpu::emitScalars, GetParam())
                .find("expected numbers of f32 or f64"),
            std::string::npos);
  law = {"f64", "f64", "f64", "%0 = tern.exp %a : {0}\n tern.yield %0 : {1}", 0};
  EXPECT_NE(test::refusalOf(law, Schema::scalars, cpu::emitScalars, GetParam())
                .find("f64, which has arithmetic alone"),
            std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(targets, ScalarsTest, testing::ValuesIn(test::allTargets()),
                         [](const auto &info) { return test::targetName(info.param); });

} // namespace
