// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Parser.h"

#include <algorithm>

namespace tern::runtime::emulator {

using format::Error;
using format::makeError;

static constexpr uint64_t maximumText = 256 << 20;

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

Error Parser::found(const char *expected) const {
  std::string shown(token.text.substr(0, 40));
  if (token.kind == Token::End)
    shown = "the end of the text";
  else
    shown = std::string(token.kind == Token::Dotted ? "'." : "'") + shown + "'";
  return makeError(TERN_BAD_FILE, "line %u: expected %s, found %s", token.line, expected,
                   shown.c_str());
}

Error Parser::expect(char mark) {
  if (!token.is(mark))
    return found((std::string("'") + mark + "'").c_str());
  return advance();
}

Error Parser::take(char mark, bool &found) {
  found = token.is(mark);
  return found ? advance() : Error();
}

Error Parser::name(std::string_view &out, const char *what) {
  if (token.kind != Token::Name)
    return found(what);
  out = token.text;
  return advance();
}

Error Parser::integer(uint64_t &out, uint64_t limit, const char *what) {
  if (token.kind != Token::Integer || token.bits > limit)
    return found((std::string(what) + " of at most " + std::to_string(limit)).c_str());
  out = token.bits;
  return advance();
}

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

Error Parser::parse() {
  if (text.size() > maximumText)
    return makeError(TERN_BAD_FILE, "expected PTX of at most %llu bytes, found %zu",
                     static_cast<unsigned long long>(maximumText), text.size());
  if (Error error = advance())
    return error;
  if (Error error = header())
    return error;
  while (token.kind != Token::End)
    if (Error error = moduleDirective())
      return error;
  return {};
}

/// .version MAJOR.MINOR, .target sm_NN, .address_size 64
Error Parser::header() {
  if (token.kind != Token::Dotted || token.text != "version")
    return found(".version");
  if (Error error = advance())
    return error;
  std::string_view version = token.text;
  bool isVersion = token.kind == Token::Float64 && version.size() == 3 && version[1] == '.';
  unsigned number =
      isVersion ? static_cast<unsigned>((version[0] - '0') * 10 + version[2] - '0') : 0;
  if (number < 70 || number > 99)
    return found("a version of PTX from 7.0 to 9.9");
  module.version = number;
  if (Error error = advance())
    return error;
  if (Error error = target())
    return error;
  module.addressBits = 64;
  if (token.kind != Token::Dotted || token.text != "address_size")
    return found(".address_size");
  if (Error error = advance())
    return error;
  if (token.kind != Token::Integer || token.bits != 64)
    return found("addresses of 64 bits");
  return advance();
}

Error Parser::target() {
  if (token.kind != Token::Dotted || token.text != "target")
    return found(".target");
  if (Error error = advance())
    return error;
  constexpr std::pair<std::string_view, unsigned> targets[] = {
      {"sm_80", 80}, {"sm_86", 86}, {"sm_87", 87}, {"sm_89", 89}, {"sm_90", 90}, {"sm_90a", 90}};
  auto known = std::find_if(std::begin(targets), std::end(targets),
                            [&](const auto &entry) { return entry.first == token.text; });
  if (token.kind != Token::Name || known == std::end(targets))
    return found("one of the targets sm_80, sm_86, sm_87, sm_89, sm_90 and sm_90a");
  module.target = known->second;
  if (Error error = advance())
    return error;
  for (;;) {
    bool more;
    if (Error error = take(',', more))
      return error;
    if (!more)
      return {};
    if (token.text != "debug")
      return found("the target option 'debug'");
    if (Error error = advance())
      return error;
  }
}

/// .file, .loc and .section say nothing about what is computed.
Error Parser::skipDebug(std::string_view directive) {
  uint32_t line = token.line;
  if (directive == "section") {
    while (!token.is('{'))
      if (token.kind == Token::End)
        return found("'{' of a section");
      else if (Error error = advance())
        return error;
    while (!token.is('}'))
      if (token.kind == Token::End)
        return found("'}' of a section");
      else if (Error error = advance())
        return error;
    return advance();
  }
  while (token.kind != Token::End && token.line == line)
    if (Error error = advance())
      return error;
  return {};
}

Error Parser::moduleDirective() {
  Linkage linkage;
  for (;;) {
    if (token.kind != Token::Dotted)
      return found("a directive");
    std::string_view directive = token.text;
    if (directive == "file" || directive == "section" || directive == "loc")
      return skipDebug(directive);
    if (Error error = advance())
      return error;
    if (directive == "extern")
      linkage.isExtern = true;
    else if (directive == "entry")
      return entry();
    else if (directive == "func" || directive == "alias") {
      std::string name = token.kind == Token::Name ? " '" + std::string(token.text) + "'" : "";
      return makeError(TERN_UNSUPPORTED,
                       "line %u: expected kernels alone, found the function%s (.%s)", token.line,
                       name.c_str(), std::string(directive).c_str());
    } else if (directive == "global")
      return variable(Space::Global, linkage, module.variables);
    else if (directive == "const")
      return variable(Space::Const, linkage, module.variables);
    else if (directive == "shared")
      return variable(Space::Shared, linkage, module.variables);
    else if (directive == "pragma") {
      while (!token.is(';'))
        if (token.kind == Token::End)
          return found("';'");
        else if (Error error = advance())
          return error;
      return advance();
    } else if (directive != "visible" && directive != "weak" && directive != "common")
      return makeError(TERN_UNSUPPORTED, "line %u: the directive .%s is not known", token.line,
                       std::string(directive).c_str());
  }
}

/// NAME ( parameters ) directives { body }, or without a body, which declares nothing here.
Error Parser::entry() {
  std::string_view named;
  uint32_t line = token.line;
  if (Error error = name(named, "a kernel's name"))
    return error;
  for (const Kernel &other : module.kernels)
    if (other.name == named)
      return makeError(TERN_BAD_FILE, "line %u: there is a kernel '%s' already, in line %u", line,
                       other.name.c_str(), other.line);
  module.kernels.emplace_back();
  kernel = &module.kernels.back();
  kernel->name = named;
  kernel->line = line;
  sharedEnd = localEnd = 0;
  if (Error error = parameters())
    return error;
  while (token.kind == Token::Dotted) {
    std::string_view directive = token.text;
    if (Error error = advance())
      return error;
    if (Error error = performance(directive))
      return error;
  }
  if (token.is(';'))
    return makeError(TERN_UNSUPPORTED, "line %u: the kernel '%s' has no body", line,
                     kernel->name.c_str());
  Error error = body();
  kernel = nullptr;
  return error;
}

Error Parser::parameters() {
  bool open;
  if (Error error = take('(', open))
    return error;
  if (!open)
    return {};
  while (!token.is(')')) {
    if (!kernel->parameters.empty())
      if (Error error = expect(','))
        return error;
    if (token.kind != Token::Dotted || token.text != "param")
      return found(".param");
    if (Error error = advance())
      return error;
    if (Error error = variable(Space::Param, {}, kernel->parameters))
      return error;
    layOut(kernel->parameters.back(), kernel->parameterBytes);
    if (kernel->parameterBytes > 32764)
      return makeError(TERN_BAD_FILE, "line %u: expected parameters of at most 32764 bytes",
                       token.line);
  }
  return advance();
}

Error Parser::performance(std::string_view directive) {
  if (directive == "noreturn")
    return {};
  if (directive == "pragma") {
    if (token.kind != Token::Text)
      return found("a string");
    if (Error error = advance())
      return error;
    return expect(';');
  }
  bool isRequired = directive == "reqntid";
  if (!isRequired && directive != "maxntid" && directive != "minnctapersm" &&
      directive != "maxnreg" && directive != "maxnctapersm")
    return makeError(TERN_UNSUPPORTED, "line %u: the directive .%s of a kernel is not known",
                     token.line, std::string(directive).c_str());
  uint64_t sizes[3] = {1, 1, 1};
  for (unsigned i = 0;; ++i) {
    if (i == 3)
      return found("three sizes at most");
    if (Error error = integer(sizes[i], 1 << 20, "a size"))
      return error;
    bool more;
    if (Error error = take(',', more))
      return error;
    if (!more)
      break;
  }
  if (isRequired)
    std::copy(sizes, sizes + 3, kernel->requiredThreads);
  if (directive == "maxntid")
    kernel->maximumThreads = sizes[0] * sizes[1] * sizes[2];
  return {};
}

} // namespace tern::runtime::emulator
