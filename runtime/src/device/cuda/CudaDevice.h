// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/Device.h"

namespace tern::runtime {

/// The GPU of that number, by NVIDIA's driver alone. Launches and copies go to one stream; `read`
/// waits for it. `host` packs weights. Errors name the device.
format::Error makeCudaDevice(int number, std::shared_ptr<Device> host,
                             std::shared_ptr<Device> &out);

} // namespace tern::runtime
