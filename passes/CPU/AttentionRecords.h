// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_ATTENTIONRECORDS_H
#define TERN_PASSES_CPU_ATTENTIONRECORDS_H

#include "passes/CPU/KernelBuilder.h"
#include "passes/CPU/Schema.h"

namespace tern::cpu {

/// What parts of a sequence leave of a line, a head of a row: weighted values, the largest score
/// and the sum of weights, in f32, in a buffer after those of the dispatch. A line has `count`
/// records.
struct AttentionRecords {
  int64_t heads, columns, count;

  int64_t largestOffset() const { return 4 * columns; }
  int64_t totalOffset() const { return largestOffset() + 4; }
  int64_t bytes() const { return largestOffset() + 32; }
  /// Of so many rows.
  int64_t bytesOf(int64_t rows) const { return rows * heads * count * bytes(); }

  /// Address of record `number` of line row * heads + head, from the buffer's on.
  Value at(KernelBuilder &kernel, Value buffer, Value line, Value number) const {
    Value place = kernel.add(kernel.mul(line, count), number);
    return kernel.address(buffer, kernel.mul(place, bytes()));
  }
};

/// Appends the kernel `name` of a dispatch of kv.attend that computes the segments of a sequence,
/// which are the cache's blocks, apart: a tile is an entry, a key head and a segment. It leaves a
/// record of each.
mlir::FailureOr<KernelInfo> emitSegments(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                         llvm::StringRef name, mlir::ModuleOp module,
                                         const Target &target, const AttentionRecords &records);

} // namespace tern::cpu

#endif
