// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tern::runtime::emulator {

/// What an instruction is counted as.
enum class Class : uint8_t {
  Integer,
  Bits,
  Half,
  Float,
  Double,
  Special,
  Convert,
  Compare,
  Move,
  Warp,
  Barrier,
  Branch,
  Load,
  Store,
  Atomic,
  Matrix,
  LoadMatrix,
  AsyncCopy,
  Fence,
  Other,
};
inline constexpr unsigned numClasses = 20;
/// Ends with a null.
std::string_view nameOf(Class kind);

/// Bytes that lanes asked for.
struct Traffic {
  uint64_t read = 0, written = 0;

  bool operator==(const Traffic &) const = default;
};

/// What one or more launches did; each figure is a sum.
struct Counts {
  uint64_t launches = 0;
  uint64_t ctas = 0; ///< that ran: fewer than the grid's if they were sampled

  std::array<uint64_t, numClasses> warpInstructions{};   ///< issued, for a warp each
  std::array<uint64_t, numClasses> threadInstructions{}; ///< for each lane that took part

  /// Sectors of 32 bytes that requests to global memory touch, and the fewest that could hold as
  /// many bytes.
  uint64_t globalSectors = 0, globalSectorsIdeal = 0;
  /// Passes over the 32 banks of shared memory, and the fewest that could move as many bytes.
  uint64_t sharedPasses = 0, sharedPassesIdeal = 0;

  uint64_t branches = 0, divergentBranches = 0;

  /// Arithmetic operations (a multiply-add is two) in matrix instructions and in all others.
  uint64_t matrixOperations = 0, otherOperations = 0;
  uint64_t integerMatrixOperations = 0; ///< of matrixOperations

  Traffic global, shared, local, constant, parameter;

  uint64_t warpTotal() const;
  /// 0 if there are no operations.
  double matrixShare() const;

  Counts &operator+=(const Counts &other);
  bool operator==(const Counts &) const = default;
};

} // namespace tern::runtime::emulator
