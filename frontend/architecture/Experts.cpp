// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/Decoder.h"

#include <numeric>

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
    Value sum = ContractOp::create(builder, location, "tan,ta->tn", chosen(), weights, Value());
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

  /// Scores [T, E], -infinity outside of the groups that score most: corrected scores may be below
  /// 0.
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
    Value isChosen = SumOp::create(builder, location, "tcg->tg", isGroup(top.getIndices()));
    Value mask = LogOp::create(builder, location, isChosen);
    Value spread = model.broadcast(mask, typeOf(grouped), "tg->tge");
    return model.reshape(model.add(grouped, spread), {experts.count});
  }

  /// [T, chosen, groups]: 1 where the group is the chosen one, else 0.
  Value isGroup(Value choices) {
    SmallVector<float> numbers(static_cast<size_t>(experts.groups));
    std::iota(numbers.begin(), numbers.end(), 0.0f);
    auto row = RankedTensorType::get({experts.groups}, builder.getF32Type());
    Value all = ConstantOp::create(builder, location, row,
                                   DenseElementsAttr::get(row, ArrayRef<float>(numbers)));
    RankedTensorType type = model.rows("T", {experts.activeGroups, experts.groups});
    Value own = CastOp::create(builder, location, model.rows("T", {experts.activeGroups}), choices);
    return EqOp::create(builder, location, model.broadcast(own, type, "tc->tcg"),
                        model.broadcast(all, type, "g->tcg"));
  }

  //===- The experts ------------------------------------------------------===//

  /// The weights of all experts [E, out, in]: in f32 where they are not of one type.
  Value stack(const std::string &pattern, int64_t out, int64_t in) {
    if (!isOfEach(name(pattern)))
      return model.weight(name(pattern) + ".weight", {experts.count, out, in});
    SmallVector<Value> all;
    for (int64_t number = 0; number < experts.count; ++number)
      all.push_back(model.weight(nameOf(name(pattern), number) + ".weight", {out, in}));
    if (!llvm::all_equal(ValueRange(all).getTypes()))
      for (Value &one : all)
        one = numbersOf(one);
    for (Value &one : all) {
      auto type = RankedTensorType::get({1, out, in}, typeOf(one).getElementType());
      one = ReshapeOp::create(builder, location, type, one);
    }
    return ConcatOp::create(builder, location, all, 0);
  }

  Value numbersOf(Value weight) {
    if (isa<BlockType>(typeOf(weight).getElementType()))
      return DequantiseOp::create(builder, location, weight);
    return typeOf(weight).getElementType().isF32() ? weight : model.asF32(weight);
  }

  /// The same of experts whose weights lie in one tensor as [E, in, out].
  Value turned(const std::string &pattern, int64_t out, int64_t in) {
    Value all = model.weight(name(pattern), {experts.count, in, out});
    return TransposeOp::create(builder, location, "ekn->enk", all);
  }

  /// rows [T, active, in] by the matrix of each choice's expert.
  Value grouped(Value rows, Value matrices) {
    return ContractOp::create(builder, location, "tak,nk->tan", rows, matrices, indices);
  }

  /// act(x up + b) down + c by the weights of the expert of each choice.
  Value stacked(Value rows) {
    auto project = [&](Value rows, const std::string &weights, const std::string &biases,
                       int64_t out, int64_t in) {
      Value all = model.weight(name(biases), {experts.count, 1, out});
      auto type = RankedTensorType::get({experts.count, out}, typeOf(all).getElementType());
      Value table = ReshapeOp::create(builder, location, type, all);
      Value bias = GatherOp::create(builder, location, "en,ta->tan", table, indices);
      return model.add(grouped(rows, turned(weights, out, in)), model.asF32(bias));
    };
    int64_t width = model.config.width;
    Value inner = project(rows, names.expertUp, names.expertUpBias, experts.width, width);
    return project(model.activation(inner), names.expertDown, names.expertDownBias, width,
                   experts.width);
  }

  /// What rows of the modality have beside it.
  Value ofModality(Value rows, const std::string &pattern, int64_t out, int64_t in) {
    const checkpoint::ModalityConfig &modality = *model.config.modality;
    Value inner = grouped(rows, stack(pattern + ".lora_A", modality.rank, in));
    Value added = grouped(inner, stack(pattern + ".lora_B", out, modality.rank));
    Value isOf = model.broadcast(context.modality, typeOf(added), "t->tan");
    return model.mul(model.scale(added, modality.factor), isOf);
  }

  /// [T, active, width]: what each of a row's experts makes of it.
  Value chosen() {
    int64_t width = model.config.width;
    Value rows = model.broadcast(x, model.rows("T", {experts.active, width}), "tk->tak");
    if (experts.isStacked)
      return stacked(rows);
    auto project = [&](Value rows, const std::string &pattern, int64_t out, int64_t in) {
      Value y = grouped(rows, stack(pattern, out, in));
      return context.modality ? model.add(y, ofModality(rows, pattern, out, in)) : y;
    };
    Value gate = model.activation(project(rows, names.expertGate, experts.width, width));
    Value inner = model.mul(gate, project(rows, names.expertUp, experts.width, width));
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
    Value open = SigmoidOp::create(builder, location, openness());
    return model.mul(out, model.broadcast(open, typeOf(out), "t->tn"));
  }

  /// [T]: how far the shared part's gate is open, before the sigmoid.
  Value openness() {
    if (!experts.isGateVector) {
      // The sum of one column is the column.
      Value gate = model.linear(x, name(names.sharedRouter), 1, /*isBiased=*/false);
      return SumOp::create(builder, location, "tn->t", gate);
    }
    Value gate = model.weight(name(names.sharedRouter) + ".weight", {model.config.width});
    return ContractOp::create(builder, location, "tk,k->t", x, gate, Value());
  }

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
