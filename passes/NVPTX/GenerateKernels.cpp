// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/Passes.h"

#include "passes/CPU/DispatchBuffers.h"
#include "passes/CPU/GenerateKernels.h"
#include "passes/CPU/LaunchCheck.h"
#include "passes/NVPTX/AttentionKernels.h"
#include "passes/NVPTX/DistributeLanes.h"
#include "passes/NVPTX/Lanes.h"
#include "passes/NVPTX/LastBlock.h"
#include "passes/NVPTX/Target.h"
#include "passes/NVPTX/TensorKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <numeric>

using namespace mlir;

namespace tern::nvptx {

#define GEN_PASS_DEF_GENERATEKERNELSPASS
#include "passes/NVPTX/Passes.h.inc"

/// Shared memory that a block has without asking for more, and the most that it has on each chip.
static constexpr int64_t kSharedBytes = 48 << 10, kMostSharedBytes = 99 << 10;
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
    for (auto kernel : llvm::to_vector(getOperation().getOps<plan::KernelOp>())) {
      bool isForHost = ofLoad.contains(kernel.getSymNameAttr());
      if (!isForHost && failed(addTensorKernels(kernel, device, *gpu, infos)))
        return signalPassFailure();
      if (infos.contains(kernel.getName()))
        continue;
      FailureOr<cpu::KernelInfo> info =
          isForHost ? cpu::generateKernel(kernel, code, *host) : generate(kernel, device, *gpu);
      if (failed(info))
        return signalPassFailure();
      infos[kernel.getName()] = *info;
    }
    numGenerated += infos.size();
    for (auto kernel : getOperation().getOps<plan::KernelOp>())
      numRemarks += kernel.getRemark() ? 1 : 0;
    for (auto program : getOperation().getOps<plan::ProgramOp>())
      for (auto launch : program.getBody().getOps<plan::LaunchOp>())
        cpu::completeLaunch(launch, infos[launch.getKernel()]);
    joinRows(getOperation(), device);
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

  //===- Tensor cores -------------------------------------------------------===//

  SmallVector<plan::LaunchOp> launchesOf(plan::KernelOp kernel) {
    SmallVector<plan::LaunchOp> launches;
    for (auto program : getOperation().getOps<plan::ProgramOp>())
      for (auto launch : program.getBody().getOps<plan::LaunchOp>())
        if (launch.getKernel() == kernel.getName())
          launches.push_back(launch);
    return launches;
  }

  /// What the buffers of all launches are at multiples of; spaces are at multiples of 64.
  static SmallVector<int64_t> alignmentsOf(ArrayRef<plan::LaunchOp> launches, unsigned buffers) {
    SmallVector<int64_t> alignments(buffers, 64);
    for (plan::LaunchOp launch : launches)
      for (auto [alignment, buffer] : llvm::zip_equal(alignments, launch.getBuffers()))
        alignment = std::gcd(alignment, buffer.getDefiningOp<plan::BufferOp>().getOffset());
    return alignments;
  }

  /// Gives a contraction or an attention the kernels that it has on tensor cores.
  LogicalResult addTensorKernels(plan::KernelOp kernel, ModuleOp device, const Target &gpu,
                                 llvm::StringMap<cpu::KernelInfo> &infos) {
    auto dispatches = kernel.getBody().getOps<DispatchOp>();
    if (dispatches.empty())
      return success();
    DispatchOp dispatch = *dispatches.begin();
    bool isAttention = dispatch.getSchema() == Schema::attention;
    if (!isAttention && dispatch.getSchema() != Schema::contraction)
      return success();
    SmallVector<cpu::Layout> layouts;
    for (int64_t stride : kernel.getRowStrides())
      layouts.push_back({stride});
    SmallVector<plan::LaunchOp> launches = launchesOf(kernel);
    SmallVector<int64_t> alignments =
        alignmentsOf(launches, cpu::DispatchBuffers(dispatch).buffers());
    if (isAttention)
      return addAttention(kernel, dispatch, layouts, alignments, launches, device, gpu, infos);
    FailureOr<TensorKernels> kernels =
        emitTensorKernels(dispatch, layouts, alignments, kernel.getName(), device);
    if (failed(kernels))
      return failure();
    if (!kernels->remark.empty())
      kernel.setRemark(kernels->remark);
    if (!kernels->few)
      return success();
    infos[kernel.getName()] = kernels->few->info;
    kernel.setBlock(blockOf(kernels->few->start));
    kernel.getBody().getBlocks().clear();
    if (kernels->many)
      addMany(kernel, *kernels->many, launches, infos);
    return success();
  }

  static SmallVector<int64_t, 3> blockOf(const TensorKernel &start) {
    return {start.threads, start.blockTiles, start.sharedBytes};
  }

