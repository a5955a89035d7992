// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/Decoder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace tern::architecture {

namespace {

class DecoderWriter {
public:
  DecoderWriter(ModelBuilder &model, const checkpoint::RotaryFactors &factors)
      : model(model), config(model.config), names(config.names), builder(model.builder),
        factors(factors) {
    MLIRContext *context = builder.getContext();
    Type element = model.options.cacheType == "f16"    ? Type(builder.getF16Type())
                   : model.options.cacheType == "bf16" ? Type(builder.getBF16Type())
                                                       : Type(builder.getF32Type());
    cacheType = kv::CacheType::get(context, config.layers, config.kvHeads, config.headWidth,
                                   config.widthOfValues(), cast<FloatType>(element));
    batchType = kv::BatchType::get(context, builder.getStringAttr("T"), builder.getStringAttr("B"));
    numbers = model.tensor({model.dim("T")}, builder.getI32Type());
    stream = model.rows("T", {config.width});
  }

  void write() {
    writeStep();
    for (int64_t layer = 0; layer < config.layers; ++layer)
      writeLayer(layer);
  }

private:
  //===- The step ---------------------------------------------------------===//

  void writeStep() {
    Type chosen = model.tensor({model.dim("R")}, builder.getI32Type());
    func::FuncOp step =
        model.function("step", {numbers, numbers, numbers, batchType, chosen, cacheType},
                       {model.rows("R", {config.vocabulary}), cacheType}, /*isPublic=*/true);
    const char *arguments[] = {"tokens", "positions", "lengths", "batch", "logitRows", "cache"};
    for (auto [i, name] : llvm::enumerate(arguments))
      step.setArgAttr(i, "tern.name", builder.getStringAttr(name));
    step.setResultAttr(0, "tern.name", builder.getStringAttr("logits"));
    step.setResultAttr(1, "tern.name", builder.getStringAttr("cache"));
    Value tokens = step.getArgument(0), positions = step.getArgument(1),
          lengths = step.getArgument(2), batch = step.getArgument(3),
          logitRows = step.getArgument(4), cache = step.getArgument(5);
    Value x = embed(tokens, positions);
    // The carried stream and cache, then what all layers read alike.
    shared = {positions, batch};
    for (const auto *rotary : {&config.rotary, &config.windowRotary})
      if (*rotary) {
        bool isWindow = rotary == &config.windowRotary;
        RotaryTables tables = rotaryTables(
            model, **rotary, isWindow ? checkpoint::RotaryFactors() : factors, positions, lengths);
        shared.append({tables.cos, tables.sin});
      }
    for (int64_t layer = 0; layer < config.layers; ++layer)
      std::tie(x, cache) = callLayer(layer, x, cache);
    func::ReturnOp::create(builder, model.location, ValueRange{logits(x, logitRows), cache});
  }

  Value embed(Value tokens, Value positions) {
    table = model.weight(names.embedding + ".weight", {config.vocabulary, config.width});
    Value x = model.scale(model.gatherRows(table, tokens), config.embeddingScale);
    if (config.positionRows == 0)
      return x;
    Value rows = model.weight(names.positions + ".weight", {config.positionRows, config.width});
    if (config.positionOffset != 0) {
      auto type = RankedTensorType::get({}, builder.getI32Type());
      auto offset = DenseElementsAttr::get(type, static_cast<int32_t>(config.positionOffset));
      positions = model.add(positions, ConstantOp::create(builder, model.location, type, offset));
    }
    return model.add(x, model.gatherRows(rows, positions));
  }

  std::pair<Value, Value> callLayer(int64_t layer, Value x, Value cache) {
    Value index = arith::ConstantIndexOp::create(builder, model.location, layer);
    SmallVector<Value> operands{index, x, cache};
    operands.append(shared);
    auto call = func::CallOp::create(builder, model.location, "layer." + std::to_string(layer),
                                     TypeRange{stream, cacheType}, operands);
    return {call.getResult(0), call.getResult(1)};
  }

