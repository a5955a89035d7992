// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/KV/IR/KV.h"
#include "dialects/Plan/IR/Plan.h"
#include "dialects/Tern/IR/Tern.h"
#include "passes/Pipelines/Pipeline.h"
#include "tools/tern-explain/EveryProof.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  tern::checkProofsInTests();
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  tern::registerPipelines();
  registry.insert<tern::TernDialect, tern::kv::KVDialect, tern::plan::PlanDialect>();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Tern's modular optimiser driver\n", registry));
}
