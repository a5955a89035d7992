// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/Device.h"
#include "tern/device.h"

struct tern_device_t {
  std::shared_ptr<tern::runtime::Device> device;
  int32_t threads;
};
