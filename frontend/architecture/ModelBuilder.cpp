// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/ModelBuilder.h"

#include <cmath>

using namespace mlir;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern::architecture {

ModelBuilder::ModelBuilder(MLIRContext *context, const checkpoint::Checkpoint &checkpoint,
                           const checkpoint::ModelConfig &config, const ImportOptions &options)
    : builder(context), module(ModuleOp::create(UnknownLoc::get(context))), checkpoint(checkpoint),
      config(config), options(options), location(UnknownLoc::get(context)) {
  builder.setInsertionPointToEnd(module.getBody());
}

ExtentAttr ModelBuilder::dim(StringRef name) {
  return ExtentAttr::getName(builder.getContext(), name);
}

RankedTensorType ModelBuilder::tensor(ArrayRef<ExtentAttr> extents, Type element) {
  return getTensor(extents, element);
}

RankedTensorType ModelBuilder::rows(StringRef name, ArrayRef<int64_t> widths) {
  SmallVector<ExtentAttr> extents{dim(name)};
  for (int64_t width : widths)
    extents.push_back(ExtentAttr::getConstant(builder.getContext(), width));
  return getTensor(extents, builder.getF32Type());
}

Type ModelBuilder::storageType(const std::string &name) {
  const checkpoint::Tensor *found = checkpoint.find(name);
  MLIRContext *context = builder.getContext();
  switch (found ? found->type : checkpoint::StorageType::Other) {
  case checkpoint::StorageType::F32:
    return builder.getF32Type();
  case checkpoint::StorageType::F16:
    return builder.getF16Type();
  case checkpoint::StorageType::BF16:
    return builder.getBF16Type();
  case checkpoint::StorageType::Q8_0:
    return BlockType::fromGgufName(context, "q8_0");
  case checkpoint::StorageType::Q4_0:
    return BlockType::fromGgufName(context, "q4_0");
  case checkpoint::StorageType::Q4_1:
    return BlockType::fromGgufName(context, "q4_1");
  case checkpoint::StorageType::Other:
    break;
  }
  // checkModel refuses what is missing or of a type that is not read.
  llvm_unreachable("a tensor that the family does not list");
}

Value ModelBuilder::weight(const std::string &name, ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, storageType(name));
  return WeightOp::create(builder, location, type, name, Value());
}

Value ModelBuilder::vector(const std::string &name, int64_t size) {
  Value stored = weight(name, {size});
  auto type = RankedTensorType::get({size}, builder.getF32Type());
  return stored.getType() == type ? stored : CastOp::create(builder, location, type, stored);
}

Value ModelBuilder::scalar(double value) {
  auto type = RankedTensorType::get({}, builder.getF32Type());
  return ConstantOp::create(builder, location, type,
                            DenseElementsAttr::get(type, static_cast<float>(value)));
}

Value ModelBuilder::add(Value a, Value b) { return AddOp::create(builder, location, a, b); }
Value ModelBuilder::mul(Value a, Value b) { return MulOp::create(builder, location, a, b); }

Value ModelBuilder::linear(Value x, const std::string &name, int64_t out, int64_t in, bool biased) {
  Value w = weight(name + ".weight", {out, in});
  Value y = ContractOp::create(builder, location, "rk,nk->rn", x, w, Value());
  return biased ? addColumns(y, vector(name + ".bias", out)) : y;
}

Value ModelBuilder::broadcastColumns(Value vector, Value like) {
  return BroadcastOp::create(builder, location, like.getType(), "k->rk", vector);
}

Value ModelBuilder::scaleColumns(Value x, Value vector) {
  return mul(x, broadcastColumns(vector, x));
}

Value ModelBuilder::addColumns(Value x, Value vector) {
  return add(x, broadcastColumns(vector, x));
}

Value ModelBuilder::rmsNorm(Value x, const std::string &name) {
  Value normed = RmsNormOp::create(builder, location, "rk/k", x, APFloat(config.epsilon));
  return scaleColumns(normed, vector(name + ".weight", config.width));
}

Value ModelBuilder::activation(Value x) {
  switch (config.activation) {
  case checkpoint::Activation::Silu:
    return SiluOp::create(builder, location, x);
  case checkpoint::Activation::Gelu:
    return GeluOp::create(builder, location, x);
  case checkpoint::Activation::GeluTanh:
    return GeluTanhOp::create(builder, location, x);
  case checkpoint::Activation::Relu:
    return ReluOp::create(builder, location, x);
  case checkpoint::Activation::QuickGelu:
    return QuickGeluOp::create(builder, location, x);
  }
  llvm_unreachable("every activation has an operation");
}

