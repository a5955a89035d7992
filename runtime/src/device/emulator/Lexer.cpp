// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Lexer.h"

#include <bit>
#include <charconv>

namespace tern::runtime::emulator {

using format::Error;
using format::makeError;

// Of the C locale, whatever the program's is.
static bool isDigit(char c) { return c >= '0' && c <= '9'; }
static bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool isFollow(char c) { return isLetter(c) || isDigit(c) || c == '_' || c == '$'; }
static bool isHex(char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

Error Lexer::skipBlanks() {
  while (at < text.size()) {
    char c = text[at];
    if (c == '\n')
      ++line;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at;
    } else if (text.substr(at, 2) == "//") {
      at = std::min(text.find('\n', at), text.size());
    } else if (text.substr(at, 2) == "/*") {
      size_t close = text.find("*/", at + 2);
      if (close == text.npos)
        return makeError(TERN_BAD_FILE, "line %u: a comment has no end", line);
      for (; at < close; ++at)
        line += text[at] == '\n';
      at += 2;
    } else {
      break;
    }
  }
  return {};
}

Error Lexer::number(Token &token) {
  auto read = [&](size_t from, size_t to, int base) {
    const char *last = text.data() + to;
    auto [end, failure] = std::from_chars(text.data() + from, last, token.bits, base);
    return failure == std::errc() && end == last;
  };
  auto wrong = [&] {
    std::string shown(text.substr(at, 24));
    return makeError(TERN_BAD_FILE, "line %u: expected a number, found '%s'", line, shown.c_str());
  };
  char mark = at + 1 < text.size() ? text[at + 1] : '\0';
  bool isZero = text[at] == '0';
  if (isZero && (mark == 'f' || mark == 'F' || mark == 'd' || mark == 'D')) {
    bool isSingle = mark == 'f' || mark == 'F';
    size_t to = at + 2 + (isSingle ? 8 : 16);
    if (to > text.size() || !read(at + 2, to, 16) || (to < text.size() && isFollow(text[to])))
      return wrong();
    token.kind = isSingle ? Token::Float32 : Token::Float64;
    at = to;
    return {};
  }
  int base = 10;
  size_t from = at, to = at;
  if (isZero && (mark == 'x' || mark == 'X'))
    base = 16, from += 2;
  else if (isZero && (mark == 'b' || mark == 'B'))
    base = 2, from += 2;
  else if (isZero && isDigit(mark))
    base = 8;
  for (to = from; to < text.size() && (base == 16 ? isHex(text[to]) : isDigit(text[to]));)
    ++to;
  if (to < text.size() && base == 10 && (text[to] == '.' || text[to] == 'e')) {
    double value = 0;
    const char *last = text.data() + text.size();
    auto [end, failure] = std::from_chars(text.data() + at, last, value);
    if (failure != std::errc())
      return wrong();
    token.kind = Token::Float64;
    token.bits = std::bit_cast<uint64_t>(value);
    at = static_cast<size_t>(end - text.data());
    return {};
  }
  if (!read(from, to, base))
    return wrong();
  if (to < text.size() && text[to] == 'U')
    ++to;
  if (to < text.size() && isFollow(text[to]))
    return wrong();
  token.kind = Token::Integer;
  at = to;
  return {};
}

Error Lexer::next(Token &token) {
  token = Token{};
  if (Error error = skipBlanks())
    return error;
  start = at;
  token.line = line;
  if (at == text.size())
    return {};
  char c = text[at];
  char follow = at + 1 < text.size() ? text[at + 1] : '\0';
  size_t to = at + 1;
  if (isDigit(c)) {
    if (Error error = number(token))
      return error;
    token.text = text.substr(start, at - start);
    return {};
  }
  if (isLetter(c) || ((c == '_' || c == '$' || c == '%') && isFollow(follow))) {
    token.kind = Token::Name;
    while (to < text.size() && isFollow(text[to]))
      ++to;
    token.text = text.substr(at, to - at);
  } else if (c == '.' && isFollow(follow)) {
    token.kind = Token::Dotted;
    while (to < text.size() && (isFollow(text[to]) || text.substr(to, 2) == "::"))
      to += text[to] == ':' ? 2 : 1;
    token.text = text.substr(at + 1, to - at - 1);
  } else if (c == '"') {
    token.kind = Token::Text;
    while (to < text.size() && text[to] != '"' && text[to] != '\n')
      ++to;
    if (to == text.size() || text[to] != '"')
      return makeError(TERN_BAD_FILE, "line %u: a string has no end", line);
    token.text = text.substr(at + 1, to - at - 1);
    ++to;
  } else if (std::string_view("{}()[]<>,;:|@!+-=_").find(c) != std::string_view::npos) {
    token.kind = Token::Mark;
    token.text = text.substr(at, 1);
  } else {
    return makeError(TERN_BAD_FILE, "line %u: expected PTX, found the byte 0x%02x", line,
                     static_cast<unsigned char>(c));
  }
  at = to;
  return {};
}

} // namespace tern::runtime::emulator
