// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <string_view>

namespace tern::runtime::emulator {

/// The fundamental types of PTX and its packed ones.
enum class Type : uint8_t {
  None,
  Pred,
  B8,
  B16,
  B32,
  B64,
  B128,
  U8,
  U16,
  U32,
  U64,
  S8,
  S16,
  S32,
  S64,
  U16x2,
  S16x2,
  F16,
  F16x2,
  Bf16,
  Bf16x2,
  Tf32,
  F32,
  F64,
  E4m3x2,
  E5m2x2,
  S4,
  U4,
};

/// Where an address points to.
enum class Space : uint8_t { Generic, Global, Shared, Local, Const, Param };

/// None if there is no type of that name (without its dot).
Type typeOf(std::string_view name);
std::string_view nameOf(Type type);
std::string_view nameOf(Space space);

/// 0 for None, Pred and types below a byte.
unsigned bytesOf(Type type);

bool isSigned(Type type);
bool isFloat(Type type);
bool isBits(Type type);

} // namespace tern::runtime::emulator
