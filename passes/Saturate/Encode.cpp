// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tern/IR/Axes.h"
#include "dialects/Tern/IR/Term.h"
#include "passes/Saturate/Terms.h"

using namespace mlir;

namespace tern::saturate {

namespace {

class Encoder {
public:
  explicit Encoder(TermTable &table) : table(table) { encoding.terms.first.push_back(0); }

  Encoding run(Block &block, ValueRange arguments) {
    for (auto [own, argument] : llvm::zip_equal(block.getArguments(), arguments))
      nodeOf[own] = pushLeaf(table.leaf(argument, 0));
    uint32_t stage = 0;
    for (Operation &op : block) {
      if (isTerm(&op)) {
        addTerm(op);
        continue;
      }
      ++stage;
      for (OpOperand &operand : op.getOpOperands())
        if (isTerm(operand.get().getDefiningOp())) {
          encoding.terms.roots.push_back(nodeOf.at(operand.get()));
          encoding.uses.push_back(&operand);
        }
      for (Value result : op.getResults())
        nodeOf[result] = pushLeaf(table.leaf(result, stage));
    }
    for (Value value : block.getTerminator()->getOperands())
      encoding.returned.push_back(nodeOf.at(value));
    return std::move(encoding);
  }

private:
  static bool isTerm(Operation *op) { return op && tern::isTerm(op); }

  uint32_t push(uint32_t head, ArrayRef<uint32_t> kids) {
    egraph::Terms &terms = encoding.terms;
    terms.heads.push_back(head);
    for (uint32_t kid : kids)
      terms.kids.push_back(kid);
    terms.first.push_back(static_cast<uint32_t>(terms.kids.size()));
    return static_cast<uint32_t>(terms.heads.size() - 1);
  }

  uint32_t pushLeaf(uint32_t head) {
    auto [at, inserted] = leafOf.try_emplace(head, 0);
    if (inserted)
      at->second = push(head, {});
    return at->second;
  }

  void addTerm(Operation &op) {
    SmallVector<uint32_t> kids;
    for (Value operand : op.getOperands())
      kids.push_back(nodeOf.at(operand));
    for (Attribute property : getProperties(&op))
      kids.push_back(pushLeaf(table.property(canonical(op, property))));
    uint32_t node = push(table.operation(op.getName()), kids);
    nodeOf[op.getResult(0)] = node;
    encoding.sources.push_back({node, &op});
  }

  /// Index strings with the letters a, b, c... in order, so that equal ones are one property.
  static Attribute canonical(Operation &op, Attribute property) {
    auto text = dyn_cast_if_present<StringAttr>(property);
    if (!text || op.getInherentAttr("axes") != property)
      return property;
    std::string why;
    FailureOr<Axes> axes = Axes::parse(text.getValue(), why);
    return succeeded(axes) ? StringAttr::get(op.getContext(), axes->canonical()) : text;
  }

  TermTable &table;
  Encoding encoding;
  llvm::DenseMap<Value, uint32_t> nodeOf;
  llvm::DenseMap<uint32_t, uint32_t> leafOf;
};

} // namespace

Encoding encode(Block &block, TermTable &table) {
  return encode(block, table, block.getArguments());
}

Encoding encode(Block &block, TermTable &table, ValueRange arguments) {
  return Encoder(table).run(block, arguments);
}

} // namespace tern::saturate
