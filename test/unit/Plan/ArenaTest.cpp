// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Plan/Arena.h"

#include <gtest/gtest.h>

#include <random>

namespace tern::plan {
namespace {

TEST(Arena, MemoryIsUsedAgainAfterItsLastUse) {
  Interval intervals[] = {{64, 0, 1}, {64, 1, 2}, {64, 2, 3}};
  int64_t total = 0;
  auto offsets = placeIntervals(intervals, total);
  EXPECT_EQ(offsets[0], 0);
  EXPECT_EQ(offsets[1], 64);
  EXPECT_EQ(offsets[2], 0);
  EXPECT_EQ(total, 128);
}

TEST(Arena, SharingOneCommandIsBeingAliveTogether) {
  Interval intervals[] = {{64, 0, 1}, {64, 1, 1}};
  int64_t total = 0;
  auto offsets = placeIntervals(intervals, total);
  EXPECT_NE(offsets[0], offsets[1]);
}

TEST(Arena, AGapTooSmallIsPassedOver) {
  Interval intervals[] = {{64, 0, 9}, {64, 0, 1}, {64, 0, 9}, {128, 2, 3}};
  int64_t total = 0;
  auto offsets = placeIntervals(intervals, total);
  EXPECT_EQ(offsets[3], 192);
  EXPECT_EQ(total, 320);
}

TEST(Arena, NothingAliveTogetherOverlapsAndAllIsAligned) {
  std::mt19937 random(7);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<Interval> intervals;
    for (int i = 0; i < 30; ++i) {
      int64_t first = random() % 20, last = first + random() % 6;
      intervals.push_back({static_cast<int64_t>(random() % 1000), first, last});
    }
    int64_t total = 0;
    auto offsets = placeIntervals(intervals, total);
    for (size_t i = 0; i < intervals.size(); ++i) {
      EXPECT_EQ(offsets[i] % 64, 0);
      EXPECT_LE(offsets[i] + intervals[i].bytes, total);
      for (size_t j = 0; j < i; ++j) {
        bool together =
            intervals[i].first <= intervals[j].last && intervals[j].first <= intervals[i].last;
        bool apart = offsets[i] + intervals[i].bytes <= offsets[j] ||
                     offsets[j] + intervals[j].bytes <= offsets[i];
        EXPECT_TRUE(!together || apart);
      }
    }
  }
}

} // namespace
} // namespace tern::plan
