// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Normalise/TermHashes.h"

#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;

namespace tern::normalise {

uint64_t TermHashes::of(Value value) const {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return llvm::xxh3_64bits("argument " + std::to_string(argument.getArgNumber()));
  auto result = cast<OpResult>(value);
  return known.at(result.getOwner()) + 0x9e3779b97f4a7c15u * result.getResultNumber();
}

void TermHashes::add(Operation &op) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << op.getName() << op.getAttrDictionary();
  llvm::interleaveComma(op.getResultTypes(), os);
  for (Value operand : op.getOperands())
    os << ' ' << of(operand);
  known[&op] = llvm::xxh3_64bits(text);
}

} // namespace tern::normalise
