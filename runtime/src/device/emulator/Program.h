// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/emulator/Operation.h"
#include "runtime/src/device/emulator/Syntax.h"

/// A module as it is run: each instruction resolved once.
namespace tern::runtime::emulator {

/// What a slot of the frame holds before the first instruction.
enum class Special : uint8_t {
  TidX,
  TidY,
  TidZ,
  NtidX,
  NtidY,
  NtidZ,
  CtaidX,
  CtaidY,
  CtaidZ,
  NctaidX,
  NctaidY,
  NctaidZ,
  LaneId,
  WarpId,
  NwarpId,
  SmId,
  NsmId,
  GridId,
  LaneMaskEq,
  LaneMaskLe,
  LaneMaskLt,
  LaneMaskGe,
  LaneMaskGt,
  TotalShared,
  DynamicShared,
  Clock,
  Clock64,
  GlobalTimer, ///< read by an instruction of their own
};

struct Constant {
  enum Kind : uint8_t {
    Value,    ///< `value`
    Variable, ///< the address of the module's variable of that number, plus `value`
    Register, ///< a special register
  };
  Kind kind = Value;
  uint32_t slot = 0;
  uint32_t bytes = 4;
  uint64_t value = 0;
  uint32_t variable = 0;
  Special special = Special::TidX;
};

/// A kernel. A warp's frame is `frameBytes` of slots, each of 32 lanes and aligned to 64 bytes.
struct Code {
  const Kernel *syntax = nullptr;
  std::vector<Operation> operations;
  std::vector<Constant> constants;
  std::vector<std::vector<uint32_t>> targetLists; ///< of brx.idx
  uint32_t frameBytes = 0;
  uint64_t sharedBytes = 0; ///< static; dynamic memory begins at `dynamicOffset`
  uint64_t dynamicOffset = 0;
  uint64_t localBytes = 0;
  /// The narrowest access, which races are looked for by; a power of two from 1 to 16.
  uint32_t sharedGranule = 16, globalGranule = 16;
};

struct Program {
  std::string text;
  Syntax syntax;
  std::vector<Code> codes; ///< of syntax.kernels, in order
};

} // namespace tern::runtime::emulator
