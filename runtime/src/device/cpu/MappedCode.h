// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/Device.h"

namespace tern::runtime {

/// A code image in executable memory: the file's own pages where the system
/// lets them be executed and each segment has pages of its own, else a copy.
class MappedCode final : public LoadedCode {
public:
  ~MappedCode() override;

  static format::Error map(const MappedFile &file, uint64_t offset, uint64_t length,
                           const format::CodeImage &image, std::unique_ptr<LoadedCode> &out);

  KernelHandle kernel(const format::Kernel &kernel) const override { return base + kernel.offset; }

private:
  bool mapPages(int descriptor, uint64_t fileOffset, const format::CodeImage &image);
  bool copyPages(std::span<const std::byte> code, const format::CodeImage &image);

  std::byte *base = nullptr;
  size_t length = 0;
};

} // namespace tern::runtime
