// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_DISPATCH_SCALARGROUPS_H
#define TERN_PASSES_DISPATCH_SCALARGROUPS_H

#include "dialects/Tern/IR/Tern.h"

#include "llvm/ADT/SetVector.h"

namespace tern::dispatch {

/// True for a view that leads to single elements of small tensors: a static slice or reshape.
bool isElementView(mlir::Operation *op);

/// The scalar programs of a block: terms of rank 0 in f32 or f64 that no other dispatch would
/// repeat, and the vectors that are concatenated from them. Two such operations are in one set
/// unless a path between them leads through something else, so each set can be one dispatch, if
/// the block is sorted afterwards. Sets of one operation are left out.
std::vector<llvm::SetVector<mlir::Operation *>> findScalarPrograms(mlir::Block &block);

} // namespace tern::dispatch

#endif
