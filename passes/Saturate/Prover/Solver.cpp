// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Solver.h"

#include "passes/Saturate/Prover/Algebra.h"

namespace tern::prover {

/// In Z3's units of work: several times what the hardest query of the shipped laws takes.
static constexpr unsigned kLimit = 2000000;

Solver::Solver(Algebra &algebra) : algebra(algebra) {
  Z3_config config = Z3_mk_config();
  context = Z3_mk_context(config); // which keeps its terms until it ends
  Z3_del_config(config);
  // A term that Z3 can't make is none, and its goal is not proved.
  Z3_set_error_handler(context, [](Z3_context, Z3_error_code) {});
}

Solver::~Solver() { Z3_del_context(context); }

namespace {

/// One question. Making it may ask others.
class Query {
public:
  Query(Algebra &algebra, Z3_context context) : algebra(algebra), context(context) {}

  Z3_ast integer(int64_t value) { return Z3_mk_int64(context, value, Z3_mk_int_sort(context)); }
  Z3_ast real(Rational value) {
    return Z3_mk_numeral(context, value.toString().c_str(), Z3_mk_real_sort(context));
  }
  Z3_ast integerTerm(Form f);
  Z3_ast realTerm(Form f);
  void assumeConditions();
  bool isUnsatisfiable(Z3_ast negatedGoal);

private:
  Z3_ast integerUnknown(Atom a);
  Z3_ast realProduct(Monomial m);
  Z3_ast condition(Atom a);
  Z3_ast compare(law::Relation relation, Z3_ast a, Z3_ast b);

