// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/ModelBuilder.h"

#include <cmath>

using namespace mlir;
using llvm::ArrayRef;

namespace tern::architecture {

using checkpoint::RotaryConfig;
using checkpoint::RotaryKind;

namespace {

class RotaryWriter {
public:
  RotaryWriter(ModelBuilder &model, const RotaryConfig &config,
               const checkpoint::RotaryFactors &factors, Value positions, Value lengths)
      : model(model), builder(model.builder), location(model.location), config(config),
        rotary(computeRotary(config, factors)), positions(positions), lengths(lengths),
        type(model.rows("T", {static_cast<int64_t>(rotary.inverseFrequencies.size())})) {}

  RotaryTables write() {
    Value angles = model.mul(model.broadcast(model.asF32(positions), type, "t->ti"), frequencies());
    Value cos = CosOp::create(builder, location, angles);
    Value sin = SinOp::create(builder, location, angles);
    return {model.scale(cos, rotary.scale), model.scale(sin, rotary.scale)};
  }

private:
  /// The same numbers for each row, rounded from f64.
  Value repeated(ArrayRef<double> numbers) {
    auto wide = RankedTensorType::get({static_cast<int64_t>(numbers.size())}, builder.getF64Type());
    Value row = ConstantOp::create(builder, location, wide, DenseElementsAttr::get(wide, numbers));
    row = CastOp::create(builder, location,
                         RankedTensorType::get(wide.getShape(), builder.getF32Type()), row);
    return model.broadcast(row, type, "i->ti");
  }

  Value frequencies() {
    if (config.kind == RotaryKind::Dynamic)
      return dynamicFrequencies();
    Value usual = repeated(rotary.inverseFrequencies);
    if (rotary.longFrequencies.empty())
      return usual;
    // Sequences that outgrow the first context have other frequencies.
    Value original = model.scalar(static_cast<double>(config.originalContext));
    Value isLong = LtOp::create(builder, location, original, model.asF32(lengths));
    return WhereOp::create(builder, location, model.broadcast(isLong, type, "t->ti"),
                           repeated(rotary.longFrequencies), usual);
  }

  /// base' ^ (-2i / d) with base' = theta * (factor * L / L0 - (factor - 1)) ^ (d / (d - 2)) and
  /// L = max(length, L0), as exp(-2i / d * (ln theta + d / (d - 2) * ln(...))).
  Value dynamicFrequencies() {
    auto d = static_cast<double>(config.dimensions);
    auto original = static_cast<double>(config.originalContext);
    Value length =
        MaximumOp::create(builder, location, model.asF32(lengths), model.scalar(original));
    Value stretch = model.add(model.mul(length, model.scalar(config.factor / original)),
                              model.scalar(1 - config.factor));
    Value logStretch = LogOp::create(builder, location, stretch);
    Value logBase = model.add(model.mul(logStretch, model.scalar(d / (d - 2))),
                              model.scalar(std::log(config.theta)));
    SmallVector<double> exponents;
    for (int64_t i = 0; i < config.dimensions / 2; ++i)
      exponents.push_back(-2.0 * static_cast<double>(i) / d);
    return ExpOp::create(builder, location,
                         model.mul(model.broadcast(logBase, type, "t->ti"), repeated(exponents)));
  }

  ModelBuilder &model;
  OpBuilder &builder;
  Location location;
  const RotaryConfig &config;
  checkpoint::Rotary rotary;
  Value positions, lengths;
  RankedTensorType type;
};

} // namespace

RotaryTables rotaryTables(ModelBuilder &model, const RotaryConfig &config,
                          const checkpoint::RotaryFactors &factors, Value positions,
                          Value lengths) {
  return RotaryWriter(model, config, factors, positions, lengths).write();
}

} // namespace tern::architecture
