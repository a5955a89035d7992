// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/Device.h"

namespace tern::runtime {

/// The GPU of that number, by NVIDIA's driver alone. Launches and copies go to one stream, and what
/// is launched again and again goes as a graph. `host` packs weights. Errors name the device.
format::Error makeCudaDevice(int number, std::shared_ptr<Device> host,
                             std::shared_ptr<Device> &out);

/// The GPU of a caller's CUcontext, and its CUstream, or a stream of its own if that is null. Both
/// stay the caller's and outlive the device.
format::Error makeCudaDevice(void *context, void *stream, std::shared_ptr<Device> host,
                             std::shared_ptr<Device> &out);

} // namespace tern::runtime
