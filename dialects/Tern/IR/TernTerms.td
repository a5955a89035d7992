// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TERMS
#define TERN_TERMS

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

#endif
