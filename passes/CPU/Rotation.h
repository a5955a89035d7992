// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// tern.rotary, a head of a row at a time: in a kernel on rows, or in one that reads what is turned.
// Products are rounded before they are added, as in the terms that laws of tier B find a rotation
// in.
#ifndef TERN_PASSES_CPU_ROTATION_H
#define TERN_PASSES_CPU_ROTATION_H

#include "passes/CPU/RowTerms.h"

namespace tern::cpu {

class Rotation {
public:
  /// Runs of whole heads and of whole rows of angles can be read from `terms`.
  Rotation(RowTerms &terms, RotaryOp op);

  /// Only vectors first, first + step, ... of each part are this thread's, others are for others.
  void share(Value first, int64_t step) {
    ownVector = first;
    vectorStep = step;
  }

  int64_t heads() const { return headCount; }
  int64_t width() const { return headWidth; }

  /// Writes the head of that number (i64) of the row at hand to `place`, which is the head's own.
  void turn(Value head, const Place &place);

private:
  Value readHead(Value head, Value at, int64_t live);
  void write(Value vector, const Place &place, Value at, int64_t live);
  void forEachVector(int64_t extent, llvm::function_ref<void(Value at, int64_t live)> visit);
  void turnHalves(Value head, const Place &place);
  void turnNeighbours(Value head, const Place &place);
  void copyRest(Value head, const Place &place);

  RowTerms &terms;
  KernelBuilder &k;
  RotaryOp op;
  int64_t headWidth, headCount, planes;
  Value ownVector; ///< null: all are
  int64_t vectorStep = 1;
};

} // namespace tern::cpu

#endif