  /// The kernel for more than a few rows is one of its own, and each launch two.
  void addMany(plan::KernelOp few, const TensorKernels::Kernel &own,
               ArrayRef<plan::LaunchOp> launches, llvm::StringMap<cpu::KernelInfo> &infos) {
    plan::KernelOp many = addKernel(few, "_many", own.start);
    infos[many.getName()] = own.info;
    ExtentAttr rows = own.info.sizes.front();
    for (plan::LaunchOp launch : launches) {
      launchBeside(launch, many).setConditionAttr(rows.plus(constant(-kFewRows)));
      launch.setConditionAttr(constant(kFewRows + 1).plus(rows.times(-1)));
    }
  }

  /// A kernel beside another for the same dispatch, whose name goes on.
  plan::KernelOp addKernel(plan::KernelOp beside, StringRef suffix, const TensorKernel &start) {
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfter(beside);
    return plan::KernelOp::create(builder, beside.getLoc(), (beside.getName() + suffix).str(),
                                  beside.getRowStridesAttr(), IntegerAttr(),
                                  builder.getDenseI64ArrayAttr(blockOf(start)), StringAttr());
  }

  /// Gives attention over a cache kernels on tensor cores, whose roundings are those of
  /// --numerics=fast, and kernels for few rows.
  LogicalResult addAttention(plan::KernelOp kernel, DispatchOp dispatch,
                             ArrayRef<cpu::Layout> layouts, ArrayRef<int64_t> alignments,
                             ArrayRef<plan::LaunchOp> launches, ModuleOp device, const Target &gpu,
                             llvm::StringMap<cpu::KernelInfo> &infos) {
    auto numerics = getOperation()->getAttrOfType<StringAttr>("tern.numerics");
    FailureOr<AttentionKernels> own =
        emitAttentionKernels(dispatch, layouts, alignments, kernel.getName(), device, gpu.warp,
                             /*rounds=*/numerics && numerics == "fast");
    if (failed(own))
      return failure();
    if (!own->remark.empty())
      kernel.setRemark(own->remark);
    if (own->all) {
      infos[kernel.getName()] = own->all->info;
      kernel.setBlock(blockOf(own->all->start));
      kernel.getBody().getBlocks().clear();
    }
    if (!own->apart)
      return success();
    plan::KernelOp merge;
    if (own->merge) {
      merge = addKernel(kernel, "_merge", own->merge->start);
      infos[merge.getName()] = own->merge->info;
    }
    plan::KernelOp apart = addKernel(kernel, "_apart", own->apart->start);
    infos[apart.getName()] = own->apart->info;
    for (plan::LaunchOp launch : launches) {
      plan::LaunchOp first = launchBeside(launch, apart);
      first.setConditionAttr(constant(own->apartRows + 1).plus(own->rows.times(-1)));
      first.getBuffersMutable().append(workspaceOf(launch, own->workspaceBytes));
      if (merge)
        launchBeside(first, merge);
      launch.setConditionAttr(own->rows.plus(constant(-own->apartRows)));
    }
    return success();
  }

  ExtentAttr constant(int64_t value) { return ExtentAttr::getConstant(&getContext(), value); }

  /// The same launch of another kernel, after it.
  static plan::LaunchOp launchBeside(plan::LaunchOp launch, plan::KernelOp kernel) {
    OpBuilder builder(launch.getContext());
    builder.setInsertionPointAfter(launch);
    auto beside = cast<plan::LaunchOp>(builder.clone(*launch));
    beside.setKernelAttr(FlatSymbolRefAttr::get(kernel));
    return beside;
  }

  /// Memory after the program's arena, which all of its launches share.
  Value workspaceOf(plan::LaunchOp launch, int64_t bytes) {
    auto program = launch->getParentOfType<plan::ProgramOp>();
    auto arena = static_cast<int64_t>(program.getArenaBytes());
    auto [at, isNew] = workspaces.try_emplace(program, llvm::alignTo(arena, 64));
    program.setArenaBytes(std::max<int64_t>(arena, at->second + bytes));
    OpBuilder builder(launch);
    return plan::BufferOp::create(builder, launch.getLoc(), plan::BufferType::get(&getContext()),
                                  plan::Space::arena, "", at->second, constant(bytes), ArrayAttr(),
                                  TypeAttr());
  }

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
    shape.isScratchGlobal = shape.scratchBytes > kMostSharedBytes;
    if (!shape.isScratchGlobal)
      while (shape.warps > 1 && shape.warps * shape.scratchBytes > kSharedBytes)
        shape.warps /= 2;
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
    int64_t shared = shape.isScratchGlobal ? 0 : shape.warps * shape.scratchBytes;
    kernel.setScratch(shape.isScratchGlobal ? shape.scratchBytes : 0);
    kernel.setBlock(ArrayRef<int64_t>{shape.warps * kWarp, shape.warps, shared});
    return info;
  }

  llvm::DenseSet<StringAttr> ofLoad;
  llvm::DenseMap<Operation *, int64_t> workspaces; ///< where a program's begins
};

} // namespace
} // namespace tern::nvptx
