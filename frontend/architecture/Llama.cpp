// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Llama 1 to 3 and what shares their graph: pre-norm blocks of grouped-query attention with rotary
// embedding and a gated feed-forward part.
#include "frontend/architecture/ModelBuilder.h"
#include "frontend/checkpoint/LlamaTensors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;

namespace tern::architecture {

namespace {
/// The arguments of a layer's function, in order.
struct LayerArguments {
  Value layer, x, cache, cos, sin, positions, batch;
};
} // namespace

static std::pair<Value, Value>
attention(ModelBuilder &model, const checkpoint::LlamaLayerNames &names, const LayerArguments &in) {
  const checkpoint::ModelConfig &config = model.config;
  OpBuilder &builder = model.builder;
  Location location = in.x.getLoc();
  int64_t width = config.headWidth, queries = config.heads * width, keys = config.kvHeads * width;
  RotaryStyle style = config.rotary.layout == checkpoint::RotaryLayout::Interleaved
                          ? RotaryStyle::interleaved
                          : RotaryStyle::half;
  Value normed = model.rmsNorm(in.x, names.attentionNorm);
  auto heads = [&](const std::string &name, int64_t out) {
    Value y = model.linear(normed, name, out, config.width, config.qkvBias);
    return model.splitHeads(y, out / width, width);
  };
  Value query = heads(names.query, queries), key = heads(names.key, keys),
        value = heads(names.value, keys);
  query = RotaryOp::create(builder, location, style, query, in.cos, in.sin);
  key = RotaryOp::create(builder, location, style, key, in.cos, in.sin);
  Value cache = kv::AppendOp::create(builder, location, in.cache, key, value, in.positions,
                                     in.batch, in.layer);
  auto attend = kv::AttendOp::create(builder, location, query, cache, in.positions, in.batch,
                                     in.layer, APFloat(1 / std::sqrt(static_cast<double>(width))),
                                     /*window=*/0, APFloat(0.0),
                                     /*scores=*/false);
  Value out = model.linear(model.joinHeads(attend.getResult()), names.attentionOut, config.width,
                           queries, config.attentionOutBias);
  return {model.add(in.x, out), cache};
}

static Value feedForward(ModelBuilder &model, const checkpoint::LlamaLayerNames &names, Value x) {
  const checkpoint::ModelConfig &config = model.config;
  Value normed = model.rmsNorm(x, names.ffnNorm);
  auto wide = [&](const std::string &name) {
    return model.linear(normed, name, config.ffnWidth, config.width, config.ffnBias);
  };
  Value inner = model.mul(model.activation(wide(names.gate)), wide(names.up));
  return model.add(x,
                   model.linear(inner, names.down, config.width, config.ffnWidth, config.ffnBias));
}

static void buildLayer(ModelBuilder &model, int64_t layer, TypeRange inputs, TypeRange results) {
  func::FuncOp function =
      model.function("layer." + std::to_string(layer), inputs, results, /*isPublic=*/false);
  function->setAttr("tern.layer", model.builder.getI64IntegerAttr(layer));
  auto arguments = function.getArguments();
  LayerArguments in{arguments[0], arguments[1], arguments[2], arguments[3],
                    arguments[4], arguments[5], arguments[6]};
  auto names = checkpoint::LlamaLayerNames::of(model.checkpoint.format(), layer);
  auto [x, cache] = attention(model, names, in);
  x = feedForward(model, names, x);
  func::ReturnOp::create(model.builder, function.getLoc(), ValueRange{x, cache});
}

void buildLlama(ModelBuilder &model, const checkpoint::Rotary &rotary) {
  const checkpoint::ModelConfig &config = model.config;
  OpBuilder &builder = model.builder;
  MLIRContext *context = builder.getContext();
  Type element = model.options.cacheType == "f16"    ? Type(builder.getF16Type())
                 : model.options.cacheType == "bf16" ? Type(builder.getBF16Type())
                                                     : Type(builder.getF32Type());
  Type cacheType = kv::CacheType::get(context, config.layers, config.kvHeads, config.headWidth,
                                      config.headWidth, cast<FloatType>(element));
  Type batchType =
      kv::BatchType::get(context, builder.getStringAttr("T"), builder.getStringAttr("B"));
  Type numbers = model.tensor({model.dim("T")}, builder.getI32Type());
  Type chosen = model.tensor({model.dim("R")}, builder.getI32Type());
  Type hidden = model.rows("T", {config.width});
  Type table = model.rows("T", {static_cast<int64_t>(rotary.inverseFrequencies.size())});
  Type logits = model.rows("R", {config.vocabulary});

  func::FuncOp step = model.function(
      "step", {numbers, numbers, numbers, batchType, chosen, cacheType}, {logits, cacheType}, true);
  const char *names[] = {"tokens", "positions", "lengths", "batch", "logitRows", "cache"};
  for (auto [i, name] : llvm::enumerate(names))
    step.setArgAttr(i, "tern.name", builder.getStringAttr(name));
  step.setResultAttr(0, "tern.name", builder.getStringAttr("logits"));
  step.setResultAttr(1, "tern.name", builder.getStringAttr("cache"));
  Value tokens = step.getArgument(0), positions = step.getArgument(1),
        lengths = step.getArgument(2), batch = step.getArgument(3), logitRows = step.getArgument(4),
        cache = step.getArgument(5);

  auto parts = checkpoint::LlamaNames::of(model.checkpoint.format(), config);
  Value embeddings = model.weight(parts.embedding + ".weight", {config.vocabulary, config.width});
  Value x = model.gatherRows(embeddings, tokens);
  auto [cos, sin] = model.rotaryTables(positions, lengths, rotary);
  Location location = step.getLoc();
  for (int64_t layer = 0; layer < config.layers; ++layer) {
    Value index = arith::ConstantIndexOp::create(builder, location, layer);
    auto call = func::CallOp::create(builder, location, "layer." + std::to_string(layer),
                                     TypeRange{hidden, cacheType},
                                     ValueRange{index, x, cache, cos, sin, positions, batch});
    x = call.getResult(0);
    cache = call.getResult(1);
  }
  x = model.gatherRows(x, logitRows);
  x = model.rmsNorm(x, parts.norm);
  Value out = model.weight(parts.head + ".weight", {config.vocabulary, config.width});
  Value result = ContractOp::create(builder, location, "rk,nk->rn", x, out, Value());
  func::ReturnOp::create(builder, location, ValueRange{result, cache});

  SmallVector<Type> inputs{
      builder.getIndexType(), hidden, cacheType, table, table, numbers, batchType};
  for (int64_t layer = 0; layer < config.layers; ++layer)
    buildLayer(model, layer, inputs, {hidden, cacheType});
}

} // namespace tern::architecture
