// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/Architecture.h"

#include "frontend/architecture/Decoder.h"
#include "frontend/architecture/Encoder.h"
#include "frontend/architecture/EncoderDecoder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace tern::architecture {

static void declareDims(ModelBuilder &model) {
  Location location = UnknownLoc::get(model.builder.getContext());
  DimOp::create(model.builder, location, "T", 1, model.options.maxRows);
  DimOp::create(model.builder, location, "B", 1, model.options.maxEntries);
  DimOp::create(model.builder, location, "R", 0, model.options.maxLogitRows);
  // Tokens of the histories that rows of logits are sampled by.
  DimOp::create(model.builder, location, "H", 0,
                model.options.maxLogitRows * model.options.maxContext);
}

/// The function that draws tokens: the same for every family.
static void buildSample(ModelBuilder &model) {
  OpBuilder &builder = model.builder;
  Type i32 = builder.getI32Type(), logits = model.rows("R", {model.config.vocabulary});
  ExtentAttr starts = model.dim("R").plus(ExtentAttr::getConstant(builder.getContext(), 1));
  Type history = model.tensor({model.dim("H")}, i32), token = model.tensor({model.dim("R")}, i32);
  func::FuncOp function =
      model.function("sample", {logits, history, model.tensor({starts}, i32), model.rows("R", {8})},
                     {token, logits}, /*isPublic=*/true);
  const char *inputs[] = {"logits", "history", "historyStart", "parameters"};
  for (auto [i, name] : llvm::enumerate(inputs))
    function.setArgAttr(i, "tern.name", builder.getStringAttr(name));
  const char *results[] = {"token", "probabilities"};
  for (auto [i, name] : llvm::enumerate(results))
    function.setResultAttr(i, "tern.name", builder.getStringAttr(name));
  auto sample = SampleOp::create(builder, function.getLoc(), function.getArguments());
  func::ReturnOp::create(builder, function.getLoc(), sample.getResults());
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
  if (checkpoint::Failure failure = checkModel(checkpoint, config))
    return *failure;
  int64_t positions = config.positionRows - config.positionOffset;
  if (config.positionRows != 0 && options.maxContext > positions)
    return checkpoint::makeError(checkpoint.path(), ": expected a context of at most ", positions,
                                 ", which its table of positions has rows for, found ",
                                 options.maxContext);
  checkpoint::RotaryFactors factors;
  if (config.rotary) {
    auto read = checkpoint::readRotaryFactors(checkpoint, *config.rotary);
    if (!read)
      return read.error();
    factors = std::move(*read);
  }
  ModelBuilder model(context, checkpoint, config, options);
  OwningOpRef<ModuleOp> module = model.module;
  describeModel(model);
  if (config.encoder) {
    buildEncoder(model);
    return module;
  }
  if (config.encoderDecoder) {
    buildEncoderDecoder(model);
    buildSample(model);
    return module;
  }
  declareDims(model);
  buildDecoder(model, factors);
  buildSample(model);
  return module;
}

} // namespace tern::architecture
