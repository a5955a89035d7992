// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Access.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tern::runtime::emulator {

static const char *verb(Intent intent) {
  return onlyReads(intent) ? "reads" : onlyWrites(intent) ? "writes" : "updates";
}

void addresses(Warp &warp, const Operation &op, unsigned which, uint64_t *out) {
  uint64_t offset = static_cast<uint64_t>(which == 0 ? op.offset : op.secondOffset);
  uint32_t slot = op.slots[op.address + which];
  if (which == 0 ? op.addressIsWide : op.secondIsWide) {
    const uint64_t *base = warp.lanes<uint64_t>(slot);
    for (unsigned lane = 0; lane < numLanes; ++lane)
      out[lane] = base[lane] + offset;
  } else {
    const uint32_t *base = warp.lanes<uint32_t>(slot);
    for (unsigned lane = 0; lane < numLanes; ++lane)
      out[lane] = static_cast<uint32_t>(base[lane] + offset);
  }
}

//===----------------------------------------------------------------------===//
// What all spaces have in common
//===----------------------------------------------------------------------===//

namespace {

/// The span of the addresses. Lanes that take no part get the address of one that does.
struct Span {
  uint64_t low, high; ///< first byte of the lowest and of the highest access
  uint64_t bits;      ///< what all addresses have set, as far as their alignment goes
  bool isDense;
};

Span spanOf(Warp &warp, Request &request) {
  uint64_t *address = request.address;
  if (warp.mask != allLanes) {
    uint64_t any = address[std::countr_zero(warp.mask)];
    for (unsigned lane = 0; lane < numLanes; ++lane)
      address[lane] = warp.mask >> lane & 1 ? address[lane] : any;
  }
  uint64_t first = address[0], uneven = 0;
  for (unsigned lane = 1; lane < numLanes; ++lane)
    uneven |= (address[lane] - address[lane - 1]) ^ request.bytes;
  if (uneven == 0)
    return {first, address[numLanes - 1], first, warp.mask == allLanes};
  uint64_t low = first, high = first, bits = first;
  for (unsigned lane = 1; lane < numLanes; ++lane) {
    low = std::min(low, address[lane]);
    high = std::max(high, address[lane]);
    bits |= address[lane];
  }
  return {low, high, bits, false};
}

bool isAligned(Warp &warp, Space space, const Request &request, const Span &span) {
  if (!(span.bits & (request.bytes - 1)))
    return true;
  for (unsigned lane = 0; lane < numLanes; ++lane)
    if (warp.has(lane) && request.address[lane] & (request.bytes - 1)) {
      warp.cta->fail(warp, lane, "%s %u bytes at the %s address 0x%llx, which is not aligned to %u",
                     verb(request.intent), request.bytes, nameOf(space).data(),
                     static_cast<unsigned long long>(request.address[lane]), request.bytes);
      return false;
    }
  return true;
}

bool outOfBounds(Warp &warp, Space space, const Request &request, unsigned lane, uint64_t bytes) {
  warp.cta->fail(warp, lane, "%s %u bytes at the %s address 0x%llx, but there are %llu bytes",
                 verb(request.intent), request.bytes, nameOf(space).data(),
                 static_cast<unsigned long long>(request.address[lane]),
                 static_cast<unsigned long long>(bytes));
  return false;
}

bool allOnes(const uint8_t *flags, size_t count) {
  uint8_t all = 1;
  for (size_t i = 0; i < count; ++i)
    all &= flags[i] == 1;
  return all;
}

std::string threadName(const Cta &cta, uint32_t warp, uint32_t lane) {
  const Size3 &block = cta.grid.launch->block;
  uint32_t thread = warp * numLanes + lane;
  return "(" + std::to_string(thread % block.x) + "," + std::to_string(thread / block.x % block.y) +
         "," + std::to_string(thread / block.x / block.y) + ")";
}

std::string ctaName(const Cta &cta, uint64_t number) {
  const Size3 &grid = cta.grid.launch->grid;
  return "(" + std::to_string(number % grid.x) + "," + std::to_string(number / grid.x % grid.y) +
         "," + std::to_string(number / grid.x / grid.y) + ")";
}

void countBytes(Traffic &traffic, const Request &request, uint32_t mask) {
  uint64_t bytes = static_cast<uint64_t>(std::popcount(mask)) * request.bytes;
  if (!onlyWrites(request.intent))
    traffic.read += bytes;
  if (!onlyReads(request.intent))
    traffic.written += bytes;
}

//===----------------------------------------------------------------------===//
// Global memory
//===----------------------------------------------------------------------===//

/// How many different values there are; they are few and often in order.
unsigned countDistinct(uint64_t *values, unsigned count) {
  if (!std::is_sorted(values, values + count))
    std::sort(values, values + count);
  return static_cast<unsigned>(std::unique(values, values + count) - values);
}

void countSectors(Counts &counts, const Request &request, uint32_t mask, const Span &span) {
  constexpr unsigned sector = 32;
  if (span.isDense) {
    uint64_t end = span.high + request.bytes - 1;
    counts.globalSectors += end / sector - span.low / sector + 1;
    counts.globalSectorsIdeal += numLanes * request.bytes / sector;
    return;
  }
  uint64_t sectors[numLanes], places[numLanes];
  unsigned count = 0;
  for (unsigned lane = 0; lane < numLanes; ++lane)
    if (mask >> lane & 1) {
      sectors[count] = request.address[lane] / sector;
      places[count++] = request.address[lane] / request.bytes;
    }
  counts.globalSectors += countDistinct(sectors, count);
  // Lanes that ask for the same bytes ask once.
  uint64_t bytes = uint64_t{countDistinct(places, count)} * request.bytes;
  counts.globalSectorsIdeal += (bytes + sector - 1) / sector;
}

bool noRange(Warp &warp, const Request &request, unsigned lane) {
  uint64_t address = request.address[lane];
  const Range *before = warp.cta->grid.memory->before(address);
  auto shown = static_cast<unsigned long long>(address);
  if (before && address - before->address < before->bytes)
    warp.cta->fail(warp, lane, "%s %u bytes at 0x%llx, the last %llu bytes of '%s'",
                   verb(request.intent), request.bytes, shown,
                   static_cast<unsigned long long>(before->bytes - (address - before->address)),
                   before->name.c_str());
  else if (before)
    warp.cta->fail(warp, lane,
                   "%s %u bytes at 0x%llx, %llu bytes behind the end of '%s' of %llu bytes",
                   verb(request.intent), request.bytes, shown,
                   static_cast<unsigned long long>(address - before->address - before->bytes),
                   before->name.c_str(), static_cast<unsigned long long>(before->bytes));
  else
    warp.cta->fail(warp, lane, "%s %u bytes at 0x%llx, where no memory is", verb(request.intent),
                   request.bytes, shown);
  return false;
}

bool checkContents(Warp &warp, const Request &request, unsigned lane, const Range &range) {
  uint64_t offset = request.address[lane] - range.address;
  auto shown = static_cast<unsigned long long>(request.address[lane]);
  if (range.contents == Contents::Constant && !onlyReads(request.intent)) {
    warp.cta->fail(warp, lane, "%s %u bytes at 0x%llx in '%s', which is constant",
                   verb(request.intent), request.bytes, shown, range.name.c_str());
    return false;
  }
  if (!range.written)
    return true;
  uint8_t *flags = range.written.get() + offset;
  if (onlyWrites(request.intent)) {
    std::memset(flags, 1, request.bytes);
  } else if (warp.cta->grid.options->checks && !allOnes(flags, request.bytes)) {
    warp.cta->fail(warp, lane, "%s %u bytes at 0x%llx in '%s' + %llu, which nobody has written",
                   verb(request.intent), request.bytes, shown, range.name.c_str(),
                   static_cast<unsigned long long>(offset));
    return false;
  }
  return true;
}

void reportGlobal(Warp &warp, const Request &request, unsigned lane, const Range &range,
                  const GlobalConflict &conflict) {
  Cta &cta = *warp.cta;
  const char *deed = conflict.wrote ? "written" : "read";
  std::string who = conflict.isManyCtas ? "several CTAs"
                                        : "CTA " + ctaName(cta, conflict.cta) + ", thread " +
                                              threadName(cta, conflict.warp, conflict.lane);
  const char *why = conflict.isReadOnlyPath ? "which ld.global.nc takes to be constant"
                    : conflict.cta == cta.number && !conflict.isManyCtas
                        ? "with no barrier between"
                        : "and nothing orders the two";
  cta.fail(warp, lane, "%s %u bytes at 0x%llx in '%s' + %llu that %s has %s, %s",
           verb(request.intent), request.bytes,
           static_cast<unsigned long long>(request.address[lane]), range.name.c_str(),
           static_cast<unsigned long long>(request.address[lane] - range.address), who.c_str(),
           deed, why);
}

bool checkGlobalRaces(Warp &warp, const Request &request, const Span &span, const Range *one) {
  Cta &cta = *warp.cta;
  GlobalRaces &races = *cta.grid.races;
  Accessor who{static_cast<uint32_t>(cta.number), cta.order, warp.index, cta.acquired};
  auto path =
      request.operation.isReadOnlyPath ? GlobalRaces::Path::ReadOnly : GlobalRaces::Path::Plain;
  if (one && one->contents == Contents::Constant)
    return true;
  if (one && span.isDense &&
      races.accessDense(who, *one, span.low, request.bytes, request.intent, path))
    return true;
  for (unsigned lane = 0; lane < numLanes; ++lane) {
    if (!warp.has(lane))
      continue;
    const Range &range = one ? *one : *cta.grid.memory->find(request.address[lane]);
    GlobalConflict conflict;
    if (!races.access(who, lane, range, request.address[lane], request.bytes, request.intent, path,
                      conflict)) {
      reportGlobal(warp, request, lane, range, conflict);
      return false;
    }
  }
  return true;
}

bool reachGlobal(Warp &warp, Space space, Request &request, Places &places) {
  Cta &cta = *warp.cta;
  Span span = spanOf(warp, request);
  if (!isAligned(warp, space, request, span))
    return false;
  size_t operation = static_cast<size_t>(&request.operation - cta.grid.code->operations.data());
  const Range *range = cta.ranges[operation];
  uint64_t length = span.high - span.low + request.bytes;
  if (!range || !range->holds(span.low, length)) {
    range = cta.grid.memory->find(span.low);
    if (range && !range->holds(span.low, length))
      range = nullptr;
    cta.ranges[operation] = range;
  }
  places.isDense = range && span.isDense;
  bool isPlain = range && (range->contents == Contents::Initialised ||
                           (range->contents == Contents::Constant && onlyReads(request.intent)));
  if (isPlain) {
    for (unsigned lane = 0; lane < numLanes; ++lane)
      places.at[lane] = range->host + (request.address[lane] - range->address);
  } else {
    for (unsigned lane = 0; lane < numLanes; ++lane) {
      if (!warp.has(lane))
        continue;
      uint64_t address = request.address[lane];
      const Range *its = range ? range : cta.grid.memory->find(address);
      if (!its || !its->holds(address, request.bytes))
        return noRange(warp, request, lane);
      if (!checkContents(warp, request, lane, *its))
        return false;
      places.at[lane] = its->host + (address - its->address);
    }
  }
  if (request.isCounted) {
    countSectors(cta.counts, request, warp.mask, span);
    countBytes(space == Space::Const ? cta.counts.constant : cta.counts.global, request, warp.mask);
  }
  return !cta.grid.races || checkGlobalRaces(warp, request, span, range);
}

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

bool reportShared(Warp &warp, const Request &request, unsigned lane, const Conflict &conflict) {
  std::string who = conflict.isManyLanes
                        ? "several threads of its CTA"
                        : "thread " + threadName(*warp.cta, conflict.warp, conflict.lane);
  warp.cta->fail(warp, lane,
                 "%s %u bytes at the shared address 0x%llx that %s has %s, with no barrier between",
                 verb(request.intent), request.bytes,
                 static_cast<unsigned long long>(request.address[lane]), who.c_str(),
                 conflict.wrote ? "written" : "read");
  return false;
}

bool reportState(Warp &warp, const Request &request, unsigned lane) {
  const uint8_t *state = &warp.cta->sharedState[request.address[lane]];
  bool isInFlight = std::find(state, state + request.bytes, byteInFlight) != state + request.bytes;
  warp.cta->fail(warp, lane, "%s %u bytes at the shared address 0x%llx, %s", verb(request.intent),
                 request.bytes, static_cast<unsigned long long>(request.address[lane]),
                 isInFlight ? "to which an asynchronous copy is under way"
                            : "which nobody has written");
  return false;
}

template <unsigned bytes> bool anyState(const uint8_t *state, uint8_t wanted) {
  uint8_t any = 0;
  for (unsigned i = 0; i < bytes; ++i)
    any |= state[i] == wanted;
  return any;
}

template <unsigned bytes> bool checkState(Warp &warp, const Request &request, const Span &span) {
  uint8_t *states = warp.cta->sharedState.data();
  if (span.isDense) {
    uint8_t *state = states + span.low;
    if (onlyWrites(request.intent)) {
      if (!anyState<bytes * numLanes>(state, byteInFlight)) {
        std::memset(state, byteWritten, bytes * numLanes);
        return true;
      }
    } else if (allOnes(state, bytes * numLanes)) {
      return true;
    }
  }
  for (unsigned lane = 0; lane < numLanes; ++lane) {
    if (!warp.has(lane))
      continue;
    uint8_t *state = states + request.address[lane];
    bool isWrite = onlyWrites(request.intent);
    if (isWrite ? anyState<bytes>(state, byteInFlight) : !allOnes(state, bytes))
      return reportState(warp, request, lane);
    if (isWrite)
      std::memset(state, byteWritten, bytes);
  }
  return true;
}

bool checkStates(Warp &warp, const Request &request, const Span &span) {
  switch (request.bytes) {
  case 1:
    return checkState<1>(warp, request, span);
  case 2:
    return checkState<2>(warp, request, span);
  case 4:
    return checkState<4>(warp, request, span);
  case 8:
    return checkState<8>(warp, request, span);
  default:
    return checkState<16>(warp, request, span);
  }
}

bool reachShared(Warp &warp, Request &request, Places &places) {
  Cta &cta = *warp.cta;
  Span span = spanOf(warp, request);
  if (!isAligned(warp, Space::Shared, request, span))
    return false;
  uint64_t bytes = cta.grid.sharedBytes;
  if (span.high + request.bytes > bytes || span.high >= bytes)
    for (unsigned lane = 0; lane < numLanes; ++lane)
      if (warp.has(lane) &&
          (request.address[lane] >= bytes || bytes - request.address[lane] < request.bytes))
        return outOfBounds(warp, Space::Shared, request, lane, bytes);
  places.isDense = span.isDense;
  for (unsigned lane = 0; lane < numLanes; ++lane)
    places.at[lane] = cta.shared.data() + request.address[lane];
  if (request.isCounted) {
    if (span.isDense) {
      unsigned passes = std::max(request.bytes * numLanes / 128, 1u);
      cta.counts.sharedPasses += passes;
      cta.counts.sharedPassesIdeal += passes;
    } else {
      countPasses(cta.counts, warp.mask, request.address, request.bytes);
    }
    countBytes(cta.counts.shared, request, warp.mask);
  }
  if (!cta.grid.options->checks)
    return true;
  if (!checkStates(warp, request, span))
    return false;
  if (span.isDense &&
      cta.races.accessDense(cta.order, warp.index, span.low, request.bytes, request.intent))
    return true;
  for (unsigned lane = 0; lane < numLanes; ++lane) {
    Conflict conflict;
    if (warp.has(lane) && !cta.races.access(cta.order, warp.index, lane, request.address[lane],
                                            request.bytes, request.intent, conflict))
      return reportShared(warp, request, lane, conflict);
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Local memory and parameters
//===----------------------------------------------------------------------===//

bool reachLocal(Warp &warp, Request &request, Places &places) {
  Cta &cta = *warp.cta;
  Span span = spanOf(warp, request);
  if (!isAligned(warp, Space::Local, request, span))
    return false;
  uint64_t bytes = cta.grid.code->localBytes;
  places.isDense = false;
  for (unsigned lane = 0; lane < numLanes; ++lane) {
    if (!warp.has(lane))
      continue;
    uint64_t address = request.address[lane];
    if (address >= bytes || bytes - address < request.bytes)
      return outOfBounds(warp, Space::Local, request, lane, bytes);
    uint64_t place = lane * bytes + address;
    places.at[lane] = warp.local + place;
    if (onlyWrites(request.intent)) {
      std::memset(warp.localWritten + place, 1, request.bytes);
    } else if (cta.grid.options->checks && !allOnes(warp.localWritten + place, request.bytes)) {
      cta.fail(warp, lane, "%s %u bytes at the local address 0x%llx, which nobody has written",
               verb(request.intent), request.bytes, static_cast<unsigned long long>(address));
      return false;
    }
  }
  countBytes(cta.counts.local, request, warp.mask);
  return true;
}

bool reachParameters(Warp &warp, Request &request, Places &places) {
  Span span = spanOf(warp, request);
  if (!isAligned(warp, Space::Param, request, span))
    return false;
  auto bytes = warp.cta->grid.launch->parameters;
  places.isDense = false;
  for (unsigned lane = 0; lane < numLanes; ++lane) {
    if (!warp.has(lane))
      continue;
    uint64_t address = request.address[lane];
    if (address >= bytes.size() || bytes.size() - address < request.bytes)
      return outOfBounds(warp, Space::Param, request, lane, bytes.size());
    if (!onlyReads(request.intent)) {
      warp.cta->fail(warp, lane, "%s a parameter of the kernel", verb(request.intent));
      return false;
    }
    places.at[lane] = const_cast<std::byte *>(bytes.data() + address);
  }
  countBytes(warp.cta->counts.parameter, request, warp.mask);
  return true;
}

Space spaceOf(uint64_t generic) {
  switch (generic >> 40) {
  case 1:
    return Space::Shared;
  case 2:
    return Space::Local;
  case 3:
    return Space::Param;
  default:
    return Space::Global;
  }
}

/// Each lane may point to another space.
bool reachGeneric(Warp &warp, Request &request, Places &places) {
  uint32_t all = warp.mask, rest = all;
  bool succeeds = true;
  while (rest && succeeds) {
    Space space = spaceOf(request.address[std::countr_zero(rest)]);
    Request part = request;
    uint32_t lanes = 0;
    for (unsigned lane = 0; lane < numLanes; ++lane)
      if (rest >> lane & 1 && spaceOf(request.address[lane]) == space) {
        lanes |= 1u << lane;
        part.address[lane] &= space == Space::Global ? ~uint64_t{0} : windowMask;
      }
    Places its;
    warp.mask = lanes;
    succeeds = reach(warp, space, part, its);
    places.isDense = lanes == allLanes && its.isDense;
    for (unsigned lane = 0; lane < numLanes; ++lane)
      if (lanes >> lane & 1)
        places.at[lane] = its.at[lane];
    rest &= ~lanes;
  }
  warp.mask = all;
  return succeeds;
}

} // namespace

bool reach(Warp &warp, Space space, Request &request, Places &places) {
  switch (space) {
  case Space::Global:
  case Space::Const:
    return reachGlobal(warp, space, request, places);
  case Space::Shared:
    return reachShared(warp, request, places);
  case Space::Local:
    return reachLocal(warp, request, places);
  case Space::Param:
    return reachParameters(warp, request, places);
  case Space::Generic:
    break;
  }
  return reachGeneric(warp, request, places);
}

bool noteShared(Warp &warp, unsigned lane, uint64_t offset, unsigned bytes, Intent intent) {
  Conflict conflict;
  if (warp.cta->races.access(warp.cta->order, warp.index, lane, offset, bytes, intent, conflict))
    return true;
  Request request{*warp.current, {}, bytes, intent};
  request.address[lane] = offset;
  return reportShared(warp, request, lane, conflict);
}

/// Wide accesses go in groups of lanes that move at most 128 bytes together; in a group, each
/// bank gives one word a pass.
void countPasses(Counts &counts, uint32_t mask, const uint64_t *address, unsigned bytes) {
  unsigned words = std::max(bytes / 4, 1u);
  unsigned lanes = numLanes / words;
  for (unsigned first = 0; first < numLanes; first += lanes) {
    uint32_t part = mask >> first & (lanes == 32 ? allLanes : (1u << lanes) - 1);
    if (!part)
      continue;
    // The usual case: each lane has its own banks.
    uint32_t banks = 0;
    for (unsigned lane = first; lane < first + lanes; ++lane)
      banks |= (mask >> lane & 1) << (address[lane] / (4 * words) % lanes);
    if (std::popcount(banks) == std::popcount(part)) {
      ++counts.sharedPasses;
      ++counts.sharedPassesIdeal;
      continue;
    }
    uint64_t seen[numLanes]; // of each bank, its last word
    uint8_t depth[numLanes] = {};
    unsigned passes = 1, distinct = 0;
    uint64_t extra[numLanes * 4];
    unsigned numExtra = 0;
    for (unsigned lane = first; lane < first + lanes; ++lane) {
      if (!(mask >> lane & 1))
        continue;
      for (unsigned i = 0; i < words; ++i) {
        uint64_t word = address[lane] / 4 + i;
        unsigned bank = word % 32;
        if (depth[bank] && seen[bank] == word)
          continue;
        if (depth[bank] > 1 && std::find(extra, extra + numExtra, word) != extra + numExtra)
          continue;
        if (depth[bank])
          extra[numExtra++] = seen[bank];
        seen[bank] = word;
        ++distinct;
        passes = std::max<unsigned>(passes, ++depth[bank]);
      }
    }
    counts.sharedPasses += passes;
    counts.sharedPassesIdeal += (distinct + 31) / 32;
  }
}

} // namespace tern::runtime::emulator
