// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/random/RandomGraph.h"

#include "dialects/Tern/IR/Term.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"

#include <random>

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;

namespace tern::test {

/// No tensor has more elements.
static constexpr int64_t kMaxElements = 2048;
static constexpr size_t kMaxRank = 3;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// The first `count` letters from `first` on.
static std::string lettersFrom(char first, size_t count) {
  std::string letters;
  for (size_t i = 0; i < count; ++i)
    letters += static_cast<char>(first + i);
  return letters;
}

namespace {

class Writer {
public:
  Writer(func::FuncOp function, uint64_t seed, Jumps jumps)
      : builder(OpBuilder::atBlockBegin(function.addEntryBlock())),
        location(builder.getUnknownLoc()), random(seed), jumps(jumps) {
    for (Value argument : function.getArguments())
      typeOf(argument).getElementType().isF32() ? values.push_back(argument)
                                                : void(indices = argument);
  }

  /// The last terms of as many as fit.
  SmallVector<Value> run(int terms) {
    for (int tries = 0; terms > 0 && tries < 40 * terms; ++tries) {
      Value value = draw();
      if (!value)
        continue;
      values.push_back(value);
      --terms;
    }
    return SmallVector<Value>(ArrayRef(values).take_back(4));
  }

private:
  using Named = std::pair<StringRef, Attribute>;

  //===- Drawing ----------------------------------------------------------===//

  size_t below(size_t n) { return random() % n; }
  bool chance(size_t of) { return below(of) == 0; }
  /// Later values are drawn more often: graphs get deep.
  Value any() {
    size_t back = below(values.size());
    return values[values.size() - 1 - (chance(2) ? back : std::min(back, below(6)))];
  }
  Value anyOfType(Type type) {
    SmallVector<Value> fitting;
    for (Value value : values)
      if (value.getType() == type)
        fitting.push_back(value);
    return fitting.empty() ? Value() : fitting[below(fitting.size())];
  }
  ExtentAttr anyExtent() {
    const int64_t sizes[] = {1, 2, 3, 4, 8};
    return chance(3) ? ExtentAttr::getName(builder.getContext(), "T")
                     : ExtentAttr::getConstant(builder.getContext(), sizes[below(5)]);
  }
  std::string shuffled(std::string letters) {
    std::ranges::shuffle(letters, random);
    return letters;
  }
  /// Some of the letters, in their order.
  std::string someOf(StringRef letters) {
    std::string some;
    for (char letter : letters)
      if (chance(2))
        some += letter;
    return some;
  }

  //===- Building ---------------------------------------------------------===//

  static bool isSmall(RankedTensorType type) {
    int64_t elements = 1;
    for (int64_t extent : type.getShape())
      elements *= ShapedType::isDynamic(extent) ? kTokens : extent;
    return elements <= kMaxElements && type.getRank() <= static_cast<int64_t>(kMaxRank);
  }

  /// The term, or null if there is none, or it is too large.
  Value term(StringRef name, ValueRange operands, ArrayRef<Named> named = {}, Type result = {}) {
    if (llvm::is_contained(operands, Value()))
      return {};
    OperationName operation(("tern." + name).str(), builder.getContext());
    SmallVector<StringAttr> names(operation.getAttributeNames());
    llvm::sort(names, [](StringAttr a, StringAttr b) { return a.getValue() < b.getValue(); });
    SmallVector<Attribute> properties;
    for (StringAttr own : names) {
      const auto *at = llvm::find_if(named, [&](const Named &n) { return n.first == own; });
      properties.push_back(at == named.end() ? Attribute() : at->second);
    }
    if (result)
      properties.push_back(TypeAttr::get(result));
    ScopedDiagnosticHandler quiet(builder.getContext(), [](Diagnostic &) { return success(); });
    Operation *op = makeTerm(builder, location, operation, operands, properties);
    if (!op)
      return {};
    if (isSmall(typeOf(op->getResult(0))))
      return op->getResult(0);
    op->erase();
    return {};
  }

