// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace tern::format {

/// xxh3-128 in canonical (big endian) order: finds damage, not malice.
using Hash = std::array<uint8_t, 16>;

Hash hashBytes(std::span<const std::byte> bytes);

/// 32 lower-case hexadecimal digits.
std::string toHex(const Hash &hash);

/// The hash of pieces that do not lie side by side.
class Hasher {
public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher &) = delete;
  Hasher &operator=(const Hasher &) = delete;

  void update(std::span<const std::byte> bytes);
  Hash finish() const;

private:
  struct State;
  std::unique_ptr<State> state;
};

} // namespace tern::format
