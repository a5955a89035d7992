// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/Mirror.h"

#include <cstring>

using tern::format::Error;

namespace tern::runtime {

Error Mirror::allocate(Device &device, uint64_t bytes, const char *purpose, Mirror &out) {
  out.device = &device;
  if (device.sharesMemory())
    return device.allocate(bytes, purpose, out.hosts);
  if (Error error = Memory::reserve(bytes, purpose, out.hosts))
    return error;
  return device.allocate(bytes, purpose, out.own);
}

Error Mirror::send(size_t from, size_t to) const {
  if (device->sharesMemory())
    return {};
  return device->write(own.data() + from, hosts.data() + from, to - from);
}

Error Mirror::receive(size_t from, size_t to) {
  if (device->sharesMemory())
    return {};
  if (!landing.size())
    if (Error error = device->allocateOnHost(hosts.size(), "lengths", landing))
      return error;
  return device->read(landing.data() + from, own.data() + from, to - from);
}

void Mirror::accept(size_t from, size_t to) {
  if (!device->sharesMemory())
    std::memcpy(hosts.data() + from, landing.data() + from, to - from);
}

} // namespace tern::runtime
