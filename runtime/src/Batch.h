// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tern::runtime {

/// Rows whose logits a caller wants of the tokens that it feeds.
enum class Wanted { None, Last, All };

/// Tokens for one sequence, and how many of them are done.
struct Feed {
  int32_t slot;
  int64_t start; ///< position of the first token
  std::span<const int32_t> tokens;
  Wanted wanted;
  int64_t done = 0;

  int64_t left() const { return static_cast<int64_t>(tokens.size()) - done; }
};

/// What one step can hold.
struct BatchLimits {
  int64_t rows, entries, logitRows;
};

/// The inputs of one step.
struct Batch {
  /// A run of rows of one feed.
  struct Entry {
    Feed *feed;
    int64_t rows;
  };

  std::vector<Entry> entries;
  /// `lengths`: of each row's sequence when its feed is done.
  std::vector<int32_t> tokens, positions, lengths, rowEntry, rowStart, slot, logitRows;

  /// The next step of the feeds: as many rows as the limits allow, feed by
  /// feed. No rows if all is done. Does not mark the rows as done.
  static Batch next(std::span<Feed> feeds, const BatchLimits &limits);

private:
  void add(Feed &feed, int64_t rows);
};

} // namespace tern::runtime
