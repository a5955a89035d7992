// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/BlockCache.h"

#include "runtime/src/device/cpu/CpuDevice.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace tern::format;
using namespace tern::runtime;

namespace {

class BlockCacheTest : public testing::Test {
protected:
  void SetUp() override {
    shape.blockBytes = shape.leastBlockBytes();
    ASSERT_FALSE(BlockCache::create(device, shape, 2, 0, cache));
  }

  void append(int32_t slot, int32_t rows) {
    ASSERT_FALSE(cache.prepare(slot, rows));
    for (int32_t &length : cache.lengths(slot))
      length += rows;
  }

  int32_t blockOf(int32_t slot, int32_t unit, int32_t block) const {
    return reinterpret_cast<const int32_t *>(
        cache.tables().data())[(slot * 4 + unit) * shape.maxBlocks + block];
  }

  CpuDevice device{1};
  CacheClass shape{2, 2, 4, 16, ElementType::F32, 64, 0, 3};
  BlockCache cache;
};

} // namespace

TEST_F(BlockCacheTest, BlocksAreTakenWhenASlotIsNeeded) {
  append(0, 1);
  EXPECT_EQ(cache.blocksInUse(), 4u);
  append(0, 63);
  EXPECT_EQ(cache.blocksInUse(), 4u);
  append(0, 1);
  EXPECT_EQ(cache.blocksInUse(), 8u);
  append(1, 129);
  EXPECT_EQ(cache.blocksInUse(), 20u);
  EXPECT_EQ(cache.bytesInUse(), 20 * shape.blockBytes);
}

TEST_F(BlockCacheTest, NoBlockHasTwoOwners) {
  append(0, 150);
  append(1, 100);
  std::vector<bool> seen(24);
  for (int32_t slot : {0, 1})
    for (int32_t unit = 0; unit < 4; ++unit)
      for (int32_t block = 0; block < (slot ? 2 : 3); ++block) {
        int32_t number = blockOf(slot, unit, block);
        ASSERT_FALSE(seen[size_t(number)]);
        seen[size_t(number)] = true;
      }
}

TEST_F(BlockCacheTest, ATakenBlockIsZero) {
  append(0, 64);
  std::memset(cache.pool().data(), 0xff, 4 * shape.blockBytes);
  cache.clear(0);
  append(1, 1);
  for (uint64_t i = 0; i < 4 * shape.blockBytes; ++i)
    ASSERT_EQ(cache.pool()[i], std::byte(0)) << i;
}

TEST_F(BlockCacheTest, EvictedTailsAreFreeForOthers) {
  append(0, 130);
  EXPECT_EQ(cache.blocksInUse(), 12u);
  cache.lengths(0)[1] = 64;
  cache.lengths(0)[2] = 0;
  int32_t freed = blockOf(0, 1, 1);
  cache.trim(0);
  EXPECT_EQ(cache.blocksInUse(), 12u - 2 - 3);
  append(1, 1);
  bool taken = false;
  for (int32_t unit = 0; unit < 4; ++unit)
    taken |= blockOf(1, unit, 0) == freed;
  EXPECT_TRUE(taken);
}

TEST_F(BlockCacheTest, AClearedSlotHoldsNothing) {
  append(0, 100);
  append(1, 100);
  cache.clear(0);
  EXPECT_EQ(cache.blocksInUse(), 8u);
  for (int32_t length : cache.lengths(0))
    EXPECT_EQ(length, 0);
  for (int32_t length : cache.lengths(1))
    EXPECT_EQ(length, 100);
}

TEST_F(BlockCacheTest, MoreThanASequenceCanHoldIsRefused) {
  append(0, 192);
  Error error = cache.prepare(0, 1);
  ASSERT_TRUE(error);
  EXPECT_EQ(error.message(), "192 slots in the cache and 1 more exceed its 3 blocks of 64");
}

TEST_F(BlockCacheTest, AFullPoolIsRefusedAndTakesNothing) {
  BlockCache small;
  ASSERT_FALSE(BlockCache::create(device, shape, 2, 6 * shape.blockBytes, small));
  ASSERT_FALSE(small.prepare(0, 64));
  Error error = small.prepare(1, 1);
  ASSERT_TRUE(error);
  EXPECT_EQ(error.code(), TERN_OUT_OF_MEMORY);
  EXPECT_NE(error.message().find("4 more blocks"), std::string::npos);
  EXPECT_NE(error.message().find("2 of 6 are free"), std::string::npos);
  EXPECT_EQ(small.blocksInUse(), 4u);
}

TEST_F(BlockCacheTest, MoreThanTheAddressSpaceIsRefused) {
  BlockCache huge;
  CacheClass large = shape;
  large.layers = large.heads = large.maxBlocks = 1 << 20;
  Error error = BlockCache::create(device, large, 2, 0, huge);
  ASSERT_TRUE(error);
  EXPECT_EQ(error.code(), TERN_OUT_OF_MEMORY);
}
