// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Pack.h"

using namespace llvm;

namespace tern::cpu {

namespace {

constexpr int64_t kHalf = kUnitDepth / 2;

class BlocksWriter {
public:
  BlocksWriter(KernelBuilder &kernel, const BlocksSpec &spec)
      : k(kernel), spec(spec), format(*spec.format), blocks(spec.k / format.elements) {}

  void write() {
    k.forEachTile([&](Value row) {
      Value first = k.address(k.buffer(spec.resultBuffer), k.mul(row, blocks * format.bytes));
      Value rowCodes = rowOf(spec.codes, row, 1);
      Value scales = rowOf(spec.scales, row, scaleWidth());
      Value zeros = format.minimum ? rowOf(spec.zeros, row, 1) : Value();
      k.loop(k.index(0), k.index(blocks), 1, [&](Value block) {
        Value to = k.address(first, k.mul(block, format.bytes));
        Value codes = k.address(rowCodes, k.mul(block, format.elements));
        writeHeader(k.address(scales, k.mul(block, scaleWidth())),
                    zeros ? k.address(zeros, block) : zeros, to);
        for (int64_t unit = 0; unit < format.elements / kUnitDepth; ++unit)
          writeCodes(k.address(codes, unit * kUnitDepth), to, unit * kUnitDepth);
      });
    });
  }

private:
  int64_t scaleWidth() const { return format.scale == ScaleKind::Half ? 2 : 4; }

  Value rowOf(const BlocksSpec::Rows &rows, Value row, int64_t width) {
    return k.address(k.buffer(rows.buffer), k.mul(row, rows.stride * width));
  }

  void writeHeader(Value from, Value zeros, Value to) {
    Value scale = k.load(scaleWidth() == 2 ? k.i16() : k.i32(), from, 0, 2);
    k.store(scale, to, format.scaleOffset, 1);
    if (!format.minimum)
      return;
    k.store(scale, to, format.minimumOffset, 1);
    Value zero = k.load(k.i8(), zeros, 0, 1);
    for (int64_t group = 0; group < format.groups(); ++group) {
      k.store(k.integer(k.i8(), 1), to, format.scales[0].byteOf(group), 1);
      k.store(zero, to, format.minima[0].byteOf(group), 1);
    }
  }

  /// 32 codes: bytes, or nibbles of which the first 16 are the low ones.
  void writeCodes(Value from, Value to, int64_t first) {
    Type half = k.vector(k.i8(), kHalf);
    Value low = k.load(half, from, 0, 1), high = k.load(half, from, kHalf, 1);
    int64_t place = format.codes[0].byteOf(first);
    if (format.bits == 4) {
      k.store(k.bitOr(k.bitAnd(low, 15), k.shiftLeft(high, 4)), to, place, 1);
      return;
    }
    k.store(low, to, place, 1);
    k.store(high, to, place + kHalf, 1);
  }

  KernelBuilder &k;
  const BlocksSpec &spec;
  const BlockFormat &format;
  int64_t blocks; // of a row
};

} // namespace

void addBlocks(mlir::ModuleOp module, const Target &target, StringRef name,
               const BlocksSpec &spec) {
  KernelBuilder::define(module, target, name,
                        [&](KernelBuilder &kernel) { BlocksWriter(kernel, spec).write(); });
}

} // namespace tern::cpu
