// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_TERMTABLE_H
#define TERN_PASSES_SATURATE_TERMTABLE_H

#include "passes/Saturate/Cost.h"
#include "passes/Saturate/Oracle.h"

#include "mlir/IR/Block.h"
#include "llvm/ADT/DenseMap.h"

#include <map>
#include <variant>
#include <vector>

namespace tern::saturate {

/// What people are told that a value is called that is no term.
std::string shownName(mlir::Value value);

/// Operations, properties, types and leaves by number, in the order in which they were first named,
/// and what the engine asks about them.
class TermTable final : public egraph::Oracle {
public:
  TermTable(mlir::MLIRContext *context, CostModel cost);

  uint32_t operation(mlir::OperationName name) const { return id(name); }
  /// A property, null for one that is absent.
  uint32_t property(mlir::Attribute value) const { return id(value); }
  /// A value that is no term. It is at hand from `stage` on.
  uint32_t leaf(mlir::Value value, uint32_t stage);

  /// What a head stands for.
  using Symbol = std::variant<mlir::OperationName, mlir::Attribute, mlir::Type, mlir::Value>;
  const Symbol &at(uint32_t id) const { return symbols[id - 1]; }

  uint32_t infer(uint32_t head, rust::Slice<const uint32_t> kids) const noexcept override;
  uint32_t stage(uint32_t head) const noexcept override;
  bool isLoadLeaf(uint32_t head) const noexcept override;
  bool isStatic(uint32_t type) const noexcept override;
  egraph::Price price(uint32_t head, rust::Slice<const uint32_t> kids,
                      rust::Slice<const bool> loads) const noexcept override;
  double loadPrice(uint32_t head, rust::Slice<const uint32_t> kids) const noexcept override;
  double resident(uint32_t type) const noexcept override;
  double moved(uint32_t type) const noexcept override;
  double launch() const noexcept override { return model.launch(); }
  uint32_t operation(rust::Str name) const noexcept override;
  rust::String name(uint32_t id) const noexcept override;
  egraph::Integer integer(uint32_t id) const noexcept override;
  uint32_t makeInteger(int64_t value) const noexcept override;
  uint32_t makeExtent(int64_t value) const noexcept override;
  egraph::Number number(uint32_t id) const noexcept override;
  uint32_t makeNumber(double value) const noexcept override;
  uint32_t absent() const noexcept override { return id(mlir::Attribute()); }
  uint32_t present() const noexcept override;
  uint32_t makeType(uint32_t element) const noexcept override;
  uint32_t makeStyle(rust::Str name) const noexcept override;
  rust::String text(uint32_t id) const noexcept override;
  uint32_t makeText(rust::Str text) const noexcept override;
  egraph::Number splat(uint32_t id) const noexcept override;
  uint32_t makeSplat(double value, uint32_t element) const noexcept override;
  egraph::Extents extents(uint32_t type) const noexcept override;
  uint32_t element(uint32_t type) const noexcept override;
  uint32_t makeTensor(rust::Slice<const uint32_t> extents,
                      uint32_t element) const noexcept override;
  bool holds(uint32_t wide, uint32_t narrow) const noexcept override;

private:
  uint32_t id(Symbol symbol) const;
  template <typename T> T get(uint32_t id) const;
  mlir::RankedTensorType tensor(uint32_t id) const;
  /// The types and properties that kids stand for; false if they are no kids of such an operation.
  bool split(mlir::OperationName name, rust::Slice<const uint32_t> kids,
             llvm::SmallVectorImpl<mlir::Type> &operands,
             llvm::SmallVectorImpl<mlir::Attribute> &properties) const;
  mlir::Value placeholder(mlir::Type type) const;
  /// The term over placeholders, which goes when `use` returns. Not called if there is no such
  /// term.
  void withTerm(uint32_t head, rust::Slice<const uint32_t> kids,
                llvm::function_ref<void(mlir::Operation *)> use) const;

  mlir::MLIRContext *context;
  CostModel model;
  llvm::DenseMap<mlir::Value, uint32_t> stages;
  // The engine calls const functions; a question may name something new.
  mutable std::vector<Symbol> symbols;
  mutable std::map<std::pair<size_t, const void *>, uint32_t> ids;
  mutable std::map<std::vector<uint32_t>, uint32_t> inferred;
  mutable mlir::Block placeholders;
  mutable llvm::DenseMap<mlir::Type, mlir::Value> placeholderOf;
};

} // namespace tern::saturate

#endif