  Attribute text(const Twine &text) { return builder.getStringAttr(text); }
  Attribute integer(size_t number) {
    return builder.getI64IntegerAttr(static_cast<int64_t>(number));
  }
  Attribute real(double number) { return builder.getF64FloatAttr(number); }
  Value axes(StringRef name, const Twine &letters, ValueRange operands, Type result = {}) {
    return term(name, operands, {{"axes", text(letters)}}, result);
  }
  RankedTensorType tensor(ArrayRef<ExtentAttr> extents) {
    return getTensor(extents, builder.getF32Type());
  }
  Value scalar(double number) {
    auto type = RankedTensorType::get({}, builder.getF32Type());
    return ConstantOp::create(
        builder, location,
        DenseElementsAttr::get(type, builder.getFloatAttr(builder.getF32Type(), number)));
  }
  Value numbers(RankedTensorType type) {
    SmallVector<float> drawn;
    for (int64_t i = 0; i < type.getNumElements(); ++i)
      drawn.push_back(static_cast<float>(below(2001)) / 1000 - 1);
    return ConstantOp::create(builder, location, DenseElementsAttr::get(type, ArrayRef(drawn)));
  }
  Value number() {
    const double numbers[] = {0, 1, 2, -1, 0.5, 0.37};
    return scalar(numbers[below(6)]);
  }
  std::string lettersOf(Value value) {
    return lettersFrom('a', static_cast<size_t>(typeOf(value).getRank()));
  }

  /// A mask of x's type, without ties: comparisons with a number that nothing is equal to.
  Value mask(Value x) {
    Value mask = term(chance(2) ? "lt" : "le", {x, scalar(0.1234567)});
    return mask && chance(4) ? term("not", {mask}) : mask;
  }
  Value above(Value x) { return term("add", {term("square", {x}), scalar(0.5)}); }
  /// Between -1 and 1.
  Value bounded(Value x) { return term("tanh", {x}); }

  //===- Terms ------------------------------------------------------------===//

  Value draw() {
    using Step = Value (Writer::*)(Value);
    const std::pair<Step, size_t> steps[] = {
        {&Writer::anywhere, 6},  {&Writer::aboveZero, 3}, {&Writer::pair, 10},
        {&Writer::compared, 4},  {&Writer::rounded, 2},   {&Writer::contraction, 10},
        {&Writer::reduction, 6}, {&Writer::along, 6},     {&Writer::broadcast, 5},
        {&Writer::transpose, 4}, {&Writer::regroup, 4},   {&Writer::cut, 4},
        {&Writer::pad, 2},       {&Writer::join, 4},      {&Writer::gather, 3},
        {&Writer::scatter, 2},   {&Writer::indexed, 2},   {&Writer::rotary, 2},
        {&Writer::attention, 3}, {&Writer::weight, 3}};
    size_t total = 0;
    for (auto [step, share] : steps)
      total += share;
    size_t drawn = below(total);
    for (auto [step, share] : steps) {
      if (drawn < share)
        return (this->*step)(any());
      drawn -= share;
    }
    llvm_unreachable("drawn is below the total");
  }

  Value anywhere(Value x) {
    const char *names[] = {"neg",  "abs",  "square",    "sin",       "cos",
                           "tanh", "erf",  "relu",      "sigmoid",   "softplus",
                           "silu", "gelu", "gelu_tanh", "quick_gelu"};
    return term(names[below(std::size(names))], {chance(4) ? bounded(x) : x});
  }

  Value aboveZero(Value x) {
    const char *names[] = {"sqrt", "rsqrt", "recip", "log", "log1p"};
    switch (below(4)) {
    case 0:
      return term("exp", {bounded(x)});
    case 1:
      return term("pow", {above(x), number()});
    case 2:
      return term(chance(2) ? "tan" : "cot", {above(bounded(x))});
    default:
      return term(names[below(std::size(names))], {above(x)});
    }
  }

  Value pair(Value x) {
    const char *names[] = {"add", "sub", "mul", "add", "mul", "maximum", "minimum"};
    Value y = chance(3) ? number() : anyOfType(x.getType());
    if (chance(6))
      return term("div", {x, above(y)});
    bool turns = chance(3);
    return term(names[below(std::size(names))], {turns ? y : x, turns ? x : y});
  }

