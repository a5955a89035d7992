// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/Philox.h"

namespace tern::runtime {

std::array<uint32_t, 4> philox(std::array<uint32_t, 2> key, std::array<uint32_t, 4> counter) {
  for (int round = 0; round < 10; ++round) {
    uint64_t first = uint64_t(0xD2511F53) * counter[0];
    uint64_t second = uint64_t(0xCD9E8D57) * counter[2];
    counter = {
        static_cast<uint32_t>(second >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(second),
        static_cast<uint32_t>(first >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(first)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

float uniform(uint64_t seed, uint64_t request, uint64_t step) {
  auto low = [](uint64_t value) { return static_cast<uint32_t>(value); };
  auto high = [](uint64_t value) { return static_cast<uint32_t>(value >> 32); };
  auto words =
      philox({low(seed), high(seed)}, {low(request), high(request), low(step), high(step)});
  return static_cast<float>(words[0] >> 8) * 0x1p-24f;
}

} // namespace tern::runtime
