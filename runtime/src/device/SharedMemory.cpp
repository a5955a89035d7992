// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What devices do that share the host's memory, do at once what they are asked and count nothing.
#include "runtime/src/device/Device.h"

#include <cstring>

using tern::format::Error;
using tern::format::makeError;

namespace tern::runtime {

Error Device::takeCounts(const OnKernel &) {
  return format::makeError(
      TERN_UNSUPPORTED, "expected the device 'emulator', which counts what kernels do, found '%s'",
      name());
}

Error Device::copy(void *destination, const void *source, uint64_t bytes) {
  if (bytes)
    std::memcpy(destination, source, bytes);
  return {};
}

Error Device::write(void *destination, const void *hosts, uint64_t bytes) {
  return copy(destination, hosts, bytes);
}

Error Device::read(void *hosts, const void *source, uint64_t bytes) {
  return copy(hosts, source, bytes);
}

Error Device::clear(void *destination, uint64_t bytes) {
  if (bytes)
    std::memset(destination, 0, bytes);
  return {};
}

Error Device::record(const std::function<Error()> &, std::unique_ptr<Recording> &) {
  return makeError(TERN_INTERNAL, "device '%s' keeps no commands", name());
}

Error Device::replay(const Recording &) {
  return makeError(TERN_INTERNAL, "device '%s' keeps no commands", name());
}

} // namespace tern::runtime
