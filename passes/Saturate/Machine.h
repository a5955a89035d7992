// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_MACHINE_H
#define TERN_PASSES_SATURATE_MACHINE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace tern::saturate {

/// What a machine can do, all its threads together.
struct Machine {
  double bytesPerSecond = 0;
  /// Multiplications and additions a second, by the type that they are done in. A machine without
  /// instructions for bf16 does them in f32.
  double floatOps = 0, halfOps = 0, byteOps = 0;
  /// Seconds to start one kernel on all threads.
  double launch = 0;
  /// Of a GPU, else 0: multiprocessors and cycles a second; what one multiprocessor has: registers,
  /// bytes of shared memory, warps and blocks at most; ten times the version of its instructions.
  double multiprocessors = 0, clock = 0, registers = 0, sharedBytes = 0, warps = 0, blocks = 0;
  double capability = 0;

  /// Reads figures: a JSON object of the numbers above 0 `read_gbs` (1e9 bytes a second),
  /// `f32_gflops`, `bf16_gflops`, `int8_gops` (1e9 a second) and `launch_us`, for a GPU also
  /// `multiprocessors`, `clock_mhz`, `registers`, `shared_bytes`, `warps`, `blocks` and
  /// `capability`, and of nothing else. Fails with one sentence that begins with `name`.
  static llvm::Expected<Machine> parse(llvm::StringRef name, llvm::StringRef text);
  static llvm::Expected<Machine> read(const std::string &path);
  /// The shipped figures of a processor: those of its own name, or of its level, x86-64-v4 if it
  /// has AVX-512, else x86-64-v3; those of one GPU for sm_80, sm_86, sm_89 and sm_90. Fails for
  /// what there is no code for.
  static llvm::Expected<Machine> of(llvm::StringRef target);

  /// What a file of these figures says.
  std::vector<std::pair<llvm::StringRef, double>> figures() const;
};

/// A file of machines/, which the build puts into the program.
struct MachineFile {
  std::string name, text;
};

std::vector<MachineFile> shippedMachines();

} // namespace tern::saturate

#endif
