// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/Batch.h"

#include <algorithm>

namespace tern::runtime {

/// The rows of the feed that fit, given what is left of the limits.
static int64_t countRows(const Feed &feed, const BatchLimits &left) {
  int64_t rows = std::min(feed.left(), left.rows);
  if (feed.wanted == Wanted::All)
    rows = std::min(rows, left.logitRows);
  // The last row waits for a step that can hold its logits.
  if (feed.wanted == Wanted::Last && rows == feed.left() && left.logitRows == 0)
    --rows;
  return rows;
}

void Batch::add(Feed &feed, int64_t rows) {
  auto entry = static_cast<int32_t>(entries.size());
  entries.push_back({&feed, rows});
  slot.push_back(feed.slot);
  for (int64_t i = feed.done; i < feed.done + rows; ++i) {
    bool last = i + 1 == static_cast<int64_t>(feed.tokens.size());
    if (feed.wanted == Wanted::All || (feed.wanted == Wanted::Last && last))
      logitRows.push_back(static_cast<int32_t>(tokens.size()));
    tokens.push_back(feed.tokens[size_t(i)]);
    positions.push_back(static_cast<int32_t>(feed.start + i));
    lengths.push_back(static_cast<int32_t>(feed.start + static_cast<int64_t>(feed.tokens.size())));
    rowEntry.push_back(entry);
  }
  rowStart.push_back(static_cast<int32_t>(tokens.size()));
}

Batch Batch::next(std::span<Feed> feeds, const BatchLimits &limits) {
  Batch batch;
  batch.rowStart.push_back(0);
  for (Feed &feed : feeds) {
    BatchLimits left{limits.rows - static_cast<int64_t>(batch.tokens.size()),
                     limits.entries - static_cast<int64_t>(batch.entries.size()),
                     limits.logitRows - static_cast<int64_t>(batch.logitRows.size())};
    if (left.rows == 0 || left.entries == 0)
      break;
    if (int64_t rows = countRows(feed, left); rows > 0)
      batch.add(feed, rows);
  }
  return batch;
}

} // namespace tern::runtime
