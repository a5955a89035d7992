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

/// An argument of a program.
struct Given {
  void *address = nullptr; ///< null: an output that nobody wants
  bool isDevices = false;  ///< memory that the device allocated, not the host's
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
  /// the program does not use) and all arguments. Inputs may change when it returns; outputs of the
  /// host's are there when the device has been waited for. Fails if a value is outside its range,
  /// with TERN_INTERRUPTED if stopped.
  format::Error run(std::span<const int64_t> dims, std::span<const Given> arguments,
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
  format::Error stage(std::span<const Given> given);
  format::Error returnOutputs(std::span<const Given> given);
  void setAddresses();
  std::span<std::byte> whole(const format::Buffer &buffer) const;
  const std::byte *base(const format::Buffer &buffer) const;
  format::Error runCommand(size_t number);
  format::Error runCommands(const Continue &goOn);
  bool isAsBefore();
  const Recording *recorded() const;
  format::Error record();

  Device &device;
  const format::Index &index;
  Spaces spaces;
  Memory arena;
  Memory staged;                      ///< of arguments that the device cannot reach or nobody gives
  std::vector<std::byte> inputs;      ///< as the host sends them to `staged`
  std::vector<std::byte *> arguments; ///< where kernels reach them
  std::vector<int64_t> dims;          ///< of the run before
  std::vector<int64_t> values;        ///< of the program's expressions, at `dims`
  std::vector<void *> addresses;      ///< of the program's buffers
  std::vector<Launch> launches;       ///< by command; unused entries for copies
  std::vector<void *> launchBuffers;
  std::vector<uint64_t> launchBytes; ///< of launchBuffers
  std::vector<int64_t> launchSizes;

  /// The commands at some dimensions and addresses.
  struct Recorded {
    std::vector<int64_t> dims;
    std::vector<void *> addresses;
    std::unique_ptr<Recording> commands;
  };
  std::vector<Recorded> recordings;
  std::vector<int64_t> dimsBefore; ///< of the run before, and its addresses
  std::vector<void *> addressesBefore;
};

} // namespace tern::runtime
