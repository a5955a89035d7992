// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_NVPTX_LANES_H
#define TERN_PASSES_NVPTX_LANES_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace tern::nvptx {

/// Threads of a warp.
inline constexpr int64_t kWarp = 32;

/// A vector of KernelBuilder's as the threads of a warp hold it: of 32 m elements m a thread (its
/// slots), the first m those of the first thread; of fewer than 32, one in each of the first
/// threads, and anything in the others.
class Lanes {
public:
  Lanes(mlir::ImplicitLocOpBuilder &ops, mlir::Value lane) : ops(ops), lane(lane) {}

  static bool isDistributed(int64_t elements) { return elements <= kWarp || elements % kWarp == 0; }
  /// Elements of one thread.
  static int64_t widthOf(mlir::VectorType type);
  /// What one thread holds: a scalar, or a vector of the slots.
  static mlir::Type typeOf(mlir::VectorType type);

  mlir::Value number(int64_t value);
  /// Whether the thread is among those whose bits are set.
  mlir::Value isAnyOf(uint32_t threads);
  /// Whether the thread holds an element; null if all do.
  mlir::Value isOneOf(mlir::VectorType type);

  mlir::Value constant(mlir::DenseElementsAttr elements);
  mlir::Value slot(mlir::Value own, int64_t number);
  mlir::Value withSlot(mlir::Value own, int64_t number, mlir::Value element);
  mlir::Value broadcast(mlir::Value scalar, mlir::Type type);
  mlir::Value bitcast(mlir::Value own, mlir::Type type);

  /// What thread `from` (i32) holds.
  mlir::Value fromLane(mlir::Value scalar, mlir::Value from);
  /// vector.shuffle of two sources of one type.
  mlir::Value shuffle(mlir::Value first, mlir::Value second, mlir::VectorType source,
                      mlir::VectorType result, llvm::ArrayRef<int64_t> mask);

  /// Each thread's part of the vector at `address`; where the condition (of each slot; null: always
  /// true) does not hold nothing is read, and `otherwise` is held.
  mlir::Value load(mlir::VectorType type, mlir::Value address, unsigned alignment,
                   mlir::Value condition, mlir::Value otherwise);
  void store(mlir::VectorType type, mlir::Value own, mlir::Value address, unsigned alignment,
             mlir::Value condition);
  /// Each thread for which the condition holds stores at its own address.
  void storeApart(mlir::Value own, mlir::Value address, unsigned alignment, mlir::Value condition);
  /// One thread stores.
  void storeScalar(mlir::Value scalar, mlir::Value address, unsigned alignment);

private:
  mlir::Value element(llvm::ArrayRef<mlir::Attribute> ofThreads);
  mlir::Value threadOf(llvm::ArrayRef<int64_t> ofThreads);
  mlir::Value ownAddress(mlir::VectorType type, mlir::Value address);

  mlir::ImplicitLocOpBuilder &ops;
  mlir::Value lane; // i32
};

} // namespace tern::nvptx

#endif
