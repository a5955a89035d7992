// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/emulator/Type.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A PTX module as its text says it. Views point into the text.
namespace tern::runtime::emulator {

/// A register of a kernel, by its place in Kernel::registers.
using RegisterId = uint32_t;

struct Operand {
  enum Kind : uint8_t {
    Register, ///< `id`
    Special,  ///< %tid.x and the like: `name`
    Integer,  ///< `bits`
    Float32,  ///< `bits`
    Float64,  ///< `bits`
    Symbol,   ///< a variable, a parameter or a label: `name`, plus `bits` for a variable
    Sink,     ///< _
    Address,  ///< [base + bits], where base is `id`, `name` or nothing, as `base` says
    Vector,   ///< `elements` from `first` on in Statement::elements
  };
  Kind kind = Sink;
  Kind base = Integer;
  bool negated = false; ///< !p
  bool piped = false;   ///< stands behind a |
  uint32_t first = 0, count = 0;
  RegisterId id = 0;
  std::string_view name;
  uint64_t bits = 0;
};

struct Statement {
  std::string_view opcode;
  std::vector<std::string_view> modifiers;
  std::vector<Operand> operands, elements;
  std::optional<Operand> guard; ///< @p: a register, negated or not
  uint32_t line = 0;
  uint32_t scope = 0;    ///< where its labels are looked up
  std::string_view text; ///< from the guard to the semicolon
};

/// `bytes` in all; several elements if `isArray`.
struct Variable {
  std::string_view name;
  Space space = Space::Global;
  Type type = Type::None;
  uint64_t bytes = 0;
  uint32_t alignment = 1;
  bool isExtern = false;            ///< .extern .shared: as long as the launch says
  std::vector<std::byte> initial{}; ///< zeros follow; nothing at all for .shared and .local
  uint64_t offset = 0;              ///< in its space: of .shared, .local and .param
  uint32_t line = 0;
};

struct Scope {
  uint32_t parent = 0; ///< itself for the outermost
};

struct Label {
  std::string_view name;
  uint32_t scope = 0;
  uint32_t statement = 0; ///< the one that follows
};

/// `name: .branchtargets L0, L1;`
struct TargetList {
  std::string_view name;
  uint32_t scope = 0, line = 0;
  std::vector<std::string_view> labels;
};

struct Kernel {
  std::string name;
  std::vector<Variable> parameters;
  uint64_t parameterBytes = 0;
  std::vector<Type> registers;
  std::vector<Variable> variables; ///< .shared and .local ones of its body
  std::vector<Scope> scopes;
  std::vector<Label> labels;
  std::vector<TargetList> targetLists;
  std::vector<Statement> statements;
  uint32_t requiredThreads[3] = {0, 0, 0}; ///< .reqntid; 0 where there is none
  uint64_t maximumThreads = 0;             ///< .maxntid; 0 where there is none
  uint32_t line = 0;
};

struct Syntax {
  unsigned version = 0; ///< 10 x major + minor
  unsigned target = 0;  ///< 80 for sm_80
  unsigned addressBits = 0;
  std::vector<Variable> variables; ///< of the module
  std::vector<Kernel> kernels;
};

} // namespace tern::runtime::emulator
