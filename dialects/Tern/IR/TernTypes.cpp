// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tern/IR/Tern.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/TypeSwitch.h"

#include "dialects/Tern/IR/TernEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Tern/IR/TernAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Tern/IR/TernTypes.cpp.inc"

using namespace mlir;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern {

void TernDialect::registerAttributesAndTypes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Tern/IR/TernAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/Tern/IR/TernTypes.cpp.inc"
      >();
}

//===- Extents ------------------------------------------------------------===//

/// Sorted by name, equal names added, zeros dropped.
static ExtentAttr makeSum(MLIRContext *context, ArrayRef<std::pair<StringAttr, int64_t>> terms,
                          int64_t constant) {
  llvm::MapVector<StringAttr, int64_t> factorOf;
  for (auto [name, factor] : terms)
    factorOf[name] += factor;
  SmallVector<std::pair<StringAttr, int64_t>> sorted;
  for (auto [name, factor] : factorOf)
    if (factor != 0)
      sorted.push_back({name, factor});
  llvm::sort(sorted, [](auto &a, auto &b) { return a.first.getValue() < b.first.getValue(); });
  SmallVector<StringAttr> names;
  SmallVector<int64_t> factors;
  for (auto [name, factor] : sorted) {
    names.push_back(name);
    factors.push_back(factor);
  }
  return ExtentAttr::get(context, names, factors, constant);
}

ExtentAttr ExtentAttr::getConstant(MLIRContext *context, int64_t value) {
  return get(context, {}, {}, value);
}

ExtentAttr ExtentAttr::getName(MLIRContext *context, StringRef name) {
  return get(context, StringAttr::get(context, name), 1, 0);
}

ExtentAttr ExtentAttr::plus(ExtentAttr other) const {
  SmallVector<std::pair<StringAttr, int64_t>> terms;
  for (ExtentAttr sum : {*this, other})
    for (auto [name, factor] : llvm::zip_equal(sum.getNames(), sum.getFactors()))
      terms.push_back({name, factor});
  return makeSum(getContext(), terms, getConstant() + other.getConstant());
}

ExtentAttr ExtentAttr::times(int64_t factor) const {
  SmallVector<std::pair<StringAttr, int64_t>> terms;
  for (auto [name, own] : llvm::zip_equal(getNames(), getFactors()))
    terms.push_back({name, own * factor});
  return makeSum(getContext(), terms, getConstant() * factor);
}

LogicalResult ExtentAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<StringAttr> names, ArrayRef<int64_t> factors, int64_t) {
  if (names.size() != factors.size())
    return emitError() << "a sum of " << names.size() << " names has " << factors.size()
                       << " factors";
  for (size_t i = 1; i < names.size(); ++i)
    if (names[i - 1].getValue() >= names[i].getValue())
      return emitError() << "the names of a sum must be sorted, found '" << names[i].getValue()
                         << "' after '" << names[i - 1].getValue() << "'";
  return success();
}

void ExtentAttr::printSum(llvm::raw_ostream &os) const {
  bool first = true;
  for (auto [name, factor] : llvm::zip_equal(getNames(), getFactors())) {
    os << (first ? (factor < 0 ? "-" : "") : factor < 0 ? " - " : " + ");
    if (std::abs(factor) != 1)
      os << std::abs(factor) << " * ";
    os << name.getValue();
    first = false;
  }
  if (first)
    os << getConstant();
  else if (getConstant() != 0)
    os << (getConstant() < 0 ? " - " : " + ") << std::abs(getConstant());
}

FailureOr<ExtentAttr> ExtentAttr::parseSum(AsmParser &parser) {
  SmallVector<std::pair<StringAttr, int64_t>> terms;
  int64_t constant = 0;
  int64_t sign = succeeded(parser.parseOptionalMinus()) ? -1 : 1;
  while (true) {
    int64_t value = 1;
    OptionalParseResult number = parser.parseOptionalInteger(value);
    if (number.has_value() && failed(*number))
      return failure();
    bool named = !number.has_value() || succeeded(parser.parseOptionalStar());
    StringRef name;
    if (named && parser.parseKeyword(&name))
      return failure();
    if (named)
      terms.push_back({StringAttr::get(parser.getContext(), name), sign * value});
    else
      constant += sign * value;
    if (succeeded(parser.parseOptionalPlus()))
      sign = 1;
    else if (succeeded(parser.parseOptionalMinus()))
      sign = -1;
    else
      return makeSum(parser.getContext(), terms, constant);
  }
}

void ExtentAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printSum(printer.getStream());
  printer << ">";
}

Attribute ExtentAttr::parse(AsmParser &parser, Type) {
  if (parser.parseLess())
    return {};
  FailureOr<ExtentAttr> sum = parseSum(parser);
  if (failed(sum) || parser.parseGreater())
    return {};
  return *sum;
}

