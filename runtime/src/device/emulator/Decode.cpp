// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Decode.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tern::runtime::emulator {

using format::Error;
using format::makeError;

Decoder::Decoder(const Syntax &module, const Kernel &kernel, Code &out)
    : module(module), kernel(kernel), code(out), registerSlots(kernel.registers.size(), noSlot) {}

Error Decoder::wrong(const Statement &from, const std::string &what) const {
  std::string shown(from.text.substr(0, 120));
  std::replace(shown.begin(), shown.end(), '\n', ' ');
  return makeError(TERN_UNSUPPORTED, "kernel '%s', line %u '%s': %s", kernel.name.c_str(),
                   from.line, shown.c_str(), what.c_str());
}

/// Static shared variables one after the other, those of the kernel first; dynamic memory follows.
void Decoder::layOutShared() {
  uint64_t end = 0, alignment = 16;
  for (const Variable &variable : kernel.variables) {
    uint64_t &space = variable.space == Space::Shared ? end : code.localBytes;
    space = std::max(space, variable.offset + variable.bytes);
  }
  for (const Variable &variable : module.variables) {
    if (variable.space == Space::Shared && !variable.isExtern) {
      end = (end + variable.alignment - 1) & ~uint64_t{variable.alignment - 1};
      sharedOffsets.push_back(end);
      end += variable.bytes;
    } else {
      sharedOffsets.push_back(0);
      if (variable.space == Space::Shared)
        alignment = std::max<uint64_t>(alignment, variable.alignment);
    }
  }
  code.sharedBytes = end;
  code.dynamicOffset = (end + alignment - 1) & ~(alignment - 1);
}

Error Decoder::decode() {
  code.syntax = &kernel;
  layOutShared();
  for (const Statement &from : kernel.statements) {
    Operation &operation = code.operations.emplace_back();
    operation.statement = static_cast<uint32_t>(code.operations.size() - 1);
    if (Error error = statement(from, operation))
      return error;
    noteGranule(operation);
  }
  // A body may end without ret.
  Statement end;
  end.opcode = "ret";
  if (Error error = statement(end, code.operations.emplace_back()))
    return error;
  code.operations.back().statement = static_cast<uint32_t>(kernel.statements.size());
  findReconvergence(code);
  return {};
}

