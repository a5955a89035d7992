// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Index.h"

#include <algorithm>
#include <iterator>

namespace tern::format {

static constexpr ElementTypeInfo kInfos[] = {
    {"f32", 1, 4},        {"f16", 1, 2},      {"bf16", 1, 2},     {"f64", 1, 8},
    {"i8", 1, 1},         {"u8", 1, 1},       {"i16", 1, 2},      {"i32", 1, 4},
    {"i64", 1, 8},        {"q8_0", 32, 34},   {"q4_0", 32, 18},   {"q4_1", 32, 20},
    {"q5_0", 32, 22},     {"q5_1", 32, 24},   {"q2_k", 256, 84},  {"q3_k", 256, 110},
    {"q4_k", 256, 144},   {"q5_k", 256, 176}, {"q6_k", 256, 210}, {"iq4_nl", 32, 18},
    {"iq4_xs", 256, 136}, {"mxfp4", 32, 17}};

const ElementTypeInfo *elementTypeInfo(ElementType type) {
  auto number = static_cast<size_t>(type);
  return number < std::size(kInfos) ? &kInfos[number] : nullptr;
}

std::optional<ElementType> findElementType(std::string_view name) {
  for (size_t number = 0; number < std::size(kInfos); ++number)
    if (kInfos[number].name == name)
      return static_cast<ElementType>(number);
  return std::nullopt;
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

uint64_t StateClass::blockBytes() const {
  uint64_t paddedWidth = (static_cast<uint64_t>(width) + 15) / 16 * 16;
  return static_cast<uint64_t>(layers) * static_cast<uint64_t>(rows) * paddedWidth * sizeof(float);
}

const Program *Index::findProgram(std::string_view name) const {
  auto found = std::find_if(programs.begin(), programs.end(),
                            [&](const Program &program) { return program.name == name; });
  return found == programs.end() ? nullptr : &*found;
}

} // namespace tern::format
