// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A linear map in the form that the model has it in; the laws are in LinearForm.h.
#include "frontend/architecture/ModelBuilder.h"

#include <cmath>
#include <numeric>

using namespace mlir;

namespace tern::architecture {

using checkpoint::BinaryForm;
using checkpoint::LowRankForm;
using checkpoint::SharedForm;
using checkpoint::SplitForm;
using checkpoint::TokenForm;
using checkpoint::TokenScore;

namespace {

/// Each form gives y, or null for a map that is not made so.
class LinearWriter {
public:
  LinearWriter(ModelBuilder &model, Value x, const std::string &name, int64_t out, bool isBiased)
      : model(model), x(x), name(name), in(mlir::cast<RankedTensorType>(x.getType()).getDimSize(1)),
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

  Value operator()(const SharedForm &form) {
    auto at = form.offsets.find(name);
    if (at == form.offsets.end())
      return {};
    Value memory = model.weight("roast_array", {form.size});
    Value matrix = form.mapper == SharedForm::Mapper::Pareto
                       ? joinRuns(form, at->second, memory)
                       : gatherTiles(form, at->second, memory);
    if (form.hasSigns)
      matrix = model.mul(matrix, model.weight(name + ".WHelper.G", {out, in}));
    return biased(model.product(x, model.scale(matrix, form.scaleOf(in))));
  }

  Value operator()(const BinaryForm &form) {
    if (!form.covers(name))
      return {};
    Value bytes = cast(model.weight(name + ".binary_weight", {form.bits, in / kByte, out}),
                       model.builder.getI32Type());
    return biased(form.usesLookup ? lookUp(form, bytes) : model.product(x, decode(form, bytes)));
  }

  Value operator()(const SplitForm &form) {
    if (!form.covers(name))
      return {};
    Type f32 = model.builder.getF32Type();
    Value isHigh = cast(model.weight(name + ".mask", {out, in}), f32);
    auto chosen = [&](const std::string &part) -> Value {
      Value both = cast(model.weight(name + part, {2, out, in / form.group}), f32);
      return WhereOp::create(model.builder, model.location, isHigh, ofGroups(both, 1, form.group),
                             ofGroups(both, 0, form.group));
    };
    Value codes = cast(model.weight(name + ".codes", {out, in}), f32);
    Value matrix = model.add(model.mul(codes, chosen(".scales")), chosen(".minima"));
    return biased(model.product(x, matrix));
  }

private:
  static constexpr int64_t kByte = BinaryForm::kByte;

  Value biased(Value y) { return isBiased ? model.addBias(y, name + ".bias") : y; }

  Value cast(Value tensor, Type element) {
    auto from = mlir::cast<RankedTensorType>(tensor.getType());
    auto to = RankedTensorType::get(from.getShape(), element);
    return from == to ? tensor : CastOp::create(model.builder, model.location, to, tensor);
  }

  RankedTensorType f32(ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, model.builder.getF32Type());
  }

  /// Row `number` of [2, out, in / group] as [out, in].
  Value ofGroups(Value both, int64_t number, int64_t group) {
    Value own = reshape(model.slice(both, 0, number, 1), {out, in / group});
    return reshape(model.broadcast(own, f32({out, in / group, group}), "ng->ngk"), {out, in});
  }

  /// The signs [256, 8] of each byte.
  Value signs() {
    SmallVector<float> all;
    for (int64_t byte = 0; byte < 1 << kByte; ++byte)
      for (int64_t bit = 0; bit < kByte; ++bit)
        all.push_back(byte >> bit & 1 ? 1 : -1);
    RankedTensorType type = f32({1 << kByte, kByte});
    return ConstantOp::create(model.builder, model.location, type,
                              DenseElementsAttr::get(type, ArrayRef(all)));
  }