  Algebra &algebra;
  Z3_context context;
  std::map<Atom, Z3_ast> atoms; ///< integers, or truth values among reals
  std::map<Monomial, Z3_ast> monomials;
  std::vector<Z3_ast> assumptions;
};

//===- Integers -----------------------------------------------------------===//

Z3_ast Query::integerTerm(Form f) {
  std::vector<Z3_ast> sum = {integer(0)};
  for (const auto &[m, c] : f->terms) {
    std::vector<Z3_ast> product = {integer(c.numerator())};
    for (const auto &[a, e] : m->factors)
      product.insert(product.end(), size_t(e.numerator()), integerUnknown(a));
    sum.push_back(Z3_mk_mul(context, unsigned(product.size()), product.data()));
  }
  return Z3_mk_add(context, unsigned(sum.size()), sum.data());
}

/// A size, an index or integer data.
Z3_ast Query::integerUnknown(Atom a) {
  auto [known, isNew] = atoms.insert({a, nullptr});
  if (!isNew)
    return known->second;
  Z3_symbol name = Z3_mk_int_symbol(context, int(atoms.size()));
  Z3_ast v = known->second = Z3_mk_const(context, name, Z3_mk_int_sort(context));
  assumptions.push_back(Z3_mk_ge(context, v, integer(0)));
  if (a->kind == AtomKind::Size)
    return v;
  Dim above = a->kind == AtomKind::Element ? algebra.law.variables[a->number].bound : a->extent;
  assumptions.push_back(Z3_mk_lt(context, v, integerTerm(algebra.size(above))));
  return v;
}

//===- Reals --------------------------------------------------------------===//

Z3_ast Query::realTerm(Form f) {
  std::vector<Z3_ast> sum = {real(0)};
  for (const auto &[m, c] : f->terms) {
    Z3_ast product[] = {real(c), realProduct(m)};
    sum.push_back(Z3_mk_mul(context, 2, product));
  }
  return Z3_mk_add(context, unsigned(sum.size()), sum.data());
}

/// By cases on truth values and maxima of elements, so that what is left is linear: a product of
/// other atoms is one unknown.
Z3_ast Query::realProduct(Monomial m) {
  auto known = monomials.find(m);
  if (known != monomials.end())
    return known->second;
  if (m->factors.empty() || !algebra.spend(10))
    return real(1);
  for (const Factor &factor : m->factors) {
    auto [a, e] = factor;
    bool isElementwise = a->kind == AtomKind::Maximum && e.isWhole() && e > 0;
    for (const Branch &branch : a->branches)
      isElementwise &= branch.extents.empty();
    if (!a->isTruth() && !isElementwise)
      continue;
    std::vector<Factor> others = m->factors;
    std::erase(others, factor);
    Form rest = algebra.form(algebra.monomial(std::move(others)));
    if (a->isTruth())
      return monomials[m] = Z3_mk_ite(context, condition(a), realTerm(rest), real(0));
    Z3_ast most = nullptr, product = nullptr;
    for (const Branch &branch : a->branches) {
      Z3_ast next = realTerm(branch.body);
      Z3_ast nextProduct = realTerm(algebra.multiply(rest, algebra.power(branch.body, e)));
      Z3_ast isMore = most ? Z3_mk_gt(context, next, most) : Z3_mk_true(context);
      product = product ? Z3_mk_ite(context, isMore, nextProduct, product) : nextProduct;
      most = most ? Z3_mk_ite(context, isMore, next, most) : next;
    }
    return monomials[m] = product;
  }
  Z3_symbol name = Z3_mk_int_symbol(context, int(monomials.size()));
  Z3_ast v = monomials[m] = Z3_mk_const(context, name, Z3_mk_real_sort(context));
  Sign sign = algebra.signOf(m);
  if (sign == Sign::Positive)
    assumptions.push_back(Z3_mk_gt(context, v, real(0)));
  if (sign == Sign::NonNegative)
    assumptions.push_back(Z3_mk_ge(context, v, real(0)));
  return v;
}

Z3_ast Query::condition(Atom a) {
  auto known = atoms.find(a);
  if (known != atoms.end())
    return known->second;
  if (a->kind == AtomKind::Positive)
    return atoms[a] = Z3_mk_gt(context, realTerm(a->forms[0]), real(0));
  if (a->kind == AtomKind::Zero)
    return atoms[a] = Z3_mk_eq(context, realTerm(a->forms[0]), real(0));
  Z3_symbol name = Z3_mk_int_symbol(context, int(atoms.size()));
  return atoms[a] = Z3_mk_const(context, name, Z3_mk_bool_sort(context));
}

//===- Queries ------------------------------------------------------------===//

Z3_ast Query::compare(law::Relation relation, Z3_ast a, Z3_ast b) {
  switch (relation) {
  case law::Relation::Less:
    return Z3_mk_lt(context, a, b);
  case law::Relation::LessEqual:
    return Z3_mk_le(context, a, b);
  case law::Relation::Equal:
    return Z3_mk_eq(context, a, b);
  case law::Relation::GreaterEqual:
    return Z3_mk_ge(context, a, b);
  case law::Relation::Greater:
    return Z3_mk_gt(context, a, b);
  }
  return Z3_mk_false(context);
}

/// Those of the law, and that ranges with an index in scope are not empty.
void Query::assumeConditions() {
  for (const std::vector<law::Condition> *conditions : {&algebra.law.typed, &algebra.law.when})
    for (const law::Condition &condition : *conditions) {
      const auto *c = std::get_if<law::Comparison>(&condition.what);
      if (!c)
        continue;
      Z3_ast a = integerTerm(algebra.size(c->left)), b = integerTerm(algebra.size(c->right));
      assumptions.push_back(compare(c->relation, a, b));
    }
  for (Dim d : std::set<Dim>(algebra.active.begin(), algebra.active.end()))
    assumptions.push_back(Z3_mk_ge(context, integerTerm(algebra.size(d)), integer(1)));
}

bool Query::isUnsatisfiable(Z3_ast negatedGoal) {
  Z3_solver solver = Z3_mk_simple_solver(context);
  Z3_solver_inc_ref(context, solver);
  Z3_params limits = Z3_mk_params(context);
  Z3_params_inc_ref(context, limits);
  Z3_params_set_uint(context, limits, Z3_mk_string_symbol(context, "rlimit"), kLimit);
  Z3_solver_set_params(context, solver, limits);
  for (Z3_ast fact : assumptions)
    Z3_solver_assert(context, solver, fact);
  Z3_solver_assert(context, solver, negatedGoal);
  bool isProved = Z3_get_error_code(context) == Z3_OK &&
                  Z3_solver_check(context, solver) == Z3_L_FALSE &&
                  Z3_get_error_code(context) == Z3_OK;
  Z3_params_dec_ref(context, limits);
  Z3_solver_dec_ref(context, solver);
  return isProved;
}

} // namespace

bool Solver::holdsForIntegers(Goal goal, Form f) {
  Query query(algebra, context);
  Z3_ast t = query.integerTerm(f), zero = query.integer(0);
  query.assumeConditions();
  ++queries;
  return query.isUnsatisfiable(
      Z3_mk_not(context, goal == Goal::Positive      ? Z3_mk_gt(context, t, zero)
                         : goal == Goal::NonNegative ? Z3_mk_ge(context, t, zero)
                                                     : Z3_mk_eq(context, t, zero)));
}

bool Solver::vanishesForReals(Form f) {
  Query query(algebra, context);
  Z3_ast t = query.realTerm(f);
  ++queries;
  return query.isUnsatisfiable(Z3_mk_not(context, Z3_mk_eq(context, t, query.real(0))));
}

} // namespace tern::prover
