// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>

namespace tern::runtime {

/// Philox 4x32 with 10 rounds (Salmon, Moraes, Dror, Shaw 2011): random
/// numbers as a function of a key and a counter.
std::array<uint32_t, 4> philox(std::array<uint32_t, 2> key, std::array<uint32_t, 4> counter);

/// A number of [0, 1), a multiple of 2^-24, of the `step`-th token of a request.
float uniform(uint64_t seed, uint64_t request, uint64_t step);

} // namespace tern::runtime
