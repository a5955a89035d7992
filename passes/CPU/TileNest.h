// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_TILENEST_H
#define TERN_PASSES_CPU_TILENEST_H

#include "passes/CPU/KernelSizes.h"

namespace tern::cpu {

/// The loops around the work of a kernel, outermost first. As many of them as a sum of dimensions
/// can count are tiles: all static ones and the first dynamic one; the others run inside a tile.
///
/// A dynamic axis in chunks has a tile for each index, of which those that do not begin a chunk
/// have nothing to do: the number of tiles stays a sum.
class TileNest {
public:
  TileNest(const KernelSizes &sizes, mlir::MLIRContext *context)
      : sizes(sizes), tileCount(ExtentAttr::getConstant(context, 1)) {}

  /// Adds an axis that is visited `chunk` indices at a time.
  void add(ExtentAttr extent, int64_t chunk = 1);

  /// Adds the axis that the lanes run along, innermost: a vector of it is a tile, or, where nobody
  /// knows how many there are, all of them are one.
  void addLanes(ExtentAttr extent, int64_t lanes);

  /// Visits the vectors of a tile along that axis, which begins at `start`.
  void forEachVector(KernelBuilder &kernel, Value start,
                     llvm::function_ref<void(Value at, Value live)> body) const;

  ExtentAttr tiles() const { return tileCount; }

  /// Calls `body` with the first index of each axis' chunk, for every chunk of the tile.
  using Body = llvm::function_ref<void(const Values &starts)>;
  void run(KernelBuilder &kernel, Value tile, Body body) const;

private:
  struct Axis {
    ExtentAttr extent;
    int64_t chunk;
    bool isTiled;
  };
  void visit(KernelBuilder &kernel, size_t number, Values &starts, Body body) const;

  const KernelSizes &sizes;
  ExtentAttr tileCount;
  ExtentAttr lanesExtent;
  llvm::SmallVector<Axis> axes;
};

} // namespace tern::cpu

#endif
