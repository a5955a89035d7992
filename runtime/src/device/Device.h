// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/Artefact.h"
#include "tern/device.h"

#include <functional>
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
  /// Of one of the index's kernels that are for the device.
  virtual KernelHandle kernel(const format::Kernel &kernel) const = 0;
};

/// Launches and copies that a device keeps, to run them again at less cost than one by one.
class Recording {
public:
  virtual ~Recording() = default;
};

/// Tiles 0 .. tiles - 1 of a kernel.
struct Work {
  KernelHandle kernel;
  void *const *buffers;
  const uint64_t *bytes; ///< of each buffer
  const int64_t *sizes;
  int64_t tiles;
  uint64_t scratchBytes;
  const format::Program &program;
  const format::Launch &launch; ///< of the program
};

class Device {
public:
  virtual ~Device() = default;

  virtual const char *name() const = 0;

  /// Fails with a sentence that says what the artefact's targets need and the device lacks.
  virtual format::Error checkTarget(const format::Index &index) const = 0;

  /// Makes code runnable. The artefact outlives it.
  virtual format::Error loadCode(const Artefact &artefact, std::unique_ptr<LoadedCode> &out) = 0;

  /// The device that `load` runs on, whose kernels are the artefact's host code.
  virtual Device &host() = 0;

  /// Zeroed memory that kernels can use.
  virtual format::Error allocate(uint64_t bytes, const char *purpose, Memory &out) = 0;

  /// Fails if there is no memory for scratch or the kernel does what it must not, which a device
  /// that checks kernels tells. The caller holds `mutex`.
  virtual format::Error launch(const Work &work) = 0;

  using OnKernel = std::function<void(const tern_kernel_counts_t &)>;
  /// Gives what each kernel did since the last call, by name. Fails on a device that does not
  /// count. The caller holds `mutex`.
  virtual format::Error takeCounts(const OnKernel &onKernel);

  /// True if what `allocate` gives is the host's too. Else the host reaches it by `read` and
  /// `write` alone, and launches take no other.
  virtual bool sharesMemory() const { return true; }

  /// Host memory that `read` gets to soonest, of a device that does not share the host's.
  virtual format::Error allocateOnHost(uint64_t bytes, const char *purpose, Memory &out) {
    return Memory::reserve(bytes, purpose, out);
  }

  // In the order of launches. What `write` is given may change when it returns; what `read` gets is
  // there after `wait`. Only a device that does not share memory can fail.
  virtual format::Error copy(void *destination, const void *source, uint64_t bytes);
  virtual format::Error write(void *destination, const void *hosts, uint64_t bytes);
  virtual format::Error read(void *hosts, const void *source, uint64_t bytes);
  virtual format::Error clear(void *destination, uint64_t bytes);

  /// Until all is done that was asked of the device before; tells of what failed since the last
  /// time. Costs nothing if nothing was asked since.
  virtual format::Error wait() { return {}; }

  virtual bool canRecord() const { return false; }
  /// Keeps what `commands` launches and copies, and does not run it. All of it ran before once,
  /// with the same buffers and sizes. The caller holds `mutex`, as for `replay`.
  virtual format::Error record(const std::function<format::Error()> &commands,
                               std::unique_ptr<Recording> &out);
  virtual format::Error replay(const Recording &recording);

  /// Held while a program runs: its kernels share threads and scratch.
  std::mutex mutex;
};

} // namespace tern::runtime
