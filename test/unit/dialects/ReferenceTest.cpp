// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The laws of tern's operations on numbers that were worked out by hand.
#include "ReferenceModule.h"

#include <cmath>
#include <gtest/gtest.h>
#include <set>

using namespace tern;
using namespace tern::test;

namespace {

TEST(Reference, EveryOperationHasOne) {
  ReferenceModule module("");
  // The interpreter itself runs these; dim and yield are no computations.
  const std::set<std::string> own = {"tern.dim", "tern.yield", "tern.dispatch", "tern.repeat",
                                     "tern.loaded"};
  size_t count = 0;
  for (mlir::RegisteredOperationName name : module.getContext().getRegisteredOperations()) {
    std::string text = name.getStringRef().str();
    bool isOurs = name.getDialectNamespace() == "tern" || name.getDialectNamespace() == "kv";
    if (!isOurs)
      continue;
    ++count;
    EXPECT_NE(module.getInterpreter().defines(text), own.count(text) == 1) << text;
  }
  EXPECT_GT(count, 50u);
}

TEST(Reference, ContractSumsAllLettersThatTheResultLacks) {
  // x[a,b] w[b,a]: 1*10 + 2*30 + 3*20 + 4*40
  EXPECT_EQ(evaluate("(%x: tensor<1x2x2xf32>, %w: tensor<2x2xf32>) -> tensor<1xf32>",
                     R"(%0 = tern.contract "tab,ba->t" %x, %w : tensor<1x2x2xf32>, tensor<2x2xf32>
                          return %0 : tensor<1xf32>)",
                     {tensor({1, 2, 2}, {1, 2, 3, 4}), tensor({2, 2}, {10, 20, 30, 40})}),
            list({290}));
}

TEST(Reference, ContractOfNothingIsZero) {
  EXPECT_EQ(evaluate("(%x: tensor<2x0xf32>, %w: tensor<1x0xf32>) -> tensor<2x1xf32>",
                     R"(%0 = tern.contract "tk,nk->tn" %x, %w : tensor<2x0xf32>, tensor<1x0xf32>
                          return %0 : tensor<2x1xf32>)",
                     {tensor({2, 0}, {}), tensor({1, 0}, {})}),
            list({0, 0}));
}

constexpr const char *groupedSignature =
    "(%x: tensor<2x2xf32>, %w: tensor<2x2x2xf32>, %g: tensor<2xi32>) -> tensor<2x2xf32>";
constexpr const char *grouped =
    R"(%0 = tern.contract "tk,nk->tn" %x, %w groups %g
           : tensor<2x2xf32>, tensor<2x2x2xf32>, tensor<2xi32>
       return %0 : tensor<2x2xf32>)";
const reference::Tensor rows = tensor({2, 2}, {1, 2, 3, 4});
const reference::Tensor experts = tensor({2, 2, 2}, {1, 0, 0, 1, 1, 1, 2, -1});

TEST(Reference, GroupsChooseTheMatrixOfEachRow) {
  EXPECT_EQ(evaluate(groupedSignature, grouped, {rows, experts, tensor({2}, {1, 0})}),
            list({3, 0, 3, 4}));
}

TEST(Reference, AGroupThatIsNotThereIsRefused) {
  ReferenceModule module(
      (llvm::Twine("func.func @f") + groupedSignature + " {\n" + grouped + "\n}").str());
  EXPECT_TRUE(module.call({rows, experts, tensor({2}, {1, 2})}).empty());
  EXPECT_NE(module.errors().find("has 2 groups, row 1 asks for 2"), std::string::npos);
}

TEST(Reference, ReductionsRunOverTheMissingLetters) {
  reference::Tensor x = tensor({2, 3}, {1, 2, 6, -4, 5, 2});
  auto reduce = [&](llvm::StringRef name, llvm::StringRef axes, llvm::StringRef type) {
    return evaluate(
        ("(%x: tensor<2x3xf32>) -> " + type).str(),
        ("%0 = tern." + name + " \"" + axes + "\" %x : tensor<2x3xf32>\nreturn %0 : " + type).str(),
        {x});
  };
  EXPECT_EQ(reduce("sum", "tk->t", "tensor<2xf32>"), list({9, 3}));
  EXPECT_EQ(reduce("sum", "tk->k", "tensor<3xf32>"), list({-3, 7, 8}));
  EXPECT_EQ(reduce("mean", "tk->", "tensor<f32>"), list({2}));
  EXPECT_EQ(reduce("amax", "tk->t", "tensor<2xf32>"), list({6, 5}));
  EXPECT_EQ(reduce("amin", "tk->t", "tensor<2xf32>"), list({1, -4}));
}

