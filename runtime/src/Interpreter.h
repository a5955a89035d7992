// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/Device.h"

#include <atomic>
#include <functional>

namespace tern::runtime {

/// Where the parts of the spaces lie that outlive a run; empty where a
/// program of the kind has none.
struct Spaces {
  std::vector<std::byte *> packed;
  const std::byte *constants = nullptr;
  std::vector<const std::byte *> sources;
  std::vector<std::span<std::byte>> cachePools, cacheTables, cacheLengths;
  std::vector<std::span<std::byte>> statePools, stateTables;
};

/// A program with its memory, ready to run again and again.
class Interpreter {
public:
  /// All of these outlive the interpreter.
  Interpreter(Device &device, const LoadedCode &code, const format::Index &index,
              const format::Program &program, Spaces spaces);

  /// Called before each command; false stops the run.
  using Continue = std::function<bool(size_t command)>;

  /// Runs with values for all of the index's dimensions (any, for those that
  /// the program does not use) and an address for each argument. Fails if a
  /// value is outside its range, with TERN_INTERRUPTED if stopped.
  format::Error run(std::span<const int64_t> dims, std::span<void *const> arguments,
                    const Continue &goOn);

  const format::Program &program;

private:
  /// What is to be run at the present values.
  struct Launch {
    KernelHandle kernel;
    uint64_t scratchBytes;
    size_t firstBuffer, firstSize; ///< in launchBuffers and launchBytes, launchSizes
  };

  format::Error setDims(std::span<const int64_t> dims);
  uint64_t bytesOf(const format::Argument &argument) const;
  format::Error stageInputs(std::span<void *const> arguments);
  format::Error returnOutputs(std::span<void *const> arguments);
  void setAddresses(std::span<void *const> arguments);
  std::span<std::byte> whole(const format::Buffer &buffer) const;
  const std::byte *base(const format::Buffer &buffer, std::span<void *const> arguments) const;
  format::Error runCommand(size_t number);

  Device &device;
  const format::Index &index;
  Spaces spaces;
  Memory arena;
  std::vector<Memory> staged;    ///< arguments, where the device does not share the host's memory
  std::vector<int64_t> dims;     ///< of the run before
  std::vector<int64_t> values;   ///< of the program's expressions, at `dims`
  std::vector<void *> addresses; ///< of the program's buffers
  std::vector<Launch> launches;  ///< by command; unused entries for copies
  std::vector<void *> launchBuffers;
  std::vector<uint64_t> launchBytes; ///< of launchBuffers
  std::vector<int64_t> launchSizes;
};

} // namespace tern::runtime
