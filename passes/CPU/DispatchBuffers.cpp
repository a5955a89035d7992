// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/DispatchBuffers.h"

#include "dialects/KV/IR/KV.h"

using namespace mlir;

namespace tern::cpu {

DispatchBuffers::DispatchBuffers(DispatchOp dispatch) {
  for (Type type : dispatch.getInputs().getTypes()) {
    bool isIndex = isa<IndexType>(type);
    inputs.push_back(isIndex ? indices : count);
    indices += isIndex;
    if (!isIndex)
      count += isa<kv::CacheType, kv::BatchType>(type) ? 3 : isa<kv::StateType>(type) ? 2 : 1;
  }
  for (Type type : dispatch.getResults().getTypes()) {
    results.push_back(count);
    count += kv::isLinear(type) ? 0 : 1;
  }
}

unsigned DispatchBuffers::indexNumber(Value argument) const {
  assert(isa<IndexType>(argument.getType()) && "only indices are sizes");
  return inputs[cast<BlockArgument>(argument).getArgNumber()];
}

} // namespace tern::cpu
