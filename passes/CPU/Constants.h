// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_CONSTANTS_H
#define TERN_PASSES_CPU_CONSTANTS_H

#include "dialects/Tern/IR/Tern.h"
#include "passes/CPU/KernelBuilder.h"

namespace tern::cpu {

/// Where the elements of a term lie in memory: element i at `base` + i elements.
struct Place {
  Value base;
  Type element;
};

/// The constants of a kernel, which lie beside its code. Elements of f64 only say what an f32 shall
/// be, unless `keepsDouble`.
class Constants {
public:
  Constants(KernelBuilder &kernel, llvm::StringRef kernelName, mlir::ModuleOp module,
            bool keepsDouble = false)
      : k(kernel), kernelName(kernelName), module(module), keepsDouble(keepsDouble) {}

  /// The number in every lane, if all elements are one number; else null.
  Value splat(ConstantOp op);
  Place place(ConstantOp op);

private:
  mlir::DenseElementsAttr elementsOf(ConstantOp op) const;

  KernelBuilder &k;
  std::string kernelName;
  mlir::ModuleOp module;
  bool keepsDouble;
  llvm::DenseMap<Value, std::string> globals;
};

} // namespace tern::cpu

#endif
