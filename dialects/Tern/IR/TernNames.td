// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_NAMES
#define TERN_NAMES

include "dialects/Tern/IR/TernTerms.td"

def Tern_DimOp : Tern_Op<"dim", [Symbol]> {
  let summary = "declare a named dimension";
  let description = [{
    A size that is known when the program runs, between `min` and `max`, both included.

    Constraints:

    - (D1) `0 <= min <= max < 2^31`.

    Example:

    ```mlir
    // New tokens of a step.
    tern.dim @T from 1 to 512
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$min, I64Attr:$max);
  let assemblyFormat = "$sym_name `from` $min `to` $max attr-dict";
  let hasVerifier = 1;
}

def Tern_WeightOp : Tern_TypedTerm<"weight"> {
  let summary = "a tensor of the checkpoint, by name";
  let description = [{
    The tensor called `name` in the checkpoint that the module's `tern.checkpoint` attribute names.
    In a layer template the name holds `{}`, which stands for `layer`. Integers are read from the
    tensor's bytes, whatever its own type: the shape has as many bytes as the tensor.

    Constraints:

    - (W1) `name` holds `{}` once if `layer` is given, else not at all.
    - (W2) The shape is static.

    Example:

    ```mlir
    %w = tern.weight "blk.{}.attn_q.weight" at %layer : tensor<576x576x!tern.block<4, 32, f16, min>>
    ```
  }];
  let arguments = (ins StrAttr:$name, Optional<Index>:$layer);
  let assemblyFormat = "$name (`at` $layer^)? attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Tern_ConstantOp : Tern_Op<"constant", [Pure, TermOpInterface, ConstantLike,
                                           AllTypesMatch<["value", "result"]>]> {
  let summary = "a tensor written in the program";
  let description = [{
    Example:

    ```mlir
    %half = tern.constant dense<0.5> : tensor<f32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
}

#endif
