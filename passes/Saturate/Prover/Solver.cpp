// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Solver.h"

#include "passes/Saturate/Prover/Algebra.h"

namespace tern::prover {

/// In Z3's units of work: far more than the queries of the shipped laws take.
static constexpr unsigned kLimit = 2000000;

Solver::Solver(Algebra &algebra) : algebra(algebra) {
  Z3_config config = Z3_mk_config();
  context = Z3_mk_context(config); // which keeps its terms until it ends
  Z3_del_config(config);
  // A term that Z3 can't make is none, and its goal is not proved.
  Z3_set_error_handler(context, [](Z3_context, Z3_error_code) {});
}

Solver::~Solver() { Z3_del_context(context); }

Z3_ast Solver::integer(int64_t value) {
  return Z3_mk_int64(context, value, Z3_mk_int_sort(context));
}

Z3_ast Solver::term(Form f, bool isReal, Values &values) {
  std::vector<Z3_ast> sum;
  for (const auto &[m, c] : f->terms) {
    std::vector<Z3_ast> product;
    if (isReal)
      product.push_back(Z3_mk_numeral(context, c.toString().c_str(), Z3_mk_real_sort(context)));
    else
      product.push_back(integer(c.numerator()));
    for (const auto &[a, e] : m->factors) {
      constexpr int64_t mostFactors = 16; // more are one unknown
      bool isPower = e.isWhole() && e > 0 && e <= mostFactors;
      for (int64_t i = 0; i < (isPower ? e.numerator() : 1); ++i)
        product.push_back(value(a, isPower ? Rational(1) : e, isReal, values));
    }
    sum.push_back(Z3_mk_mul(context, unsigned(product.size()), product.data()));
  }
  if (sum.empty())
    return isReal ? Z3_mk_numeral(context, "0", Z3_mk_real_sort(context)) : integer(0);
  return Z3_mk_add(context, unsigned(sum.size()), sum.data());
}

/// One unknown for each atom and power, but for what is built of others.
Z3_ast Solver::value(Atom a, Rational e, bool isReal, Values &values) {
  auto known = values.find({a, e});
  if (known != values.end())
    return known->second;
  if (!isReal || e != 1)
    return unknown(a, e, isReal, values);
  Z3_ast zero = Z3_mk_numeral(context, "0", Z3_mk_real_sort(context));
  if (a->kind == AtomKind::Positive || a->kind == AtomKind::Zero) {
    Z3_ast inner = term(a->forms[0], true, values);
    Z3_ast holds = a->kind == AtomKind::Positive ? Z3_mk_gt(context, inner, zero)
                                                 : Z3_mk_eq(context, inner, zero);
    Z3_ast one = Z3_mk_numeral(context, "1", Z3_mk_real_sort(context));
    return values[{a, e}] = Z3_mk_ite(context, holds, one, zero);
  }
  bool isElementwise = a->kind == AtomKind::Maximum;
  for (const Branch &branch : a->branches)
    isElementwise &= branch.extents.empty();
  if (!isElementwise)
    return unknown(a, e, true, values);
  Z3_ast most = nullptr;
  for (const Branch &branch : a->branches) {
    Z3_ast next = term(branch.body, true, values);
    most = most ? Z3_mk_ite(context, Z3_mk_gt(context, next, most), next, most) : next;
  }
  return values[{a, e}] = most;
}

Z3_ast Solver::unknown(Atom a, Rational e, bool isReal, Values &values) {
  Z3_sort sort = isReal ? Z3_mk_real_sort(context) : Z3_mk_int_sort(context);
  Z3_symbol name = Z3_mk_int_symbol(context, int(values.size()));
  Z3_ast v = values[{a, e}] = Z3_mk_const(context, name, sort);
  if (isReal) {
    Z3_ast zero = Z3_mk_numeral(context, "0", sort), one = Z3_mk_numeral(context, "1", sort);
    Sign sign = algebra.signOf(a, e);
    if (sign == Sign::Positive)
      assume(Z3_mk_gt(context, v, zero));
    if (sign == Sign::NonNegative)
      assume(Z3_mk_ge(context, v, zero));
    if (a->kind == AtomKind::Truth) {
      Z3_ast either[] = {Z3_mk_eq(context, v, zero), Z3_mk_eq(context, v, one)};
      assume(Z3_mk_or(context, 2, either));
    }
    return v;
  }
  assume(Z3_mk_ge(context, v, integer(0)));
  std::optional<Dim> above;
  if (a->kind == AtomKind::Index || a->kind == AtomKind::Bound)
    above = a->extent;
  else if (a->kind == AtomKind::Element)
    above = algebra.law.variables[a->number].bound;
  if (above)
    assume(Z3_mk_lt(context, v, term(algebra.size(*above), false, values)));
  return v;
}

bool Solver::isUnsatisfiable(Z3_ast negatedGoal) {
  ++queries;
  Z3_solver solver = Z3_mk_simple_solver(context);
  Z3_solver_inc_ref(context, solver);
  Z3_params limits = Z3_mk_params(context);
  Z3_params_inc_ref(context, limits);
  Z3_params_set_uint(context, limits, Z3_mk_string_symbol(context, "rlimit"), kLimit);
  Z3_solver_set_params(context, solver, limits);
  for (Z3_ast fact : assumptions)
    Z3_solver_assert(context, solver, fact);
  assumptions.clear();
  Z3_solver_assert(context, solver, negatedGoal);
  bool isProved = Z3_get_error_code(context) == Z3_OK &&
                  Z3_solver_check(context, solver) == Z3_L_FALSE &&
                  Z3_get_error_code(context) == Z3_OK;
  Z3_params_dec_ref(context, limits);
  Z3_solver_dec_ref(context, solver);
  return isProved;
}

bool Solver::holdsForIntegers(Goal goal, Form f) {
  Values values;
  Z3_ast t = term(f, false, values), zero = integer(0);
  for (const std::vector<law::Condition> *conditions : {&algebra.law.typed, &algebra.law.when})
    for (const law::Condition &condition : *conditions) {
      const auto *c = std::get_if<law::Comparison>(&condition.what);
      if (!c)
        continue;
      Z3_ast a = term(algebra.size(c->left), false, values);
      Z3_ast b = term(algebra.size(c->right), false, values);
      switch (c->relation) {
      case law::Relation::Less:
        assume(Z3_mk_lt(context, a, b));
        break;
      case law::Relation::LessEqual:
        assume(Z3_mk_le(context, a, b));
        break;
      case law::Relation::Equal:
        assume(Z3_mk_eq(context, a, b));
        break;
      case law::Relation::GreaterEqual:
        assume(Z3_mk_ge(context, a, b));
        break;
      case law::Relation::Greater:
        assume(Z3_mk_gt(context, a, b));
        break;
      }
    }
  for (Dim d : std::set<Dim>(algebra.active.begin(), algebra.active.end()))
    assume(Z3_mk_ge(context, term(algebra.size(d), false, values), integer(1)));
  Z3_ast holds = goal == Goal::Positive      ? Z3_mk_gt(context, t, zero)
                 : goal == Goal::NonNegative ? Z3_mk_ge(context, t, zero)
                                             : Z3_mk_eq(context, t, zero);
  return isUnsatisfiable(Z3_mk_not(context, holds));
}

bool Solver::vanishesForReals(Form f) {
  Values values;
  Z3_ast t = term(f, true, values);
  Z3_ast zero = Z3_mk_numeral(context, "0", Z3_mk_real_sort(context));
  return isUnsatisfiable(Z3_mk_not(context, Z3_mk_eq(context, t, zero)));
}

} // namespace tern::prover
