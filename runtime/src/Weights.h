// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/Artefact.h"
#include "runtime/src/LoadCache.h"
#include "runtime/src/device/Device.h"

#include <functional>

namespace tern::runtime {

/// How weights are to be found and made ready.
struct LoadOptions {
  std::string weightsPath; ///< a file or a folder, or empty
  const LoadCache *cache = nullptr;
  bool verify = false; ///< check hashes of all bodies first
  /// Called with bytes done and bytes in all; false stops.
  std::function<bool(uint64_t, uint64_t)> progress;
};

/// The packed weights of an artefact, made by its `load` program or mapped
/// from a load cache.
class Weights {
public:
  format::Error load(const Artefact &artefact, Device &device, const LoadedCode &code,
                     const LoadOptions &options);

  /// Moves what was packed to a device that does not share the host's memory.
  format::Error upload(Device &device);

  /// The address of each of index.packed.
  std::span<std::byte *const> packed() const { return addresses; }

private:
  void setAddresses(std::byte *base);

  std::vector<uint64_t> offsets; ///< of each packed weight from the first
  uint64_t bytes = 0;            ///< of all
  std::vector<std::byte *> addresses;
  Memory memory;          ///< packed here, or
  LoadCache::Entry entry; ///< mapped from here
};

} // namespace tern::runtime
