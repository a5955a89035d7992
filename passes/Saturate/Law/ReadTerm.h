// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_LAW_READTERM_H
#define TERN_PASSES_SATURATE_LAW_READTERM_H

#include "passes/Saturate/Law/Law.h"
#include "passes/Saturate/Law/Sexp.h"

namespace tern::law {

/// Reads what names sizes and variables of a law. The first mistake is kept, and what is read
/// after it means nothing.
class TermReader {
public:
  explicit TermReader(const Law &law) : law(law) {}

  Term term(const Sexp &text);
  Size size(const Sexp &text);
  /// `rk`, and "" for `.`.
  Letters letters(std::string_view text);
  Condition condition(const Sexp &text);
  Guard guard(const Sexp &text);
  std::optional<Dim> dim(std::string_view name) const;
  unsigned variable(const Sexp &text);

  void fail(const std::string &message) {
    if (error.empty())
      error = message;
  }

  /// The sizes and the variables in place of `w..` and `(before n)`.
  struct Siblings {
    struct Parts {
      unsigned before, own, after;
    };
    std::vector<Parts> variables; ///< w, and what else each sibling comes with
    Dim own, sizeBefore, sizeAfter;
  };
  std::optional<Siblings> siblings;
  std::string error;

private:
  Term operation(const Sexp &text, Op op);
  IndexString string(std::string_view text, const OpInfo &info);
  void operand(const Sexp &text, Term &owner);
  bool number(std::string_view text, Term &t);
  unsigned named(const Sexp &text, Variable::Sort sort);

  const Law &law;
};

std::string print(const Sexp &text);

} // namespace tern::law

#endif
