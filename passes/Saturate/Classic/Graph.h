// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_CLASSIC_GRAPH_H
#define TERN_PASSES_SATURATE_CLASSIC_GRAPH_H

#include "passes/Saturate/TermTable.h"
#include "passes/Saturate/bridge.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"

#include <deque>
#include <optional>

namespace tern::saturate::classic {

/// What is known of all elements of a term, over the reals. Unknown means no.
struct Sign {
  bool isNotNegative = false, isNotZero = false;
  bool isTruth = false; ///< 0 or 1

  static Sign of(double number) { return {number >= 0, number != 0, number == 0 || number == 1}; }
  bool isPositive() const { return isNotNegative && isNotZero; }
};

/// A term, a leaf or a property. Equal ones are one, so that a node never changes.
struct Node {
  uint32_t head;
  llvm::SmallVector<uint32_t, 4> kids;
  uint32_t what;               ///< its type; of a property, the property itself
  bool isLoad;                 ///< known before the step, and of a static type
  uint32_t stage;              ///< as of the latest leaf
  std::optional<double> splat; ///< the one number that all elements of a constant are
  Sign sign;
};

/// What a term costs at a step, and what it costs if it is computed once a load.
struct NodePrice {
  egraph::Kind kind;
  double step, load;
  double moved;    ///< to write the result, or to read it
  double resident; ///< what a step pays for its memory
};

/// The letters of a term's index string.
struct TextAxes {
  llvm::SmallVector<std::string, 3> operands;
  std::string result;
  bool isAlong; ///< `ab/b`: the result is what follows the slash
};

/// Hash-consed terms over a table of symbols.
class Graph {
public:
  explicit Graph(const TermTable &table) : table(table) {}

  /// The node of that head over these kids. None if there is no such term.
  std::optional<uint32_t> add(uint32_t head, llvm::ArrayRef<uint32_t> kids);
  const Node &operator[](uint32_t node) const { return nodes[node]; }
  size_t size() const { return nodes.size(); }

  bool isOperation(uint32_t node) const {
    return std::holds_alternative<mlir::OperationName>(table.at(nodes[node].head));
  }
  const NodePrice &price(uint32_t node);

  /// The head of that operation, `tern.` left out.
  uint32_t head(llvm::StringRef name);
  /// The name of the operation, without its dialect; empty for what is none.
  llvm::StringRef name(uint32_t node) const;

  /// The extents of a type, 0 for one without a name; none if the node is no tensor.
  const std::optional<llvm::SmallVector<uint32_t, 4>> &extents(uint32_t node);
  size_t rank(uint32_t node) { return extents(node) ? extents(node)->size() : 0; }
  uint32_t element(uint32_t node) const { return table.element(nodes[node].what); }
  std::string elementName(uint32_t node) const { return std::string(table.text(element(node))); }
  /// Its elements are not narrower than f32.
  bool isWide(uint32_t node);
  /// The index string of a property node; null if it is none.
  const TextAxes *axes(uint32_t property);
  std::optional<int64_t> integer(uint32_t what) const;
  std::optional<double> number(uint32_t property) const;

  const TermTable &table;

private:
  Node infer(uint32_t head, llvm::ArrayRef<uint32_t> kids, uint32_t what) const;

  std::deque<Node> nodes; // references to nodes stay
  std::map<std::pair<uint32_t, llvm::SmallVector<uint32_t, 4>>, uint32_t> known;
  llvm::DenseMap<uint32_t, NodePrice> prices;
  llvm::StringMap<uint32_t> heads;
  std::map<uint32_t, std::optional<llvm::SmallVector<uint32_t, 4>>> extentsOf;
  std::map<uint32_t, std::optional<TextAxes>> axesOf;
  llvm::DenseMap<uint32_t, bool> wide;
};

/// The nodes that the roots need, operands first, each once.
llvm::SmallVector<uint32_t> inOrder(const Graph &graph, llvm::ArrayRef<uint32_t> roots);

/// Seconds of a step for all that the roots need, each term counted once, as kernels are formed
/// from it: element-wise terms and rows stay in registers next to their users, a contraction's
/// kernel takes the element-wise terms that follow it, all else goes through memory.
double costOf(Graph &graph, llvm::ArrayRef<uint32_t> roots);

} // namespace tern::saturate::classic

#endif
