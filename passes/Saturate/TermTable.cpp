// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/TermTable.h"

#include "dialects/Tern/IR/Axes.h"
#include "dialects/Tern/IR/Term.h"
#include "passes/Saturate/bridge.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;

namespace tern::saturate {

/// Operations come first and in one order, so that laws, which name them, are read once for all
/// tables of a context's dialects.
TermTable::TermTable(MLIRContext *context, CostModel cost) : context(context), model(cost) {
  for (StringRef dialect : {"tern", "kv"})
    for (RegisteredOperationName name : context->getRegisteredOperationsByDialect(dialect))
      id(name);
}

uint32_t TermTable::id(Symbol symbol) const {
  const void *pointer =
      std::visit([](auto value) -> const void * { return value.getAsOpaquePointer(); }, symbol);
  auto [at, inserted] = ids.try_emplace({symbol.index(), pointer}, symbols.size() + 1);
  if (inserted)
    symbols.push_back(symbol);
  return at->second;
}

template <typename T> T TermTable::get(uint32_t id) const {
  if (id == 0)
    return T();
  const T *value = std::get_if<T>(&at(id));
  return value ? *value : T();
}

/// The type of that number, which may be a property too.
RankedTensorType TermTable::tensor(uint32_t id) const {
  if (auto property = dyn_cast_if_present<TypeAttr>(get<Attribute>(id)))
    return dyn_cast<RankedTensorType>(property.getValue());
  return dyn_cast_if_present<RankedTensorType>(get<Type>(id));
}

uint32_t TermTable::leaf(Value value, uint32_t stage) {
  stages[value] = stage;
  return id(value);
}

Value TermTable::placeholder(Type type) const {
  Value &value = placeholderOf[type];
  if (!value)
    value = placeholders.addArgument(type, UnknownLoc::get(context));
  return value;
}

bool TermTable::split(OperationName name, rust::Slice<const uint32_t> kids,
                      SmallVectorImpl<Type> &operands,
                      SmallVectorImpl<Attribute> &properties) const {
  if (!name.isRegistered() || kids.size() < countProperties(name))
    return false;
  size_t count = kids.size() - countProperties(name);
  for (size_t i = 0; i < kids.size(); ++i) {
    if (i < count)
      operands.push_back(get<Type>(kids[i]));
    else
      properties.push_back(get<Attribute>(kids[i]));
  }
  return llvm::all_of(operands, [](Type type) { return bool(type); });
}

uint32_t TermTable::infer(uint32_t head, rust::Slice<const uint32_t> kids) const noexcept {
  const Symbol &symbol = at(head);
  if (std::holds_alternative<Attribute>(symbol))
    return head;
  if (const Value *value = std::get_if<Value>(&symbol))
    return id(value->getType());
  std::vector<uint32_t> key{head};
  key.insert(key.end(), kids.begin(), kids.end());
  auto [known, inserted] = inferred.try_emplace(key, 0);
  if (!inserted)
    return known->second;
  uint32_t type = 0;
  withTerm(head, kids, [&](Operation *term) { type = id(term->getResult(0).getType()); });
  return inferred[key] = type;
}

void TermTable::withTerm(uint32_t head, rust::Slice<const uint32_t> kids,
                         llvm::function_ref<void(Operation *)> use) const {
  auto name = std::get<OperationName>(at(head));
  SmallVector<Type> types;
  SmallVector<Attribute> properties;
  if (!split(name, kids, types, properties))
    return;
  SmallVector<Value> operands;
  for (Type type : types)
    operands.push_back(placeholder(type));
  OpBuilder builder(context);
  Operation *term = makeTerm(builder, builder.getUnknownLoc(), name, operands, properties);
  if (!term)
    return;
  use(term);
  term->destroy();
}

uint32_t TermTable::stage(uint32_t head) const noexcept { return stages.lookup(get<Value>(head)); }

/// A layer's index.
bool TermTable::isLoadLeaf(uint32_t head) const noexcept {
  Value value = get<Value>(head);
  return value && value.getType().isIndex();
}

bool TermTable::isStatic(uint32_t type) const noexcept {
  RankedTensorType tensorType = tensor(type);
  return tensorType && tensorType.hasStaticShape();
}

static egraph::Kind kindOf(Work work) {
  switch (work) {
  case Work::Choice:
    return egraph::Kind::Choice;
  case Work::Free:
    return egraph::Kind::Free;
  case Work::View:
    return egraph::Kind::View;
  case Work::Half:
    return egraph::Kind::Half;
  case Work::Repeated:
    return egraph::Kind::Repeated;
  case Work::Pointwise:
    return egraph::Kind::Pointwise;
  case Work::Row:
    return egraph::Kind::Row;
  case Work::Joint:
    return egraph::Kind::Joint;
  case Work::Rotation:
    return egraph::Kind::Rotation;
  case Work::Narrowing:
    return egraph::Kind::Narrowing;
  case Work::Movement:
    return egraph::Kind::Movement;
  case Work::Contraction:
    return egraph::Kind::Contraction;
  case Work::Kernel:
    return egraph::Kind::Kernel;
  }
  llvm_unreachable("every kind of work is one of the engine's");
}

egraph::Price TermTable::price(uint32_t head, rust::Slice<const uint32_t> kids,
                               rust::Slice<const bool> loads) const noexcept {
  egraph::Price price{egraph::Kind::Free, 0};
  withTerm(head, kids, [&](Operation *term) {
    price = {kindOf(CostModel::workOf(term)),
             model.step(term, ArrayRef(loads.data(), loads.size()))};
  });
  return price;
}

double TermTable::loadPrice(uint32_t head, rust::Slice<const uint32_t> kids) const noexcept {
  double seconds = 0;
  withTerm(head, kids, [&](Operation *term) { seconds = model.load(term); });
  return seconds;
}

double TermTable::resident(uint32_t type) const noexcept {
  auto tensorType = dyn_cast_if_present<RankedTensorType>(get<Type>(type));
  return tensorType ? model.resident(tensorType) : 0;
}

double TermTable::moved(uint32_t type) const noexcept {
  auto tensorType = dyn_cast_if_present<RankedTensorType>(get<Type>(type));
  return tensorType ? model.moved(tensorType) : 0;
}

uint32_t TermTable::operation(rust::Str name) const noexcept {
  OperationName found(StringRef(name.data(), name.size()), context);
  return found.isRegistered() ? id(found) : 0;
}

std::string shownName(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    unsigned number = argument.getArgNumber();
    auto function = dyn_cast<FunctionOpInterface>(argument.getOwner()->getParentOp());
    auto name = function ? function.getArgAttrOfType<StringAttr>(number, "tern.name") : nullptr;
    return "%" + (name ? name.str() : "arg" + std::to_string(number));
  }
  auto result = cast<OpResult>(value);
  return result.getOwner()->getName().getStringRef().str() + "#" +
         std::to_string(result.getResultNumber());
}

