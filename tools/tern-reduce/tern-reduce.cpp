// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// tern-reduce FILE.mlir --reduction-tree='traversal-mode=0 test=SCRIPT': the smallest module found
// that SCRIPT, called with its file, still answers with exit code 1 (0: the fault is gone).
#include "dialects/KV/IR/KV.h"
#include "dialects/Plan/IR/Plan.h"
#include "dialects/Tern/IR/Tern.h"
#include "passes/Pipelines/Pipeline.h"
#include "tools/tern-reduce/Simplify.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllPasses();
  tern::registerPipelines();
  registry.insert<tern::TernDialect, tern::kv::KVDialect, tern::plan::PlanDialect>();
  tern::registerSimplifications(registry);
  mlir::MLIRContext context(registry);
  return mlir::failed(mlir::mlirReduceMain(argc, argv, context)) ? 1 : 0;
}
