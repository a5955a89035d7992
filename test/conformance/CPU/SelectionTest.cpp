// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/DispatchLaw.h"

#include <gtest/gtest.h>

using namespace tern;
using test::DispatchLaw;

namespace {

/// The numbers are those of the operand.
const DispatchLaw kLaws[] = {
    {"three of rows", "T 40 f32", "T 3 f32; T 3 i32", R"(
      %0:2 = tern.top_k %a k 3 : {0}
      tern.yield %0#0, %0#1 : {1}, {2})",
     0},
    {"all of a vector", "7 f32", "7 f32; 7 i32", R"(
      %0:2 = tern.top_k %a k 7 : {0}
      tern.yield %0#0, %0#1 : {1}, {2})",
     0},
    {"one of unknown many", "2 T S bf16", "2 T 1 bf16; 2 T 1 i32", R"(
      %0:2 = tern.top_k %a k 1 : {0}
      tern.yield %0#0, %0#1 : {1}, {2})",
     0},
    // Of f16 numbers of a quarter there are few, so that many are equal.
    {"equals", "T 65 f16", "T 9 f16; T 9 i32", R"(
      %0:2 = tern.top_k %a k 9 : {0}
      tern.yield %0#0, %0#1 : {1}, {2})",
     0, 4, 1e-6},
    {"a mask of rows", "T 40 f32", "T 40 f32", R"(
      %0 = tern.top_k_mask "tk/k" %a k 3 : {0}
      tern.yield %0 : {1})",
     0},
    {"a mask of equals over rows", "T 17 f16", "T 17 f16", R"(
      %0 = tern.top_k_mask "tk/t" %a k 9 : {0}
      tern.yield %0 : {1})",
     0, 4, 1e-6},
    {"a mask of more than there are", "2 T S bf16", "2 T S bf16", R"(
      %0 = tern.top_k_mask "bts/s" %a k 20 : {0}
      tern.yield %0 : {1})",
     0},
    {"a mask of none", "7 f32", "7 f32", R"(
      %0 = tern.top_k_mask "k/k" %a k 0 : {0}
      tern.yield %0 : {1})",
     0},
};

struct SelectionTest : testing::TestWithParam<cpu::Target> {};

TEST_P(SelectionTest, agreesWithTheReference) {
  for (const DispatchLaw &law : kLaws)
    test::checkLaw(law, Schema::selection, cpu::emitSelection, GetParam(),
                   {{0, 1}, {1, 1}, {5, 17}, {16, 65}});
}

INSTANTIATE_TEST_SUITE_P(targets, SelectionTest, testing::ValuesIn(test::allTargets()),
                         [](const auto &info) { return test::targetName(info.param); });

} // namespace
