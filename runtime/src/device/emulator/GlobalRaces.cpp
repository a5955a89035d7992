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
  // What an atomic update does to a word that its own thread has just written is seen by others as
  // that write.
  if (isStrong(intent) && writer && !(writer & isAtomic) && ctaOf(writer) == who.cta &&
      tagOf(writer) > who.order.safe(who.warp))
    return true;
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

bool GlobalRaces::accessDense(const Accessor &who, const Range &range, uint64_t address,
                              unsigned bytes, Intent intent, Path path) {
  uint64_t first = (address - range.address) >> shift;
  unsigned each = bytes >> shift, eachShift = static_cast<unsigned>(std::countr_zero(each));
  unsigned count = 32 * each;
  constexpr uint64_t mask = (1 << pageShift) - 1;
  // What other CTAs are known to have done is looked up one by one.
  if ((first & mask) + count > (1 << pageShift) || !who.acquired.empty())
    return false;
  if (isStrong(intent))
    return false;
  Page &at = page(range, first);
  Lock lock(at, isShared);
  uint64_t *writers = &at.writers[first & mask], *readers = &at.readers[first & mask];
  const uint64_t mine = makeEntry(who.cta, who.order.now(), who.warp, 0);
  const uint64_t safe = who.order.safe(who.warp);
  constexpr uint64_t tagMask = uint64_t{Order::maximumTag} << 14;
  // Bit 0: the entry is nobody's, this lane's, or of this CTA's past.
  auto isFine = [&](uint64_t entry, unsigned i, uint64_t ignored) {
    uint64_t difference = entry ^ (mine | uint64_t{i >> eachShift} << 4);
    bool isOwn = (difference & ~(tagMask | ignored)) == 0;
    bool isPast = difference >> 40 == 0 && (entry & tagMask) <= safe << 14 &&
                  (entry & (manyCtas | isReadOnly)) == 0;
    return uint64_t{entry == 0} | uint64_t{isOwn} | uint64_t{isPast};
  };
  auto areFine = [&](const uint64_t *entries, uint64_t ignored) {
    uint64_t any = 0, fine = 1;
    for (unsigned i = 0; i < count; ++i)
      any |= entries[i];
    if (any)
      for (unsigned i = 0; i < count; ++i)
        fine &= isFine(entries[i], i, ignored);
    return any == 0 || (fine && path == Path::Plain);
  };
  if (!areFine(writers, isAtomic))
    return false;
  if (!onlyReads(intent)) {
    if (!areFine(readers, 0))
      return false;
    for (unsigned i = 0; i < count; ++i)
      writers[i] = mine | uint64_t{i >> eachShift} << 4;
    return true;
  }
  uint64_t entry = mine | (path == Path::ReadOnly ? isReadOnly : 0), news = 0, others = 0;
  for (unsigned i = 0; i < count; ++i) {
    news |= readers[i];
    others |= (readers[i] ^ (entry | uint64_t{i >> eachShift} << 4)) & ~tagMask;
  }
  if (news == 0 || others == 0) {
    for (unsigned i = 0; i < count; ++i)
      readers[i] = entry | uint64_t{i >> eachShift} << 4;
    return true;
  }
  for (unsigned i = 0; i < count; ++i) {
    uint64_t reader = readers[i];
    bool isOther = reader != 0 && (reader ^ mine) >> 40 != 0;
    uint64_t flags = (reader & (manyCtas | isReadOnly)) | (isOther ? manyCtas : 0) |
                     (isFine(reader, i, isReadOnly) ? 0 : manyLanes);
    readers[i] = entry | uint64_t{i >> eachShift} << 4 | flags;
  }
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
