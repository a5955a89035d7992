// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_OPS
#define TERN_OPS

include "dialects/Tern/IR/TermInterface.td"
include "dialects/Tern/IR/TernAttrs.td"
include "dialects/Tern/IR/TernTypes.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Tern_Op<string mnemonic, list<Trait> traits = []> : Op<Tern_Dialect, mnemonic, traits>;

/// An operation of the algebra: pure, a term, its type inferred.
class Tern_Term<string mnemonic, list<Trait> traits = []>
    : Tern_Op<mnemonic, !listconcat([Pure, InferTypeOpAdaptor, TermOpInterface], traits)> {
  let results = (outs AnyRankedTensor:$result);
}

/// The same, where the operands do not determine the result's type.
class Tern_TypedTerm<string mnemonic, list<Trait> traits = []>
    : Tern_Op<mnemonic, !listconcat([Pure, TermOpInterface], traits)> {
  let results = (outs AnyRankedTensor:$result);
}

def Tern_Number : AnyTypeOf<[AnyFloat, AnySignlessInteger, Index, Tern_BlockType]>;
def Tern_Tensor : RankedTensorOf<[Tern_Number]>;
def Tern_FloatTensor : RankedTensorOf<[AnyFloat]>;
def Tern_PlainTensor : RankedTensorOf<[AnyFloat, AnySignlessInteger]>;
def Tern_IndexTensor : RankedTensorOf<[I32, I64]>;

//===- Names --------------------------------------------------------------===//

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

//===- Element-wise -------------------------------------------------------===//

class Tern_Unary<string mnemonic, string law, TypeConstraint operand = Tern_FloatTensor>
    : Tern_Term<mnemonic> {
  let summary = law;
  let description = "`result[i] = " # law # "`, for every index `i` of the operand.";
  let arguments = (ins operand:$x);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location>, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      types.push_back(adaptor.getX().getType());
      return ::mlir::success();
    }
  }];
}

def Tern_NegOp : Tern_Unary<"neg", "-x[i]">;
def Tern_AbsOp : Tern_Unary<"abs", "|x[i]|">;
def Tern_SquareOp : Tern_Unary<"square", "x[i]^2">;
def Tern_SqrtOp : Tern_Unary<"sqrt", "sqrt(x[i])">;
def Tern_RsqrtOp : Tern_Unary<"rsqrt", "1 / sqrt(x[i])">;
def Tern_RecipOp : Tern_Unary<"recip", "1 / x[i]">;
def Tern_ExpOp : Tern_Unary<"exp", "e^x[i]">;
def Tern_LogOp : Tern_Unary<"log", "ln x[i]">;
def Tern_Log1pOp : Tern_Unary<"log1p", "ln(1 + x[i])">;
def Tern_SinOp : Tern_Unary<"sin", "sin x[i]">;
def Tern_CosOp : Tern_Unary<"cos", "cos x[i]">;
def Tern_TanOp : Tern_Unary<"tan", "tan x[i]">;
def Tern_CotOp : Tern_Unary<"cot", "1 / tan x[i]">;
def Tern_TanhOp : Tern_Unary<"tanh", "tanh x[i]">;
def Tern_ErfOp : Tern_Unary<"erf", "erf x[i]">;
def Tern_SigmoidOp : Tern_Unary<"sigmoid", "1 / (1 + e^-x[i])">;
def Tern_SoftplusOp : Tern_Unary<"softplus", "ln(1 + e^x[i])">;
def Tern_ReluOp : Tern_Unary<"relu", "max(x[i], 0)">;
def Tern_SiluOp : Tern_Unary<"silu", "x[i] * sigmoid(x[i])">;
def Tern_GeluOp : Tern_Unary<"gelu", "x[i] * (1 + erf(x[i] / sqrt(2))) / 2">;
def Tern_GeluTanhOp
    : Tern_Unary<"gelu_tanh", "x[i] * (1 + tanh(sqrt(2/pi) * (x[i] + 0.044715 * x[i]^3))) / 2">;
