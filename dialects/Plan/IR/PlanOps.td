// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef PLAN_OPS
#define PLAN_OPS

include "dialects/Plan/IR/PlanDialect.td"
include "dialects/Plan/IR/PlanEnums.td"
include "dialects/Tern/IR/TernAttrs.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/SymbolInterfaces.td"

def Plan_SpaceAttr : EnumAttr<Plan_Dialect, Plan_Space, "space">;

def Plan_BufferType : TypeDef<Plan_Dialect, "Buffer"> {
  let mnemonic = "buffer";
  let summary = "a range of a space";
}

def Plan_Extents : TypedArrayAttrBase<Tern_ExtentAttr, "sums of named dimensions">;

class Plan_Op<string mnemonic, list<Trait> traits = []> : Op<Plan_Dialect, mnemonic, traits>;

def Plan_ProgramOp : Plan_Op<"program", [Symbol, IsolatedFromAbove, NoTerminator, SingleBlock,
                                         NoRegionArguments]> {
  let summary = "a list of commands";
  let description = [{
    Runs the launches and copies of the body in order, with `arena_bytes` of working memory. The
    arguments are named tensors of the types given, inputs first; `input_count` says how many are
    inputs.

    Constraints:

    - (P1) `names` and `types` have one length, and `input_count` is at most that.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrArrayAttr:$names, TypeArrayAttr:$types,
                       I64Attr:$input_count, I64Attr:$arena_bytes);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `arguments` $names $types `inputs` $input_count `arena` $arena_bytes
    attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
}

def Plan_BufferOp : Plan_Op<"buffer", [HasParent<"ProgramOp">]> {
  let summary = "a range of a space";
  let description = [{
    `name` is the argument, weight or cache whose memory this is, empty for the arena. It has `bytes`
    bytes, multiplied by each of `times`: the extents of a tensor with more than one dynamic axis.
    A weight is `of` the type that the checkpoint's tensor must have.

    Constraints:

    - (B1) A source buffer has a tensor type, and no other buffer has one.

    Example:

    ```mlir
    %0 = plan.buffer arena "" from 4096 bytes #tern.extent<2304 * T>
    %1 = plan.buffer source "model.norm.weight" from 0 bytes <256> of tensor<64xf32>
    ```
  }];
  let arguments = (ins Plan_SpaceAttr:$space, StrAttr:$name, I64Attr:$offset,
                       Tern_ExtentAttr:$bytes, OptionalAttr<Plan_Extents>:$times,
                       OptionalAttr<TypeAttrOf<AnyRankedTensor>>:$tensor);
  let results = (outs Plan_BufferType:$result);
  let assemblyFormat = [{
    `` $space $name `from` $offset `bytes` $bytes (`times` $times^)? (`of` $tensor^)? attr-dict
  }];
  let hasVerifier = 1;
}

def Plan_LaunchOp : Plan_Op<"launch", [HasParent<"ProgramOp">,
                                       DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "run the tiles of a kernel";
  let description = [{
    `indices` are the values of the dispatch's index operands (a layer). `sizes` and `tiles` are known
    once the kernel is generated. With `if` no tile runs unless that sum is positive: of two kernels
    that do the same, each for some sizes, one runs.

    Constraints:

    - (L1) `kernel` is a kernel of the module.
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<Plan_BufferType>:$buffers,
                       DenseI64ArrayAttr:$indices,
                       OptionalAttr<Plan_Extents>:$sizes,
                       OptionalAttr<Tern_ExtentAttr>:$tiles,
                       OptionalAttr<Tern_ExtentAttr>:$condition);
  let assemblyFormat = [{
    $kernel `(` $buffers `)` `indices` $indices (`sizes` $sizes^)? (`tiles` $tiles^)?
    (`if` $condition^)? attr-dict
  }];
}

def Plan_CopyOp : Plan_Op<"copy", [HasParent<"ProgramOp">]> {
  let summary = "copy bytes";
  let description = "`bytes` bytes, multiplied by each of `times`.";
  let arguments = (ins Plan_BufferType:$destination, Plan_BufferType:$source,
                       Tern_ExtentAttr:$bytes, OptionalAttr<Plan_Extents>:$times);
  let assemblyFormat = "$source `to` $destination `bytes` $bytes (`times` $times^)? attr-dict";
}

def Plan_PackedOp : Plan_Op<"packed", [Symbol]> {
  let summary = "what the load program makes and others read";
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$bytes);
  let assemblyFormat = "$sym_name `bytes` $bytes attr-dict";
}

def Plan_KernelOp : Plan_Op<"kernel", [Symbol, IsolatedFromAbove, NoTerminator]> {
  let summary = "a kernel: a dispatch and how its operands lie in memory";
  let description = [{
    `row_strides` are those of the dispatch's inputs, then of its results: elements from one row to
    the next, 0 where the operand has no rows, the least i64 where rows lie side by side and their
    size is known when the program runs. Once the kernel is generated the body is empty, a function
    of the module `code` has the same name, `scratch` says how many bytes of working memory a thread
    needs, and `remark` why the kernel is not from its best schema, if it is not.

    A kernel for a GPU is a function of the module `device`, and `block` says how it is started:
    threads of a block, tiles that a block runs, bytes of shared memory. Its `scratch` is global
    memory for each tile, which it gets as one argument before the number of tiles.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, DenseI64ArrayAttr:$row_strides,
                       OptionalAttr<I64Attr>:$scratch, OptionalAttr<DenseI64ArrayAttr>:$block,
                       OptionalAttr<StrAttr>:$remark);
  let regions = (region AnyRegion:$body);
  let assemblyFormat = [{
    $sym_name `strides` $row_strides (`scratch` $scratch^)? (`block` $block^)? (`remark` $remark^)?
    attr-dict-with-keyword $body
  }];
}

#endif
