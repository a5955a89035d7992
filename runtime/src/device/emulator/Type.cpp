// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Type.h"

namespace tern::runtime::emulator {

namespace {

struct Named {
  Type type;
  std::string_view name;
  unsigned bytes;
};

constexpr Named types[] = {
    {Type::Pred, "pred", 0},     {Type::B8, "b8", 1},         {Type::B16, "b16", 2},
    {Type::B32, "b32", 4},       {Type::B64, "b64", 8},       {Type::B128, "b128", 16},
    {Type::U8, "u8", 1},         {Type::U16, "u16", 2},       {Type::U32, "u32", 4},
    {Type::U64, "u64", 8},       {Type::S8, "s8", 1},         {Type::S16, "s16", 2},
    {Type::S32, "s32", 4},       {Type::S64, "s64", 8},       {Type::F16, "f16", 2},
    {Type::F16x2, "f16x2", 4},   {Type::Bf16, "bf16", 2},     {Type::Bf16x2, "bf16x2", 4},
    {Type::Tf32, "tf32", 4},     {Type::F32, "f32", 4},       {Type::F64, "f64", 8},
    {Type::E4m3x2, "e4m3x2", 2}, {Type::E5m2x2, "e5m2x2", 2}, {Type::S4, "s4", 0},
    {Type::U4, "u4", 0},         {Type::U16x2, "u16x2", 4},   {Type::S16x2, "s16x2", 4},
};

} // namespace

Type typeOf(std::string_view name) {
  for (const Named &entry : types)
    if (entry.name == name)
      return entry.type;
  return Type::None;
}

std::string_view nameOf(Type type) {
  for (const Named &entry : types)
    if (entry.type == type)
      return entry.name;
  return "none";
}

std::string_view nameOf(Space space) {
  constexpr std::string_view names[] = {"generic", "global", "shared", "local", "const", "param"};
  return names[static_cast<unsigned>(space)];
}

unsigned bytesOf(Type type) {
  for (const Named &entry : types)
    if (entry.type == type)
      return entry.bytes;
  return 0;
}

bool isSigned(Type type) {
  return type == Type::S8 || type == Type::S16 || type == Type::S32 || type == Type::S64 ||
         type == Type::S4 || type == Type::S16x2;
}

bool isFloat(Type type) { return type >= Type::F16 && type <= Type::E5m2x2; }

bool isBits(Type type) { return type >= Type::B8 && type <= Type::B128; }

} // namespace tern::runtime::emulator
