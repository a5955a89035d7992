// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/Device.h"
#include "runtime/src/device/cuda/Driver.h"

#include <map>

namespace tern::runtime::cuda {

/// A context that is the thread's as long as this lives; then the one before is again.
class Current {
public:
  Current(const Driver &driver, Context context)
      : result(driver.pushContext(context)), driver(driver) {}
  ~Current() {
    Context popped = nullptr;
    if (result == success)
      driver.popContext(&popped);
  }
  Current(const Current &) = delete;

  const Result result;

private:
  const Driver &driver;
};

/// A kernel as its module has it.
struct LoadedKernel {
  const format::Kernel &kernel;
  Function function;
};

/// The module of an artefact's kernels.
class CudaCode final : public LoadedCode {
public:
  /// In a context that outlives it.
  CudaCode(const Driver &driver, Context context) : driver(driver), context(context) {}
  ~CudaCode() override;

  /// From machine code, if the artefact has some that a GPU of the capability can run, else from
  /// PTX. The context is the thread's.
  format::Error load(const Artefact &artefact, int capability);

  KernelHandle kernel(const format::Kernel &kernel) const override {
    return &kernels.at(kernel.name);
  }

private:
  Result loadModule(const void *image, std::string &log);
  format::Error addKernel(const format::Kernel &kernel);

  const Driver &driver;
  Context context;
  Module module = nullptr;
  std::map<std::string, LoadedKernel, std::less<>> kernels;
};

/// The number in a chip's name, such as 80 of sm_80; 0 if it is no such name.
int capabilityOf(const format::Target &target);

} // namespace tern::runtime::cuda
