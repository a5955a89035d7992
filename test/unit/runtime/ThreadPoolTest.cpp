// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/cpu/ThreadPool.h"

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>

using tern::runtime::ThreadPool;

namespace {

/// Adds 1 to each tile of the range.
void countTiles(void *context, unsigned, int64_t begin, int64_t end) {
  auto *counts = static_cast<std::atomic<int> *>(context);
  for (int64_t tile = begin; tile < end; ++tile)
    counts[tile].fetch_add(1, std::memory_order_relaxed);
}

} // namespace

TEST(ThreadPool, EveryTileRunsOnce) {
  for (unsigned threads : {1u, 2u, 4u}) {
    ThreadPool pool(threads);
    for (int64_t tiles : {0, 1, 2, 3, 7, 64, 1000}) {
      std::vector<std::atomic<int>> counts(1001);
      pool.run(countTiles, counts.data(), tiles);
      for (int64_t tile = 0; tile < 1001; ++tile)
        ASSERT_EQ(counts[size_t(tile)], tile < tiles) << threads << " threads, tile " << tile;
    }
  }
}

TEST(ThreadPool, JobsInQuickSuccessionNeverMix) {
  // Sizes change from job to job, so a thread that is late for one job would
  // take tiles that the next does not have, or has given to another.
  ThreadPool pool(4);
  for (int job = 0; job < 20000; ++job) {
    int64_t tiles = 2 + job * 7 % 61;
    std::vector<std::atomic<int>> counts(64);
    pool.run(countTiles, counts.data(), tiles);
    for (int64_t tile = 0; tile < 64; ++tile)
      ASSERT_EQ(counts[size_t(tile)], tile < tiles) << "job " << job << ", tile " << tile;
  }
}

TEST(ThreadPool, ThreadsHaveNumbersOfTheirOwn) {
  ThreadPool pool(3);
  struct Context {
    std::atomic<int> busy[3]{};
    std::atomic<bool> wrong{false};
  } context;
  for (int job = 0; job < 200; ++job)
    pool.run(
        [](void *given, unsigned thread, int64_t, int64_t) {
          auto &context = *static_cast<Context *>(given);
          if (thread >= 3 || context.busy[thread].fetch_add(1) != 0)
            context.wrong = true;
          else
            context.busy[thread].fetch_sub(1);
        },
        &context, 100);
  EXPECT_FALSE(context.wrong);
}

TEST(ThreadPool, IdleThreadsSleepAndWakeAgain) {
  ThreadPool pool(3);
  auto allSleep = [&] {
    for (int i = 0; i < 1000 && pool.sleeping() < 2; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return pool.sleeping() == 2;
  };
  for (int round = 0; round < 20; ++round) {
    ASSERT_TRUE(allSleep());
    std::vector<std::atomic<int>> counts(100);
    pool.run(countTiles, counts.data(), 100);
    for (auto &count : counts)
      ASSERT_EQ(count, 1);
  }
}
