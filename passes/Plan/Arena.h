// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_PLAN_ARENA_H
#define TERN_PASSES_PLAN_ARENA_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>

namespace tern::plan {

/// Memory that is alive from the command `first` to the command `last`, both included.
struct Interval {
  int64_t bytes;
  int64_t first, last;
};

/// An offset for each interval, each a multiple of 64, such that those alive together do not
/// overlap: the lowest that is free, in the order of the intervals. `total` is where the memory
/// ends.
llvm::SmallVector<int64_t> placeIntervals(llvm::ArrayRef<Interval> intervals, int64_t &total);

} // namespace tern::plan

#endif
