// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_ATTRS
#define TERN_ATTRS

include "dialects/Tern/IR/TernDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/TensorEncoding.td"

class Tern_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<Tern_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

def Tern_ExtentAttr : Tern_Attr<"Extent", "extent"> {
  let summary = "a size: a sum of named dimensions with integer factors";
  let description = [{
    `2 * S + T + 1`. Terms are kept in the order of their names, equal names are added and
    zeros dropped, so equal sums are equal attributes.
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::StringAttr">:$names,
                        ArrayRefParameter<"int64_t">:$factors,
                        "int64_t":$constant);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    static ExtentAttr getConstant(::mlir::MLIRContext *context, int64_t value);
    static ExtentAttr getName(::mlir::MLIRContext *context, ::llvm::StringRef name);
    bool isConstant() const { return getNames().empty(); }
    ExtentAttr plus(ExtentAttr other) const;
    ExtentAttr times(int64_t factor) const;
    /// Prints or parses without the attribute's mnemonic and brackets.
    void printSum(::llvm::raw_ostream &os) const;
    static ::mlir::FailureOr<ExtentAttr> parseSum(::mlir::AsmParser &parser);
  }];
}

def Tern_DimsAttr : Tern_Attr<"Dims", "dims", [
    DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let summary = "the sizes of a tensor's dynamic axes";
  let description = [{
    `tensor<?x?x64xf32, #tern.dims<T, S + T>>`: one sum for each `?`, in order.
  }];
  let parameters = (ins ArrayRefParameter<"::tern::ExtentAttr">:$extents);
  let hasCustomAssemblyFormat = 1;
}

def Tern_PanelsAttr : Tern_Attr<"Panels", "panels", [
    DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let summary = "a matrix packed for the contraction schema";
  let description = [{
    The encoding of a packed `[N, K]` matrix: panels of `width` rows (columns of the product), k
    ascending inside a panel. Of a stack `[E, N, K]` the matrices lie one after the other. With
    `alternating`, the panels of the first half of the rows and those of the second take turns, so
    that a kernel that reads both halves at once reads what lies side by side. The bytes are those
    of `passes/CPU/Pack.h`.
  }];
  let parameters = (ins "int64_t":$width, "bool":$alternating);
  let hasCustomAssemblyFormat = 1;
}

def Tern_RotaryStyle : I32EnumAttr<"RotaryStyle", "which elements turn together", [
    I32EnumAttrCase<"half", 0>, I32EnumAttrCase<"interleaved", 1>]> {
  let cppNamespace = "::tern";
  let genSpecializedAttr = 0;
}
def Tern_RotaryStyleAttr : EnumAttr<Tern_Dialect, Tern_RotaryStyle, "rotary_style">;

def Tern_Schema : I32EnumAttr<"Schema", "the kernel schema that lowers a dispatch", [
    I32EnumAttrCase<"contraction", 0>, I32EnumAttrCase<"attention", 1>,
    I32EnumAttrCase<"rows", 2>, I32EnumAttrCase<"gather", 3>, I32EnumAttrCase<"append", 4>,
    I32EnumAttrCase<"pack", 5>, I32EnumAttrCase<"sampling", 6>,
    I32EnumAttrCase<"loops", 7>, I32EnumAttrCase<"fold", 8>,
    I32EnumAttrCase<"selection", 9>, I32EnumAttrCase<"recurrence", 10>,
    I32EnumAttrCase<"scatter", 11>, I32EnumAttrCase<"scalars", 12>]> {
  let cppNamespace = "::tern";
  let genSpecializedAttr = 0;
}
def Tern_SchemaAttr : EnumAttr<Tern_Dialect, Tern_Schema, "schema">;

#endif
