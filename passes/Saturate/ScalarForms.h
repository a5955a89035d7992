// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sums and products of scalars in one n-ary form, as in Symbolics.jl (SymbolicUtils, types.jl).
#ifndef TERN_PASSES_SATURATE_SCALARFORMS_H
#define TERN_PASSES_SATURATE_SCALARFORMS_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"

#include <map>
#include <string>
#include <vector>

namespace tern::saturate {

/// What is equal over the reals by collecting like terms has one form:
///
///     form    ::= number | leaf | sum | product
///     sum     ::= number + coefficient * form + ...    coefficients are not 0; no inner sum
///     product ::= form ^ exponent * ...                exponents are 1, 2, ...; no inner product
///
/// A product has no number: 2 x y is a sum of one part. A reciprocal is a leaf, so x / x stays
/// what it is where x may be 0. Each form has one id, and forms are sorted by hashes of their
/// structure, so neither depends on the order in which a program was written. Numbers are f64.
class ScalarForms {
public:
  using Id = uint32_t;
  enum class Kind { Number, Leaf, Sum, Product };
  /// A form and its coefficient or exponent.
  struct Part {
    Id form;
    double factor;
  };
  struct Form {
    Kind kind;
    double number = 0; ///< of a number; a sum's own
    std::vector<Part> parts;
    mlir::Value leaf;
    uint64_t hash = 0;
  };

  const Form &operator[](Id id) const { return forms[id]; }

  Id number(double value);
  /// What no rule looks into. Leaves of one key are one; `hash` is that of its structure.
  Id leaf(mlir::Value value, const std::string &key, uint64_t hash);
  /// number + sum of the parts.
  Id sum(llvm::ArrayRef<Part> parts, double number = 0);
  /// Product of the parts, each to the power that its factor says: 1, 2, ...
  Id product(llvm::ArrayRef<Part> parts);
  Id scaled(Id form, double factor) { return sum({{form, factor}}); }

  /// form = factor * the form that is returned, whose first part's coefficient is positive, and 1
  /// if all coefficients are equal up to their signs.
  Part unit(Id form);

  /// The parts of an equal sum in which what several parts share is taken out, the most frequent
  /// factor first, at most `limit` of them.
  std::vector<Part> factored(Id sum, unsigned limit = ~0u);

private:
  Id intern(Form form, const std::string &leafKey = {});
  void sort(std::vector<Part> &parts) const;
  std::vector<Form> forms;
  std::map<std::string, Id> known;
};

} // namespace tern::saturate

#endif
