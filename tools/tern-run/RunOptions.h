// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_RUN_RUNOPTIONS_H
#define TERN_TOOLS_TERN_RUN_RUNOPTIONS_H

#include "tools/command/CompileOptions.h"
#include "tools/command/FunctionOptions.h"
#include "tools/generate/Options.h"

namespace tern {

/// What the command line of tern-run asks for.
struct RunOptions {
  std::string model;
  std::string weights, cacheFolder;
  bool noCache = false, reference = false, verify = false;
  int32_t threads = 0;
  int64_t prefillChunk = 0;
  std::string device = "cpu";
  command::CompileOptions compile;
  generate::Options generation;
  command::FunctionOptions function;

  void addTo(CLI::App &app);
  /// Throws UserError for options that do not go together, or have no effect.
  void check() const;

  bool isModule() const { return model.ends_with(".mlir"); }
  /// The words for tern-compile that say how to compile, and those of them that were given.
  std::vector<std::string> compileWords() const;
  std::vector<std::string> givenCompileWords() const;
  /// The words for tern-compile that ask it to show how it compiles.
  std::vector<std::string> diagnosisWords() const;
  /// The words for tern-compile that say what to run by reference.
  std::vector<std::string> referenceWords() const;
  /// Folder of packed weights; empty: none are kept.
  std::string loadFolder() const;

private:
  void checkReference() const;
  std::vector<std::string> words(std::span<const std::string_view> groups) const;

  const CLI::App *app = nullptr;
};

} // namespace tern

#endif
