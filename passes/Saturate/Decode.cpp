// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/KV/IR/KV.h"
#include "dialects/Tern/IR/Term.h"
#include "passes/Saturate/Terms.h"

#include "mlir/IR/Builders.h"

#include <set>

using namespace mlir;

namespace tern::saturate {

namespace {

class Decoder {
public:
  Decoder(const egraph::Terms &terms, const TermTable &table, Locator locate)
      : terms(terms), table(table), locate(locate), values(terms.heads.size()) {}

  /// Builds what reads a cache that `op` changes: in front of it, for the old value is used up
  /// then.
  void buildReaders(Operation *op) {
    if (!llvm::any_of(op->getResultTypes(), kv::isLinear))
      return;
    auto isOld = [&](uint32_t node) {
      const Value *leaf = std::get_if<Value>(&symbol(node));
      return leaf && kv::isLinear(leaf->getType()) && llvm::is_contained(op->getOperands(), *leaf);
    };
    for (uint32_t node = 0; node < terms.heads.size(); ++node)
      if (llvm::any_of(kidsOf(terms, node), isOld))
        build(node, op, op->getLoc());
  }

  /// The value of a node; what it needs is built in front of `user`.
  Value build(uint32_t root, Operation *user, Location location) {
    SmallVector<uint32_t> stack{root};
    while (!stack.empty()) {
      uint32_t node = stack.back();
      size_t open = stack.size();
      if (!values[node] && !isProperty(node))
        for (uint32_t kid : llvm::reverse(kidsOf(terms, node)))
          if (!values[kid] && !isProperty(kid))
            stack.push_back(kid);
      if (stack.size() > open)
        continue;
      stack.pop_back();
      if (!values[node] && !isProperty(node))
        values[node] = make(node, user, location);
    }
    return values[root];
  }

private:
  const TermTable::Symbol &symbol(uint32_t node) const { return table.at(terms.heads[node]); }
  bool isProperty(uint32_t node) const { return std::holds_alternative<Attribute>(symbol(node)); }

  Value make(uint32_t node, Operation *user, Location location) {
    if (const Value *leaf = std::get_if<Value>(&symbol(node)))
      return *leaf;
    SmallVector<Value> operands;
    SmallVector<Attribute> properties;
    for (uint32_t kid : kidsOf(terms, node)) {
      if (isProperty(kid))
        properties.push_back(std::get<Attribute>(symbol(kid)));
      else
        operands.push_back(values[kid]);
    }
    OpBuilder builder(user);
    Operation *term = makeTerm(builder, locate(location, node),
                               std::get<OperationName>(symbol(node)), operands, properties);
    assert(term && "the engine typed every term");
    if (auto transpose = dyn_cast<TransposeOp>(term); transpose && movesUnits(transpose)) {
      term = ReshapeOp::create(builder, term->getLoc(), transpose.getType(), transpose.getX());
      transpose.erase();
    }
    return term->getResult(0);
  }

  const egraph::Terms &terms;
  const TermTable &table;
  Locator locate;
  SmallVector<Value> values;
};

} // namespace

bool movesUnits(TransposeOp op) {
  auto [from, to] = op.getAxes().split("->");
  auto kept = [](StringRef letters, Value x) {
    std::string kept;
    for (auto [letter, extent] : llvm::zip_equal(letters, cast<ShapedType>(x.getType()).getShape()))
      if (extent != 1)
        kept.push_back(letter);
    return kept;
  };
  return kept(from, op.getX()) == kept(to, op);
}

void decode(Block &block, const egraph::Terms &terms, ArrayRef<OpOperand *> uses,
            const TermTable &table, Locator locate) {
  Decoder decoder(terms, table, locate);
  size_t next = 0;
  for (Operation &op : block) {
    if (isTerm(&op))
      continue;
    decoder.buildReaders(&op);
    for (; next < uses.size() && uses[next]->getOwner() == &op; ++next)
      uses[next]->set(decoder.build(terms.roots[next], &op, uses[next]->get().getLoc()));
  }
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isTerm(&op) && op.use_empty())
      op.erase();
}

unsigned countNew(const egraph::Terms &before, const egraph::Terms &after) {
  using Key = std::pair<uint32_t, std::vector<uint32_t>>;
  std::map<Key, uint32_t> known;
  auto key = [](const egraph::Terms &terms, uint32_t node, ArrayRef<uint32_t> names) {
    std::vector<uint32_t> kids;
    for (uint32_t kid : kidsOf(terms, node))
      kids.push_back(names[kid]);
    return Key(terms.heads[node], std::move(kids));
  };
  SmallVector<uint32_t> names;
  for (uint32_t node = 0; node < before.heads.size(); ++node)
    names.push_back(known.try_emplace(key(before, node, names), node).first->second);
  names.clear();
  unsigned count = 0;
  for (uint32_t node = 0; node < after.heads.size(); ++node) {
    uint32_t fresh = static_cast<uint32_t>(before.heads.size()) + node;
    auto [at, inserted] = known.try_emplace(key(after, node, names), fresh);
    names.push_back(at->second);
    count += inserted && !kidsOf(after, node).empty() ? 1 : 0;
  }
  return count;
}

} // namespace tern::saturate
