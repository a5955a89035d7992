// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/Device.h"

/// The emulator as a device of the runtime, in a library of its own that libtern loads when it is
/// asked for.
namespace tern::runtime {

/// `host` packs weights and has the memory; `threads` of it run CTAs.
using MakeEmulator = void(std::shared_ptr<Device> host, unsigned threads,
                          std::shared_ptr<Device> &out);

/// What the library's code needs of the processor, by LLVM's names.
#if defined(__x86_64__)
inline constexpr std::initializer_list<const char *> emulatorFeatures = {
    "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "popcnt"};
#else
inline constexpr std::initializer_list<const char *> emulatorFeatures = {};
#endif

/// The one name that the library shows.
inline constexpr const char *makeEmulatorName = "tern_make_emulator";

} // namespace tern::runtime
