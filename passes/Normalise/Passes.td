// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_NORMALISE
#define TERN_PASSES_NORMALISE

include "mlir/Pass/PassBase.td"

def OutlineTemplatesPass : Pass<"tern-outline-templates", "::mlir::ModuleOp"> {
  let summary = "make one function of layers of equal structure";
  let description = [{
    A function with the attribute `tern.layer = N` is layer N of a model. In its weights' names the
    number N between dots becomes `{}`, and layers whose bodies then are equal become one template.
    Calls of one template that follow each other, each taking the results of the one before, become
    a `tern.repeat`.

    Needs: layer functions take the layer's index, then what they return, then the rest.
    Leaves: no function with `tern.layer` and no call of one.
  }];
  let dependentDialects = ["::tern::TernDialect"];
  let statistics = [
    Statistic<"numTemplates", "num-templates", "templates made">,
    Statistic<"numLayers", "num-layers", "layer functions replaced">
  ];
}

def RoundActivationsPass : Pass<"tern-round-activations", "::mlir::ModuleOp"> {
  let summary = "round activations to the weights' precision (tier L)";
  let description = [{
    The roundings of `--numerics=fast`: the left operand of a contraction with a weight of bf16 or
    f16 is cast to that type, with a weight in blocks it is quantised to 8 bits in blocks of the same
    length; without the option `blocks`, as on a GPU, it is cast to bf16. One rounding serves all
    contractions that read the same value.

    Needs: the left operand's last axis is summed. Other contractions stay.
    Leaves: every rounding as a term of the module.
  }];
  let dependentDialects = ["::tern::TernDialect"];
  let options = [
    Option<"blocks", "blocks", "bool", /*default=*/"true",
           "quantise what meets weights in blocks; false: round it to bf16">
  ];
  let statistics = [Statistic<"numRounded", "num-rounded", "values rounded">];
}

def SortTermsPass : Pass<"tern-sort-terms", "::mlir::ModuleOp"> {
  let summary = "put equal programs into one order";
  let description = [{
    Letters of axes become a, b, c... in the order of their first appearance; numbers such as an
    epsilon are rounded to f32, in which they are computed with; operands of commutative
    operations are sorted by the structure of their terms; and each block is written anew in the order
    in which its results ask for operations, operands from left to right. So programs that differ in
    operand order, in the order of independent operations, in names or locations are equal after it.
    What reads a cache stays in front of what changes it.

    Leaves: no operation that no result needs, and no locations unless they are asked for.
  }];
  let options = [
    Option<"keepsLocations", "keep-locations", "bool", /*default=*/"false",
           "leave each operation its location, so that an explanation can name it">
  ];
  let statistics = [Statistic<"numSwapped", "num-swapped", "commutative operations turned">];
}

#endif
