// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/BlockReader.h"

#include "passes/CPU/BlockPanel.h"

namespace tern::cpu {

Value loadPowerOfTwo(KernelBuilder &k, Value address, int64_t offset) {
  Value e = k.extendUnsigned(k.load(k.i8(), address, offset, 1), k.i32());
  Value small = k.add(k.mul(e, 0x200000), 0x200000);
  Value isSmall = k.compare(KernelBuilder::IntPredicate::slt, e, 2);
  return k.select(isSmall, small, k.shiftLeft(k.sub(e, 1), 23));
}

Value BlockReader::half(int64_t offset) {
  return k.convertFloat(k.load(k.f16(), block, offset, 2), k.f32());
}

/// As i32: a scalar, or a vector of neighbours.
Value BlockReader::fieldAt(const BitField &field, Value place, bool isVector) {
  auto shifted = [&](Value number, Value count) {
    Value part = mlir::arith::ShRUIOp::create(k.builder(), number, count);
    return k.shiftLeft(k.bitAnd(part, (1 << field.bits) - 1), field.place);
  };
  Value turn = k.div(place, field.run), row = k.rem(turn, field.rows);
  if (isVector && field.run == 1) { // bits of 8 neighbours in a byte
    Value bytes = k.load(k.lanes() == 8 ? k.i8() : k.i16(),
                         k.address(block, k.div(turn, field.rows)), field.offset, 1);
    return shifted(k.broadcast(k.extendUnsigned(bytes, k.i32())), k.iota(k.lanes()));
  }
  Value byte = k.add(k.add(k.rem(place, field.run), k.mul(row, field.byteStep)),
                     k.mul(k.div(turn, field.rows), field.run));
  Value shift = k.truncate(k.add(k.mul(row, field.shiftStep), field.firstShift), k.i32());
  Type type = isVector ? Type(k.vector(k.i8())) : k.i8();
  Value bytes = k.extendUnsigned(k.load(type, k.address(block, byte), field.offset, 1), k.i32());
  return shifted(bytes, isVector ? k.broadcast(shift) : shift);
}

Value BlockReader::fieldsAt(const BitFields &fields, Value place, bool isVector) {
  Value number = fieldAt(fields[0], place, isVector);
  return fields[1].bits == 0 ? number : k.bitOr(number, fieldAt(fields[1], place, isVector));
}

static Value signedByte(KernelBuilder &k, Value number) {
  return k.shiftRightSigned(k.shiftLeft(number, 24), 24);
}

Value BlockReader::scaleAt(Value group) {
  Value scale = format.scale == ScaleKind::Half ? half(format.scaleOffset)
                : format.scale == ScaleKind::Single
                    ? k.load(k.f32(), block, format.scaleOffset, 1)
                    : k.bitcast(loadPowerOfTwo(k, block, format.scaleOffset), k.f32());
  if (format.scaleBits == 0)
    return scale;
  Value code = fieldsAt(format.scales, group, false);
  if (format.scaleBits == 8 && !format.minimum)
    code = signedByte(k, code);
  return k.mul(scale, k.toFloat(k.sub(code, format.scaleZero())));
}

Value BlockReader::minimumAt(Value group) {
  Value minimum = half(format.minimumOffset);
  if (format.scaleBits == 0)
    return minimum;
  return k.neg(k.mul(minimum, k.toFloat(fieldsAt(format.minima, group, false))));
}

Value BlockReader::read(Value place, bool isVector) {
  Value code = fieldsAt(format.codes, place, isVector), group = k.div(place, format.group);
  if (!isVector)
    code = k.broadcast(code);
  if (!format.numbers.empty()) {
    BlockPanel panel(k, Storage{format.name});
    return panel.withFactor(k.mul(panel.numbers(code), k.broadcast(scaleAt(group))));
  }
  if (!format.table.empty())
    code = signedByte(k, BlockPanel(k, Storage{format.name}).lookUp(code, 0));
  else if (format.bits == 8 && !format.minimum)
    code = signedByte(k, code);
  Value number = k.toFloat(k.sub(code, format.zero)), scale = k.broadcast(scaleAt(group));
  return format.minimum ? k.fma(number, scale, k.broadcast(minimumAt(group)))
                        : k.mul(number, scale);
}

} // namespace tern::cpu
