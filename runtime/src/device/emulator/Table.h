// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/emulator/Operation.h"

#include <span>
#include <string_view>

namespace tern::runtime::emulator {

struct Row;

inline constexpr uint32_t noSlot = ~0u;

/// An instruction that has been matched with a row.
struct Form {
  const Row *row = nullptr;
  std::array<std::string_view, 16> chosen{}; ///< the modifier of each group, or nothing
  unsigned numGroups = 0;
  std::array<Type, 6> types{}; ///< those among the modifiers, in order
  unsigned numTypes = 0;
  std::array<uint8_t, 20> registerBytes{}; ///< of each slot
  uint32_t negated = 0; ///< bit i: the predicate in slot i stands for its opposite
  unsigned numSlots = 0;
  unsigned numAddresses = 0;
  bool readsClock = false; ///< a source is %clock or the like
  bool hasSymbol = false;  ///< an address begins with a variable, of symbolSpace
  Space symbolSpace = Space::Global;
  bool isMissing(unsigned slot, const Operation &op) const { return op.slots[slot] == noSlot; }

  bool has(std::string_view modifier) const;
  /// The first modifier that is one of the names; its place among them or -1.
  int which(std::initializer_list<std::string_view> names) const;
};

/// Fills in `execute` and what it needs; false if this combination is not one of PTX.
using Select = bool (*)(const Form &, Operation &);

/// A line of the table of instructions.
///
/// `modifiers` are groups in order, apart by blanks: `a|b` asks for one of them, `?a|b` allows it.
/// Names of types count as types: T is the first, U the second and so on. A word in capitals stands
/// for the groups that `groupsNamed` gives.
/// `operands`, apart by blanks: `>` before a destination, then a type: T, U, V, W (twice as wide as
/// T), or a name; `~T` allows a wider register; `{T}4` is a vector of four, `{T}` one of as many
/// elements as .v2 or .v4 says; `T?` may be missing; `|pred?` stands behind a bar; `[a]` is an
/// address, `L` a label, `B` a list of labels, `#` a whole number.
struct Row {
  std::string_view name, modifiers, operands;
  Class kind;
  Select select;
  uint32_t work = 0;    ///< arithmetic operations of a lane (of a warp for matrix instructions)
  unsigned target = 80; ///< the least sm_
};

/// What several rows have in common.
std::string_view groupsNamed(std::string_view name);

/// All instructions, those of one name side by side.
std::span<const Row> instructions();

// Parts of the table, by subject.
std::span<const Row> integerRows();
std::span<const Row> bitRows();
std::span<const Row> floatRows();
std::span<const Row> roundedRows();
std::span<const Row> halfRows();
std::span<const Row> specialRows();
std::span<const Row> convertRows();
std::span<const Row> compareRows();
std::span<const Row> moveRows();
std::span<const Row> memoryRows();
std::span<const Row> atomicRows();
std::span<const Row> asyncRows();
std::span<const Row> warpRows();
std::span<const Row> matrixRows();
std::span<const Row> controlRows();

} // namespace tern::runtime::emulator
