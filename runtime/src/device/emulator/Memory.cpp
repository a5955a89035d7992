// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Memory.h"

#include "runtime/src/device/emulator/Emulator.h"
#include "runtime/src/device/emulator/Program.h"

#include <algorithm>
#include <cstring>

namespace tern::runtime::emulator {

/// As cuMemAlloc aligns; a gap of as much lies behind each range, so that running out is seen.
static constexpr uint64_t alignment = 256;

uint64_t Memory::add(void *host, uint64_t bytes, std::string name, Contents contents) {
  auto range = std::make_unique<Range>();
  range->address = next;
  range->bytes = bytes;
  range->host = static_cast<std::byte *>(host);
  range->name = std::move(name);
  range->number = nextNumber++;
  range->contents = contents;
  if (contents == Contents::Uninitialised)
    range->written = std::make_unique<uint8_t[]>(bytes);
  next += (bytes + 2 * alignment - 1) / alignment * alignment;
  ranges.push_back(std::move(range));
  return ranges.back()->address;
}

void Memory::remove(uint64_t address) {
  std::erase_if(ranges, [&](const auto &range) { return range->address == address; });
}

const Range *Memory::before(uint64_t address) const {
  auto after =
      std::upper_bound(ranges.begin(), ranges.end(), address,
                       [](uint64_t wanted, const auto &range) { return wanted < range->address; });
  return after == ranges.begin() ? nullptr : std::prev(after)->get();
}

const Range *Memory::find(uint64_t address) const {
  const Range *range = before(address);
  return range && range->holds(address, 1) ? range : nullptr;
}

void Memory::markWritten(uint64_t address, uint64_t bytes) {
  const Range *range = find(address);
  if (range && range->written && range->holds(address, bytes))
    std::memset(range->written.get() + (address - range->address), 1, bytes);
}

const std::vector<uint64_t> &Memory::variablesOf(const Module &module) {
  auto [at, isNew] = variables.try_emplace(&module);
  Variables &made = at->second;
  if (!isNew)
    return made.addresses;
  for (const Variable &variable : module.program().syntax.variables) {
    if (variable.space == Space::Shared) {
      made.addresses.push_back(0);
      continue;
    }
    auto bytes = std::make_unique<std::byte[]>(variable.bytes);
    std::copy(variable.initial.begin(), variable.initial.end(), bytes.get());
    made.addresses.push_back(
        add(bytes.get(), variable.bytes, std::string(variable.name),
            variable.space == Space::Const ? Contents::Constant : Contents::Initialised));
    made.storage.push_back(std::move(bytes));
  }
  return made.addresses;
}

void Memory::forget(const Module &module) {
  auto at = variables.find(&module);
  if (at == variables.end())
    return;
  for (uint64_t address : at->second.addresses)
    remove(address);
  variables.erase(at);
}

} // namespace tern::runtime::emulator
