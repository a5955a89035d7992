// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_DIFFERENTIATE_PASSES
#define TERN_DIFFERENTIATE_PASSES

include "mlir/Pass/PassBase.td"

def ScalarisePass : Pass<"tern-scalarise", "::mlir::ModuleOp"> {
  let summary = "write functions over small tensors as programs of scalars (tier R)";
  let description = [{
    Each element of each tensor becomes a term of rank 0: element-wise terms, contractions, sums and
    means, and whatever moves elements are written out, in the order of their references. Products
    with a constant 0 are left out, so sparse constant matrices cost what they hold.

    Needs: functions of f32 or f64 tensors of static shapes, of at most `max-elements` elements in
    all; any other operation is refused by name.
    Leaves: slices and reshapes of arguments, terms of rank 0, and concatenations for results.
  }];
  let dependentDialects = ["::tern::TernDialect"];
  let options = [
    ListOption<"functions", "functions", "std::string", "functions to write out; if left out, all">,
    Option<"maxElements", "max-elements", "uint64_t", /*default=*/"10000000",
           "elements that a function may have">
  ];
}

def DifferentiatePass : Pass<"tern-differentiate", "::mlir::ModuleOp"> {
  let summary = "add the Jacobian of a function";
  let description = [{
    For a function `@f` a function `@f.jacobian` of the same arguments is added, which returns the
    derivatives of each element of result `result` by each element of argument `argument` that are
    not 0 whatever the arguments are: their values, then the element of the result (row) and of the
    argument (column) of each as i32, in the order of rows, then columns. The derivative of a scalar
    by a scalar is a Jacobian of one element, a gradient one of one row.

    The function is written out as `tern-scalarise` says. Where a term has a corner (abs, relu,
    maximum), its derivative is that of one side; comparisons have the derivative 0.

    Needs: what `tern-scalarise` needs.
  }];
  let dependentDialects = ["::tern::TernDialect"];
  let options = [
    Option<"function", "function", "std::string", /*default=*/"", "function to differentiate">,
    Option<"argument", "argument", "unsigned", /*default=*/"0", "argument to differentiate by">,
    Option<"result", "result", "unsigned", /*default=*/"0", "result to differentiate">,
    Option<"maxElements", "max-elements", "uint64_t", /*default=*/"10000000",
           "elements that a function may have">
  ];
  let statistics = [Statistic<"numDerivatives", "num-derivatives", "derivatives that are not 0">];
}

#endif
