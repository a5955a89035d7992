// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/Decoder.h"

using namespace mlir;

namespace tern::architecture {

namespace {

class StateSpaceWriter {
public:
  StateSpaceWriter(ModelBuilder &model, const LayerContext &context)
      : model(model), names(model.config.names), space(*model.config.stateSpace), context(context) {
  }

  BranchResult write(Value x) {
    Value both = model.linear(x, name(names.stateIn), 2 * space.width, space.hasBias);
    Value gate = model.activation(model.slice(both, 1, space.width, space.width));
    auto [inner, convolved] = convolve(model.slice(both, 1, 0, space.width));
    auto [mixed, scanned] = scan(inner);
    Value out = model.linear(model.mul(mixed, gate), name(names.stateOut), model.config.width,
                             space.hasBias);
    return {{out}, {convolved, scanned}};
  }

private:
  std::string name(const std::string &pattern) const { return nameOf(pattern, context.number); }

  std::pair<Value, Value> convolve(Value x) {
    Value weight = model.weight(name(names.convolution) + ".weight", space.convolutionShape);
    auto flat = cast<RankedTensorType>(weight.getType()).clone({space.width, space.kernel});
    if (weight.getType() != flat)
      weight = ReshapeOp::create(model.builder, model.location, flat, weight);
    auto op = kv::ConvolveOp::create(model.builder, model.location, x, model.asF32(weight),
                                     context.caches[0], context.batch, context.layer);
    Value y = op.getResult();
    if (space.hasConvolutionBias)
      y = model.addBias(y, name(names.convolution) + ".bias");
    return {model.activation(y), op.getNext()};
  }

  /// Always negative, so that the state decays.
  Value rates() {
    Value stored = model.asF32(model.weight(name(names.stateRate), {space.width, space.states}));
    if (!space.isRateLogarithm)
      return stored;
    return NegOp::create(model.builder, model.location,
                         ExpOp::create(model.builder, model.location, stored));
  }

  std::pair<Value, Value> scan(Value x) {
    Value selected = model.linear(x, name(names.stateSelect), space.stepRank + 2 * space.states,
                                  /*isBiased=*/false);
    auto part = [&](int64_t first, int64_t count) {
      Value x = model.slice(selected, 1, first, count);
      return space.epsilon ? model.rmsNorm(x, *space.epsilon) : x;
    };
    Value step = model.linear(part(0, space.stepRank), name(names.stateStep), space.width,
                              /*isBiased=*/true);
    step = SoftplusOp::create(model.builder, model.location, step);
    Value in = part(space.stepRank, space.states);
    Value out = part(space.stepRank + space.states, space.states);
    auto op = kv::ScanOp::create(model.builder, model.location, x, step, rates(), in, out,
                                 context.caches[1], context.batch, context.layer);
    Value skip = model.vector(name(names.stateSkip), space.width);
    Value skipped =
        model.mul(x, model.broadcast(skip, cast<RankedTensorType>(x.getType()), "n->rn"));
    return {model.add(op.getResult(), skipped), op.getNext()};
  }

  ModelBuilder &model;
  const checkpoint::TensorNames &names;
  const checkpoint::StateSpaceConfig &space;
  const LayerContext &context;
};

} // namespace

SmallVector<Type> stateTypes(ModelBuilder &model) {
  const checkpoint::StateSpaceConfig &space = *model.config.stateSpace;
  MLIRContext *context = model.builder.getContext();
  int64_t layers = model.config.layers;
  return {kv::StateType::get(context, layers, space.kernel - 1, space.width),
          kv::StateType::get(context, layers, space.states, space.width)};
}

BranchResult writeStateSpace(ModelBuilder &model, const LayerContext &context, Value x) {
  return StateSpaceWriter(model, context).write(x);
}

} // namespace tern::architecture
