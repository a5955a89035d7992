// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU
#define TERN_PASSES_CPU

include "mlir/Pass/PassBase.td"

def GenerateKernelsPass : Pass<"tern-generate-kernels", "::mlir::ModuleOp"> {
  let summary = "lower each kernel's dispatch for a CPU";
  let description = [{
    Writes a function for each `plan.kernel` into the module `code`, empties the kernel's body, and
    completes each `plan.launch` with the sizes and the number of tiles that the kernel asks for.

    Needs: the form that tern-plan-programs leaves.
    Leaves: a module that an artefact can be written from.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::math::MathDialect", "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"
  ];
  let options = [
    Option<"targetCpu", "target-cpu", "std::string", /*default=*/"\"native\"",
           "LLVM's name of the processor; native means the one that compiles">
  ];
  let statistics = [
    Statistic<"numGenerated", "num-generated", "kernels generated">,
    Statistic<"numRemarks", "num-remarks", "kernels that are not from their best schema">
  ];
}

#endif
