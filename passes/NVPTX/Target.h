// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_NVPTX_TARGET_H
#define TERN_PASSES_NVPTX_TARGET_H

#include "passes/CPU/Target.h"

namespace tern::nvptx {

/// The least GPU that kernels are made for; what runs on one runs on later ones.
struct Target {
  /// LLVM's name: sm_80, sm_86, sm_89 or sm_90.
  std::string chip;
  /// Threads of a warp as the lanes of a vector, for KernelBuilder.
  cpu::Target warp;

  static bool isName(llvm::StringRef name) { return name.starts_with("sm_"); }
  static llvm::Expected<Target> named(llvm::StringRef chip);
};

} // namespace tern::nvptx

#endif
