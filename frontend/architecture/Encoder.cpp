// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/Encoder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;

namespace tern::architecture {

using checkpoint::Pooling;

namespace {

class EncoderWriter {
public:
  explicit EncoderWriter(ModelBuilder &model)
      : model(model), config(model.config), encoder(*config.encoder), names(config.names),
        builder(model.builder), stream(model.rows("T", {config.width})) {}

  void write() {
    DimOp::create(builder, model.location, "T", 1, model.options.maxContext);
    if (encoder.hasHead)
      DimOp::create(builder, model.location, "R", 0, model.options.maxContext);
    writeEncode();
    for (int64_t layer = 0; layer < config.layers; ++layer)
      writeLayer(layer);
  }

private:
  //===- A text -----------------------------------------------------------===//

  void writeEncode() {
    MLIRContext *context = builder.getContext();
    auto fixed = [&](int64_t size) { return ExtentAttr::getConstant(context, size); };
    Type numbers = model.tensor({model.dim("T")}, builder.getI32Type());
    statesType =
        model.tensor({fixed(1), model.dim("T"), fixed(config.width)}, builder.getF32Type());
    SmallVector<Type> inputs(3, numbers);
    SmallVector<Type> results{
        RankedTensorType::get({config.width}, builder.getF32Type()),
        model.tensor({fixed(config.layers + 1), model.dim("T"), fixed(config.width)},
                     builder.getF32Type())};
    if (encoder.hasHead) {
      inputs.push_back(model.tensor({model.dim("R")}, builder.getI32Type()));
      results.push_back(model.rows("R", {config.vocabulary}));
    }
    func::FuncOp function = model.function("encode", inputs, results, /*isPublic=*/true);
    nameArguments(function);

    Value x = embed(function.getArgument(0), function.getArgument(1), function.getArgument(2));
    SmallVector<Value> states{stateOf(x)};
    for (int64_t layer = 0; layer < config.layers; ++layer) {
      x = callLayer(layer, x);
      states.push_back(stateOf(x));
    }
    SmallVector<Value> returned{pool(x), ConcatOp::create(builder, model.location, states, 0)};
    if (encoder.hasHead)
      returned.push_back(logits(x, function.getArgument(3)));
    func::ReturnOp::create(builder, model.location, returned);
  }

  void nameArguments(func::FuncOp function) {
    const char *arguments[] = {"tokens", "positions", "types", "logitRows"};
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      function.setArgAttr(i, "tern.name", builder.getStringAttr(arguments[i]));
    const char *results[] = {"embedding", "hidden", "logits"};
    for (unsigned i = 0; i < function.getNumResults(); ++i)
      function.setResultAttr(i, "tern.name", builder.getStringAttr(results[i]));
  }

  Value embed(Value tokens, Value positions, Value types) {
    table = model.weight(names.embedding + ".weight", {config.vocabulary, config.width});
    Value kinds = model.weight(names.types + ".weight", {encoder.typeRows, config.width});
    Value x = model.add(model.gatherRows(table, tokens), model.gatherRows(kinds, types));
    return model.norm(model.add(x, model.positionRows(positions)), names.embeddingNorm);
  }

  Value stateOf(Value x) { return ReshapeOp::create(builder, model.location, statesType, x); }

  Value callLayer(int64_t layer, Value x) {
    Value index = arith::ConstantIndexOp::create(builder, model.location, layer);
    return func::CallOp::create(builder, model.location, "layer." + std::to_string(layer),
                                TypeRange{stream}, ValueRange{index, x})
        .getResult(0);
  }

  /// The vector of a text.
  Value pool(Value x) {
    Location location = model.location;
    auto type = RankedTensorType::get({config.width}, builder.getF32Type());
    Value pooled;
    switch (encoder.pooling) {
    case Pooling::Mean:
      pooled = MeanOp::create(builder, location, "td->d", x);
      break;
    case Pooling::First:
      pooled = ReshapeOp::create(builder, location, type, model.slice(x, 0, 0, 1));
      break;
    case Pooling::Largest:
      pooled = AmaxOp::create(builder, location, "td->d", x);
      break;
    }
    if (!encoder.isNormalised)
      return pooled;
    Value squares =
        SumOp::create(builder, location, "d->", SquareOp::create(builder, location, pooled));
    Value length = SqrtOp::create(builder, location, squares);
    // As torch.nn.functional.normalize has it.
    length = MaximumOp::create(builder, location, length, model.scalar(1e-12));
    return DivOp::create(builder, location, pooled, length);
  }

  Value logits(Value x, Value logitRows) {
    Value rows = model.linear(model.gatherRows(x, logitRows), names.headDense, config.width,
                              /*isBiased=*/true);
    rows = model.norm(model.activation(rows), names.headNorm);
    Value y = ContractOp::create(builder, model.location, "rk,nk->rn", rows, table, Value());
    Value bias = model.vector(names.head + ".bias", config.vocabulary);
    return model.add(y, model.broadcast(bias, cast<RankedTensorType>(y.getType()), "n->rn"));
  }

  //===- A layer ----------------------------------------------------------===//

  void writeLayer(int64_t layer) {
    func::FuncOp function =
        model.function("layer." + std::to_string(layer), {builder.getIndexType(), stream}, {stream},
                       /*isPublic=*/false);
    function->setAttr("tern.layer", builder.getI64IntegerAttr(layer));
    number = layer;
    Value x = function.getArgument(1);
    x = normed(model.add(x, attend(x)), names.attentionNorm);
    x = normed(model.add(x, feedForward(x)), names.ffnNorm);
    func::ReturnOp::create(builder, model.location, x);
  }

  Value normed(Value x, const std::string &pattern) {
    return model.norm(x, nameOf(pattern, number));
  }

  Value linear(Value x, const std::string &pattern, int64_t out) {
    return model.linear(x, nameOf(pattern, number), out, /*isBiased=*/true);
  }

  Value attend(Value x) {
    auto heads = [&](const std::string &pattern) {
      int64_t width = config.heads * config.headWidth;
      return model.reshape(linear(x, pattern, width), {config.heads, config.headWidth});
    };
    Value query = heads(names.query), key = heads(names.key), value = heads(names.value);
    APFloat scale(1 / std::sqrt(static_cast<double>(config.headWidth)));
    Value attended = AttentionOp::create(builder, model.location, query, key, value,
                                         /*mask=*/Value(), scale, /*causal=*/false, /*window=*/0,
                                         /*soft_cap=*/APFloat(0.0));
    return linear(model.reshape(attended, {config.heads * config.headWidth}), names.attentionOut,
                  config.width);
  }

  Value feedForward(Value x) {
    return linear(model.activation(linear(x, names.up, config.ffnWidth)), names.down, config.width);
  }

  ModelBuilder &model;
  const checkpoint::ModelConfig &config;
  const checkpoint::EncoderConfig &encoder;
  const checkpoint::TensorNames &names;
  OpBuilder &builder;
  Type stream, statesType;
  Value table; // of the embedding
  int64_t number = 0;
};

} // namespace

void buildEncoder(ModelBuilder &model) { EncoderWriter(model).write(); }

} // namespace tern::architecture
