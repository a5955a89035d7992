// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is particular to parallel streams (ParScale): prefixes, and one state of all.
#include "frontend/architecture/Streams.h"

#include "frontend/architecture/Decoder.h"

using namespace mlir;

namespace tern::architecture {

using checkpoint::StreamConfig;

namespace {

class PrefixWriter {
public:
  PrefixWriter(ModelBuilder &model, int64_t layer)
      : model(model), builder(model.builder), location(model.location), layer(layer),
        keyHeads(model.config.streams.count * model.config.kvHeads),
        group(model.config.heads / model.config.kvHeads) {}

  Value write(Value query, double scale, Attended text) {
    int64_t heads = keyHeads * group;
    query = model.reshape(query, {keyHeads, group, model.config.headWidth});
    Value keys = prefix(model.config.names.prefixKey, model.config.headWidth);
    Value values = prefix(model.config.names.prefixValue, model.config.widthOfValues());
    Value scores = model.scale(
        ContractOp::create(builder, location, "tgqd,gsd->tgqs", query, keys, Value()), scale);
    Value weights = SoftmaxOp::create(builder, location, "tgqs/s", scores);
    Value own = ContractOp::create(builder, location, "tgqs,gsd->tgqd", weights, values, Value());
    own = model.reshape(own, {heads, model.config.widthOfValues()});
    // Of two softmaxes the sums of e^score say how much each weighs in theirs together.
    Value ahead =
        SubOp::create(builder, location, text.logSum, model.reshape(logSumOf(scores), {heads}));
    Value ofText = SigmoidOp::create(builder, location, ahead);
    Value ofPrefix = SigmoidOp::create(builder, location, NegOp::create(builder, location, ahead));
    return model.add(weighted(text.values, ofText), weighted(own, ofPrefix));
  }

private:
  /// [streams * kvHeads, tokens, width].
  Value prefix(const std::string &pattern, int64_t width) {
    const StreamConfig &streams = model.config.streams;
    Value stored = model.weight(nameOf(pattern, layer),
                                {streams.count, model.config.kvHeads, streams.prefixTokens, width});
    auto type = RankedTensorType::get({keyHeads, streams.prefixTokens, width},
                                      cast<RankedTensorType>(stored.getType()).getElementType());
    return ReshapeOp::create(builder, location, type, stored);
  }

  /// ln of the sum over s of e^x[t,g,q,s].
  Value logSumOf(Value x) {
    Value largest = AmaxOp::create(builder, location, "tgqs->tgq", x);
    Value spread = model.broadcast(largest, cast<RankedTensorType>(x.getType()), "tgq->tgqs");
    Value powers = ExpOp::create(builder, location, SubOp::create(builder, location, x, spread));
    Value total = SumOp::create(builder, location, "tgqs->tgq", powers);
    return model.add(largest, LogOp::create(builder, location, total));
  }

  Value weighted(Value values, Value factors) {
    return model.mul(values,
                     model.broadcast(factors, cast<RankedTensorType>(values.getType()), "th->thd"));
  }

  ModelBuilder &model;
  OpBuilder &builder;
  Location location;
  int64_t layer, keyHeads, group;
};

} // namespace

Value writePrefix(ModelBuilder &model, int64_t layer, Value query, double scale, Attended text) {
  return PrefixWriter(model, layer).write(query, scale, text);
}

Value aggregateStreams(ModelBuilder &model, ArrayRef<Value> streams) {
  if (streams.size() == 1)
    return streams[0];
  OpBuilder &builder = model.builder;
  const checkpoint::ModelConfig &config = model.config;
  auto count = static_cast<int64_t>(streams.size());
  // Numbers of one index of all streams lie side by side.
  auto columns = llvm::map_to_vector(streams, [&](Value stream) -> Value {
    return ReshapeOp::create(builder, model.location, model.rows("R", {config.width, 1}), stream);
  });
  Value all = ConcatOp::create(builder, model.location, columns, 2);
  all = ReshapeOp::create(builder, model.location, model.rows("R", {config.width * count}), all);
  Value inner = model.linear(all, config.names.aggregateIn, config.width, /*isBiased=*/true);
  inner = SiluOp::create(builder, model.location, inner);
  Value scores = model.linear(inner, config.names.aggregateOut, count, /*isBiased=*/true);
  Value weights = SoftmaxOp::create(builder, model.location, "rp/p", scores);
  double smooth = config.streams.smooth;
  if (smooth != 0)
    weights = model.add(model.scale(weights, 1 - smooth),
                        model.scalar(smooth / static_cast<double>(count)));
  Value sum;
  for (auto [number, stream] : llvm::enumerate(streams)) {
    Value part = model.weighted(stream, model.column(weights, static_cast<int64_t>(number)));
    sum = sum ? model.add(sum, part) : part;
  }
  return sum;
}

} // namespace tern::architecture
