// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/Device.h"
#include "runtime/src/device/cpu/ThreadPool.h"

namespace tern::runtime {

/// The host's processors: kernels are functions, run as tile ranges.
class CpuDevice : public Device {
public:
  explicit CpuDevice(unsigned threads) : pool(threads), scratch(threads) {}

  const char *name() const override { return "cpu"; }
  format::Error checkTarget(const format::Index &index) const override;
  /// Of host code alone, whatever else the artefact holds.
  static format::Error checkHost(const format::Index &index);
  format::Error loadCode(const Artefact &artefact, std::unique_ptr<LoadedCode> &out) override;
  Device &host() override { return *this; }
  format::Error allocate(uint64_t bytes, const char *purpose, Memory &out) override;
  format::Error launch(const Work &work) override;

  const ThreadPool &threads() const { return pool; }

private:
  ThreadPool pool;
  std::vector<Memory> scratch; ///< of each thread
};

} // namespace tern::runtime
