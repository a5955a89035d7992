// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels are written as C++ over this class: each call appends one MLIR op (or folds it).
//
// A kernel is `void(void *const *buffers, const int64_t *sizes, void *scratch, int64_t begin,
// int64_t end)` and runs tiles [begin, end); its bits never depend on how tiles are divided.
// It calls nothing and allocates nothing. Addresses are llvm.ptr, index arithmetic is i64 and
// never negative, vectors are one-dimensional. Nothing here carries fast-math flags but max and
// min (nnan, nsz: they do not round), and only fma() fuses, so the written order is the order of
// rounding. The written order is also the order of instructions (CodeImage turns the schedulers
// off): load weights first, then per row broadcast and fma, and no more live values than
// Target::registers.
#ifndef TERN_PASSES_CPU_KERNELBUILDER_H
#define TERN_PASSES_CPU_KERNELBUILDER_H

#include "passes/CPU/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace tern::cpu {

using mlir::Type;
using mlir::Value;
using Values = llvm::SmallVector<mlir::Value>;

/// Marks an operation on a warp's vectors that means the lane's own element or address.
inline constexpr llvm::StringLiteral kOwnLane = "tern.own_lane";

class KernelBuilder {
public:
  using Body = llvm::function_ref<void(KernelBuilder &)>;
  /// Appends a kernel called `name` to `module`; `body` writes it.
  static void define(mlir::ModuleOp module, const Target &target, llvm::StringRef name, Body body);
  /// Appends `void(buffers..., sizes..., int64_t tiles)`, a function as GPUs start: it has no
  /// scratch, and what it does of the tiles is its own affair.
  static mlir::func::FuncOp defineFlat(mlir::ModuleOp module, const Target &target,
                                       llvm::StringRef name, unsigned buffers, unsigned sizes,
                                       Body body);

  const Target &target() const { return machine; }
  /// f32 lanes of the target's vectors.
  int64_t lanes() const { return machine.lanes; }

  // The kernel's arguments. The tables do not change while a kernel runs, so buffer() and size()
  // cost nothing in a loop.
  Value buffer(unsigned number);
  Value size(unsigned number);
  Value scratch();
  Value begin();
  Value end();

  // Types.
  Type pointer();
  Type i1() { return ops.getI1Type(); }
  Type i8() { return ops.getI8Type(); }
  Type i16() { return ops.getI16Type(); }
  Type i32() { return ops.getI32Type(); }
  Type i64() { return ops.getI64Type(); }
  Type f16() { return ops.getF16Type(); }
  Type bf16() { return ops.getBF16Type(); }
  Type f32() { return ops.getF32Type(); }
  mlir::VectorType vector(Type element, int64_t count);
  /// A vector of `lanes()` elements: a full register for f32 and i32.
  mlir::VectorType vector(Type element) { return vector(element, lanes()); }
  /// The type of `value` with another element type.
  static Type withElement(Value value, Type element);
  static int64_t laneCount(Value vector);

  // Constants: of a scalar type, or the same number in every lane of a vector type.
  Value index(int64_t number) { return integer(i64(), number); }
  Value integer(Type type, int64_t number);
  Value constant(Type floatType, double number);
  Value zero(Type type);
  /// An i32 vector 0, 1, 2, ...
  Value iota(int64_t count);

  // Memory. Offsets are bytes; `alignment` is what the address is known to be a multiple of.
  Value address(Value base, Value bytes);
  Value address(Value base, int64_t bytes);
  Value load(Type type, Value base, int64_t offset = 0, unsigned alignment = 4);
  void store(Value value, Value base, int64_t offset = 0, unsigned alignment = 4);
  /// The first `count` lanes alone touch memory; the other lanes of a load are 0.
  Value loadFirst(mlir::VectorType type, int64_t count, Value base, int64_t offset = 0,
                  unsigned alignment = 4);
  void storeFirst(Value vector, int64_t count, Value base, int64_t offset = 0,
                  unsigned alignment = 4);
  /// The same for the lanes of a mask, a vector of i1.
  Value loadWhere(mlir::VectorType type, Value mask, Value base, unsigned alignment);
  void storeWhere(Value vector, Value mask, Value base, unsigned alignment);
  /// In a warp: stores each lane of the mask at the lane's own address.
  void storeApart(Value vector, Value mask, Value address, unsigned alignment);
  /// Asks for the cache line at an address, which may lie outside of any buffer.
  void prefetch(Value base, int64_t offset);
  /// The same value, of which the optimiser knows nothing: loads from a hidden address are not
  /// merged with earlier ones, which would keep their results in registers.
  Value hide(Value value);

