// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef KV_DIALECT
#define KV_DIALECT

include "mlir/IR/OpBase.td"

def KV_Dialect : Dialect {
  let name = "kv";
  let cppNamespace = "::tern::kv";
  let summary = "what a model keeps of sequences: key-value caches, states of recurrences";
  let description = [{
    A cache holds, for each sequence, layer and key-value head, slots of one key, one value and the
    logical position of the token that they came from. Slots lie in blocks; how many slots a head
    holds is its own length. A state holds as many numbers for each sequence and layer, however long
    the sequence is. Both are linear: an operation that changes one takes the old value and returns
    the new one, and no such value has two operations that change it.

    A batch says which rows of a step belong to which sequence: the rows of one entry are adjacent.
  }];
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = ["::tern::TernDialect"];
}

#endif
