// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tern/IR/Tern.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/Transforms/InliningUtils.h"

#include "dialects/Tern/IR/TernDialect.cpp.inc"

using namespace mlir;
using llvm::StringRef;

namespace tern {

namespace {
/// A term means the same wherever it stands.
struct TermInliner : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final { return true; }
};
} // namespace

void TernDialect::initialize() {
  registerAttributesAndTypes();
  addInterfaces<TermInliner>();
  addOperations<
#define GET_OP_LIST
#include "dialects/Tern/IR/TernOps.cpp.inc"
      >();
}

static bool isToken(int64_t number) { return number >= 0 && number < int64_t(1) << 31; }

/// What is wrong with a fact of `tern.model`; empty if nothing is.
static StringRef whatIsExpected(NamedAttribute fact) {
  StringRef name = fact.getName();
  auto is = [&](std::initializer_list<StringRef> names) { return llvm::is_contained(names, name); };
  if (name == "family")
    return isa<StringAttr>(fact.getValue()) ? "" : "a text";
  if (name == "add_bos")
    return isa<BoolAttr>(fact.getValue()) ? "" : "true or false";
  if (name == "eos") {
    auto tokens = dyn_cast<DenseI64ArrayAttr>(fact.getValue());
    return tokens && llvm::all_of(tokens.asArrayRef(), isToken) ? "" : "tokens, array<i64: ...>";
  }
  if (!is({"vocabulary", "context", "bos"}))
    return "no such fact";
  auto number = dyn_cast<IntegerAttr>(fact.getValue());
  bool isNumber = number && number.getType().isSignlessInteger(64) && isToken(number.getInt());
  return isNumber ? "" : "an i64 from 0 to 2^31 - 1";
}

LogicalResult TernDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  StringRef name = attribute.getName();
  auto facts = dyn_cast<DictionaryAttr>(attribute.getValue());
  if (name == "tern.model") {
    if (!facts)
      return op->emitError("tern.model: expected a dictionary, found ") << attribute.getValue();
    for (NamedAttribute fact : facts)
      if (StringRef expected = whatIsExpected(fact); !expected.empty())
        return op->emitError("tern.model: '") << fact.getName().getValue() << "': expected "
                                              << expected << ", found " << fact.getValue();
  }
  auto isText = [](NamedAttribute fact) { return isa<StringAttr>(fact.getValue()); };
  if (name == "tern.checkpoint" && (!facts || !llvm::all_of(facts, isText)))
    return op->emitError("tern.checkpoint: expected a dictionary of hashes as texts, found ")
           << attribute.getValue();
  if (name == "tern.numerics" && !isa<StringAttr>(attribute.getValue()))
    return op->emitError("tern.numerics: expected a text, found ") << attribute.getValue();
  return success();
}

Operation *TernDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type,
                                            Location location) {
  if (auto elements = dyn_cast<ElementsAttr>(value); elements && elements.getType() == type)
    return ConstantOp::create(builder, location, elements);
  return arith::ConstantOp::materialize(builder, value, type, location);
}

} // namespace tern
