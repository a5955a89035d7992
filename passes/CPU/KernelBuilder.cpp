// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/KernelBuilder.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace tern::cpu {

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

static func::FuncOp startFunction(ImplicitLocOpBuilder &ops, ModuleOp module, llvm::StringRef name,
                                  llvm::ArrayRef<Type> arguments) {
  module.getContext()
      ->loadDialect<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect, math::MathDialect,
                    NVVM::NVVMDialect, scf::SCFDialect, vector::VectorDialect>();
  ops.setInsertionPointToEnd(module.getBody());
  auto function = func::FuncOp::create(ops, name, ops.getFunctionType(arguments, {}));
  // Loops that copy or clear stay loops: no runtime library stands behind a kernel.
  function->setAttr("passthrough", ops.getArrayAttr(ops.getStringAttr("no-builtins")));
  ops.setInsertionPointToEnd(function.addEntryBlock());
  return function;
}

void KernelBuilder::define(ModuleOp module, const Target &target, llvm::StringRef name, Body body) {
  MLIRContext *context = module.getContext();
  ImplicitLocOpBuilder ops(UnknownLoc::get(context), context);
  context->loadDialect<LLVM::LLVMDialect>();
  Type pointer = LLVM::LLVMPointerType::get(context), i64 = ops.getI64Type();
  auto function = startFunction(ops, module, name, {pointer, pointer, pointer, i64, i64});
  KernelBuilder kernel(ops, target, function.getArguments());
  body(kernel);
  func::ReturnOp::create(ops);
}

func::FuncOp KernelBuilder::defineFlat(ModuleOp module, const Target &target, llvm::StringRef name,
                                       unsigned buffers, unsigned sizes, Body body) {
  MLIRContext *context = module.getContext();
  ImplicitLocOpBuilder ops(UnknownLoc::get(context), context);
  context->loadDialect<LLVM::LLVMDialect>();
  llvm::SmallVector<Type> arguments(buffers, LLVM::LLVMPointerType::get(context));
  arguments.append(sizes + 1, ops.getI64Type());
  auto function = startFunction(ops, module, name, arguments);
  KernelBuilder kernel(ops, target, function.getArguments());
  kernel.flatBuffers = buffers;
  body(kernel);
  func::ReturnOp::create(ops);
  return function;
}

static Value loadEntry(ImplicitLocOpBuilder &ops, Type type, Value address) {
  return LLVM::LoadOp::create(ops, type, address, /*alignment=*/8, /*isVolatile=*/false,
                              /*isNonTemporal=*/false, /*isInvariant=*/true);
}

Value KernelBuilder::buffer(unsigned number) {
  if (flatBuffers)
    return arguments[number];
  return loadEntry(ops, pointer(), address(arguments[0], 8 * static_cast<int64_t>(number)));
}
Value KernelBuilder::size(unsigned number) {
  if (flatBuffers)
    return arguments[*flatBuffers + number];
  return loadEntry(ops, i64(), address(arguments[1], 8 * static_cast<int64_t>(number)));
}
Value KernelBuilder::scratch() { return arguments[2]; }
Value KernelBuilder::begin() { return arguments[3]; }
Value KernelBuilder::end() { return arguments[4]; }

//===----------------------------------------------------------------------===//
// Types and constants
//===----------------------------------------------------------------------===//

Type KernelBuilder::pointer() { return LLVM::LLVMPointerType::get(ops.getContext()); }

VectorType KernelBuilder::vector(Type element, int64_t count) {
  return VectorType::get(count, element);
}

Type KernelBuilder::withElement(Value value, Type element) {
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    return vector.clone(element);
  return element;
}

int64_t KernelBuilder::laneCount(Value vector) {
  return cast<VectorType>(vector.getType()).getNumElements();
}

static Value splat(ImplicitLocOpBuilder &ops, Type type, TypedAttr element) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(ops, DenseElementsAttr::get(vector, element));
  return arith::ConstantOp::create(ops, element);
}

Value KernelBuilder::integer(Type type, int64_t number) {
  unsigned bits = getElementTypeOrSelf(type).getIntOrFloatBitWidth();
  llvm::APInt value(64, static_cast<uint64_t>(number));
  return splat(ops, type, ops.getIntegerAttr(getElementTypeOrSelf(type), value.trunc(bits)));
}

Value KernelBuilder::constant(Type floatType, double number) {
  return splat(ops, floatType, ops.getFloatAttr(getElementTypeOrSelf(floatType), number));
}

