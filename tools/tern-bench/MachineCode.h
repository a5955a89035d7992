// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_BENCH_MACHINECODE_H
#define TERN_TOOLS_TERN_BENCH_MACHINECODE_H

#include "tools/tern-bench/Sass.h"

#include <nlohmann/json_fwd.hpp>

namespace tern::bench {

/// A kernel of a GPU as its machine code shows it.
struct KernelCode {
  KernelResources resources;
  uint32_t threads = 0;     ///< of a block
  uint32_t sharedBytes = 0; ///< of a block, with what a launch adds
  Occupancy occupancy;
  std::vector<SteadyLoop> loops;
};

struct MachineCode {
  Gpu gpu;
  std::string assembler; ///< name and version
  std::vector<KernelCode> kernels;
};

/// Which programs and which GPU.
struct SassOptions {
  std::string ptxas, nvdisasm; ///< paths; empty: they are looked for
  std::string gpu;             ///< empty: one of the chip that the PTX is for
};

/// Assembles the PTX of an artefact or of a file of PTX and reads the machine code. What a launch
/// of a file of PTX adds to shared memory is not known. Throws UserError.
MachineCode readMachineCode(const std::string &path, const SassOptions &options);

/// The same without the loops, for which ptxas is enough.
MachineCode readResources(const std::string &path, const SassOptions &options);

void printMachineCode(const MachineCode &code);
nlohmann::ordered_json toJson(const MachineCode &code);

} // namespace tern::bench

#endif
