// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/Device.h"

namespace tern::runtime {

/// Memory that the host and kernels use: one and the same where the device shares the host's, else
/// two that are copied. The device outlives it.
class Mirror {
public:
  static format::Error allocate(Device &device, uint64_t bytes, const char *purpose, Mirror &out);

  std::span<std::byte> host() const { return hosts.bytes(); }
  /// What launches are given.
  std::span<std::byte> kernels() const { return device->sharesMemory() ? host() : own.bytes(); }

  /// Bytes [from, to), as the host left them, for kernels.
  format::Error send(size_t from, size_t to) const;
  /// Asks for bytes [from, to), as kernels left them. The host has them by `accept`, when the
  /// device has been waited for.
  format::Error receive(size_t from, size_t to);
  void accept(size_t from, size_t to);

private:
  Device *device = nullptr;
  Memory hosts, own;
  Memory landing; ///< of what was received and not accepted
};

} // namespace tern::runtime
