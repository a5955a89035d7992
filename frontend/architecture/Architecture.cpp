// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/Architecture.h"

#include "frontend/architecture/ModelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace tern::architecture {

static void declareDims(ModelBuilder &model) {
  Location location = UnknownLoc::get(model.builder.getContext());
  DimOp::create(model.builder, location, "T", 1, model.options.maxRows);
  DimOp::create(model.builder, location, "B", 1, model.options.maxEntries);
  DimOp::create(model.builder, location, "R", 0, model.options.maxLogitRows);
}

/// What the artefact tells the runtime of the model, as the module's attribute `tern.model`.
static void describeModel(ModelBuilder &model) {
  const checkpoint::ModelConfig &config = model.config;
  OpBuilder &builder = model.builder;
  SmallVector<NamedAttribute> facts;
  auto add = [&](StringRef name, Attribute value) {
    facts.push_back(builder.getNamedAttr(name, value));
  };
  add("family", builder.getStringAttr(config.family));
  add("vocabulary", builder.getI64IntegerAttr(config.vocabulary));
  add("context", builder.getI64IntegerAttr(model.options.maxContext));
  if (config.bos)
    add("bos", builder.getI64IntegerAttr(*config.bos));
  add("eos", builder.getDenseI64ArrayAttr(config.eos));
  if (config.addBos)
    add("add_bos", builder.getBoolAttr(*config.addBos));
  model.module->setAttr("tern.model", builder.getDictionaryAttr(facts));
}

checkpoint::Expected<OwningOpRef<ModuleOp>> importModel(MLIRContext *context,
                                                        const checkpoint::Checkpoint &checkpoint,
                                                        const checkpoint::ModelConfig &config,
                                                        const ImportOptions &options) {
  context->loadDialect<TernDialect, kv::KVDialect, func::FuncDialect, arith::ArithDialect>();
  auto factors = checkpoint::readRotaryFactors(checkpoint, config.rotary);
  if (!factors)
    return factors.error();
  checkpoint::Rotary rotary = checkpoint::computeRotary(config.rotary, *factors);
  ModelBuilder model(context, checkpoint, config, options);
  OwningOpRef<ModuleOp> module = model.module;
  declareDims(model);
  describeModel(model);
  buildLlama(model, rotary);
  if (checkpoint::Failure failure = checkTensors(checkpoint, model.neededTensors()))
    return *failure;
  return module;
}

} // namespace tern::architecture
