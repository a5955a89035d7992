// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Decode.h"

#include "runtime/src/device/emulator/Cta.h"

#include <bit>

namespace tern::runtime::emulator {

using format::Error;

/// A slot holds 32 lanes and begins at a multiple of 64 bytes.
uint32_t Decoder::allocate(unsigned bytes) {
  uint32_t slot = code.frameBytes;
  code.frameBytes += std::max(bytes * 32, 64u);
  return slot;
}

uint32_t Decoder::slotOf(RegisterId id) {
  if (registerSlots[id] == noSlot) {
    Type type = kernel.registers[id];
    registerSlots[id] = allocate(type == Type::Pred ? 2 : bytesOf(type));
  }
  return registerSlots[id];
}

uint32_t Decoder::constant(Constant wanted) {
  auto key = std::make_tuple(int(wanted.kind), wanted.bytes, wanted.value, wanted.variable,
                             int(wanted.special));
  auto [at, isNew] = constantSlots.try_emplace(key, 0);
  if (isNew) {
    wanted.slot = at->second = allocate(wanted.bytes);
    code.constants.push_back(wanted);
  }
  return at->second;
}

namespace {

struct NamedSpecial {
  std::string_view name;
  Special special;
  unsigned bytes = 4;
};

constexpr NamedSpecial specials[] = {
    {"%tid.x", Special::TidX},
    {"%tid.y", Special::TidY},
    {"%tid.z", Special::TidZ},
    {"%ntid.x", Special::NtidX},
    {"%ntid.y", Special::NtidY},
    {"%ntid.z", Special::NtidZ},
    {"%ctaid.x", Special::CtaidX},
    {"%ctaid.y", Special::CtaidY},
    {"%ctaid.z", Special::CtaidZ},
    {"%nctaid.x", Special::NctaidX},
    {"%nctaid.y", Special::NctaidY},
    {"%nctaid.z", Special::NctaidZ},
    {"%laneid", Special::LaneId},
    {"%warpid", Special::WarpId},
    {"%nwarpid", Special::NwarpId},
    {"%smid", Special::SmId},
    {"%nsmid", Special::NsmId},
    {"%gridid", Special::GridId, 8},
    {"%lanemask_eq", Special::LaneMaskEq},
    {"%lanemask_le", Special::LaneMaskLe},
    {"%lanemask_lt", Special::LaneMaskLt},
    {"%lanemask_ge", Special::LaneMaskGe},
    {"%lanemask_gt", Special::LaneMaskGt},
    {"%total_smem_size", Special::TotalShared},
    {"%dynamic_smem_size", Special::DynamicShared},
    {"%clock", Special::Clock},
    {"%clock64", Special::Clock64, 8},
    {"%globaltimer", Special::GlobalTimer, 8},
};

} // namespace

/// A constant, a special register or an address as source.
Error Decoder::source(const Statement &from, const Operand &operand, Type type, Form &form,
                      uint32_t &slot) {
  unsigned bytes = bytesOf(type) == 1 ? 2 : bytesOf(type);
  Constant value;
  value.bytes = type == Type::Pred ? 1 : bytes;
  switch (operand.kind) {
  case Operand::Integer:
    if (type == Type::F32 || type == Type::F64)
      return wrong(from, "expected a floating-point number as operand");
    value.value = operand.bits;
    if (type == Type::Pred)
      value.value = operand.bits ? allLanes : 0;
    break;
  case Operand::Float32:
    if (bytes != 4)
      return wrong(from, "expected an operand of type ." + std::string(nameOf(type)));
    value.value = operand.bits;
    break;
  case Operand::Float64:
    value.value = operand.bits;
    if (type == Type::F32)
      value.value =
          std::bit_cast<uint32_t>(static_cast<float>(std::bit_cast<double>(operand.bits)));
    else if (bytes != 8)
      return wrong(from, "expected an operand of type ." + std::string(nameOf(type)));
    break;
  case Operand::Special:
    for (const NamedSpecial &entry : specials) {
      if (entry.name != operand.name)
        continue;
      if (bytes > entry.bytes)
        return wrong(from, "expected an operand of type ." + std::string(nameOf(type)));
      value.kind = Constant::Register;
      value.special = entry.special;
      form.readsClock |= entry.special >= Special::Clock;
      slot = constant(value);
      return {};
    }
    return wrong(from, "the register " + std::string(operand.name) + " is not known");
  case Operand::Symbol:
    return symbol(from, operand, bytes, slot);
  default:
    return wrong(from, "expected a register or a number as operand");
  }
  if (type != Type::Pred && bytes < 8)
    value.value &= (uint64_t{1} << (8 * bytes)) - 1;
  slot = constant(value);
  return {};
}

/// A variable by its name: of the kernel, its parameters, or the module.
const Variable *Decoder::find(std::string_view name, uint64_t &address, bool &isModules) const {
  isModules = false;
  for (const auto *list : {&kernel.variables, &kernel.parameters})
    for (const Variable &variable : *list)
      if (variable.name == name) {
        address = variable.offset;
        return &variable;
      }
  for (size_t i = 0; i < module.variables.size(); ++i) {
    const Variable &variable = module.variables[i];
    if (variable.name != name)
      continue;
    if (variable.space == Space::Shared) {
      address = variable.isExtern ? code.dynamicOffset : sharedOffsets[i];
    } else {
      address = i;
      isModules = true;
    }
    return &variable;
  }
  return nullptr;
}

Error Decoder::symbol(const Statement &from, const Operand &operand, unsigned bytes,
                      uint32_t &slot) {
  uint64_t address = 0;
  bool isModules = false;
  if (operand.name == "WARP_SZ") {
    Constant size;
    size.bytes = bytes;
    size.value = 32;
    slot = constant(size);
    return {};
  }
  if (!find(operand.name, address, isModules))
    return wrong(from, "there is no '" + std::string(operand.name) + "'");
  if (bytes < (isModules ? 8u : 4u))
    return wrong(from, "expected a wider register for an address");
  Constant value;
  value.bytes = bytes;
  if (isModules) {
    value.kind = Constant::Variable;
    value.variable = static_cast<uint32_t>(address);
    value.value = operand.bits;
  } else {
    value.value = address + operand.bits;
  }
  slot = constant(value);
  return {};
}

Error Decoder::address(const Statement &from, const Operand &operand, Form &form, Operation &out) {
  if (operand.kind != Operand::Address)
    return wrong(from, "expected an address as operand");
  if (form.numSlots == out.slots.size())
    return wrong(from, "expected fewer operands");
  unsigned place = form.numSlots++;
  // The first address has the offset; the second one, of cp.async, adds its own beforehand.
  bool isSecond = form.numAddresses++ > 0;
  if (!isSecond)
    out.address = static_cast<uint8_t>(place);
  int64_t offset = static_cast<int64_t>(operand.bits);
  uint32_t slot = noSlot;
  bool isWide = true;
  if (operand.base == Operand::Register) {
    Type type = kernel.registers[operand.id];
    if (bytesOf(type) < 4)
      return wrong(from, "expected an address in a register of 32 or 64 bits");
    slot = slotOf(operand.id);
    isWide = bytesOf(type) == 8;
  } else {
    Constant value;
    value.bytes = 8;
    if (operand.base == Operand::Symbol) {
      uint64_t address = 0;
      bool isModules = false;
      const Variable *variable = find(operand.name, address, isModules);
      if (!variable)
        return wrong(from, "there is no '" + std::string(operand.name) + "'");
      value.kind = isModules ? Constant::Variable : Constant::Value;
      value.variable = isModules ? static_cast<uint32_t>(address) : 0;
      value.value = isModules ? 0 : address;
      form.symbolSpace = variable->space;
      form.hasSymbol = true;
    }
    slot = constant(value);
  }
  out.slots[place] = slot;
  (isSecond ? out.secondIsWide : out.addressIsWide) = isWide;
  (isSecond ? out.secondOffset : out.offset) = offset;
  return {};
}

} // namespace tern::runtime::emulator