def Tern_QuickGeluOp : Tern_Unary<"quick_gelu", "x[i] * sigmoid(1.702 * x[i])">;
def Tern_RintOp : Tern_Unary<"rint", "the integer nearest to x[i], of two the even one">;
def Tern_NotOp : Tern_Unary<"not", "x[i] = 0 ? 1 : 0", Tern_Tensor>;

class Tern_Binary<string mnemonic, string law, list<Trait> traits = []>
    : Tern_Term<mnemonic, traits> {
  let summary = law;
  let description = "`result[i] = " # law # [{`. An operand of rank 0 is a splat.

    Constraints:

    - (E1) The operands have one element type.
    - (E2) Their shapes are equal, or one of them has rank 0.
  }];
  let arguments = (ins Tern_Tensor:$lhs, Tern_Tensor:$rhs);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location> location, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return inferElementwise(location, adaptor.getOperands().getTypes(), types);
    }
  }];
}

def Tern_AddOp : Tern_Binary<"add", "lhs[i] + rhs[i]", [Commutative]>;
def Tern_SubOp : Tern_Binary<"sub", "lhs[i] - rhs[i]">;
def Tern_MulOp : Tern_Binary<"mul", "lhs[i] * rhs[i]", [Commutative]>;
def Tern_DivOp : Tern_Binary<"div", "lhs[i] / rhs[i]">;
def Tern_PowOp : Tern_Binary<"pow", "lhs[i]^rhs[i]">;
def Tern_MaximumOp : Tern_Binary<"maximum", "max(lhs[i], rhs[i])", [Commutative]>;
def Tern_MinimumOp : Tern_Binary<"minimum", "min(lhs[i], rhs[i])", [Commutative]>;
def Tern_LtOp : Tern_Binary<"lt", "lhs[i] < rhs[i] ? 1 : 0">;
def Tern_LeOp : Tern_Binary<"le", "lhs[i] <= rhs[i] ? 1 : 0">;
def Tern_EqOp : Tern_Binary<"eq", "lhs[i] = rhs[i] ? 1 : 0", [Commutative]>;
// A truth value is a number of the operands' type: 0 is false, all others are true, and true is made
// as 1.
def Tern_AndOp : Tern_Binary<"and", "lhs[i] != 0 and rhs[i] != 0 ? 1 : 0", [Commutative]>;
def Tern_OrOp : Tern_Binary<"or", "lhs[i] != 0 or rhs[i] != 0 ? 1 : 0", [Commutative]>;

def Tern_WhereOp : Tern_Term<"where"> {
  let summary = "choose element by element";
  let description = [{
    `result[i] = condition[i] != 0 ? x[i] : y[i]`; operands of rank 0 are splats.

    Constraints:

    - (E1) The operands have one element type.
    - (E2) Those that are not of rank 0 have one shape.
  }];
  let arguments = (ins Tern_Tensor:$condition, Tern_Tensor:$x, Tern_Tensor:$y);
  let assemblyFormat = [{
    $condition `,` $x `,` $y attr-dict `:` type($condition) `,` type($x) `,` type($y)
  }];
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location> location, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return inferElementwise(location, adaptor.getOperands().getTypes(), types);
    }
  }];
}

def Tern_CastOp : Tern_TypedTerm<"cast"> {
  let summary = "round to another element type";
  let description = [{
    Each element rounded to the result's element type: to nearest, ties to even; to an integer,
    toward zero. Exact if the type holds every value of the operand's.

    Constraints:

    - (C1) Operand and result have one shape.
  }];
  let arguments = (ins Tern_Tensor:$x);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = "bool isLossy();";
}

//===- Contraction and reductions -----------------------------------------===//

