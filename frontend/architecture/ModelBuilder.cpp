// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/ModelBuilder.h"

#include <cmath>
#include <numeric>

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
  case checkpoint::StorageType::Other:
    // checkModel refuses what is missing or of a type that is not read.
    llvm_unreachable("a tensor that tensorsOf does not list");
  default:
    return BlockType::fromFormat(context, *checkpoint::formatOf(found->type));
  }
}

std::optional<checkpoint::QuantisedWeight> ModelBuilder::quantisedWeight(const std::string &name,
                                                                         ArrayRef<int64_t> shape) {
  checkpoint::ExpectedTensor wanted{name, {shape.begin(), shape.end()}};
  auto quantised = findQuantised(checkpoint, config.quantisation, wanted);
  assert(quantised && "a weight that checkModel refuses");
  return *quantised;
}

Value ModelBuilder::weight(const std::string &name, ArrayRef<int64_t> shape) {
  auto quantised = quantisedWeight(name, shape);
  return quantised ? decode(*quantised, shape) : stored(name, shape);
}

Value ModelBuilder::stored(const std::string &name, ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, storageType(name));
  return WeightOp::create(builder, location, type, name, Value());
}

Value ModelBuilder::vector(const std::string &name, int64_t size) {
  Value numbers = weight(name, {size});
  auto type = RankedTensorType::get({size}, builder.getF32Type());
  return numbers.getType() == type ? numbers : CastOp::create(builder, location, type, numbers);
}

Value ModelBuilder::scalar(double value) {
  return makeScalar(builder, location, value, builder.getF32Type());
}

Value ModelBuilder::add(Value a, Value b) { return AddOp::create(builder, location, a, b); }
Value ModelBuilder::mul(Value a, Value b) { return MulOp::create(builder, location, a, b); }

Value ModelBuilder::scale(Value x, double factor) {
  return factor == 1 ? x : mul(x, scalar(factor));
}

Value ModelBuilder::softCap(Value x, double cap) {
  if (cap == 0)
    return x;
  return mul(TanhOp::create(builder, location, mul(x, scalar(1 / cap))), scalar(cap));
}

Value ModelBuilder::broadcast(Value x, RankedTensorType type, StringRef axes) {
  return BroadcastOp::create(builder, location, type, axes, x);
}

Value ModelBuilder::product(Value x, Value matrix) {
  return ContractOp::create(builder, location, "rk,nk->rn", x, matrix, Value());
}

Value ModelBuilder::addBias(Value y, const std::string &name) {
  auto type = cast<RankedTensorType>(y.getType());
  return add(y, broadcast(vector(name, type.getDimSize(1)), type, "n->rn"));
}

Value ModelBuilder::denseLinear(Value x, const std::string &name, int64_t out, bool isBiased) {
  int64_t in = cast<RankedTensorType>(x.getType()).getDimSize(1);
  const std::string weightName = name + ".weight";
  Value y;
  if (auto quantised = quantisedWeight(weightName, {out, in}))
    y = product(x, *quantised, out);
  else if (config.isTransposed)
    y = ContractOp::create(builder, location, "rk,kn->rn", x, stored(weightName, {in, out}),
                           Value());
  else
    y = product(x, stored(weightName, {out, in}));
  return isBiased ? addBias(y, name + ".bias") : y;
}

static StringRef axesOfNorm(Value x) {
  return cast<RankedTensorType>(x.getType()).getRank() == 2 ? "rk/k" : "rhk/k";
}

Value ModelBuilder::rmsNorm(Value x, double epsilon) {
  return RmsNormOp::create(builder, location, axesOfNorm(x), x, APFloat(epsilon));
}

Value ModelBuilder::normalise(Value x) {
  if (config.norm == checkpoint::NormKind::Rms)
    return rmsNorm(x, config.epsilon);
  return LayerNormOp::create(builder, location, axesOfNorm(x), x, APFloat(config.epsilon));
}

Value ModelBuilder::norm(Value x, const std::string &name) {
  if (name.empty())
    return x;
  auto type = cast<RankedTensorType>(x.getType());
  StringRef spread = axesOfNorm(x).drop_back(2);
  Value y = normalise(x);
  int64_t width = type.getShape().back();
  auto repeated = [&](Value numbers) { return broadcast(numbers, type, ("k->" + spread).str()); };
  Value weight = vector(name + config.names.normWeight, width);
  if (config.normOffset != 0)
    weight = add(weight, scalar(config.normOffset));
  y = mul(y, repeated(weight));
  return config.normBias ? add(y, repeated(vector(name + config.names.normBias, width))) : y;
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

Value ModelBuilder::slice(Value x, int64_t axis, int64_t first, int64_t count) {
  return SliceOp::create(builder, location, x, axis, first, count);
}

Value ModelBuilder::reshape(Value x, ArrayRef<int64_t> widths) {
  return ReshapeOp::create(builder, location, rows("T", widths), x);
}

Value ModelBuilder::column(Value matrix, int64_t number) {
  auto from = cast<RankedTensorType>(matrix.getType());
  auto type = getTensor(getExtents(from)[0], from.getElementType());
  // A row of the turned matrix lies in memory as it is wanted.
  if (from.getDimSize(1) != 1)
    matrix = slice(TransposeOp::create(builder, location, "rc->cr", matrix), 0, number, 1);
  return ReshapeOp::create(builder, location, type, matrix);
}

Value ModelBuilder::oneHot(Value index, int64_t count) {
  SmallVector<float> numbers(static_cast<size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0.0f);
  auto row = RankedTensorType::get({count}, builder.getF32Type());
  Value all = ConstantOp::create(builder, location, row,
                                 DenseElementsAttr::get(row, ArrayRef<float>(numbers)));
  RankedTensorType type = rows("T", {count});
  return EqOp::create(builder, location, broadcast(asF32(index), type, "t->tg"),
                      broadcast(all, type, "g->tg"));
}

Value ModelBuilder::weighted(Value rows, Value factors) {
  return mul(rows, broadcast(factors, cast<RankedTensorType>(rows.getType()), "t->tn"));
}

Value ModelBuilder::asF32(Value x) {
  auto from = cast<RankedTensorType>(x.getType());
  auto to = RankedTensorType::get(from.getShape(), builder.getF32Type(), from.getEncoding());
  return CastOp::create(builder, location, to, x);
}

Value ModelBuilder::gatherRows(Value table, Value indices) {
  Value rows = GatherOp::create(builder, location, "vd,t->td", table, indices);
  auto type = cast<RankedTensorType>(rows.getType());
  if (type.getElementType().isF32())
    return rows;
  return CastOp::create(builder, location, type.clone(builder.getF32Type()), rows);
}

Value ModelBuilder::positionRows(Value positions) {
  if (config.positionOffset != 0) {
    auto type = RankedTensorType::get({}, builder.getI32Type());
    auto offset = DenseElementsAttr::get(type, static_cast<int32_t>(config.positionOffset));
    positions = add(positions, ConstantOp::create(builder, location, type, offset));
  }
  Value table = weight(config.names.positions + ".weight", {config.positionRows, config.width});
  return gatherRows(table, positions);
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