  Value compared(Value x) {
    Value condition = mask(x), y = anyOfType(x.getType());
    if (chance(4))
      condition = term(chance(2) ? "and" : "or", {condition, mask(y)});
    if (chance(4))
      return condition;
    return term("where", {condition, x, chance(2) ? y : number()});
  }

  Value rounded(Value x) {
    if (jumps == Jumps::None)
      return {};
    if (chance(4))
      return term("rint", {term("mul", {x, scalar(3.7)})});
    Type narrow = chance(2) ? Type(builder.getBF16Type()) : Type(builder.getF16Type());
    Value cast = term("cast", {bounded(x)}, {}, typeOf(x).clone(narrow));
    return term("cast", {cast}, {}, x.getType());
  }

  /// Letters of one operand are matched with some of the other one of equal extents.
  Value contraction(Value x) {
    Value y = any();
    std::string left = lettersOf(x), right;
    for (ExtentAttr extent : getExtents(typeOf(y))) {
      char letter = static_cast<char>('p' + right.size());
      for (auto [own, other] : llvm::zip_equal(left, getExtents(typeOf(x))))
        if (other == extent && !StringRef(right).contains(own) && !chance(3)) {
          letter = own;
          break;
        }
      right += letter;
    }
    std::string all = left, result;
    for (char letter : right)
      if (!StringRef(left).contains(letter))
        all += letter;
    for (char letter : all) {
      bool isShared = StringRef(left).contains(letter) && StringRef(right).contains(letter);
      if (isShared ? chance(4) : !chance(8))
        result += letter;
    }
    if (chance(3))
      result = shuffled(result);
    return axes("contract", left + "," + right + "->" + result, {bounded(x), y});
  }

  Value reduction(Value x) {
    const char *names[] = {"sum", "mean", "amax", "amin", "logsumexp"};
    std::string letters = lettersOf(x);
    if (letters.empty())
      return {};
    return axes(names[below(5)], letters + "->" + someOf(letters), {x});
  }

  Value along(Value x) {
    std::string letters = lettersOf(x);
    if (letters.empty())
      return {};
    std::string last = chance(3) ? someOf(letters) : letters.substr(letters.size() - 1);
    Attribute text = this->text(letters + "/" + last);
    switch (below(6)) {
    case 0:
      return term("masked_softmax", {x, mask(x)}, {{"axes", text}});
    case 1:
      return term("cumsum", {x}, {{"axes", text}});
    case 2:
      return term("rms_norm", {x}, {{"axes", text}, {"epsilon", real(1e-3)}});
    case 3:
      return term("layer_norm", {x}, {{"axes", text}, {"epsilon", real(1e-3)}});
    default:
      return term("softmax", {x}, {{"axes", text}});
    }
  }

  Value broadcast(Value x) {
    std::string letters = lettersOf(x), result = letters;
    SmallVector<ExtentAttr> extents = getExtents(typeOf(x));
    for (size_t i = 0, count = 1 + below(2); i < count; ++i) {
      size_t at = below(result.size() + 1);
      result.insert(at, 1, static_cast<char>('p' + i));
      extents.insert(extents.begin() + static_cast<long>(at), anyExtent());
    }
    return axes("broadcast", letters + "->" + result, {x}, tensor(extents));
  }

  Value transpose(Value x) {
    std::string letters = lettersOf(x);
    return axes("transpose", letters + "->" + shuffled(letters), {x});
  }

  /// An axis is split, or two neighbours are one.
  Value regroup(Value x) {
    SmallVector<ExtentAttr> extents = getExtents(typeOf(x));
    if (extents.empty())
      return {};
    size_t at = below(extents.size());
    auto constant = [&](int64_t n) { return ExtentAttr::getConstant(builder.getContext(), n); };
    if (chance(2)) {
      if (at + 1 == extents.size() || !extents[at].isConstant() || !extents[at + 1].isConstant())
        return {};
      extents[at] = constant(extents[at].getConstant() * extents[at + 1].getConstant());
      extents.erase(extents.begin() + static_cast<long>(at) + 1);
    } else {
      if (!extents[at].isConstant() || extents[at].getConstant() % 2 != 0)
        return {};
      extents[at] = constant(extents[at].getConstant() / 2);
      extents.insert(extents.begin() + static_cast<long>(at + below(2)), constant(2));
    }
    return term("reshape", {x}, {}, tensor(extents));
  }

