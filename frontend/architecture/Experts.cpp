// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/Decoder.h"

using namespace mlir;

namespace tern::architecture {

using checkpoint::ExpertConfig;
using checkpoint::GroupScore;

namespace {

/// A row's experts are chosen by their scores; their outputs are added with the scores as weights.
class ExpertsWriter {
public:
  ExpertsWriter(ModelBuilder &model, const LayerContext &context, Value x)
      : model(model), builder(model.builder), location(model.location), context(context),
        experts(*model.config.experts), names(model.config.names), x(x) {}

  Value write() {
    choose();
    Value sum;
    for (int64_t choice = 0; choice < experts.active; ++choice) {
      Value part = weighted(expert(column(indices, choice)), column(weights, choice));
      sum = sum ? model.add(sum, part) : part;
    }
    if (experts.sharedWidth == 0)
      return sum;
    return model.add(sum, shared());
  }

private:
  std::string name(const std::string &pattern) const { return nameOf(pattern, context.number); }

  static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

  //===- The choice -------------------------------------------------------===//

  /// Sets indices and weights [T, active].
  void choose() {
    Value logits = model.linear(x, name(names.router), experts.count, /*isBiased=*/false);
    Value scores = experts.isSigmoid ? Value(SigmoidOp::create(builder, location, logits))
                                     : Value(SoftmaxOp::create(builder, location, "te/e", logits));
    Value ranked = scores;
    if (!names.routerCorrection.empty()) {
      Value correction = model.vector(name(names.routerCorrection), experts.count);
      ranked = model.add(ranked, model.broadcast(correction, typeOf(ranked), "e->te"));
    }
    if (experts.groups > 1)
      ranked = inBestGroups(ranked);
    auto top = TopKOp::create(builder, location, ranked, experts.active);
    indices = top.getIndices();
    weights = names.routerCorrection.empty()
                  ? top.getValues()
                  : GatherOp::create(builder, location, "te,tk->tk", scores, indices);
    if (experts.isRenormalised) {
      Value total = SumOp::create(builder, location, "tk->t", weights);
      if (experts.isSigmoid)
        total = model.add(total, model.scalar(1e-20)); // all may be 0
      weights = DivOp::create(builder, location, weights,
                              model.broadcast(total, typeOf(weights), "t->tk"));
    }
    weights = model.scale(weights, experts.scale);
  }

  /// Scores [T, E], 0 outside of the groups that score most.
  Value inBestGroups(Value scores) {
    int64_t size = experts.count / experts.groups;
    Value grouped = model.reshape(scores, {experts.groups, size});
    Value best;
    if (experts.groupScore == GroupScore::Largest) {
      best = AmaxOp::create(builder, location, "tge->tg", grouped);
    } else {
      auto two = TopKOp::create(builder, location, grouped, 2);
      best = SumOp::create(builder, location, "tge->tg", two.getValues());
    }
    auto top = TopKOp::create(builder, location, best, experts.activeGroups);
    Value isChosen;
    for (int64_t choice = 0; choice < experts.activeGroups; ++choice) {
      Value isIt = model.oneHot(column(top.getIndices(), choice), experts.groups);
      isChosen = isChosen ? model.add(isChosen, isIt) : isIt;
    }
    Value spread = model.broadcast(isChosen, typeOf(grouped), "tg->tge");
    return model.reshape(model.mul(grouped, spread), {experts.count});
  }

  //===- The experts ------------------------------------------------------===//

  /// The weights of all experts [E, out, in].
  Value stack(const std::string &pattern, int64_t out, int64_t in) {
    if (!isOfEach(name(pattern)))
      return model.weight(name(pattern) + ".weight", {experts.count, out, in});
    SmallVector<Value> all;
    for (int64_t number = 0; number < experts.count; ++number) {
      Value one = model.weight(nameOf(name(pattern), number) + ".weight", {out, in});
      auto type = RankedTensorType::get({1, out, in}, typeOf(one).getElementType());
      all.push_back(ReshapeOp::create(builder, location, type, one));
    }
    return ConcatOp::create(builder, location, all, 0);
  }

