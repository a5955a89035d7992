// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/Error.h"

#include <cstdint>
#include <string_view>

namespace tern::runtime::emulator {

struct Token {
  enum Kind : uint8_t {
    End,
    Name,    ///< an identifier, % and $ included
    Dotted,  ///< .name or .name::name: a directive or a modifier; `text` has no dot
    Integer, ///< `bits`
    Float32, ///< `bits` of 0f00000000
    Float64, ///< `bits` of 0d0000000000000000 or of a decimal number
    Text,    ///< "..."; `text` has no quotes
    Mark,    ///< one character
  };
  Kind kind = End;
  std::string_view text;
  uint64_t bits = 0;
  uint32_t line = 1;

  bool is(char mark) const { return kind == Mark && text[0] == mark; }
};

/// Cuts PTX text into tokens, one at a time; blanks and comments between them are gone.
class Lexer {
public:
  explicit Lexer(std::string_view text) : text(text) {}

  /// Fails at a character that begins no token, and at a number that isn't one.
  format::Error next(Token &token);

  /// Where in the text the last token began and ended.
  size_t begin() const { return start; }
  size_t end() const { return at; }

private:
  format::Error skipBlanks();
  format::Error number(Token &token);

  std::string_view text;
  size_t at = 0, start = 0;
  uint32_t line = 1;
};

} // namespace tern::runtime::emulator