def Tern_ContractOp : Tern_Term<"contract"> {
  let summary = "sum of products over all axes that the result lacks";
  let description = [{
    `"tk,nk->tn"`: `result[t,n] = sum over k of lhs[t,k] * rhs[n,k]`. The summed letters run in
    their order of appearance, ascending, and the sum starts at +0. Elements of a storage type count
    as the numbers that they stand for. With `groups`, the right operand has one more axis in
    front, and row `t` (the first letter of the left operand) uses `rhs[groups[t]]`; groups of more
    axes number as many first axes of the left operand.

    The result's elements are f32, or f64 if both operands' are.

    Constraints:

    - (M1) `axes` has two operands and a result; each letter of the result stands in an operand.
    - (M2) The operands have the ranks that `axes` says (the right one has one more with `groups`).
    - (M3) Axes of one letter have one extent.
    - (M4) `groups` has the extents of the left operand's first axes, one at least.

    Example:

    ```mlir
    %y = tern.contract "tk,nk->tn" %x, %w : tensor<?x64xf32, #tern.dims<T>>, tensor<96x64xbf16>
    ```
  }];
  let arguments = (ins StrAttr:$axes, Tern_Tensor:$lhs, Tern_Tensor:$rhs,
                       Optional<Tern_IndexTensor>:$groups);
  let assemblyFormat = [{
    $axes $lhs `,` $rhs (`groups` $groups^)? attr-dict `:` type($lhs) `,` type($rhs) (`,` type($groups)^)?
  }];
}

class Tern_Reduction<string mnemonic, string law, string ofNothing> : Tern_Term<mnemonic> {
  let summary = law # " over the axes that the result lacks";
  let description = [{
    `"tk->t"`: `result[t]` is the }] # law # [{ of `x[t,k]` over `k`, ascending; of nothing it is }]
    # ofNothing # [{.

    Constraints:

    - (R1) `axes` has one operand, of the operand's rank, and the result's letters are some of its.
  }];
  let arguments = (ins StrAttr:$axes, Tern_FloatTensor:$x);
  let assemblyFormat = "$axes $x attr-dict `:` type($x)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location> location, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return inferRearranged(location, adaptor.getAxes(), adaptor.getX().getType(), types);
    }
  }];
}

def Tern_SumOp : Tern_Reduction<"sum", "sum", "0">;
def Tern_MeanOp : Tern_Reduction<"mean", "mean", "NaN">;
def Tern_AmaxOp : Tern_Reduction<"amax", "largest", "-infinity">;
def Tern_AminOp : Tern_Reduction<"amin", "smallest", "infinity">;
// m + ln(sum of e^(x - m)), m the largest x; m alone where that is infinite.
def Tern_LogSumExpOp
    : Tern_Reduction<"logsumexp", "logarithm of the sum of powers of e", "-infinity">;

/// Operations that keep the shape and work along the axes after the slash.
class Tern_Along<string mnemonic, list<Trait> traits = []> : Tern_Term<mnemonic, traits> {
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location> location, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return inferAlong(location, adaptor.getAxes(), adaptor.getX().getType(), types);
    }
  }];
}

def Tern_SoftmaxOp : Tern_Along<"softmax"> {
  let summary = "softmax along the axes after the slash";
  let description = [{
    `"ts/s"`: `result[t,s] = e^(x[t,s] - m[t]) / sum over s of e^(x[t,s] - m[t])`, `m[t]` the largest
    `x[t,s]`.

    Constraints:

    - (A1) `axes` is the operand's letters, a slash, and some of them.
  }];
  let arguments = (ins StrAttr:$axes, Tern_FloatTensor:$x);
  let assemblyFormat = "$axes $x attr-dict `:` type($x)";
}