static bool isFloat(Type type) { return isa<FloatType>(getElementTypeOrSelf(type)); }

Value KernelBuilder::zero(Type type) {
  return isFloat(type) ? constant(type, 0.0) : integer(type, 0);
}

Value KernelBuilder::iota(int64_t count) {
  llvm::SmallVector<int32_t> lanes(count);
  for (int64_t lane = 0; lane < count; ++lane)
    lanes[lane] = static_cast<int32_t>(lane);
  return arith::ConstantOp::create(
      ops, DenseElementsAttr::get(vector(i32(), count), llvm::ArrayRef(lanes)));
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value KernelBuilder::address(Value base, Value bytes) {
  return LLVM::GEPOp::create(ops, pointer(), i8(), base, llvm::ArrayRef<LLVM::GEPArg>{bytes},
                             LLVM::GEPNoWrapFlags::inbounds);
}

Value KernelBuilder::address(Value base, int64_t bytes) {
  if (bytes == 0)
    return base;
  return LLVM::GEPOp::create(ops, pointer(), i8(), base,
                             llvm::ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(bytes)},
                             LLVM::GEPNoWrapFlags::inbounds);
}

/// How a value of `type` lies in memory: bf16 travels as i16, since processors without bf16
/// instructions have no legal bf16 vectors.
static Type memoryType(Type type) {
  if (!getElementTypeOrSelf(type).isBF16())
    return type;
  Type word = IntegerType::get(type.getContext(), 16);
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(word);
  return word;
}

Value KernelBuilder::load(Type type, Value base, int64_t offset, unsigned alignment) {
  Value loaded = LLVM::LoadOp::create(ops, memoryType(type), address(base, offset), alignment);
  return bitcast(loaded, type);
}

void KernelBuilder::store(Value value, Value base, int64_t offset, unsigned alignment) {
  LLVM::StoreOp::create(ops, bitcast(value, memoryType(value.getType())), address(base, offset),
                        alignment);
}

static Value firstLanes(ImplicitLocOpBuilder &ops, int64_t count, int64_t lanes) {
  llvm::SmallVector<bool> mask(lanes, false);
  std::fill_n(mask.begin(), count, true);
  auto type = VectorType::get(lanes, ops.getI1Type());
  return arith::ConstantOp::create(ops, DenseElementsAttr::get(type, llvm::ArrayRef<bool>(mask)));
}

Value KernelBuilder::loadFirst(VectorType type, int64_t count, Value base, int64_t offset,
                               unsigned alignment) {
  if (count == type.getNumElements())
    return load(type, base, offset, alignment);
  Value mask = firstLanes(ops, count, type.getNumElements()), none = zero(memoryType(type));
  Value loaded = LLVM::MaskedLoadOp::create(
      ops, memoryType(type), address(base, offset), mask, none,
      ops.getI32IntegerAttr(static_cast<int32_t>(alignment)), /*nontemporal=*/nullptr);
  return bitcast(loaded, type);
}

void KernelBuilder::storeFirst(Value vector, int64_t count, Value base, int64_t offset,
                               unsigned alignment) {
  if (count == laneCount(vector))
    return store(vector, base, offset, alignment);
  // LLVM 22 makes of a truncation and a masked store of one lane a store of the untruncated lane.
  if (count == 1)
    return store(extract(vector, 0), base, offset, alignment);
  Value mask = firstLanes(ops, count, laneCount(vector));
  LLVM::MaskedStoreOp::create(ops, bitcast(vector, memoryType(vector.getType())),
                              address(base, offset), mask, alignment);
}

Value KernelBuilder::loadWhere(VectorType type, Value mask, Value base, unsigned alignment) {
  Value loaded = LLVM::MaskedLoadOp::create(
      ops, memoryType(type), base, mask, zero(memoryType(type)),
      ops.getI32IntegerAttr(static_cast<int32_t>(alignment)), /*nontemporal=*/nullptr);
  return bitcast(loaded, type);
}

void KernelBuilder::storeWhere(Value vector, Value mask, Value base, unsigned alignment) {
  LLVM::MaskedStoreOp::create(ops, bitcast(vector, memoryType(vector.getType())), base, mask,
                              alignment);
}

