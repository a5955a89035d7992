// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Cta.h"

#include <algorithm>
#include <bit>
#include <cstdarg>
#include <cstring>

namespace tern::runtime::emulator {

Cta::Cta(Grid &grid) : grid(grid) {
  const Code &code = *grid.code;
  unsigned threads = static_cast<unsigned>(grid.launch->block.count());
  warps.resize((threads + numLanes - 1) / numLanes);
  // An allocation of whole slots; the first lies at a multiple of 64.
  frames.resize(warps.size() * code.frameBytes + 64);
  auto address = reinterpret_cast<uintptr_t>(frames.data());
  std::byte *first = frames.data() + (64 - address % 64);
  locals.resize(warps.size() * numLanes * code.localBytes);
  localsWritten.resize(locals.size());
  for (size_t i = 0; i < warps.size(); ++i) {
    warps[i].cta = this;
    warps[i].index = static_cast<uint32_t>(i);
    warps[i].frame = first + i * code.frameBytes;
    warps[i].local = locals.data() + i * numLanes * code.localBytes;
    warps[i].localWritten = localsWritten.data() + i * numLanes * code.localBytes;
  }
  shared.resize(grid.sharedBytes);
  sharedState.resize(grid.sharedBytes);
  warpCounts.resize(code.operations.size());
  threadCounts.resize(code.operations.size());
  ranges.resize(code.operations.size());
}

/// Special registers that differ from warp to warp.
static void fillSpecial(Warp &warp, const Constant &constant, const Cta &cta) {
  const Size3 &block = cta.grid.launch->block, &grid = cta.grid.launch->grid;
  auto fill = [&](auto value) {
    for (unsigned lane = 0; lane < numLanes; ++lane) {
      auto number = static_cast<uint64_t>(value(lane));
      if (constant.bytes == 8)
        warp.lanes<uint64_t>(constant.slot)[lane] = number;
      else if (constant.bytes == 4)
        warp.lanes<uint32_t>(constant.slot)[lane] = static_cast<uint32_t>(number);
      else
        warp.lanes<uint16_t>(constant.slot)[lane] = static_cast<uint16_t>(number);
    }
  };
  auto same = [&](uint64_t value) { fill([=](unsigned) { return value; }); };
  uint32_t first = warp.index * numLanes;
  switch (constant.special) {
  case Special::TidX:
    return fill([&](unsigned lane) { return (first + lane) % block.x; });
  case Special::TidY:
    return fill([&](unsigned lane) { return (first + lane) / block.x % block.y; });
  case Special::TidZ:
    return fill([&](unsigned lane) { return (first + lane) / block.x / block.y; });
  case Special::NtidX:
    return same(block.x);
  case Special::NtidY:
    return same(block.y);
  case Special::NtidZ:
    return same(block.z);
  case Special::CtaidX:
    return same(cta.id[0]);
  case Special::CtaidY:
    return same(cta.id[1]);
  case Special::CtaidZ:
    return same(cta.id[2]);
  case Special::NctaidX:
    return same(grid.x);
  case Special::NctaidY:
    return same(grid.y);
  case Special::NctaidZ:
    return same(grid.z);
  case Special::LaneId:
    return fill([](unsigned lane) { return lane; });
  case Special::WarpId:
    return same(warp.index);
  case Special::NwarpId:
    return same(cta.warps.size());
  case Special::NsmId:
    return same(1);
  case Special::LaneMaskEq:
    return fill([](unsigned lane) { return 1u << lane; });
  case Special::LaneMaskLe:
    return fill([](unsigned lane) { return (2ull << lane) - 1; });
  case Special::LaneMaskLt:
    return fill([](unsigned lane) { return (1ull << lane) - 1; });
  case Special::LaneMaskGe:
    return fill([](unsigned lane) { return allLanes << lane; });
  case Special::LaneMaskGt:
    return fill([](unsigned lane) { return uint32_t(~uint64_t{1} << lane); });
  case Special::TotalShared:
    return same(cta.grid.sharedBytes);
  case Special::DynamicShared:
    return same(cta.grid.launch->dynamicSharedBytes);
  default: // One SM, one grid; clocks stand still but for mov.
    return same(0);
  }
}

void Cta::begin() {
  const Size3 &extent = grid.launch->grid;
  id[0] = static_cast<uint32_t>(number % extent.x);
  id[1] = static_cast<uint32_t>(number / extent.x % extent.y);
  id[2] = static_cast<uint32_t>(number / extent.x / extent.y);
  const Code &code = *grid.code;
  uint64_t threads = grid.launch->block.count();
  if (order.isLate()) {
    order.restart();
    races.forget();
  }
  order.reset(static_cast<unsigned>(warps.size()));
  races.reset(grid.options->checks ? grid.sharedBytes : 0, code.sharedGranule,
              static_cast<unsigned>(warps.size()));
  std::fill(shared.begin(), shared.end(), std::byte{0xa5});
  std::fill(sharedState.begin(), sharedState.end(), byteUnwritten);
  std::fill(localsWritten.begin(), localsWritten.end(), 0);
  for (Barrier &barrier : barriers)
    barrier = Barrier{};
  acquired.clear();
  hasTurn = isFenced = false;
  for (Warp &warp : warps) {
    std::copy(grid.frame.begin(), grid.frame.end(), warp.frame);
    for (const Constant &constant : code.constants)
      if (constant.kind == Constant::Register)
        fillSpecial(warp, constant, *this);
    uint64_t rest = threads - uint64_t{warp.index} * numLanes;
    warp.alive = rest >= numLanes ? allLanes : (1u << rest) - 1;
    warp.pc = 0;
    warp.state = Warp::Ready;
    warp.steps = warp.ticks = 0;
    warp.carry = 0;
    warp.isFenced = false;
    warp.paths.assign(1, {0, warp.alive, noTarget});
    warp.copies.underWay.clear();
    warp.copies.committed.fill(0);
    warp.copies.random = grid.options->seed * 0x9e3779b97f4a7c15ull + number * 64 + warp.index + 1;
  }
}

/// Until the warp waits, ends or fails, or has had its share of steps.
void Cta::runWarp(Warp &warp) {
  const uint64_t share = std::min<uint64_t>(1 << 16, grid.options->stepLimit + 1);
  const Operation *operations = grid.code->operations.data();
  warp.stops = false;
  uint64_t steps = 0;
  while (!warp.stops && steps < share) {
    const Operation &op = operations[warp.pc];
    if (op.isLeader) {
      Path &top = warp.paths.back();
      if (warp.pc == top.reconvergence) {
        top.pc = warp.pc;
        warp.join();
        continue;
      }
    }
    uint32_t mask = warp.paths.back().mask;
    if (op.isGuarded)
      mask &= warp.predicate(op.guard) ^ (op.isNegated ? allLanes : 0);
    ++steps;
    ++warpCounts[warp.pc];
    threadCounts[warp.pc] += static_cast<unsigned>(std::popcount(mask));
    ++warp.pc;
    if (mask) {
      warp.mask = mask;
      warp.current = &op;
      op.execute(warp, op);
    }
  }
  warp.steps += steps;
  progressed = true;
  if (warp.steps > grid.options->stepLimit && warp.state == Warp::Ready && message.empty()) {
    warp.mask = warp.paths.back().mask;
    warp.current = &operations[warp.pc];
    fail(warp, static_cast<unsigned>(std::countr_zero(warp.mask)),
         "is still running after %llu instructions of its warp",
         static_cast<unsigned long long>(warp.steps));
  }
}

bool Cta::run(uint64_t wanted) {
  number = wanted;
  begin();
  for (;;) {
    progressed = false;
    bool isDone = true;
    for (Warp &warp : warps) {
      if (warp.state == Warp::Ready)
        runWarp(warp);
      if (!message.empty())
        return false;
      isDone &= warp.state == Warp::Done;
    }
    if (isDone)
      break;
    // An ended warp may have been the last that a barrier waited for.
    for (unsigned i = 0; i < 16; ++i)
      if (barriers[i].expected)
        complete(i);
    if (!progressed && checkDeadlock())
      return false;
  }
  ++counts.ctas;
  countOperations();
  return true;
}

void Cta::countOperations() {
  const Code &code = *grid.code;
  for (size_t i = 0; i < code.operations.size(); ++i) {
    const Operation &op = code.operations[i];
    unsigned kind = static_cast<unsigned>(op.kind);
    counts.warpInstructions[kind] += warpCounts[i];
    counts.threadInstructions[kind] += threadCounts[i];
    if (op.kind == Class::Matrix) {
      counts.matrixOperations += op.work * warpCounts[i];
      if (op.type == Type::S32)
        counts.integerMatrixOperations += op.work * warpCounts[i];
    } else {
      counts.otherOperations += op.work * threadCounts[i];
    }
    if (op.kind == Class::Branch && op.isGuarded)
      counts.branches += warpCounts[i];
    warpCounts[i] = threadCounts[i] = 0;
  }
}

void Cta::fail(Warp &warp, unsigned lane, const char *format, ...) {
  warp.stops = true;
  if (!message.empty())
    return;
  char what[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  const Kernel &kernel = *grid.code->syntax;
  uint32_t place = warp.current->statement;
  std::string text = "}";
  uint32_t line = 0;
  if (place < kernel.statements.size()) {
    text = kernel.statements[place].text.substr(0, 160);
    line = kernel.statements[place].line;
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  const Size3 &block = grid.launch->block;
  uint32_t thread = warp.index * numLanes + lane;
  message = "kernel '" + kernel.name + "', line " + std::to_string(line) + " '" + text +
            "', CTA (" + std::to_string(id[0]) + "," + std::to_string(id[1]) + "," +
            std::to_string(id[2]) + "), thread (" + std::to_string(thread % block.x) + "," +
            std::to_string(thread / block.x % block.y) + "," +
            std::to_string(thread / block.x / block.y) + "): " + what;
}

void Cta::takeTurn() {
  if (!hasTurn)
    grid.turn.await(number);
  hasTurn = true;
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

/// Threads come in whole warps.
static uint32_t wholeWarps(uint64_t threads) {
  return static_cast<uint32_t>((threads + numLanes - 1) / numLanes * numLanes);
}

void Cta::arrive(Warp &warp, unsigned number, uint32_t threads, bool waits) {
  Barrier &barrier = barriers[number];
  uint32_t expected = threads ? threads : wholeWarps(grid.launch->block.count());
  if (barrier.expected && barrier.expected != expected)
    return fail(warp, static_cast<unsigned>(std::countr_zero(warp.mask)),
                "comes to barrier %u with %u threads, but others wait for %u", number, expected,
                barrier.expected);
  barrier.expected = expected;
  barrier.isWhole |= threads == 0;
  barrier.arrived += numLanes;
  order.arrive(number, warp.index);
  if (waits) {
    barrier.waiting.push_back(warp.index);
    warp.state = Warp::Waiting;
    warp.stops = true;
  }
  complete(number);
}

/// Opens the barrier if all have come. Unless a number of threads was given, warps that have ended
/// are not waited for.
void Cta::complete(unsigned number) {
  Barrier &barrier = barriers[number];
  std::vector<uint32_t> ended;
  if (barrier.isWhole)
    for (const Warp &warp : warps)
      if (warp.state == Warp::Done)
        ended.push_back(warp.index);
  if (barrier.arrived + ended.size() * numLanes < barrier.expected)
    return;
  order.open(number, barrier.waiting, ended);
  for (uint32_t index : barrier.waiting)
    warps[index].state = Warp::Ready;
  for (const Barrier::Result &result : barrier.results)
    finishReduction(barrier, result);
  progressed = true;
  barrier = Barrier{};
}

/// No warp can go on: names the first that waits. False if one can.
bool Cta::checkDeadlock() {
  for (Warp &warp : warps) {
    if (warp.state != Warp::Waiting)
      continue;
    for (unsigned i = 0; i < 16; ++i) {
      const Barrier &barrier = barriers[i];
      if (std::find(barrier.waiting.begin(), barrier.waiting.end(), warp.index) ==
          barrier.waiting.end())
        continue;
      fail(warp, static_cast<unsigned>(std::countr_zero(warp.alive)),
           "waits for ever at barrier %u, where %u of %u threads have come", i, barrier.arrived,
           barrier.expected);
      return true;
    }
  }
  return false;
}

/// popc counts the lanes that say true, and and or tell if all or any do.
void Cta::finishReduction(const Barrier &barrier, const Barrier::Result &result) {
  Warp &warp = warps[result.warp];
  bool all = barrier.trueLanes == barrier.lanes, any = barrier.trueLanes > 0;
  if (result.kind == 0) {
    uint32_t *to = warp.lanes<uint32_t>(result.slot);
    for (unsigned lane = 0; lane < numLanes; ++lane)
      if (result.mask >> lane & 1)
        to[lane] = barrier.trueLanes;
    return;
  }
  uint32_t &to = warp.predicate(result.slot);
  bool value = result.kind == 1 ? all : any;
  to = (to & ~result.mask) | (value ? result.mask : 0);
}

} // namespace tern::runtime::emulator
