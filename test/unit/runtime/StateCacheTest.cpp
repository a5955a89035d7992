// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/StateCache.h"

#include "runtime/src/device/cpu/CpuDevice.h"

#include <algorithm>
#include <gtest/gtest.h>

using namespace tern::format;
using namespace tern::runtime;

namespace {

class StateCacheTest : public testing::Test {
protected:
  void SetUp() override { ASSERT_FALSE(StateCache::create(device, shape, 4, 2, cache)); }

  /// The block that a step reads (0) or writes (1).
  std::span<float> block(int32_t slot, int which) const {
    auto number = reinterpret_cast<const int32_t *>(cache.tables().data())[2 * slot + which];
    auto *pool = reinterpret_cast<float *>(cache.pool().data());
    return {pool + uint64_t(number) * floats, floats};
  }

  /// A step of the slot, which writes a number everywhere.
  void run(int32_t slot, float number) {
    ASSERT_FALSE(cache.prepare(slot));
    std::ranges::fill(block(slot, 1), number);
    cache.advance(slot);
  }

  static bool isAll(std::span<const float> numbers, float wanted) {
    return std::ranges::all_of(numbers, [&](float number) { return number == wanted; });
  }

  CpuDevice device{1};
  StateClass shape{2, 3, 20};
  size_t floats = shape.blockBytes() / sizeof(float);
  StateCache cache;
};

} // namespace

TEST_F(StateCacheTest, RowsAreRoundedUpTo16) { EXPECT_EQ(shape.blockBytes(), 2u * 3 * 32 * 4); }

TEST_F(StateCacheTest, AStateBeginsWithZeroes) {
  run(3, 1);
  run(3, 2);
  cache.clear(3);
  ASSERT_FALSE(cache.prepare(0));
  EXPECT_TRUE(isAll(block(0, 0), 0));
}

TEST_F(StateCacheTest, AStepReadsWhatTheOneBeforeWrote) {
  run(1, 5);
  ASSERT_FALSE(cache.prepare(1));
  EXPECT_TRUE(isAll(block(1, 0), 5));
  // A step that fails is not followed by advance.
  std::ranges::fill(block(1, 1), 7.0f);
  EXPECT_TRUE(isAll(block(1, 0), 5));
  run(1, 9);
  EXPECT_TRUE(isAll(block(1, 0), 9));
}

TEST_F(StateCacheTest, NoBlockHasTwoOwners) {
  run(0, 1);
  run(2, 2);
  run(0, 3);
  std::ranges::fill(block(0, 1), 4.0f);
  EXPECT_TRUE(isAll(block(0, 0), 3));
  EXPECT_TRUE(isAll(block(2, 0), 2));
}

TEST_F(StateCacheTest, WhatDoesNotFitIsRefused) {
  run(0, 1);
  EXPECT_EQ(cache.bytesInUse(), 2 * shape.blockBytes());
  run(1, 1);
  Error error = cache.prepare(2);
  ASSERT_TRUE(error);
  EXPECT_EQ(error.code(), TERN_OUT_OF_MEMORY);
  EXPECT_EQ(error.message(), "the cache is full: it has room for the states of 2 sequences, of "
                             "1536 bytes each");
  EXPECT_EQ(cache.bytesInUse(), 4 * shape.blockBytes());
  cache.clear(0);
  run(2, 1);
  EXPECT_TRUE(isAll(block(1, 0), 1));
  for (int32_t slot : {1, 2, 3})
    cache.clear(slot);
  EXPECT_EQ(cache.bytesInUse(), 0u);
}

TEST_F(StateCacheTest, AnAddressSpaceIsNotExceeded) {
  StateClass large{1 << 20, 1 << 20, 1 << 20};
  Error error = StateCache::create(device, large, 64, 64, cache);
  ASSERT_TRUE(error);
  EXPECT_EQ(error.message(), "states of 64 sequences exceed the address space");
}
