// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/GenerateKernels.h"

#include "passes/CPU/LaunchCheck.h"
#include "passes/CPU/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace tern::cpu {

#define GEN_PASS_DEF_GENERATEKERNELSPASS
#include "passes/CPU/Passes.h.inc"

FailureOr<KernelInfo> emitKernel(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                 StringRef name, ModuleOp module, const Target &target) {
  switch (dispatch.getSchema()) {
  case Schema::contraction:
    return emitContraction(dispatch, layouts, name, module, target);
  case Schema::attention:
    return emitAttention(dispatch, layouts, name, module, target);
  case Schema::rows:
    return emitRows(dispatch, layouts, name, module, target);
  case Schema::gather:
    return emitGather(dispatch, layouts, name, module, target);
  case Schema::append:
    return emitAppend(dispatch, layouts, name, module, target);
  case Schema::pack:
    return emitPack(dispatch, layouts, name, module, target);
  case Schema::sampling:
    return emitSampling(dispatch, layouts, name, module, target);
  case Schema::loops:
    return emitLoops(dispatch, layouts, name, module, target);
  case Schema::fold:
    return emitFold(dispatch, layouts, name, module, target);
  case Schema::recurrence:
    return emitRecurrence(dispatch, layouts, name, module, target);
  case Schema::scalars:
    return emitScalars(dispatch, layouts, name, module, target);
  case Schema::selection:
    return emitSelection(dispatch, layouts, name, module, target);
  case Schema::scatter:
    return emitScatter(dispatch, layouts, name, module, target);
  }
  llvm_unreachable("every schema has a lowering");
}

FailureOr<KernelInfo> generateKernel(plan::KernelOp kernel, ModuleOp code, const Target &target) {
  auto dispatches = kernel.getBody().getOps<DispatchOp>();
  if (dispatches.empty())
    return kernel.emitError() << "kernel " << kernel.getName()
                              << ": expected its dispatch, found none";
  DispatchOp dispatch = *dispatches.begin();
  SmallVector<Layout> layouts;
  for (int64_t stride : kernel.getRowStrides())
    layouts.push_back({stride});
  FailureOr<KernelInfo> info = emitKernel(dispatch, layouts, kernel.getName(), code, target);
  if (failed(info))
    return failure();
  kernel.setScratch(info->scratchBytes);
  if (!info->remark.empty())
    kernel.setRemark(info->remark);
  kernel.getBody().getBlocks().clear();
  return info;
}

void completeLaunch(plan::LaunchOp launch, const KernelInfo &info) {
  SmallVector<Attribute> sizes(info.sizes.begin(), info.sizes.end());
  for (int64_t index : launch.getIndices())
    sizes.push_back(ExtentAttr::getConstant(launch.getContext(), index));
  launch.setSizesAttr(ArrayAttr::get(launch.getContext(), sizes));
  launch.setTilesAttr(info.tiles);
}

namespace {

struct GenerateKernels : impl::GenerateKernelsPassBase<GenerateKernels> {
  using Base::Base;

  void runOnOperation() override {
    llvm::Expected<Target> target = Target::named(targetCpu);
    if (!target) {
      getOperation().emitError(llvm::toString(target.takeError()));
      return signalPassFailure();
    }
    if (failed(checkLaunches(getOperation())))
      return signalPassFailure();
    auto builder = OpBuilder::atBlockEnd(getOperation().getBody());
    auto code = ModuleOp::create(builder, getOperation().getLoc(), "code");
    llvm::StringMap<KernelInfo> infos;
    for (auto kernel : getOperation().getOps<plan::KernelOp>()) {
      FailureOr<KernelInfo> info = generateKernel(kernel, code, *target);
      if (failed(info))
        return signalPassFailure();
      infos[kernel.getName()] = *info;
      ++numGenerated;
      if (!info->remark.empty())
        ++numRemarks;
    }
    for (auto program : getOperation().getOps<plan::ProgramOp>())
      for (auto launch : program.getBody().getOps<plan::LaunchOp>())
        completeLaunch(launch, infos[launch.getKernel()]);
  }
};

} // namespace
} // namespace tern::cpu
