// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_DIALECTS_KV_IR_KV_H
#define TERN_DIALECTS_KV_IR_KV_H

#include "dialects/Tern/IR/Tern.h"

#define GET_TYPEDEF_CLASSES
#include "dialects/KV/IR/KVTypes.h.inc"

#include "dialects/KV/IR/KVDialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/KV/IR/KVOps.h.inc"

namespace tern::kv {

/// True for a cache and a state: what changes one takes the old value and returns the new one.
bool isLinear(mlir::Type type);

} // namespace tern::kv

#endif
