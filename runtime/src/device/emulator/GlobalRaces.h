// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/emulator/Memory.h"
#include "runtime/src/device/emulator/SharedRaces.h"

#include <atomic>
#include <mutex>
#include <unordered_map>

namespace tern::runtime::emulator {

/// Who asks: a warp of a CTA, and the CTAs whose past it knows of by atomics.
struct Accessor {
  uint32_t cta;
  const Order &order;
  unsigned warp;
  const std::vector<bool> &acquired;
};

struct GlobalConflict {
  uint32_t cta = 0, warp = 0, lane = 0;
  bool wrote = false;
  bool isManyCtas = false;
  bool isReadOnlyPath = false; ///< one side reads by ld.global.nc
};

/// Who last wrote and read each granule of global memory in a launch. Tables are made where a
/// kernel goes; ranges of constant contents need none.
class GlobalRaces {
public:
  GlobalRaces(const Memory &memory, unsigned granule, bool isShared);
  ~GlobalRaces();

  enum class Path : uint8_t { Plain, ReadOnly };

  /// One lane's access; false if it conflicts with another's.
  bool access(const Accessor &who, unsigned lane, const Range &range, uint64_t address,
              unsigned bytes, Intent intent, Path path, GlobalConflict &conflict);

  /// 32 lanes side by side; false as of SharedRaces::accessDense.
  bool accessDense(const Accessor &who, const Range &range, uint64_t address, unsigned bytes,
                   Intent intent, Path path);

  /// What this CTA did before its fence is seen by those who acquire at the address.
  void release(uint64_t address, uint32_t cta);
  void acquire(uint64_t address, uint32_t cta, std::vector<bool> &acquired);

private:
  static constexpr unsigned pageShift = 10;

  struct Page {
    uint64_t writers[1 << pageShift] = {};
    uint64_t readers[1 << pageShift] = {};
    std::atomic_flag busy = ATOMIC_FLAG_INIT;
  };
  struct Table {
    std::vector<std::atomic<Page *>> pages;
  };
  class Lock;

  Page &page(const Range &range, uint64_t granule);
  bool check(const Accessor &who, unsigned lane, uint64_t &writer, uint64_t &reader, Intent intent,
             Path path, GlobalConflict &conflict) const;
  bool isOrdered(const Accessor &who, unsigned lane, uint64_t entry) const;

  unsigned shift;
  bool isShared;             ///< several threads of the host use it
  std::vector<Table> tables; ///< by the ranges' numbers
  std::mutex mutex;
  std::unordered_map<uint64_t, std::vector<uint32_t>> releases;
};

} // namespace tern::runtime::emulator
