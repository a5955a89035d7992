// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef PLAN_DIALECT
#define PLAN_DIALECT

include "mlir/IR/OpBase.td"

def Plan_Dialect : Dialect {
  let name = "plan";
  let cppNamespace = "::tern::plan";
  let summary = "programs of kernel launches over placed buffers";
  let description = [{
    What the runtime executes: a program is a flat list of launches and copies. A buffer is a range
    of a space; sizes are sums of named dimensions. It says in IR what an artefact's plan says in
    bytes (`runtime/format`).
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::tern::TernDialect"];
}

#endif
