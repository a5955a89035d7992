// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef KV_OPS
#define KV_OPS

include "dialects/KV/IR/KVDialect.td"
include "dialects/Tern/IR/TermInterface.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinTypeInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

//===- Types --------------------------------------------------------------===//

class KV_Type<string name, string typeMnemonic> : TypeDef<KV_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def KV_CacheType : KV_Type<"Cache", "cache"> {
  let summary = "the keys and values of all sequences, layers and heads";
  let description = [{
    `!kv.cache<30 x 3, 64, 64, f16>`: layers x key-value heads, the width of a key, the width of a
    value, the element type that both are rounded to when they are stored. A block is 64 slots.

    Constraints:

    - (C1) All sizes are positive, and the element type is f32, f16 or bf16.
  }];
  let parameters = (ins "int64_t":$layers, "int64_t":$heads, "int64_t":$keyWidth,
                        "int64_t":$valueWidth, "::mlir::FloatType":$elementType);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Slots of a block, which is also the segment of attention.
    static constexpr int64_t blockSlots = 64;
  }];
}

def KV_BatchType : KV_Type<"Batch", "batch"> {
  let summary = "which rows of a step belong to which sequence";
  let description = [{
    `!kv.batch<T, B>`: T rows of B entries. An entry is a sequence of the cache and a range of rows.
  }];
  let parameters = (ins "::mlir::StringAttr":$rows, "::mlir::StringAttr":$entries);
  let hasCustomAssemblyFormat = 1;
}

def KV_StateType : KV_Type<"State", "state"> {
  let summary = "what a recurrence keeps of each sequence and layer";
  let description = [{
    `!kv.state<24, 16 x 1536>`: for each sequence and each of 24 layers 16 rows of 1536 numbers of
    f32, however long the sequence is. They are 0 when the sequence begins. A step changes each
    layer's once.

    Constraints:

    - (S1) All sizes are positive.
  }];
  let parameters = (ins "int64_t":$layers, "int64_t":$rows, "int64_t":$width);
  let assemblyFormat = "`<` $layers `,` $rows `x` $width `>`";
  let genVerifyDecl = 1;
}

//===- Operations ---------------------------------------------------------===//

class KV_Op<string mnemonic, list<Trait> traits = []> : Op<KV_Dialect, mnemonic, traits>;

def KV_AppendOp : KV_Op<"append", [InferTypeOpAdaptor]> {
  let summary = "store the keys and values of new rows";
  let description = [{
    For each row `t` of an entry, in order, and each head `g`: one slot more, with key `key[t,g]`,
    value `value[t,g]`, both rounded to the cache's element type, and position `positions[t]`.

    Constraints:

    - (A1) `key` is `[T, heads, keyWidth]`, `value` `[T, heads, valueWidth]`, `positions` `[T]`.
    - (A2) `cache` has no other operation that changes it.

    Example:

    ```mlir
    %c1 = kv.append %c0, %k, %v, %positions, %batch at %layer
        : !kv.cache<2 x 2, 16, 16, f32>, tensor<?x2x16xf32, #tern.dims<T>>,
          tensor<?x2x16xf32, #tern.dims<T>>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
    ```
  }];
  let arguments = (ins KV_CacheType:$cache, AnyRankedTensor:$key, AnyRankedTensor:$value,
                       AnyRankedTensor:$positions, KV_BatchType:$batch, Index:$layer);
  let results = (outs KV_CacheType:$result);
  let assemblyFormat = [{
    $cache `,` $key `,` $value `,` $positions `,` $batch `at` $layer attr-dict
    `:` type($cache) `,` type($key) `,` type($value) `,` type($positions) `,` type($batch)
  }];
  let hasVerifier = 1;
}