void DimsAttr::print(AsmPrinter &printer) const {
  printer << "<";
  llvm::interleaveComma(getExtents(), printer.getStream(),
                        [&](ExtentAttr extent) { extent.printSum(printer.getStream()); });
  printer << ">";
}

Attribute DimsAttr::parse(AsmParser &parser, Type) {
  SmallVector<ExtentAttr> extents;
  auto parseOne = [&]() -> ParseResult {
    FailureOr<ExtentAttr> sum = ExtentAttr::parseSum(parser);
    if (failed(sum))
      return failure();
    extents.push_back(*sum);
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, parseOne))
    return {};
  return get(parser.getContext(), extents);
}

LogicalResult DimsAttr::verifyEncoding(ArrayRef<int64_t> shape, Type,
                                       llvm::function_ref<InFlightDiagnostic()> emitError) const {
  size_t dynamic = llvm::count_if(shape, ShapedType::isDynamic);
  if (dynamic != getExtents().size())
    return emitError() << "the tensor has " << dynamic << " dynamic axes, and #tern.dims names "
                       << getExtents().size();
  return success();
}

Attribute PanelsAttr::parse(AsmParser &parser, Type) {
  int64_t width = 0;
  bool alternating = false;
  if (parser.parseLess() || parser.parseInteger(width))
    return {};
  if (succeeded(parser.parseOptionalComma())) {
    if (parser.parseKeyword("alternating"))
      return {};
    alternating = true;
  }
  if (parser.parseGreater())
    return {};
  return get(parser.getContext(), width, alternating);
}

void PanelsAttr::print(AsmPrinter &printer) const {
  printer << "<" << getWidth() << (getAlternating() ? ", alternating>" : ">");
}

LogicalResult PanelsAttr::verifyEncoding(ArrayRef<int64_t> shape, Type,
                                         llvm::function_ref<InFlightDiagnostic()> emitError) const {
  if (shape.size() < 2 || shape.size() > 3 || llvm::any_of(shape, ShapedType::isDynamic))
    return emitError() << "#tern.panels is the layout of a static matrix or stack of matrices";
  if (getAlternating() && (shape.size() != 2 || shape[0] % (2 * getWidth()) != 0))
    return emitError() << "panels alternate in a matrix of an even number of them, found "
                       << shape[0] << " rows in panels of " << getWidth();
  return success();
}

SmallVector<ExtentAttr> getExtents(RankedTensorType type) {
  SmallVector<ExtentAttr> extents;
  auto dims = dyn_cast_if_present<DimsAttr>(type.getEncoding());
  size_t next = 0;
  for (int64_t size : type.getShape()) {
    if (!ShapedType::isDynamic(size))
      extents.push_back(ExtentAttr::getConstant(type.getContext(), size));
    else
      extents.push_back(dims ? dims.getExtents()[next++] : ExtentAttr());
  }
  return extents;
}

RankedTensorType getTensor(ArrayRef<ExtentAttr> extents, Type elementType) {
  SmallVector<int64_t> shape;
  SmallVector<ExtentAttr> dynamic;
  for (ExtentAttr extent : extents) {
    bool isStatic = extent && extent.isConstant();
    shape.push_back(isStatic ? extent.getConstant() : ShapedType::kDynamic);
    if (!isStatic)
      dynamic.push_back(extent);
  }
  Attribute encoding;
  if (!dynamic.empty() && llvm::all_of(dynamic, [](ExtentAttr e) { return bool(e); }))
    encoding = DimsAttr::get(elementType.getContext(), dynamic);
  return RankedTensorType::get(shape, elementType, encoding);
}

bool mayBeEqual(ExtentAttr a, ExtentAttr b) {
  if (!a || !b || a == b)
    return true;
  // Sums of different names may meet; sums that differ by a constant can't.
  return a.getNames() != b.getNames() || a.getFactors() != b.getFactors();
}

//===- BlockType ----------------------------------------------------------===//

