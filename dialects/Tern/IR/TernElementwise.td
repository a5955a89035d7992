// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_ELEMENTWISE
#define TERN_ELEMENTWISE

include "dialects/Tern/IR/TernTerms.td"

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

#endif