TEST(Reference, SoftmaxDoesNotOverflow) {
  EXPECT_PRED2(areNear,
               evaluate("(%x: tensor<2xf32>) -> tensor<2xf32>",
                        "%0 = tern.softmax \"s/s\" %x : tensor<2xf32>\nreturn %0 : tensor<2xf32>",
                        {tensor({2}, {1000, 1000 + std::log(3.0)})}),
               list({0.25, 0.75}));
}

TEST(Reference, NormsDivideByRootAndDeviation) {
  EXPECT_PRED2(areNear,
               evaluate("(%x: tensor<1x2xf32>) -> tensor<1x2xf32>",
                        "%0 = tern.rms_norm \"tk/k\" %x epsilon 3.5 : tensor<1x2xf32>\n"
                        "return %0 : tensor<1x2xf32>",
                        {tensor({1, 2}, {3, 4})}), // mean square 12.5, and 3.5 makes 16
               list({0.75, 1}));
  EXPECT_PRED2(areNear,
               evaluate("(%x: tensor<2x2xf32>) -> tensor<2x2xf32>",
                        "%0 = tern.layer_norm \"tk/t\" %x epsilon 0.0 : tensor<2x2xf32>\n"
                        "return %0 : tensor<2x2xf32>",
                        {tensor({2, 2}, {1, 10, 3, 50})}),
               list({-1, -1, 1, 1}));
}

TEST(Reference, RotaryTurnsItsStylesPlanes) {
  auto turn = [](llvm::StringRef style) {
    return evaluate(
        "(%x: tensor<1x1x5xf32>, %c: tensor<1x2xf32>, %s: tensor<1x2xf32>) -> "
        "tensor<1x1x5xf32>",
        ("%0 = tern.rotary " + style +
         " %x, %c, %s : tensor<1x1x5xf32>, tensor<1x2xf32>, tensor<1x2xf32>\n"
         "return %0 : tensor<1x1x5xf32>")
            .str(),
        // A quarter turn of the first plane; the second rests.
        {tensor({1, 1, 5}, {1, 2, 3, 4, 5}), tensor({1, 2}, {0, 1}), tensor({1, 2}, {1, 0})});
  };
  EXPECT_EQ(turn("half"), list({-3, 2, 1, 4, 5}));
  EXPECT_EQ(turn("interleaved"), list({-2, 1, 3, 4, 5}));
}

/// Two queries over three keys; all scores are 0, so that a query gives the mean of what it sees.
std::vector<double> attend(llvm::StringRef flags) {
  return evaluate(
      "(%q: tensor<2x1x1xf32>, %k: tensor<3x1x1xf32>, %v: tensor<3x1x1xf32>) -> "
      "tensor<2x1x1xf32>",
      ("%0 = tern.attention %q, %k, %v scale 1.0 " + flags +
       " : tensor<2x1x1xf32>, tensor<3x1x1xf32>, tensor<3x1x1xf32>\n"
       "return %0 : tensor<2x1x1xf32>")
          .str(),
      {tensor({2, 1, 1}, {0, 0}), tensor({3, 1, 1}, {5, 6, 7}), tensor({3, 1, 1}, {3, 6, 12})});
}

TEST(Reference, AttentionSeesWhatCausalAndWindowLeave) {
  EXPECT_PRED2(areNear, attend(""), list({7, 7}));
  EXPECT_PRED2(areNear, attend("causal"), list({4.5, 7}));
  EXPECT_PRED2(areNear, attend("causal window 1"), list({6, 12}));
  EXPECT_PRED2(areNear, attend("causal window 2"), list({4.5, 9}));
  EXPECT_PRED2(areNear, attend("window 1"), list({9, 12}));
}

