// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/Decoder.h"

using namespace mlir;

namespace tern::architecture {

using checkpoint::VersatileConfig;

namespace {

class VersatileWriter {
public:
  VersatileWriter(ModelBuilder &model, int64_t layer, Value x)
      : model(model), builder(model.builder), location(model.location), config(model.config),
        versatile(*model.config.versatile), layer(layer), x(x) {}

  Value write() {
    Value first = hidden(x);
    Value routes = model.linear(x, name(config.names.depthRouter), versatile.depth, false);
    auto best = TopKOp::create(builder, location, routes, 1);
    Value loops = model.asF32(model.column(best.getIndices(), 0)); // less 1
    auto depth = static_cast<double>(versatile.depth);
    // The share of the slices: none if all loops run.
    Value share = SubOp::create(builder, location, model.scalar((depth - 1) / depth),
                                model.mul(loops, model.scalar(1 / depth)));
    Value rest = SubOp::create(builder, location, model.scalar(1), share);
    return model.add(model.weighted(deep(first, loops), rest), model.weighted(wide(first), share));
  }

private:
  std::string name(const std::string &pattern) const { return nameOf(pattern, layer); }

  /// silu(gate) * up of the normed rows; up is the first half of one projection.
  Value hidden(Value rows) {
    Value normed = model.norm(rows, name(config.names.ffnNorm));
    Value both = model.linear(normed, name(config.names.fusedGateUp), 2 * config.ffnWidth, false);
    Value gate = model.slice(both, 1, config.ffnWidth, config.ffnWidth);
    return model.mul(model.activation(gate), model.slice(both, 1, 0, config.ffnWidth));
  }

  Value out(Value inner) {
    return model.linear(inner, name(config.names.down), config.width, false);
  }

  /// What is there after as many loops as the row has, less 1. All run for all rows, so that a row
  /// does not depend on its neighbours.
  Value deep(Value first, Value loops) {
    Value current = model.add(x, out(first)), chosen = current;
    for (int64_t loop = 1; loop < versatile.depth; ++loop) {
      current = model.add(current, out(hidden(current)));
      Value isShorter =
          LtOp::create(builder, location, loops, model.scalar(static_cast<double>(loop)));
      auto type = cast<RankedTensorType>(x.getType());
      chosen = WhereOp::create(builder, location, model.broadcast(isShorter, type, "t->tn"), chosen,
                               current);
    }
    return chosen;
  }

  /// x + sum over slices of p * slice(x). A slice of the width is the whole with the rest of the
  /// hidden numbers 0, so the slices' sum is one product with each hidden number times its p.
  Value wide(Value first) {
    Value routes = model.linear(x, name(config.names.widthRouter), versatile.parts, false);
    auto best = TopKOp::create(builder, location, routes, versatile.active);
    Value p = SoftmaxOp::create(builder, location, "te/e", best.getValues());
    Value weights;
    for (int64_t choice = 0; choice < versatile.active; ++choice) {
      Value own = model.oneHot(model.column(best.getIndices(), choice), versatile.parts);
      own = model.weighted(own, model.column(p, choice));
      weights = weights ? model.add(weights, own) : own;
    }
    int64_t size = config.ffnWidth / versatile.parts;
    Value grouped = model.reshape(first, {versatile.parts, size});
    Value spread = model.broadcast(weights, cast<RankedTensorType>(grouped.getType()), "te->tes");
    return model.add(x, out(model.reshape(model.mul(grouped, spread), {config.ffnWidth})));
  }

  ModelBuilder &model;
  OpBuilder &builder;
  Location location;
  const checkpoint::ModelConfig &config;
  const VersatileConfig &versatile;
  int64_t layer;
  Value x;
};

} // namespace

Value writeVersatile(ModelBuilder &model, int64_t layer, Value x) {
  return VersatileWriter(model, layer, x).write();
}

} // namespace tern::architecture
