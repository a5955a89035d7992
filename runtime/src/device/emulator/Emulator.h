// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/Error.h"
#include "runtime/src/device/emulator/Counts.h"
#include "runtime/src/device/emulator/Memory.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// A machine that runs PTX on the CPU, checks each access and counts what a GPU would do.
namespace tern::runtime::emulator {

struct Program;

/// PTX that has been read, checked and made ready to run.
class Module {
public:
  Module();
  Module(Module &&) noexcept;
  Module &operator=(Module &&) noexcept;
  ~Module();

  /// Fails at the first line that is not PTX of a known version and target, or that holds an
  /// instruction or a form of one that the emulator does not know.
  static format::Error parse(std::string_view text, Module &out);

  std::vector<std::string> kernels() const;

  const Program &program() const { return *contents; }

private:
  std::unique_ptr<Program> contents;
};

struct Size3 {
  uint32_t x = 1, y = 1, z = 1;

  uint64_t count() const { return uint64_t{x} * y * z; }
};

struct Launch {
  std::string kernel;
  Size3 grid, block;
  uint64_t dynamicSharedBytes = 0;
  std::span<const std::byte> parameters; ///< laid out as the kernel declares them
};

struct Options {
  uint64_t seed = 0;    ///< when and in which order asynchronous copies arrive
  unsigned threads = 1; ///< of the host; results and counts do not depend on it
  bool checks = true;   ///< of uninitialised reads and races; bounds are always checked
  uint64_t stepLimit = uint64_t{1} << 30; ///< instructions of a warp; a deadlock ends here
  /// Runs every n-th CTA of the grid alone, for counts.
  uint64_t sampleEvery = 1;
};

/// Runs a kernel to its end and adds what it did to `counts`. Fails with a sentence that names
/// kernel, instruction, CTA, thread and address; memory then holds what was done so far.
format::Error run(const Module &module, const Launch &launch, Memory &memory,
                  const Options &options, Counts &counts);

} // namespace tern::runtime::emulator
