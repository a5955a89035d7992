// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/ScalarPlan.h"

#include "llvm/ADT/bit.h"

#include <cmath>
#include <set>

namespace tern::saturate {

using Kind = ScalarForms::Kind;
using Part = ScalarForms::Part;

/// As it is, one factor out, all factors out.
static constexpr size_t kFactored = 2;
/// Each round visits all sums; most are settled after the second.
static constexpr int kRounds = 8;

ScalarPlan::ScalarPlan(ScalarForms &forms, llvm::ArrayRef<Id> needed)
    : forms(forms), roots(llvm::from_range, needed) {
  for (Id root : roots)
    acquire(root);
  int64_t asWritten = total;
  restart(kFactored);
  if (asWritten < total)
    restart(0);
  for (int round = 0; round < kRounds && improve(); ++round)
    ;
}

void ScalarPlan::restart(size_t option) {
  for (Id root : roots)
    release(root);
  first = option;
  for (Use &use : uses)
    use.option = use.options.size() > 1 ? option : 0;
  for (Id root : roots)
    acquire(root);
}

ScalarPlan::Use &ScalarPlan::useOf(Id id) {
  if (uses.size() <= id)
    uses.resize(id + 1);
  if (uses[id].options.empty()) {
    std::vector<Parts> options{forms[id].parts};
    if (forms[id].kind == Kind::Sum && forms[id].parts.size() > 1) {
      options.push_back(forms.factored(id, 1));
      options.push_back(forms.factored(id));
      if (Part unit = forms.unit(id); unit.form != id)
        options.push_back({unit});
    }
    uses[id].option = options.size() > 1 ? first : 0;
    uses[id].options = std::move(options);
  }
  return uses[id];
}

llvm::ArrayRef<Part> ScalarPlan::parts(Id id) const { return uses[id].options[uses[id].option]; }

static int64_t operationsOfPower(double exponent) {
  auto e = static_cast<uint64_t>(exponent);
  return llvm::bit_width(e) - 1 + llvm::popcount(e) - 1;
}

int64_t ScalarPlan::operationsOf(Id id) {
  const Use &use = useOf(id);
  const Parts &parts = use.options[use.option];
  const ScalarForms::Form &form = forms[id];
  if (form.kind == Kind::Product) {
    int64_t count = static_cast<int64_t>(parts.size()) - 1;
    for (const Part &part : parts)
      count += operationsOfPower(part.factor);
    return count;
  }
  if (form.kind != Kind::Sum)
    return 0;
  std::set<double> sizes;
  bool isNegative = form.number == 0;
  for (const Part &part : parts) {
    isNegative &= part.factor < 0;
    if (std::abs(part.factor) != 1)
      sizes.insert(std::abs(part.factor));
  }
  return static_cast<int64_t>(parts.size() - 1 + sizes.size()) + (form.number != 0) + isNegative;
}

void ScalarPlan::acquire(Id root) {
  llvm::SmallVector<Id> open{root};
  while (!open.empty()) {
    Id id = open.pop_back_val();
    if (useOf(id).count++ > 0)
      continue;
    total += operationsOf(id);
    for (const Part &part : parts(id))
      open.push_back(part.form);
  }
}

void ScalarPlan::release(Id root) {
  llvm::SmallVector<Id> open{root};
  while (!open.empty()) {
    Id id = open.pop_back_val();
    if (--uses[id].count > 0)
      continue;
    total -= operationsOf(id);
    for (const Part &part : parts(id))
      open.push_back(part.form);
  }
}

void ScalarPlan::choose(Id id, size_t option) {
  total -= operationsOf(id);
  Parts before = uses[id].options[uses[id].option];
  uses[id].option = option;
  total += operationsOf(id);
  for (const Part &part : Parts(uses[id].options[option]))
    acquire(part.form);
  for (const Part &part : before)
    release(part.form);
}

bool ScalarPlan::improve() {
  int64_t start = total;
  for (Id id = 0; id < uses.size(); ++id)
    for (size_t option = 0; option < uses[id].options.size(); ++option) {
      if (uses[id].count == 0 || option == uses[id].option)
        continue;
      int64_t before = total;
      size_t old = uses[id].option;
      choose(id, option);
      if (total >= before)
        choose(id, old);
    }
  return total < start;
}

} // namespace tern::saturate
