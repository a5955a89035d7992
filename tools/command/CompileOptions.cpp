// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/command/CompileOptions.h"

#include "tools/command/Ptxas.h"

#include <memory>

namespace tern::command {

/// Sizes beyond this are refused before they can overflow a product.
static constexpr int64_t mostOf = int64_t(1) << 30;

std::vector<std::string> CompileOptions::files() const {
  std::vector<std::string> files = rulesFiles;
  if (!machine.empty())
    files.push_back(machine);
  if (!decisions.empty())
    files.push_back(decisions);
  if (cubin)
    files.push_back(Ptxas(ptxas).path);
  return files;
}

void CompileOptions::check() const {
  if (cubin && target == "cpu")
    throw UserError("--cubin: has no effect beside --target=cpu");
  if (cubin && compileTo != "artefact")
    throw UserError("--cubin: has no effect beside --compile-to=" + compileTo);
  if (!ptxas.empty() && !cubin)
    throw UserError("--ptxas: expected --cubin beside it, found none");
}

void CompileOptions::addTo(CLI::App &app) {
  std::string name(group);
  auto add = [&](const char *flag, auto &value, const char *help) {
    return app.add_option(flag, value, help)->group(name)->allow_extra_args(false);
  };
  CLI::Validator count = wholeNumber(1, mostOf);
  add("--compile-from", compileFrom, "stage that an .mlir file is of")
      ->check(CLI::IsMember({"import", "normalise", "saturate", "dispatch", "plan", "codegen"}));
  add("--compile-to", compileTo, "stage to stop at")
      ->check(CLI::IsMember(
          {"import", "normalise", "saturate", "dispatch", "plan", "codegen", "artefact"}));
  add("--import", importAs,
      "how a layer is spelt: composite, or primitive: attention, norms and activations by their "
      "definitions, which laws find again")
      ->check(CLI::IsMember({"composite", "primitive"}));
  add("--target", target, "what the code is for: cpu, or the least GPU that it runs on")
      ->check(CLI::IsMember({"cpu", "sm_80", "sm_86", "sm_89", "sm_90"}));
  add("--target-cpu", targetCpu, "processor by LLVM's name, or native for this one")
      ->type_name("NAME");
  app.add_flag("--cubin", cubin, "put machine code for the GPU beside the PTX, by ptxas")
      ->group(name);
  add("--ptxas", ptxas,
      "the program for --cubin; default: the one that tools/dev setup fetched, or that in PATH")
      ->type_name("FILE");
  add("--machine", machine,
      "file of a machine's figures, such as tern-bench --calibrate writes, for estimates of cost; "
      "default: those of the target's processor, or of a GPU of its kind")
      ->type_name("FILE");
  add("--max-context", maxContext, "most tokens of a sequence; default: the model's length")
      ->check(wholeNumber(1, longestContext))
      ->default_str("");
  add("--for-batch", forBatch, "sequences of a step, for estimates of cost")->check(count);
  add("--for-prompt", forPrompt, "tokens of a prompt, for estimates of cost")->check(count);
  add("--for-context", forContext, "tokens of a sequence, for estimates of cost")->check(count);
  add("--steps-per-load", stepsPerLoad, "steps over which the cost of loading is spread")
      ->check(count);
  app.add_flag("--embed-weights", embedWeights, "put the weights into the artefact")->group(name);
  add("--quantize", quantize,
      "types to round a model's matrices to, for the artefact or for --emit=checkpoint: TYPE, or "
      "PATTERN=TYPE,... of which the first that fits a tensor's name counts; f32, f16, bf16, "
      "GGUF's types (q4_0 to mxfp4), nf4, fp4, nf4-dq, fp4-dq, int8, or binary2 to binary4; for "
      "--emit=checkpoint alone rtn, and by the text of --quantize-calibrate gptq, awq or "
      "high_impact, each with settings such as gptq-4-g32-act")
      ->type_name("SPEC");
  add("--rules", rules, "laws that may be used: none, those that keep every bit, or all")
      ->check(CLI::IsMember({"none", "bit", "real"}));
  add("--rules-file", rulesFiles, "file of more laws; repeatable")->type_name("FILE");
  add("--engine", engine,
      "what applies laws: egraph keeps all equal terms; classic, a bottom-up rewriter, keeps each "
      "application that is cheaper, and finds less")
      ->check(CLI::IsMember({"egraph", "classic"}));
  add("--decisions", decisions,
      "file of decisions that are kept to, such as tern-compile --decisions-out writes it")
      ->type_name("FILE");
  add("--numerics", numerics,
      "fast: activations rounded to the weights' precision (on a GPU, for weights in blocks, to "
      "bf16); exact: f32")
      ->check(CLI::IsMember({"exact", "fast"}));
  add("--cache-type", cacheType,
      "element type of the KV cache; default: f32 if exact, else bf16 for bf16 weights, else f16")
      ->check(CLI::IsMember({"f32", "f16", "bf16"}))
      ->default_str("");
}

void CompileOptions::addDiagnosisTo(CLI::App &app) {
  std::string name(diagnosisGroup);
  app.add_option("--dump-compilation-phases-to", dumpFolder,
                 "folder for the module of each stage that is passed")
      ->type_name("DIR")
      ->group(name);
  app.add_flag("--print-effective-config", printsConfig,
               "show, as JSON, what would be compiled and how, and stop")
      ->group(name);
}

} // namespace tern::command
