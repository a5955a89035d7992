// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "passes/CPU/CodeImage.h"
#include "passes/CPU/KernelBuilder.h"

#include <cstdint>
#include <memory>
#include <string>

namespace tern::test {

using KernelFunction = void(void *const *buffers, const int64_t *sizes, void *scratch,
                            int64_t begin, int64_t end);

/// A code image in executable memory, as the runtime maps it.
class MappedImage {
public:
  explicit MappedImage(const cpu::CodeImage &image);
  ~MappedImage();
  MappedImage(const MappedImage &) = delete;
  MappedImage &operator=(const MappedImage &) = delete;

  /// The kernel called `name`; a test that asks for a missing one aborts.
  KernelFunction *kernel(const std::string &name) const;

private:
  char *base = nullptr;
  size_t size = 0;
  std::map<std::string, uint64_t> offsets;
};

/// Builds kernels by `fill`, compiles and maps them. Aborts with the error's sentence.
std::unique_ptr<MappedImage> build(const cpu::Target &target,
                                   llvm::function_ref<void(mlir::ModuleOp)> fill);

/// The targets that this host can run: its own, and the AVX2 floor.
std::vector<cpu::Target> runnableTargets();

} // namespace tern::test
