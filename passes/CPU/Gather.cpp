// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Gather.h"

#include "passes/CPU/BlockPanel.h"

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
    BlockPanel blocks(k, spec.storage);
    k.loop(k.index(0), k.index(spec.k / kUnitDepth), 1, [&](Value number) {
      BlockPanel::Unit unit = blocks.unit(panel, lane, number);
      Value first = k.mul(number, kUnitDepth);
      for (int64_t i = 0; i < kUnitDepth; ++i) {
        int64_t group = i / layout.group;
        Value scale = blocks.scale(unit, group), code = readCode(blocks, unit.codes, i);
        put(layout.minimum ? k.fma(scale, code, blocks.minimum(unit, group))
                           : blocks.withFactor(k.mul(scale, code)),
            k.add(first, i));
      }
    });
  }

  /// What code `i` of a unit stands for, as f32.
  Value readCode(const BlockPanel &blocks, Value codes, int64_t i) {
    int64_t row = layout.nibbles() ? i % 16 / 4 : i / 4;
    Value code = k.load(k.i8(), codes, row * kCodeRow + i % 4, 1);
    code = k.extendUnsigned(code, k.i32());
    if (layout.nibbles())
      code = i < 16 ? k.bitAnd(code, 15) : k.shiftRight(code, 4);
    if (!layout.numbers.empty())
      return k.extract(blocks.numbers(k.broadcast(code)), 0);
    if (!layout.table.empty())
      code = k.bitAnd(k.extract(blocks.lookUp(k.broadcast(code), layout.zero), 0), 255);
    return k.toFloat(k.sub(code, layout.zero));
  }

  void finish(Value row) {
    auto vector = [&](Value column, int64_t live) {
      Value values = k.loadFirst(k.vector(k.f32()), live, k.address(k.scratch(), k.mul(column, 4)));
      epilogue(k, {row, column, values, live, Value()});
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
    return createStringError("gather '" + name + "': expected rows of a multiple of " +
                             Twine(layout.depth) + " for " + nameOf(spec.storage) + ", found " +
                             Twine(spec.k));
  KernelBuilder::define(module, target, name, [&](KernelBuilder &kernel) {
    GatherWriter(kernel, spec, epilogue).write();
  });
  return 4 * spec.k;
}

} // namespace tern::cpu
