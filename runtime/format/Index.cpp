// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Index.h"

#include <algorithm>
#include <array>

namespace tern::format {

const ElementTypeInfo *elementTypeInfo(ElementType type) {
  static constexpr std::array<ElementTypeInfo, 12> infos{{{"f32", 1, 4},
                                                          {"f16", 1, 2},
                                                          {"bf16", 1, 2},
                                                          {"f64", 1, 8},
                                                          {"i8", 1, 1},
                                                          {"u8", 1, 1},
                                                          {"i16", 1, 2},
                                                          {"i32", 1, 4},
                                                          {"i64", 1, 8},
                                                          {"q8_0", 32, 34},
                                                          {"q4_0", 32, 18},
                                                          {"q4_1", 32, 20}}};
  auto number = static_cast<size_t>(type);
  return number < infos.size() ? &infos[number] : nullptr;
}

ExpressionId Program::intern(const Expression &expression) {
  auto found = std::find(expressions.begin(), expressions.end(), expression);
  if (found == expressions.end())
    found = expressions.insert(found, expression);
  return static_cast<ExpressionId>(found - expressions.begin());
}

uint64_t CacheClass::leastBlockBytes() const {
  uint64_t paddedValue = (static_cast<uint64_t>(valueWidth) + 15) / 16 * 16;
  uint64_t elements = (static_cast<uint64_t>(keyWidth) + paddedValue) * 64;
  uint64_t bytes = elements * elementTypeInfo(type)->blockBytes + 64 * sizeof(int32_t);
  return (bytes + 63) / 64 * 64;
}

const Program *Index::findProgram(std::string_view name) const {
  auto found = std::find_if(programs.begin(), programs.end(),
                            [&](const Program &program) { return program.name == name; });
  return found == programs.end() ? nullptr : &*found;
}

} // namespace tern::format