  /// The scale of each byte's signs [bits, in / 8, out].
  Value scales(const BinaryForm &form) {
    constexpr int64_t groups = BinaryForm::kOutputGroups;
    Value stored = cast(model.weight(name + ".alpha", {in / kByte, groups, form.bits}),
                        model.builder.getF32Type());
    Value all =
        model.broadcast(stored, f32({form.bits, in / kByte, groups, out / groups}), "cgb->bcgn");
    return reshape(all, {form.bits, in / kByte, out});
  }

  /// W [out, in].
  Value decode(const BinaryForm &form, Value bytes) {
    RankedTensorType type = f32({form.bits, in / kByte, out, kByte});
    Value each = GatherOp::create(model.builder, model.location, "pi,bcn->bcni", signs(), bytes);
    Value scaled = model.mul(each, model.broadcast(scales(form), type, "bcn->bcni"));
    Value sum = SumOp::create(model.builder, model.location, "bcni->cni", scaled);
    return reshape(TransposeOp::create(model.builder, model.location, "cni->nci", sum), {out, in});
  }

  /// One addition for each byte in place of 8 products: table[t,c,p] is the sum of row t's inputs 8
  /// c to 8 c + 7 with the signs of byte p.
  Value lookUp(const BinaryForm &form, Value bytes) {
    OpBuilder &builder = model.builder;
    auto rows = mlir::cast<RankedTensorType>(x.getType());
    SmallVector<ExtentAttr> extents{getExtents(rows)[0]};
    for (int64_t extent : {in / kByte, kByte})
      extents.push_back(ExtentAttr::getConstant(builder.getContext(), extent));
    Value parts =
        ReshapeOp::create(builder, model.location, model.tensor(extents, builder.getF32Type()), x);
    Value table =
        ContractOp::create(builder, model.location, "tci,pi->tcp", parts, signs(), Value());
    Value found = GatherOp::create(builder, model.location, "tcp,bcn->tbcn", table, bytes);
    return ContractOp::create(builder, model.location, "tbcn,bcn->tn", found, scales(form),
                              Value());
  }

  Value joinRuns(const SharedForm &form, int64_t offset, Value memory) {
    SmallVector<Value> parts;
    for (SharedForm::Run run : form.runsOf(offset, out * in))
      parts.push_back(model.slice(memory, 0, run.first, run.count));
    Value flat = ConcatOp::create(model.builder, model.location, parts, 0);
    return reshape(flat, {out, in});
  }

  /// W [out, in] by the place of each of its numbers in memory.
  Value gatherTiles(const SharedForm &form, int64_t offset, Value memory) {
    int64_t high = form.blockRows, wide = form.blockColumns;
    int64_t rows = (in + high - 1) / high, columns = (out + wide - 1) / wide;
    std::vector<int32_t> inTile(size_t(high * wide));
    std::iota(inTile.begin(), inTile.end(), 0);
    // Tile (a, c) has the rows k of W^T and its columns n.
    auto type = RankedTensorType::get({columns, wide, rows, high}, model.builder.getI32Type());
    Value starts = numbers({rows, columns}, form.startsOf(offset, out, in));
    Value places = model.add(model.broadcast(starts, type, "ac->cnak"),
                             model.broadcast(numbers({high, wide}, inTile), type, "kn->cnak"));
    places = reshape(places, {columns * wide, rows * high});
    Value all = GatherOp::create(model.builder, model.location, "m,nk->nk", memory, places);
    return model.slice(model.slice(all, 0, 0, out), 1, 0, in);
  }

  Value numbers(ArrayRef<int64_t> shape, ArrayRef<int32_t> values) {
    auto type = RankedTensorType::get(shape, model.builder.getI32Type());
    return ConstantOp::create(model.builder, model.location, type,
                              DenseElementsAttr::get(type, values));
  }

  Value reshape(Value flat, ArrayRef<int64_t> shape) {
    auto type =
        RankedTensorType::get(shape, mlir::cast<RankedTensorType>(flat.getType()).getElementType());
    return ReshapeOp::create(model.builder, model.location, type, flat);
  }

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
