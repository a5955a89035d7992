// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/cpu/ThreadPool.h"

#include <algorithm>
#include <climits>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tern::runtime {

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t) &&
              std::atomic<uint32_t>::is_always_lock_free);

/// The first tile of a job that is being written: above any number of tiles.
static constexpr uint64_t closed = UINT32_MAX;

static void futexWait(std::atomic<uint32_t> &word, uint32_t value) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}

static void futexWake(std::atomic<uint32_t> &word) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

static void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

ThreadPool::ThreadPool(unsigned threads) {
  workers.reserve(threads);
  for (unsigned thread = 1; thread < threads; ++thread)
    workers.emplace_back([this, thread] { serve(thread); });
}

ThreadPool::~ThreadPool() {
  stopping.store(true);
  newest.fetch_add(1);
  futexWake(newest);
  for (std::thread &worker : workers)
    worker.join();
}

void ThreadPool::serve(unsigned thread) {
  for (uint32_t job = 0;;) {
    job = awaitJob(job);
    if (stopping.load())
      return;
    work(job, thread);
  }
}

uint32_t ThreadPool::awaitJob(uint32_t last) {
  for (int i = 0; i < spins; ++i) {
    if (uint32_t job = newest.load(std::memory_order_acquire); job != last)
      return job;
    pause();
  }
  for (;;) {
    sleepers.fetch_add(1);
    if (newest.load() == last)
      futexWait(newest, last);
    sleepers.fetch_sub(1);
    if (uint32_t job = newest.load(std::memory_order_acquire); job != last)
      return job;
  }
}

void ThreadPool::work(uint32_t job, unsigned thread) {
  for (;;) {
    uint64_t seen = next.load(std::memory_order_acquire);
    if (static_cast<uint32_t>(seen >> 32) != job)
      return;
    auto begin = static_cast<int64_t>(seen & UINT32_MAX);
    // Acquire: whoever sees a newer job's numbers also sees `next` closed
    // below, so that the exchange fails.
    int64_t count = tiles.load(std::memory_order_acquire);
    int64_t step = chunk.load(std::memory_order_acquire);
    if (begin >= count)
      return;
    if (!next.compare_exchange_weak(seen, seen + static_cast<uint64_t>(step)))
      continue;
    int64_t end = std::min(begin + step, count);
    task.load(std::memory_order_relaxed)(context.load(std::memory_order_relaxed), thread, begin,
                                         end);
    auto done = static_cast<uint32_t>(end - begin);
    if (remaining.fetch_sub(done) == done && callerSleeps.load())
      futexWake(remaining);
  }
}

void ThreadPool::awaitDone() {
  for (int i = 0; i < spins; ++i) {
    if (remaining.load(std::memory_order_acquire) == 0)
      return;
    pause();
  }
  callerSleeps.store(true);
  while (uint32_t left = remaining.load())
    futexWait(remaining, left);
  callerSleeps.store(false);
}

void ThreadPool::run(Task newTask, void *newContext, int64_t newTiles) {
  if (workers.empty() || newTiles <= 1) {
    if (newTiles > 0)
      newTask(newContext, 0, 0, newTiles);
    return;
  }
  uint32_t job = newest.load(std::memory_order_relaxed) + 1;
  next.store(uint64_t(job) << 32 | closed);
  task.store(newTask, std::memory_order_relaxed);
  context.store(newContext, std::memory_order_relaxed);
  tiles.store(newTiles, std::memory_order_release);
  // Eight chunks a thread: a slow thread holds the others up for an eighth.
  chunk.store(std::max<int64_t>(1, newTiles / (8 * int64_t(size()))), std::memory_order_release);
  remaining.store(static_cast<uint32_t>(newTiles));
  next.store(uint64_t(job) << 32, std::memory_order_release);
  newest.store(job);
  if (sleepers.load() > 0)
    futexWake(newest);
  work(job, 0);
  awaitDone();
}

} // namespace tern::runtime
