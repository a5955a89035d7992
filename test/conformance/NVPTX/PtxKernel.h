// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_CONFORMANCE_NVPTX_PTXKERNEL_H
#define TERN_TEST_CONFORMANCE_NVPTX_PTXKERNEL_H

#include "passes/CPU/Target.h"
#include "passes/NVPTX/DistributeLanes.h"
#include "runtime/src/device/emulator/Emulator.h"

#include "mlir/IR/BuiltinOps.h"

#include <span>
#include <string>

namespace tern::test {

/// The threads of a warp as the lanes of kernels' vectors.
const cpu::Target &warpTarget();

/// The only kernel of a module of schemas for `warpTarget()`, as PTX for sm_80 on the emulator.
class PtxKernel {
public:
  /// The module is changed. A kernel that has no form for a warp aborts with the diagnostic.
  PtxKernel(mlir::ModuleOp module, const nvptx::KernelShape &shape);

  /// Runs all tiles; buffers hold what the kernel may read. Empty, or what the emulator found.
  /// Where TERN_RECORD_KERNELS names a folder, the first runs are written there, to be run again on
  /// a GPU (test/gpu).
  std::string run(llvm::ArrayRef<std::span<uint8_t>> buffers, llvm::ArrayRef<int64_t> sizes,
                  int64_t tiles) const;

private:
  nvptx::KernelShape shape;
  std::string text;
  runtime::emulator::Module code;
  mutable int runs = 0;
};

} // namespace tern::test

#endif
