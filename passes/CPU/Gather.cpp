// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Gather.h"

using namespace llvm;

namespace tern::cpu {

namespace {

class GatherWriter {
public:
  GatherWriter(KernelBuilder &kernel, const GatherSpec &spec, Epilogue epilogue)
      : k(kernel), spec(spec), layout(layoutOf(spec.storage)), epilogue(epilogue) {}

  void write() {
    Value ids = k.buffer(spec.idBuffer), weights = k.buffer(spec.weightBuffer);
    k.forEachTile([&](Value row) {
      Value id = k.extendSigned(k.load(k.i32(), k.address(ids, k.mul(row, 4))), k.i64());
      id = k.max(k.min(id, k.index(spec.n - 1)), k.index(0));
      Value panel =
          k.address(weights, k.mul(k.div(id, kPanelColumns), panelBytes(spec.storage, spec.k)));
      Value lane = k.rem(id, kPanelColumns);
      layout.quantised() ? readBlocks(panel, lane) : readDense(panel, lane);
      finish(row);
    });
  }

private:
  /// The row of f32 that is being read: scratch.
  void put(Value number, Value index) { k.store(number, k.address(k.scratch(), k.mul(index, 4))); }

  void readDense(Value panel, Value lane) {
    Type element = spec.storage == Storage::F32   ? k.f32()
                   : spec.storage == Storage::F16 ? k.f16()
                                                  : k.bf16();
    int64_t unit = layout.packedBytes / kPanelColumns; // bytes of `depth` values
    Value column = k.address(panel, k.mul(lane, unit));
    auto read = [&](Value step, int64_t part) {
      Value number = k.load(element, k.address(column, k.mul(step, layout.packedBytes)), 2 * part,
                            element.getIntOrFloatBitWidth() / 8);
      put(k.convertFloat(number, k.f32()), k.add(k.mul(step, layout.depth), part));
    };
    int64_t steps = spec.k / layout.depth;
    k.loop(k.index(0), k.index(steps), 1, [&](Value step) {
      for (int64_t part = 0; part < layout.depth; ++part)
        read(step, part);
    });
    if (spec.k % layout.depth)
      read(k.index(steps), 0);
  }

  void readBlocks(Value panel, Value lane) {
    bool bytes = spec.storage == Storage::Q8_0, hasMinimum = spec.storage == Storage::Q4_1;
    int64_t zero = bytes ? 128 : hasMinimum ? 0 : 8;
    k.loop(k.index(0), k.index(spec.k / layout.depth), 1, [&](Value block) {
      Value at = k.address(panel, k.mul(block, layout.packedBytes));
      Value header = k.address(at, k.mul(lane, 2)), codes = k.address(at, k.mul(lane, 4));
      auto half = [&](int64_t offset) {
        return k.convertFloat(k.load(k.f16(), header, offset, 2), k.f32());
      };
      Value scale = half(0), minimum = hasMinimum ? half(2 * kPanelColumns) : k.zero(k.f32());
      Value first = k.mul(block, layout.depth);
      for (int64_t i = 0; i < layout.depth; ++i) {
        int64_t row = bytes ? i / 4 : i % 16 / 4, shift = bytes || i < 16 ? 0 : 4;
        Value code = k.load(k.i8(), codes, layout.headerBytes + row * 4 * kPanelColumns + i % 4, 1);
        code = k.shiftRight(k.extendUnsigned(code, k.i32()), shift);
        Value number = k.toFloat(k.sub(bytes ? code : k.bitAnd(code, 15), zero));
        put(hasMinimum ? k.fma(scale, number, minimum) : k.mul(scale, number), k.add(first, i));
      }
    });
  }

  void finish(Value row) {
    auto vector = [&](Value column, int64_t live) {
      Value values = k.loadFirst(k.vector(k.f32()), live, k.address(k.scratch(), k.mul(column, 4)));
      epilogue(k, {row, column, values, live});
    };
    int64_t whole = spec.k / k.lanes() * k.lanes();
    k.loop(k.index(0), k.index(whole), k.lanes(), [&](Value at) { vector(at, k.lanes()); });
    if (whole < spec.k)
      vector(k.index(whole), spec.k - whole);
  }

  KernelBuilder &k;
  const GatherSpec &spec;
  PackedLayout layout;
  Epilogue epilogue;
};

} // namespace

Expected<int64_t> addGather(mlir::ModuleOp module, const Target &target, StringRef name,
                            const GatherSpec &spec, Epilogue epilogue) {
  PackedLayout layout = layoutOf(spec.storage);
  if (spec.n < 1 || spec.k < 1)
    return createStringError("gather '" + name +
                             "': expected at least one row and one column, found " + Twine(spec.n) +
                             " by " + Twine(spec.k));
  if (layout.quantised() && spec.k % layout.depth)
    return createStringError("gather '" + name + "': expected rows of a multiple of 32 for " +
                             nameOf(spec.storage) + ", found " + Twine(spec.k));
  KernelBuilder::define(module, target, name, [&](KernelBuilder &kernel) {
    GatherWriter(kernel, spec, epilogue).write();
  });
  return 4 * spec.k;
}

} // namespace tern::cpu
