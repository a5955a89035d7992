// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

namespace tern::runtime::emulator {

/// Hands out CTAs in order and knows how many of the first have ended.
class Turn {
public:
  Turn(uint64_t first, uint64_t step, uint64_t end) : at(first), step(step), end(end) {}

  /// The next CTA, or false if there is none or one before it has failed.
  bool take(uint64_t &number);

  void finish(uint64_t number, bool failed);

  /// Returns when all CTAs before `number` have ended.
  void await(uint64_t number);

  /// The first CTA that failed, or the number behind the last.
  uint64_t failure();

private:
  std::mutex mutex;
  std::condition_variable changed;
  uint64_t at, step, end;
  uint64_t failed = ~uint64_t{0};
  std::vector<uint64_t> running;
};

} // namespace tern::runtime::emulator
