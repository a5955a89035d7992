// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The parts of attention on tensor cores: a block of a cache in shared memory, and its products
// with the queries and weights of 16 lines in the registers of a warp.
//
// With group = lane / 4 and quarter = lane % 4 a thread holds, of 8 slots or columns, numbers
// 2 quarter and 2 quarter + 1 of lines `group` and `group` + 8, in this order.
#ifndef TERN_PASSES_NVPTX_ATTENTIONUNIT_H
#define TERN_PASSES_NVPTX_ATTENTIONUNIT_H

#include "passes/NVPTX/AttentionSpec.h"
#include "passes/NVPTX/MatrixUnit.h"

namespace tern::nvptx {

/// Lines of a warp.
inline constexpr int64_t kWarpLines = 16;

/// Rows of 16-bit numbers in shared memory, in parts of 16 bytes, whose number is a power of two.
/// Parts change places by bits of the row's number, so that neither eight rows of one part nor
/// neighbouring parts meet in a bank.
struct SwizzledTile {
  SwizzledTile(int64_t offset, int64_t rows, int64_t columns);

  int64_t offset, rows, parts;

  int64_t rowBytes() const { return 16 * parts; }
  int64_t bytes() const { return rows * rowBytes(); }
  /// Parts that change places.
  int64_t turned() const { return std::min<int64_t>(parts, 8); }
  /// What a row's parts are exchanged by, as a number and in code (i32).
  int64_t turnOf(int64_t row) const { return (row >> shift()) & (turned() - 1); }
  mlir::Value turnOf(cpu::KernelBuilder &k, mlir::Value row) const;

private:
  int64_t shift() const { return parts >= 8 ? 0 : parts == 4 ? 1 : 2; }
};

class AttentionUnit {
public:
  /// For thread blocks of so many warps.
  AttentionUnit(cpu::KernelBuilder &kernel, const AttentionSpec &spec, int64_t warps);

  static int64_t sharedBytes(const AttentionSpec &spec, int64_t warps);

  mlir::Value lane, warp; ///< i64, of the thread

  //===- Copies to shared memory ------------------------------------------===//

  /// Asks for a block's keys, or for part `part` (i64) of its values; each is a group.
  void copyKeys(mlir::Value block);
  void copyValues(mlir::Value block, mlir::Value part);
  void commit();
  /// Waits until all but `pending` groups are there, for all threads.
  void await(int64_t pending);
  /// Waits for all threads.
  void meet();

  /// Where the query of a line (i64) of the thread block lies, in the cache's element.
  mlir::Value queryOf(mlir::Value line);

  //===- Products ---------------------------------------------------------===//

  /// Of the warp's queries and the block's keys: four for each 8 slots.
  cpu::Values score();
  /// Adds the values with these weights, two to a word, four words for each 16 slots, to sums of
  /// four for each 8 columns.
  cpu::Values addValues(const cpu::Values &weights, const cpu::Values &sums);
  /// Two f32 as a word of the cache's element.
  mlir::Value pack(mlir::Value first, mlir::Value second);
  /// What the thread with a number that differs in these bits holds.
  mlir::Value exchange(mlir::Value word, int64_t bits);

private:
  void copy(const SwizzledTile &tile, int64_t parts, mlir::Value from, int64_t stride);
  cpu::Values basesOf(const SwizzledTile &tile);
  cpu::Values loadMatrices(mlir::Value address, bool isTurned);
  cpu::Values loadPart(const SwizzledTile &tile, const cpu::Values &bases, int64_t row,
                       int64_t part);
  int64_t queryBytes() const { return 2 * spec.width + 16; }
  mlir::Value word(int64_t number) { return k.integer(k.i32(), number); }

  cpu::KernelBuilder &k;
  mlir::ImplicitLocOpBuilder &ops;
  const AttentionSpec &spec;
  const int64_t threads;
  SwizzledTile keys, values;
  cpu::ContractionSpec types;
  MatrixUnit unit;
  mlir::Value thread, shared; // i32, and its address
  mlir::Value queriesFrom;
  cpu::Values keysFrom, valuesFrom;
};

} // namespace tern::nvptx

#endif
