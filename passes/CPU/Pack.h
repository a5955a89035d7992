// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_PACK_H
#define TERN_PASSES_CPU_PACK_H

#include "passes/CPU/KernelBuilder.h"
#include "passes/CPU/PackedWeight.h"

namespace tern::cpu {

/// Copies a tensor [n, k] as checkpoints hold it (blocks as in GGUF) into columns
/// [firstColumn, firstColumn + n) of a packed weight, whose memory was zero before. Weights that
/// were merged are packed by one kernel each, in any order but not at the same time: two of them
/// may share a panel.
struct PackSpec {
  Storage storage = Storage::F32;
  int64_t n = 0;
  int64_t k = 0;            // whole blocks
  int64_t firstColumn = 0;  // of a stack the first of a panel
  bool isTurned = false;    // the source is [k, n]; not of blocks
  int64_t alternating = 0;  // panels of the packed weight whose halves take turns; 0: none do
  int64_t matrices = 1;     // of a stack, each in panels of its own
  int64_t sourceStride = 0; // elements from a row of the source, or a matrix, to the next; 0: dense
  unsigned sourceBuffer = 0; // aligned to 2, blocks of an odd number of bytes to 1
  unsigned packedBuffer = 1; // the whole packed weight, aligned to 64
};

/// Where a panel lies, in panels: of `alternating` those of the first half and of the second take
/// turns; 0: they lie in order.
Value placeOfPanel(KernelBuilder &kernel, Value panel, int64_t alternating);

/// Appends the kernel; its number of tiles (panels that it touches) results.
llvm::Expected<int64_t> addPack(mlir::ModuleOp module, const Target &target, llvm::StringRef name,
                                const PackSpec &spec);

/// Makes dense blocks of codes [n, k] of i8 and one scale for each block. With zero points, one a
/// block, minima are the scale, and codes of scales and minima are 1 and the zero point.
struct BlocksSpec {
  /// A buffer, and the elements from one row to the next.
  struct Rows {
    unsigned buffer = 0;
    int64_t stride = 0;
  };
  const BlockFormat *format = nullptr;
  int64_t n = 0;
  int64_t k = 0;             // whole blocks
  Rows codes, scales, zeros; // the last for formats with minima
  unsigned resultBuffer = 0;
};

/// Appends the kernel; a tile is a row.
void addBlocks(mlir::ModuleOp module, const Target &target, llvm::StringRef name,
               const BlocksSpec &spec);

} // namespace tern::cpu

#endif
