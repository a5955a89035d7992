// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The terms of a dispatch at a point of a nest of loops, computed a vector at a time on demand.
//
// Any rank, any axis, any extent: schemas `loops` and `fold`, and contractions of general axes,
// write their loops and ask here for what stands at an index. Moving elements (transposes, slices,
// broadcasts, gathers, reshapes) is arithmetic on the index.
#ifndef TERN_PASSES_CPU_LOOPTERMS_H
#define TERN_PASSES_CPU_LOOPTERMS_H

#include "passes/CPU/Constants.h"
#include "passes/CPU/DispatchBuffers.h"
#include "passes/CPU/KernelSizes.h"
#include "passes/CPU/Schema.h"

namespace tern::cpu {

/// Where in a tensor a vector of lanes stands.
struct Point {
  Values at;         ///< an index for each axis, i64; of the first lane
  int64_t axis = -1; ///< the lanes are neighbours along it; -1: one element in every lane
  Value live;        ///< the lanes that are inside the tensor, a vector of i1; null: all
};

/// How a term is read along an axis.
enum class Reach { Contiguous, Splat, Strided };

class LoopTerms {
public:
  LoopTerms(KernelBuilder &kernel, const KernelSizes &sizes, DispatchOp dispatch,
            llvm::ArrayRef<Layout> layouts, llvm::StringRef name, mlir::ModuleOp module);

  /// The elements, computed in f32, i32, or, if they are that wide, f64 and i64. Lanes that are not
  /// live hold anything.
  Value read(Value term, const Point &point);
  /// Rounds to the result's element type and stores the lanes that are live.
  void write(Value vector, unsigned result, const Point &point);
  /// Reads a result back.
  Value readResult(unsigned result, const Point &point);

  /// From now on the term is this vector.
  void set(Value term, Value vector) { known[term] = vector; }
  /// Forgets what was computed: what follows stands in another loop.
  void forget() { computed.clear(); }

  /// How the term's elements lie along an axis: a fact of types and layouts alone.
  static Reach reachOf(Value term, int64_t axis, llvm::ArrayRef<Layout> layouts);

  KernelBuilder &kernel() { return k; }
  Values extentsOf(Value term) { return sizes.of(k, typeOf(term)); }

private:
  static mlir::RankedTensorType typeOf(Value value) {
    return mlir::cast<mlir::RankedTensorType>(value.getType());
  }
  struct Memory {
    Value base;
    mlir::RankedTensorType type;
    llvm::SmallVector<Stride> strides;
  };

  Value compute(Value term, const Point &point);
  Value readMemory(const Memory &memory, const Point &point);
  Value readBlocks(const Memory &memory, const Point &point);
  Value readConstant(ConstantOp op, const Point &point);
  Value readGather(GatherOp op, const Point &point);
  Value readReshape(ReshapeOp op, const Point &point);
  Value readIota(IotaOp op, const Point &point);
  Value readOneHot(OneHotOp op, const Point &point);
  /// The index along an axis, in lanes of i32.
  Value indexAt(const Point &point, int64_t axis);
  /// Lane by lane: what `one` says of a point of one element.
  Value readLanes(mlir::RankedTensorType type, const Point &point,
                  llvm::function_ref<Value(const Point &)> one);
  Value load(const Memory &memory, Value address, const Point &point);
  Value addressOf(const Memory &memory, const Values &at);
  Memory memoryOf(mlir::BlockArgument input);
  Memory resultMemory(unsigned result);
  Point lane(const Point &point, Value number, Value extent);

  KernelBuilder &k;
  const KernelSizes &sizes;
  DispatchOp dispatch;
  llvm::ArrayRef<Layout> layouts;
  Constants constants;
  DispatchBuffers buffers;
  llvm::DenseMap<Value, Value> known;
  struct Computed {
    Value term;
    Point point;
    Value value;
  };
  llvm::SmallVector<Computed> computed;
};

/// Visits the vectors of [from, to) along an axis: all lanes live, then the rest under a mask.
void forEachVector(KernelBuilder &kernel, Value from, Value to,
                   llvm::function_ref<void(Value at, Value live)> body);

} // namespace tern::cpu

#endif
