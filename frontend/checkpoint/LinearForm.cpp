// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/LinearForm.h"

#include <algorithm>
#include <cmath>

namespace tern::checkpoint {

const TokenForm::Part *TokenForm::find(std::string_view name) const {
  auto at = std::ranges::find_if(parts, [&](const Part &p) { return name.ends_with(p.ending); });
  return at == parts.end() ? nullptr : &*at;
}

int64_t LowRankForm::rankOf(std::string_view name, int64_t out, int64_t in) const {
  constexpr int64_t kLeastOut = 10; // narrower heads stay whole
  bool isOmitted =
      out < kLeastOut ||
      std::ranges::any_of(
          omitted, [&](const std::string &part) { return name.find(part) != name.npos; });
  return isOmitted ? 0 : int64_t(std::floor(double(in) * double(out) / (ratio * double(in + out))));
}

namespace {

struct Lister {
  const std::string &name;
  int64_t out, in;
  bool isBiased;

  std::vector<ExpectedTensor> operator()(std::monostate) const { return {}; }

  std::vector<ExpectedTensor> operator()(const TokenForm &form) const {
    const TokenForm::Part *part = form.find(name);
    if (!part)
      return {};
    return {{name + ".key_param_tokens", {part->slots, in}},
            {name + ".value_param_tokens", {part->slots, out}}};
  }

  std::vector<ExpectedTensor> operator()(const LowRankForm &form) const {
    int64_t rank = form.rankOf(name, out, in);
    if (rank == 0)
      return {};
    std::vector<ExpectedTensor> tensors{{name + ".0.weight", {rank, in}},
                                        {name + ".1.weight", {out, rank}}};
    if (isBiased)
      tensors.push_back({name + ".1.bias", {out}});
    return tensors;
  }
};

} // namespace

std::vector<ExpectedTensor> tensorsOf(const LinearForm &form, const std::string &name, int64_t out,
                                      int64_t in, bool isBiased) {
  return std::visit(Lister{name, out, in, isBiased}, form);
}

} // namespace tern::checkpoint
