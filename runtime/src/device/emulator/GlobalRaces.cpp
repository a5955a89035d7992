// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/GlobalRaces.h"

#include <bit>

namespace tern::runtime::emulator {

// An entry: CTA + 1 (24 bits), tag (26), warp (5), lane (5), then these. 0 is nobody.
static constexpr uint64_t manyLanes = 1, manyCtas = 2, isAtomic = 4, isReadOnly = 8;

static constexpr uint64_t makeEntry(uint32_t cta, uint32_t tag, unsigned warp, unsigned lane) {
  return (uint64_t{cta} + 1) << 40 | uint64_t{tag} << 14 | uint64_t{warp} << 9 | lane << 4;
}
static constexpr uint32_t ctaOf(uint64_t entry) { return static_cast<uint32_t>(entry >> 40) - 1; }
static constexpr uint32_t tagOf(uint64_t entry) { return entry >> 14 & Order::maximumTag; }
static constexpr unsigned warpOf(uint64_t entry) { return entry >> 9 & 31; }
static constexpr unsigned laneOf(uint64_t entry) { return entry >> 4 & 31; }

/// Held for the accesses of one page, if there are other threads.
class GlobalRaces::Lock {
public:
  Lock(Page &page, bool isShared) : page(page), isShared(isShared) {
    if (isShared)
      while (page.busy.test_and_set(std::memory_order_acquire)) {
      }
  }
  ~Lock() {
    if (isShared)
      page.busy.clear(std::memory_order_release);
  }

private:
  Page &page;
  bool isShared;
};

GlobalRaces::GlobalRaces(const Memory &memory, unsigned granule, bool isShared)
    : shift(static_cast<unsigned>(std::countr_zero(granule))), isShared(isShared),
      tables(memory.numbers()) {
  memory.each([&](const Range &range) {
    if (range.contents == Contents::Constant)
      return;
    size_t pages = (range.bytes >> (shift + pageShift)) + 1;
    tables[range.number].pages = std::vector<std::atomic<Page *>>(pages);
  });
}

GlobalRaces::~GlobalRaces() {
  for (Table &table : tables)
    for (auto &page : table.pages)
      delete page.load();
}

GlobalRaces::Page &GlobalRaces::page(const Range &range, uint64_t granule) {
  std::atomic<Page *> &place = tables[range.number].pages[granule >> pageShift];
  Page *page = place.load(std::memory_order_acquire);
  if (page)
    return *page;
  auto made = std::make_unique<Page>();
  if (place.compare_exchange_strong(page, made.get()))
    page = made.release();
  return *page;
}

bool GlobalRaces::isOrdered(const Accessor &who, unsigned lane, uint64_t entry) const {
  if (ctaOf(entry) != who.cta) {
    uint32_t other = ctaOf(entry);
    return !(entry & manyCtas) && other < who.acquired.size() && who.acquired[other];
  }
  if (entry & manyCtas)
    return false;
  unsigned otherWarp = warpOf(entry);
  bool isSame = otherWarp == who.warp && laneOf(entry) == lane && !(entry & manyLanes);
  return isSame || tagOf(entry) <= who.order.known(who.warp, otherWarp);
}

bool GlobalRaces::check(const Accessor &who, unsigned lane, uint64_t &writer, uint64_t &reader,
                        Intent intent, Path path, GlobalConflict &conflict) const {
  auto conflicts = [&](uint64_t entry, bool wrote) {
    conflict = {ctaOf(entry),
                warpOf(entry),
                laneOf(entry),
                wrote,
                (entry & manyCtas) != 0,
                path == Path::ReadOnly || (!wrote && (entry & isReadOnly))};
    return false;
  };
  uint64_t mine = makeEntry(who.cta, who.order.now(), who.warp, lane);
  if (writer) {
    bool bothAtomic = isStrong(intent) && (writer & isAtomic);
    if (path == Path::ReadOnly || (!bothAtomic && !isOrdered(who, lane, writer)))
      return conflicts(writer, true);
  }
  if (onlyReads(intent)) {
    // What strong reads see is no race with strong writes, which look at plain readers alone.
    if (isStrong(intent))
      return true;
    if (path == Path::ReadOnly)
      mine |= isReadOnly;
    uint64_t flags = reader & (isReadOnly | manyCtas);
    if (reader && ctaOf(reader) != who.cta)
      flags |= isOrdered(who, lane, reader) ? 0 : manyCtas;
    else if (reader && !isOrdered(who, lane, reader))
      flags |= manyLanes;
    reader = mine | flags;
    return true;
  }
  if (reader && ((reader & isReadOnly) || !isOrdered(who, lane, reader)))
    return conflicts(reader, false);
  writer = mine | (isStrong(intent) ? isAtomic : 0);
  return true;
}

bool GlobalRaces::access(const Accessor &who, unsigned lane, const Range &range, uint64_t address,
                         unsigned bytes, Intent intent, Path path, GlobalConflict &conflict) {
  if (range.contents == Contents::Constant)
    return true;
  uint64_t first = (address - range.address) >> shift;
  uint64_t last = (address - range.address + bytes - 1) >> shift;
  constexpr uint64_t mask = (1 << pageShift) - 1;
  // An access is aligned and narrower than a page.
  Page &at = page(range, first);
  Lock lock(at, isShared);
  for (uint64_t g = first; g <= last; ++g)
    if (!check(who, lane, at.writers[g & mask], at.readers[g & mask], intent, path, conflict))
      return false;
  return true;
}

bool GlobalRaces::accessDense(const Accessor &who, unsigned lanes, const Range &range,
                              uint64_t address, unsigned bytes, Intent intent, Path path) {
  if (range.contents == Contents::Constant)
    return true;
  uint64_t first = (address - range.address) >> shift;
  unsigned each = bytes >> shift;
  unsigned count = lanes * each;
  constexpr uint64_t mask = (1 << pageShift) - 1;
  if ((first & mask) + count > (1 << pageShift))
    return false;
  Page &at = page(range, first);
  Lock lock(at, isShared);
  uint64_t *writers = &at.writers[first & mask], *readers = &at.readers[first & mask];
  uint64_t anyWriter = 0, anyReader = 0;
  for (unsigned i = 0; i < count; ++i) {
    anyWriter |= writers[i];
    anyReader |= readers[i];
  }
  if (anyWriter || anyReader)
    return false;
  uint64_t flags = path == Path::ReadOnly ? isReadOnly : isStrong(intent) ? isAtomic : 0;
  if (intent == Intent::StrongRead)
    return true;
  uint64_t *entries = intent == Intent::Read ? readers : writers;
  uint64_t mine = makeEntry(who.cta, who.order.now(), who.warp, 0) | flags;
  for (unsigned i = 0; i < count; ++i)
    entries[i] = mine | uint64_t{i / each} << 4;
  return true;
}

void GlobalRaces::release(uint64_t address, uint32_t cta) {
  std::lock_guard lock(mutex);
  std::vector<uint32_t> &list = releases[address];
  if (list.empty() || list.back() != cta)
    list.push_back(cta);
}

void GlobalRaces::acquire(uint64_t address, uint32_t cta, std::vector<bool> &acquired) {
  std::lock_guard lock(mutex);
  auto at = releases.find(address);
  if (at == releases.end())
    return;
  for (uint32_t other : at->second) {
    if (other >= cta)
      continue;
    if (acquired.size() <= other)
      acquired.resize(other + 1);
    acquired[other] = true;
  }
}

} // namespace tern::runtime::emulator
