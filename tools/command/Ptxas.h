// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_COMMAND_PTXAS_H
#define TERN_TOOLS_COMMAND_PTXAS_H

#include <filesystem>
#include <string>

namespace tern::command {

/// Puts machine code together from PTX.
class Ptxas {
public:
  /// By path, or if that is empty beside this build, where `tools/dev setup` puts it, or in PATH.
  /// Throws UserError.
  explicit Ptxas(const std::string &given);

  /// Whether there is one without a path.
  static bool isInstalled();

  /// An ELF file of machine code, and what ptxas says of each kernel.
  struct Assembled {
    std::string cubin, report;
  };

  /// `file` is what messages call the text. Throws UserError for what ptxas refuses.
  Assembled assemble(const std::string &ptx, const std::string &chip,
                     const std::string &file) const;

  /// Its name and version, `ptxas 13.5.37`.
  std::string version() const;

  const std::filesystem::path path;
};

} // namespace tern::command

#endif
