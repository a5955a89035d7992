// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/Passes.h"

#include "passes/CPU/DispatchBuffers.h"
#include "passes/CPU/GenerateKernels.h"
#include "passes/CPU/LaunchCheck.h"
#include "passes/NVPTX/DistributeLanes.h"
#include "passes/NVPTX/Lanes.h"
#include "passes/NVPTX/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace tern::nvptx {

#define GEN_PASS_DEF_GENERATEKERNELSPASS
#include "passes/NVPTX/Passes.h.inc"

/// Shared memory that a block has without asking for more.
static constexpr int64_t kSharedBytes = 48 << 10;
static constexpr int64_t kMostWarps = 4;

/// Threads of contractions and attention that a multiprocessor is to have registers for: 128 of its
/// 65536 for each. With fewer, or if it is left to choose, ptxas keeps in memory what has no
/// register (up to 32 bytes of attention, 96 of products of f16).
static constexpr int64_t kThreadsAtOnce = 512;
/// What each chip has room for.
static constexpr int64_t kMostBlocks = 16;

/// Attention's tiles are as large as registers allow. ptxas would unroll the loops over them once
/// more and move their loads ahead, for which 168 registers are too few.
static void keepLoops(func::FuncOp function) {
  MLIRContext *context = function.getContext();
  auto off =
      LLVM::LoopUnrollAttr::get(context, BoolAttr::get(context, true), {}, {}, {}, {}, {}, {});
  auto annotation = LLVM::LoopAnnotationAttr::get(context, {}, {}, {}, off, {}, {}, {}, {}, {}, {},
                                                  {}, {}, {}, {}, {});
  function.walk([&](scf::ForOp loop) { loop->setAttr("loop_annotation", annotation); });
}

namespace {

struct GenerateKernels : impl::GenerateKernelsPassBase<GenerateKernels> {
  using Base::Base;

  void runOnOperation() override {
    llvm::Expected<cpu::Target> host = cpu::Target::named(targetCpu);
    if (!host)
      return refuse(llvm::toString(host.takeError()));
    llvm::Expected<Target> gpu = Target::named(chip);
    if (!gpu)
      return refuse(llvm::toString(gpu.takeError()));
    if (failed(cpu::checkLaunches(getOperation())))
      return signalPassFailure();
    separateLoad();
    auto builder = OpBuilder::atBlockEnd(getOperation().getBody());
    auto code = ModuleOp::create(builder, getOperation().getLoc(), "code");
    auto device = ModuleOp::create(builder, getOperation().getLoc(), "device");
    llvm::StringMap<cpu::KernelInfo> infos;
    for (auto kernel : getOperation().getOps<plan::KernelOp>()) {
      bool isForHost = ofLoad.contains(kernel.getSymNameAttr());
      FailureOr<cpu::KernelInfo> info =
          isForHost ? cpu::generateKernel(kernel, code, *host) : generate(kernel, device, *gpu);
      if (failed(info))
        return signalPassFailure();
      infos[kernel.getName()] = *info;
      ++numGenerated;
      if (!info->remark.empty())
        ++numRemarks;
    }
    for (auto program : getOperation().getOps<plan::ProgramOp>())
      for (auto launch : program.getBody().getOps<plan::LaunchOp>())
        cpu::completeLaunch(launch, infos[launch.getKernel()]);
  }

private:
  void refuse(const std::string &why) {
    getOperation().emitError(why);
    signalPassFailure();
  }

  /// Kernels that `load` uses are its own.
  void separateLoad() {
    llvm::DenseSet<StringAttr> ofOthers;
    auto kernelOf = [](plan::LaunchOp launch) { return launch.getKernelAttr().getAttr(); };
    auto programs = getOperation().getOps<plan::ProgramOp>();
    for (auto program : programs)
      for (auto launch : program.getBody().getOps<plan::LaunchOp>())
        (isLoad(program) ? ofLoad : ofOthers).insert(kernelOf(launch));
    SymbolTable symbols(getOperation());
    for (auto program : llvm::make_filter_range(programs, isLoad))
      for (auto launch : program.getBody().getOps<plan::LaunchOp>()) {
        StringAttr name = kernelOf(launch);
        if (!ofOthers.contains(name))
          continue;
        auto own = StringAttr::get(&getContext(), name.getValue() + ".load");
        if (!symbols.lookup(own)) {
          auto kernel = symbols.lookup<plan::KernelOp>(name);
          auto copy = kernel.clone();
          copy.setSymNameAttr(own);
          symbols.insert(copy, std::next(kernel->getIterator()));
          ofLoad.insert(own);
        }
        launch.setKernelAttr(FlatSymbolRefAttr::get(own));
      }
    for (StringAttr name : ofOthers)
      ofLoad.erase(name);
  }

  static bool isLoad(plan::ProgramOp program) { return program.getName() == "load"; }

  static FailureOr<cpu::KernelInfo> generate(plan::KernelOp kernel, ModuleOp device,
                                             const Target &target) {
    auto dispatches = kernel.getBody().getOps<DispatchOp>();
    unsigned buffers = 0;
    std::optional<Schema> schema;
    if (!dispatches.empty()) {
      DispatchOp dispatch = *dispatches.begin();
      schema = dispatch.getSchema();
      buffers = cpu::DispatchBuffers(dispatch).buffers();
      if (!dispatch.getBody().front().getOps<QuantiseOp>().empty())
        return kernel.emitError() << "kernel " << kernel.getName()
                                  << ": activations in blocks of codes have no kernel for a GPU";
    }
    FailureOr<cpu::KernelInfo> info = cpu::generateKernel(kernel, device, target.warp);
    if (failed(info))
      return failure();
    KernelShape shape;
    shape.buffers = buffers;
    shape.sizes = info->sizes.size() + info->indexInputs;
    shape.scratchBytes = llvm::alignTo(info->scratchBytes, 64);
    shape.warps = kMostWarps;
    while (shape.warps > 1 && shape.warps * shape.scratchBytes > kSharedBytes)
      shape.warps /= 2;
    if (shape.scratchBytes > kSharedBytes)
      return kernel.emitError() << "kernel " << kernel.getName() << ": expected at most "
                                << kSharedBytes << " bytes of scratch, found "
                                << shape.scratchBytes;
    auto function = device.lookupSymbol<func::FuncOp>(kernel.getName());
    if (failed(distributeLanes(function, shape)))
      return failure();
    function = device.lookupSymbol<func::FuncOp>(kernel.getName());
    if (schema == Schema::attention)
      keepLoops(function);
    if (schema == Schema::contraction || schema == Schema::attention) {
      int64_t blocks = std::min(kMostBlocks, kThreadsAtOnce / (shape.warps * kWarp));
      function->setAttr(kLeastBlocks,
                        Builder(function).getI32IntegerAttr(static_cast<int32_t>(blocks)));
    }
    kernel.setBlock(
        ArrayRef<int64_t>{shape.warps * kWarp, shape.warps, shape.warps * shape.scratchBytes});
    return info;
  }

  llvm::DenseSet<StringAttr> ofLoad;
};

} // namespace
} // namespace tern::nvptx
