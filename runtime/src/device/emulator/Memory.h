// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace tern::runtime::emulator {

class Module;

enum class Contents : uint8_t {
  Initialised,   ///< may be read at once
  Uninitialised, ///< each byte is to be written before it is read
  Constant,      ///< may be read, never written
};

/// A registered range of global memory.
struct Range {
  uint64_t address = 0; ///< of the emulated device
  uint64_t bytes = 0;
  std::byte *host = nullptr;
  std::string name{};
  Contents contents = Contents::Initialised;
  uint32_t number = 0;                  ///< of no other range of this memory
  std::unique_ptr<uint8_t[]> written{}; ///< a flag a byte, of uninitialised ranges alone

  bool holds(uint64_t from, uint64_t length) const {
    return from - address < bytes && length <= bytes - (from - address);
  }
};

/// The global memory of an emulated device: ranges of host memory, each at an address of the
/// device that depends on the order of calls alone. Not to be changed while a kernel runs.
class Memory {
public:
  /// Registers host memory, which the caller owns, and gives its address on the device.
  uint64_t add(void *host, uint64_t bytes, std::string name, Contents contents);

  /// Forgets a range; its address is not given again.
  void remove(uint64_t address);

  /// The host has written these bytes of a registered range.
  void markWritten(uint64_t address, uint64_t bytes);

  /// The range that holds an address, or null.
  const Range *find(uint64_t address) const;

  /// The range that ends nearest before an address, or null: what an access ran out of.
  const Range *before(uint64_t address) const;

  /// Above all numbers of ranges.
  uint32_t numbers() const { return nextNumber; }

  template <class Function> void each(Function &&function) const {
    for (const auto &range : ranges)
      function(*range);
  }

  /// Where the module's own variables lie; made on first use and kept until `forget`.
  const std::vector<uint64_t> &variablesOf(const Module &module);
  void forget(const Module &module);

  static constexpr uint64_t firstAddress = uint64_t{1} << 44;

private:
  struct Variables {
    std::vector<std::unique_ptr<std::byte[]>> storage;
    std::vector<uint64_t> addresses;
  };

  std::vector<std::unique_ptr<Range>> ranges; ///< by address
  std::unordered_map<const Module *, Variables> variables;
  uint64_t next = firstAddress;
  uint32_t nextNumber = 0;
};

} // namespace tern::runtime::emulator
