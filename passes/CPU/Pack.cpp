// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Pack.h"

using namespace llvm;

namespace tern::cpu {

namespace {

/// Packing moves units of 2 or 4 bytes that hold neighbouring k of one column.
class PackWriter {
public:
  PackWriter(KernelBuilder &kernel, const PackSpec &spec)
      : k(kernel), spec(spec), layout(layoutOf(spec.storage)),
        rowBytes(spec.k / layout.depth * layout.sourceBytes +
                 spec.k % layout.depth * (layout.sourceBytes / layout.depth)) {}

  void write() {
    Value source = k.buffer(spec.sourceBuffer), packed = k.buffer(spec.packedBuffer);
    k.forEachTile([&](Value tile) {
      Value panel = k.add(tile, spec.firstColumn / kPanelColumns);
      Value first = k.mul(panel, kPanelColumns);
      columns = {first, k.max(first, k.index(spec.firstColumn)),
                 k.min(k.add(first, kPanelColumns), k.index(spec.firstColumn + spec.n))};
      Value to = k.address(packed, k.mul(panel, panelBytes(spec.storage, spec.k)));
      layout.quantised() ? packBlocks(source, to) : packDense(source, to);
    });
  }

private:
  /// The columns of the packed weight that a tile writes, and its panel's first.
  struct Columns {
    Value panelFirst, begin, end;
  };

  /// Calls `body` for each column with the addresses of its k = 0 and its place in a packed row of
  /// `unit` bytes a column.
  void forEachColumn(Value source, Value to, int64_t unit,
                     function_ref<void(Value from, Value to, Value lane)> body) {
    k.loop(columns.begin, columns.end, 1, [&](Value column) {
      Value from = k.address(source, k.mul(k.sub(column, spec.firstColumn), rowBytes));
      Value lane = k.sub(column, columns.panelFirst);
      body(from, k.address(to, k.mul(lane, unit)), lane);
    });
  }

  void move(Type type, Value from, int64_t fromOffset, Value to, int64_t toOffset) {
    unsigned alignment = type.getIntOrFloatBitWidth() / 8;
    k.store(k.load(type, from, fromOffset, 2), to, toOffset, alignment);
  }

  /// In chunks of one source line (64 bytes): each line is read once, whatever the distance of the
  /// columns, and the chunk's part of the panel stays in the first cache.
  void packDense(Value source, Value to) {
    int64_t unit = spec.storage == Storage::F16 ? 2 : 4, perChunk = 64 / unit;
    Type type = unit == 2 ? k.i16() : k.i32();
    int64_t units = spec.k / layout.depth, chunks = units / perChunk;
    k.loop(k.index(0), k.index(chunks), 1, [&](Value chunk) {
      forEachColumn(source, to, unit, [&](Value from, Value to, Value) {
        from = k.address(from, k.mul(chunk, 64));
        to = k.address(to, k.mul(chunk, perChunk * layout.packedBytes));
        for (int64_t i = 0; i < perChunk; ++i)
          move(type, from, i * unit, to, i * layout.packedBytes);
      });
    });
    forEachColumn(source, to, unit, [&](Value from, Value to, Value) {
      k.loop(k.index(chunks * perChunk), k.index(units), 1, [&](Value i) {
        move(type, k.address(from, k.mul(i, unit)), 0, k.address(to, k.mul(i, layout.packedBytes)),
             0);
      });
      if (spec.k % layout.depth) // the first of a pair; its partner stays 0
        move(k.i16(), from, units * unit, to, units * layout.packedBytes);
    });
  }

  void packBlocks(Value source, Value to) {
    bool hasMinimum = spec.storage == Storage::Q4_1, bytes = spec.storage == Storage::Q8_0;
    k.loop(k.index(0), k.index(spec.k / layout.depth), 1, [&](Value block) {
      Value panel = k.address(to, k.mul(block, layout.packedBytes));
      forEachColumn(source, panel, 4, [&](Value from, Value to, Value lane) {
        from = k.address(from, k.mul(block, layout.sourceBytes));
        Value header = k.address(panel, k.mul(lane, 2));
        move(k.i16(), from, 0, header, 0);
        if (hasMinimum)
          move(k.i16(), from, 2, header, 2 * kPanelColumns);
        for (int64_t row = 0; row < (bytes ? 8 : 4); ++row) {
          Value codes = k.load(k.i32(), from, (hasMinimum ? 4 : 2) + 4 * row, 2);
          k.store(bytes ? k.bitXor(codes, 0x80808080) : codes, to,
                  layout.headerBytes + row * 4 * kPanelColumns);
        }
      });
    });
  }

  KernelBuilder &k;
  const PackSpec &spec;
  PackedLayout layout;
  int64_t rowBytes; // of a column in the source
  Columns columns{};
};

} // namespace

Expected<int64_t> addPack(mlir::ModuleOp module, const Target &target, StringRef name,
                          const PackSpec &spec) {
  PackedLayout layout = layoutOf(spec.storage);
  if (spec.n < 1 || spec.k < 1 || spec.firstColumn < 0)
    return createStringError(
        "pack '" + name + "': expected at least one column and one k, found N = " + Twine(spec.n) +
        " and K = " + Twine(spec.k));
  if (layout.quantised() && spec.k % layout.depth)
    return createStringError("pack '" + name + "': expected K to be a multiple of 32 for " +
                             nameOf(spec.storage) + ", found " + Twine(spec.k));
  KernelBuilder::define(module, target, name,
                        [&](KernelBuilder &kernel) { PackWriter(kernel, spec).write(); });
  return panels(spec.firstColumn + spec.n) - spec.firstColumn / kPanelColumns;
}

} // namespace tern::cpu
