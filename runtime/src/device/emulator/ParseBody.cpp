// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Parser.h"

#include <bit>
#include <charconv>

namespace tern::runtime::emulator {

using format::Error;
using format::makeError;

static constexpr size_t maximumRegisters = 1 << 16, maximumDepth = 64, maximumOperands = 64;

Error Parser::body() {
  if (!token.is('{'))
    return found("'{' of a kernel's body");
  names.clear();
  do {
    if (token.is('{')) {
      if (names.size() == maximumDepth)
        return found("less than 64 open blocks");
      uint32_t scope = static_cast<uint32_t>(kernel->scopes.size());
      kernel->scopes.push_back({names.empty() ? scope : names.back().scope});
      names.push_back({{}, {}, scope});
      if (Error error = advance())
        return error;
    } else if (token.is('}')) {
      names.pop_back();
      if (Error error = advance())
        return error;
    } else if (Error error = bodyStatement()) {
      return error;
    }
  } while (!names.empty());
  return {};
}

Error Parser::bodyStatement() {
  if (token.kind == Token::End)
    return found("'}' of a kernel's body");
  if (token.kind == Token::Dotted) {
    std::string_view directive = token.text;
    if (directive == "loc" || directive == "file")
      return skipDebug(directive);
    if (Error error = advance())
      return error;
    if (directive == "reg")
      return registers();
    if (directive == "pragma") {
      if (token.kind != Token::Text)
        return found("a string");
      if (Error error = advance())
        return error;
      return expect(';');
    }
    bool isShared = directive == "shared", isLocal = directive == "local";
    if (isShared || isLocal) {
      size_t first = kernel->variables.size();
      if (Error error = variable(isShared ? Space::Shared : Space::Local, {}, kernel->variables))
        return error;
      for (size_t i = first; i < kernel->variables.size(); ++i)
        layOut(kernel->variables[i], isShared ? sharedEnd : localEnd);
      return {};
    }
    return makeError(TERN_UNSUPPORTED, "line %u: the directive .%s in a kernel's body is not known",
                     token.line, std::string(directive).c_str());
  }
  std::optional<Operand> predicate;
  size_t begin = lexer.begin();
  if (token.is('@'))
    if (Error error = guard(predicate))
      return error;
  return instruction(predicate, begin);
}

/// After .reg: .type name, name<count>, ... ;
Error Parser::registers() {
  Type type = token.kind == Token::Dotted ? typeOf(token.text) : Type::None;
  if (type != Type::Pred && (bytesOf(type) < 2 || bytesOf(type) > 8))
    return found("a type of registers from 16 to 64 bits, or .pred");
  if (Error error = advance())
    return error;
  for (;;) {
    std::string_view named;
    uint32_t line = token.line;
    if (Error error = name(named, "the name of a register"))
      return error;
    uint64_t count = 1;
    bool isRange;
    if (Error error = take('<', isRange))
      return error;
    if (isRange) {
      if (Error error = integer(count, maximumRegisters, "a number of registers"))
        return error;
      if (Error error = expect('>'))
        return error;
    }
    RegisterId first = static_cast<RegisterId>(kernel->registers.size());
    if (first + count > maximumRegisters)
      return makeError(TERN_BAD_FILE, "line %u: expected at most %zu registers in a kernel", line,
                       maximumRegisters);
    kernel->registers.insert(kernel->registers.end(), count, type);
    bool isNew = isRange
                     ? names.back()
                           .ranges.try_emplace(named, Range{first, static_cast<uint32_t>(count)})
                           .second
                     : names.back().single.try_emplace(named, first).second;
    if (!isNew)
      return makeError(TERN_BAD_FILE, "line %u: there is a register '%s' already", line,
                       std::string(named).c_str());
    bool more;
    if (Error error = take(',', more))
      return error;
    if (!more)
      return expect(';');
  }
}

bool Parser::findRegister(std::string_view name, RegisterId &out) const {
  size_t digits = name.size();
  while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9')
    --digits;
  std::string_view key = name.substr(0, digits), number = name.substr(digits);
  uint32_t index = 0;
  bool isNumber =
      !number.empty() && (number.size() == 1 || number[0] != '0') &&
      std::from_chars(number.data(), number.data() + number.size(), index).ec == std::errc();
  for (size_t i = names.size(); i-- > 0;) {
    if (auto at = names[i].single.find(name); at != names[i].single.end()) {
      out = at->second;
      return true;
    }
    if (!isNumber)
      continue;
    auto range = names[i].ranges.find(key);
    if (range != names[i].ranges.end() && index < range->second.count) {
      out = range->second.first + index;
      return true;
    }
  }
  return false;
}

Error Parser::label(std::string_view named, uint32_t line) {
  uint32_t scope = names.back().scope;
  if (token.kind == Token::Dotted && token.text == "branchtargets") {
    TargetList list{named, scope, line, {}};
    bool more = true;
    if (Error error = advance())
      return error;
    while (more) {
      if (Error error = name(list.labels.emplace_back(), "a label"))
        return error;
      if (Error error = take(',', more))
        return error;
    }
    kernel->targetLists.push_back(std::move(list));
    return expect(';');
  }
  kernel->labels.push_back({named, scope, static_cast<uint32_t>(kernel->statements.size())});
  return {};
}

Error Parser::guard(std::optional<Operand> &out) {
  if (Error error = advance())
    return error;
  Operand predicate;
  if (Error error = take('!', predicate.negated))
    return error;
  predicate.kind = Operand::Register;
  if (token.kind != Token::Name || !findRegister(token.text, predicate.id) ||
      kernel->registers[predicate.id] != Type::Pred)
    return found("a predicate register");
  out = predicate;
  return advance();
}

Error Parser::instruction(std::optional<Operand> predicate, size_t begin) {
  Statement statement;
  statement.line = token.line;
  statement.scope = names.back().scope;
  statement.guard = predicate;
  if (Error error = name(statement.opcode, "an instruction"))
    return error;
  bool isLabel = false;
  if (!predicate)
    if (Error error = take(':', isLabel))
      return error;
  if (isLabel)
    return label(statement.opcode, statement.line);
  while (token.kind == Token::Dotted) {
    if (statement.modifiers.size() == maximumOperands)
      return found("';'");
    statement.modifiers.push_back(token.text);
    if (Error error = advance())
      return error;
  }
  if (Error error = operands(statement))
    return error;
  statement.text = text.substr(begin, lexer.begin() + 1 - begin);
  kernel->statements.push_back(std::move(statement));
  return expect(';');
}

Error Parser::operands(Statement &out) {
  bool piped = false;
  while (!token.is(';')) {
    if (out.operands.size() == maximumOperands)
      return found("';'");
    if (token.is('('))
      return makeError(TERN_UNSUPPORTED,
                       "line %u: the instruction '%s' with arguments in "
                       "parentheses is not known",
                       token.line, std::string(out.opcode).c_str());
    Operand next;
    if (Error error = operand(out, next, false))
      return error;
    next.piped = piped;
    out.operands.push_back(next);
    piped = token.is('|');
    if (token.is(',') || token.is('|')) {
      if (Error error = advance())
        return error;
      if (token.is(';'))
        return found("an operand");
    } else if (!token.is(';')) {
      return found("',' or ';' after an operand");
    }
  }
  return {};
}

/// Elements of a vector are operands too, but neither vectors nor addresses.
Error Parser::operand(Statement &statement, Operand &out, bool isElement) {
  if (token.is('{') && !isElement) {
    out.kind = Operand::Vector;
    out.first = static_cast<uint32_t>(statement.elements.size());
    bool more = true;
    if (Error error = advance())
      return error;
    while (more) {
      if (statement.elements.size() == maximumOperands)
        return found("'}'");
      Operand element;
      if (Error error = operand(statement, element, true))
        return error;
      statement.elements.push_back(element);
      if (Error error = take(',', more))
        return error;
    }
    out.count = static_cast<uint32_t>(statement.elements.size()) - out.first;
    return expect('}');
  }
  if (token.is('[') && !isElement)
    return address(out);
  if (token.is('_')) {
    out.kind = Operand::Sink;
    return advance();
  }
  if (token.is('!')) {
    out.negated = true;
    if (Error error = advance())
      return error;
    if (Error error = named(out))
      return error;
    if (out.kind != Operand::Register || kernel->registers[out.id] != Type::Pred)
      return found("a predicate register after '!'");
    return {};
  }
  return token.kind == Token::Name ? named(out) : number(out);
}

Error Parser::number(Operand &out) {
  bool isNegative;
  if (Error error = take('-', isNegative))
    return error;
  out.bits = token.bits;
  if (token.kind == Token::Integer) {
    out.kind = Operand::Integer;
    out.bits = isNegative ? 0 - out.bits : out.bits;
  } else if (token.kind == Token::Float32) {
    out.kind = Operand::Float32;
    out.bits ^= isNegative ? uint64_t{1} << 31 : 0;
  } else if (token.kind == Token::Float64) {
    out.kind = Operand::Float64;
    out.bits ^= isNegative ? uint64_t{1} << 63 : 0;
  } else {
    return found("an operand");
  }
  return advance();
}

/// A register, a special register, or a symbol with an offset.
Error Parser::named(Operand &out) {
  out.name = token.text;
  if (findRegister(token.text, out.id)) {
    out.kind = Operand::Register;
    return advance();
  }
  size_t begin = lexer.begin();
  bool isSpecial = token.text[0] == '%';
  out.kind = isSpecial ? Operand::Special : Operand::Symbol;
  if (Error error = advance())
    return error;
  if (isSpecial) {
    if (token.kind != Token::Dotted)
      return {};
    out.name = text.substr(begin, lexer.end() - begin);
    return advance();
  }
  bool hasOffset;
  if (Error error = take('+', hasOffset))
    return error;
  if (!hasOffset)
    return {};
  return integer(out.bits, INT32_MAX, "an offset");
}

/// [register], [name], [number], each with + or - a number behind it.
Error Parser::address(Operand &out) {
  out.kind = Operand::Address;
  if (Error error = advance())
    return error;
  if (token.kind == Token::Name) {
    out.name = token.text;
    out.base = findRegister(token.text, out.id) ? Operand::Register : Operand::Symbol;
    if (Error error = advance())
      return error;
    if (token.is(']'))
      return advance();
    if (token.is('+')) {
      if (Error error = advance())
        return error;
    } else if (!token.is('-')) {
      return found("']' or an offset");
    }
  }
  Operand offset;
  if (Error error = number(offset))
    return error;
  if (offset.kind != Operand::Integer)
    return found("a whole number as offset before this");
  out.bits = offset.bits;
  return expect(']');
}

} // namespace tern::runtime::emulator
