// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef PLAN_ENUMS
#define PLAN_ENUMS

include "mlir/IR/EnumAttr.td"

def Plan_Space : I32EnumAttr<"Space", "what a buffer is a range of", [
    I32EnumAttrCase<"arena", 0>, I32EnumAttrCase<"packed", 1>, I32EnumAttrCase<"source", 2>,
    I32EnumAttrCase<"input", 3>, I32EnumAttrCase<"output", 4>,
    I32EnumAttrCase<"cache_pool", 5>, I32EnumAttrCase<"cache_table", 6>,
    I32EnumAttrCase<"cache_lengths", 7>,
    I32EnumAttrCase<"state_pool", 8>, I32EnumAttrCase<"state_table", 9>]> {
  let cppNamespace = "::tern::plan";
  let genSpecializedAttr = 0;
}
#endif
