// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/generate/Interrupt.h"

#include <atomic>
#include <csignal>

namespace tern::generate {

// A signal handler has no other way to say something.
static volatile std::sig_atomic_t received = 0;
static std::atomic<void (*)()> waker = nullptr;

static void receive(int signal) {
  received = 1;
  std::signal(signal, SIG_DFL);
  if (auto *wake = waker.load())
    wake();
}

void catchInterrupts(void (*wake)()) {
  waker = wake;
  std::signal(SIGINT, receive);
  std::signal(SIGTERM, receive);
}

bool interrupted() { return received; }

} // namespace tern::generate
