// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/emulator/Lexer.h"
#include "runtime/src/device/emulator/Syntax.h"

#include <unordered_map>

namespace tern::runtime::emulator {

/// Reads PTX text, which is to outlive what it reads. Fails at the first line that is not what
/// PTX, version and target allow, or that the emulator cannot run, and names it.
class Parser {
public:
  Parser(std::string_view text, Syntax &out) : lexer(text), text(text), module(out) {}

  format::Error parse();

private:
  using Error = format::Error;

  // Tokens.
  Error advance() { return lexer.next(token); }
  Error expect(char mark);
  Error take(char mark, bool &found);
  Error found(const char *expected) const;
  Error name(std::string_view &out, const char *what);
  Error integer(uint64_t &out, uint64_t limit, const char *what);

  // The module.
  Error header();
  Error target();
  Error moduleDirective();
  Error skipDebug(std::string_view directive);
  Error entry();
  Error parameters();
  Error performance(std::string_view directive);

  // Variables.
  struct Linkage {
    bool isExtern = false;
  };
  Error variable(Space space, Linkage linkage, std::vector<Variable> &out);
  Error declarator(const Variable &like, unsigned vector, std::vector<Variable> &out);
  Error extent(uint64_t &elements, bool &isOpen);
  Error initialiser(Variable &out);
  Error initialElement(Variable &out);
  void layOut(Variable &out, uint64_t &end);

  // The body of a kernel.
  Error body();
  Error bodyStatement();
  Error registers();
  Error label(std::string_view name, uint32_t line);
  Error instruction(std::optional<Operand> guard, size_t begin);
  Error guard(std::optional<Operand> &out);
  Error operands(Statement &out);
  Error operand(Statement &statement, Operand &out, bool isElement);
  Error address(Operand &out);
  Error named(Operand &out);
  Error number(Operand &out);
  bool findRegister(std::string_view name, RegisterId &out) const;

  Lexer lexer;
  Token token;
  std::string_view text;
  Syntax &module;
  Kernel *kernel = nullptr;

  /// `%r<9>`: names that begin with the key and end in a number below `count`.
  struct Range {
    RegisterId first;
    uint32_t count;
  };
  struct Names {
    std::unordered_map<std::string_view, RegisterId> single;
    std::unordered_map<std::string_view, Range> ranges;
    uint32_t scope;
  };
  std::vector<Names> names; ///< of the open scopes, the innermost last
  uint64_t sharedEnd = 0, localEnd = 0;
};

} // namespace tern::runtime::emulator
