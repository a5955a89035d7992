// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/Error.h"
#include "runtime/src/device/emulator/Program.h"
#include "runtime/src/device/emulator/Table.h"

#include <map>

namespace tern::runtime::emulator {

/// Makes a kernel ready to run: matches each instruction with the table and resolves what it names.
class Decoder {
public:
  Decoder(const Syntax &module, const Kernel &kernel, Code &out);

  format::Error decode();

private:
  using Error = format::Error;

  void layOutShared();
  Error statement(const Statement &from, Operation &out);
  bool match(const Statement &from, const Row &row, Form &form) const;
  Error operands(const Statement &from, Form &form, Operation &out);
  Error operand(const Statement &from, const Operand &operand, std::string_view word, Form &form,
                Operation &out);
  Error scalar(const Statement &from, const Operand &operand, std::string_view word, Form &form,
               Operation &out);
  Error vector(const Statement &from, const Operand &operand, std::string_view word, Form &form,
               Operation &out);
  Error address(const Statement &from, const Operand &operand, Form &form, Operation &out);
  Error source(const Statement &from, const Operand &operand, Type type, Form &form,
               uint32_t &slot);
  Error symbol(const Statement &from, const Operand &operand, unsigned bytes, uint32_t &slot);
  Error registerOf(const Statement &from, const Operand &operand, Type type, bool mayBeWider,
                   uint32_t &slot, uint8_t &bytes);
  Error branch(const Statement &from, const Operand &operand, Operation &out);
  Error branchList(const Statement &from, const Operand &operand, Operation &out);
  void noteGranule(const Operation &operation);

  Type typeIn(std::string_view word, const Form &form) const;
  uint32_t allocate(unsigned bytes);
  uint32_t slotOf(RegisterId id);
  uint32_t constant(Constant wanted);
  const Variable *find(std::string_view name, uint64_t &address, bool &isModules) const;
  bool findLabel(std::string_view name, uint32_t scope, uint32_t &statement) const;
  Error wrong(const Statement &from, const std::string &what) const;

  const Syntax &module;
  const Kernel &kernel;
  Code &code;
  std::vector<uint32_t> registerSlots;
  std::map<std::tuple<int, uint32_t, uint64_t, uint32_t, int>, uint32_t> constantSlots;
  std::vector<uint64_t> sharedOffsets; ///< of the module's .shared variables
};

/// Where lanes that part at a branch meet again: immediate post-dominators.
void findReconvergence(Code &code);

} // namespace tern::runtime::emulator
