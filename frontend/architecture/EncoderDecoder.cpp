// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/EncoderDecoder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;

namespace tern::architecture {

using checkpoint::TensorNames;

std::vector<int32_t> relativeBuckets(int64_t buckets, int64_t maxDistance, bool isTwoWay) {
  int64_t own = isTwoWay ? buckets / 2 : buckets, exact = own / 2;
  std::vector<int32_t> result;
  for (int64_t distance = -maxDistance; distance <= maxDistance; ++distance) {
    int64_t first = isTwoWay && distance > 0 ? own : 0;
    int64_t far = isTwoWay ? std::abs(distance) : std::max<int64_t>(-distance, 0);
    int64_t bucket = far;
    if (far >= exact) {
      // In f32 as transformers has it, for a rounding may lie at the border of two buckets.
      float share = std::log(float(far) / float(exact)) /
                    float(std::log(double(maxDistance) / double(exact)));
      bucket = std::min(exact + int64_t(share * float(own - exact)), own - 1);
    }
    result.push_back(static_cast<int32_t>(first + bucket));
  }
  return result;
}

namespace {

/// Keys and values of all layers of the decoder lie side by side in the rows of one tensor: of
/// layer l, keys from column 2 l W on and values after them, W being the width of all heads.
class EncoderDecoderWriter {
public:
  explicit EncoderDecoderWriter(ModelBuilder &model)
      : model(model), config(model.config), pair(*config.encoderDecoder), builder(model.builder),
        inner(config.heads * config.headWidth), stateWidth(2 * inner * pair.decoderLayers) {}

  void write() {
    declareDims();
    writeEncode();
    for (int64_t layer = 0; layer < config.layers; ++layer)
      writeEncoderLayer(layer);
    writeDecode();
    for (int64_t layer = 0; layer < pair.decoderLayers; ++layer)
      writeDecoderLayer(layer);
  }

private:
  /// T new tokens after P past ones, S tokens of the prompt; R and H as in every model.
  void declareDims() {
    int64_t most = model.options.maxContext;
    const std::tuple<const char *, int64_t, int64_t> dims[] = {
        {"T", 1, most}, {"S", 1, most}, {"P", 0, most}, {"R", 0, most}, {"H", 0, most * most}};
    for (auto [name, least, largest] : dims)
      DimOp::create(builder, model.location, name, least, largest);
  }

  ExtentAttr fixed(int64_t size) { return ExtentAttr::getConstant(builder.getContext(), size); }
  Type numbers(ExtentAttr count) { return model.tensor({count}, builder.getI32Type()); }
  RankedTensorType matrix(ExtentAttr rows, int64_t width) {
    return model.tensor({rows, fixed(width)}, builder.getF32Type());
  }
  /// Slots of the decoder: those of the past, then the new ones.
  ExtentAttr slots() { return model.dim("P").plus(model.dim("T")); }

  void nameArguments(func::FuncOp function, ArrayRef<const char *> arguments,
                     ArrayRef<const char *> results) {
    for (auto [i, name] : llvm::enumerate(arguments))
      function.setArgAttr(i, "tern.name", builder.getStringAttr(name));
    for (auto [i, name] : llvm::enumerate(results))
      function.setResultAttr(i, "tern.name", builder.getStringAttr(name));
  }

  //===- The two programs -------------------------------------------------===//

  void writeEncode() {
    ExtentAttr rows = model.dim("T");
    Type stream = matrix(rows, config.width);
    func::FuncOp function = model.function("encode", {numbers(rows), numbers(rows)},
                                           {stream, matrix(rows, stateWidth)}, /*isPublic=*/true);
    nameArguments(function, {"tokens", "positions"}, {"hidden", "cross"});
    Value positions = function.getArgument(1);
    Value x = model.gatherRows(embedding(), function.getArgument(0));
    Value bias = distanceBias(config.names, positions, positions, /*isTwoWay=*/true);
    for (int64_t layer = 0; layer < config.layers; ++layer)
      x = callLayer("encoder.", layer, x, {bias});
    x = model.norm(x, config.names.finalNorm);
    SmallVector<Value> cross;
    for (int64_t layer = 0; layer < pair.decoderLayers; ++layer)
      for (const std::string &pattern : {pair.names.crossKey, pair.names.crossValue})
        cross.push_back(linear(x, nameOf(pattern, layer), inner));
    func::ReturnOp::create(builder, model.location, {x, joined(cross)});
  }