def KV_AttendOp : KV_Op<"attend", [Pure, InferTypeOpAdaptor, TermOpInterface]> {
  let summary = "attention over the cache";
  let description = [{
    For row `t` and query head `h` of an entry, with key head `g = h * heads / H`: softmax attention
    of `query[t,h]` over the slots of head `g` that the row sees, with scores
    `cap(scale * query . key)` as in `tern.attention`. A row sees the slots that were there when its
    own token had been appended: all but those of later rows of the same entry. With a `window` w above
    0 it sees only slots whose position is above its own position less w; the positions of a head's
    slots rise then, so that blocks before the window need not be read.

    With `slopes` [H] the scores are `cap(scale * (query . key + b(p) - b(positions[t])))`, where p is
    the slot's position and `b(p) = slopes[h] * p` (ALiBi, arXiv 2108.12409; a model that adds its
    bias after the scale has slopes divided by it). With a `bias_type` the slope, p and their product
    are rounded to it.

    Slots are taken in blocks; the scores of a block are reduced with the block's own maximum, and
    blocks are merged in order. A row that sees no slot gives 0.

    With `scores`, the second result is `[T, H]`: the logarithm of the sum of e^score of the slots
    that the row sees, from which a policy's second pass computes the weights.

    Constraints:

    - (T1) `query` is `[T, H, keyWidth]`, `positions` `[T]`, and `heads` divides `H`.
    - (T2) `window` and `soft_cap` are not negative.
    - (T3) `slopes` is `[H]` of f32; `bias_type` stands with `slopes` alone and is f16 or bf16.
  }];
  let arguments = (ins AnyRankedTensor:$query, KV_CacheType:$cache, AnyRankedTensor:$positions,
                       KV_BatchType:$batch, Index:$layer, Optional<AnyRankedTensor>:$slopes,
                       F64Attr:$scale, DefaultValuedAttr<I64Attr, "0">:$window,
                       DefaultValuedAttr<F64Attr, "0.0">:$soft_cap,
                       OptionalAttr<TypeAttr>:$bias_type, UnitAttr:$scores);
  let results = (outs AnyRankedTensor:$result, Optional<AnyRankedTensor>:$logSum);
  let assemblyFormat = [{
    $query `,` $cache `,` $positions `,` $batch `at` $layer `scale` $scale (`window` $window^)?
    (`soft_cap` $soft_cap^)? (`slopes` $slopes^ (`in` $bias_type^)?)? (`scores` $scores^)? attr-dict
    `:` type($query) `,` type($cache) `,` type($positions) `,` type($batch) (`,` type($slopes)^)?
  }];
  let hasVerifier = 1;
}

/// What the slots of a cache hold, as a tensor: a term.
class KV_Slots<string mnemonic, string law>
    : KV_Op<mnemonic, [Pure, InferTypeOpAdaptor, TermOpInterface]> {
  let summary = law;
  let description = [{
    The }] # law # [{, for rows `t`, key-value heads `g` and slots `s`: for each row the slots of its
    own sequence, in order, as the cache holds them now; 0 where a head has fewer. The number of
    slots is a dimension with the name `slots`: the most that a head holds of a sequence of the batch
    when the function is called, plus that sequence's rows.

    Constraints:

    - (O1) `slots` is not the name of the batch's rows or entries.
  }];
  let arguments = (ins KV_CacheType:$cache, KV_BatchType:$batch, Index:$layer, StrAttr:$slots);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $cache `,` $batch `at` $layer `slots` $slots attr-dict `:` type($cache) `,` type($batch)
  }];
}

def KV_KeysOp : KV_Slots<"keys", "keys of a cache, `[t,g,s,d]` of f32">;
def KV_ValuesOp : KV_Slots<"values", "values of a cache, `[t,g,s,d]` of f32">;
def KV_PositionsOp
    : KV_Slots<"positions", "positions of the tokens in a cache's slots, `[t,g,s]` of i32">;

