// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TERM_INTERFACE
#define TERN_TERM_INTERFACE

include "mlir/IR/OpBase.td"

def TermOpInterface : OpInterface<"TermOpInterface"> {
  let cppNamespace = "::tern";
  let description = [{
    What a rewriter may know of an operation, after TermInterface.jl: everything that rewrites
    uses this and nothing else. The head is the operation's name; the children are the operands,
    in order; the properties are its inherent attributes, sorted by name. `tern::makeTerm` builds a
    term from these (see `Term.h`).
  }];
  let methods = [
    InterfaceMethod<
      "True if the result's type is not a function of the operands' types and the properties: it "
      "then is a property of its own.",
      "bool", "hasFreeResultType", (ins), [{}], [{
        return !::mlir::isa<::mlir::InferTypeOpInterface>($_op.getOperation());
      }]>,
    InterfaceMethod<
      "True if the operation loses information on purpose (tier L): it is never made or removed by "
      "a rule of tier B or R.",
      "bool", "isLossy", (ins), [{}], [{ return false; }]>
  ];
}

#endif
