// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_NVPTX
#define TERN_PASSES_NVPTX

include "mlir/Pass/PassBase.td"

def GenerateKernelsPass : Pass<"tern-generate-ptx-kernels", "::mlir::ModuleOp"> {
  let summary = "lower each kernel's dispatch for a GPU";
  let description = [{
    Does what tern-generate-kernels does, with kernels of all programs but `load` in the module
    `device`. A kernel that both use becomes two.

    Needs: the form that tern-plan-programs leaves.
    Leaves: a module that an artefact can be written from.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::math::MathDialect", "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
  let options = [
    Option<"chip", "chip", "std::string", /*default=*/"\"sm_80\"",
           "LLVM's name of the least GPU: sm_80, sm_86, sm_89 or sm_90">,
    Option<"targetCpu", "target-cpu", "std::string", /*default=*/"\"native\"",
           "LLVM's name of the processor that runs `load`">
  ];
  let statistics = [
    Statistic<"numGenerated", "num-generated", "kernels generated">,
    Statistic<"numRemarks", "num-remarks", "kernels that are not from their best schema">
  ];
}

#endif
