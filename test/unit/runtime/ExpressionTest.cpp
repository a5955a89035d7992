// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Expression.h"

#include <gtest/gtest.h>

using namespace tern::format;

static Expression c(int64_t value) { return Expression::constant(value); }
static const Expression T = Expression::dim(0), B = Expression::dim(1);
static const std::vector<std::string> names{"T", "B"};

TEST(Expression, EvaluatesEachOperation) {
  int64_t dims[] = {-7, 2};
  EXPECT_EQ((T + B).evaluate(dims), -5);
  EXPECT_EQ((T - B).evaluate(dims), -9);
  EXPECT_EQ((T * B).evaluate(dims), -14);
  EXPECT_EQ(floorDiv(T, B).evaluate(dims), -4);
  EXPECT_EQ(ceilDiv(T, B).evaluate(dims), -3);
  EXPECT_EQ(min(T, B).evaluate(dims), -7);
  EXPECT_EQ(max(T, B).evaluate(dims), 2);
}

TEST(Expression, DivisionRoundsTowardsItsNameOnBothSidesOfZero) {
  int64_t dims[] = {7, 2};
  EXPECT_EQ(floorDiv(T, B).evaluate(dims), 3);
  EXPECT_EQ(ceilDiv(T, B).evaluate(dims), 4);
  int64_t even[] = {-8, 2};
  EXPECT_EQ(floorDiv(T, B).evaluate(even), -4);
  EXPECT_EQ(ceilDiv(T, B).evaluate(even), -4);
}

TEST(Expression, UndefinedResultsHaveNoValue) {
  int64_t large[] = {INT64_MAX, 0};
  EXPECT_FALSE((T + c(1)).evaluate(large));
  EXPECT_FALSE((T * c(2)).evaluate(large));
  EXPECT_FALSE((c(-2) - T).evaluate(large));
  EXPECT_FALSE(floorDiv(T, B).evaluate(large));
  EXPECT_FALSE(ceilDiv(T, B).evaluate(large));
  EXPECT_FALSE(floorDiv(T, c(-1)).evaluate(large));
}

TEST(Expression, ConstantsFoldUnlessUndefined) {
  EXPECT_EQ(c(6) * c(7), c(42));
  EXPECT_EQ(floorDiv(c(6), c(0)).code.size(), 3u);
}

TEST(Expression, PrintsWithFewParentheses) {
  EXPECT_EQ((c(4) * (T + c(1))).print(names), "4 * (T + 1)");
  EXPECT_EQ((c(4) * T + B).print(names), "4 * T + B");
  EXPECT_EQ((T - (B - c(1))).print(names), "T - (B - 1)");
  EXPECT_EQ(ceilDiv(T + B, c(64)).print(names), "ceildiv(T + B, 64)");
  EXPECT_EQ((T * c(-2)).print(names), "T * (-2)");
}

TEST(Expression, RefusesCodeThatIsNotOneValue) {
  using Op = Expression::Op;
  EXPECT_TRUE((T + B).isWellFormed(2));
  EXPECT_FALSE(Expression{}.isWellFormed(2));
  EXPECT_FALSE((Expression{{{Op::Add}}}.isWellFormed(2)));
  EXPECT_FALSE((Expression{{{Op::Dim, 0}, {Op::Add}}}.isWellFormed(2)));
  EXPECT_FALSE((Expression{{{Op::Dim, 0}, {Op::Dim, 0}}}.isWellFormed(2)));
  EXPECT_FALSE((Expression{{{static_cast<Op>(9), 0}}}.isWellFormed(2)));
  EXPECT_FALSE(B.isWellFormed(1));
  EXPECT_FALSE(Expression::dim(UINT32_MAX).isWellFormed(1));
}

TEST(Expression, RefusesMoreDepthThanTheEvaluatorHas) {
  Expression deep;
  for (size_t i = 0; i < Expression::maxDepth; ++i)
    deep.code.push_back({Expression::Op::Constant, 1});
  for (size_t i = 1; i < Expression::maxDepth; ++i)
    deep.code.push_back({Expression::Op::Add});
  EXPECT_TRUE(deep.isWellFormed(0));
  EXPECT_EQ(deep.evaluate({}), int64_t(Expression::maxDepth));
  deep.code.insert(deep.code.begin(), {Expression::Op::Constant, 1});
  deep.code.push_back({Expression::Op::Add});
  EXPECT_FALSE(deep.isWellFormed(0));
}
