// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/command/FunctionCall.h"
#include "tools/generate/Embedder.h"
#include "tools/generate/EncoderDecoder.h"
#include "tools/generate/Generator.h"
#include "tools/generate/Interrupt.h"
#include "tools/generate/ModelFile.h"
#include "tools/tern-compile/Compilation.h"
#include "tools/tern-compile/ReferenceEncoder.h"
#include "tools/tern-compile/ReferenceFunction.h"
#include "tools/tern-compile/ReferenceFunctions.h"
#include "tools/tern-compile/ReferenceModel.h"
#include "tools/tern-compile/UserLaws.h"
#include "tools/tern-compile/WriteCalibrated.h"
#include "tools/tern-compile/WriteCheckpoint.h"
#include "tools/tern-explain/EveryProof.h"

#include <iostream>
#include <nlohmann/json.hpp>

using namespace tern;

/// Runs the module, or one function of it, by the references of its operations.
static int runReference(const Request &request, Compilation &compilation) {
  if (!request.function.function.empty()) {
    command::showOutputs(request.function,
                         callByReference(compilation.module(), compilation.weights(),
                                         request.function, compilation.errors()));
    return command::exitcode::done;
  }
  generate::catchInterrupts(nullptr);
  mlir::ModuleOp module = compilation.module();
  const text::Tokenizer *words = compilation.tokenizer() ? &*compilation.tokenizer() : nullptr;
  if (auto facts = module->getAttrOfType<mlir::DictionaryAttr>("tern.model"))
    if (auto family = facts.getAs<mlir::StringAttr>("family"))
      generate::checkKind(request.generation, request.model, family.str(),
                          module.lookupSymbol("encode") && !module.lookupSymbol("decode"));
  if (request.generation.embeds) {
    ReferenceEncoder encoder(module, compilation.weights(), compilation.errors());
    return generate::embed(
        request.generation, words,
        {request.model, factOf(module, "context"), factOf(module, "vocabulary"), {}},
        [&]() -> generate::Encoder & { return encoder; });
  }
  if (module.lookupSymbol("decode")) {
    auto functions =
        std::make_shared<ReferenceFunctions>(module, compilation.weights(), compilation.errors());
    generate::EncoderDecoder model(
        [functions](const std::string &name, const std::vector<command::Tensor> &inputs) {
          return (*functions)(name, inputs);
        },
        static_cast<int32_t>(factOf(module, "bos")));
    return generate::generate(
        request.generation, words,
        {request.model, factOf(module, "context"), factOf(module, "vocabulary"), endsOf(module)},
        [&](int32_t) -> generate::Model & { return model; });
  }
  ReferenceModel model(module, compilation.weights(), compilation.errors());
  return generate::generate(
      request.generation, words,
      {request.model, model.maxContext(), model.vocabulary(), model.endTokens()},
      [&](int32_t) -> generate::Model & { return model; });
}

static int emitCheckpoint(const Request &request) {
  if (request.compile.quantize.empty())
    throw command::UserError("--emit=checkpoint: expected --quantize beside it, found none");
  if (request.output.empty())
    throw command::UserError(
        "--emit=checkpoint: expected -o with the file or folder to write, found none");
  if (request.output == "-")
    throw command::UserError("-o -: expected a file or folder to write, found the standard output");
  if (isCalibrated(request.compile.quantize, !request.calibrationText.empty()))
    writeCalibrated(request.model, request.compile.quantize, request.calibrationText,
                    request.output);
  else if (!request.calibrationText.empty())
    throw command::UserError("--quantize-calibrate: has no effect beside --quantize=" +
                             request.compile.quantize);
  else
    writeCheckpoint(request.model, request.compile.quantize, request.output);
  return generate::interrupted() ? command::exitcode::interrupted : command::exitcode::done;
}

/// Refuses laws that can't be read before a model is.
static void checkRules(const command::CompileOptions &options) {
  if (options.rulesFiles.empty())
    return;
  if (options.rules == "none")
    throw command::UserError("--rules-file: has no effect beside --rules=none");
  checkUserLaws(options.rulesFiles);
}

static int compile(Request request) {
  request.check();
  if (request.emit == "checkpoint")
    return emitCheckpoint(request);
  if (!request.calibrationText.empty())
    throw command::UserError(
        "--quantize-calibrate: expected --emit=checkpoint beside it, found none");
  if (isCalibrated(request.compile.quantize, /*hasText=*/false))
    throw command::UserError("--quantize=" + request.compile.quantize +
                             ": expected tern-compile with --emit=checkpoint, found none");
  checkRules(request.compile);
  if (request.compile.maxContext != 0 && !request.isModule())
    command::warn(generate::describeExtension(generate::ModelFile::open(request.model),
                                              request.compile.maxContext));
  Compilation compilation(request);
  if (request.compile.printsConfig) {
    std::cout << compilation.effectiveConfig().dump(2) << "\n";
    return command::exitcode::done;
  }
  bool isWhole = request.compile.compileTo == "artefact";
  Stage last = isWhole ? Stage::Codegen : *stageFromName(request.compile.compileTo);
  if (request.reference) {
    request.generation.readFiles();
    // The references know what comes before a plan; the model as written is the default.
    compilation.advance(isWhole ? Stage::Import : last);
    return runReference(request, compilation);
  }
  compilation.advance(last);
  if (isWhole)
    compilation.writeArtefact();
  else
    compilation.writeModule();
  return generate::interrupted() ? command::exitcode::interrupted : command::exitcode::done;
}

int main(int argc, char **argv) {
  checkProofsInTests();
  command::Application app("Compiles a model to an artefact that tern-run runs.", argc, argv);
  Request request;
  request.addTo(app);
  return app.run([&] { return compile(request); });
}
