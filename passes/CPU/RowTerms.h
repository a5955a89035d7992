// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The terms of a dispatch on rows, computed a vector at a time on demand.
//
// A kernel of schema `rows` runs a tile for each row: each index of the first axis of its results.
// A term is read in one of two roles: as a row (its own first axis is that of the tile, and what
// counts is the rest, flattened) or as a whole (it has no such axis, or the dispatch is static and
// of rank 1 at most, and then has one tile). Element-wise terms are computed where they are read;
// reductions and rotations are computed before, by the passes of Rows.cpp.
#ifndef TERN_PASSES_CPU_ROWTERMS_H
#define TERN_PASSES_CPU_ROWTERMS_H

#include "passes/CPU/Constants.h"
#include "passes/CPU/DispatchBuffers.h"
#include "passes/CPU/KernelBuilder.h"
#include "passes/CPU/Schema.h"

#include <optional>

namespace tern::cpu {

enum class Role { Row, Whole };
/// A value of the dispatch's body in a role.
using Term = std::pair<Value, Role>;

/// Neighbouring elements of a term: `live` of them from outer * extent + inner on, all of one
/// multiple of `extent`. A splat run is one element in every lane.
struct Run {
  Value outer; // i64; null stands for 0
  Value inner; // i64; null stands for 0
  int64_t extent = 1;
  int64_t live = 1;
  bool isSplat = false;
};

/// How an operand of a broadcast is read: element (i / repeat) % size for element i.
struct Spread {
  Role role;
  int64_t size, repeat;
};

/// How an operand of a slice is read: of each `from` elements, `count` from `offset` on.
struct Window {
  int64_t from, offset, count;
};

/// Elements of a term: of one row, or of the whole.
int64_t sizeOf(Term term);
/// The operand's role where it is element-wise: a scalar is read as a whole.
Term operandTerm(Value operand, Role role);
/// Fails where the letters of the operand are not neighbours in the result.
mlir::FailureOr<Spread> spreadOf(BroadcastOp op, Role role);
Window windowOf(SliceOp op);
/// Neighbouring elements that a reduction or norm (an operation on axes) folds into one; fails
/// unless they are the last axes, and none is the rows'.
mlir::FailureOr<int64_t> foldedSize(mlir::Operation *op, Role role);

/// A number for each group of `group` neighbours: one vector of it, or the numbers in memory.
struct Statistic {
  Value splat;
  Place place;
};

/// A term that is (source - shift) * scale.
struct Normalised {
  Term operand;
  /// Where the source lies; without it the source is the operand.
  std::optional<Place> source;
  int64_t group;
  std::optional<Statistic> shift;
  Statistic scale;
};

class RowTerms {
public:
  RowTerms(KernelBuilder &kernel, DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
           llvm::StringRef kernelName, mlir::ModuleOp module);

  /// Starts a tile: a row, or the only tile (null).
  void beginTile(Value number);
  /// Forgets what was computed: what follows stands in another loop.
  void beginChunk() { computed.clear(); }

  /// The elements of a run, in lanes of f32 or i32. Lanes that are not live hold anything.
  Value read(Term term, const Run &run);
  /// The first lanes of `vector` to memory, rounded to the element type.
  void write(Value vector, const Place &place, const Run &run);

  /// From now on the term is read from memory.
  void setPlace(Term term, Place place) { places[key(term)] = place; }
  const Place *placeOf(Term term) const;
  /// From now on the term is this number in every lane.
  void setSplat(Term term, Value vector) { splats[key(term)] = vector; }
  void setNormalised(Term term, Normalised form) { normalised[key(term)] = form; }

  // What a term needs of the loops that read it.

  /// The largest divisor of `extent` such that runs inside its multiples can be read.
  int64_t granuleOf(Term term, int64_t extent) const;
  /// True if the term is worth keeping in memory rather than computing twice.
  bool isCostly(Term term) const;
  /// True if reading the term is a load, or less.
  bool isAtHand(Term term) const;

  /// Row `row` of a result.
  Place resultPlace(unsigned result);

  Value flatIndex(const Run &run);
  Value addressOf(const Place &place, const Run &run);
  KernelBuilder &kernel() { return k; }

private:
  using Key = std::pair<Value, unsigned>;
  static Key key(Term term) { return {term.first, static_cast<unsigned>(term.second)}; }
  /// By term and extent.
  using Granules = llvm::DenseMap<std::pair<Key, int64_t>, int64_t>;
  int64_t granuleOf(Term term, int64_t extent, Granules &known) const;
  int64_t computeGranule(Term term, int64_t extent, Granules &known) const;
  bool isCostly(Term term, llvm::DenseSet<Key> &seen) const;

  Value compute(Term term, const Run &run);
  Value readPlace(const Place &place, const Run &run);
  Value readInput(mlir::BlockArgument input, Role role, const Run &run);
  Value readConstant(ConstantOp op, const Run &run);
  Value readGather(GatherOp op, const Run &run);
  Value readBroadcast(BroadcastOp op, Role role, const Run &run);
  Value readSlice(SliceOp op, Role role, const Run &run);
  Value readNormalised(const Normalised &form, const Run &run);
  Run regroup(const Run &run, int64_t extent);
  Place rowPlace(Value base, int64_t stride, mlir::RankedTensorType type);

  KernelBuilder &k;
  DispatchOp dispatch;
  llvm::ArrayRef<Layout> layouts;
  Constants constants;
  DispatchBuffers buffers;
  Values inputBases, resultBases;
  Value row;
  llvm::DenseMap<Key, Place> places;
  llvm::DenseMap<Key, Value> splats;
  llvm::DenseMap<Key, Normalised> normalised;
  /// What the chunk at hand has computed, by term and run.
  struct Computed {
    Key key;
    Run run;
    Value value;
  };
  llvm::SmallVector<Computed> computed;
};

} // namespace tern::cpu

#endif
