// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/Lanes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace tern::nvptx {

int64_t Lanes::widthOf(VectorType type) { return llvm::divideCeil(type.getNumElements(), kWarp); }

Type Lanes::typeOf(VectorType type) {
  int64_t width = widthOf(type);
  return width == 1 ? type.getElementType() : VectorType::get(width, type.getElementType());
}

Value Lanes::number(int64_t value) {
  return arith::ConstantOp::create(ops, ops.getI32IntegerAttr(static_cast<int32_t>(value)));
}

Value Lanes::isAnyOf(uint32_t threads) {
  if (llvm::isMask_32(threads)) // the first ones
    return arith::CmpIOp::create(ops, arith::CmpIPredicate::ult, lane,
                                 number(llvm::popcount(threads)));
  Value bit = arith::ShRUIOp::create(ops, number(threads), lane);
  return arith::TruncIOp::create(ops, ops.getI1Type(), bit);
}

Value Lanes::isOneOf(VectorType type) {
  int64_t count = type.getNumElements();
  return count < kWarp ? isAnyOf((uint32_t(1) << count) - 1) : Value();
}

//===----------------------------------------------------------------------===//
// Slots
//===----------------------------------------------------------------------===//

Value Lanes::slot(Value own, int64_t number) {
  return isa<VectorType>(own.getType()) ? vector::ExtractOp::create(ops, own, number) : own;
}

Value Lanes::withSlot(Value own, int64_t number, Value element) {
  if (!isa<VectorType>(own.getType()))
    return element;
  return vector::InsertOp::create(ops, element, own, number);
}

Value Lanes::broadcast(Value scalar, Type type) {
  return isa<VectorType>(type) ? vector::BroadcastOp::create(ops, type, scalar) : scalar;
}

Value Lanes::bitcast(Value own, Type type) {
  return own.getType() == type ? own : LLVM::BitcastOp::create(ops, type, own);
}

/// The element of each thread, where they are few or lie on a line.
Value Lanes::element(llvm::ArrayRef<Attribute> ofThreads) {
  llvm::MapVector<Attribute, uint32_t> threads;
  for (auto [thread, value] : llvm::enumerate(ofThreads))
    threads[value] |= uint32_t(1) << thread;
  auto constant = [&](Attribute value) {
    return arith::ConstantOp::create(ops, cast<TypedAttr>(value));
  };
  if (isa<IntegerAttr>(ofThreads.front()) && threads.size() > 2) {
    Type type = cast<TypedAttr>(ofThreads.front()).getType();
    auto numberOf = [](Attribute value) { return cast<IntegerAttr>(value).getInt(); };
    int64_t first = numberOf(ofThreads[0]), step = numberOf(ofThreads[1]) - first;
    bool isLine = true;
    for (auto [thread, value] : llvm::enumerate(ofThreads))
      isLine &= numberOf(value) == first + static_cast<int64_t>(thread) * step;
    if (isLine) {
      Value own = lane;
      if (type.getIntOrFloatBitWidth() > 32)
        own = arith::ExtUIOp::create(ops, type, lane);
      else if (type.getIntOrFloatBitWidth() < 32)
        own = arith::TruncIOp::create(ops, type, lane);
      own = arith::MulIOp::create(ops, own, constant(ops.getIntegerAttr(type, step)));
      return arith::AddIOp::create(ops, own, constant(ops.getIntegerAttr(type, first)));
    }
  }
  Value result;
  for (auto [value, members] : threads)
    result = result ? arith::SelectOp::create(ops, isAnyOf(members), constant(value), result)
                    : Value(constant(value));
  return result;
}

