// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Parser.h"

#include <bit>
#include <cstring>

namespace tern::runtime::emulator {

using format::Error;
using format::makeError;

static constexpr uint64_t maximumBytes = uint64_t{1} << 28;

/// Gives the variable the next aligned place.
void Parser::layOut(Variable &out, uint64_t &end) {
  uint64_t mask = out.alignment - 1;
  out.offset = (end + mask) & ~mask;
  end = out.offset + out.bytes;
}

/// After the space: .align N .vN .type name[...] = ..., several of them behind commas, and ;
/// except for parameters of kernels.
Error Parser::variable(Space space, Linkage linkage, std::vector<Variable> &out) {
  Variable like;
  like.space = space;
  like.isExtern = linkage.isExtern;
  uint64_t alignment = 0;
  unsigned vector = 1;
  while (token.kind == Token::Dotted) {
    std::string_view word = token.text;
    if (Error error = advance())
      return error;
    if (word == "align") {
      if (Error error = integer(alignment, 1 << 20, "an alignment"))
        return error;
      if (!std::has_single_bit(alignment))
        return makeError(TERN_BAD_FILE, "line %u: expected a power of two as alignment, found %llu",
                         token.line, static_cast<unsigned long long>(alignment));
    } else if (word == "v2" || word == "v4") {
      vector = word == "v2" ? 2 : 4;
    } else if (space == Space::Param && (word == "ptr" || word == "global" || word == "shared" ||
                                         word == "const" || word == "local")) {
      // Hints about what a pointer points to.
      if (word == "ptr")
        like.alignment = 1;
    } else if (like.type = typeOf(word); like.type == Type::None || bytesOf(like.type) == 0) {
      return makeError(TERN_BAD_FILE, "line %u: expected the type of a variable, found '.%s'",
                       token.line, std::string(word).c_str());
    }
    // `.param .u64 .ptr .global .align 16 name`: the alignment is the target's.
    if (space == Space::Param && word == "ptr")
      vector = 0;
  }
  if (like.type == Type::None)
    return found("the type of a variable");
  bool isPointer = vector == 0;
  if (isPointer)
    vector = 1, alignment = 0;
  like.alignment = static_cast<uint32_t>(alignment ? alignment : bytesOf(like.type) * vector);
  for (;;) {
    if (Error error = declarator(like, vector, out))
      return error;
    if (space == Space::Param)
      return {};
    bool more;
    if (Error error = take(',', more))
      return error;
    if (!more)
      return expect(';');
  }
}

Error Parser::declarator(const Variable &like, unsigned vector, std::vector<Variable> &out) {
  Variable variable = like;
  variable.line = token.line;
  if (Error error = name(variable.name, "the name of a variable"))
    return error;
  for (const Variable &other : out)
    if (other.name == variable.name)
      return makeError(TERN_BAD_FILE, "line %u: there is a variable '%s' already, in line %u",
                       variable.line, std::string(variable.name).c_str(), other.line);
  uint64_t elements = vector;
  bool isOpen = false;
  if (Error error = extent(elements, isOpen))
    return error;
  variable.bytes = elements * bytesOf(variable.type);
  uint64_t limit = like.space == Space::Shared  ? 227 << 10
                   : like.space == Space::Local ? 512 << 10
                   : like.space == Space::Const ? 64 << 10
                                                : maximumBytes;
  if (variable.bytes > limit)
    return makeError(TERN_BAD_FILE, "line %u: expected at most %llu bytes of .%s, found %llu",
                     variable.line, static_cast<unsigned long long>(limit),
                     std::string(nameOf(like.space)).c_str(),
                     static_cast<unsigned long long>(variable.bytes));
  bool isDynamic = variable.isExtern && like.space == Space::Shared;
  if (variable.isExtern && !isDynamic)
    return makeError(TERN_UNSUPPORTED, "line %u: the variable '%s' is another module's",
                     variable.line, std::string(variable.name).c_str());
  if ((isOpen || variable.bytes == 0) && !isDynamic)
    return makeError(TERN_BAD_FILE, "line %u: expected the extent of the variable '%s'",
                     variable.line, std::string(variable.name).c_str());
  if (isDynamic)
    variable.bytes = 0;
  bool hasInitial;
  if (Error error = take('=', hasInitial))
    return error;
  if (hasInitial)
    if (Error error = initialiser(variable))
      return error;
  out.push_back(std::move(variable));
  return {};
}

/// [N][M]..., or [] of unknown length.
Error Parser::extent(uint64_t &elements, bool &isOpen) {
  for (;;) {
    bool open;
    if (Error error = take('[', open))
      return error;
    if (!open)
      return {};
    if (token.is(']')) {
      isOpen = true;
    } else {
      uint64_t count;
      if (Error error = integer(count, maximumBytes, "an extent"))
        return error;
      elements *= count;
      if (elements > maximumBytes)
        return found("a smaller array");
    }
    if (Error error = expect(']'))
      return error;
  }
}

Error Parser::initialiser(Variable &out) {
  if (out.space != Space::Global && out.space != Space::Const)
    return makeError(TERN_BAD_FILE, "line %u: a variable of .%s has no initial value", token.line,
                     std::string(nameOf(out.space)).c_str());
  // Braces only group: rows are full, or the last ones.
  unsigned depth = 0;
  do {
    if (token.is('{')) {
      ++depth;
      if (Error error = advance())
        return error;
      continue;
    }
    if (token.is('}') && depth > 0) {
      --depth;
      if (Error error = advance())
        return error;
    } else if (Error error = initialElement(out)) {
      return error;
    }
    bool more;
    if (depth > 0)
      if (Error error = take(',', more))
        return error;
  } while (depth > 0);
  return {};
}

Error Parser::initialElement(Variable &out) {
  bool isNegative;
  if (Error error = take('-', isNegative))
    return error;
  unsigned bytes = bytesOf(out.type);
  uint64_t bits = token.bits;
  if (token.kind == Token::Integer)
    bits = isNegative ? 0 - bits : bits;
  else if (token.kind == Token::Float32 && bytes == 4)
    bits ^= isNegative ? uint64_t{1} << 31 : 0;
  else if (token.kind == Token::Float64 && bytes == 8)
    bits ^= isNegative ? uint64_t{1} << 63 : 0;
  else
    return found("an initial value of the variable's type");
  if (out.initial.size() + bytes > out.bytes)
    return makeError(TERN_BAD_FILE, "line %u: the variable '%s' has more initial values than room",
                     token.line, std::string(out.name).c_str());
  size_t at = out.initial.size();
  out.initial.resize(at + bytes);
  std::memcpy(&out.initial[at], &bits, bytes);
  return advance();
}

} // namespace tern::runtime::emulator