void Decoder::noteGranule(const Operation &operation) {
  if (operation.bytes == 0)
    return;
  uint32_t bytes = std::min<uint32_t>(uint32_t{operation.bytes} * operation.count, 16);
  bool isAsync = operation.kind == Class::AsyncCopy;
  bool isGeneric = operation.space == Space::Generic;
  if (operation.space == Space::Shared || isGeneric || isAsync)
    code.sharedGranule = std::min(code.sharedGranule, bytes);
  if (operation.space == Space::Global || isGeneric || isAsync)
    code.globalGranule = std::min(code.globalGranule, bytes);
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

namespace {

/// Calls the function with each word of a list that is apart by `mark`.
template <class Function> void eachWord(std::string_view list, char mark, Function &&function) {
  while (!list.empty()) {
    size_t end = std::min(list.find(mark), list.size());
    if (end > 0)
      function(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

} // namespace

bool Decoder::match(const Statement &from, const Row &row, Form &form) const {
  if (row.name != from.opcode)
    return false;
  form.row = &row;
  size_t at = 0;
  bool matches = true;
  auto take = [&](std::string_view group) {
    bool isOptional = group[0] == '?';
    if (isOptional)
      group.remove_prefix(1);
    bool isFound = false;
    if (at < from.modifiers.size())
      eachWord(group, '|', [&](std::string_view name) { isFound |= name == from.modifiers[at]; });
    std::string_view chosen = isFound ? from.modifiers[at++] : std::string_view();
    matches &= isFound || isOptional;
    form.chosen[form.numGroups++] = chosen;
    if (Type type = typeOf(chosen); type != Type::None)
      form.types[form.numTypes++] = type;
  };
  eachWord(row.modifiers, ' ', [&](std::string_view group) {
    if (std::string_view groups = groupsNamed(group); !groups.empty())
      eachWord(groups, ' ', take);
    else
      take(group);
  });
  return matches && at == from.modifiers.size();
}

Error Decoder::statement(const Statement &from, Operation &out) {
  uint32_t number = out.statement;
  bool isName = false;
  std::string reason;
  Error failure;
  for (const Row &row : instructions()) {
    Form form;
    isName |= row.name == from.opcode;
    if (!match(from, row, form))
      continue;
    out = Operation{};
    out.statement = number;
    out.kind = row.kind;
    out.work = row.work;
    if (from.guard) {
      out.isGuarded = true;
      out.isNegated = from.guard->negated;
      out.guard = slotOf(from.guard->id);
    }
    // Rows may differ in operands alone, as those of mov do.
    reason = "this form of the instruction is not one that the emulator knows";
    if (Error error = operands(from, form, out))
      failure = std::move(error);
    else if (row.select(form, out)) {
      if (row.target <= module.target)
        return {};
      return wrong(from, "needs sm_" + std::to_string(row.target) + ", found sm_" +
                             std::to_string(module.target));
    }
  }
  if (failure)
    return failure;
  if (reason.empty())
    reason = isName ? "these modifiers of the instruction are not known to the emulator"
                    : "the instruction is not known to the emulator";
  return wrong(from, reason);
}

Type Decoder::typeIn(std::string_view word, const Form &form) const {
  if (word == "T")
    return form.types[0];
  if (word == "U")
    return form.types[1];
  if (word == "V")
    return form.types[2];
  if (word == "W")
    return bytesOf(form.types[0]) == 2   ? (isSigned(form.types[0]) ? Type::S32 : Type::U32)
           : bytesOf(form.types[0]) == 4 ? (isSigned(form.types[0]) ? Type::S64 : Type::U64)
                                         : Type::None;
  return typeOf(word);
}

Error Decoder::operands(const Statement &from, Form &form, Operation &out) {
  std::vector<std::string_view> words;
  eachWord(form.row->operands, ' ', [&](std::string_view word) { words.push_back(word); });
  size_t at = 0, needed = 0; // by the words that are left
  for (std::string_view word : words)
    needed += word.back() != '?';
  for (std::string_view word : words) {
    bool isOptional = word.back() == '?';
    if (isOptional)
      word.remove_suffix(1);
    else
      --needed;
    bool isPiped = word[0] == '|';
    if (isPiped)
      word.remove_prefix(1);
    size_t left = from.operands.size() - at;
    bool isThere = left > 0 && from.operands[at].piped == isPiped;
    if (isOptional && left <= needed)
      isThere = false;
    if (!isThere && isOptional) {
      out.slots[form.numSlots++] = noSlot;
      continue;
    }
    if (!isThere)
      return wrong(from, "expected more operands");
    if (Error error = operand(from, from.operands[at++], word, form, out))
      return error;
  }
  return at < from.operands.size() ? wrong(from, "expected fewer operands") : Error();
}

Error Decoder::operand(const Statement &from, const Operand &operand, std::string_view word,
                       Form &form, Operation &out) {
  if (word[0] == '[')
    return address(from, operand, form, out);
  if (word == "L")
    return branch(from, operand, out);
  if (word == "B")
    return branchList(from, operand, out);
  if (word.find('{') != word.npos)
    return vector(from, operand, word, form, out);
  return scalar(from, operand, word, form, out);
}

/// >T, ~T, T, #
Error Decoder::scalar(const Statement &from, const Operand &operand, std::string_view word,
                      Form &form, Operation &out) {
  if (form.numSlots == out.slots.size())
    return wrong(from, "expected fewer operands");
  unsigned place = form.numSlots++;
  if (word == "#") {
    if (operand.kind != Operand::Integer || operand.bits > INT32_MAX)
      return wrong(from, "expected a whole number as operand");
    out.slots[place] = static_cast<uint32_t>(operand.bits);
    return {};
  }
  bool isDestination = word[0] == '>';
  if (isDestination)
    word.remove_prefix(1);
  bool mayBeWider = word[0] == '~';
  if (mayBeWider)
    word.remove_prefix(1);
  Type type = typeIn(word, form);
  if (operand.negated)
    form.negated |= 1u << place;
  if (operand.kind == Operand::Sink && isDestination) {
    // Its lanes go to a slot that nothing reads.
    out.sinks |= 1u << place;
    form.registerBytes[place] = static_cast<uint8_t>(std::max(bytesOf(type), 2u));
    out.slots[place] = allocate(8);
    return {};
  }
  if (operand.kind == Operand::Register)
    return registerOf(from, operand, type, mayBeWider, out.slots[place], form.registerBytes[place]);
  if (isDestination)
    return wrong(from, "expected a register as destination");
  form.registerBytes[place] = static_cast<uint8_t>(bytesOf(type) == 1 ? 2 : bytesOf(type));
  return source(from, operand, type, form, out.slots[place]);
}

Error Decoder::registerOf(const Statement &from, const Operand &operand, Type type, bool mayBeWider,
                          uint32_t &slot, uint8_t &bytes) {
  Type its = kernel.registers[operand.id];
  bytes = static_cast<uint8_t>(bytesOf(its));
  bool isPredicate = type == Type::Pred;
  // Bits are of any type; whole numbers and reals are not each other's.
  bool areOfKind = isBits(its) || isBits(type) || isFloat(its) == isFloat(type);
  bool fits = areOfKind && isPredicate == (its == Type::Pred) &&
              (bytesOf(its) == bytesOf(type) || (mayBeWider && bytesOf(its) > bytesOf(type)));
  if (!fits)
    return wrong(from, "expected an operand of type ." + std::string(nameOf(type)) +
                           ", found the register " + std::string(operand.name) + " of type ." +
                           std::string(nameOf(its)));
  slot = slotOf(operand.id);
  return {};
}

/// {T}4, >{T}, {~T}
Error Decoder::vector(const Statement &from, const Operand &operand, std::string_view word,
                      Form &form, Operation &out) {
  bool isDestination = word[0] == '>';
  size_t open = word.find('{'), close = word.find('}');
  std::string_view inner = word.substr(open + 1, close - open - 1);
  std::string_view number = word.substr(close + 1);
  unsigned wanted = form.has("v2") || form.has("x2") ? 2 : form.has("v4") || form.has("x4") ? 4 : 1;
  if (!number.empty())
    wanted = static_cast<unsigned>(number[0] - '0');
  else
    out.count = static_cast<uint8_t>(wanted);
  std::string element = (isDestination ? ">" : "") + std::string(inner);
  // One element may stand without braces where there is no choice of vectors.
  bool isBare = operand.kind != Operand::Vector;
  if ((isBare ? 1 : operand.count) != wanted)
    return wrong(from, "expected a vector of " + std::to_string(wanted) + " elements");
  if (isBare)
    return scalar(from, operand, element, form, out);
  for (unsigned i = 0; i < wanted; ++i)
    if (Error error = scalar(from, from.elements[operand.first + i], element, form, out))
      return error;
  return {};
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

bool Decoder::findLabel(std::string_view name, uint32_t scope, uint32_t &statement) const {
  for (;;) {
    for (const Label &label : kernel.labels)
      if (label.scope == scope && label.name == name) {
        statement = label.statement;
        return true;
      }
    if (kernel.scopes[scope].parent == scope)
      return false;
    scope = kernel.scopes[scope].parent;
  }
}

Error Decoder::branch(const Statement &from, const Operand &operand, Operation &out) {
  if (operand.kind != Operand::Symbol || !findLabel(operand.name, from.scope, out.target))
    return wrong(from, "expected a label of this kernel");
  return {};
}

/// The targets of brx.idx are kept with the kernel; `detail` says where.
Error Decoder::branchList(const Statement &from, const Operand &operand, Operation &out) {
  for (const TargetList &list : kernel.targetLists) {
    if (operand.kind != Operand::Symbol || list.name != operand.name)
      continue;
    out.detail = static_cast<uint32_t>(code.targetLists.size());
    std::vector<uint32_t> &targets = code.targetLists.emplace_back();
    for (std::string_view label : list.labels)
      if (!findLabel(label, list.scope, targets.emplace_back()))
        return wrong(from, "the label '" + std::string(label) + "' of its list does not exist");
    return {};
  }
  return wrong(from, "expected the name of a list of labels");
}

} // namespace tern::runtime::emulator
