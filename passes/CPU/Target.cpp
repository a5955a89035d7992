// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Target.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace llvm;

namespace tern::cpu {

static constexpr StringRef kFloor[] = {"avx2", "bmi",   "bmi2",  "f16c",
                                       "fma",  "lzcnt", "movbe", "popcnt"};
static constexpr StringRef kWide[] = {"avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"};

static Expected<Target> resolve(StringRef cpu, const StringMap<bool> &has) {
  for (StringRef feature : kFloor)
    if (!has.lookup(feature))
      return createStringError("target CPU '" + cpu + "': expected at least AVX2, FMA and F16C, " +
                               "found no " + feature);
  Target target;
  target.cpu = cpu.str();
  auto need = [&](StringRef feature) { target.features.push_back(feature.str()); };
  for_each(kFloor, need);
  target.avx512 = all_of(kWide, [&](StringRef feature) { return has.lookup(feature); });
  if (target.avx512) {
    target.lanes = 16;
    target.registers = 32;
    for_each(kWide, need);
  }
  StringRef vnni = target.avx512 ? "avx512vnni" : "avxvnni";
  target.vnni = has.lookup(vnni);
  if (target.vnni)
    need(vnni);
  target.bf16 = target.avx512 && has.lookup("avx512bf16");
  if (target.bf16)
    need("avx512bf16");
  return target;
}

Expected<Target> Target::native() {
  return resolve(sys::getHostCPUName(), sys::getHostCPUFeatures());
}

Expected<Target> Target::named(StringRef cpu) {
  if (cpu == "native")
    return native();
  SmallVector<StringRef> known, features;
  X86::fillValidCPUArchList(known, /*Only64Bit=*/true);
  if (!is_contained(known, cpu))
    return createStringError("target CPU: expected 'native' or a 64-bit x86 processor known to " +
                             Twine("LLVM, found '") + cpu + "'");
  X86::getFeaturesForCPU(cpu, features);
  StringMap<bool> has; // LLVM's list leaves out what its other entries imply
  for (StringRef feature : features) {
    has[feature] = true;
    X86::updateImpliedFeatures(feature, /*Enabled=*/true, has);
  }
  return resolve(cpu, has);
}

std::string Target::featureString() const {
  return join(map_range(features, [](const std::string &feature) { return "+" + feature; }), ",");
}

} // namespace tern::cpu
