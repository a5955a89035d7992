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
    int64_t rank = latent.keyValueRank, rotated = latent.rotatedWidth, plain = latent.plainWidth;
    Value down = linear(x, names.keyValueDown, rank + rotated);
    Value vector = norm(model.slice(down, 1, 0, rank), names.keyValueDownNorm);
    Value both = linear(vector, names.keyValueUp, config.heads * (plain + config.valueWidth));
    both = model.reshape(both, {config.heads, plain + config.valueWidth});
    heads.value = model.slice(both, 2, plain, config.valueWidth);
    // One rotated part serves all heads.
    Value shared = model.reshape(model.slice(down, 1, rank, rotated), {1, rotated});
    shared = model.reshape(rotate(model, shared, context.rotary), {rotated});
    shared = model.broadcast(shared, model.rows("T", {config.heads, rotated}), "td->thd");
    heads.key = joined(model.slice(both, 2, 0, plain), shared);
    return heads;
  }

private:
  Value linear(Value rows, const std::string &pattern, int64_t out) {
    return model.linear(rows, nameOf(pattern, context.number), out, /*isBiased=*/false);
  }
  Value norm(Value rows, const std::string &pattern) {
    return model.norm(rows, nameOf(pattern, context.number));
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