  /// An axis of a number of indices; none if there is no such axis.
  std::optional<size_t> staticAxis(Value x) {
    SmallVector<ExtentAttr> extents = getExtents(typeOf(x));
    if (extents.empty())
      return std::nullopt;
    size_t at = below(extents.size());
    return extents[at].isConstant() ? std::optional(at) : std::nullopt;
  }

  Value cut(Value x) {
    std::optional<size_t> axis = staticAxis(x);
    if (!axis)
      return {};
    auto extent = static_cast<size_t>(typeOf(x).getDimSize(static_cast<unsigned>(*axis)));
    size_t offset = below(extent), size = 1 + below(extent - offset);
    return term("slice", {x},
                {{"axis", integer(*axis)}, {"offset", integer(offset)}, {"size", integer(size)}});
  }

  Value pad(Value x) {
    std::optional<size_t> axis = staticAxis(x);
    if (!axis)
      return {};
    return term(
        "pad", {x},
        {{"axis", integer(*axis)}, {"low", integer(below(3))}, {"high", integer(below(3))}});
  }

  Value join(Value x) {
    if (typeOf(x).getRank() == 0)
      return {};
    Value y = anyOfType(x.getType());
    size_t axis = below(static_cast<size_t>(typeOf(x).getRank()));
    return term("concat", {x, y}, {{"axis", integer(axis)}});
  }

  /// Rows 0 to 2 of an axis of three indices at least.
  Value gather(Value x) {
    std::optional<size_t> axis = staticAxis(x);
    if (!axis || typeOf(x).getDimSize(static_cast<unsigned>(*axis)) < 3)
      return {};
    std::string letters = lettersOf(x), result = letters;
    result.erase(*axis, 1);
    result.insert(below(result.size() + 1), 1, 't');
    return axes("gather", letters + ",t->" + result, {x, indices});
  }

  Value scatter(Value x) {
    SmallVector<ExtentAttr> extents = getExtents(typeOf(x));
    const auto *tokens = llvm::find(extents, ExtentAttr::getName(builder.getContext(), "T"));
    if (tokens == extents.end())
      return {};
    auto at = static_cast<size_t>(tokens - extents.begin());
    std::string letters = lettersOf(x), result = letters;
    result[at] = 'v';
    extents[at] = ExtentAttr::getConstant(builder.getContext(), 4);
    std::string text = letters + "," + letters[at] + "->" + result;
    return axes("scatter_add", text, {x, indices}, tensor(extents));
  }

  Value indexed(Value x) {
    SmallVector<ExtentAttr> extents = getExtents(typeOf(x));
    switch (below(3)) {
    case 0: {
      if (extents.empty())
        return {};
      std::string letters = lettersOf(x);
      std::string letter(1, letters[below(letters.size())]);
      return axes("iota", letter + "->" + letters, {}, typeOf(x));
    }
    case 1:
      return term("size", {}, {{"extents", DimsAttr::get(builder.getContext(), extents)}},
                  RankedTensorType::get({}, builder.getF32Type()));
    default: {
      ExtentAttr tokens = ExtentAttr::getName(builder.getContext(), "T");
      ExtentAttr four = ExtentAttr::getConstant(builder.getContext(), 4);
      return axes("one_hot", "t->tv", {indices}, tensor({tokens, four}));
    }
    }
  }

  Value rotary(Value x) {
    SmallVector<ExtentAttr> extents = getExtents(typeOf(x));
    bool isKnown = llvm::all_of(llvm::drop_begin(extents),
                                [](ExtentAttr extent) { return extent.isConstant(); });
    if (extents.size() < 2 || !isKnown || extents.back().getConstant() < 2)
      return {};
    auto planes = 1 + below(static_cast<size_t>(extents.back().getConstant() / 2));
    auto count = ExtentAttr::getConstant(builder.getContext(), static_cast<int64_t>(planes));
    Value angles = axes("broadcast", "->ab", {scalar(0.3)}, tensor({extents[0], count}));
    if (Value index = axes("iota", "a->ab", {}, tensor({extents[0], count})); index && angles)
      angles = term("mul", {index, angles});
    auto style = static_cast<RotaryStyle>(below(2));
    return term("rotary", {x, term("cos", {angles}), term("sin", {angles})},
                {{"style", RotaryStyleAttr::get(builder.getContext(), style)}});
  }

