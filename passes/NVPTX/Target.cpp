// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/Target.h"

#include "passes/NVPTX/Lanes.h"

#include "llvm/ADT/STLExtras.h"

namespace tern::nvptx {

llvm::Expected<Target> Target::named(llvm::StringRef chip) {
  if (!llvm::is_contained({"sm_80", "sm_86", "sm_89", "sm_90"}, chip))
    return llvm::createStringError("target: expected sm_80, sm_86, sm_89 or sm_90, found '" + chip +
                                   "'");
  Target target{chip.str(), {}};
  target.warp.cpu = chip.str();
  target.warp.lanes = kWarp;
  target.warp.registers = 64;
  target.warp.fullNaN = true;
  target.warp.warp = true;
  return target;
}

} // namespace tern::nvptx
