// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef KV_DIALECT
#define KV_DIALECT

include "mlir/IR/OpBase.td"

def KV_Dialect : Dialect {
  let name = "kv";
  let cppNamespace = "::tern::kv";
  let summary = "key-value caches and what happens to them";
  let description = [{
    A cache holds, for each sequence, layer and key-value head, slots of one key, one value and the
    logical position of the token that they came from. Slots lie in blocks; how many slots a head
    holds is its own length. A cache value is linear: an operation that changes it takes the old
    value and returns the new one, and no cache value has two operations that change it.

    A batch says which rows of a step belong to which sequence: the rows of one entry are adjacent.
  }];
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = ["::tern::TernDialect"];
}

#endif
