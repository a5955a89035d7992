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
  return withFactor(times(numbers, unit.scaleCodes, group * kPanelColumns + lane, k.lanes()));
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

/// Of the words of a warp's lanes: permutes bytes, of which an instruction looks up four among
/// eight by the nibbles in the low half of a word.
static Value permuteBytes(KernelBuilder &k, llvm::ArrayRef<int8_t> table, Value nibbles) {
  auto permute = [&](Value low, Value high, Value choice) {
    return k.intrinsic("llvm.nvvm.prmt", k.i32(), {low, high, choice});
  };
  auto part = [&](size_t first) {
    int64_t word = 0;
    for (size_t byte = 0; byte < 4; ++byte)
      word |= static_cast<int64_t>(static_cast<uint8_t>(table[first + byte])) << 8 * byte;
    return k.integer(k.i32(), word);
  };
  Value own = k.same(nibbles);
  Value pairs = k.bitOr(own, k.shiftRight(own, 4)); // in the bytes 0 and 2
  Value codes = permute(pairs, pairs, k.integer(k.i32(), 0x20)), places = k.bitAnd(codes, 0x7777);
  Value low = permute(part(0), part(4), places), high = permute(part(8), part(12), places);
  Value isHigh = k.shiftRight(k.bitAnd(codes, 0x8888), 1);
  return k.broadcast(permute(low, high, k.bitOr(isHigh, 0x3210)));
}

Value BlockPanel::lookUp(Value nibbles, int64_t bias) const {
  mlir::VectorType bytes = k.vector(k.i8(), 4 * k.lanes());
  llvm::SmallVector<int8_t> numbers;
  for (int64_t lane = 0; lane < bytes.getNumElements(); ++lane)
    numbers.push_back(static_cast<int8_t>(layout.table[lane % 16] + bias));
  if (k.target().warp)
    return permuteBytes(k, numbers, nibbles);
  Value table = mlir::arith::ConstantOp::create(
      k.builder(), mlir::DenseElementsAttr::get(bytes, llvm::ArrayRef(numbers)));
  const char *name = k.target().avx512 ? "llvm.x86.avx512.pshuf.b.512" : "llvm.x86.avx2.pshuf.b";
  return k.bitcast(k.intrinsic(name, bytes, {table, k.bitcast(nibbles, bytes)}), nibbles.getType());
}

/// The number of each nibble: a register holds the table, or two do, or the lanes of a warp.
static Value lookUpNibbles(KernelBuilder &k, llvm::ArrayRef<float> table, Value codes) {
  mlir::VectorType floats = k.vector(k.f32());
  auto part = [&](int64_t first) {
    llvm::SmallVector<float> numbers;
    for (int64_t lane = 0; lane < k.lanes(); ++lane)
      numbers.push_back(table[(first + lane) % 16]);
    return mlir::arith::ConstantOp::create(
        k.builder(), mlir::DenseElementsAttr::get(floats, llvm::ArrayRef<float>(numbers)));
  };
  if (k.target().warp)
    return k.lookUp(part(0), codes);
  if (k.target().avx512)
    return k.intrinsic("llvm.x86.avx512.permvar.sf.512", floats, {part(0), codes});
  auto half = [&](int64_t first) {
    return k.intrinsic("llvm.x86.avx2.permps", floats, {part(first), codes});
  };
  Value low = half(0), isHigh = k.compare(KernelBuilder::IntPredicate::sgt, codes, 7);
  return k.select(isHigh, half(8), low);
}

/// Sign, exponent and fraction at their places in an f32, times what the exponents differ by: exact
/// for subnormal numbers, too. Codes above `largest` are no finite numbers.
static Value widenFloat(KernelBuilder &k, Value codes, int64_t exponentBits) {
  bool isWide = exponentBits == 5;
  Value magnitude = k.bitAnd(codes, 127);
  Value bits = k.shiftLeft(magnitude, 16 + exponentBits);
  Type floats = KernelBuilder::withElement(codes, k.f32());
  Value number = k.mul(k.bitcast(bits, floats), k.constant(floats, isWide ? 0x1p112 : 0x1p120));
  // Of e5m2 these bits are the f32's own, with its greatest exponent; of e4m3 NaN is one code.
  Value special = k.bitOr(bits, isWide ? 0x7f800000 : 0x7fc00000);
  Value isSpecial = k.compare(KernelBuilder::IntPredicate::sgt, magnitude, isWide ? 0x7b : 0x7e);
  number = k.select(isSpecial, k.bitcast(special, floats), number);
  Value sign = k.shiftLeft(k.bitAnd(codes, 128), 24);
  return k.bitcast(k.bitOr(k.bitcast(number, KernelBuilder::withElement(codes, k.i32())), sign),
                   floats);
}

Value BlockPanel::numbers(Value codes) const {
  if (layout.numbers == "i8")
    return k.toFloat(k.shiftRightSigned(k.shiftLeft(codes, 24), 24));
  if (layout.numbers == "e4m3" || layout.numbers == "e5m2")
    return widenFloat(k, codes, layout.numbers == "e4m3" ? 4 : 5);
  std::span<const float> table = namedNumbers(layout.numbers);
  return lookUpNibbles(k, {table.data(), table.size()}, codes);
}

Value BlockPanel::withFactor(Value product) const {
  float factor = namedFactor(layout.numbers);
  return factor == 1 ? product : k.mul(product, k.constant(product.getType(), factor));
}

} // namespace tern::cpu
