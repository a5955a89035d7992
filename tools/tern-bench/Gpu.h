// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_BENCH_GPU_H
#define TERN_TOOLS_TERN_BENCH_GPU_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tern::bench {

/// A file of passes/Saturate/machines/.
struct MachineText {
  std::string name, text;
};

std::vector<MachineText> machineTexts();

/// What a multiprocessor has room for at once of a kernel, and what bounds it.
struct Occupancy {
  uint32_t blocks = 0, warps = 0;
  const char *limit = ""; ///< registers, shared memory, warps or blocks
};

/// What one launch of a kernel does, all its threads together.
struct Work {
  double globalBytes = 0;
  /// Multiplications, each with an addition, by tensor instructions on f16 or bf16 and on 8 bits,
  /// and by others in f32.
  double halfProducts = 0, byteProducts = 0, floatProducts = 0;
  double instructions = 0; ///< of warps
  double sharedCycles = 0; ///< of the port of shared memory: 128 bytes each without conflicts
  /// Multiprocessors beyond these idle; 0: none does.
  double blocks = 0;
};

/// Seconds that each part of a GPU needs for a kernel's work if it does nothing else.
struct Roofline {
  double memory = 0, tensor = 0, arithmetic = 0, issue = 0, shared = 0, launch = 0;

  /// The longest part, and the launch.
  double seconds() const;
  const char *bound() const;
};

/// A GPU by the figures of its file. docs/performance-model.md says where they are from.
struct Gpu {
  std::string name;
  double bytesPerSecond = 0, floatOps = 0, halfOps = 0, byteOps = 0, launch = 0;
  double multiprocessors = 0, clock = 0;
  uint32_t registers = 0, sharedBytes = 0, warps = 0, blocks = 0; ///< of a multiprocessor
  uint32_t capability = 0;

  std::string chip() const { return "sm_" + std::to_string(capability); }
  /// Cycles that the tensor pipe of a quarter of a multiprocessor is taken by one instruction of a
  /// warp; 0 for another instruction. Throws UserError for one of unknown shape.
  uint32_t tensorCycles(std::string_view opcode) const;
  /// Of a cycle and multiprocessor, if all read.
  double memoryBytesPerCycle() const { return bytesPerSecond / (multiprocessors * clock); }
  /// The share of all issue slots that so many instructions of warps take while memory moves so
  /// many bytes.
  double slotsPerMemory(double instructions, double bytes) const {
    return instructions / 4 / (bytes / memoryBytesPerCycle());
  }
  Occupancy occupancy(uint32_t threads, uint32_t registersOfThread, uint32_t sharedOfBlock) const;
  Roofline roofline(const Work &work) const;

  static std::vector<Gpu> all();
  /// Throws UserError for a name that no file has.
  static Gpu named(const std::string &name);
  /// The first of that chip. Throws UserError.
  static Gpu ofChip(const std::string &chip);
};

} // namespace tern::bench

#endif
