// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tern/IR/Term.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using llvm::ArrayRef;
using llvm::SmallVector;

namespace tern {

bool isTerm(Operation *op) {
  return isa<TermOpInterface>(op) && isPure(op) && op->getNumResults() == 1 &&
         op->getNumRegions() == 0;
}

SmallVector<StringAttr> propertyNames(OperationName name) {
  SmallVector<StringAttr> names(name.getAttributeNames());
  llvm::sort(names, [](StringAttr a, StringAttr b) { return a.getValue() < b.getValue(); });
  return names;
}

static bool hasFreeType(OperationName name) { return !name.hasInterface<InferTypeOpInterface>(); }

size_t countProperties(OperationName name) {
  return name.getAttributeNames().size() + (hasFreeType(name) ? 1 : 0);
}

SmallVector<Attribute> getProperties(Operation *op) {
  SmallVector<Attribute> properties;
  for (StringAttr name : propertyNames(op->getName()))
    properties.push_back(op->getInherentAttr(name).value_or(Attribute()));
  if (hasFreeType(op->getName()))
    properties.push_back(TypeAttr::get(op->getResult(0).getType()));
  return properties;
}

namespace {

/// The properties of an operation that is not made yet.
class PropertyBuffer {
public:
  PropertyBuffer(OperationName name, DictionaryAttr values)
      : name(name), hasAny(name.getOpPropertyByteSize() > 0),
        storage(name.getOpPropertyByteSize() / sizeof(std::max_align_t) + 1) {
    if (!hasAny)
      return;
    name.initOpProperties(get(), OpaqueProperties(nullptr));
    auto report = [&] { return emitError(UnknownLoc::get(name.getContext())); };
    fits = succeeded(name.setOpPropertiesFromAttribute(name, get(), values, report));
  }
  ~PropertyBuffer() {
    if (hasAny)
      name.destroyOpProperties(get());
  }
  PropertyBuffer(const PropertyBuffer &) = delete;

  /// False if the values are of other types than the operation's.
  bool areValid() const { return fits; }
  OpaqueProperties get() { return hasAny ? storage.data() : nullptr; }

private:
  OperationName name;
  bool hasAny, fits = true;
  std::vector<std::max_align_t> storage;
};

} // namespace

/// The result type that operands and properties determine; null if there is none.
static Type inferType(OperationName name, ValueRange operands, DictionaryAttr values,
                      PropertyBuffer &properties) {
  MLIRContext *context = name.getContext();
  SmallVector<Type> types;
  bool fits = succeeded(name.getInterface<InferTypeOpInterface>()->inferReturnTypes(
      context, UnknownLoc::get(context), operands, values, properties.get(), {}, types));
  return fits && types.size() == 1 ? types.front() : Type();
}

Operation *makeTerm(OpBuilder &builder, Location location, OperationName name, ValueRange operands,
                    ArrayRef<Attribute> properties) {
  if (!name.isRegistered() || properties.size() != countProperties(name))
    return nullptr;
  ScopedDiagnosticHandler silence(name.getContext(), [](Diagnostic &) { return success(); });
  SmallVector<NamedAttribute> named;
  for (auto [property, value] : llvm::zip(propertyNames(name), properties))
    if (value)
      named.push_back({property, value});
  DictionaryAttr values = builder.getDictionaryAttr(named);
  PropertyBuffer buffer(name, values);
  if (!buffer.areValid())
    return nullptr;
  Type type;
  if (!hasFreeType(name))
    type = inferType(name, operands, values, buffer);
  else if (auto free = dyn_cast_if_present<TypeAttr>(properties.back()))
    type = free.getValue();
  if (!type)
    return nullptr;
  OperationState state(location, name);
  state.addOperands(operands);
  state.addTypes(type);
  if (buffer.get())
    state.propertiesAttr = values;
  Operation *term = Operation::create(state);
  if (failed(name.verifyInvariants(term))) {
    term->destroy();
    return nullptr;
  }
  if (builder.getInsertionBlock())
    builder.insert(term);
  return term;
}

} // namespace tern
