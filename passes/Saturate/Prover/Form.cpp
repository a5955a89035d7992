// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Form.h"

#include <algorithm>

namespace tern::prover {

//===- Order --------------------------------------------------------------===//

template <class T> static int compareNumbers(const T &a, const T &b) { return (a > b) - (a < b); }

template <class T>
static int compareAll(const std::vector<T> &a, const std::vector<T> &b, auto by) {
  if (a.size() != b.size())
    return compareNumbers(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i)
    if (int order = by(a[i], b[i]))
      return order;
  return 0;
}

static int compareBranches(const Branch &a, const Branch &b) {
  if (int order = compareAll(a.extents, b.extents, compareNumbers<Dim>))
    return order;
  if (int order = compareNumbers(a.height, b.height))
    return order;
  return compare(a.body, b.body);
}

int compare(Atom a, Atom b) {
  if (a == b)
    return 0;
  if (int order = compareNumbers(a->kind, b->kind))
    return order;
  if (int order = compareNumbers(a->number, b->number))
    return order;
  if (int order = compareNumbers(a->extent, b->extent))
    return order;
  if (int order = compareNumbers(a->height, b->height))
    return order;
  if (int order = compareAll(a->forms, b->forms, [](Form x, Form y) { return compare(x, y); }))
    return order;
  return compareAll(a->branches, b->branches, compareBranches);
}

template <class T> static int compareTerms(const std::vector<T> &a, const std::vector<T> &b) {
  return compareAll(a, b, [](const T &x, const T &y) {
    int order = compare(x.first, y.first);
    return order ? order : compareNumbers(x.second, y.second);
  });
}

int compare(Monomial a, Monomial b) { return a == b ? 0 : compareTerms(a->factors, b->factors); }
int compare(Form a, Form b) { return a == b ? 0 : compareTerms(a->terms, b->terms); }

//===- Making -------------------------------------------------------------===//

bool contains(const std::vector<Atom> &atoms, Atom a) {
  return std::binary_search(atoms.begin(), atoms.end(), a, Before());
}

static void mix(size_t &hash, size_t more) {
  hash = (hash ^ more) * 0x9e3779b97f4a7c15 + 0x7f4a7c15;
}
static void mix(size_t &hash, const Rational &r) {
  mix(hash, size_t(r.numerator()));
  mix(hash, size_t(r.denominator()));
}

/// Nodes are made of nodes that are in the tables, so equal ones have equal addresses inside.
template <class Node>
const Node *Forms::intern(std::deque<Node> &nodes,
                          std::unordered_multimap<size_t, const Node *> &table, size_t hash,
                          Node &&node) {
  auto same = [&](const Node &other) {
    if constexpr (std::is_same_v<Node, AtomNode>)
      return node.kind == other.kind && node.number == other.number &&
             node.extent == other.extent && node.height == other.height &&
             node.forms == other.forms && node.branches == other.branches;
    else if constexpr (std::is_same_v<Node, MonomialNode>)
      return node.factors == other.factors;
    else
      return node.terms == other.terms;
  };
  auto [first, last] = table.equal_range(hash);
  for (; first != last; ++first)
    if (same(*first->second))
      return first->second;
  nodes.push_back(std::move(node));
  table.insert({hash, &nodes.back()});
  return &nodes.back();
}

/// Adds what an inner node has to a node outside it.
static void include(auto &outer, const auto &inner) {
  outer.tallest = std::max(outer.tallest, inner.tallest);
  if (inner.free.empty())
    return;
  std::vector<Atom> both;
  std::set_union(outer.free.begin(), outer.free.end(), inner.free.begin(), inner.free.end(),
                 std::back_inserter(both), Before());
  outer.free = std::move(both);
}

Atom Forms::atom(AtomNode node) {
  size_t hash = size_t(node.kind);
  mix(hash, node.number);
  mix(hash, node.extent);
  mix(hash, node.height);
  node.tallest = node.height;
  for (Form f : node.forms) {
    mix(hash, reinterpret_cast<size_t>(f));
    include(node, *f);
  }
  for (const Branch &branch : node.branches) {
    mix(hash, reinterpret_cast<size_t>(branch.body));
    node.tallest = std::max(node.tallest, branch.height);
    include(node, *branch.body);
  }
  bool isIndex = node.kind == AtomKind::Index;
  Atom made = intern(atoms, atomTable, hash, std::move(node));
  if (isIndex && made->free.empty())
    atoms.back().free = {made};
  return made;
}

Monomial Forms::monomial(std::vector<Factor> factors) {
  MonomialNode node{std::move(factors), {}, 0};
  size_t hash = 1;
  for (const auto &[a, e] : node.factors) {
    mix(hash, reinterpret_cast<size_t>(a));
    mix(hash, e);
    include(node, *a);
    hasOverflown |= !e.fits();
  }
  return intern(monomials, monomialTable, hash, std::move(node));
}

Form Forms::form(std::vector<std::pair<Monomial, Rational>> terms) {
  if (terms.size() > 1)
    std::sort(terms.begin(), terms.end(),
              [](const auto &a, const auto &b) { return compare(a.first, b.first) < 0; });
  FormNode node;
  for (const auto &[m, c] : terms) {
    if (node.terms.empty() || node.terms.back().first != m) {
      node.terms.push_back({m, c});
    } else {
      Rational &sum = node.terms.back().second;
      sum = sum + c;
    }
    if (node.terms.back().second == 0)
      node.terms.pop_back();
    else
      hasOverflown |= !node.terms.back().second.fits();
  }
  size_t hash = 2;
  for (const auto &[m, c] : node.terms) {
    mix(hash, reinterpret_cast<size_t>(m));
    mix(hash, c);
    include(node, *m);
  }
  return intern(forms, formTable, hash, std::move(node));
}

Form Forms::number(Rational value) { return form({{monomial({}), value}}); }

Form Forms::add(Form a, Form b) {
  if (a->isZero() || b->isZero())
    return a->isZero() ? b : a;
  auto terms = a->terms;
  terms.insert(terms.end(), b->terms.begin(), b->terms.end());
  return form(std::move(terms));
}

Form Forms::scale(Form a, Rational factor) {
  if (factor == 1)
    return a;
  auto terms = a->terms;
  for (auto &term : terms)
    term.second = term.second * factor;
  return form(std::move(terms));
}

} // namespace tern::prover
