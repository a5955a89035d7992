// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_MEETING_H
#define TERN_TOOLS_TERN_COMPILE_MEETING_H

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <exception>
#include <functional>
#include <mutex>
#include <vector>

namespace tern {

/// Threads that do the same and wait for each other at the same places: there, each brings an item,
/// and one of them sees all items before any goes on.
template <typename Item> class Meeting {
public:
  /// What it throws ends the meeting.
  using Decide = std::function<void(llvm::ArrayRef<const Item *>)>;

  Meeting(size_t threads, Decide decide)
      : decide(std::move(decide)), items(threads),
        barrier(std::ptrdiff_t(threads), Together{this}) {}

  /// False if the meeting is over.
  bool meet(size_t thread, const Item &item) {
    items[thread] = &item;
    barrier.arrive_and_wait();
    return !over;
  }

  /// What a thread does; if it is false or throws, the meeting is over.
  void attend(llvm::function_ref<bool()> thread) {
    if (!orEnd(thread))
      end();
    barrier.arrive_and_drop();
  }

  void end() { over = true; }
  bool isOver() const { return over; }

  /// What was thrown, if anything was; once all threads are gone.
  void rethrow() const {
    if (thrown)
      std::rethrow_exception(thrown);
  }

private:
  struct Together {
    Meeting *meeting;
    void operator()() noexcept { meeting->see(); }
  };

  bool orEnd(llvm::function_ref<bool()> call) noexcept {
    try {
      return call();
    } catch (...) {
      std::call_once(isThrown, [this] { thrown = std::current_exception(); });
      return false;
    }
  }

  void see() noexcept {
    // Who leaves brings nothing.
    bool isMet = !over && !llvm::is_contained(items, nullptr);
    if (isMet && !orEnd([this] { return decide(items), true; }))
      end();
    std::ranges::fill(items, nullptr);
  }

  Decide decide;
  std::vector<const Item *> items;
  std::atomic<bool> over = false;
  std::once_flag isThrown;
  std::exception_ptr thrown;
  std::barrier<Together> barrier;
};

} // namespace tern

#endif