Value Lanes::constant(DenseElementsAttr elements) {
  auto type = cast<VectorType>(elements.getType());
  Type own = typeOf(type);
  if (elements.isSplat()) {
    auto element = cast<TypedAttr>(elements.getSplatValue<Attribute>());
    if (auto vector = dyn_cast<VectorType>(own))
      return arith::ConstantOp::create(ops, DenseElementsAttr::get(vector, element));
    return arith::ConstantOp::create(ops, element);
  }
  SmallVector<Attribute> all(elements.getValues<Attribute>());
  int64_t width = widthOf(type);
  Value result;
  if (auto vector = dyn_cast<VectorType>(own))
    result = arith::ConstantOp::create(ops, ops.getZeroAttr(vector));
  for (int64_t slot = 0; slot < width; ++slot) {
    SmallVector<Attribute> ofThreads;
    for (size_t at = slot; at < all.size(); at += width)
      ofThreads.push_back(all[at]);
    Value value = element(ofThreads);
    result = result ? withSlot(result, slot, value) : value;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// From thread to thread
//===----------------------------------------------------------------------===//

Value Lanes::fromLane(Value scalar, Value from) {
  Type type = scalar.getType(), i32 = ops.getI32Type();
  unsigned bits = type.getIntOrFloatBitWidth();
  auto move = [&](Value word) -> Value {
    return NVVM::ShflOp::create(ops, word.getType(), number(-1), word, from, number(31),
                                NVVM::ShflKind::idx, UnitAttr());
  };
  if (type.isInteger(32) || type.isF32())
    return move(scalar);
  Value word = bitcast(scalar, ops.getIntegerType(bits));
  if (bits < 32)
    return bitcast(arith::TruncIOp::create(ops, ops.getIntegerType(bits),
                                           move(arith::ExtUIOp::create(ops, i32, word))),
                   type);
  Type pair = VectorType::get(2, i32);
  Value words = bitcast(word, pair);
  for (int64_t half = 0; half < 2; ++half)
    words = withSlot(words, half, move(slot(words, half)));
  return bitcast(words, type);
}

/// The thread that each one reads of, as a function of its own number. -1: any.
Value Lanes::threadOf(llvm::ArrayRef<int64_t> ofThreads) {
  auto holds = [&](llvm::function_ref<int64_t(int64_t)> function) {
    for (auto [thread, wanted] : llvm::enumerate(ofThreads))
      if (wanted >= 0 && function(static_cast<int64_t>(thread)) != wanted)
        return false;
    return true;
  };
  for (int64_t bits = 0; bits < kWarp; ++bits)
    if (holds([&](int64_t thread) { return thread ^ bits; }))
      return bits ? arith::XOrIOp::create(ops, lane, number(bits)) : lane;
  for (int64_t shift = -5; shift <= 5; ++shift)
    for (int64_t added = -kWarp; added < kWarp; ++added) {
      auto function = [&](int64_t thread) {
        return (shift < 0 ? thread >> -shift : thread << shift) + added;
      };
      if (!holds(function))
        continue;
      Value own = shift < 0   ? Value(arith::ShRUIOp::create(ops, lane, number(-shift)))
                  : shift > 0 ? Value(arith::ShLIOp::create(ops, lane, number(shift)))
                              : lane;
      return arith::AddIOp::create(ops, own, number(added));
    }
  SmallVector<Attribute> numbers;
  for (int64_t wanted : ofThreads)
    numbers.push_back(ops.getI32IntegerAttr(static_cast<int32_t>(std::max<int64_t>(wanted, 0))));
  return element(numbers);
}

Value Lanes::shuffle(Value first, Value second, VectorType source, VectorType result,
                     llvm::ArrayRef<int64_t> mask) {
  int64_t count = source.getNumElements(), width = widthOf(source), slots = widthOf(result);
  Type own = typeOf(result);
  Value all;
  if (auto vector = dyn_cast<VectorType>(own))
    all = arith::ConstantOp::create(ops, ops.getZeroAttr(vector));
  for (int64_t slotNumber = 0; slotNumber < slots; ++slotNumber) {
    // By operand and slot: which thread each of the threads reads of.
    llvm::MapVector<std::pair<int64_t, int64_t>, SmallVector<int64_t>> reads;
    for (int64_t at = slotNumber; at < static_cast<int64_t>(mask.size()); at += slots) {
      int64_t thread = at / slots, from = mask[at] % count;
      auto &threads = reads[{mask[at] / count, from % width}];
      threads.resize(kWarp, -1);
      threads[thread] = from / width;
    }
    Value value;
    for (auto &[place, threads] : reads) {
      uint32_t members = 0;
      bool stays = true;
      for (auto [thread, from] : llvm::enumerate(threads)) {
        members |= uint32_t(from >= 0) << thread;
        stays &= from < 0 || from == static_cast<int64_t>(thread);
      }
      Value moved = slot(place.first ? second : first, place.second);
      if (!stays)
        moved = fromLane(moved, threadOf(threads));
      value = value ? arith::SelectOp::create(ops, isAnyOf(members), moved, value) : moved;
    }
    all = all ? withSlot(all, slotNumber, value) : value;
  }
  return all;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

static int64_t bytesOf(Type element) {
  return static_cast<int64_t>(llvm::divideCeil(element.getIntOrFloatBitWidth(), 8));
}

static Value displaced(ImplicitLocOpBuilder &ops, Value address, LLVM::GEPArg bytes) {
  return LLVM::GEPOp::create(ops, address.getType(), ops.getI8Type(), address, {bytes},
                             LLVM::GEPNoWrapFlags::inbounds);
}

Value Lanes::ownAddress(VectorType type, Value address) {
  int64_t bytes = widthOf(type) * bytesOf(type.getElementType());
  Value offset = arith::MulIOp::create(ops, lane, number(bytes));
  return displaced(ops, address, arith::ExtUIOp::create(ops, ops.getI64Type(), offset).getResult());
}

/// Runs `access` for a thread's part: all slots at once, or one after the other where a condition
/// is of each.
Value Lanes::load(VectorType type, Value address, unsigned alignment, Value condition,
                  Value otherwise) {
  Value own = ownAddress(type, address);
  Type element = type.getElementType(), part = typeOf(type);
  auto read = [&](Type wanted, Value from) {
    return LLVM::LoadOp::create(ops, wanted, from, alignment);
  };
  auto readIf = [&](Value isRead, Type wanted, Value from, Value instead) -> Value {
    auto branch = scf::IfOp::create(ops, wanted, isRead, /*addThenBlock=*/true, true);
    OpBuilder::InsertionGuard guard(ops);
    ops.setInsertionPointToEnd(branch.thenBlock());
    scf::YieldOp::create(ops, ValueRange{read(wanted, from)});
    ops.setInsertionPointToEnd(branch.elseBlock());
    scf::YieldOp::create(ops, instead);
    return branch.getResult(0);
  };
  if (!condition)
    return read(part, own);
  if (!isa<VectorType>(condition.getType()))
    return readIf(condition, part, own, otherwise);
  Value result = otherwise;
  for (int64_t i = 0; i < widthOf(type); ++i)
    result = withSlot(result, i,
                      readIf(slot(condition, i), element,
                             displaced(ops, own, static_cast<int32_t>(i * bytesOf(element))),
                             slot(result, i)));
  return result;
}

void Lanes::store(VectorType type, Value own, Value address, unsigned alignment, Value condition) {
  Value base = ownAddress(type, address);
  if (!condition)
    LLVM::StoreOp::create(ops, own, base, alignment);
  else if (!isa<VectorType>(condition.getType()))
    storeApart(own, base, alignment, condition);
  else
    for (int64_t i = 0; i < widthOf(type); ++i)
      storeApart(slot(own, i),
                 displaced(ops, base, static_cast<int32_t>(i * bytesOf(type.getElementType()))),
                 alignment, slot(condition, i));
}

void Lanes::storeApart(Value own, Value address, unsigned alignment, Value condition) {
  auto branch = scf::IfOp::create(ops, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(ops);
  ops.setInsertionPoint(branch.thenYield());
  LLVM::StoreOp::create(ops, own, address, alignment);
}

void Lanes::storeScalar(Value scalar, Value address, unsigned alignment) {
  storeApart(scalar, address, alignment, isAnyOf(1));
}

} // namespace tern::nvptx