def Tern_MaskedSoftmaxOp : Tern_Along<"masked_softmax"> {
  let summary = "softmax of the elements that a mask keeps";
  let description = [{
    `"ts/s"`: the softmax of `x[t,s]` over the `s` with `mask[t,s] != 0`; all others are 0. A row
    whose elements are all left out, or -infinity, is 0.

    Constraints:

    - (A1) `axes` is the operand's letters, a slash, and some of them.
    - (A2) The mask has the operand's type.
  }];
  let arguments = (ins StrAttr:$axes, Tern_FloatTensor:$x, Tern_FloatTensor:$mask);
  let assemblyFormat = "$axes $x `mask` $mask attr-dict `:` type($x) `,` type($mask)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location> location, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return inferMasked(location, adaptor.getAxes(), adaptor.getX().getType(),
                         adaptor.getMask().getType(), types);
    }
  }];
}

def Tern_CumsumOp : Tern_Along<"cumsum"> {
  let summary = "running sum along the axis after the slash";
  let description = [{
    `"ts/s"`: `result[t,s]` is the sum of `x[t,r]` over the `r <= s`.

    Constraints:

    - (A1) `axes` is the operand's letters, a slash, and some of them.
    - (A3) One axis stands after the slash.
  }];
  let arguments = (ins StrAttr:$axes, Tern_FloatTensor:$x);
  let assemblyFormat = "$axes $x attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def Tern_TopKMaskOp : Tern_Along<"top_k_mask"> {
  let summary = "1 at the k largest along the axis after the slash";
  let description = [{
    `"ts/s"`: `result[t,s]` is 1 if fewer than `k` of the `x[t,r]` are larger, or equal and `r < s`;
    else 0. So all are 1 where the axis has `k` elements at most.

    Constraints:

    - (A1) `axes` is the operand's letters, a slash, and some of them.
    - (A3) One axis stands after the slash.
    - (K2) `k` is not negative.
  }];
  let arguments = (ins StrAttr:$axes, Tern_FloatTensor:$x, I64Attr:$k);
  let assemblyFormat = "$axes $x `k` $k attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def Tern_RmsNormOp : Tern_Along<"rms_norm"> {
  let summary = "divide by the root of the mean square";
  let description = [{
    `"tk/k"`: `result[t,k] = x[t,k] / sqrt(mean over k of x[t,k]^2 + epsilon)`. The weights of a
    norm layer are a `tern.mul` of its own.

    Constraints:

    - (A1) `axes` is the operand's letters, a slash, and some of them.
    - (N1) `epsilon` is not negative.
  }];
  let arguments = (ins StrAttr:$axes, Tern_FloatTensor:$x, F64Attr:$epsilon);
  let assemblyFormat = "$axes $x `epsilon` $epsilon attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def Tern_LayerNormOp : Tern_Along<"layer_norm"> {
  let summary = "subtract the mean, divide by the standard deviation";
  let description = [{
    `"tk/k"`: `(x[t,k] - mean) / sqrt(variance + epsilon)`, both over `k`, the variance biased. The
    scale and bias of a norm layer are terms of their own.

    Constraints:

    - (A1) `axes` is the operand's letters, a slash, and some of them.
    - (N1) `epsilon` is not negative.
  }];
  let arguments = (ins StrAttr:$axes, Tern_FloatTensor:$x, F64Attr:$epsilon);
  let assemblyFormat = "$axes $x `epsilon` $epsilon attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def Tern_TopKOp : Tern_Op<"top_k", [Pure, InferTypeOpAdaptor]> {
  let summary = "the k largest along the last axis, and where they are";
  let description = [{
    `values[.., j]` is the j-th largest of `x[..]`, `indices[.., j]` its place; between equal values
    the lower place comes first.

    Constraints:

    - (K1) `0 < k`, and `k` is at most the extent of the last axis.
  }];
  let arguments = (ins Tern_FloatTensor:$x, I64Attr:$k);
  let results = (outs AnyRankedTensor:$values, AnyRankedTensor:$indices);
  let assemblyFormat = "$x `k` $k attr-dict `:` type($x)";
}

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

//===- Storage ------------------------------------------------------------===//

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

