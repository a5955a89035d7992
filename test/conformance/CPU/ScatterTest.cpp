// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/DispatchLaw.h"

#include <gtest/gtest.h>

using namespace tern;
using test::DispatchLaw;

namespace {

/// At most 33 numbers of one sign are added in f32.
constexpr double kSum = 4e-6;

const DispatchLaw kLaws[] = {
    {"rows", "T 40 f32; T i32", "9 40 f32", R"(
      %0 = tern.scatter_add "td,t->vd" %a, %b : {0}, {1} to {2}
      tern.yield %0 : {2})",
     kSum, 9},
    {"rows outside", "T 17 f32; T i64", "3 17 f32", R"(
      %0 = tern.scatter_add "td,t->vd" %a, %b : {0}, {1} to {2}
      tern.yield %0 : {2})",
     kSum, 9},
    {"unknown columns", "T S f32; T i32", "9 S f32", R"(
      %0 = tern.scatter_add "td,t->vd" %a, %b : {0}, {1} to {2}
      tern.yield %0 : {2})",
     kSum, 9},
    {"to unknown rows", "T 20 f32; T i32; S f32", "S 20 f32", R"(
      %0 = tern.scatter_add "td,t->vd" %a, %b : {0}, {1} to {3}
      tern.yield %0 : {3})",
     kSum, 2},
    {"batches of f64", "3 T 5 f64; 3 T i32", "3 4 5 f64", R"(
      %0 = tern.scatter_add "btd,bt->bvd" %a, %b : {0}, {1} to {2}
      tern.yield %0 : {2})",
     1e-14},
    {"numbers", "T f32; T i32", "4 f32", R"(
      %0 = tern.scatter_add "t,t->v" %a, %b : {0}, {1} to {2}
      tern.yield %0 : {2})",
     kSum},
    {"written last", "7 T f32; T i32", "7 4 f32", R"(
      %0 = tern.scatter_add "dt,t->dv" %a, %b : {0}, {1} to {2}
      tern.yield %0 : {2})",
     kSum},
    {"an index for each", "T 20 f32; T 20 i32", "4 20 f32", R"(
      %0 = tern.scatter_add "td,td->vd" %a, %b : {0}, {1} to {2}
      tern.yield %0 : {2})",
     kSum},
};

struct ScatterTest : testing::TestWithParam<cpu::Target> {};

TEST_P(ScatterTest, agreesWithTheReference) {
  for (const DispatchLaw &law : kLaws)
    test::checkLaw(law, Schema::scatter, cpu::emitScatter, GetParam(),
                   {{0, 3}, {1, 2}, {5, 17}, {33, 64}});
}

TEST_P(ScatterTest, refusesNarrowSums) {
  const DispatchLaw law = {"bf16", "T 20 bf16; T i32", "9 20 bf16", R"(
      %0 = tern.scatter_add "td,t->vd" %a, %b : {0}, {1} to {2}
      tern.yield %0 : {2})",
                           0};
  EXPECT_NE(test::refusalOf(law, Schema::scatter, cpu::emitScatter, GetParam())
                .find("expected f32 or f64, in which sums are kept"),
            std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(targets, ScatterTest, testing::ValuesIn(test::allTargets()),
                         [](const auto &info) { return test::targetName(info.param); });

} // namespace
