// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_PROVER_EXACT_H
#define TERN_PASSES_SATURATE_PROVER_EXACT_H

#include "passes/Saturate/Prover/Meaning.h"

namespace tern::prover {

struct FloatNode;
using Float = const FloatNode *;

enum class FloatKind : uint8_t {
  Number,
  Constant,  ///< `name` is its AtomKind
  Integer,   ///< of a form
  Element,   ///< of the variable `name`
  Hidden,    ///< an entry of a row that its mask takes out
  Operation, ///< `name` is its Op
  Function,  ///< `name` is its variable
  Negative,
  Scaled,  ///< the second operand by the first, a power of two
  Inverse, ///< of a power of two
  Choice,  ///< truth value, if true, if false
  Sum,     ///< from +0, pieces in ascending order, bound indices lexicographic
  Maximum, ///< of pieces in any order
  Row,     ///< of the operation `name`: the place `forms` of a whole row
};

/// One operand after the other, over bound indices of these extents.
struct FloatPiece {
  std::vector<Dim> extents;
  Float body;
  bool operator==(const FloatPiece &) const = default;
};

struct FloatNode {
  FloatKind kind;
  Rational number = 0;
  unsigned name = 0;
  unsigned height = 0; ///< of the bound indices of the pieces
  std::vector<Form> forms = {};
  std::vector<Float> operands = {};
  std::vector<FloatPiece> pieces = {};
  std::vector<Form> order = {}; ///< of terms of interleaved pieces: the indices of each piece
  unsigned tallest = 0;         ///< found by Exact
};

/// Floating point of any precision, rounded to nearest even: free terms, in which only exact
/// identities are known. Nothing associates and nothing distributes.
class Exact {
public:
  using Value = Float;
  using Body = std::function<Float(const Places &)>;
  explicit Exact(Algebra &algebra) : algebra(algebra) {}

  Float number(Rational value);
  Float constant(AtomKind kind) { return make({FloatKind::Constant, {}, unsigned(kind)}); }
  Float integer(Form f);
  Float element(unsigned variable, const Indices &at);
  Float apply(law::Op op, std::vector<Float> x);
  Float applyFunction(bool isCast, unsigned variable, std::vector<Float> x);
  Float total(const law::Letters &letters, const Places &at, const Body &body);
  Float most(const law::Letters &letters, const Places &at, const Body &body);
  Float scatter(const law::Letters &, const Places &,
                const std::function<std::pair<Form, Float>(const Places &)> &) {
    algebra.refuse("the order of a scatter is open");
    return number(0);
  }
  Float choose(Form, auto, auto) {
    algebra.refuse("a seam is not decided");
    return number(0);
  }
  Float given(Float, auto read) { return read(); }
  Float row(const Row<Float> &row);

private:
  Float make(FloatNode node);
  Float operation(law::Op op, std::vector<Float> x) {
    return make({FloatKind::Operation, {}, unsigned(op), 0, {}, std::move(x)});
  }
  FloatNode bind(FloatKind kind, const law::Letters &letters, const Places &at, const Body &body);
  /// Applies to each choice of an operand.
  std::optional<Float> lift(const std::vector<Float> &x,
                            const std::function<Float(std::vector<Float>)> &f);
  Float choice(Float condition, Float ifTrue, Float ifFalse);
  Float assume(Float x, Float condition, bool holds);
  Float negate(Float x);
  Float scaled(Float factor, Float x);
  Float multiply(Float x, Float y);
  Float add(Float x, Float y);
  Float absolute(Float x);
  Float round(Float x);
  Float eachPiece(Float x, const std::function<Float(Float)> &f);
  bool isPowerOfTwo(Float x) const;
  bool isNumber(Float x, Rational value) const {
    return x->kind == FloatKind::Number && x->number == value;
  }
  void use(Axiom axiom) { algebra.axioms.set(size_t(axiom)); }

  Algebra &algebra;
  std::deque<FloatNode> nodes;
  std::unordered_multimap<size_t, Float> table;
};

/// A total order of structure.
int compare(Float a, Float b);

/// For people.
std::string print(const law::Law &law, Float x);

} // namespace tern::prover

#endif
