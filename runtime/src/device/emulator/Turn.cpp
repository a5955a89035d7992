// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Turn.h"

#include <algorithm>

namespace tern::runtime::emulator {

bool Turn::take(uint64_t &number) {
  std::lock_guard lock(mutex);
  if (at >= end || at > failed)
    return false;
  number = at;
  at += step;
  running.push_back(number);
  return true;
}

void Turn::finish(uint64_t number, bool hasFailed) {
  {
    std::lock_guard lock(mutex);
    std::erase(running, number);
    if (hasFailed)
      failed = std::min(failed, number);
  }
  changed.notify_all();
}

void Turn::await(uint64_t number) {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] {
    return std::none_of(running.begin(), running.end(),
                        [&](uint64_t other) { return other < number; });
  });
}

uint64_t Turn::failure() {
  std::lock_guard lock(mutex);
  return failed;
}

} // namespace tern::runtime::emulator