def KV_VisibleOp
    : KV_Slots<"visible", "number 1 where a row sees a slot of a cache, else 0"> {
  let description = [{
    `result[t,g,s]` of f32 is 1 where the row, whose position is `positions[t]`, sees slot `s` of
    head `g` as in `kv.attend`: it was there when the row's own token had been appended, and with a
    `window` w above 0 its position is above the row's less w. Else it is 0. Slots are those of
    `kv.keys`.

    Constraints:

    - (O1) `slots` is not the name of the batch's rows or entries.
    - (O2) `positions` is `[T]`, and `window` is not negative.
  }];
  let arguments = (ins KV_CacheType:$cache, AnyRankedTensor:$positions, KV_BatchType:$batch,
                       Index:$layer, StrAttr:$slots, DefaultValuedAttr<I64Attr, "0">:$window);
  let assemblyFormat = [{
    $cache `,` $positions `,` $batch `at` $layer `slots` $slots (`window` $window^)? attr-dict
    `:` type($cache) `,` type($positions) `,` type($batch)
  }];
  let hasVerifier = 1;
}

def KV_ConvolveOp : KV_Op<"convolve", [InferTypeOpAdaptor]> {
  let summary = "causal convolution of each channel along its sequence";
  let description = [{
    With K columns of `weight`, for row `t` of an entry and channel `c`:
    `result[t,c] = sum over j of weight[c,j] * x[t - K + 1 + j, c]`, j ascending from 0, the sum
    starting at +0. Rows before the entry's first are those of the layer's `state`, which then holds
    the last K - 1 rows, the latest one last.

    Constraints:

    - (V1) `x` is `[T, width]`, `weight` `[width, rows + 1]`, both f32, with the sizes of `state`.
    - (A2) `state` has no other operation that changes it.

    Example:

    ```mlir
    %y, %s1 = kv.convolve %x, %w, %s0, %batch at %layer
        : tensor<?x64xf32, #tern.dims<T>>, tensor<64x4xf32>, !kv.state<2, 3 x 64>, !kv.batch<T, B>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$weight, KV_StateType:$state,
                       KV_BatchType:$batch, Index:$layer);
  let results = (outs AnyRankedTensor:$result, KV_StateType:$next);
  let assemblyFormat = [{
    $x `,` $weight `,` $state `,` $batch `at` $layer attr-dict
    `:` type($x) `,` type($weight) `,` type($state) `,` type($batch)
  }];
  let hasVerifier = 1;
}

def KV_ScanOp : KV_Op<"scan", [InferTypeOpAdaptor]> {
  let summary = "a linear recurrence of each channel, whose coefficients each row selects";
  let description = [{
    For each row `t` of an entry, in order, each channel `c` and each row `n` of the layer's
    `state` h:

        h[n,c] <- e^(step[t,c] * rate[c,n]) * h[n,c] + step[t,c] * x[t,c] * in[t,n]
        result[t,c] = sum over n of out[t,n] * h[n,c]

    n ascending, the sum starting at +0. This is the selective state space of Mamba (Gu and Dao
    2023, arXiv:2312.00752, algorithm 2) without its skip connection.

    Constraints:

    - (N1) `x` and `step` are `[T, width]`, `rate` is `[width, rows]`, `in` and `out` are
      `[T, rows]`, all f32, with the sizes of `state`.
    - (A2) `state` has no other operation that changes it.

    Example:

    ```mlir
    %y, %s1 = kv.scan %x, %step, %rate, %in, %out, %s0, %batch at %layer
        : tensor<?x64xf32, #tern.dims<T>>, tensor<?x64xf32, #tern.dims<T>>, tensor<64x8xf32>,
          tensor<?x8xf32, #tern.dims<T>>, tensor<?x8xf32, #tern.dims<T>>, !kv.state<2, 8 x 64>,
          !kv.batch<T, B>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$step, AnyRankedTensor:$rate,
                       AnyRankedTensor:$in, AnyRankedTensor:$out, KV_StateType:$state,
                       KV_BatchType:$batch, Index:$layer);
  let results = (outs AnyRankedTensor:$result, KV_StateType:$next);
  let assemblyFormat = [{
    $x `,` $step `,` $rate `,` $in `,` $out `,` $state `,` $batch `at` $layer attr-dict
    `:` type($x) `,` type($step) `,` type($rate) `,` type($in) `,` type($out) `,` type($state) `,`
    type($batch)
  }];
  let hasVerifier = 1;
}

#endif