  void writeDecode() {
    ExtentAttr rows = model.dim("T"), sources = model.dim("S"), chosen = model.dim("R");
    func::FuncOp function = model.function(
        "decode",
        {numbers(rows), numbers(rows), numbers(slots()), numbers(chosen),
         matrix(model.dim("P"), stateWidth), matrix(sources, stateWidth)},
        {model.rows("R", {config.vocabulary}), matrix(rows, stateWidth)}, /*isPublic=*/true);
    nameArguments(function, {"tokens", "positions", "slotPositions", "logitRows", "past", "cross"},
                  {"logits", "state"});
    Value positions = function.getArgument(1), past = function.getArgument(4),
          cross = function.getArgument(5);
    Value table = embedding(), x = model.gatherRows(table, function.getArgument(0));
    Value bias = distanceBias(pair.names, positions, function.getArgument(2), /*isTwoWay=*/false);
    SmallVector<Value> state;
    for (int64_t layer = 0; layer < pair.decoderLayers; ++layer) {
      SmallVector<Value> rest{bias};
      Value normed = model.norm(x, nameOf(pair.names.attentionNorm, layer));
      for (const std::string &pattern : {pair.names.key, pair.names.value}) {
        Value fresh = linear(normed, nameOf(pattern, layer), inner);
        Value old = model.slice(past, 1, static_cast<int64_t>(state.size()) * inner, inner);
        state.push_back(fresh);
        rest.push_back(ConcatOp::create(builder, model.location, ValueRange{old, fresh}, 0));
      }
      for (int64_t part = 0; part < 2; ++part)
        rest.push_back(model.slice(cross, 1, (2 * layer + part) * inner, inner));
      x = callLayer("decoder.", layer, x, rest);
    }
    x = model.norm(model.gatherRows(x, function.getArgument(3)), pair.names.finalNorm);
    func::ReturnOp::create(builder, model.location, {logits(x, table), joined(state)});
  }

  Value embedding() {
    return model.weight(config.names.embedding + ".weight", {config.vocabulary, config.width});
  }

  Value joined(ArrayRef<Value> columns) {
    return ConcatOp::create(builder, model.location, columns, 1);
  }

  Value linear(Value x, const std::string &name, int64_t out) {
    return model.linear(x, name, out, /*isBiased=*/false);
  }

  Value logits(Value x, Value table) {
    Value head = config.tiedEmbeddings ? table
                                       : model.weight(config.names.head + ".weight",
                                                      {config.vocabulary, config.width});
    x = model.scale(x, config.logitScale);
    return ContractOp::create(builder, model.location, "rk,nk->rn", x, head, Value());
  }

  Value callLayer(const std::string &stack, int64_t layer, Value x, ArrayRef<Value> rest) {
    Value index = arith::ConstantIndexOp::create(builder, model.location, layer);
    SmallVector<Value> operands{index, x};
    operands.append(rest.begin(), rest.end());
    return func::CallOp::create(builder, model.location, stack + std::to_string(layer),
                                TypeRange{x.getType()}, operands)
        .getResult(0);
  }

  //===- Distances --------------------------------------------------------===//

  Value constant(ArrayRef<int32_t> values) {
    auto type = RankedTensorType::get({static_cast<int64_t>(values.size())}, builder.getI32Type());
    return ConstantOp::create(builder, model.location, type, DenseElementsAttr::get(type, values));
  }

  Value constant(int64_t value) {
    auto type = RankedTensorType::get({}, builder.getI32Type());
    return ConstantOp::create(builder, model.location, type,
                              DenseElementsAttr::get(type, static_cast<int32_t>(value)));
  }

  /// What each head adds to the score of each query and key: [heads, queries, keys].
  Value distanceBias(const TensorNames &names, Value queries, Value keys, bool isTwoWay) {
    Location location = model.location;
    Value weight = model.weight(names.relative + ".weight", {pair.buckets, config.heads});
    Value buckets = constant(relativeBuckets(pair.buckets, pair.maxDistance, isTwoWay));
    Value table = GatherOp::create(builder, location, "bh,n->nh", weight, buckets);
    if (auto type = cast<RankedTensorType>(table.getType()); !type.getElementType().isF32())
      table = CastOp::create(builder, location, type.clone(builder.getF32Type()), table);
    auto extentOf = [](Value value) {
      return getExtents(cast<RankedTensorType>(value.getType()))[0];
    };
    RankedTensorType type = model.tensor({extentOf(queries), extentOf(keys)}, builder.getI32Type());
    Value distance = SubOp::create(builder, location, model.broadcast(keys, type, "k->qk"),
                                   model.broadcast(queries, type, "q->qk"));
    distance = MaximumOp::create(builder, location, distance, constant(-pair.maxDistance));
    distance = MinimumOp::create(builder, location, distance, constant(pair.maxDistance));
    Value places = model.add(distance, constant(pair.maxDistance));
    return GatherOp::create(builder, location, "nh,qk->hqk", table, places);
  }

