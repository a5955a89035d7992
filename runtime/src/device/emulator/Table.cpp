// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Table.h"

#include <vector>

namespace tern::runtime::emulator {

bool Form::has(std::string_view modifier) const {
  for (unsigned i = 0; i < numGroups; ++i)
    if (chosen[i] == modifier)
      return true;
  return false;
}

int Form::which(std::initializer_list<std::string_view> names) const {
  int place = 0;
  for (std::string_view name : names) {
    if (has(name))
      return place;
    ++place;
  }
  return -1;
}

std::string_view groupsNamed(std::string_view name) {
  if (name == "ORDER")
    return "?relaxed|acquire|release|acq_rel ?cta|cluster|gpu|sys ?global|shared|shared::cta";
  if (name == "COMPARISON")
    return "eq|ne|lt|le|gt|ge|lo|ls|hi|hs|equ|neu|ltu|leu|gtu|geu|num|nan";
  if (name == "MEMORY")
    return "b8|b16|b32|b64|u8|u16|u32|u64|s8|s16|s32|s64|f32|f64";
  return {};
}

std::span<const Row> instructions() {
  static const std::vector<Row> all = [] {
    std::vector<Row> rows;
    for (auto part : {integerRows(), bitRows(), floatRows(), roundedRows(), halfRows(),
                      specialRows(), convertRows(), compareRows(), moveRows(), memoryRows(),
                      atomicRows(), asyncRows(), warpRows(), matrixRows(), controlRows()})
      rows.insert(rows.end(), part.begin(), part.end());
    return rows;
  }();
  return all;
}

} // namespace tern::runtime::emulator
