// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TYPES
#define TERN_TYPES

include "dialects/Tern/IR/TernDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinTypeInterfaces.td"

class Tern_Type<string name, string typeMnemonic> : TypeDef<Tern_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Tern_BlockType : Tern_Type<"Block", "block"> {
  let summary = "numbers stored as small codes in blocks with a shared scale";
  let description = [{
    An element type. `group` neighbours along the last axis share a `scale`; an element of code `q`
    stands for `(q - zero) * scale`, or for `q * scale + min` where the block stores a minimum of the
    scale's type. Codes are `bits` wide; they are signed where `zero` is 0 and there is no minimum.

    - `!tern.block<8, 32, f16>` is GGUF's Q8_0
    - `!tern.block<4, 32, f16, zero = 8>` is Q4_0
    - `!tern.block<4, 32, f16, min>` is Q4_1
    - `!tern.block<8, 32, f32>` is an activation quantised at run time

    Constraints:

    - (B1) `bits` is 4 or 8, `group` is positive and `scale` is f16 or f32.
    - (B2) `zero` is a code, and 0 where there is a minimum.
  }];
  let parameters = (ins "unsigned":$bits, "int64_t":$group, "::mlir::FloatType":$scale,
                        DefaultValuedParameter<"int64_t", "0">:$zero,
                        DefaultValuedParameter<"bool", "false">:$minimum);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// GGUF's name ("q4_1"), or an empty string if GGUF has none.
    ::llvm::StringRef getGgufName() const;
    /// The type of that name; null if there is none.
    static BlockType fromGgufName(::mlir::MLIRContext *context, ::llvm::StringRef name);
  }];
}

#endif
