// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A linear map in the form that the model has it in; the laws are in LinearForm.h.
#include "frontend/architecture/ModelBuilder.h"

#include <cmath>

using namespace mlir;

namespace tern::architecture {

using checkpoint::LowRankForm;
using checkpoint::TokenForm;
using checkpoint::TokenScore;

namespace {

/// Each form gives y, or null for a map that is not made so.
class LinearWriter {
public:
  LinearWriter(ModelBuilder &model, Value x, const std::string &name, int64_t out, bool isBiased)
      : model(model), x(x), name(name), in(cast<RankedTensorType>(x.getType()).getDimSize(1)),
        out(out), isBiased(isBiased) {}

  Value operator()(std::monostate) { return {}; }

  Value operator()(const TokenForm &form) {
    const TokenForm::Part *part = form.find(name);
    if (!part)
      return {};
    Value keys = model.weight(name + ".key_param_tokens", {part->slots, in});
    Value values = model.weight(name + ".value_param_tokens", {part->slots, out});
    Value scores = score(form.score, *part, model.product(x, keys));
    return ContractOp::create(model.builder, model.location, "rn,nk->rk", scores, values, Value());
  }

  Value operator()(const LowRankForm &form) {
    int64_t rank = form.rankOf(name, out, in);
    if (rank == 0)
      return {};
    Value inner = model.product(x, model.weight(name + ".0.weight", {rank, in}));
    Value y = model.product(inner, model.weight(name + ".1.weight", {out, rank}));
    return isBiased ? model.addBias(y, name + ".1.bias") : y;
  }

private:
  Value score(TokenScore kind, const TokenForm::Part &part, Value products) {
    OpBuilder &builder = model.builder;
    auto slots = static_cast<double>(part.slots), n = static_cast<double>(part.scaleSlots);
    if (kind == TokenScore::Softmax)
      return model.scale(SoftmaxOp::create(builder, model.location, "rn/n", products), n);
    if (kind == TokenScore::GeluNorm)
      products = GeluOp::create(builder, model.location, products);
    // a / ||a|| * sqrt(slots) is a root-mean-square norm.
    Value normed = RmsNormOp::create(builder, model.location, "rn/n", products, APFloat(0.0));
    normed = model.scale(normed, std::sqrt(n / slots));
    return kind == TokenScore::GeluNorm ? normed : GeluOp::create(builder, model.location, normed);
  }

  ModelBuilder &model;
  Value x;
  const std::string &name;
  int64_t in, out;
  bool isBiased;
};

} // namespace

Value ModelBuilder::linear(Value x, const std::string &name, int64_t out, bool isBiased) {
  Value y = std::visit(LinearWriter(*this, x, name, out, isBiased), config.linear);
  return y ? y : denseLinear(x, name, out, isBiased);
}

} // namespace tern::architecture
