// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/Driver.h"

#include <iostream>

static void declare(CLI::App &app, tern::CompileOptions &options) {
  app.add_option("MODEL", options.model, "GGUF file or Hugging Face directory")->required();
  app.add_option("-o", options.output, "file to write (default: the model's name with .tern)");
  app.add_option("--target", "what the code is for")->check(CLI::IsMember({"cpu"}));
  app.add_option("--target-cpu", options.targetCpu, "LLVM's name of the CPU, or native")
      ->capture_default_str();
  app.add_option("--max-context", options.maxContext, "tokens of a sequence; 0: the model's length")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--numerics", options.numerics,
                 "exact: activations and sums in f32; fast: activations rounded as the weights")
      ->check(CLI::IsMember({"exact", "fast"}))
      ->capture_default_str();
  app.add_option("--cache-type", options.cacheType,
                 "of keys and values: f32, f16, bf16 (default: f32 with exact, else f16, or bf16 "
                 "where weights are)")
      ->check(CLI::IsMember({"f32", "f16", "bf16"}));
  app.add_option("--rules", options.rules, "laws that may be used: none, bit, real")
      ->check(CLI::IsMember({"none", "bit", "real"}))
      ->capture_default_str();
  app.add_option(
      "--compile-to", options.compileTo,
      "stop at a stage and print its module: import, normalise, saturate, dispatch, plan, "
      "codegen");
  app.add_flag("--reference", options.reference,
               "run the model by the references of its operations");
  tern::generate::addOptions(app, options.generation);
}

int main(int argc, char **argv) {
  CLI::App app("Compiles a model.", "tern-compile");
  tern::CompileOptions options;
  declare(app, options);
  // What tern-run takes beside, and the reference has no use for.
  if (std::find(argv, argv + argc, std::string_view("--reference")) != argv + argc)
    app.allow_extras();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    return tern::Driver(options).run();
  } catch (const std::exception &error) {
    std::cerr << "tern-compile: " << error.what() << "\n";
    return 1;
  }
}
