// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_STORAGE
#define TERN_STORAGE

include "dialects/Tern/IR/TernTerms.td"

def Tern_QuantiseOp : Tern_TypedTerm<"quantise"> {
  let summary = "round to codes in blocks along the last axis (tier L)";
  let description = [{
    For each block of the result's type: `scale = max |x| / (2^(bits-1) - 1)` rounded to the scale's
    type, and each code `x / scale` rounded to nearest, ties to even (0 where the scale is 0).

    Constraints:

    - (C1) Operand and result have one shape.
    - (Z1) The result's blocks are signed, with one scale each and without a minimum.
    - (Z2) The last extent is a multiple of the group.
    - (Z4) `correction` is "none", "-8", "-128", "scaled" or "halves".

    The correction does not change the numbers. It is what a kernel on 8-bit blocks of 32 stores
    beside each scale for the one that reads them: -8 or -128 times the sum of the codes, the scale
    times that sum, or the sums of the codes of each half of the block.
  }];
  let arguments = (ins Tern_FloatTensor:$x, DefaultValuedAttr<StrAttr, "\"none\"">:$correction);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($result)";
  let hasVerifier = 1;
  let extraClassDeclaration = "bool isLossy() { return true; }";
}

def Tern_DequantiseOp : Tern_Term<"dequantise"> {
  let summary = "the numbers that a storage type stands for";
  let description = [{
    Each element as f32, as its type says: `(code - zero) * scale`, `code * scale + min` or
    `table[code] * scale`.

    Constraints:

    - (Z3) The operand's elements are of a block type.
  }];
  let arguments = (ins Tern_Tensor:$x);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Tern_BlocksOp : Tern_TypedTerm<"blocks"> {
  let summary = "numbers of a storage type from their codes and scales (load-bound)";
  let description = [{
    `result[n,k]` is what the code `codes[n,k]` stands for in a block of scale `scales[n, k / E]`, E
    the elements of a block. With `zeros` it is `(codes[n,k] - zeros[n, k / E]) * scales[n, k / E]`.

    Constraints:

    - (O1) `codes` is a static matrix of i8 and has the result's shape.
    - (O2) The result's elements are blocks of codes of 4 or 8 bits with one scale in f16 or f32 and
      no minimum, or, with `zeros`, with scale codes and minima.
    - (O3) `scales` are of the type's scale, one for each block of a row; `zeros` of i8 as many.
  }];
  let arguments = (ins Tern_Tensor:$codes, Tern_FloatTensor:$scales, Optional<Tern_Tensor>:$zeros);
  let assemblyFormat = [{
    $codes `,` $scales (`zeros` $zeros^)? attr-dict
    `:` type($codes) `,` type($scales) (`,` type($zeros)^)? `to` type($result)
  }];
  let hasVerifier = 1;
}

def Tern_PackOp : Tern_Term<"pack"> {
  let summary = "lay weights out for the contraction schema (load-bound)";
  let description = [{
    The rows of the operands, one operand after the other, as one matrix with the encoding
    `#tern.panels<32>`. The numbers stay what they are. With `turned`, a row of the result is a
    column of an operand. Stacks of matrices `[E, N, K]` become one stack. With `alternating`, the
    encoding is `#tern.panels<32, alternating>`.

    Constraints:

    - (P1) The operands are static matrices that agree in element type and in the number of columns
      (of rows if `turned`), or static stacks that agree in all but the first axis.
    - (P2) Neither stacks nor blocks are turned.
    - (P3) What alternates is a matrix whose rows are a multiple of 64.
  }];
  let arguments = (ins Variadic<Tern_Tensor>:$operands, UnitAttr:$turned, UnitAttr:$alternating);
  let assemblyFormat = [{
    $operands (`turned` $turned^)? (`alternating` $alternating^)? attr-dict `:` type($operands)
  }];
}

#endif
