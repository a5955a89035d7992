// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/Decoder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace tern::architecture {

namespace {

/// One value for each of the model's parallel streams; all but a few models have one.
using Streams = SmallVector<Value>;

/// What goes from layer to layer.
struct Carried {
  Streams streams;
  SmallVector<Value, 2> caches;
};

class DecoderWriter {
public:
  DecoderWriter(ModelBuilder &model, const checkpoint::RotaryFactors &factors)
      : model(model), config(model.config), names(config.names), builder(model.builder),
        factors(factors) {
    cacheTypes = config.stateSpace ? stateTypes(model) : SmallVector<Type>{cacheType()};
    batchType = kv::BatchType::get(builder.getContext(), builder.getStringAttr("T"),
                                   builder.getStringAttr("B"));
    numbers = model.tensor({model.dim("T")}, builder.getI32Type());
    stream = model.rows("T", {config.width});
  }

  void write() {
    writeStep();
    for (int64_t layer = 0; layer < config.layers; ++layer)
      writeLayer(layer);
  }

private:
  Type cacheType() {
    Type element = model.options.cacheType == "f16"    ? Type(builder.getF16Type())
                   : model.options.cacheType == "bf16" ? Type(builder.getBF16Type())
                                                       : Type(builder.getF32Type());
    return kv::CacheType::get(builder.getContext(), config.layers,
                              config.streams.count * config.kvHeads, config.headWidth,
                              config.widthOfValues(), cast<FloatType>(element));
  }

  //===- The step ---------------------------------------------------------===//

  func::FuncOp declareStep() {
    Type chosen = model.tensor({model.dim("R")}, builder.getI32Type());
    SmallVector<Type> inputs{numbers, numbers, numbers, batchType, chosen};
    SmallVector<Type> results{model.rows("R", {config.vocabulary})};
    SmallVector<StringRef> names{"tokens", "positions", "lengths", "batch", "logitRows"};
    SmallVector<StringRef> resultNames{"logits"};
    SmallVector<StringRef> caches{"cache"};
    if (config.stateSpace)
      caches = {"convolution", "state"};
    inputs.append(cacheTypes);
    results.append(cacheTypes);
    names.append(caches);
    resultNames.append(caches);
    func::FuncOp step = model.function("step", inputs, results, /*isPublic=*/true);
    for (auto [i, name] : llvm::enumerate(names))
      step.setArgAttr(i, "tern.name", builder.getStringAttr(name));
    for (auto [i, name] : llvm::enumerate(resultNames))
      step.setResultAttr(i, "tern.name", builder.getStringAttr(name));
    return step;
  }

  void writeStep() {
    func::FuncOp step = declareStep();
    Value tokens = step.getArgument(0), positions = step.getArgument(1),
          lengths = step.getArgument(2), batch = step.getArgument(3),
          logitRows = step.getArgument(4);
    Value x = embed(tokens, positions);
    // What is carried, then what all layers read alike.
    shared = {positions, batch};
    for (const auto *rotary : {&config.rotary, &config.windowRotary})
      if (*rotary) {
        bool isWindow = rotary == &config.windowRotary;
        RotaryTables tables = rotaryTables(
            model, **rotary, isWindow ? checkpoint::RotaryFactors() : factors, positions, lengths);
        shared.append({tables.cos, tables.sin});
      }
    if (config.modality)
      shared.push_back(isOfModality(tokens));
    Carried carried{Streams(static_cast<size_t>(config.streams.count), x), {}};
    llvm::append_range(carried.caches, step.getArguments().drop_front(5));
    for (int64_t layer = 0; layer < config.layers; ++layer)
      carried = callLayer(layer, carried);
    SmallVector<Value> results{logits(carried.streams, logitRows)};
    results.append(carried.caches);
    func::ReturnOp::create(builder, model.location, results);
  }

  /// [T]: 1 where the token is of the modality, else 0.
  Value isOfModality(Value tokens) {
    Value ids = model.asF32(tokens);
    auto bound = [&](int64_t token) { return model.scalar(static_cast<double>(token)); };
    Value after = LeOp::create(builder, model.location, bound(config.modality->first), ids);
    Value before = LeOp::create(builder, model.location, ids, bound(config.modality->last));
    return model.mul(after, before);
  }

  Value embed(Value tokens, Value positions) {
    table =
        model.weight(names.embedding + ".weight", {config.vocabulary, config.widthOfEmbedding()});
    Value x = model.scale(model.gatherRows(table, tokens), config.embeddingScale);
    if (config.embeddingWidth != 0)
      x = model.linear(x, names.embeddingIn, config.width, /*isBiased=*/false);
    return config.positionRows == 0 ? x : model.add(x, model.positionRows(positions));
  }

  Carried callLayer(int64_t layer, const Carried &carried) {
    Value index = arith::ConstantIndexOp::create(builder, model.location, layer);
    SmallVector<Value> operands{index};
    operands.append(carried.streams);
    operands.append(carried.caches);
    operands.append(shared);
    auto call = func::CallOp::create(builder, model.location, "layer." + std::to_string(layer),
                                     carriedTypes(), operands);
    return split(call.getResults());
  }

