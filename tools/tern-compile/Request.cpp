// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/Request.h"

#include "passes/Pipelines/Pipeline.h"
#include "tools/command/TextFile.h"

namespace tern {

void Request::addCompilationTo(CLI::App &app) {
  app.add_option("--weights", weights, "model that an .mlir file's weights are in")
      ->type_name("PATH");
  compile.addTo(app);
  numericsOption = app.get_option("--numerics");
}

void Request::addTo(CLI::App &app) {
  this->app = &app;
  app.add_option("MODEL", model, "GGUF file, Hugging Face directory or .mlir file")->required();
  app.add_option("-o", output, "file to write; default: the model's name with .tern, - for text")
      ->type_name("FILE");
  app.add_flag("--runs-here", runsHere, "refuse a --target-cpu that this processor is not");
  app.add_option("--emit", emit, "what is written: an artefact, or the weights anew")
      ->check(CLI::IsMember({"artefact", "checkpoint"}))
      ->capture_default_str();
  app.add_option("--quantize-calibrate", calibrationText,
                 "text that a Hugging Face directory is run over, so that --quantize=gptq, awq or "
                 "high_impact knows each weight's inputs")
      ->type_name("FILE");
  app.add_option("--proof", proof,
                 "file for why what the rules chose is equal, which tern-explain --check reads")
      ->type_name("FILE");
  app.add_option("--decisions-out", decisionsOut,
                 "file for what was decided, which --decisions keeps to; JSON, to be edited")
      ->type_name("FILE");
  app.add_flag("--embed-proof", embedsProof, "put the proof into the artefact too");
  addCompilationTo(app);
  compile.addDiagnosisTo(app);
  addRunOptions(app);
}

void Request::addRunOptions(CLI::App &app) {
  app.add_flag("--reference", reference,
               "run the model, or one function, by the references of its operations, in f64");
  generation.addTo(app);
  function.addTo(app);
}

/// Kernels compute what laws find in a primitive import, so these laws must be allowed.
void Request::checkSpelling() const {
  bool hasKernels =
      compile.compileTo == "artefact" || *stageFromName(compile.compileTo) > Stage::Saturate;
  if (compile.importAs == "primitive" && compile.rules != "real" && hasKernels && !reference)
    throw command::UserError("--import=primitive: expected --rules=real beside it, whose laws find "
                             "what kernels compute, found --rules=" +
                             compile.rules);
  if (compile.importAs == "primitive" && compile.engine != "egraph" && hasKernels && !reference)
    throw command::UserError("--import=primitive: expected --engine=egraph beside it, which finds "
                             "what kernels compute, found --engine=" +
                             compile.engine);
}

/// Refuses an option of the stage `saturate` if that is not passed.
void Request::refuseWithoutSaturation(const std::string &option) const {
  auto refuse = [&](const std::string &word) {
    throw command::UserError(option + ": has no effect beside " + word);
  };
  if (reference && compile.compileTo == "artefact")
    refuse("--reference");
  for (const char *early : {"import", "normalise"})
    if (compile.compileTo == early)
      refuse("--compile-to=" + compile.compileTo);
  if (compile.compileFrom != "import" && compile.compileFrom != "normalise")
    refuse("--compile-from=" + compile.compileFrom);
}

void Request::refuseClassic(const std::string &option) const {
  if (compile.engine == "classic")
    throw command::UserError(option + ": expected --engine=egraph beside it, found " +
                             "--engine=classic");
}

void Request::checkDecisions() const {
  if (!compile.decisions.empty()) {
    refuseWithoutSaturation("--decisions");
    refuseClassic("--decisions");
  }
  if (decisionsOut.empty())
    return;
  refuseWithoutSaturation("--decisions-out");
  command::checkWritable(decisionsOut);
}

void Request::checkProof() const {
  if (embedsProof && proof.empty())
    throw command::UserError("--embed-proof: expected --proof=FILE beside it, found none");
  if (proof.empty())
    return;
  if (compile.rules == "none")
    throw command::UserError("--proof: has no effect beside --rules=none");
  refuseWithoutSaturation("--proof");
  if (embedsProof && compile.compileTo != "artefact")
    throw command::UserError("--embed-proof: has no effect beside --compile-to=" +
                             compile.compileTo);
  command::checkWritable(proof);
}

/// Refuses options that do not say how a model's weights are written anew.
void Request::checkEmission() const {
  for (const CLI::Option *option : app->get_options()) {
    std::string name = option->get_name();
    bool hasEffect = name == "MODEL" || name == "-o" || name == "--emit" || name == "--quantize" ||
                     name == "--quantize-calibrate";
    if (!option->empty() && !hasEffect)
      throw command::UserError(name + ": has no effect beside --emit=checkpoint");
  }
}

void Request::check() const {
  if (emit == "checkpoint")
    return checkEmission();
  compile.check();
  if (compile.cubin && reference)
    throw command::UserError("--cubin: has no effect beside --reference");
  checkProof();
  checkDecisions();
  if (compile.engine != "egraph" && compile.rules == "none")
    throw command::UserError("--engine=" + compile.engine + ": has no effect beside --rules=none");
  for (const char *name : {"--max-context", "--cache-type"})
    if (isModule() && app->count(name) != 0)
      throw command::UserError(std::string(name) + ": has no effect on " + model +
                               ", which says itself what it computes");
  if (!function.function.empty() && !isModule())
    throw command::UserError("--function: expected an .mlir file, found " + model);
  if (!weights.empty() && !isModule())
    throw command::UserError(model + ": holds its weights, so --weights has no effect");
  checkSpelling();
  std::vector<std::string_view> groups(generate::Options::groups.begin(),
                                       generate::Options::groups.end());
  if (reference) {
    if (!output.empty())
      throw command::UserError("-o: has no effect beside --reference");
    generation.check();
    return function.check(*app, groups);
  }
  groups.push_back(command::FunctionOptions::group);
  std::vector<std::string> words = command::givenOptions(*app, groups);
  // Of the options of a function, its name says what is compiled.
  std::erase_if(words, [](const std::string &word) { return word.starts_with("--function="); });
  if (!words.empty())
    throw command::UserError(words.front().substr(0, words.front().find('=')) +
                             ": expected --reference beside it, or tern-run in place of " +
                             "tern-compile, for only they run a model");
}

bool Request::numericsIsGiven() const { return !numericsOption->empty(); }

std::string Request::numerics() const {
  return reference && numericsOption->empty() ? "exact" : compile.numerics;
}

} // namespace tern
