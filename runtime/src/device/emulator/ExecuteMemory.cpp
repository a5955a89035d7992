// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Access.h"
#include "runtime/src/device/emulator/Lanes.h"
#include "runtime/src/device/emulator/Table.h"

#include <cstring>
#include <type_traits>

namespace tern::runtime::emulator {

namespace {

/// M lies in memory, R in a register, which may be wider; then the sign is repeated or not.
template <class M, class R> void load(Warp &warp, const Operation &op) {
  Request request{op,
                  {},
                  static_cast<unsigned>(sizeof(M)) * op.count,
                  op.isOrdered ? Intent::StrongRead : Intent::Read};
  Places places;
  addresses(warp, op, 0, request.address);
  if (op.isOrdered)
    awaitOthers(warp, op);
  if (!reach(warp, op.space, request, places))
    return;
  if (op.isOrdered)
    acquireAll(warp, request);
  if (places.isDense && op.count == 1 && sizeof(M) == sizeof(R)) {
    std::memcpy(warp.lanes<R>(op.slots[0]), places.at[0], sizeof(R) * numLanes);
    return;
  }
  for (unsigned i = 0; i < op.count; ++i) {
    R *to = warp.lanes<R>(op.slots[i]);
    if (places.isDense) {
      const std::byte *from = places.at[0] + i * sizeof(M);
      for (unsigned lane = 0; lane < numLanes; ++lane) {
        M value;
        std::memcpy(&value, from + lane * sizeof(M) * op.count, sizeof(M));
        to[lane] = static_cast<R>(value);
      }
      continue;
    }
    for (unsigned lane = 0; lane < numLanes; ++lane) {
      if (!warp.has(lane))
        continue;
      M value;
      std::memcpy(&value, places.at[lane] + i * sizeof(M), sizeof(M));
      to[lane] = static_cast<R>(value);
    }
  }
}

template <class M, class R> void save(Warp &warp, const Operation &op) {
  Request request{op,
                  {},
                  static_cast<unsigned>(sizeof(M)) * op.count,
                  op.isOrdered ? Intent::StrongWrite : Intent::Write};
  Places places;
  addresses(warp, op, 0, request.address);
  if (op.isOrdered)
    awaitOthers(warp, op);
  if (!reach(warp, op.space, request, places))
    return;
  if (op.isOrdered)
    releaseAll(warp, request);
  for (unsigned i = 0; i < op.count; ++i) {
    const R *from = warp.lanes<R>(op.slots[1 + i]);
    if (places.isDense && op.count == 1 && sizeof(M) == sizeof(R)) {
      std::memcpy(places.at[0], from, sizeof(R) * numLanes);
      continue;
    }
    for (unsigned lane = 0; lane < numLanes; ++lane) {
      if (!warp.has(lane))
        continue;
      M value = static_cast<M>(from[lane]);
      std::memcpy(places.at[lane] + i * sizeof(M), &value, sizeof(M));
    }
  }
}

/// Calls the function with the types in memory and in the register.
template <class Function> bool withTypes(Type type, unsigned registerBytes, Function &&function) {
  auto inRegister = [&]<class M>(M memory) {
    if (registerBytes == 8)
      return function(memory, uint64_t{});
    if constexpr (sizeof(M) <= 4)
      if (registerBytes == 4)
        return function(memory, uint32_t{});
    if constexpr (sizeof(M) <= 2)
      if (registerBytes == 2)
        return function(memory, uint16_t{});
    return false;
  };
  switch (type) {
  case Type::S8:
    return inRegister(int8_t{});
  case Type::S16:
    return inRegister(int16_t{});
  case Type::S32:
    return inRegister(int32_t{});
  default:
    break;
  }
  switch (bytesOf(type)) {
  case 1:
    return inRegister(uint8_t{});
  case 2:
    return inRegister(uint16_t{});
  case 4:
    return inRegister(uint32_t{});
  default:
    return inRegister(uint64_t{});
  }
}

bool areSameWidth(const Form &form, unsigned first, unsigned count) {
  for (unsigned i = 1; i < count; ++i)
    if (form.registerBytes[first + i] != form.registerBytes[first])
      return false;
  return true;
}

bool prepare(const Form &form, Operation &op) {
  op.space = spaceOf(form);
  op.bytes = static_cast<uint8_t>(bytesOf(form.types[0]));
  op.type = form.types[0];
  bool isStrong =
      form.has("volatile") || form.has("relaxed") || form.has("acquire") || form.has("release");
  op.isOrdered = isStrong && (op.space == Space::Global || op.space == Space::Generic ||
                              op.space == Space::Shared);
  op.releases = form.has("release");
  op.isReadOnlyPath = form.has("nc");
  bool fitsSymbol =
      !form.hasSymbol || op.space == Space::Generic ? true : form.symbolSpace == op.space;
  bool isNarrow = op.bytes * op.count <= 16;
  return fitsSymbol && isNarrow && (!op.isReadOnlyPath || op.space == Space::Global);
}

bool selectLoad(const Form &form, Operation &op) {
  if (!prepare(form, op) || !areSameWidth(form, 0, op.count))
    return false;
  return withTypes(form.types[0], form.registerBytes[0], [&]<class M, class R>(M, R) {
    op.execute = load<M, R>;
    return true;
  });
}

bool selectSave(const Form &form, Operation &op) {
  if (!prepare(form, op) || !areSameWidth(form, 1, op.count))
    return false;
  if (op.space == Space::Const || op.space == Space::Param)
    return false;
  return withTypes(form.types[0], form.registerBytes[1], [&]<class M, class R>(M, R) {
    op.execute = save<std::make_unsigned_t<M>, R>;
    return true;
  });
}

void nothing(Warp &, const Operation &) {}
bool selectNothing(const Form &, Operation &op) {
  op.execute = nothing;
  return true;
}

constexpr Row rows[] = {
    {"ld",
     "?weak|volatile|relaxed|acquire ?cta|cluster|gpu|sys "
     "?global|shared|shared::cta|local|const|param|param::entry ?ca|cg|cs|lu|cv ?nc "
     "?L1::evict_normal|L1::evict_unchanged|L1::evict_first|L1::evict_last|L1::no_allocate "
     "?L2::64B|L2::128B|L2::256B ?v2|v4 MEMORY",
     ">{~T} [a]", Class::Load, selectLoad},
    {"st",
     "?weak|volatile|relaxed|release ?cta|cluster|gpu|sys ?global|shared|shared::cta|local "
     "?wb|cg|cs|wt "
     "?L1::evict_normal|L1::evict_unchanged|L1::evict_first|L1::evict_last|L1::no_allocate "
     "?v2|v4 MEMORY",
     "[a] {~T}", Class::Store, selectSave},
    {"prefetch", "?global|local L1|L2", "[a]", Class::Other, selectNothing},
    {"prefetchu", "L1", "[a]", Class::Other, selectNothing},
};

} // namespace

Space spaceOf(const Form &form) {
  switch (
      form.which({"global", "shared", "shared::cta", "local", "const", "param", "param::entry"})) {
  case 0:
    return Space::Global;
  case 1:
  case 2:
    return Space::Shared;
  case 3:
    return Space::Local;
  case 4:
    return Space::Const;
  case 5:
  case 6:
    return Space::Param;
  default:
    return Space::Generic;
  }
}

void awaitOthers(Warp &warp, const Operation &op) {
  if (op.space != Space::Shared)
    warp.cta->takeTurn();
}

/// Calls the function with each address once, of shared memory with its window.
template <class Function>
static void eachAddress(Warp &warp, const Request &request, Function &&function) {
  uint64_t window = request.operation.space == Space::Shared ? sharedWindow : 0, last = ~window;
  for (unsigned lane = 0; lane < numLanes; ++lane) {
    uint64_t address = request.address[lane] | window;
    if (warp.has(lane) && address != last)
      function(address);
    last = address;
  }
}

void acquireAll(Warp &warp, const Request &request) {
  Cta &cta = *warp.cta;
  if (!cta.grid.races)
    return;
  eachAddress(warp, request, [&](uint64_t address) {
    cta.order.acquire(address, warp.index);
    if (request.operation.space != Space::Shared)
      cta.grid.races->acquire(address, static_cast<uint32_t>(cta.number), cta.acquired);
  });
}

void releaseAll(Warp &warp, const Request &request) {
  Cta &cta = *warp.cta;
  bool releases = request.operation.releases;
  if (!cta.grid.races || !(releases || warp.isFenced))
    return;
  eachAddress(warp, request, [&](uint64_t address) {
    cta.order.release(address, warp.index);
    if (request.operation.space != Space::Shared && (releases || cta.isFenced))
      cta.grid.races->release(address, static_cast<uint32_t>(cta.number));
  });
}

std::span<const Row> memoryRows() { return rows; }

} // namespace tern::runtime::emulator
