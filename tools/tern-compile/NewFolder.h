// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_NEWFOLDER_H
#define TERN_TOOLS_TERN_COMPILE_NEWFOLDER_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <filesystem>
#include <string>
#include <vector>

namespace tern {

/// A folder of a model that is made aside and has its name when all of it is there; else nothing is
/// left. It takes the place of an older one that holds nothing but files of the same names, and a
/// link to such stays. Functions throw UserError.
class NewFolder {
public:
  /// For weights of the model in the folder `model`. Refuses a path where no folder can be made,
  /// and one of a file, of `model` itself, or of a folder with other files than are to be written.
  NewFolder(const std::string &path, const std::string &model);
  ~NewFolder();
  NewFolder(const NewFolder &) = delete;

  /// The path, without slashes behind it.
  const std::string &name() const { return path; }

  void write(const std::string &name, llvm::function_ref<void(llvm::raw_ostream &)> body);

  /// Of the model the files that say how it is used, whatever their names; of folders in it, such
  /// as a sentence encoder's, the config.json.
  void copySettings();

  void keep();

private:
  void checkOlder() const;
  std::filesystem::path newAside() const;

  std::string path;             ///< that it is to have
  std::filesystem::path target; ///< the same behind links
  std::filesystem::path model, aside;
  std::vector<std::filesystem::path> settings; ///< names within `model`
};

} // namespace tern

#endif
