// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TRANSFORMERS
#define TERN_TRANSFORMERS

include "dialects/Tern/IR/TernTerms.td"

//===- Transformers -------------------------------------------------------===//

def Tern_RotaryOp : Tern_Term<"rotary"> {
  let summary = "turn pairs of elements by an angle";
  let description = [{
    Rotary embedding of `x[t,..,d]` by the cosines and sines `[t,i]`, `i < n`. Style `half` turns the
    planes `(i, i + n)`, style `interleaved` the planes `(2i, 2i + 1)`: `(a, b)` becomes
    `(a cos - b sin, b cos + a sin)`. Elements from `2n` on stay as they are.

    Constraints:

    - (Q1) `x` has rank 2 or more, `cos` and `sin` have one type of rank 2, and the first extents
      agree.
    - (Q2) `2n` is at most the last extent of `x`.
  }];
  let arguments = (ins Tern_RotaryStyleAttr:$style, Tern_FloatTensor:$x, Tern_FloatTensor:$cos,
                       Tern_FloatTensor:$sin);
  let assemblyFormat = [{
    `` $style $x `,` $cos `,` $sin attr-dict `:` type($x) `,` type($cos) `,` type($sin)
  }];
}

def Tern_AttentionOp : Tern_Term<"attention"> {
  let summary = "softmax attention over keys and values at hand";
  let description = [{
    For query `t` and head `h`, with key head `g = h * G / H`:
    `score[s] = cap(scale * sum over d of query[t,h,d] * key[s,g,d]) + mask[t,s]`, or `mask[h,t,s]`,
    `result[t,h] = sum over s of softmax(score)[s] * value[s,g]`, where `cap(z)` is `z`, or
    `c * tanh(z / c)` if `soft_cap` is a `c` above 0. With `causal`, query `t` of `T` sees the keys
    `s <= S - T + t`; with a `window` w above 0 only those with `s > S - T + t - w`. A query that
    sees no key gives 0.

    Constraints:

    - (T1) `query` is `[T, H, D]`, `key` `[S, G, D]`, `value` `[S, G, E]`, `mask` `[T, S]` or
      `[H, T, S]`.
    - (T2) `G` divides `H`.
    - (T3) `window` and `soft_cap` are not negative.
  }];
  let arguments = (ins Tern_FloatTensor:$query, Tern_FloatTensor:$key, Tern_FloatTensor:$value,
                       Optional<Tern_FloatTensor>:$mask, F64Attr:$scale, UnitAttr:$causal,
                       DefaultValuedAttr<I64Attr, "0">:$window,
                       DefaultValuedAttr<F64Attr, "0.0">:$soft_cap);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`mask` $mask^)? `scale` $scale (`causal` $causal^)?
    (`window` $window^)? (`soft_cap` $soft_cap^)? attr-dict
    `:` type($query) `,` type($key) `,` type($value) (`,` type($mask)^)?
  }];
  let hasVerifier = 1;
}

//===- Sampling -----------------------------------------------------------===//

def Tern_SampleOp : Tern_Op<"sample", [Pure, InferTypeOpAdaptor]> {
  let summary = "draw the next token of each row";
  let description = [{
    The scores of row `r` are its `logits`; the row of `parameters` is temperature, top-k, top-p,
    min-p, typical-p, repetition penalty, a number `u` in [0, 1) and 0. Each step sees the softmax
    of the scores that are left:

    1. Penalty p: each token of row r's history, which is `history` from `history_start[r]` below
       `history_start[r + 1]`, counted once, has its score multiplied by p if that is below 0, else
       divided by it.
    2. Temperature 0: the token is the largest score (the lowest index of several) and has
       probability 1; nothing below applies. Else scores are divided by the temperature.
    3. Top-k, if above 0: scores below the k-th largest go; equals of that stay.
    4. Top-p, if below 1: in ascending order (of equal scores the lower index first) scores go while
       the sum of probabilities so far, their own included, is at most 1 - p; the last one stays.
    5. Min-p, if above 0: what has less than min-p times the largest probability goes.
    6. Typical-p, if below 1: scores are taken by rising |-ln(probability) - entropy| until their
       sum of probabilities reaches p; equals of the last one stay, all others go.

    `probabilities` is the softmax of what is left, 0 elsewhere; `token` is the least index at which
    the sum of probabilities up to it, itself included, is above `u`.

    Constraints:

    - (U1) `logits` is f32 `[R, V]`, `history` i32 `[H]`, `history_start` i32 `[R + 1]`,
      `parameters` f32 `[R, 8]`.
  }];
  let arguments = (ins Tern_FloatTensor:$logits, Tern_IndexTensor:$history,
                       Tern_IndexTensor:$history_start, Tern_FloatTensor:$parameters);
  let results = (outs AnyRankedTensor:$token, AnyRankedTensor:$probabilities);
  let assemblyFormat = [{
    $logits `,` $history `,` $history_start `,` $parameters attr-dict
    `:` type($logits) `,` type($history) `,` type($history_start) `,` type($parameters)
  }];
}

#endif
