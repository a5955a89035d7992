// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What kernels on a KV cache share: where its parts lie, and which rows a tile works for.
#ifndef TERN_PASSES_CPU_CACHEKERNEL_H
#define TERN_PASSES_CPU_CACHEKERNEL_H

#include "dialects/KV/IR/KV.h"
#include "passes/CPU/DispatchBuffers.h"
#include "passes/CPU/KernelBuilder.h"

namespace tern::cpu {

/// Bytes of a block: K as [keyWidth][64], V as [64][paddedValue], positions i32[64].
struct BlockLayout {
  explicit BlockLayout(kv::CacheType type);

  int64_t elementBytes;
  int64_t paddedValue; ///< the value's width, rounded up to 16
  int64_t valueOffset, positionOffset, bytes;
};

/// One tile of a kernel on a cache: an entry of the batch and a key-value head.
struct CacheTile {
  Value head;               ///< i64
  Value firstRow, rowLimit; ///< the entry's rows
  Value lengthAddress;      ///< of the head's length, i32
  Value tableAddress;       ///< of the head's block numbers, i32
};

/// Reads the buffers of a cache and a batch.
class CacheKernel {
public:
  /// `maxBlocks` is the length of a head's table; KernelInfo::sizes has so many sums. `sums` what
  /// KernelInfo::sizes has.
  CacheKernel(KernelBuilder &kernel, const DispatchBuffers &buffers, Value cache, Value batch,
              Value layer, int64_t maxBlocks, unsigned sums = 0);

  /// Tile number `number`: entries outside, heads inside.
  CacheTile tile(Value number);
  /// Address of a head's block `index`.
  Value block(const CacheTile &tile, Value index);
  /// The first of so many blocks, one at least, that has a slot after the position `oldest` (i32),
  /// or the last: positions of a head's slots rise. Found by halving.
  Value firstAfter(const CacheTile &tile, Value blocks, Value oldest);
  /// The i32 at `base` + 4 `index`, as i64.
  Value number(Value base, Value index);

  kv::CacheType type;
  BlockLayout layout;

private:
  KernelBuilder &k;
  int64_t maxBlocks;
  Value pool, table, lengths, rowStart, slot, layer;
};

/// The length of a head's table in the module that the dispatch stands in; fails if the module does
/// not say how long a sequence may be.
mlir::FailureOr<int64_t> maxBlocksOf(DispatchOp dispatch);

} // namespace tern::cpu

#endif
