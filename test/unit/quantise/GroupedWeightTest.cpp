// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/quantise/GroupedWeight.h"

#include <gtest/gtest.h>

namespace tern::quantise {
namespace {

Row rowOf(std::initializer_list<double> values) {
  Row row(int64_t(values.size()));
  std::ranges::copy(values, row.begin());
  return row;
}

TEST(Grid, ReachesFromTheLeastToTheLargest) {
  Grid grid = fitGrid(rowOf({-5, 0.25, 10}), {4, 3, false});
  EXPECT_EQ(grid.scale, 1);
  EXPECT_EQ(grid.zero, 5);
  EXPECT_EQ(grid.numberOf(grid.codeOf(-5)), -5);
  EXPECT_EQ(grid.numberOf(grid.codeOf(10)), 10);
  EXPECT_EQ(grid.codeOf(-99), 0);
  EXPECT_EQ(grid.codeOf(99), 15);
}

TEST(Grid, HoldsZeroThoughAllValuesAreLarger) {
  Grid grid = fitGrid(rowOf({7.5, 15}), {4, 2, false});
  EXPECT_EQ(grid.scale, 1);
  EXPECT_EQ(grid.zero, 0);
}

TEST(Grid, IsSymmetricAroundTheMiddleCode) {
  for (double sign : {-1.0, 1.0}) {
    Grid grid = fitGrid(rowOf({sign * 7.5, 1}), {4, 2, true});
    EXPECT_EQ(grid.scale, 1);
    EXPECT_EQ(grid.zero, 8);
  }
}

TEST(Grid, TakesTheEvenOneOfTwoNumbersAsNear) {
  Grid grid = fitGrid(rowOf({-5, 10}), {4, 2, false});
  EXPECT_EQ(grid.numberOf(grid.codeOf(0.5)), 0);
  EXPECT_EQ(grid.numberOf(grid.codeOf(1.5)), 2);
}

TEST(Grid, HasAScaleThatF16Holds) {
  EXPECT_EQ(fitGrid(rowOf({1e-12, 0}), {4, 2, false}).scale, 0x1p-24);
  EXPECT_EQ(fitGrid(rowOf({1e9, 0}), {4, 2, false}).scale, 65504);
  EXPECT_EQ(fitGrid(rowOf({0, 0}), {4, 2, false}).codeOf(0), 0);
  double third = fitGrid(rowOf({5, 0}), {4, 2, false}).scale;
  EXPECT_EQ(third, double(_Float16(1 / 3.0f)));
}

} // namespace
} // namespace tern::quantise
