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
  let summary = "numbers stored as small codes in blocks with shared scales";
  let description = [{
    An element type. `group` neighbours along the last axis share a scale; an element of code `q`
    stands for `(q - zero) * scale`, for `q * scale + min` where there is a minimum, for
    `table[q] * scale` where there is a table, or for `numbers(q) * scale` with named numbers: `nf4`
    and `fp4` of bitsandbytes, its integers `i8` that are times 1 / 127 (as rounded to f32), floats
    `e4m3` and `e5m2`. Codes are `bits` wide; codes of 8 bits are signed where `zero` is 0 and there
    is no minimum.

    A block is `groups` groups. Where `scale_bits` is 0 it is one group, and its scale (and minimum)
    has the type `scale`. Else the block has one number of that type (and one for the minima), and
    each group's scale (and minimum) is that number times an integer of `scale_bits`, signed where
    there is no minimum. Where the parts lie among a block's bytes is BlockFormat's matter.

    - `!tern.block<8, 32, f16>` is GGUF's Q8_0
    - `!tern.block<4, 32, f16, zero = 8>` is Q4_0
    - `!tern.block<4, 32, f16, min>` is Q4_1
    - `!tern.block<4, 32, f16, scale_bits = 6, groups = 8, min>` is Q4_K
    - `!tern.block<6, 16, f16, scale_bits = 8, groups = 16, zero = 32>` is Q6_K
    - `!tern.block<4, 32, f8E8M0FNU, table = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8,
      -12]>` is MXFP4
    - `!tern.block<4, 32, f32, numbers = nf4>` are bitsandbytes' blocks
    - `!tern.block<8, 32, f32>` is an activation quantised at run time

    Constraints:

    - (B1) `bits` is 2 to 6 or 8, `group` is positive and `scale` is f16, f32 or f8E8M0FNU.
    - (B2) `zero` is a code, and 0 where there is a minimum or a table.
    - (B3) `scale_bits` is 0 and `groups` 1, or `scale_bits` is 4, 6 or 8.
    - (B4) a table has a number for each code, and excludes a minimum.
    - (B5) named numbers are one for each code, and exclude all that changes a code's number.
  }];
  let parameters = (ins "unsigned":$bits, "int64_t":$group, "::mlir::FloatType":$scale,
                        DefaultValuedParameter<"int64_t", "0">:$zero,
                        DefaultValuedParameter<"bool", "false">:$minimum,
                        DefaultValuedParameter<"unsigned", "0">:$scaleBits,
                        DefaultValuedParameter<"int64_t", "1">:$groups,
                        ArrayRefParameter<"int8_t">:$table,
                        StringRefParameter<"of codes", "\"\"">:$numbers);
  let builders = [TypeBuilder<(ins "unsigned":$bits, "int64_t":$group, "::mlir::FloatType":$scale,
                                   "int64_t":$zero, "bool":$minimum), [{
    return $_get($_ctxt, bits, group, scale, zero, minimum, 0u, int64_t(1),
                 ::llvm::ArrayRef<int8_t>(), ::llvm::StringRef());
  }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// How memory holds it; null for activations.
    const BlockFormat *getFormat() const;
    static BlockType fromFormat(::mlir::MLIRContext *context, const BlockFormat &format);
    /// GGUF's name ("q4_1") or ours ("nf4"), or an empty string if there is none.
    ::llvm::StringRef getGgufName() const;
    /// The type of that name; null if there is none.
    static BlockType fromGgufName(::mlir::MLIRContext *context, ::llvm::StringRef name);
    /// Bits that an element takes in memory, scales included.
    double getBitsPerElement() const;
    /// Elements of a block.
    int64_t getElements() const { return getGroup() * getGroups(); }
  }];
}

#endif
