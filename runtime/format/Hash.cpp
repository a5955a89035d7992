// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Hash.h"

// Inlined, so that the library needs no libxxhash at run time.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

namespace tern::format {

static Hash canonical(XXH128_hash_t value) {
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, value);
  Hash hash;
  static_assert(sizeof bytes.digest == sizeof hash);
  std::memcpy(hash.data(), bytes.digest, hash.size());
  return hash;
}

Hash hashBytes(std::span<const std::byte> bytes) {
  return canonical(XXH3_128bits(bytes.data(), bytes.size()));
}

std::string toHex(const Hash &hash) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (uint8_t byte : hash) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

struct Hasher::State {
  XXH3_state_t xxh;
};

Hasher::Hasher() : state(std::make_unique<State>()) { XXH3_128bits_reset(&state->xxh); }

Hasher::~Hasher() = default;

void Hasher::update(std::span<const std::byte> bytes) {
  XXH3_128bits_update(&state->xxh, bytes.data(), bytes.size());
}

Hash Hasher::finish() const { return canonical(XXH3_128bits_digest(&state->xxh)); }

} // namespace tern::format