rust::String TermTable::name(uint32_t id) const noexcept {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (auto name = std::get_if<OperationName>(&at(id)))
    os << name->getStringRef();
  else if (auto property = std::get_if<Attribute>(&at(id)); property && *property)
    os << *property;
  else if (auto value = std::get_if<Value>(&at(id)))
    os << shownName(*value);
  return rust::String::lossy(text);
}

egraph::Integer TermTable::integer(uint32_t id) const noexcept {
  auto property = get<Attribute>(id);
  if (auto number = dyn_cast_if_present<IntegerAttr>(property))
    return {true, number.getInt()};
  if (auto extent = dyn_cast_if_present<ExtentAttr>(property))
    return {extent.isConstant(), extent.getConstant()};
  return {false, 0};
}

uint32_t TermTable::makeInteger(int64_t value) const noexcept {
  return id(Attribute(Builder(context).getI64IntegerAttr(value)));
}

uint32_t TermTable::makeExtent(int64_t value) const noexcept {
  return id(Attribute(ExtentAttr::getConstant(context, value)));
}

egraph::Number TermTable::number(uint32_t id) const noexcept {
  if (auto number = dyn_cast_if_present<FloatAttr>(get<Attribute>(id)))
    return {true, number.getValueAsDouble()};
  return {false, 0};
}

