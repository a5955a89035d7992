// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_DIALECT
#define TERN_DIALECT

include "mlir/IR/OpBase.td"

def Tern_Dialect : Dialect {
  let name = "tern";
  let cppNamespace = "::tern";
  let summary = "whole-tensor mathematics of transformers";
  let description = [{
    A model is a term: operations without side effects over ranked tensors. A dynamic size has a
    name (`tern.dim`), and the encoding `#tern.dims<...>` of a tensor type says which expression of
    names each `?` is, so that two `?` that are equal are known to be equal.

    **Axes.** Operations that move or sum axes carry a string of letters, one letter an axis, as in
    einsum: `"tk,nk->tn"`. Letters of one operand differ, and one letter has one extent in the
    whole string. A part after a slash (`"tk/k"`) names the axes that the operation works along.

    **Splats.** An operand of rank 0 of an element-wise operation stands for a tensor of the other
    operand's shape. All other broadcasts are written (`tern.broadcast`).

    **Storage.** Elements of type `!tern.block` are numbers stored in blocks with a shared scale.
    `tern.contract` and `tern.gather` read any storage type: the number that an element stands for
    is what they compute with.

    **A model** is a module with the attribute `tern.model`, a dictionary: `family` (text),
    `vocabulary` and `context` (i64), `bos` (i64), `eos` (array of i64) and `add_bos` (bool). Tokens
    and sizes are below 2^31. `tern.checkpoint` has the hash of each of its files by name,
    `tern.numerics` how it is rounded.

    **Meaning.** The law of each operation is over the reals; `Reference/` computes it in plain
    loops in f64. Only `tern.cast` and `tern.quantise` round on purpose (tier L).
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let hasOperationAttrVerify = 1;
  let extraClassDeclaration = "void registerAttributesAndTypes();";
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect"];
}

#endif
