// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEMPLATES
#define TERN_TEMPLATES

include "dialects/Tern/IR/TernTerms.td"

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
