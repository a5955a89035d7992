// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/KV/IR/KV.h"
#include "dialects/Plan/IR/Plan.h"
#include "dialects/Tern/IR/Tern.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<tern::TernDialect, tern::kv::KVDialect, tern::plan::PlanDialect>();
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