  /// The same of experts whose weights lie in one tensor as [E, in, out].
  Value turned(const std::string &pattern, int64_t out, int64_t in) {
    Value all = model.weight(name(pattern), {experts.count, in, out});
    return TransposeOp::create(builder, location, "ekn->enk", all);
  }

  /// act(x up + b) down + c by the weights of the expert of each row.
  Value stackedExpert(Value index) {
    auto project = [&](Value rows, const std::string &weights, const std::string &biases,
                       int64_t out, int64_t in) {
      Value y =
          ContractOp::create(builder, location, "tk,nk->tn", rows, turned(weights, out, in), index);
      Value all = model.weight(name(biases), {experts.count, 1, out});
      auto type = RankedTensorType::get({experts.count, out}, typeOf(all).getElementType());
      return model.add(y, model.gatherRows(ReshapeOp::create(builder, location, type, all), index));
    };
    int64_t width = model.config.width;
    Value inner = project(x, names.expertUp, names.expertUpBias, experts.width, width);
    return project(model.activation(inner), names.expertDown, names.expertDownBias, width,
                   experts.width);
  }

  Value grouped(Value rows, const std::string &pattern, int64_t out, int64_t in, Value index) {
    return ContractOp::create(builder, location, "tk,nk->tn", rows, stack(pattern, out, in), index);
  }

  /// What rows of the modality have beside it.
  Value ofModality(Value rows, const std::string &pattern, int64_t out, int64_t in, Value index) {
    const checkpoint::ModalityConfig &modality = *model.config.modality;
    Value inner = grouped(rows, pattern + ".lora_A", modality.rank, in, index);
    Value added = grouped(inner, pattern + ".lora_B", out, modality.rank, index);
    return weighted(model.scale(added, modality.factor), context.modality);
  }

  /// What the expert of each row makes of it.
  Value expert(Value index) {
    if (experts.isStacked)
      return stackedExpert(index);
    auto project = [&](Value rows, const std::string &pattern, int64_t out, int64_t in) {
      Value y = grouped(rows, pattern, out, in, index);
      return context.modality ? model.add(y, ofModality(rows, pattern, out, in, index)) : y;
    };
    int64_t width = model.config.width;
    Value gate = model.activation(project(x, names.expertGate, experts.width, width));
    Value inner = model.mul(gate, project(x, names.expertUp, experts.width, width));
    return project(inner, names.expertDown, width, experts.width);
  }

  /// The part that every row uses, behind a gate if there is one.
  Value shared() {
    Value gate = model.activation(
        model.linear(x, name(names.sharedGate), experts.sharedWidth, /*isBiased=*/false));
    Value up = model.linear(x, name(names.sharedUp), experts.sharedWidth, /*isBiased=*/false);
    Value out = model.linear(model.mul(gate, up), name(names.sharedDown), model.config.width,
                             /*isBiased=*/false);
    if (names.sharedRouter.empty())
      return out;
    return weighted(out, SigmoidOp::create(builder, location, openness()));
  }

  /// [T]: how far the shared part's gate is open, before the sigmoid.
  Value openness() {
    if (!experts.isGateVector)
      return column(model.linear(x, name(names.sharedRouter), 1, /*isBiased=*/false), 0);
    Value gate = model.weight(name(names.sharedRouter) + ".weight", {model.config.width});
    return ContractOp::create(builder, location, "tk,k->t", x, gate, Value());
  }

  Value column(Value matrix, int64_t number) { return model.column(matrix, number); }
  Value weighted(Value rows, Value factors) { return model.weighted(rows, factors); }

  ModelBuilder &model;
  OpBuilder &builder;
  Location location;
  const LayerContext &context;
  const ExpertConfig &experts;
  const checkpoint::TensorNames &names;
  Value x, indices, weights;
};

} // namespace

Value writeExperts(ModelBuilder &model, const LayerContext &context, Value x) {
  return ExpertsWriter(model, context, x).write();
}

} // namespace tern::architecture
