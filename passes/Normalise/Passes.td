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
    length. One rounding serves all contractions that read the same value.

    Needs: the left operand's last axis is summed. Other contractions stay.
    Leaves: every rounding as a term of the module.
  }];
  let dependentDialects = ["::tern::TernDialect"];
  let statistics = [Statistic<"numRounded", "num-rounded", "values rounded">];
}

#endif
