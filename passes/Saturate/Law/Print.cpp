// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Law/Law.h"

namespace tern::law {

std::string_view nameOf(Property property) {
  static constexpr std::string_view names[] = {
      "pos",     "nonneg",    "nonzero", "pow2",       "orthogonal",
      "rounded", "bijective", "some",    "increasing", "zero_at_zero",
  };
  return names[int(property)];
}

std::string Law::place() const {
  return file + ":" + std::to_string(line) + ": law '" + name + "': ";
}

const Fact *Law::find(Property property, unsigned variable) const {
  for (const std::vector<Condition> *conditions : {&typed, &when})
    for (const Condition &condition : *conditions)
      if (const Fact *fact = std::get_if<Fact>(&condition.what))
        if (fact->property == property && fact->variable == variable)
          return fact;
  return nullptr;
}

std::optional<unsigned> Law::find(Op held, const std::vector<unsigned> &sources) const {
  for (unsigned v = 0; v < variables.size(); ++v)
    if (variables[v].held == held && variables[v].sources == sources)
      return v;
  return std::nullopt;
}

std::string print(const Law &law, const Letters &letters) {
  std::string all;
  for (Dim d : letters)
    all += law.dims[d].name;
  return all;
}

std::string print(const Law &law, const Size &size) {
  switch (size.kind) {
  case Size::Kind::Number:
    return std::to_string(size.number);
  case Size::Kind::Dim:
    return law.dims[size.dim].name;
  default:
    break;
  }
  std::string all = size.kind == Size::Kind::Add   ? "(+"
                    : size.kind == Size::Kind::Sub ? "(-"
                                                   : "(*";
  for (const Size &operand : size.operands)
    all += " " + print(law, operand);
  return all + ")";
}

static std::string print(const Law &law, const IndexString &string, Form form) {
  std::string all;
  for (const Letters &letters : string.operands)
    all += (all.empty() && &letters == &string.operands.front() ? "" : ",") + print(law, letters);
  if (form == Form::Cache)
    return print(law, string.result);
  if (form == Form::Row)
    return string.result.empty() ? all : all + "/" + print(law, string.result);
  return all + "->" + print(law, string.result);
}

std::string print(const Law &law, const Term &t) {
  switch (t.sort) {
  case Term::Sort::Number:
    return t.number.fits() ? t.number.toString() : std::to_string(t.value);
  case Term::Sort::MinusInfinity:
    return "-inf";
  case Term::Sort::Pi:
    return "pi";
  case Term::Sort::Variable:
    return law.variables[t.variable].name;
  case Term::Sort::Operation:
    break;
  }
  const OpInfo &info = infoOf(t.op);
  std::string all = "(" + std::string(info.name);
  if (info.form == Form::Function)
    all += " " + law.variables[t.variable].name;
  else if (info.form == Form::Letters)
    all += " " + print(law, t.size);
  else if (info.form != Form::Elements)
    all += " " + print(law, t.string, info.form);
  for (size_t i = 0; i <= t.operands.size(); ++i) {
    for (size_t j = 0; i == t.string.operands.size() && j < t.sources.size(); ++j)
      all += " " + law.variables[t.sources[j]].name;
    if (i < t.operands.size())
      all += " " + print(law, t.operands[i]);
  }
  if (info.tail == Tail::Size)
    all += " " + print(law, t.size);
  if (info.tail == Tail::Function)
    all += " " + law.variables[t.variable].name;
  return all + ")";
}

} // namespace tern::law
