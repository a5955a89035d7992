// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/Compilation.h"

#include "dialects/KV/IR/KV.h"
#include "dialects/Plan/IR/Plan.h"
#include "frontend/architecture/Architecture.h"
#include "frontend/architecture/Remarks.h"
#include "passes/CPU/Target.h"
#include "passes/Expand/Passes.h"
#include "passes/Saturate/Machine.h"
#include "runtime/format/Container.h"
#include "tools/command/TextFile.h"
#include "tools/generate/Interrupt.h"
#include "tools/generate/ModelFile.h"
#include "tools/generate/ModelTokenizer.h"
#include "tools/tern-compile/ArtefactSources.h"
#include "tools/tern-compile/OutputFile.h"
#include "tools/tern-compile/Requantise.h"

#include "mlir/Dialect/Func/Extensions/InlinerExtension.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <iostream>
#include <nlohmann/json.hpp>

using namespace mlir;

namespace tern {

using command::InternalError;
using command::UserError;

/// The module's attribute of what rounding its weights cost.
static constexpr llvm::StringLiteral kQuantize = "tern.quantize";

template <typename T> static T valueOf(checkpoint::Expected<T> expected) {
  if (!expected)
    throw UserError(expected.error().message);
  return std::move(*expected);
}

/// The module's attribute that says what --numerics was when its roundings were written.
static constexpr llvm::StringLiteral kNumerics = "tern.numerics";

//===- From a file to a module --------------------------------------------===//

static DialectRegistry allDialects() {
  DialectRegistry registry;
  registerAllDialects(registry);
  func::registerInlinerExtension(registry);
  registry.insert<TernDialect, kv::KVDialect, plan::PlanDialect>();
  return registry;
}

Compilation::Compilation(const Request &request)
    : request(request), context(allDialects()), diagnostics(&context),
      numerics(request.numerics()) {
  checkOptions();
  if (request.isModule())
    parseModule();
  else
    openModel();
  if (request.compile.importAs == "primitive")
    spellPrimitives();
}

/// The element type of the KV cache that the options and the weights ask for.
static std::string cacheTypeFor(const Request &request, const checkpoint::Checkpoint &model) {
  if (!request.compile.cacheType.empty())
    return request.compile.cacheType;
  if (request.numerics() == "exact")
    return "f32";
  bool isBf16 = llvm::any_of(model.tensors(), [](const checkpoint::Tensor &tensor) {
    return tensor.type == checkpoint::StorageType::BF16;
  });
  return isBf16 ? "bf16" : "f16";
}

/// Refuses code that this processor can't run.
static void checkHost(const cpu::Target &target) {
  llvm::Expected<cpu::Target> host = cpu::Target::native();
  if (!host)
    throw UserError(llvm::toString(host.takeError()));
  std::string missing;
  for (const std::string &feature : target.features)
    if (!llvm::is_contained(host->features, feature))
      missing += (missing.empty() ? "" : ", ") + feature;
  if (!missing.empty())
    throw UserError("--target-cpu=" + target.cpu +
                    ": expected a CPU whose code can run here, found one with " + missing);
}

/// Whether the file is of those that the model is read from.
static bool isOfModel(const std::string &path, const std::string &model) {
  if (llvm::sys::fs::equivalent(path, model))
    return true;
  llvm::StringRef folder = llvm::sys::path::parent_path(path);
  llvm::StringRef ending = llvm::sys::path::extension(path);
  return llvm::sys::fs::equivalent(folder.empty() ? "." : folder, model) &&
         (ending == ".json" || ending == ".safetensors" || ending == ".jinja");
}

/// Refuses an output that could not be written, or would take the place of something else than an
/// older one, before anything is compiled.
void Compilation::checkOutput() const {
  bool isArtefact = request.compile.compileTo == "artefact";
  if (request.reference || request.compile.printsConfig)
    return;
  if (isArtefact && request.output == "-")
    throw UserError("-o -: expected a file for the artefact, found the standard output");
  if (!isArtefact && (request.output.empty() || request.output == "-"))
    return;
  std::string path = isArtefact ? artefactPath() : request.output;
  if (isOfModel(path, request.model) || isOfModel(path, request.weights))
    throw UserError(path + ": expected another file to write than those that are read");
  checkOutputFile(path, /*mayBeDevice=*/!isArtefact);
}

/// The figures of --machine, or of the processor.
static saturate::Machine machineOf(const command::CompileOptions &given) {
  llvm::Expected<saturate::Machine> machine = given.machine.empty()
                                                  ? saturate::Machine::of(given.processor())
                                                  : saturate::Machine::read(given.machine);
  if (!machine)
    throw UserError(llvm::toString(machine.takeError()));
  return *machine;
}

void Compilation::checkOptions() const {
  if (request.isModule() && !request.compile.quantize.empty())
    throw UserError(request.model +
                    ": says itself what its weights are, so --quantize has no effect");
  llvm::Expected<cpu::Target> target = cpu::Target::named(request.compile.targetCpu);
  if (!target)
    throw UserError("--target-cpu: " + llvm::toString(target.takeError()));
  if (request.runsHere)
    checkHost(*target);
  checkOutput();
  std::optional<Stage> to = stageFromName(request.compile.compileTo); // none: an artefact
  if (to && *to < *stageFromName(request.compile.compileFrom))
    throw UserError("--compile-to=" + request.compile.compileTo +
                    ": expected a stage that does not lie before --compile-from=" +
                    request.compile.compileFrom);
  for (const std::string &path : request.compile.files())
    if (auto file = checkpoint::MappedFile::open(path); !file)
      throw UserError(file.error().message);
  machineOf(request.compile);
  if (!request.isModule() && request.compile.compileFrom != "import")
    throw UserError(request.model + ": is compiled from stage import, for only an .mlir file can " +
                    "be of stage " + request.compile.compileFrom);
}

/// The module's attribute `tern.checkpoint`: the hash of each of the checkpoint's files, by name.
static DictionaryAttr describeCheckpoint(MLIRContext &context,
                                         const checkpoint::Checkpoint &model) {
  SmallVector<NamedAttribute> files;
  for (const checkpoint::MappedFile &file : model.files())
    files.emplace_back(StringAttr::get(&context, llvm::sys::path::filename(file.path())),
                       StringAttr::get(&context, file.hash().hex()));
  return DictionaryAttr::get(&context, files);
}

static std::string textOf(Attribute hash) {
  auto text = dyn_cast<StringAttr>(hash);
  return text ? text.str() : "that is no text";
}

/// Says on stderr what the model has and its family does not know, since it changes nothing here.
static void sayNotUnderstood(const std::string &path, const checkpoint::Checkpoint &model,
                             const checkpoint::ModelConfig &config) {
  auto say = [&](size_t count, const std::string &what, const std::string &first) {
    if (count != 0)
      command::warn(path + ": " + std::to_string(count) + " " + what + (count > 1 ? "s" : "") +
                    " not understood and left out, '" + first +
                    "' first (tern-dump --not-understood lists all)");
  };
  auto tensors = architecture::unusedTensors(model, config);
  say(config.unknownKeys.size(), "key", config.unknownKeys.empty() ? "" : config.unknownKeys[0]);
  say(tensors.size(), "tensor", tensors.empty() ? "" : tensors[0]->name);
}

/// What rounding the weights led to.
struct Rounding {
  DictionaryAttr loss; ///< the module's attribute `tern.quantize`: to which types, at what cost
  std::vector<std::string> remarks;
  std::string warning; ///< empty: none
};

static Rounding quantise(MLIRContext &context, const std::string &spec,
                         checkpoint::Checkpoint &model, checkpoint::ModelConfig &config) {
  WeightTypes types(spec);
  Requantisation weights(model, &config, types);
  Rounding rounding{{}, weights.remarks(), weights.warning("tern-dump --remarks of the artefact")};
  weights.apply(model, config);
  if (checkpoint::Failure failure = architecture::checkModel(model, config))
    throw InternalError(failure->message);
  Builder builder(&context);
  rounding.loss = builder.getDictionaryAttr(
      {builder.getNamedAttr("types", builder.getStringAttr(spec)),
       builder.getNamedAttr("bits", builder.getF64FloatAttr(weights.loss().bits)),
       builder.getNamedAttr("error", builder.getF64FloatAttr(weights.loss().error))});
  return rounding;
}

void Compilation::openModel() {
  auto [opened, config] = generate::ModelFile::open(request.model);
  sayNotUnderstood(request.model, opened, config);
  Rounding rounding;
  if (!request.compile.quantize.empty())
    rounding = quantise(context, request.compile.quantize, opened, config);
  command::warn(rounding.warning);
  llvm::append_range(rounding.remarks, architecture::remarksOn(opened, config));
  model = std::move(opened);
  words = generate::readTokenizer(*model);
  architecture::ImportOptions options;
  options.maxContext =
      request.compile.maxContext ? request.compile.maxContext : config.contextLength;
  if (options.maxContext > command::CompileOptions::longestContext)
    throw UserError(request.model + ": expected a context of at most " +
                    std::to_string(command::CompileOptions::longestContext) +
                    " tokens (--max-context sets a shorter one), found " +
                    std::to_string(options.maxContext));
  if (config.encoder && !request.compile.cacheType.empty())
    throw UserError(request.model + ": is an encoder without a KV cache, so --cache-type=" +
                    request.compile.cacheType + " has no effect");
  bool isAlwaysF32 = config.encoderDecoder || config.stateSpace;
  if (isAlwaysF32 && !request.compile.cacheType.empty() && request.compile.cacheType != "f32")
    throw UserError(request.model + ": expected --cache-type=f32, in which its " +
                    (config.stateSpace ? "states" : "decoder's keys and values") +
                    " are kept, found " + request.compile.cacheType);
  options.cacheType = config.encoder ? "" : isAlwaysF32 ? "f32" : cacheTypeFor(request, *model);
  maxContext = options.maxContext;
  cacheType = options.cacheType;
  current = valueOf(architecture::importModel(&context, *model, config, options));
  module()->setAttr("tern.checkpoint", describeCheckpoint(context, *model));
  if (rounding.loss)
    module()->setAttr(kQuantize, rounding.loss);
  if (!rounding.remarks.empty())
    module()->setAttr("tern.remarks", Builder(&context).getStrArrayAttr(SmallVector<StringRef>(
                                          rounding.remarks.begin(), rounding.remarks.end())));
  if (failed(verify(*current)))
    throw InternalError(request.model + ": " + diagnostics.take("the import is not valid"));
}

/// The element type of the KV caches or states that the module's functions take; empty if none
/// does.
static std::string cacheTypeOf(ModuleOp module) {
  std::string name;
  auto look = [&](Type type) {
    if (auto cache = dyn_cast<kv::CacheType>(type); cache && name.empty())
      llvm::raw_string_ostream(name) << cache.getElementType();
    else if (isa<kv::StateType>(type) && name.empty())
      name = "f32";
  };
  module.walk(
      [&](FunctionOpInterface function) { llvm::for_each(function.getArgumentTypes(), look); });
  // A plan has no functions.
  if (auto caches = module->getAttrOfType<DictionaryAttr>("plan.caches"))
    for (NamedAttribute cache : caches)
      if (auto type = dyn_cast<TypeAttr>(cache.getValue()))
        look(type.getValue());
  return name;
}

void Compilation::parseModule() {
  // Types and attributes of ours may be asked for even where the text holds none.
  context.loadDialect<TernDialect, kv::KVDialect, plan::PlanDialect>();
  current = parseSourceFile<ModuleOp>(request.model, &context);
  if (!current)
    throw UserError(diagnostics.take(request.model + ": expected a file of MLIR text"));
  stage = *stageFromName(request.compile.compileFrom);
  StageRange stages = stagesOf(module());
  if (stages.first > stages.last)
    throw UserError(request.model + ": expected operations of one stage, found some of stage " +
                    stageName(stages.last).str() + " and some of stage " +
                    stageName(stages.first).str());
  if (stage < stages.first || stage > stages.last)
    throw UserError(request.model + ": expected a module of stage " + request.compile.compileFrom +
                    " (--compile-from), found one of stage " +
                    stageName(stage < stages.first ? stages.first : stages.last).str());
  if (stage != Stage::Import && request.compile.importAs != "composite")
    throw UserError(request.model + ": is of stage " + stageName(stage).str() +
                    ", so --import=" + request.compile.importAs + " has no effect");
  cacheType = cacheTypeOf(module());
  // Roundings are written into the module on the way to the stage `normalise`.
  if (auto known = module()->getAttrOfType<StringAttr>(kNumerics); stage != Stage::Import)
    numerics = known ? known.str() : "";
  if (stage != Stage::Import && request.numericsIsGiven())
    throw UserError(request.model + ": is of stage " + stageName(stage).str() +
                    ", whose roundings are decided, so --numerics has no effect");
  keepFunction();
  if (!request.weights.empty())
    openWeightsOfModule();
  else
    checkWeights();
}

/// Of several functions the one that is asked for, and those that it calls.
void Compilation::keepFunction() {
  const std::string &name = request.function.function;
  bool isPlanned = module().getOps<func::FuncOp>().empty();
  if (name.empty() || isPlanned)
    return;
  if (!module().lookupSymbol<func::FuncOp>(name))
    throw UserError(request.model + ": expected a function @" + name + ", found none of that name");
  for (auto function : module().getOps<func::FuncOp>())
    if (function.getSymName() != name)
      function.setPrivate();
  PassManager passes(&context);
  passes.addPass(createSymbolDCEPass());
  if (failed(passes.run(module())))
    throw inModule(diagnostics.take("the functions could not be sorted out"));
}

/// Refuses a module with weights and no file of them, before anything is compiled.
void Compilation::checkWeights() const {
  bool needsWeights = request.reference || request.compile.compileTo == "artefact";
  std::string name;
  module().walk([&](Operation *op) {
    if (auto weight = dyn_cast<WeightOp>(op); weight && name.empty())
      name = weight.getName();
    if (auto buffer = dyn_cast<plan::BufferOp>(op);
        buffer && name.empty() && buffer.getSpace() == plan::Space::source)
      name = buffer.getName();
  });
  if (needsWeights && !request.compile.printsConfig && !name.empty())
    throw UserError(request.model + ": expected --weights=PATH, where its weight '" + name +
                    "' is, found no weights");
}

void Compilation::openWeightsOfModule() {
  if (auto loss = module()->getAttrOfType<DictionaryAttr>(kQuantize)) {
    auto types = loss.getAs<StringAttr>("types");
    if (!types)
      throw UserError(request.model + ": expected " + kQuantize.str() +
                      " with the text 'types', found none");
    auto [opened, config] = generate::ModelFile::open(request.weights);
    quantise(context, types.str(), opened, config);
    model = std::move(opened);
  } else {
    model = valueOf(checkpoint::Checkpoint::open(request.weights));
  }
  words = generate::readTokenizer(*model);
  auto named = module()->getAttrOfType<DictionaryAttr>("tern.checkpoint");
  if (!named)
    return;
  DictionaryAttr found = describeCheckpoint(context, *model);
  for (NamedAttribute file : named)
    if (Attribute hash = found.get(file.getName()); hash != file.getValue())
      throw UserError(request.weights + ": expected " + file.getName().str() + " with the hash " +
                      textOf(file.getValue()) + " that " + request.model +
                      " was made from, found " + (hash ? textOf(hash) : "no such file"));
}

/// The layers by their definitions.
void Compilation::spellPrimitives() {
  PassManager passes(&context);
  passes.addPass(expand::createExpandCompositesPass());
  if (failed(passes.run(module())))
    throw inModule(diagnostics.take("the layers could not be spelt in primitives"));
}

//===- From stage to stage ------------------------------------------------===//

/// A mistake in the module: where it stands, or at least its file, for operations that passes made
/// have no place.
UserError Compilation::inModule(const std::string &why) const {
  return UserError(why.starts_with(request.model) ? why : request.model + ": " + why);
}

static saturate::RuleSet ruleSetOf(const std::string &name) {
  return name == "none"  ? saturate::RuleSet::None
         : name == "bit" ? saturate::RuleSet::Bit
                         : saturate::RuleSet::Real;
}

static PipelineOptions pipelineOptions(const Request &request) {
  const command::CompileOptions &given = request.compile;
  PipelineOptions options;
  options.fast = request.numerics() == "fast";
  options.target = given.target;
  options.targetCpu = given.targetCpu;
  options.saturate.rules = ruleSetOf(given.rules);
  options.saturate.rulesFiles.assign(given.rulesFiles.begin(), given.rulesFiles.end());
  options.saturate.engine =
      given.engine == "classic" ? saturate::Engine::Classic : saturate::Engine::EGraph;
  options.saturate.targetCpu = given.processor();
  options.saturate.machine = given.machine;
  options.saturate.forBatch = given.forBatch;
  options.saturate.forPrompt = given.forPrompt;
  options.saturate.forContext = given.forContext;
  options.saturate.stepsPerLoad = given.stepsPerLoad;
  options.saturate.proof = request.proof;
  options.saturate.decisions = given.decisions;
  options.saturate.decisionsOut = request.decisionsOut;
  options.saturate.whyNot = request.whyNot;
  if (request.maxUnions)
    options.saturate.maxUnions = *request.maxUnions;
  return options;
}

/// What says how far the compilation is, on a terminal.
static void showStage(const Request &request, Stage stage) {
  command::showProgress("compiling " + request.model + ": " + stageName(stage).str());
}

static void hideStage() { command::showProgress(""); }

void Compilation::advance(Stage to) {
  dumpStage();
  PipelineOptions options = pipelineOptions(request);
  options.observer = observer;
  while (stage < to) {
    auto next = static_cast<Stage>(static_cast<int>(stage) + 1);
    showStage(request, next);
    PassManager passes(&context);
    buildPipeline(passes, options, stage, next);
    std::string reproducer = artefactPath() + ".reproducer.mlir";
    // A module of the user's may be what is wrong; a model that was imported may not.
    if (!request.isModule())
      passes.enableCrashReproducerGeneration(reproducer);
    LogicalResult outcome = passes.run(*current);
    hideStage();
    if (failed(outcome)) {
      std::string why = diagnostics.take("stage " + stageName(next).str() + " failed");
      if (request.isModule())
        throw inModule(why);
      if (next == Stage::Codegen && options.target != "cpu") {
        llvm::sys::fs::remove(reproducer);
        throw UserError(request.model + ": expected code for " + options.target + ", found " + why);
      }
      // So may be a file that the user gave beside it.
      for (const std::string &file : request.compile.files())
        if (why.starts_with(file + ":")) {
          llvm::sys::fs::remove(reproducer);
          throw UserError(why);
        }
      throw InternalError(request.model + ": " + why + "; " + reproducer + " reproduces it");
    }
    stage = next;
    if (stage == Stage::Normalise)
      module()->setAttr(kNumerics, StringAttr::get(&context, numerics));
    dumpStage();
  }
}

static void writeText(ModuleOp module, llvm::raw_fd_ostream &file, std::error_code error,
                      llvm::StringRef path) {
  if (!error) {
    module.print(file);
    file.close();
    error = file.error();
    file.clear_error(); // else its end would be the program's
  }
  if (error)
    throw UserError(path.str() + ": expected a file that can be written: " + error.message());
}

void Compilation::dumpStage() const {
  if (request.compile.dumpFolder.empty())
    return;
  std::error_code error = llvm::sys::fs::create_directories(request.compile.dumpFolder);
  llvm::SmallString<128> path(request.compile.dumpFolder);
  llvm::sys::path::append(path, std::to_string(static_cast<int>(stage) + 1) + "-" +
                                    stageName(stage) + ".mlir");
  if (error)
    throw UserError(std::string(path) +
                    ": expected a file that can be written: " + error.message());
  llvm::raw_fd_ostream file(path, error);
  writeText(module(), file, error, path);
}

//===- To a file ----------------------------------------------------------===//

std::string Compilation::artefactPath() const {
  if (!request.output.empty() && request.output != "-")
    return request.output;
  llvm::StringRef path = llvm::StringRef(request.model).rtrim('/');
  llvm::StringRef name = llvm::sys::path::filename(path);
  bool hasEnding = name.ends_with(".gguf") || name.ends_with(".mlir");
  return (hasEnding ? llvm::sys::path::stem(name) : name).str() + ".tern";
}

void Compilation::writeArtefact() {
  showStage(request, Stage::Codegen);
  ArtefactSources sources;
  sources.producer = "tern " TERN_VERSION;
  sources.numerics = numerics;
  sources.cacheType = cacheType;
  sources.target = request.compile.target;
  sources.targetCpu = request.compile.targetCpu;
  sources.decisions = decisionsOf(module());
  if (model)
    addWeights(sources, *model);
  if (words)
    sources.tokenizer = valueOf(words->toJson());
  FailureOr<format::Artefact> artefact = makeArtefact(*current, sources);
  hideStage();
  if (failed(artefact)) {
    std::string why = diagnostics.take("no artefact could be made");
    if (request.isModule())
      throw inModule(why);
    throw InternalError(request.model + ": " + why);
  }
  if (request.compile.cubin)
    assemble(*artefact, request.compile.ptxas, request.model);
  if (request.embedsProof)
    artefact->extra.emplace_back(format::section::proof, command::readText(request.proof));
  // Rounded weights are in no file.
  if ((request.compile.embedWeights || module()->hasAttr(kQuantize)) && model)
    embedWeights(*artefact, *model);
  // What is written aside must not stay there.
  generate::catchInterrupts(nullptr);
  format::Error error = format::writeArtefact(*artefact, behindLinks(artefactPath()),
                                              [] { return !generate::interrupted(); });
  if (error && !generate::interrupted())
    throw UserError(error.message());
}

void Compilation::writeModule() {
  if (request.output.empty() || request.output == "-") {
    std::string text;
    llvm::raw_string_ostream(text) << module();
    std::cout << text;
    return;
  }
  std::error_code error;
  llvm::raw_fd_ostream file(request.output, error);
  writeText(module(), file, error, request.output);
}

nlohmann::ordered_json Compilation::effectiveConfig() const {
  const command::CompileOptions &given = request.compile;
  llvm::Expected<cpu::Target> target = cpu::Target::named(given.targetCpu);
  if (!target)
    throw UserError("--target-cpu: " + llvm::toString(target.takeError()));
  nlohmann::ordered_json machine;
  for (auto [name, value] : machineOf(given).figures())
    machine[name.str()] = value;
  nlohmann::ordered_json config{{"model", request.model},
                                {"output", artefactPath()},
                                {"compile_from", given.compileFrom},
                                {"compile_to", request.compile.compileTo},
                                {"import", given.importAs},
                                {"target", given.target},
                                {"target_cpu", target->cpu},
                                {"target_features", target->features},
                                {"cubin", given.cubin},
                                {"numerics", numerics},
                                {"rules", given.rules},
                                {"rules_files", given.rulesFiles},
                                {"engine", given.engine},
                                {"decisions", given.decisions},
                                {"machine", machine},
                                {"for_batch", given.forBatch},
                                {"for_prompt", given.forPrompt},
                                {"for_context", given.forContext},
                                {"steps_per_load", given.stepsPerLoad},
                                {"quantize", given.quantize},
                                {"embed_weights", given.embedWeights || !given.quantize.empty()}};
  if (!request.isModule()) {
    config["max_context"] = maxContext;
    config["cache_type"] = cacheType;
  }
  return config;
}

} // namespace tern