  //===- Layers -----------------------------------------------------------===//

  func::FuncOp beginLayer(const std::string &stack, int64_t layer, ArrayRef<Type> rest) {
    Type stream = matrix(model.dim("T"), config.width);
    SmallVector<Type> inputs{builder.getIndexType(), stream};
    inputs.append(rest.begin(), rest.end());
    func::FuncOp function = model.function(stack + std::to_string(layer), inputs, {stream},
                                           /*isPublic=*/false);
    function->setAttr("tern.layer", builder.getI64IntegerAttr(layer));
    number = layer;
    return function;
  }

  RankedTensorType biasType(ExtentAttr keys) {
    return model.tensor({fixed(config.heads), model.dim("T"), keys}, builder.getF32Type());
  }

  void writeEncoderLayer(int64_t layer) {
    func::FuncOp function = beginLayer("encoder.", layer, {biasType(model.dim("T"))});
    const TensorNames &names = config.names;
    Value x = function.getArgument(1), read = normed(x, names.attentionNorm);
    Value attended = attend(named(read, names.query), named(read, names.key),
                            named(read, names.value), function.getArgument(2), false);
    x = model.add(x, linear(attended, nameOf(names.attentionOut, number), config.width));
    func::ReturnOp::create(builder, model.location, addFeedForward(x, names));
  }

  void writeDecoderLayer(int64_t layer) {
    Type own = matrix(slots(), inner), other = matrix(model.dim("S"), inner);
    func::FuncOp function =
        beginLayer("decoder.", layer, {biasType(slots()), own, own, other, other});
    const TensorNames &names = pair.names;
    auto arguments = function.getArguments();
    Value x = arguments[1];
    Value attended = attend(named(normed(x, names.attentionNorm), names.query), arguments[3],
                            arguments[4], arguments[2], /*isCausal=*/true);
    x = model.add(x, linear(attended, nameOf(names.attentionOut, number), config.width));
    attended = attend(named(normed(x, names.crossNorm), names.crossQuery), arguments[5],
                      arguments[6], Value(), /*isCausal=*/false);
    x = model.add(x, linear(attended, nameOf(names.crossOut, number), config.width));
    func::ReturnOp::create(builder, model.location, addFeedForward(x, names));
  }

  Value normed(Value x, const std::string &pattern) {
    return model.norm(x, nameOf(pattern, number));
  }

  Value named(Value x, const std::string &pattern) {
    return linear(x, nameOf(pattern, number), inner);
  }

  Value headsOf(Value x) {
    auto type = cast<RankedTensorType>(x.getType());
    RankedTensorType split = model.tensor(
        {getExtents(type)[0], fixed(config.heads), fixed(config.headWidth)}, type.getElementType());
    return ReshapeOp::create(builder, model.location, split, x);
  }

  Value attend(Value query, Value key, Value value, Value bias, bool isCausal) {
    Value attended = AttentionOp::create(builder, model.location, headsOf(query), headsOf(key),
                                         headsOf(value), bias, APFloat(config.attentionScale),
                                         isCausal, /*window=*/0, /*soft_cap=*/APFloat(0.0));
    return model.reshape(attended, {inner});
  }

  Value addFeedForward(Value x, const TensorNames &names) {
    Value read = normed(x, names.ffnNorm);
    auto wide = [&](const std::string &pattern) {
      return linear(read, nameOf(pattern, number), config.ffnWidth);
    };
    Value hidden = config.isGated ? model.mul(model.activation(wide(names.gate)), wide(names.up))
                                  : model.activation(wide(names.up));
    return model.add(x, linear(hidden, nameOf(names.down, number), config.width));
  }

  ModelBuilder &model;
  const checkpoint::ModelConfig &config;
  const checkpoint::EncoderDecoderConfig &pair;
  OpBuilder &builder;
  const int64_t inner, stateWidth;
  int64_t number = 0;
};

} // namespace

void buildEncoderDecoder(ModelBuilder &model) { EncoderDecoderWriter(model).write(); }

} // namespace tern::architecture
