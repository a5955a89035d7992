// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Trial/Number.h"

#include <bit>
#include <cmath>
#include <cstdint>

namespace tern::trial {

float roundToBfloat(float x) {
  if (!std::isfinite(x))
    return x;
  auto bits = std::bit_cast<uint32_t>(x);
  bits += 0x7fff + ((bits >> 16) & 1);
  return std::bit_cast<float>(bits & 0xffff0000);
}

} // namespace tern::trial