void KernelBuilder::storeApart(Value vector, Value mask, Value address, unsigned alignment) {
  auto store = LLVM::MaskedStoreOp::create(ops, bitcast(vector, memoryType(vector.getType())),
                                           address, mask, alignment);
  store->setAttr(kOwnLane, ops.getUnitAttr());
}

void KernelBuilder::prefetch(Value base, int64_t offset) {
  // Not inbounds: the address may be beyond the buffer.
  Value address = LLVM::GEPOp::create(ops, pointer(), i8(), base,
                                      llvm::ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
  LLVM::Prefetch::create(ops, address, /*rw=*/0, /*hint=*/3, /*cache=*/1);
}

Value KernelBuilder::hide(Value value) {
  bool isVector = isa<VectorType>(value.getType());
  return LLVM::InlineAsmOp::create(ops, value.getType(), value, /*asm_string=*/"",
                                   /*constraints=*/isVector ? "=x,0" : "=r,0",
                                   /*has_side_effects=*/true,
                                   /*is_align_stack=*/false, LLVM::TailCallKind::None,
                                   /*asm_dialect=*/LLVM::AsmDialectAttr(),
                                   /*operand_attrs=*/ArrayAttr())
      .getResult(0);
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

template <typename FloatOp, typename IntOp>
static Value arithmetic(ImplicitLocOpBuilder &ops, Value a, Value b) {
  return isFloat(a.getType()) ? ops.createOrFold<FloatOp>(a, b) : ops.createOrFold<IntOp>(a, b);
}

static Value number(KernelBuilder &kernel, Type type, int64_t value) {
  return isFloat(type) ? kernel.constant(type, static_cast<double>(value))
                       : kernel.integer(type, value);
}

Value KernelBuilder::add(Value a, Value b) {
  return arithmetic<arith::AddFOp, arith::AddIOp>(ops, a, b);
}
Value KernelBuilder::sub(Value a, Value b) {
  return arithmetic<arith::SubFOp, arith::SubIOp>(ops, a, b);
}
Value KernelBuilder::mul(Value a, Value b) {
  return arithmetic<arith::MulFOp, arith::MulIOp>(ops, a, b);
}
Value KernelBuilder::div(Value a, Value b) {
  return arithmetic<arith::DivFOp, arith::DivUIOp>(ops, a, b);
}
Value KernelBuilder::rem(Value a, Value b) { return ops.createOrFold<arith::RemUIOp>(a, b); }
Value KernelBuilder::add(Value a, int64_t b) { return add(a, number(*this, a.getType(), b)); }
Value KernelBuilder::sub(Value a, int64_t b) { return sub(a, number(*this, a.getType(), b)); }
Value KernelBuilder::mul(Value a, int64_t b) { return mul(a, number(*this, a.getType(), b)); }
Value KernelBuilder::div(Value a, int64_t b) { return div(a, number(*this, a.getType(), b)); }
Value KernelBuilder::rem(Value a, int64_t b) { return rem(a, number(*this, a.getType(), b)); }

/// maxnum under these flags is one vmaxps; neither can change a number that is not NaN or -0.
static constexpr auto kOrderFlags = arith::FastMathFlags::nnan | arith::FastMathFlags::nsz;

Value KernelBuilder::max(Value a, Value b) {
  if (isFloat(a.getType()))
    return arith::MaxNumFOp::create(ops, a, b, kOrderFlags);
  return ops.createOrFold<arith::MaxSIOp>(a, b);
}

Value KernelBuilder::min(Value a, Value b) {
  if (isFloat(a.getType()))
    return arith::MinNumFOp::create(ops, a, b, kOrderFlags);
  return ops.createOrFold<arith::MinSIOp>(a, b);
}

Value KernelBuilder::fma(Value a, Value b, Value c) { return math::FmaOp::create(ops, a, b, c); }
Value KernelBuilder::sqrt(Value x) { return math::SqrtOp::create(ops, x); }
Value KernelBuilder::rint(Value x) { return math::RoundEvenOp::create(ops, x); }
Value KernelBuilder::abs(Value x) { return math::AbsFOp::create(ops, x); }
Value KernelBuilder::neg(Value x) { return arith::NegFOp::create(ops, x); }

Value KernelBuilder::bitAnd(Value a, Value b) { return ops.createOrFold<arith::AndIOp>(a, b); }
Value KernelBuilder::bitOr(Value a, Value b) { return ops.createOrFold<arith::OrIOp>(a, b); }
Value KernelBuilder::bitAnd(Value a, int64_t mask) { return bitAnd(a, integer(a.getType(), mask)); }
Value KernelBuilder::bitOr(Value a, int64_t bits) { return bitOr(a, integer(a.getType(), bits)); }
Value KernelBuilder::bitXor(Value a, int64_t bits) {
  return ops.createOrFold<arith::XOrIOp>(a, integer(a.getType(), bits));
}
Value KernelBuilder::shiftLeft(Value a, int64_t count) {
  return ops.createOrFold<arith::ShLIOp>(a, integer(a.getType(), count));
}
Value KernelBuilder::shiftRight(Value a, int64_t count) {
  return ops.createOrFold<arith::ShRUIOp>(a, integer(a.getType(), count));
}
Value KernelBuilder::shiftRightSigned(Value a, int64_t count) {
  return ops.createOrFold<arith::ShRSIOp>(a, integer(a.getType(), count));
}

Value KernelBuilder::compare(IntPredicate predicate, Value a, Value b) {
  return arith::CmpIOp::create(ops, predicate, a, b);
}
Value KernelBuilder::compare(IntPredicate predicate, Value a, int64_t b) {
  return compare(predicate, a, integer(a.getType(), b));
}
Value KernelBuilder::compare(FloatPredicate predicate, Value a, Value b) {
  return arith::CmpFOp::create(ops, predicate, a, b);
}
Value KernelBuilder::select(Value condition, Value yes, Value no) {
  return ops.createOrFold<arith::SelectOp>(condition, yes, no);
}

//===----------------------------------------------------------------------===//
// Conversion
//===----------------------------------------------------------------------===//

Value KernelBuilder::bitcast(Value value, Type type) {
  if (value.getType() == type)
    return value;
  if (isa<VectorType>(type))
    return vector::BitCastOp::create(ops, type, value);
  return arith::BitcastOp::create(ops, type, value);
}

Value KernelBuilder::toBF16(Value value) {
  if (machine.bf16) { // an instruction for vectors alone
    if (isa<VectorType>(value.getType()))
      return arith::TruncFOp::create(ops, withElement(value, bf16()), value);
    return extract(toBF16(broadcast(value, 4)), 0);
  }
  Value bits = bitcast(value, withElement(value, i32()));
  Value high = shiftRight(bits, 16);
  Value rounded = shiftRight(add(bits, add(bitAnd(high, 1), 0x7fff)), 16);
  Value isNaN = compare(FloatPredicate::UNO, value, value);
  Value word = truncate(select(isNaN, bitOr(high, 0x40), rounded), i16());
  return bitcast(word, withElement(value, bf16()));
}

Value KernelBuilder::convertFloat(Value value, Type element) {
  Type from = getElementTypeOrSelf(value.getType());
  if (from == element)
    return value;
  if (element.isBF16())
    return toBF16(value);
  if (from.isBF16()) { // the upper half of an f32
    Value word = extendUnsigned(bitcast(value, withElement(value, i16())), i32());
    return bitcast(shiftLeft(word, 16), withElement(value, element));
  }
  if (element.isF16())
    return arith::TruncFOp::create(ops, withElement(value, element), value);
  return arith::ExtFOp::create(ops, withElement(value, element), value);
}

Value KernelBuilder::toFloat(Value integer) {
  return arith::SIToFPOp::create(ops, withElement(integer, f32()), integer);
}
Value KernelBuilder::extendSigned(Value integer, Type element) {
  return ops.createOrFold<arith::ExtSIOp>(withElement(integer, element), integer);
}
Value KernelBuilder::extendUnsigned(Value integer, Type element) {
  return ops.createOrFold<arith::ExtUIOp>(withElement(integer, element), integer);
}
Value KernelBuilder::truncate(Value integer, Type element) {
  return ops.createOrFold<arith::TruncIOp>(withElement(integer, element), integer);
}

//===----------------------------------------------------------------------===//
// Lanes
//===----------------------------------------------------------------------===//

Value KernelBuilder::broadcast(Value scalar, int64_t count) {
  return vector::BroadcastOp::create(ops, vector(scalar.getType(), count), scalar);
}

Value KernelBuilder::shuffle(Value a, Value b, llvm::ArrayRef<int64_t> mask) {
  return vector::ShuffleOp::create(ops, a, b, mask);
}

Value KernelBuilder::extract(Value vector, int64_t lane) {
  return vector::ExtractOp::create(ops, vector, lane);
}

Value KernelBuilder::same(Value vector) {
  auto own = ops.createOrFold<vector::ExtractOp>(vector, 0);
  if (auto op = own.getDefiningOp<vector::ExtractOp>(); op && machine.warp)
    op->setAttr(kOwnLane, ops.getUnitAttr());
  return own;
}

Value KernelBuilder::lane() { return extendUnsigned(NVVM::LaneIdOp::create(ops, i32()), i64()); }

Value KernelBuilder::lookUp(Value table, Value numbers) {
  Value number = arith::IndexCastOp::create(ops, ops.getIndexType(), same(numbers));
  auto own = vector::ExtractOp::create(ops, table, number);
  own->setAttr(kOwnLane, ops.getUnitAttr());
  return broadcast(own);
}

Value KernelBuilder::insert(Value scalar, Value vector, int64_t lane) {
  return vector::InsertOp::create(ops, scalar, vector, lane);
}

Value KernelBuilder::reduce(Value vector, llvm::function_ref<Value(Value, Value)> fold) {
  for (int64_t half = laneCount(vector) / 2; half > 0; half /= 2) {
    llvm::SmallVector<int64_t> low(half), high(half);
    for (int64_t lane = 0; lane < half; ++lane) {
      low[lane] = lane;
      high[lane] = lane + half;
    }
    vector = fold(shuffle(vector, vector, low), shuffle(vector, vector, high));
  }
  return extract(vector, 0);
}

Value KernelBuilder::reduceAdd(Value vector) {
  return reduce(vector, [&](Value a, Value b) { return add(a, b); });
}

Value KernelBuilder::reduceMax(Value vector) {
  return reduce(vector, [&](Value a, Value b) { return max(a, b); });
}

Value KernelBuilder::intrinsic(llvm::StringRef name, Type result, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(ops, result, ops.getStringAttr(name), operands).getResult(0);
}

Values KernelBuilder::transpose(Values rows) {
  int64_t count = static_cast<int64_t>(rows.size());
  // Each turn exchanges one bit of the number of the vector with that of the lane.
  for (int64_t bit = 1; bit < count; bit *= 2) {
    llvm::SmallVector<int64_t> low(count), high(count);
    for (int64_t lane = 0; lane < count; ++lane) {
      bool isLow = (lane & bit) == 0;
      low[lane] = isLow ? lane : count + lane - bit;
      high[lane] = isLow ? lane + bit : count + lane;
    }
    for (int64_t i = 0; i < count; ++i) {
      if (i & bit)
        continue;
      Value a = rows[i], b = rows[i + bit];
      rows[i] = shuffle(a, b, low);
      rows[i + bit] = shuffle(a, b, high);
    }
  }
  return rows;
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

void KernelBuilder::loop(Value from, Value to, int64_t step, Turn body) {
  loop(from, to, step, {}, [&](Value turn, ValueRange) {
    body(turn);
    return Values();
  });
}

Values KernelBuilder::loop(Value from, Value to, int64_t step, ValueRange carried,
                           CarryingTurn body) {
  auto loop = scf::ForOp::create(ops, from, to, index(step), carried,
                                 [](OpBuilder &, Location, Value, ValueRange) {});
  OpBuilder::InsertionGuard guard(ops);
  ops.setInsertionPointToEnd(loop.getBody());
  scf::YieldOp::create(ops, body(loop.getInductionVar(), loop.getRegionIterArgs()));
  return Values(loop.getResults());
}

void KernelBuilder::when(Value condition, Part yes) { when(condition, yes, nullptr); }

void KernelBuilder::when(Value condition, Part yes, Part no) {
  auto branch = scf::IfOp::create(ops, condition, /*withElseRegion=*/static_cast<bool>(no));
  OpBuilder::InsertionGuard guard(ops);
  ops.setInsertionPoint(branch.thenYield());
  yes();
  if (!no)
    return;
  ops.setInsertionPoint(branch.elseYield());
  no();
}

Values KernelBuilder::choose(Value condition, TypeRange types, ValuePart yes, ValuePart no) {
  auto branch = scf::IfOp::create(ops, types, condition, /*addThenBlock=*/true,
                                  /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(ops);
  ops.setInsertionPointToEnd(branch.thenBlock());
  scf::YieldOp::create(ops, yes());
  ops.setInsertionPointToEnd(branch.elseBlock());
  scf::YieldOp::create(ops, no());
  return Values(branch.getResults());
}

} // namespace tern::cpu
