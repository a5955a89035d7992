// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_PROVER_AXIOM_H
#define TERN_PASSES_SATURATE_PROVER_AXIOM_H

#include <bitset>
#include <string_view>

namespace tern::prover {

/// What proofs assume beyond the laws of ordered fields. A proof names those it used.
enum class Axiom {
  ExpSum,       ///< e^(a+b) = e^a e^b
  ExpLog,       ///< e^(c log a) = a^c
  CisSum,       ///< e^(i(a+b)) = e^(ia) e^(ib), cos and sin by it
  LogProduct,   ///< log(a b) = log a + log b for a > 0, log e^a = a
  PowerProduct, ///< (a b)^p = a^p b^p where all are defined
  SumExchange,  ///< a sum of sums is one sum
  SumSplit,     ///< what a sum does not bind leaves it; sums of products without common indices
  SumDelta,     ///< sum over i of [i = k] f(i) is f(k) if k is in range
  SumBijection, ///< sum over i of f(b(i)) is sum over i of f(i)
  Orthogonal,   ///< sum over j of q(k,j) q(l,j) is [k = l]
  MaximumShift, ///< max(a + c, b + c) = max(a, b) + c
  MaximumScale, ///< max(c a, c b) = c max(a, b) for c >= 0
  MaximumIncreasing, ///< max(f(a), f(b)) = f(max(a, b)) for increasing f
  OrderIncreasing,   ///< f(a) > f(b) is a > b for increasing f
  TruthCases,        ///< f(x) = b f(x with b true) + (1 - b) f(x with b false)
  RoundOdd,          ///< rnd(-x) = -rnd(x)
  RoundTwice,        ///< rnd(rnd(x)) = rnd(x)
  RoundMonotone,     ///< rnd(max(a, b)) = max(rnd(a), rnd(b))
  RoundPowerOfTwo,   ///< rnd(2^k x) = 2^k rnd(x), without under- or overflow
  ErfOdd,            ///< erf(-x) = -erf(x)
  TopkEntry,         ///< of a row that is not empty, the k >= 1 largest include its first maximum
  FloatExact,        ///< +, *, max commute; signs and powers of two leave float operations exactly
  FloatMonotone,     ///< max(a + c, b + c) = max(a, b) + c after rounding
  Count
};

using Axioms = std::bitset<size_t(Axiom::Count)>;

std::string_view nameOf(Axiom axiom);

} // namespace tern::prover

#endif
