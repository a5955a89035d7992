// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Plan/Arena.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

namespace tern::plan {

llvm::SmallVector<int64_t> placeIntervals(llvm::ArrayRef<Interval> intervals, int64_t &total) {
  llvm::SmallVector<int64_t> offsets;
  total = 0;
  for (const Interval &interval : intervals) {
    llvm::SmallVector<std::pair<int64_t, int64_t>> taken;
    for (auto [other, offset] : llvm::zip(intervals, offsets))
      if (other.first <= interval.last && interval.first <= other.last)
        taken.push_back({offset, offset + other.bytes});
    llvm::sort(taken);
    int64_t offset = 0;
    for (auto [start, end] : taken) {
      if (offset + interval.bytes <= start)
        break;
      offset = std::max<int64_t>(offset, llvm::alignTo(end, 64));
    }
    offsets.push_back(offset);
    total = std::max<int64_t>(total, llvm::alignTo(offset + interval.bytes, 64));
  }
  return offsets;
}

} // namespace tern::plan
