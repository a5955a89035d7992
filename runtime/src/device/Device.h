// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/CodeImage.h"
#include "runtime/format/Index.h"
#include "runtime/src/Memory.h"

#include <memory>
#include <mutex>

/// What the rest of the runtime asks of a device: the same for each kind.
namespace tern::runtime {

/// A kernel of loaded code, as its device knows it.
using KernelHandle = const void *;

/// Code that can be run as long as this lives.
class LoadedCode {
public:
  virtual ~LoadedCode() = default;
  virtual KernelHandle kernel(uint64_t offset) const = 0;
};

/// Tiles 0 .. tiles - 1 of a kernel.
struct Work {
  KernelHandle kernel;
  void *const *buffers;
  const int64_t *sizes;
  int64_t tiles;
  uint64_t scratchBytes;
};

class Device {
public:
  virtual ~Device() = default;

  virtual const char *name() const = 0;

  /// Fails with a sentence that says what the artefact's targets need and the device lacks.
  virtual format::Error checkTarget(const format::Index &index) const = 0;

  /// Makes code runnable. The image was read from the `length` bytes at
  /// `offset` of the file.
  virtual format::Error loadCode(const MappedFile &file, uint64_t offset, uint64_t length,
                                 const format::CodeImage &image,
                                 std::unique_ptr<LoadedCode> &out) = 0;

  /// Zeroed memory that kernels can use.
  virtual format::Error allocate(uint64_t bytes, const char *purpose, Memory &out) = 0;

  /// Fails only if there is no memory for scratch. The caller holds `mutex`.
  virtual format::Error launch(const Work &work) = 0;

  virtual void copy(void *destination, const void *source, uint64_t bytes) = 0;

  /// Held while a program runs: its kernels share threads and scratch.
  std::mutex mutex;
};

} // namespace tern::runtime