  // Arithmetic on floats or on integers, scalars or vectors. Integers are unsigned in div and
  // rem. A number on the right becomes a constant of the left side's type.
  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value div(Value a, Value b);
  Value rem(Value a, Value b);
  Value add(Value a, int64_t b);
  Value sub(Value a, int64_t b);
  Value mul(Value a, int64_t b);
  Value div(Value a, int64_t b);
  Value rem(Value a, int64_t b);
  /// Signed for integers; for floats the operands must not be NaN.
  Value max(Value a, Value b);
  Value min(Value a, Value b);
  /// a * b + c, rounded once.
  Value fma(Value a, Value b, Value c);
  Value sqrt(Value x);
  /// To the nearest integer, of two to the even one.
  Value rint(Value x);
  Value abs(Value x);
  Value neg(Value x);

  // Bits of integers.
  Value bitAnd(Value a, int64_t mask);
  Value bitAnd(Value a, Value b);
  Value bitOr(Value a, int64_t bits);
  Value bitOr(Value a, Value b);
  Value bitXor(Value a, int64_t bits);
  Value shiftLeft(Value a, int64_t count);
  Value shiftRight(Value a, int64_t count);       // zeros come in
  Value shiftRightSigned(Value a, int64_t count); // copies of the sign come in

  // Comparison gives i1 or a vector of it.
  using IntPredicate = mlir::arith::CmpIPredicate;
  using FloatPredicate = mlir::arith::CmpFPredicate;
  Value compare(IntPredicate predicate, Value a, Value b);
  Value compare(IntPredicate predicate, Value a, int64_t b);
  Value compare(FloatPredicate predicate, Value a, Value b);
  Value select(Value condition, Value yes, Value no);

  // Conversion. The element type is given; the number of lanes stays.
  Value bitcast(Value value, Type type);
  /// f16 and bf16 to f32 (exact), f32 to f16 and bf16 (round half to even, any NaN stays one).
  Value convertFloat(Value value, Type element);
  Value toFloat(Value integer);                    // signed, to f32
  Value extendSigned(Value integer, Type element); // to a wider integer
  Value extendUnsigned(Value integer, Type element);
  Value truncate(Value integer, Type element); // the low bits

  // Lanes.
  Value broadcast(Value scalar, int64_t count);
  Value broadcast(Value scalar) { return broadcast(scalar, lanes()); }
  Value shuffle(Value a, Value b, llvm::ArrayRef<int64_t> mask);
  Value extract(Value vector, int64_t lane);
  /// What all lanes hold. In a warp what is made from lane() may be another number in each lane,
  /// and stays so.
  Value same(Value vector);
  /// In a warp: i64, in each lane its own number.
  Value lane();
  /// In a warp: in each lane the element of `table`, which all have, whose number (i32) it holds.
  Value lookUp(Value table, Value numbers);
  Value insert(Value scalar, Value vector, int64_t lane);
  /// Folds lanes in a fixed tree: lane i with lane i + n/2, then n/4, ..., 1. A scalar results.
  Value reduceAdd(Value vector);
  Value reduceMax(Value vector);
  /// As many vectors as they have lanes: lane i of vector j and lane j of vector i change places.
  Values transpose(Values rows);

  /// Calls an intrinsic by LLVM's name.
  Value intrinsic(llvm::StringRef name, Type result, mlir::ValueRange operands);

  // Control. Loops run from `from` below `to`; `carried` values pass from one turn to the next.
  using Turn = llvm::function_ref<void(Value)>;
  using CarryingTurn = llvm::function_ref<Values(Value, mlir::ValueRange)>;
  using Part = llvm::function_ref<void()>;
  using ValuePart = llvm::function_ref<Values()>;
  void loop(Value from, Value to, int64_t step, Turn body);
  Values loop(Value from, Value to, int64_t step, mlir::ValueRange carried, CarryingTurn body);
  /// One turn for each tile of this call.
  void forEachTile(Turn body) { loop(begin(), end(), 1, body); }
  void when(Value condition, Part yes);
  void when(Value condition, Part yes, Part no);
  Values choose(Value condition, mlir::TypeRange types, ValuePart yes, ValuePart no);

  /// For what is not above: any op may be built here.
  mlir::ImplicitLocOpBuilder &builder() { return ops; }

private:
  KernelBuilder(mlir::ImplicitLocOpBuilder &ops, const Target &target, mlir::ValueRange arguments)
      : ops(ops), machine(target), arguments(arguments) {}

  Value reduce(Value vector, llvm::function_ref<Value(Value, Value)> fold);
  Value toBF16(Value value);

  mlir::ImplicitLocOpBuilder &ops;
  const Target &machine;
  Values arguments;
  std::optional<unsigned> flatBuffers; ///< arguments are so many buffers, then sizes
};

} // namespace tern::cpu

#endif
