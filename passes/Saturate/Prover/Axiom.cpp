// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Axiom.h"

namespace tern::prover {

std::string_view nameOf(Axiom axiom) {
  static constexpr std::string_view names[] = {
      "exp-sum",
      "exp-log",
      "cis-sum",
      "log-product",
      "power-product",
      "sum-exchange",
      "sum-split",
      "sum-delta",
      "sum-bijection",
      "orthogonal",
      "maximum-shift",
      "maximum-scale",
      "maximum-increasing",
      "order-increasing",
      "truth-cases",
      "round-odd",
      "round-twice",
      "round-monotone",
      "round-power-of-two",
      "erf-odd",
      "topk-entry",
      "float-exact",
      "float-monotone",
  };
  static_assert(std::size(names) == size_t(Axiom::Count));
  return names[size_t(axiom)];
}

} // namespace tern::prover
