// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/LatentAttention.h"

using namespace mlir;

namespace tern::architecture {

namespace {

class LatentWriter {
public:
  LatentWriter(ModelBuilder &model, const LayerContext &context, Value x)
      : model(model), config(model.config), latent(*config.latent), names(config.names),
        context(context), x(x) {}

  Heads write() {
    Heads heads;
    heads.query = queries();
    int64_t rank = latent.keyValueRank, rotated = latent.rotatedWidth;
    Value down = linear(x, names.keyValueDown, rank + rotated);
    Value vector = norm(model.slice(down, 1, 0, rank), names.keyValueDownNorm);
    Value key;
    std::tie(key, heads.value) = names.keyValueUp.empty() ? upEach(vector) : upTogether(vector);
    // One rotated part serves all heads.
    Value shared = model.reshape(model.slice(down, 1, rank, rotated), {1, rotated});
    shared = model.reshape(rotate(model, shared, context.rotary), {rotated});
    shared = model.broadcast(shared, model.rows("T", {config.heads, rotated}), "td->thd");
    heads.key = joined(key, shared);
    return heads;
  }

private:
  Value linear(Value rows, const std::string &pattern, int64_t out) {
    return model.linear(rows, nameOf(pattern, context.number), out, /*isBiased=*/false);
  }
  Value norm(Value rows, const std::string &pattern) {
    auto type = cast<RankedTensorType>(rows.getType());
    Value weight = model.vector(nameOf(pattern, context.number) + ".weight", type.getDimSize(1));
    return model.mul(model.rmsNorm(rows, latent.epsilon), model.broadcast(weight, type, "k->rk"));
  }

  /// Of each head the key's part that is not rotated, then the value.
  std::pair<Value, Value> upTogether(Value vector) {
    int64_t width = latent.plainWidth + config.valueWidth;
    Value both = model.reshape(linear(vector, names.keyValueUp, config.heads * width),
                               {config.heads, width});
    return {model.slice(both, 2, 0, latent.plainWidth),
            model.slice(both, 2, latent.plainWidth, config.valueWidth)};
  }

  /// The same with a tensor each; that of keys is stored the other way round.
  std::pair<Value, Value> upEach(Value vector) {
    int64_t heads = config.heads, rank = latent.keyValueRank;
    auto project = [&](const std::string &pattern, ArrayRef<int64_t> shape,
                       StringRef axes) -> Value {
      Value weight = model.weight(nameOf(pattern, context.number) + ".weight", shape);
      return ContractOp::create(model.builder, model.location, axes, vector, weight, Value());
    };
    return {project(names.keyUp, {heads, rank, latent.plainWidth}, "tr,hrn->thn"),
            project(names.valueUp, {heads, config.valueWidth, rank}, "tr,hvr->thv")};
  }

  Value queries() {
    int64_t width = config.heads * config.headWidth;
    Value all =
        latent.queryRank == 0
            ? linear(x, names.query, width)
            : linear(norm(linear(x, names.queryDown, latent.queryRank), names.queryDownNorm),
                     names.queryUp, width);
    all = model.reshape(all, {config.heads, config.headWidth});
    Value rotated = model.slice(all, 2, latent.plainWidth, latent.rotatedWidth);
    return joined(model.slice(all, 2, 0, latent.plainWidth),
                  rotate(model, rotated, context.rotary));
  }

  Value joined(Value plain, Value rotated) {
    return ConcatOp::create(model.builder, model.location, ValueRange{plain, rotated}, 2);
  }

  ModelBuilder &model;
  const checkpoint::ModelConfig &config;
  const checkpoint::LatentConfig &latent;
  const checkpoint::TensorNames &names;
  const LayerContext &context;
  Value x;
};

} // namespace

Heads writeLatentHeads(ModelBuilder &model, const LayerContext &context, Value x) {
  return LatentWriter(model, context, x).write();
}

} // namespace tern::architecture