LogicalResult BlockType::verify(llvm::function_ref<InFlightDiagnostic()> emitError, unsigned bits,
                                int64_t group, FloatType scale, int64_t zero, bool minimum,
                                unsigned scaleBits, int64_t groups, ArrayRef<int8_t> table,
                                StringRef numbers) {
  bool hasScaleType = isa<Float16Type, Float32Type, Float8E8M0FNUType>(scale);
  if (bits < 2 || bits > 8 || bits == 7 || group <= 0 || !hasScaleType) // B1
    return emitError() << "expected 2 to 6 or 8 bits, a positive group and a scale of f16, f32 or "
                          "f8E8M0FNU, found "
                       << bits << ", " << group << ", " << scale;
  if (zero < 0 || zero >= (int64_t(1) << bits) || ((minimum || !table.empty()) && zero != 0)) // B2
    return emitError() << "zero point " << zero << " is no code of " << bits
                       << " bits without a minimum or a table";
  bool hasScaleCodes = scaleBits == 4 || scaleBits == 6 || scaleBits == 8;
  if (scaleBits == 0 ? groups != 1 : !hasScaleCodes || groups < 1) // B3
    return emitError() << "expected scale codes of 4, 6 or 8 bits, or one group without, found "
                       << scaleBits << " bits in " << groups;
  if (!table.empty() && (minimum || table.size() != size_t(1) << bits)) // B4
    return emitError() << "expected a table of " << (1 << bits)
                       << " numbers without a minimum, found one of " << table.size();
  bool isPlain = zero == 0 && !minimum && scaleBits == 0 && table.empty();
  if (!numbers.empty() &&
      (!isPlain || namedNumbers(std::string_view(numbers)).size() != size_t(1) << bits)) // B5
    return emitError() << "expected a name of " << (1 << bits)
                       << " numbers without a zero point, minimum, scale codes or table, found '"
                       << numbers << "'";
  return success();
}

void BlockType::print(AsmPrinter &printer) const {
  printer << "<" << getBits() << ", " << getGroup() << ", " << getScale();
  if (getScaleBits() != 0)
    printer << ", scale_bits = " << getScaleBits() << ", groups = " << getGroups();
  if (getZero() != 0)
    printer << ", zero = " << getZero();
  if (getMinimum())
    printer << ", min";
  if (!getTable().empty()) {
    printer << ", table = [";
    llvm::interleaveComma(getTable(), printer.getStream(),
                          [&](int8_t number) { printer.getStream() << int(number); });
    printer << "]";
  }
  if (!getNumbers().empty())
    printer << ", numbers = " << getNumbers();
  printer << ">";
}

Type BlockType::parse(AsmParser &parser) {
  unsigned bits, scaleBits = 0;
  int64_t group, zero = 0, groups = 1;
  Type scale;
  bool minimum = false;
  SmallVector<int8_t> table;
  std::string numbers;
  llvm::SMLoc location = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseInteger(bits) || parser.parseComma() ||
      parser.parseInteger(group) || parser.parseComma() || parser.parseType(scale))
    return {};
  auto parseNumber = [&]() { return parser.parseInteger(table.emplace_back()); };
  while (succeeded(parser.parseOptionalComma())) {
    StringRef word;
    if (parser.parseKeyword(&word))
      return {};
    if (word == "min") {
      minimum = true;
      continue;
    }
    if (!llvm::is_contained({"zero", "scale_bits", "groups", "table", "numbers"}, word)) {
      parser.emitError(
          location, "expected 'zero', 'min', 'scale_bits', 'groups', 'table' or 'numbers', found '")
          << word << "'";
      return {};
    }
    if (parser.parseEqual())
      return {};
    ParseResult parsed =
        word == "zero"         ? parser.parseInteger(zero)
        : word == "scale_bits" ? parser.parseInteger(scaleBits)
        : word == "groups"     ? parser.parseInteger(groups)
        : word == "numbers"
            ? ParseResult(parser.parseKeywordOrString(&numbers))
            : parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseNumber);
    if (parsed)
      return {};
  }
  if (parser.parseGreater())
    return {};
  auto scaleType = dyn_cast<FloatType>(scale);
  if (!scaleType) {
    parser.emitError(location, "expected a float type as the scale, found ") << scale;
    return {};
  }
  return getChecked([&] { return parser.emitError(location); }, parser.getContext(), bits, group,
                    scaleType, zero, minimum, scaleBits, groups, table, numbers);
}

BlockType BlockType::fromFormat(MLIRContext *context, const BlockFormat &format) {
  FloatType scale = format.scale == ScaleKind::Half ? FloatType(Float16Type::get(context))
                    : format.scale == ScaleKind::Single
                        ? FloatType(Float32Type::get(context))
                        : FloatType(Float8E8M0FNUType::get(context));
  return get(context, format.bits, format.group, scale, format.zero, format.minimum,
             format.scaleBits, format.groups(), ArrayRef(format.table.data(), format.table.size()),
             StringRef(format.numbers));
}

const BlockFormat *BlockType::getFormat() const {
  for (const BlockFormat &format : blockFormats())
    if (fromFormat(getContext(), format) == *this)
      return &format;
  return nullptr;
}

StringRef BlockType::getGgufName() const {
  const BlockFormat *format = getFormat();
  return format ? StringRef(format->name) : StringRef();
}

BlockType BlockType::fromGgufName(MLIRContext *context, StringRef name) {
  const BlockFormat *format = findBlockFormat(name);
  return format ? fromFormat(context, *format) : BlockType();
}

double BlockType::getBitsPerElement() const {
  unsigned parts = getMinimum() ? 2 : 1;
  double group = parts * getScaleBits() + parts * getScale().getWidth() / double(getGroups());
  return getBits() + group / double(getGroup());
}

} // namespace tern
