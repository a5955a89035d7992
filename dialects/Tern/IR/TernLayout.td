// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_LAYOUT
#define TERN_LAYOUT

include "dialects/Tern/IR/TernTerms.td"

//===- Layout -------------------------------------------------------------===//

def Tern_BroadcastOp : Tern_TypedTerm<"broadcast"> {
  let summary = "repeat along new axes";
  let description = [{
    `"k->tk"`: `result[t,k] = x[k]`.

    Constraints:

    - (L1) `axes` has one operand; its letters are some of the result's; the ranks fit.
    - (L2) Axes of one letter have one extent.
    - (L3) Operand and result have one element type.
  }];
  let arguments = (ins StrAttr:$axes, Tern_Tensor:$x);
  let assemblyFormat = "$axes $x attr-dict `:` type($x) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tern_TransposeOp : Tern_Term<"transpose"> {
  let summary = "reorder axes";
  let description = [{
    `"tk->kt"`: `result[k,t] = x[t,k]`.

    Constraints:

    - (L4) The result's letters are the operand's in another order, as many as its rank.
  }];
  let arguments = (ins StrAttr:$axes, Tern_Tensor:$x);
  let assemblyFormat = "$axes $x attr-dict `:` type($x)";
  let hasFolder = 1;
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location> location, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return inferTransposed(location, adaptor.getAxes(), adaptor.getX().getType(), types);
    }
  }];
}

def Tern_ReshapeOp : Tern_TypedTerm<"reshape"> {
  let summary = "regroup axes, row-major";
  let description = [{
    The elements in the same row-major order under another shape.

    Constraints:

    - (L3) Operand and result have one element type.
    - (L5) They have as many elements: their dynamic extents are the same in the same order, and
      the products of the static ones are equal.
  }];
  let arguments = (ins Tern_Tensor:$x);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tern_SliceOp : Tern_Term<"slice"> {
  let summary = "a range of one axis";
  let description = [{
    Indices `offset` to `offset + size - 1` of axis `axis`.

    Constraints:

    - (S1) `axis` is an axis, `offset >= 0` and `size >= 0`.
    - (S2) The range lies inside the axis, if its extent is known.
  }];
  let arguments = (ins Tern_Tensor:$x, I64Attr:$axis, I64Attr:$offset, I64Attr:$size);
  let assemblyFormat = "$x `axis` $axis `from` $offset `size` $size attr-dict `:` type($x)";
  let hasFolder = 1;
}

def Tern_PadOp : Tern_Term<"pad"> {
  let summary = "zeros before and after along one axis";
  let description = [{
    Along axis `axis` `low` zeros, the operand, and `high` zeros.

    Constraints:

    - (S3) `axis` is an axis, `low >= 0` and `high >= 0`.
  }];
  let arguments = (ins Tern_PlainTensor:$x, I64Attr:$axis, I64Attr:$low, I64Attr:$high);
  let assemblyFormat = "$x `axis` $axis `low` $low `high` $high attr-dict `:` type($x)";
  let hasFolder = 1;
}

def Tern_ConcatOp : Tern_Term<"concat"> {
  let summary = "join along one axis";
  let description = [{
    The operands one after the other along `axis`.

    Constraints:

    - (J1) There is an operand, and `axis` is an axis of it.
    - (J2) The operands agree in element type and in all other extents.
  }];
  let arguments = (ins Variadic<Tern_Tensor>:$operands, I64Attr:$axis);
  let assemblyFormat = "$operands `axis` $axis attr-dict `:` type($operands)";
}

def Tern_GatherOp : Tern_Term<"gather"> {
  let summary = "rows by index";
  let description = [{
    `"vd,t->td"`: `result[t,d] = table[indices[t], d]`: the one letter of the table that the result
    lacks is read at the index. The result's elements are the table's, or f32 if that is a storage
    type.

    Constraints:

    - (G1) `axes` has two operands; the result has all letters of the indices, and all of the table's
      but one.
    - (G2) The operands have the ranks that `axes` says, and axes of one letter one extent.

    An index outside the table is the caller's mistake: the reference refuses it, and the runtime
    checks token ids before a step.
  }];
  let arguments = (ins StrAttr:$axes, Tern_Tensor:$table, Tern_IndexTensor:$indices);
  let assemblyFormat = "$axes $table `,` $indices attr-dict `:` type($table) `,` type($indices)";
}

def Tern_ScatterAddOp : Tern_TypedTerm<"scatter_add"> {
  let summary = "rows added where an index says";
  let description = [{
    `"td,t->vd"`: `result[v,d]` is the sum of `x[t,d]` over the `t` with `indices[t] = v`, ascending:
    the one letter of the result that neither operand has is written at the index. What has an index
    outside of that axis is added nowhere.

    Constraints:

    - (G3) `axes` has two operands; the result has one letter that `x` lacks, and `x` has all others
      of the result and of the indices.
    - (G4) Operands and result have the ranks that `axes` says, and axes of one letter one extent.
    - (G5) `x` and the result have one element type.
  }];
  let arguments = (ins StrAttr:$axes, Tern_FloatTensor:$x, Tern_IndexTensor:$indices);
  let assemblyFormat = [{
    $axes $x `,` $indices attr-dict `:` type($x) `,` type($indices) `to` type($result)
  }];
  let hasVerifier = 1;
}

//===- Indices ------------------------------------------------------------===//

def Tern_IotaOp : Tern_TypedTerm<"iota"> {
  let summary = "the index along an axis";
  let description = [{
    `"s->ts"`: `result[t,s] = s`, rounded to the result's element type.

    Constraints:

    - (I1) `axes` has one letter as operand, and the result's axes, of which it is one.
  }];
  let arguments = (ins StrAttr:$axes);
  let results = (outs Tern_PlainTensor:$result);
  let assemblyFormat = "$axes attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Tern_SizeOp : Tern_TypedTerm<"size"> {
  let summary = "a number of elements";
  let description = [{
    The product of the extents, rounded to the result's element type: 1 without any.

    Example:

    ```mlir
    // 64 times the tokens of the step.
    %n = tern.size <T, 64> : tensor<f32>
    ```
  }];
  let arguments = (ins Tern_DimsAttr:$extents);
  let results = (outs 0DTensorOf<[AnyFloat, AnySignlessInteger]>:$result);
  let assemblyFormat = "$extents attr-dict `:` type($result)";
  let hasFolder = 1;
}

def Tern_OneHotOp : Tern_TypedTerm<"one_hot"> {
  let summary = "1 where an axis' index is the given one";
  let description = [{
    `"t->tv"`: `result[t,v] = indices[t] = v ? 1 : 0`: the one letter that the indices lack is
    compared with them. An index outside of that axis has zeros alone.

    Constraints:

    - (G6) `axes` has one operand; the result has its letters and one more.
    - (G4) Operands and result have the ranks that `axes` says, and axes of one letter one extent.
  }];
  let arguments = (ins StrAttr:$axes, Tern_IndexTensor:$indices);
  let results = (outs Tern_PlainTensor:$result);
  let assemblyFormat = "$axes $indices attr-dict `:` type($indices) `to` type($result)";
  let hasVerifier = 1;
}

#endif
