// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace tern::runtime {

/// Runs ranges of tiles on a fixed set of threads, the caller's among them.
/// Idle threads spin for a few microseconds, then sleep. Which thread takes
/// which tiles is left to chance: tiles are independent.
class ThreadPool {
public:
  /// `thread` counts from 0, the caller's, to size() - 1.
  using Task = void (*)(void *context, unsigned thread, int64_t begin, int64_t end);

  explicit ThreadPool(unsigned threads);
  ~ThreadPool();

  unsigned size() const { return static_cast<unsigned>(workers.size()) + 1; }

  /// Returns when all tiles, fewer than 2^31, are done. One caller at a time.
  void run(Task task, void *context, int64_t tiles);

  /// Threads that sleep now.
  unsigned sleeping() const { return sleepers.load(); }

private:
  void serve(unsigned thread);
  uint32_t awaitJob(uint32_t last);
  void work(uint32_t job, unsigned thread);
  void awaitDone();

  /// 200 pauses are 4 to 14 microseconds: longer than the gap between two
  /// launches, shorter than what a descheduled vCPU would lose.
  static constexpr int spins = 200;

  std::vector<std::thread> workers;

  // A job. Written only while `next` is closed.
  std::atomic<Task> task{nullptr};
  std::atomic<void *> context{nullptr};
  std::atomic<int64_t> tiles{0};
  std::atomic<int64_t> chunk{1};

  alignas(64) std::atomic<uint32_t> newest{0}; ///< number of the newest job; a futex
  std::atomic<uint32_t> sleepers{0};
  std::atomic<bool> stopping{false};

  /// The job's number, then the first tile that nobody took. A late thread
  /// finds another number and takes nothing.
  alignas(64) std::atomic<uint64_t> next{0};

  alignas(64) std::atomic<uint32_t> remaining{0}; ///< tiles not done yet; a futex
  std::atomic<bool> callerSleeps{false};
};

} // namespace tern::runtime
