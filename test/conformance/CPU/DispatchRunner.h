// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs a dispatch both ways: as a kernel of its schema and by the references of its operations.
#ifndef TERN_TEST_CONFORMANCE_CPU_DISPATCHRUNNER_H
#define TERN_TEST_CONFORMANCE_CPU_DISPATCHRUNNER_H

#include "dialects/Tern/Reference/Interpreter.h"
#include "passes/CPU/Schema.h"
#include "test/conformance/CPU/MappedImage.h"
#include "test/conformance/CPU/Operands.h"
#include "test/conformance/NVPTX/PtxKernel.h"

#include <map>

namespace tern::test {

using EmitFunction = decltype(cpu::emitRows);
using Dims = std::map<std::string, int64_t>;

/// The memory of a kernel's operand.
class Buffer {
public:
  Buffer(const GuardedBytes &memory) : bytes(memory.data(), memory.size()) {}
  Buffer(std::vector<int32_t> &numbers)
      : bytes(reinterpret_cast<uint8_t *>(numbers.data()), 4 * numbers.size()) {}

  std::span<uint8_t> bytes;
};

/// The only dispatch of a module in MLIR text, compiled. The dispatch stands in the function @f,
/// whose arguments it takes in order, and whose results are its own.
class DispatchRunner {
public:
  /// Rows of matrices lie `padding` elements further apart than they are long (32 for blocks).
  DispatchRunner(const std::string &text, EmitFunction emit, const cpu::Target &target,
                 int64_t padding = 3);

  bool compiled() const { return image || ptx; }
  /// What the schema said when it could not lower the dispatch.
  const std::string &diagnostic() const { return said; }
  const cpu::KernelInfo &info() const { return kernelInfo; }
  DispatchOp dispatch() const { return op; }
  mlir::ModuleOp module() const { return *owned; }

  /// The value of a sum of dimensions.
  int64_t valueOf(ExtentAttr extent, const Dims &dims) const;

  /// Calls the kernel for tiles [begin, end); an `end` of -1 stands for all. A kernel for a warp
  /// runs all tiles, on the emulator.
  void call(const std::vector<Buffer> &buffers, const Dims &dims,
            const std::vector<int64_t> &indices, int64_t begin = 0, int64_t end = -1) const;

  /// Runs a dispatch on tensors alone; numbers in and out are row-major without padding.
  std::vector<std::vector<double>> run(const std::vector<std::vector<double>> &inputs,
                                       const Dims &dims, bool tileByTile = false) const;
  /// The same by reference.
  std::vector<std::vector<double>> refer(const std::vector<std::vector<double>> &inputs,
                                         const Dims &dims) const;

  std::vector<int64_t> shapeOf(mlir::Type type, const Dims &dims) const;
  int64_t rowStrideOf(mlir::Type type) const;
  /// The bytes of a tensor with padded rows; what lies between rows is NaN.
  std::unique_ptr<GuardedBytes> store(const std::vector<double> &numbers, mlir::Type type,
                                      const Dims &dims) const;
  std::vector<double> load(const GuardedBytes &bytes, mlir::Type type, const Dims &dims) const;

private:
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<mlir::ModuleOp> owned;
  mutable DispatchOp op; // a handle, whose methods are not const
  int64_t padding;
  std::unique_ptr<MappedImage> image; // or
  std::unique_ptr<PtxKernel> ptx;
  cpu::KernelInfo kernelInfo;
  std::string said;
};

/// What this host runs by itself, then a warp on the emulator.
std::vector<cpu::Target> allTargets();

/// Repeatable numbers in [-scale, scale).
std::vector<double> randomNumbers(int64_t count, uint32_t seed, double scale = 1);

/// The largest difference, divided by the largest magnitude of `expected` (1 if that is less).
double relativeError(const std::vector<double> &got, const std::vector<double> &expected);

} // namespace tern::test

#endif