  Value attention(Value x) {
    RankedTensorType type = typeOf(x);
    if (type.getRank() != 3 || type.isDynamicDim(1) || type.isDynamicDim(2))
      return {};
    Value key = anyOfType(x.getType()), value = anyOfType(x.getType());
    SmallVector<Named> named{{"scale", real(0.5)}};
    if (chance(2))
      named.push_back({"causal", builder.getUnitAttr()});
    if (chance(3))
      named.push_back({"window", integer(2)});
    if (chance(3))
      named.push_back({"soft_cap", real(2)});
    return term("attention", {bounded(x), bounded(key), value}, named);
  }

  Value weight(Value x) {
    std::string name = "w" + std::to_string(below(4));
    if (!typeOf(x).hasStaticShape())
      return {};
    if (jumps == Jumps::None) // compiled, without a checkpoint
      return numbers(typeOf(x));
    return term("weight", {}, {{"name", text(name)}}, x.getType());
  }

  OpBuilder builder;
  Location location;
  std::mt19937_64 random;
  Jumps jumps;
  SmallVector<Value> values;
  Value indices;
};

} // namespace

void addRandomGraph(ModuleOp module, StringRef name, uint64_t seed, int terms, Jumps jumps) {
  auto builder = OpBuilder::atBlockEnd(module.getBody());
  Location location = builder.getUnknownLoc();
  MLIRContext *context = module.getContext();
  if (!module.lookupSymbol("T"))
    DimOp::create(builder, location, "T", 1, 16);
  auto tokens = ExtentAttr::getName(context, "T");
  auto extent = [&](int64_t size) { return ExtentAttr::getConstant(context, size); };
  Type real = builder.getF32Type();
  Type inputs[] = {getTensor({tokens, extent(8)}, real),
                   getTensor({tokens, extent(4)}, real),
                   getTensor({tokens, extent(2), extent(4)}, real),
                   getTensor({extent(8), extent(4)}, real),
                   getTensor({extent(8)}, real),
                   getTensor({}, real),
                   getTensor({tokens}, builder.getI32Type())};
  auto function =
      func::FuncOp::create(builder, location, name, builder.getFunctionType(inputs, {}));
  SmallVector<Value> results = Writer(function, seed, jumps).run(terms);
  builder.setInsertionPointToEnd(&function.getBody().front());
  func::ReturnOp::create(builder, location, results);
  function.setType(builder.getFunctionType(inputs, ValueRange(results).getTypes()));
}

SmallVector<reference::Datum> randomArguments(func::FuncOp function, uint64_t seed) {
  std::mt19937_64 random(seed);
  SmallVector<reference::Datum> arguments;
  for (Type type : function.getArgumentTypes()) {
    auto tensorType = cast<RankedTensorType>(type);
    SmallVector<int64_t> shape(tensorType.getShape());
    for (int64_t &extent : shape)
      extent = ShapedType::isDynamic(extent) ? kTokens : extent;
    reference::Tensor tensor = reference::Tensor::make(shape);
    for (double &number : *tensor.data) {
      double drawn = static_cast<double>(random() >> 11) * 0x1p-53;
      // What both sides hold as f32.
      number = tensorType.getElementType().isF32() ? static_cast<float>(4 * drawn - 2)
                                                   : std::floor(3 * drawn);
    }
    arguments.push_back(tensor);
  }
  return arguments;
}

FailureOr<reference::Tensor> randomWeight(StringRef name, RankedTensorType type) {
  std::mt19937_64 random(static_cast<unsigned>(name.back()));
  reference::Tensor tensor = reference::Tensor::make(type.getShape());
  for (double &number : *tensor.data)
    number = static_cast<float>(static_cast<double>(random() >> 11) * 0x1p-53 * 2 - 1);
  return tensor;
}

} // namespace tern::test