uint32_t TermTable::makeNumber(double value) const noexcept {
  return id(Attribute(Builder(context).getF64FloatAttr(value)));
}

uint32_t TermTable::makeStyle(rust::Str name) const noexcept {
  std::optional<RotaryStyle> style = symbolizeRotaryStyle(StringRef(name.data(), name.size()));
  return style ? id(Attribute(RotaryStyleAttr::get(context, *style))) : 0;
}

rust::String TermTable::text(uint32_t id) const noexcept {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (auto string = dyn_cast_if_present<StringAttr>(get<Attribute>(id)))
    os << string.getValue();
  else if (auto style = dyn_cast_if_present<RotaryStyleAttr>(get<Attribute>(id)))
    os << stringifyRotaryStyle(style.getValue());
  else if (Type type = get<Type>(id))
    os << type;
  return rust::String::lossy(text);
}

uint32_t TermTable::makeText(rust::Str text) const noexcept {
  return id(Attribute(StringAttr::get(context, StringRef(text.data(), text.size()))));
}

uint32_t TermTable::present() const noexcept { return id(Attribute(UnitAttr::get(context))); }

uint32_t TermTable::makeType(uint32_t element) const noexcept {
  Type type = get<Type>(element);
  return type ? id(Attribute(TypeAttr::get(type))) : 0;
}

egraph::Number TermTable::splat(uint32_t id) const noexcept {
  auto elements = dyn_cast_if_present<DenseElementsAttr>(get<Attribute>(id));
  if (!elements || !elements.isSplat())
    return {false, 0};
  if (auto number = dyn_cast<FloatAttr>(elements.getSplatValue<Attribute>()))
    return {true, number.getValue().convertToDouble()};
  if (auto number = dyn_cast<IntegerAttr>(elements.getSplatValue<Attribute>()))
    return {true, static_cast<double>(number.getValue().getSExtValue())};
  return {false, 0};
}

uint32_t TermTable::makeSplat(double value, uint32_t element) const noexcept {
  auto type = dyn_cast_if_present<FloatType>(get<Type>(element));
  if (!type)
    return 0;
  auto number = FloatAttr::get(type, value);
  // A number that the type does not hold would be another number.
  if (number.getValueAsDouble() != value)
    return 0;
  return id(Attribute(DenseElementsAttr::get(RankedTensorType::get({}, type), number)));
}

egraph::Extents TermTable::extents(uint32_t type) const noexcept {
  egraph::Extents extents{false, {}};
  if (auto dims = dyn_cast_if_present<DimsAttr>(get<Attribute>(type))) {
    extents.known = true;
    for (ExtentAttr extent : dims.getExtents())
      extents.ids.push_back(id(Attribute(extent)));
  } else if (RankedTensorType tensorType = tensor(type)) {
    extents.known = true;
    for (ExtentAttr extent : getExtents(tensorType))
      extents.ids.push_back(extent ? id(Attribute(extent)) : 0);
  }
  return extents;
}

uint32_t TermTable::element(uint32_t type) const noexcept {
  RankedTensorType tensorType = tensor(type);
  return tensorType ? id(tensorType.getElementType()) : 0;
}

uint32_t TermTable::makeTensor(rust::Slice<const uint32_t> extents,
                               uint32_t element) const noexcept {
  SmallVector<ExtentAttr> all;
  for (uint32_t extent : extents)
    all.push_back(dyn_cast_if_present<ExtentAttr>(get<Attribute>(extent)));
  Type type = get<Type>(element);
  return type ? id(Attribute(TypeAttr::get(getTensor(all, type)))) : 0;
}

bool TermTable::holds(uint32_t wide, uint32_t narrow) const noexcept {
  auto to = dyn_cast_if_present<FloatType>(get<Type>(wide));
  auto from = dyn_cast_if_present<FloatType>(get<Type>(narrow));
  return to && from &&
         llvm::APFloat::isRepresentableBy(from.getFloatSemantics(), to.getFloatSemantics());
}

} // namespace tern::saturate
