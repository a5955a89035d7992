// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_NEWFOLDER_H
#define TERN_TOOLS_TERN_COMPILE_NEWFOLDER_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <filesystem>
#include <string>

namespace tern {

/// A folder that is made aside and has its name when all of it is there; else nothing is left.
/// Functions throw UserError.
class NewFolder {
public:
  /// Refuses a path that is there, or where no folder can be made.
  explicit NewFolder(const std::string &path);
  ~NewFolder();
  NewFolder(const NewFolder &) = delete;

  /// The path, without a slash behind it.
  const std::string &name() const { return path; }

  void write(const std::string &name, llvm::function_ref<void(llvm::raw_ostream &)> body);

  /// Of the model in the folder `model` the files that say how it is used, whatever their names;
  /// of folders in it, such as a sentence encoder's, the config.json.
  void copySettings(const std::string &model);

  void keep();

private:
  void copy(const std::filesystem::path &from, const std::filesystem::path &name);

  std::string path; ///< that it is to have
  std::filesystem::path aside;
};

} // namespace tern

#endif
