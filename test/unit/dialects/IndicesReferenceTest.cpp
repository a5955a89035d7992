// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The laws of truth values, indices, masks and running sums on numbers that were worked out by
// hand.
#include "ReferenceModule.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace tern;
using namespace tern::test;

namespace {

const double infinity = INFINITY;

/// The operation `text` on `x`, `[2, 3]`, whose result has `type`.
std::vector<double> onMatrix(llvm::StringRef text, std::vector<double> x,
                             llvm::StringRef type = "tensor<2x3xf32>") {
  return evaluate(("(%x: tensor<2x3xf32>) -> " + type).str(),
                  ("%0 = " + text + " : tensor<2x3xf32>\nreturn %0 : " + type).str(),
                  {tensor({2, 3}, std::move(x))});
}

TEST(IndicesReference, WhatIsNotZeroIsTrue) {
  auto apply = [](llvm::StringRef name) {
    return evaluate(
        "(%x: tensor<4xi32>, %y: tensor<4xi32>) -> tensor<4xi32>",
        ("%0 = tern." + name + " %x, %y : tensor<4xi32>, tensor<4xi32>\nreturn %0 : tensor<4xi32>")
            .str(),
        {tensor({4}, {0, 0, 7, -1}), tensor({4}, {0, 5, 0, 2})});
  };
  EXPECT_EQ(apply("and"), list({0, 0, 0, 1}));
  EXPECT_EQ(apply("or"), list({0, 1, 1, 1}));
  EXPECT_EQ(onMatrix("tern.not %x", {0, 1, -2, 0.5, 0, 3}), list({1, 0, 0, 0, 1, 0}));
}

TEST(IndicesReference, RintTakesTheEvenOneOfTwo) {
  EXPECT_EQ(onMatrix("tern.rint %x", {0.5, 1.5, 2.5, -0.5, -1.5, 2.4}), list({0, 2, 2, 0, -2, 2}));
}

TEST(IndicesReference, IotaCountsItsAxis) {
  EXPECT_EQ(evaluate("() -> tensor<2x3xf32>", R"(%0 = tern.iota "s->ts" : tensor<2x3xf32>
                                                return %0 : tensor<2x3xf32>)",
                     {}),
            list({0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(evaluate("() -> tensor<2x3xi64>", R"(%0 = tern.iota "t->ts" : tensor<2x3xi64>
                                                return %0 : tensor<2x3xi64>)",
                     {}),
            list({0, 0, 0, 1, 1, 1}));
}

TEST(IndicesReference, SizeIsTheProductOfExtents) {
  EXPECT_EQ(evaluate("(%x: tensor<?xf32, #tern.dims<T>>) -> tensor<f32>",
                     "%0 = tern.size <T, T + 1, 5> : tensor<f32>\nreturn %0 : tensor<f32>",
                     {tensor({3}, {0, 0, 0})}),
            list({60}));
}

TEST(IndicesReference, AnIndexOutsideIsNowhereHot) {
  EXPECT_EQ(evaluate("(%i: tensor<3xi32>) -> tensor<3x2xf32>",
                     R"(%0 = tern.one_hot "t->tv" %i : tensor<3xi32> to tensor<3x2xf32>
                        return %0 : tensor<3x2xf32>)",
                     {tensor({3}, {1, 2, -1})}),
            list({0, 1, 0, 0, 0, 0}));
}

TEST(IndicesReference, ScatterAddsRowsAndDropsWhatIsOutside) {
  EXPECT_EQ(evaluate("(%x: tensor<4x2xf32>, %i: tensor<4xi32>) -> tensor<3x2xf32>",
                     R"(%0 = tern.scatter_add "td,t->vd" %x, %i
                            : tensor<4x2xf32>, tensor<4xi32> to tensor<3x2xf32>
                        return %0 : tensor<3x2xf32>)",
                     {tensor({4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}), tensor({4}, {2, 0, 2, 3})}),
            list({3, 4, 0, 0, 6, 8}));
}

TEST(IndicesReference, GatherReadsEachRowAtItsOwnIndices) {
  EXPECT_EQ(evaluate("(%x: tensor<2x3xf32>, %i: tensor<2x2xi32>) -> tensor<2x2xf32>",
                     R"(%0 = tern.gather "ts,tc->tc" %x, %i : tensor<2x3xf32>, tensor<2x2xi32>
                        return %0 : tensor<2x2xf32>)",
                     {tensor({2, 3}, {1, 2, 3, 4, 5, 6}), tensor({2, 2}, {2, 0, 1, 1})}),
            list({3, 1, 5, 5}));
}

