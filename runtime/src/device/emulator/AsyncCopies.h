// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tern::runtime::emulator {

/// cp.async of a warp's lanes: `bytes` to each of the shared offsets, of which `sourceBytes` come
/// from memory and the rest are zero.
struct AsyncCopy {
  uint32_t pending = 0;  ///< lanes whose bytes have not arrived
  uint32_t unwaited = 0; ///< lanes that have not waited for it
  uint32_t bytes = 0;
  uint32_t delay = 0; ///< events of the warp until it arrives by itself
  std::array<uint32_t, 32> to{};
  std::array<uint32_t, 32> sourceBytes{};
  std::array<const std::byte *, 32> from{};
  std::array<uint32_t, 32> group{}; ///< of each lane
};

/// The copies of a warp that are under way. A group is closed by commit_group, for each lane
/// by itself.
struct AsyncCopies {
  std::vector<AsyncCopy> underWay;
  std::array<uint32_t, 32> committed{}; ///< groups closed by each lane
  uint64_t random = 0;
};

} // namespace tern::runtime::emulator