Value ModelBuilder::splitHeads(Value x, int64_t heads, int64_t width) {
  return ReshapeOp::create(builder, location, rows("T", {heads, width}), x);
}

Value ModelBuilder::joinHeads(Value x) {
  auto type = cast<RankedTensorType>(x.getType());
  return ReshapeOp::create(builder, location, rows("T", {type.getDimSize(1) * type.getDimSize(2)}),
                           x);
}

Value ModelBuilder::gatherRows(Value table, Value indices) {
  Value rows = GatherOp::create(builder, location, "vd,t->td", table, indices);
  auto type = cast<RankedTensorType>(rows.getType());
  if (type.getElementType().isF32())
    return rows;
  return CastOp::create(builder, location, type.clone(builder.getF32Type()), rows);
}

Value ModelBuilder::broadcastRows(Value column, RankedTensorType type) {
  return BroadcastOp::create(builder, location, type, "t->ti", column);
}

/// base' ^ (-2i / d) with base' = theta * (factor * L / L0 - (factor - 1)) ^ (d / (d - 2)) and
/// L = max(length, L0), as exp(-2i / d * (ln theta + d / (d - 2) * ln(...))).
Value ModelBuilder::dynamicFrequencies(Value lengths, RankedTensorType type) {
  const checkpoint::RotaryConfig &rotary = config.rotary;
  double d = static_cast<double>(rotary.dimensions), original = double(rotary.originalContext);
  auto column = RankedTensorType::get(cast<RankedTensorType>(lengths.getType()).getShape(),
                                      builder.getF32Type(),
                                      cast<RankedTensorType>(lengths.getType()).getEncoding());
  Value length = CastOp::create(builder, location, column, lengths);
  length = MaximumOp::create(builder, location, length, scalar(original));
  Value stretch = add(mul(length, scalar(rotary.factor / original)), scalar(1 - rotary.factor));
  Value logBase = add(mul(LogOp::create(builder, location, stretch), scalar(d / (d - 2))),
                      scalar(std::log(rotary.theta)));
  SmallVector<double> exponents;
  for (int64_t i = 0; i < rotary.dimensions / 2; ++i)
    exponents.push_back(-2.0 * i / d);
  auto wide = RankedTensorType::get({rotary.dimensions / 2}, builder.getF64Type());
  Value exponent = ConstantOp::create(builder, location, wide,
                                      DenseElementsAttr::get(wide, ArrayRef(exponents)));
  exponent = CastOp::create(builder, location,
                            RankedTensorType::get(wide.getShape(), builder.getF32Type()), exponent);
  Value spread = BroadcastOp::create(builder, location, type, "i->ti", exponent);
  return ExpOp::create(builder, location, mul(broadcastRows(logBase, type), spread));
}

std::pair<Value, Value> ModelBuilder::rotaryTables(Value positions, Value lengths,
                                                   const checkpoint::Rotary &rotary) {
  auto positionsType = cast<RankedTensorType>(positions.getType());
  int64_t planes = rotary.inverseFrequencies.size();
  RankedTensorType type = rows("T", {planes});
  Value frequencies;
  if (config.rotary.kind == checkpoint::RotaryKind::Dynamic) {
    frequencies = dynamicFrequencies(lengths, type);
  } else {
    auto wide = RankedTensorType::get({planes}, builder.getF64Type());
    Value inverse = ConstantOp::create(
        builder, location, wide, DenseElementsAttr::get(wide, ArrayRef(rotary.inverseFrequencies)));
    inverse = CastOp::create(builder, location,
                             RankedTensorType::get({planes}, builder.getF32Type()), inverse);
    frequencies = BroadcastOp::create(builder, location, type, "i->ti", inverse);
  }
  Value position =
      CastOp::create(builder, location,
                     RankedTensorType::get(positionsType.getShape(), builder.getF32Type(),
                                           positionsType.getEncoding()),
                     positions);
  Value angles = mul(broadcastRows(position, type), frequencies);
  Value cos = CosOp::create(builder, location, angles),
        sin = SinOp::create(builder, location, angles);
  if (rotary.scale == 1)
    return {cos, sin};
  return {mul(cos, scalar(rotary.scale)), mul(sin, scalar(rotary.scale))};
}

func::FuncOp ModelBuilder::function(StringRef name, TypeRange inputs, TypeRange results,
                                    bool isPublic) {
  builder.setInsertionPointToEnd(module.getBody());
  auto function =
      func::FuncOp::create(builder, location, name, builder.getFunctionType(inputs, results));
  if (!isPublic)
    function.setPrivate();
  builder.setInsertionPointToStart(function.addEntryBlock());
  return function;
}

} // namespace tern::architecture