TEST(IndicesReference, PadPutsZerosAround) {
  EXPECT_EQ(onMatrix("tern.pad %x axis 1 low 1 high 0", {1, 2, 3, 4, 5, 6}, "tensor<2x4xf32>"),
            list({0, 1, 2, 3, 0, 4, 5, 6}));
  EXPECT_EQ(onMatrix("tern.pad %x axis 0 low 0 high 1", {1, 2, 3, 4, 5, 6}, "tensor<3x3xf32>"),
            list({1, 2, 3, 4, 5, 6, 0, 0, 0}));
}

TEST(IndicesReference, CumsumIncludesItsOwnElement) {
  EXPECT_EQ(onMatrix("tern.cumsum \"tk/k\" %x", {1, 2, 3, 4, 5, 6}), list({1, 3, 6, 4, 9, 15}));
  EXPECT_EQ(onMatrix("tern.cumsum \"tk/t\" %x", {1, 2, 3, 4, 5, 6}), list({1, 2, 3, 5, 7, 9}));
}

TEST(IndicesReference, TopKMaskTakesTheLowerIndexOfEquals) {
  EXPECT_EQ(onMatrix("tern.top_k_mask \"tk/k\" %x k 2", {3, 1, 3, 0, 0, 0}),
            list({1, 0, 1, 1, 1, 0}));
  EXPECT_EQ(onMatrix("tern.top_k_mask \"tk/t\" %x k 1", {3, 1, 3, 0, 1, 9}),
            list({1, 1, 0, 0, 0, 1}));
  EXPECT_EQ(onMatrix("tern.top_k_mask \"tk/k\" %x k 0", {3, 1, 3, 0, 0, 0}),
            list({0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(onMatrix("tern.top_k_mask \"tk/k\" %x k 7", {3, 1, 3, 0, 0, 0}),
            list({1, 1, 1, 1, 1, 1}));
}

TEST(IndicesReference, ARowOfNothingIsZeroUnderAMask) {
  auto softmax = [](std::vector<double> x, std::vector<double> mask) {
    return evaluate("(%x: tensor<2x2xf32>, %m: tensor<2x2xf32>) -> tensor<2x2xf32>",
                    R"(%0 = tern.masked_softmax "tk/k" %x mask %m
                           : tensor<2x2xf32>, tensor<2x2xf32>
                       return %0 : tensor<2x2xf32>)",
                    {tensor({2, 2}, std::move(x)), tensor({2, 2}, std::move(mask))});
  };
  EXPECT_PRED2(areNear, softmax({0, std::log(3.0), 5, 9}, {1, 1, 1, 0}), list({0.25, 0.75, 1, 0}));
  EXPECT_EQ(softmax({1, 2, -infinity, -infinity}, {0, 0, 1, 1}), list({0, 0, 0, 0}));
}

TEST(IndicesReference, LogSumExpKeepsItsLargest) {
  auto fold = [](std::vector<double> x) {
    return onMatrix("tern.logsumexp \"tk->t\" %x", std::move(x), "tensor<2xf32>");
  };
  double log3 = std::log(3.0);
  EXPECT_PRED2(areNear, fold({0, 0, 0, 1000, 1000, 1000}), list({log3, 1000 + log3}));
  EXPECT_EQ(fold({-infinity, -infinity, -infinity, infinity, 1, 2}), list({-infinity, infinity}));
}

TEST(IndicesReference, ReductionsOfNothing) {
  auto fold = [](llvm::StringRef name) {
    return evaluate(
        "(%x: tensor<1x0xf32>) -> tensor<1xf32>",
        ("%0 = tern." + name + " \"tk->t\" %x : tensor<1x0xf32>\nreturn %0 : tensor<1xf32>").str(),
        {tensor({1, 0}, {})});
  };
  EXPECT_EQ(fold("sum"), list({0}));
  EXPECT_EQ(fold("amax"), list({-infinity}));
  EXPECT_EQ(fold("amin"), list({infinity}));
  EXPECT_EQ(fold("logsumexp"), list({-infinity}));
  EXPECT_TRUE(std::isnan(fold("mean")[0]));
}

} // namespace
