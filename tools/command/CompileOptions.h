// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_COMMAND_COMPILEOPTIONS_H
#define TERN_TOOLS_COMMAND_COMPILEOPTIONS_H

#include "tools/command/CommandLine.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tern::command {

/// What changes an artefact, for all tools that compile; and what shows how one is made.
struct CompileOptions {
  static constexpr std::string_view group = "Compilation";
  static constexpr std::string_view diagnosisGroup = "Diagnosis";
  /// The sequences of a step, 64 at most, have fewer than 2^31 tokens in all.
  static constexpr int64_t longestContext = (int64_t(1) << 25) - 1;

  std::string compileFrom = "import"; ///< the stage of an .mlir file
  std::string compileTo = "artefact";
  std::string importAs = "composite"; ///< how layers are spelt at the stage import
  std::string target = "cpu";
  std::string targetCpu = "native";
  bool cubin = false;     ///< machine code of a GPU beside the PTX
  std::string ptxas;      ///< the program that makes it; empty: one is looked for
  std::string machine;    ///< file of figures; empty: those of the processor
  int64_t maxContext = 0; ///< 0: the model's
  int64_t forBatch = 1, forPrompt = 512, forContext = 4096, stepsPerLoad = 100000;
  bool embedWeights = false;
  std::string quantize; ///< types of the weights; empty: as they are
  std::string rules = "real";
  std::vector<std::string> rulesFiles;
  std::string engine = "egraph";
  std::string decisions; ///< file of decisions that are kept to; empty: none
  std::string numerics = "fast";
  std::string cacheType; ///< empty: decided by numerics and the weights

  std::string dumpFolder; ///< of the modules of all stages; empty: none
  bool printsConfig = false;

  /// What runs the model, and has the figures.
  const std::string &processor() const { return target == "cpu" ? targetCpu : target; }

  /// The files, apart from the model, that the artefact depends on. Throws UserError if ptxas is
  /// one and is nowhere.
  std::vector<std::string> files() const;
  /// Throws UserError for options that have no effect beside others.
  void check() const;

  void addTo(CLI::App &app);
  void addDiagnosisTo(CLI::App &app);
};

} // namespace tern::command

#endif
