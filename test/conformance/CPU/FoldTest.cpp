// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/DispatchLaw.h"

#include <gtest/gtest.h>

using namespace tern;
using test::DispatchLaw;

namespace {

/// A sum of n numbers below 2 has an error of at most n units of 6e-8 times their sum; here n is at
/// most 64 * 64, and the sums of random numbers stay below a few hundred, to which errors are
/// relative. Softmax and norms divide by such sums; e^x adds 2 units. Narrow results are rounded
/// once more: f16 to 5e-4, bf16 to 4e-3.
constexpr double kSum = 2e-6, kAlong = 4e-6, kHalf = 8e-4, kBrain = 6e-3;

const DispatchLaw kLaws[] = {
    {"sum over rows", "T 40 f32", "40 f32", R"(
      %0 = tern.sum "tk->k" %a : {0}
      tern.yield %0 : {1})",
     kSum},
    {"sum over a row of unknown size", "3 S f32", "3 f32", R"(
      %0 = tern.sum "ts->t" %a : {0}
      tern.yield %0 : {1})",
     kSum},
    {"sum over heads", "T 7 S f32", "T S f32", R"(
      %0 = tern.sum "ths->ts" %a : {0}
      tern.yield %0 : {1})",
     kSum},
    {"sum of all", "T 5 S f32", "f32", R"(
      %0 = tern.sum "ths->" %a : {0}
      tern.yield %0 : {1})",
     kSum},
    {"sum of squares, turned", "2 T 3 S f32", "3 2 f32", R"(
      %0 = tern.square %a : {0}
      %1 = tern.sum "atbs->ba" %0 : {0}
      tern.yield %1 : {1})",
     kSum},
    {"sum of f64", "T 9 f64", "9 f64", R"(
      %0 = tern.sum "tk->k" %a : {0}
      tern.yield %0 : {1})",
     1e-14},
    {"largest of rows", "3 S bf16", "3 bf16", R"(
      %0 = tern.amax "ts->t" %a : {0}
      tern.yield %0 : {1})",
     0},
    {"softmax over unknown columns", "T S f32", "T S f32", R"(
      %0 = tern.softmax "ts/s" %a : {0}
      tern.yield %0 : {1})",
     kAlong},
    {"softmax over rows", "T 20 f32", "T 20 f32", R"(
      %0 = tern.softmax "tk/t" %a : {0}
      tern.yield %0 : {1})",
     kAlong},
    {"softmax over two axes apart", "T 3 S f16", "T 3 S f16", R"(
      %0 = tern.softmax "ths/ts" %a : {0}
      tern.yield %0 : {1})",
     kHalf},
    {"softmax of a sum", "2 T S f32; T S f32", "2 T S f32", R"(
      %0 = tern.broadcast "ts->hts" %b : {1} to {0}
      %1 = tern.add %a, %0 : {0}, {0}
      %2 = tern.softmax "hts/s" %1 : {0}
      tern.yield %2 : {0})",
     kAlong},
    {"softmax under a mask", "T S f32; T S i32", "T S f32", R"(
      %0 = tern.cast %b : {1} to {0}
      %1 = tern.masked_softmax "ts/s" %a mask %0 : {0}, {0}
      tern.yield %1 : {0})",
     kAlong, 2},
    {"softmax under a mask of f16", "T 3 S f16; T 3 S f16", "T 3 S f16", R"(
      %0 = tern.lt %a, %b : {0}, {0}
      %1 = tern.masked_softmax "ths/hs" %a mask %0 : {0}, {0}
      tern.yield %1 : {0})",
     kHalf},
    {"logarithm of powers over columns", "T S f32", "T f32", R"(
      %0 = tern.logsumexp "ts->t" %a : {0}
      tern.yield %0 : {1})",
     kAlong},
    {"logarithm of powers over rows of bf16", "S 20 bf16", "20 bf16", R"(
      %0 = tern.logsumexp "tk->k" %a : {0}
      tern.yield %0 : {1})",
     kBrain},
    {"running sums along columns", "T S f32", "T S f32", R"(
      %0 = tern.cumsum "ts/s" %a : {0}
      tern.yield %0 : {1})",
     kSum},
    {"running sums of squares along rows", "3 T 20 f32", "3 T 20 f32", R"(
      %0 = tern.square %a : {0}
      %1 = tern.cumsum "htk/t" %0 : {0}
      tern.yield %1 : {0})",
     kSum},
    {"running sums of f64", "T 9 f64", "T 9 f64", R"(
      %0 = tern.cumsum "tk/k" %a : {0}
      tern.yield %0 : {1})",
     1e-14},
    {"root mean square over heads", "T 5 20 f32", "T 5 20 f32", R"(
      %0 = tern.rms_norm "thd/h" %a epsilon 1.0e-5 : {0}
      tern.yield %0 : {1})",
     kAlong},
    {"layer norm over unknown columns", "T S bf16", "T S bf16", R"(
      %0 = tern.layer_norm "ts/s" %a epsilon 1.0e-5 : {0}
      tern.yield %0 : {1})",
     kBrain},
    {"layer norm over two axes", "S 3 20 f32", "S 3 20 f32", R"(
      %0 = tern.layer_norm "shd/hd" %a epsilon 1.0e-3 : {0}
      tern.yield %0 : {1})",
     2e-5},
};

struct FoldTest : testing::TestWithParam<cpu::Target> {};

TEST_P(FoldTest, agreesWithTheReference) {
  for (const DispatchLaw &law : kLaws)
    test::checkLaw(law, Schema::fold, cpu::emitFold, GetParam(),
                   {{1, 1}, {5, 17}, {16, 2}, {33, 64}, {3, 131}});
}

INSTANTIATE_TEST_SUITE_P(targets, FoldTest, testing::ValuesIn(test::allTargets()),
                         [](const auto &info) { return test::targetName(info.param); });

} // namespace
