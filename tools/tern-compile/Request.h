// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_REQUEST_H
#define TERN_TOOLS_TERN_COMPILE_REQUEST_H

#include "tools/command/CompileOptions.h"
#include "tools/command/FunctionOptions.h"
#include "tools/generate/Options.h"

#include <optional>

namespace tern {

/// What the command line of tern-compile asks for.
struct Request {
  std::string model;
  std::string output;  ///< empty: made from the model's name
  std::string weights; ///< of an .mlir file
  std::string emit = "artefact";
  std::string calibrationText;       ///< a file; empty: none
  std::string proof;                 ///< file for why the rewritten terms are equal; empty: none
  std::string decisionsOut;          ///< file for what was decided; empty: none
  std::optional<uint32_t> maxUnions; ///< most unions of laws; none: as many as there are
  std::string whyNot;       ///< two operations, A+B, about whose laws it is asked; empty: none
  bool embedsProof = false; ///< into the artefact too
  bool runsHere = false;    ///< code for other processors than this is a mistake
  bool reference = false;
  command::CompileOptions compile;
  generate::Options generation;
  command::FunctionOptions function;

  void addTo(CLI::App &app);
  /// Those options alone that say what a model is compiled to.
  void addCompilationTo(CLI::App &app);
  /// Throws UserError for options that do not go together, or have no effect.
  void check() const;
  /// Throws UserError for an option that needs the e-graph beside another engine.
  void refuseClassic(const std::string &option) const;

  bool isModule() const { return model.ends_with(".mlir"); }
  /// How the model is computed: a reference computes exactly unless the user says otherwise.
  std::string numerics() const;
  bool numericsIsGiven() const;

private:
  void addRunOptions(CLI::App &app);
  void checkEmission() const;
  void checkSpelling() const;
  void checkProof() const;
  void checkDecisions() const;
  void refuseWithoutSaturation(const std::string &option) const;

  const CLI::App *app = nullptr;
  CLI::Option *numericsOption = nullptr;
};

} // namespace tern

#endif
