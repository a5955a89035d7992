// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What kernels of attention over a cache share: which slots a line, a head of a row, sees, and how
// the sums of two parts of them become one.
#ifndef TERN_PASSES_NVPTX_ATTENTIONLINE_H
#define TERN_PASSES_NVPTX_ATTENTIONLINE_H

#include "passes/CPU/Epilogue.h"
#include "passes/NVPTX/AttentionSpec.h"

namespace tern::nvptx {

/// What a hidden slot scores, and the least maximum: 2^(hidden - least) is 0.
inline constexpr double kHidden = -1e38, kLeast = -1e29;

class AttentionLine {
protected:
  using Value = mlir::Value;
  using IntPredicate = cpu::KernelBuilder::IntPredicate;

  /// KernelInfo::sizes has so many sums.
  AttentionLine(cpu::KernelBuilder &kernel, const AttentionSpec &spec,
                const cpu::DispatchBuffers &buffers, unsigned sums);

  /// Entry number / key heads, and key head number % key heads.
  void beginTile(Value number);

  // The lines of a tile are the queries of the head's group, row by row.
  Value rowOf(Value line) { return k.add(tile.firstRow, k.div(line, spec.group)); }
  Value headOf(Value line) { return k.add(k.mul(tile.head, spec.group), k.rem(line, spec.group)); }
  /// A line's number among those of all rows.
  Value numberOf(Value line) { return k.add(k.mul(rowOf(line), spec.heads()), headOf(line)); }

  /// The slots of a row's own token and before.
  Value limitOf(Value row) { return k.sub(length, k.sub(k.sub(tile.rowLimit, 1), row)); }
  /// The position before the window of a row, i32.
  Value oldestOf(Value row);
  /// The blocks, from one number to before another, that rows `first` to `last` see.
  std::pair<Value, Value> blocksOf(Value first, Value last);
  /// The chunks that these blocks are of.
  std::pair<Value, Value> chunksOf(Value begin, Value end);
  Value recordOf(Value line, Value chunk);

  Value number(double value) { return k.constant(k.f32(), value); }
  /// As the schema for lanes computes it, or on tensor cores as fast as it goes.
  Value exp2(Value x);

  /// A line's largest score, in units of log2, its sum, and weighted values.
  struct Sums {
    Value largest, total;
    cpu::Values values;
  };
  /// m' = max(m, n): what was there counts 2^(m - m'), what comes 2^(n - m').
  Sums merge(const Sums &before, const Sums &chunk);

  /// What weighted values are multiplied by; 0 for a line without slots.
  Value inverseOf(Value total);
  /// One or two neighbouring results of a line.
  void finish(cpu::EpilogueWriter &epilogue, Value line, Value column, mlir::ValueRange values,
              Value inverse);
  /// ln of the sum of e^score, if the dispatch wants it.
  void storeLogSum(Value line, const Sums &sums, int64_t stride);

  cpu::KernelBuilder &k;
  mlir::ImplicitLocOpBuilder &ops;
  const AttentionSpec &spec;
  const cpu::DispatchBuffers &buffers;
  cpu::CacheKernel cache;
  cpu::CacheTile tile;
  Value length;
};

} // namespace tern::nvptx

#endif
