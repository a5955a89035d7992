// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/Batch.h"

#include <gtest/gtest.h>

using namespace tern::runtime;

using Ints = std::vector<int32_t>;

static const Ints text{10, 11, 12, 13, 14};

/// Runs the feeds to their end; rows of each step.
static std::vector<size_t> stepSizes(std::span<Feed> feeds, const BatchLimits &limits) {
  std::vector<size_t> sizes;
  for (;;) {
    Batch batch = Batch::next(feeds, limits);
    if (batch.tokens.empty())
      return sizes;
    EXPECT_LE(batch.logitRows.size(), size_t(limits.logitRows));
    EXPECT_LE(batch.entries.size(), size_t(limits.entries));
    sizes.push_back(batch.tokens.size());
    for (auto &entry : batch.entries)
      entry.feed->done += entry.rows;
  }
}

TEST(Batch, RaggedFeedsLieSideBySide) {
  Feed feeds[] = {{2, 0, std::span(text).first(2), Wanted::Last},
                  {0, 7, std::span(text).last(1), Wanted::None},
                  {1, 3, std::span(text).first(3), Wanted::All}};
  Batch batch = Batch::next(feeds, {8, 3, 4});
  EXPECT_EQ(batch.tokens, (Ints{10, 11, 14, 10, 11, 12}));
  EXPECT_EQ(batch.positions, (Ints{0, 1, 7, 3, 4, 5}));
  EXPECT_EQ(batch.rowEntry, (Ints{0, 0, 1, 2, 2, 2}));
  EXPECT_EQ(batch.rowStart, (Ints{0, 2, 3, 6}));
  EXPECT_EQ(batch.slot, (Ints{2, 0, 1}));
  EXPECT_EQ(batch.logitRows, (Ints{1, 3, 4, 5}));
}

TEST(Batch, StepsHoldNoMoreThanTheirLimits) {
  Feed rows[] = {{0, 0, text, Wanted::Last}, {1, 0, text, Wanted::Last}};
  EXPECT_EQ(stepSizes(rows, {4, 2, 2}), (std::vector<size_t>{4, 4, 2}));
  Feed entries[] = {{0, 0, text, Wanted::None}, {1, 0, text, Wanted::None}};
  EXPECT_EQ(stepSizes(entries, {8, 1, 2}), (std::vector<size_t>{5, 5}));
  Feed all[] = {{0, 0, text, Wanted::All}};
  EXPECT_EQ(stepSizes(all, {8, 1, 2}), (std::vector<size_t>{2, 2, 1}));
}

TEST(Batch, ALastRowWaitsForRoomForItsLogits) {
  Feed feeds[] = {{0, 0, std::span(text).first(1), Wanted::Last}, {1, 0, text, Wanted::Last}};
  EXPECT_EQ(stepSizes(feeds, {8, 2, 1}), (std::vector<size_t>{5, 1}));
}