TEST(Reference, AQueryThatSeesNoKeyGivesZero) {
  const double hidden = -INFINITY;
  EXPECT_PRED2(areNear,
               evaluate("(%q: tensor<2x1x1xf32>, %k: tensor<3x1x1xf32>, %v: tensor<3x1x1xf32>, %m: "
                        "tensor<2x3xf32>) -> tensor<2x1x1xf32>",
                        "%0 = tern.attention %q, %k, %v mask %m scale 1.0 : tensor<2x1x1xf32>, "
                        "tensor<3x1x1xf32>, tensor<3x1x1xf32>, tensor<2x3xf32>\n"
                        "return %0 : tensor<2x1x1xf32>",
                        {tensor({2, 1, 1}, {0, 0}), tensor({3, 1, 1}, {5, 6, 7}),
                         tensor({3, 1, 1}, {3, 6, 12}),
                         // log 2 doubles the weight of its key: (2*3 + 6) / 3.
                         tensor({2, 3}, {hidden, hidden, hidden, std::log(2.0), 0, hidden})}),
               list({0, 4}));
}

TEST(Reference, SoftCapBendsScores) {
  // cap(z) = c tanh(z/c), c = 2 ln 3 and z = c atanh(1/2) = (ln 3)^2: the score is ln 3, weight
  // 3/4.
  double log3 = std::log(3.0);
  EXPECT_PRED2(areNear,
               evaluate("(%q: tensor<1x1x1xf32>, %k: tensor<2x1x1xf32>, %v: tensor<2x1x1xf32>) -> "
                        "tensor<1x1x1xf32>",
                        "%0 = tern.attention %q, %k, %v scale 0.5 soft_cap 2.1972245773362196 : "
                        "tensor<1x1x1xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>\n"
                        "return %0 : tensor<1x1x1xf32>",
                        {tensor({1, 1, 1}, {2 * log3 * log3}), tensor({2, 1, 1}, {1, 0}),
                         tensor({2, 1, 1}, {4, 8})}),
               list({5}));
}

TEST(Reference, QueryHeadsShareKeyHeadsInOrder) {
  EXPECT_PRED2(areNear,
               evaluate("(%q: tensor<1x4x1xf32>, %k: tensor<1x2x1xf32>, %v: tensor<1x2x1xf32>) -> "
                        "tensor<1x4x1xf32>",
                        "%0 = tern.attention %q, %k, %v scale 1.0 : tensor<1x4x1xf32>, "
                        "tensor<1x2x1xf32>, tensor<1x2x1xf32>\nreturn %0 : tensor<1x4x1xf32>",
                        {tensor({1, 4, 1}, {1, 2, 3, 4}), tensor({1, 2, 1}, {1, 1}),
                         tensor({1, 2, 1}, {10, 20})}),
               list({10, 10, 20, 20}));
}

TEST(Reference, TopKTakesTheLowerPlaceOfEquals) {
  ReferenceModule module(
      R"(func.func @f(%x: tensor<2x5xf32>) -> (tensor<2x3xf32>, tensor<2x3xi32>) {
    %0, %1 = tern.top_k %x k 3 : tensor<2x5xf32>
    return %0, %1 : tensor<2x3xf32>, tensor<2x3xi32>
  })");
  auto results = module.call({tensor({2, 5}, {1, 3, 3, 2, 3, 0, -1, 0, -2, -1})});
  ASSERT_EQ(results.size(), 2u) << module.errors();
  EXPECT_EQ(numbersOf(results[0]), list({3, 3, 3, 0, 0, -1}));
  EXPECT_EQ(numbersOf(results[1]), list({1, 2, 4, 0, 2, 1}));
}

std::vector<double> quantise(llvm::StringRef block, std::vector<double> numbers) {
  std::string size = std::to_string(numbers.size());
  std::string from = "tensor<" + size + "xf32>";
  std::string to = ("tensor<" + size + "x!tern.block<" + block + ">>").str();
  return evaluate("(%x: " + from + ") -> " + from,
                  "%0 = tern.quantise %x : " + from + " to " + to +
                      "\n%1 = tern.dequantise %0 : " + to + "\nreturn %1 : " + from,
                  {tensor({static_cast<int64_t>(numbers.size())}, numbers)});
}

TEST(Reference, QuantiseRoundsTiesToEven) {
  EXPECT_EQ(quantise("8, 2, f32", {127, 2.5, 127, -3.5, 0, 0}), list({127, 2, 127, -4, 0, 0}));
  EXPECT_EQ(quantise("4, 2, f32", {7, -2.5}), list({7, -2}));
  // The scale 1 + 2^-12 is rounded to f16 first, which makes it 1.
  EXPECT_EQ(quantise("8, 2, f16", {127 * (1 + std::ldexp(1, -12)), 64}), list({127, 64}));
}