  Value logits(Value x, Value logitRows) {
    x = model.norm(model.gatherRows(x, logitRows), names.finalNorm);
    Value y;
    if (!config.tiedEmbeddings && !config.isTransposed) {
      y = model.linear(x, names.head, config.vocabulary, config.headBias);
    } else {
      Value head = config.tiedEmbeddings
                       ? table
                       : model.weight(names.head + ".weight", {config.vocabulary, config.width});
      y = model.product(x, head);
      if (config.headBias)
        y = model.addBias(y, names.head + ".bias");
    }
    return model.softCap(model.scale(y, config.logitScale), config.logitCap);
  }

  //===- A layer ----------------------------------------------------------===//

  void writeLayer(int64_t layer) {
    SmallVector<Type> inputs{builder.getIndexType(), stream, cacheType};
    for (Value value : shared)
      inputs.push_back(value.getType());
    func::FuncOp function = model.function("layer." + std::to_string(layer), inputs,
                                           {stream, cacheType}, /*isPublic=*/false);
    function->setAttr("tern.layer", builder.getI64IntegerAttr(layer));
    auto arguments = function.getArguments();
    LayerContext context{layer, arguments[0], arguments[2], arguments[3], arguments[4], {}};
    if (config.rotary) {
      size_t first = config.windowRotary && config.windowOf(layer) ? 7 : 5;
      context.rotary = {arguments[first], arguments[first + 1]};
    }
    auto [x, cache] =
        config.isParallel ? inParallel(context, arguments[1]) : inSequence(context, arguments[1]);
    func::ReturnOp::create(builder, model.location, ValueRange{x, cache});
  }

  std::pair<Value, Value> inSequence(const LayerContext &context, Value x) {
    auto [attended, cache] =
        writeAttention(model, context, normed(x, names.attentionNorm, context));
    x = addBranch(x, normed(attended, names.attentionPostNorm, context));
    Value inner = feedForward(normed(x, names.ffnNorm, context), context);
    return {addBranch(x, normed(inner, names.ffnPostNorm, context)), cache};
  }

  /// Both branches read the stream by one norm, or each by its own.
  std::pair<Value, Value> inParallel(const LayerContext &context, Value x) {
    Value read = normed(x, names.attentionNorm, context);
    auto [attended, cache] = writeAttention(model, context, read);
    if (!names.ffnNorm.empty())
      read = normed(x, names.ffnNorm, context);
    return {addBranch(addBranch(x, attended), feedForward(read, context)), cache};
  }

  Value normed(Value x, const std::string &pattern, const LayerContext &context) {
    if (config.hasPlainNorms && !pattern.empty())
      return model.normalise(x);
    return model.norm(x, nameOf(pattern, context.number));
  }

  Value addBranch(Value x, Value branch) {
    return model.add(x, model.scale(branch, config.residualScale));
  }

  Value feedForward(Value x, const LayerContext &context) {
    if (config.experts && config.experts->isSparse(context.number))
      return writeExperts(model, context.number, x);
    auto wide = [&](const std::string &pattern, int64_t out) {
      return model.linear(x, nameOf(pattern, context.number), out, config.ffnBias);
    };
    Value inner = x;
    if (!names.fusedGateUp.empty()) {
      Value both = wide(names.fusedGateUp, 2 * config.ffnWidth);
      inner = model.mul(model.activation(model.slice(both, 1, 0, config.ffnWidth)),
                        model.slice(both, 1, config.ffnWidth, config.ffnWidth));
    } else if (!names.up.empty() && config.isGated) {
      Value gate = model.activation(wide(names.gate, config.ffnWidth));
      inner = model.mul(gate, wide(names.up, config.ffnWidth));
    } else if (!names.up.empty()) {
      inner = model.activation(wide(names.up, config.ffnWidth));
    }
    return model.linear(inner, nameOf(names.down, context.number), config.width, config.ffnBias);
  }

  ModelBuilder &model;
  const checkpoint::ModelConfig &config;
  const checkpoint::TensorNames &names;
  OpBuilder &builder;
  const checkpoint::RotaryFactors &factors;
  Type cacheType, batchType, numbers, stream;
  Value table; // of the embedding
  SmallVector<Value> shared;
};

} // namespace

void buildDecoder(ModelBuilder &model, const checkpoint::RotaryFactors &factors) {
  DecoderWriter(model, factors).write();
}

} // namespace tern::architecture
