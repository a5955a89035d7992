// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_COST_H
#define TERN_PASSES_SATURATE_COST_H

#include "passes/Saturate/Machine.h"

#include "dialects/Tern/IR/Tern.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

namespace tern::saturate {

/// The use that costs are evaluated for.
struct Use {
  int64_t prompt = 512;
  int64_t batch = 1;
  int64_t context = 4096;
  int64_t stepsPerLoad = 100000;
};

/// How an operation becomes code, as passes/Dispatch decides.
enum class Work {
  Choice,      ///< nothing is done but what one of two operands does
  Free,        ///< a constant, which each kernel holds
  View,        ///< another look at memory
  Half,        ///< the same, of half of a product's columns: a kernel can hold both
  Joint,       ///< the same, of heads side by side: attention's kernel can hold them
  Repeated,    ///< each kernel that reads it computes it again
  Pointwise,   ///< element by element, in a kernel with its neighbours, a contraction's included
  Row,         ///< row by row, in a kernel with its neighbours
  Rotation,    ///< the same; attention can compute it as it reads its query
  Narrowing,   ///< the same, to narrower numbers: the last that a contraction's kernel can do
  Movement,    ///< elements of memory in another order, in a kernel with those that read them
  Contraction, ///< a kernel that element-wise terms can follow
  Kernel       ///< a kernel of its own, which writes its result
};

/// A roofline: the larger of bytes over bandwidth and operations over peak, and the launch. All
/// figures are seconds of the mean step of a use: a prompt is some steps of many rows, each further
/// token one step of few.
class CostModel {
public:
  /// Dimensions keep to the ranges that `module` declares, if there is one.
  CostModel(Machine machine, Use use, mlir::ModuleOp module = {});

  static Work workOf(mlir::Operation *op);

  /// Of a step, with the launch of a kernel that `op` alone has. Reads of operands count for what
  /// takes them from memory, the result's write for a Kernel. `loads` says which operands are known
  /// before the step.
  double step(mlir::Operation *op, llvm::ArrayRef<bool> loads) const;
  /// The same once a load, all reads, writes and launches included, as a step's share of it.
  double load(mlir::Operation *op) const;
  /// What a step pays for the memory of a tensor that the load leaves behind.
  double resident(mlir::RankedTensorType type) const;
  /// To read or write all of a tensor.
  double moved(mlir::RankedTensorType type) const;
  double launch() const { return machine.launch; }

private:
  /// Rows and cached slots of one kind of step.
  struct Variant {
    double rows, slots;
  };

  template <typename Seconds> double mean(Seconds seconds) const;
  double work(mlir::Operation *op, Variant variant, llvm::ArrayRef<bool> loads) const;
  double contraction(ContractOp op, Variant variant, bool isLoaded) const;
  double operations(mlir::Operation *op, Variant variant) const;
  double readBytes(mlir::Operation *op, Variant variant) const;
  double extent(ExtentAttr extent, Variant variant) const;
  double elements(mlir::RankedTensorType type, Variant variant) const;
  double bytes(mlir::RankedTensorType type, Variant variant) const;
  double roofline(double bytes, double operations, double peak) const;

  Machine machine;
  Use use;
  llvm::StringMap<std::pair<double, double>> ranges; ///< of dimensions, by name
};

} // namespace tern::saturate

#endif
