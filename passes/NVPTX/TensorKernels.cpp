// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/TensorKernels.h"

#include "passes/CPU/DispatchBuffers.h"
#include "passes/CPU/WeightSchemas.h"
#include "passes/NVPTX/BlockContraction.h"

using namespace mlir;
using llvm::ArrayRef;

namespace tern::nvptx {

FailureOr<TensorKernels> emitTensorKernels(DispatchOp dispatch, ArrayRef<cpu::Layout> layouts,
                                           ArrayRef<int64_t> alignments, StringRef name,
                                           ModuleOp module) {
  TensorKernels kernels;
  ContractOp op = cpu::packedContractionOf(dispatch);
  if (!op)
    return kernels;
  std::string nameOfMany = (name + "_many").str();
  cpu::EpilogueWriter few(dispatch, op.getResult(), layouts, name, module);
  cpu::EpilogueWriter many(dispatch, op.getResult(), layouts, nameOfMany, module);
  FailureOr<cpu::ContractionSpec> spec = cpu::contractionSpecOf(dispatch, op, layouts, few);
  if (failed(spec))
    return failure();
  bool isBlocks = isOfBlocks(*spec);
  if (!isBlocks && !isOfTensorTypes(*spec))
    return kernels;
  ExtentAttr rows = getExtents(cast<RankedTensorType>(op.getLhs().getType()))[0];
  auto constant = [&](int64_t value) { return ExtentAttr::getConstant(op.getContext(), value); };
  unsigned indices = cpu::DispatchBuffers(dispatch).indexInputs();
  KernelParameters parameters{llvm::to_vector(alignments), 1 + indices};
  int64_t alignment = alignments[spec->activationBuffer];
  kernels.remark = isBlocks ? whyNotBlocks(*spec, alignment) : whyNotTensor(*spec, alignment);
  if (isBlocks ? kernels.remark.empty() : takesFewRows(*spec, alignment)) {
    TensorKernel start = isBlocks ? addBlockContraction(module, name, *spec, parameters, false, few)
                                  : addFewRowsContraction(module, name, *spec, parameters, few);
    kernels.few = {{{rows}, indices, constant(start.columnBlocks)}, start};
  }
  if (kernels.remark.empty()) {
    TensorKernel start =
        isBlocks ? addBlockContraction(module, nameOfMany, *spec, parameters, true, many)
                 : addTensorContraction(module, nameOfMany, *spec, parameters, many);
    ExtentAttr tiles = constant(start.columnBlocks);
    if (!spec->groups)
      tiles = rows.plus(constant(start.blockTiles - 1)).times(start.columnBlocks);
    kernels.many = {{{rows}, indices, tiles}, start};
  }
  return kernels;
}

} // namespace tern::nvptx