TEST(Reference, GatherRefusesAnIndexOutsideTheTable) {
  ReferenceModule module(
      R"(func.func @f(%x: tensor<3x2xf32>, %i: tensor<2xi32>) -> tensor<2x2xf32> {
    %0 = tern.gather "vd,t->td" %x, %i : tensor<3x2xf32>, tensor<2xi32>
    return %0 : tensor<2x2xf32>
  })");
  reference::Tensor table = tensor({3, 2}, {1, 2, 3, 4, 5, 6});
  auto results = module.call({table, tensor({2}, {2, 0})});
  ASSERT_EQ(results.size(), 1u) << module.errors();
  EXPECT_EQ(numbersOf(results[0]), list({5, 6, 1, 2}));
  EXPECT_TRUE(module.call({table, tensor({2}, {3, 0})}).empty());
  EXPECT_NE(module.errors().find("reads index 3 of an axis of 3"), std::string::npos);
}

TEST(Reference, BroadcastAndTransposeFollowLetters) {
  EXPECT_EQ(evaluate("(%x: tensor<2xf32>) -> tensor<2x3xf32>",
                     "%0 = tern.broadcast \"t->tk\" %x : tensor<2xf32> to tensor<2x3xf32>\n"
                     "return %0 : tensor<2x3xf32>",
                     {tensor({2}, {1, 2})}),
            list({1, 1, 1, 2, 2, 2}));
  EXPECT_EQ(evaluate("(%x: tensor<1x2x3xf32>) -> tensor<3x1x2xf32>",
                     "%0 = tern.transpose \"abc->cab\" %x : tensor<1x2x3xf32>\n"
                     "return %0 : tensor<3x1x2xf32>",
                     {tensor({1, 2, 3}, {1, 2, 3, 4, 5, 6})}),
            list({1, 4, 2, 5, 3, 6}));
}

TEST(RoundTo, HalfwayGoesToEven) {
  mlir::MLIRContext context;
  auto bf16 = mlir::BFloat16Type::get(&context);
  EXPECT_EQ(reference::roundTo(1 + std::ldexp(1, -8), bf16), 1);
  EXPECT_EQ(reference::roundTo(1 + std::ldexp(3, -8), bf16), 1 + std::ldexp(1, -6));
  EXPECT_EQ(reference::roundTo(-(1 + std::ldexp(3, -8)), bf16), -(1 + std::ldexp(1, -6)));
  // One bit more than half way, far below f32's precision.
  EXPECT_EQ(reference::roundTo(1 + std::ldexp(1, -8) + std::ldexp(1, -40), bf16),
            1 + std::ldexp(1, -7));
}

TEST(RoundTo, SubnormalsLosePrecisionAndNotRange) {
  mlir::MLIRContext context;
  auto f16 = mlir::Float16Type::get(&context);
  EXPECT_EQ(reference::roundTo(std::ldexp(1, -24), f16), std::ldexp(1, -24));
  EXPECT_EQ(reference::roundTo(std::ldexp(1, -25), f16), 0);
  EXPECT_EQ(reference::roundTo(std::ldexp(3, -25), f16), std::ldexp(1, -23));
  EXPECT_EQ(reference::roundTo(std::ldexp(1.5, -15), f16), std::ldexp(1.5, -15));
  auto bf16 = mlir::BFloat16Type::get(&context);
  EXPECT_EQ(reference::roundTo(std::ldexp(1, -133), bf16), std::ldexp(1, -133));
  EXPECT_EQ(reference::roundTo(std::ldexp(1, -134), bf16), 0);
}

TEST(RoundTo, WhatIsTooLargeIsInfinite) {
  mlir::MLIRContext context;
  auto f16 = mlir::Float16Type::get(&context);
  EXPECT_EQ(reference::roundTo(65519, f16), 65504);
  EXPECT_EQ(reference::roundTo(65520, f16), INFINITY);
  EXPECT_EQ(reference::roundTo(-65520, f16), -INFINITY);
}

TEST(RoundTo, IntegersGoTowardZero) {
  mlir::MLIRContext context;
  auto i32 = mlir::IntegerType::get(&context, 32);
  EXPECT_EQ(reference::roundTo(-2.7, i32), -2);
  EXPECT_EQ(reference::roundTo(2.7, i32), 2);
}

} // namespace
