// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_COMMAND_FUNCTIONOPTIONS_H
#define TERN_TOOLS_COMMAND_FUNCTIONOPTIONS_H

#include "tools/command/CommandLine.h"

#include <string>
#include <vector>

namespace tern::command {

/// One call of a function of an .mlir file.
struct FunctionOptions {
  static constexpr std::string_view group = "Function of an .mlir file";

  std::string function;
  std::vector<std::string> inputs;          ///< F.npy or 2x3xf32=...
  std::vector<std::string> expectedOutputs; ///< F.npy or 2x3xf32=...
  double tolerance = 1e-4;

  void addTo(CLI::App &app);

  /// Throws UserError for options of a function if none is to run, and the other way round for
  /// those of the groups `others`.
  void check(const CLI::App &app, std::span<const std::string_view> others) const;
};

} // namespace tern::command

#endif
