// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Algebra.h"

#include <algorithm>

namespace tern::prover {

/// Pieces that no law needs more of.
static constexpr size_t kMostPieces = 64;

Form Algebra::size(const law::Size &size) {
  auto value = law::valueOf(law, size);
  if (!value)
    return refuse("a size is too large");
  std::vector<Form> parts;
  for (const auto &[dims, c] : *value) {
    Form product = number(c);
    for (Dim d : dims) {
      AtomNode node{AtomKind::Size, d, 0, 0};
      product = multiply(product, form(atom(std::move(node))));
    }
    parts.push_back(product);
  }
  return sum(parts);
}

Atom Algebra::fresh(Dim extent) { return atom({AtomKind::Index, ++lastIndex, extent, 0}); }

Atom Algebra::bound(unsigned height, unsigned place, Dim extent) {
  return atom({AtomKind::Bound, place, extent, height});
}

std::vector<Piece> Algebra::domain(Dim dim) { return domainOf(law::sizeOf(dim)); }

/// Sums of sizes give a piece each, in ascending order; products are read row-major.
std::vector<Piece> Algebra::domainOf(const law::Size &s) {
  std::vector<Piece> pieces;
  if (!spend())
    return pieces;
  auto refuseMore = [&] {
    refuse("a size has more than 64 pieces");
    return std::vector<Piece>();
  };
  Form value = size(s);
  if (s.kind == law::Size::Kind::Dim && law.dims[s.dim].value)
    return domainOf(*law.dims[s.dim].value);
  if (value->isConstant() && s.kind != law::Size::Kind::Add && s.kind != law::Size::Kind::Mul) {
    if (value->constant() > int64_t(kMostPieces))
      return refuseMore();
    for (int64_t i = 0; i < value->constant().numerator(); ++i)
      pieces.push_back({{}, number(i)});
    return pieces;
  }
  switch (s.kind) {
  case law::Size::Kind::Dim: {
    Atom v = fresh(s.dim);
    return {{{v}, form(v)}};
  }
  case law::Size::Kind::Add: {
    Form offset = number(0);
    for (const law::Size &operand : s.operands) {
      for (Piece &piece : domainOf(operand))
        pieces.push_back(
            {std::move(piece.variables), add(offset, piece.index), piece.isInterleaved});
      offset = add(offset, size(operand));
    }
    break;
  }
  case law::Size::Kind::Mul:
    pieces.push_back({{}, number(0)});
    for (const law::Size &operand : s.operands) {
      std::vector<Piece> outer = std::move(pieces);
      pieces.clear();
      for (const Piece &high : outer) {
        if (pieces.size() > kMostPieces)
          return refuseMore();
        std::vector<Piece> lows = domainOf(operand);
        bool isInterleaved = !high.variables.empty() && lows.size() > 1;
        for (const Piece &low : lows) {
          std::vector<Atom> variables = high.variables;
          variables.insert(variables.end(), low.variables.begin(), low.variables.end());
          pieces.push_back({std::move(variables),
                            add(multiply(high.index, size(operand)), low.index),
                            isInterleaved || high.isInterleaved || low.isInterleaved});
        }
      }
    }
    break;
  default:
    refuse("a size is a difference");
  }
  return pieces.size() > kMostPieces ? refuseMore() : pieces;
}

std::vector<std::vector<Piece>> Algebra::domains(const law::Letters &letters) {
  std::vector<std::vector<Piece>> all = {{}};
  for (Dim d : letters) {
    std::vector<std::vector<Piece>> longer;
    for (const std::vector<Piece> &front : all) {
      bool isInside = std::any_of(front.begin(), front.end(),
                                  [](const Piece &piece) { return !piece.variables.empty(); });
      std::vector<Piece> pieces = domain(d); // with indices of their own
      for (Piece &piece : pieces) {
        piece.isInterleaved |= isInside && pieces.size() > 1;
        longer.push_back(front);
        longer.back().push_back(piece);
      }
    }
    if (longer.size() > kMostPieces) {
      refuse("positions have more than 64 pieces");
      return {};
    }
    all = std::move(longer);
  }
  return all;
}

bool Algebra::isIntegral(Form f) const {
  for (const auto &[m, c] : f->terms) {
    if (!c.isWhole())
      return false;
    for (const auto &[a, e] : m->factors) {
      bool isIndex =
          a->kind == AtomKind::Size || a->kind == AtomKind::Index || a->kind == AtomKind::Bound ||
          (a->kind == AtomKind::Element && law.variables[a->number].kind == law::Kind::Integer);
      if (!isIndex || !e.isWhole() || e < 0)
        return false;
    }
  }
  return true;
}

bool Algebra::isValid(Relation relation, Form f) {
  if (f->isConstant()) {
    Rational c = f->constant();
    return relation == Relation::Positive      ? c > 0
           : relation == Relation::NonNegative ? c >= 0
                                               : c == 0;
  }
  if (!isIntegral(f) || !spend(10))
    return false;
  bool isSum = std::all_of(f->terms.begin(), f->terms.end(),
                           [](const auto &term) { return term.second > 0; });
  if (isSum && (relation == Relation::NonNegative ||
                (relation == Relation::Positive && f->terms[0].first->factors.empty())))
    return true; // sizes, positions and integer data are at least 0
  std::set<Dim> ranges(active.begin(), active.end());
  auto [known, isNew] = decided.insert({{relation, f, ranges}, false});
  if (isNew)
    known->second = solver.holdsForIntegers(Solver::Goal(relation), f);
  return known->second;
}

bool Algebra::isBelow(Form f, Form size) {
  return isNonNegative(f) && isPositive(subtract(size, f));
}

} // namespace tern::prover
