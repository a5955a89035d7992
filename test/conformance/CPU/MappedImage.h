// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_CONFORMANCE_CPU_MAPPEDIMAGE_H
#define TERN_TEST_CONFORMANCE_CPU_MAPPEDIMAGE_H

#include "passes/CPU/CodeImage.h"
#include "passes/CPU/KernelBuilder.h"
#include "runtime/format/CodeImage.h"

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>

namespace tern::test {

using KernelFunction = void(void *const *buffers, const int64_t *sizes, void *scratch,
                            int64_t begin, int64_t end);

/// The value; a test's setup that fails aborts with the error's sentence.
template <typename T> T expected(llvm::Expected<T> value) {
  if (!value)
    llvm::report_fatal_error(value.takeError());
  return std::move(*value);
}

/// A code image in executable memory, read by the runtime's own reader.
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
  format::CodeImage layout;
};

/// Builds kernels by `fill`, compiles and maps them.
std::unique_ptr<MappedImage> build(const cpu::Target &target,
                                   llvm::function_ref<void(mlir::ModuleOp)> fill);

/// The targets that this host can run: its own and the AVX2 floor, then others that differ in the
/// instructions that they have.
std::vector<cpu::Target> runnableTargets();

/// A target's name as part of a test's name.
std::string testName(const cpu::Target &target);

} // namespace tern::test

namespace tern::cpu {
/// What a list of tests shows of a target.
void PrintTo(const Target &target, std::ostream *os);
} // namespace tern::cpu

#endif