//===- Templates, binding times, dispatches -------------------------------===//

def Tern_RepeatOp : Tern_Op<"repeat", [
    InferTypeOpAdaptor, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "apply a layer template to one layer after the other";
  let description = [{
    Calls `callee(layer, carried..., fixed...)` for each of `layers` in order; what it returns is
    `carried` for the next, and the result at the end.

    Constraints:

    - (F1) `callee` is a function of an index, the types of `carried` and of `fixed`, and returns the
      types of `carried`.
    - (F2) `layers` is not empty.

    Example:

    ```mlir
    %y, %c1 = tern.repeat @layer [0, 1, 2] (%x, %c0) with (%cos, %sin)
        : (tensor<?x64xf32, #tern.dims<T>>, !kv.cache<...>) with (...)
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, DenseI64ArrayAttr:$layers,
                       Variadic<AnyType>:$carried, Variadic<AnyType>:$fixed);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{
    $callee $layers `(` $carried `)` (`with` `(` $fixed^ `)`)? attr-dict
    `:` `(` type($carried) `)` (`with` `(` type($fixed)^ `)`)?
  }];
}

def Tern_ChoiceOp : Tern_Term<"choice"> {
  let summary = "one of two terms that are not equal, as the user allows";
  let description = [{
    `keep`, or `fold`, which differs from it by a loss that the user allows, such as a weight that an
    adapter is folded into and rounded again. It means `keep`. No law makes the two equal: extraction
    takes one by its cost and says which in the module's attribute `tern.choices`, under `name`.

    Constraints:

    - (O1) `keep` and `fold` have one type.

    Example:

    ```mlir
    %y = tern.choice "blk.{}.attn_q" %kept, %folded : tensor<?x64xf32>, tensor<?x64xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name, Tern_Tensor:$keep, Tern_Tensor:$fold);
  let assemblyFormat = "$name $keep `,` $fold attr-dict `:` type($keep) `,` type($fold)";
}

def Tern_LoadedOp : Tern_TypedTerm<"loaded", [
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a value that the load program computed";
  let description = [{
    Result `index` of the load function `callee`, which depends on weights alone and runs once; for
    a layer template it is the result for `layer`.

    Constraints:

    - (F3) `callee` is a function of an index if `layer` is given, else of nothing, and its result
      `index` has this type.
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, I64Attr:$index, Optional<Index>:$layer);
  let assemblyFormat = "$callee `result` $index (`at` $layer^)? attr-dict `:` type($result)";
}

def Tern_DispatchOp : Tern_Op<"dispatch", [
    IsolatedFromAbove, RecursiveMemoryEffects, SingleBlock]> {
  let summary = "a kernel to be";
  let description = [{
    The operations of the body, computed by one kernel of `schema`. The body sees the operands as
    its arguments.

    Constraints:

    - (H1) The body's arguments have the types of `inputs`.
    - (H2) The body yields the types of the results.

    Example:

    ```mlir
    %z = tern.dispatch contraction (%x, %w, %r) : (...) -> (...) {
    ^bb0(%a: ..., %b: ..., %c: ...):
      %y = tern.contract "tk,nk->tn" %a, %b : ...
      %s = tern.add %y, %c : ...
      tern.yield %s : ...
    }
    ```
  }];
  let arguments = (ins Tern_SchemaAttr:$schema, Variadic<AnyType>:$inputs);
  let results = (outs Variadic<AnyType>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `` $schema `(` $inputs `)` attr-dict `:` functional-type($inputs, $results) $body
  }];
  let hasVerifier = 1;
}

def Tern_YieldOp : Tern_Op<"yield", [Pure, Terminator, ReturnLike, HasParent<"DispatchOp">]> {
  let summary = "the results of a dispatch";
  let arguments = (ins Variadic<AnyType>:$operands);
  let assemblyFormat = "attr-dict ($operands^ `:` type($operands))?";
}

#endif
