// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_COST_H
#define TERN_PASSES_SATURATE_COST_H

#include "dialects/Tern/IR/Tern.h"

namespace tern::saturate {

/// What a machine can do.
struct Machine {
  double bytesPerSecond;
  /// Multiplications and additions, by the type that they are done in.
  double floatOps, halfOps, byteOps;
  /// Seconds to start one kernel on all threads.
  double launch;

  /// Two cores of a server with AVX-512.
  static Machine cpu() { return {20e9, 150e9, 300e9, 600e9, 2e-6}; }
};

/// The use that costs are evaluated for.
struct Use {
  int64_t prompt = 512;
  int64_t batch = 1;
  int64_t context = 4096;
  int64_t stepsPerLoad = 100000;
};

/// A roofline: the larger of bytes over bandwidth and operations over peak, and the launch.
class CostModel {
public:
  CostModel(Machine machine, Use use) : machine(machine), use(use) {}

  /// Seconds of a step. A prompt is one step of many rows, each further token one of few: the mean
  /// over a context counts. What is load-bound takes its time once in `stepsPerLoad` steps.
  double perStep(mlir::OperationName name, llvm::ArrayRef<mlir::Type> operands,
                 llvm::ArrayRef<mlir::Attribute> properties, mlir::Type result, bool isLoad) const;

  /// What a step pays for the memory of a tensor that the load leaves behind.
  double residentPerStep(mlir::RankedTensorType type) const;

private:
  double seconds(mlir::OperationName name, llvm::ArrayRef<mlir::Type> operands,
                 llvm::ArrayRef<mlir::Attribute> properties, mlir::Type result, int64_t rows) const;
  double contraction(llvm::ArrayRef<mlir::Type> operands, llvm::StringRef axes,
                     mlir::RankedTensorType result, int64_t rows) const;
  double extent(ExtentAttr extent, int64_t rows) const;
  double elements(mlir::RankedTensorType type, int64_t rows) const;
  double bytes(mlir::RankedTensorType type, int64_t rows) const;
  double roofline(double bytes, double operations, double peak) const;

  Machine machine;
  Use use;
};

} // namespace tern::saturate

#endif
