// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_REDUCTIONS
#define TERN_REDUCTIONS

include "dialects/Tern/IR/TernTerms.td"

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

#endif
