// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/StorageType.h"

#include <array>
#include <cassert>

namespace tern::checkpoint {
namespace {

using enum StorageType;

struct NumberedType {
  uint32_t number;
  TypeLayout layout;
};

// Numbers 4, 5, 31 to 33 and 36 to 38 were withdrawn from the format.
constexpr NumberedType kGgufTypes[] = {
    {0, {"F32", F32, 1, 4}},           {1, {"F16", F16, 1, 2}},
    {2, {"Q4_0", Q4_0, 32, 18}},       {3, {"Q4_1", Q4_1, 32, 20}},
    {6, {"Q5_0", Q5_0, 32, 22}},       {7, {"Q5_1", Q5_1, 32, 24}},
    {8, {"Q8_0", Q8_0, 32, 34}},       {9, {"Q8_1", Other, 32, 36}},
    {10, {"Q2_K", Q2_K, 256, 84}},     {11, {"Q3_K", Q3_K, 256, 110}},
    {12, {"Q4_K", Q4_K, 256, 144}},    {13, {"Q5_K", Q5_K, 256, 176}},
    {14, {"Q6_K", Q6_K, 256, 210}},    {15, {"Q8_K", Other, 256, 292}},
    {16, {"IQ2_XXS", Other, 256, 66}}, {17, {"IQ2_XS", Other, 256, 74}},
    {18, {"IQ3_XXS", Other, 256, 98}}, {19, {"IQ1_S", Other, 256, 50}},
    {20, {"IQ4_NL", IQ4_NL, 32, 18}},  {21, {"IQ3_S", Other, 256, 110}},
    {22, {"IQ2_S", Other, 256, 82}},   {23, {"IQ4_XS", IQ4_XS, 256, 136}},
    {24, {"I8", Other, 1, 1}},         {25, {"I16", Other, 1, 2}},
    {26, {"I32", Other, 1, 4}},        {27, {"I64", Other, 1, 8}},
    {28, {"F64", Other, 1, 8}},        {29, {"IQ1_M", Other, 256, 56}},
    {30, {"BF16", BF16, 1, 2}},        {34, {"TQ1_0", Other, 256, 54}},
    {35, {"TQ2_0", Other, 256, 66}},   {39, {"MXFP4", MXFP4, 32, 17}},
};

constexpr TypeLayout kSafetensorsTypes[] = {
    {"F32", F32, 1, 4},       {"F16", F16, 1, 2},       {"BF16", BF16, 1, 2},
    {"F64", Other, 1, 8},     {"I64", Other, 1, 8},     {"I32", Other, 1, 4},
    {"I16", Other, 1, 2},     {"I8", Other, 1, 1},      {"U64", Other, 1, 8},
    {"U32", Other, 1, 4},     {"U16", Other, 1, 2},     {"U8", Other, 1, 1},
    {"BOOL", Other, 1, 1},    {"F8_E4M3", Other, 1, 1}, {"F8_E5M2", Other, 1, 1},
    {"F8_E8M0", Other, 1, 1}, {"C64", Other, 1, 8},
};

} // namespace

const TypeLayout *ggufType(uint32_t number) {
  for (const NumberedType &entry : kGgufTypes)
    if (entry.number == number)
      return &entry.layout;
  return nullptr;
}

uint32_t ggufNumber(std::string_view name) {
  for (const NumberedType &entry : kGgufTypes)
    if (entry.layout.name == name)
      return entry.number;
  __builtin_unreachable();
}

const TypeLayout *safetensorsType(std::string_view name) {
  for (const TypeLayout &layout : kSafetensorsTypes)
    if (layout.name == name)
      return &layout;
  return nullptr;
}

const TypeLayout &layoutOf(StorageType type) {
  assert(type != Other && "layout of a type that is not read");
  for (const NumberedType &entry : kGgufTypes)
    if (entry.layout.type == type)
      return entry.layout;
  __builtin_unreachable();
}

std::string nameOf(StorageType type) {
  std::string name(layoutOf(type).name);
  for (char &letter : name)
    letter = letter >= 'A' && letter <= 'Z' ? char(letter - 'A' + 'a') : letter;
  return name;
}

const BlockFormat *formatOf(StorageType type) { return findBlockFormat(nameOf(type)); }

} // namespace tern::checkpoint
