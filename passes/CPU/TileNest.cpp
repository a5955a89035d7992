// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/TileNest.h"

#include "passes/CPU/LoopTerms.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace tern::cpu {

void TileNest::add(ExtentAttr extent, int64_t chunk) {
  bool isTiled = extent.isConstant() || tileCount.isConstant();
  if (extent.isConstant())
    tileCount = tileCount.times(llvm::divideCeil(extent.getConstant(), chunk));
  else if (isTiled)
    tileCount = extent.times(tileCount.getConstant());
  axes.push_back({extent, chunk, isTiled});
}

void TileNest::addLanes(ExtentAttr extent, int64_t lanes) {
  lanesExtent = extent;
  if (extent.isConstant())
    add(extent, lanes);
  else
    add(ExtentAttr::getConstant(extent.getContext(), 1));
}

void TileNest::forEachVector(KernelBuilder &k, Value start,
                             llvm::function_ref<void(Value at, Value live)> body) const {
  Value extent = sizes.of(k, lanesExtent);
  bool isCut = lanesExtent.isConstant();
  cpu::forEachVector(k, start, isCut ? k.min(extent, k.add(start, k.lanes())) : extent, body);
}

void TileNest::run(KernelBuilder &k, Value tile, Body body) const {
  Values starts(axes.size());
  Value rest = tile;
  for (size_t i = axes.size(); i-- > 0;) {
    const Axis &axis = axes[i];
    if (!axis.isTiled)
      continue;
    bool isStatic = axis.extent.isConstant();
    int64_t count = isStatic ? llvm::divideCeil(axis.extent.getConstant(), axis.chunk) : 0;
    if (isStatic && count == 1) {
      starts[i] = k.index(0);
      continue;
    }
    bool isOutermost = llvm::none_of(llvm::ArrayRef(axes).take_front(i),
                                     [](const Axis &other) { return other.isTiled; });
    Value number = rest, all = isStatic ? k.index(count) : sizes.of(k, axis.extent);
    if (!isOutermost) {
      number = k.rem(rest, all);
      rest = k.div(rest, all);
    }
    starts[i] = isStatic ? k.mul(number, axis.chunk) : number;
  }
  visit(k, 0, starts, body);
}

void TileNest::visit(KernelBuilder &k, size_t number, Values &starts, Body body) const {
  if (number == axes.size()) {
    body(starts);
    return;
  }
  const Axis &axis = axes[number];
  if (!axis.isTiled) {
    k.loop(k.index(0), sizes.of(k, axis.extent), axis.chunk, [&](Value start) {
      starts[number] = start;
      visit(k, number + 1, starts, body);
    });
  } else if (axis.chunk > 1 && !axis.extent.isConstant()) {
    Value begins = k.compare(arith::CmpIPredicate::eq, k.rem(starts[number], axis.chunk), 0);
    k.when(begins, [&] { visit(k, number + 1, starts, body); });
  } else {
    visit(k, number + 1, starts, body);
  }
}

} // namespace tern::cpu
