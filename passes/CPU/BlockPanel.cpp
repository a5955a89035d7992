// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/BlockPanel.h"

namespace tern::cpu {

BlockPanel::Unit BlockPanel::unit(Value panel, Value column, Value number) const {
  Value block = panel, inner = k.index(0), stream = k.mul(number, layout.packedBytes);
  if (layout.units() == 1) {
    block = k.address(panel, stream);
  } else {
    block = k.address(panel, k.mul(k.div(number, layout.units()), layout.packedBytes));
    inner = k.rem(number, layout.units());
    stream = k.div(stream, layout.units());
  }
  Value scaleCodes = k.add(k.mul(inner, layout.groupsOfUnit() * kPanelColumns), column);
  Value codes = k.add(k.mul(inner, layout.unitBytes()), k.mul(column, 4));
  return {k.address(block, k.mul(column, layout.scaleBytes)),
          k.address(k.address(block, scaleCodes), layout.scaleCodesOffset()),
          k.address(k.address(block, codes), layout.headerBytes), k.address(panel, stream)};
}

/// One element, or a vector of them.
Value BlockPanel::load(Type element, Value base, int64_t offset, int64_t lanes) const {
  auto bytes = static_cast<unsigned>(lanes * element.getIntOrFloatBitWidth() / 8);
  Type type = lanes == 1 ? element : Type(k.vector(element, lanes));
  return k.load(type, base, offset, bytes);
}

/// Numbers of `unit`, times their codes if there are such.
Value BlockPanel::times(Value unit, Value scaleCodes, int64_t offset, int64_t lanes) const {
  if (!layout.scaleCodes)
    return unit;
  Value codes = load(k.i8(), scaleCodes, offset, lanes);
  return k.mul(unit, k.toFloat(k.extendSigned(codes, k.i32())));
}

Value BlockPanel::scales(const Unit &unit, int64_t group, int64_t v) const {
  int64_t lane = v * k.lanes();
  Value numbers = load(scaleType(), unit.header, lane * layout.scaleBytes, k.lanes());
  if (layout.scaleBytes == 2)
    numbers = k.convertFloat(numbers, k.f32());
  return times(numbers, unit.scaleCodes, group * kPanelColumns + lane, k.lanes());
}

Value BlockPanel::minima(const Unit &unit, int64_t group, int64_t v) const {
  int64_t lane = v * k.lanes(), codes = layout.minimumCodesOffset() - layout.scaleCodesOffset();
  Value numbers = load(k.f16(), unit.header, layout.minimaOffset() + 2 * lane, k.lanes());
  return times(k.convertFloat(numbers, k.f32()), unit.scaleCodes,
               codes + group * kPanelColumns + lane, k.lanes());
}

Value BlockPanel::scale(const Unit &unit, int64_t group) const {
  Value number = load(scaleType(), unit.header, 0, 1);
  if (layout.scaleBytes == 2)
    number = k.convertFloat(number, k.f32());
  return times(number, unit.scaleCodes, group * kPanelColumns, 1);
}

Value BlockPanel::minimum(const Unit &unit, int64_t group) const {
  int64_t codes = layout.minimumCodesOffset() - layout.scaleCodesOffset();
  Value number = load(k.f16(), unit.header, layout.minimaOffset(), 1);
  return times(k.convertFloat(number, k.f32()), unit.scaleCodes, codes + group * kPanelColumns, 1);
}

Value BlockPanel::lookUp(Value nibbles, int64_t bias) const {
  mlir::VectorType bytes = k.vector(k.i8(), 4 * k.lanes());
  llvm::SmallVector<int8_t> numbers;
  for (int64_t lane = 0; lane < bytes.getNumElements(); ++lane)
    numbers.push_back(static_cast<int8_t>(layout.table[lane % 16] + bias));
  Value table = mlir::arith::ConstantOp::create(
      k.builder(), mlir::DenseElementsAttr::get(bytes, llvm::ArrayRef(numbers)));
  const char *name = k.target().avx512 ? "llvm.x86.avx512.pshuf.b.512" : "llvm.x86.avx2.pshuf.b";
  return k.bitcast(k.intrinsic(name, bytes, {table, k.bitcast(nibbles, bytes)}), nibbles.getType());
}

} // namespace tern::cpu
