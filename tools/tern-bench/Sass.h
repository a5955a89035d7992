// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_BENCH_SASS_H
#define TERN_TOOLS_TERN_BENCH_SASS_H

#include "tools/tern-bench/Gpu.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Machine code of NVIDIA's GPUs as `nvdisasm -hex -c` lists it. Opcodes and operands are what that
/// program says. NVIDIA does not document the control bits; the reading of them is Jia et al.,
/// 2018.
namespace tern::bench {

struct SassInstruction {
  uint64_t address = 0;
  std::string predicate, opcode, operands;
  uint64_t low = 0, high = 0; ///< halves of its encoding

  /// Cycles until the warp may issue the next one.
  uint32_t stall() const { return (high >> 41) & 15; }
  /// Whether it waits for loads or other results of varying time.
  bool waits() const { return ((high >> 52) & 63) != 0; }
  /// False for what ptxas adds and no thread executes.
  bool isExecuted() const { return predicate != "@!PT"; }
};

struct SassFunction {
  std::string name;
  std::vector<SassInstruction> instructions; ///< by ascending address
  std::map<std::string, uint64_t, std::less<>> labels;
};

/// Reads a listing. Throws UserError, with the line, for what is none.
std::vector<SassFunction> readSass(std::string_view listing);

/// What ptxas -v says of a kernel.
struct KernelResources {
  std::string name;
  uint32_t registers = 0, stackBytes = 0, spillStores = 0, spillLoads = 0; ///< of a thread
  uint32_t sharedBytes = 0; ///< of a block, beside what a launch adds
};

/// Throws UserError for a report without a kernel's registers.
std::vector<KernelResources> readReport(std::string_view report);

/// A loop without one within that does the kernel's steady work: tensor instructions, or where a
/// kernel has none reading or writing global memory, or any. Sums count each instruction once, also
/// where branches lead around it.
struct SteadyLoop {
  uint64_t first = 0, last = 0; ///< addresses
  uint32_t instructions = 0;
  std::map<std::string, uint32_t> classes; ///< instructions by what they are for
  uint32_t issueCycles = 0;                ///< of one warp alone that never waits
  uint32_t waits = 0;                      ///< instructions that wait for results of varying time
  uint32_t tensorCycles = 0;               ///< that one warp takes of its quarter's tensor pipe
  uint32_t sharedCycles = 0;               ///< that one warp takes of the port of shared memory
  uint32_t globalBytes = 0;                ///< of one warp

  /// How much longer one warp issues than its tensor instructions take.
  double issuePerTensor() const { return double(issueCycles) / tensorCycles; }
  /// Of the cycles in which a quarter could issue, with its tensor pipe always busy.
  double slotsPerTensor() const { return double(instructions) / tensorCycles; }
  /// Of the port's cycles, with all four tensor pipes always busy.
  double sharedPerTensor() const { return 4.0 * sharedCycles / tensorCycles; }
  /// Of the cycles in which a multiprocessor could issue, with its memory always busy.
  double slotsPerMemory(const Gpu &gpu) const {
    return gpu.slotsPerMemory(instructions, globalBytes);
  }
};

/// The steady loops of a function, by address. Throws UserError for tensor instructions of unknown
/// shape.
std::vector<SteadyLoop> steadyLoops(const SassFunction &function, const Gpu &gpu);

} // namespace tern::bench

#endif