  /// The streams, then the caches.
  Carried split(ValueRange values) {
    auto streams = static_cast<size_t>(config.streams.count);
    return {Streams(values.take_front(streams)),
            SmallVector<Value, 2>(values.slice(streams, cacheTypes.size()))};
  }

  SmallVector<Type> carriedTypes() {
    SmallVector<Type> types(static_cast<size_t>(config.streams.count), stream);
    types.append(cacheTypes);
    return types;
  }

  Value logits(const Streams &streams, Value logitRows) {
    Value x =
        aggregateStreams(model, mapped(streams, [&](Value one) {
                           return model.norm(model.gatherRows(one, logitRows), names.finalNorm);
                         }));
    if (config.embeddingWidth != 0)
      x = model.linear(x, names.embeddingOut, config.embeddingWidth, /*isBiased=*/false);
    Value y;
    if (!config.tiedEmbeddings && !config.isTransposed) {
      y = model.linear(x, names.head, config.vocabulary, config.headBias);
    } else {
      Value head = config.tiedEmbeddings
                       ? table
                       : model.weight(names.head + ".weight",
                                      {config.vocabulary, config.widthOfEmbedding()});
      y = model.product(x, head);
      if (config.headBias)
        y = model.addBias(y, names.head + ".bias");
    }
    return model.softCap(model.scale(y, config.logitScale), config.logitCap);
  }

  //===- A layer ----------------------------------------------------------===//

  void writeLayer(int64_t layer) {
    SmallVector<Type> inputs{builder.getIndexType()};
    inputs.append(carriedTypes());
    for (Value value : shared)
      inputs.push_back(value.getType());
    func::FuncOp function = model.function("layer." + std::to_string(layer), inputs, carriedTypes(),
                                           /*isPublic=*/false);
    function->setAttr("tern.layer", builder.getI64IntegerAttr(layer));
    ValueRange arguments = function.getArguments();
    ValueRange rest = arguments.drop_front(1 + carriedTypes().size());
    Carried given = split(arguments.drop_front());
    LayerContext context{layer, arguments[0], given.caches, rest[0], rest[1], {}, {}};
    if (config.rotary) {
      size_t first = config.windowRotary && config.windowOf(layer) ? 4 : 2;
      context.rotary = {rest[first], rest[first + 1]};
    }
    if (config.modality)
      context.modality = rest.back();
    auto [results, caches] = config.stateSpace   ? inOneBranch(context, given.streams)
                             : config.isPostNorm ? inPostNorm(context, given.streams)
                             : config.isParallel ? inParallel(context, given.streams)
                                                 : inSequence(context, given.streams);
    results.append(caches);
    func::ReturnOp::create(builder, model.location, results);
  }

  Carried inOneBranch(const LayerContext &context, const Streams &streams) {
    Value x = streams.front();
    auto [out, caches] = writeStateSpace(model, context, normed(x, names.attentionNorm, context));
    return {{addBranch(x, out.front())}, caches};
  }

  Carried inSequence(const LayerContext &context, Streams streams) {
    Streams read =
        mapped(streams, [&](Value x) { return normed(x, names.attentionNorm, context); });
    auto [attended, caches] = writeAttention(model, context, read);
    for (auto [x, branch] : llvm::zip_equal(streams, attended)) {
      x = addBranch(x, normed(branch, names.attentionPostNorm, context));
      if (config.versatile) {
        x = writeVersatile(model, context.number, x);
        continue;
      }
      Value inner = feedForward(normed(x, names.ffnNorm, context), context);
      x = addBranch(x, normed(inner, names.ffnPostNorm, context));
    }
    return {streams, caches};
  }

  Carried inPostNorm(const LayerContext &context, Streams streams) {
    auto [attended, caches] = writeAttention(model, context, streams);
    for (auto [x, branch] : llvm::zip_equal(streams, attended)) {
      x = normed(addBranch(x, branch), names.attentionNorm, context);
      x = normed(addBranch(x, feedForward(x, context)), names.ffnNorm, context);
    }
    return {streams, caches};
  }

  /// Both branches read the stream by one norm, or each by its own.
  Carried inParallel(const LayerContext &context, Streams streams) {
    Streams read =
        mapped(streams, [&](Value x) { return normed(x, names.attentionNorm, context); });
    auto [attended, caches] = writeAttention(model, context, read);
    for (auto [x, own, branch] : llvm::zip_equal(streams, read, attended)) {
      if (!names.ffnNorm.empty())
        own = normed(x, names.ffnNorm, context);
      x = addBranch(addBranch(x, branch), feedForward(own, context));
    }
    return {streams, caches};
  }

  static Streams mapped(const Streams &streams, llvm::function_ref<Value(Value)> change) {
    return llvm::to_vector(llvm::map_range(streams, change));
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
      return writeExperts(model, context, x);
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
  SmallVector<Type> cacheTypes;
  Type batchType, numbers, stream;
  Value table; // of the embedding
  SmallVector<Value> shared;
};

} // namespace

void buildDecoder(ModelBuilder &model, const checkpoint::RotaryFactors &factors) {
  DecoderWriter(model, factors).write();
}

} // namespace tern::architecture
