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

std::string leafName(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return "argument." + std::to_string(argument.getArgNumber());
  auto result = cast<OpResult>(value);
  Operation *owner = result.getOwner();
  auto place = std::distance(owner->getBlock()->begin(), owner->getIterator());
  return owner->getName().getStringRef().str() + "." + std::to_string(place) + "." +
         std::to_string(result.getResultNumber());
}

ArrayRef<uint32_t> kidsOf(const egraph::Terms &terms, uint32_t node) {
  return ArrayRef(terms.kids.data(), terms.kids.size())
      .slice(terms.first[node], terms.first[node + 1] - terms.first[node]);
}

TermFinder::TermFinder(const egraph::Terms &terms) {
  for (uint32_t node = 0; node < terms.heads.size(); ++node)
    known.try_emplace({terms.heads[node], kidsOf(terms, node).vec()}, node);
}

std::vector<std::optional<uint32_t>> TermFinder::find(const egraph::Terms &terms) const {
  std::vector<std::optional<uint32_t>> found;
  for (uint32_t node = 0; node < terms.heads.size(); ++node) {
    std::vector<uint32_t> kids;
    for (uint32_t kid : kidsOf(terms, node))
      if (found[kid])
        kids.push_back(*found[kid]);
    auto at = known.find({terms.heads[node], kids});
    bool isKnown = at != known.end() && kids.size() == kidsOf(terms, node).size();
    found.push_back(isKnown ? std::optional(at->second) : std::nullopt);
  }
  return found;
}

Encoding encode(Block &block, TermTable &table) {
  return encode(block, table, block.getArguments());
}

Encoding encode(Block &block, TermTable &table, ValueRange arguments) {
  return Encoder(table).run(block, arguments);
}

} // namespace tern::saturate
