// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/NewFolder.h"

#include "tools/command/CommandLine.h"
#include "tools/tern-compile/OutputFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"

#include <algorithm>

namespace fs = std::filesystem;

namespace tern {

using command::UserError;

[[noreturn]] static void refuse(const std::string &path, const std::string &what,
                                const std::error_code &error) {
  throw UserError(path + ": expected a " + what + " that can be written: " + error.message());
}

/// The files of a model that say how it is used, by their names within its folder.
static std::vector<fs::path> settingsOf(const fs::path &model) {
  std::vector<fs::path> names;
  for (const fs::directory_entry &entry : fs::directory_iterator(model)) {
    fs::path name = entry.path().filename(), ending = name.extension();
    if (fs::is_regular_file(entry.path() / "config.json"))
      names.push_back(name / "config.json");
    bool isText = ending == ".json" || ending == ".jinja" || ending == ".txt" || ending == ".model";
    if (entry.is_regular_file() && isText && name != "config.json" &&
        !name.string().ends_with(".index.json"))
      names.push_back(name);
  }
  return names;
}

NewFolder::NewFolder(const std::string &path, const std::string &model)
    : path(path.substr(0, std::max<size_t>(path.find_last_not_of('/') + 1, 1))),
      target(behindLinks(this->path)), model(model), settings(settingsOf(model)) {
  checkOlder();
  fs::path made = newAside();
  std::error_code error;
  if (fs::create_directory(made, error); error)
    refuse(this->path, "folder", error);
  aside = made;
}

NewFolder::~NewFolder() {
  std::error_code ignored;
  fs::remove_all(aside, ignored);
}

/// What the folder replaces must be written anew, every file of it.
void NewFolder::checkOlder() const {
  if (!fs::exists(target))
    return;
  if (!fs::is_directory(target))
    throw UserError(path + ": expected a folder to write, or none yet, found a file");
  if (fs::equivalent(target, model))
    throw UserError(path + ": expected another folder to write than the one that is read");
  for (const fs::directory_entry &entry : fs::recursive_directory_iterator(target)) {
    fs::path name = entry.path().lexically_relative(target);
    bool isFolder = entry.is_directory() && !entry.is_symlink();
    if (!isFolder && name != "config.json" && name != "model.safetensors" &&
        !llvm::is_contained(settings, name))
      throw UserError(path + ": expected a folder of nothing but what is written anew, found " +
                      name.string() + " in it");
  }
}

fs::path NewFolder::newAside() const {
  llvm::SmallString<128> made;
  llvm::sys::fs::createUniquePath(target.string() + ".%%%%%%", made, /*MakeAbsolute=*/false);
  return std::string(made);
}

void NewFolder::write(const std::string &name, llvm::function_ref<void(llvm::raw_ostream &)> body) {
  std::error_code error;
  llvm::raw_fd_ostream out((aside / name).string(), error);
  if (!error) {
    body(out);
    out.close();
    error = out.error();
    out.clear_error();
  }
  if (error)
    refuse(path + "/" + name, "file", error);
}

void NewFolder::copySettings() {
  for (const fs::path &name : settings) {
    std::error_code error;
    fs::create_directories((aside / name).parent_path(), error);
    fs::copy_file(model / name, aside / name, error);
    if (error)
      refuse(path + "/" + name.string(), "file", error);
  }
}

void NewFolder::keep() {
  std::error_code error, ignored;
  fs::path older;
  if (fs::exists(target)) {
    older = newAside();
    fs::rename(target, older, error);
  }
  if (!error)
    fs::rename(aside, target, error);
  if (error) {
    fs::rename(older, target, ignored);
    refuse(path, "folder", error);
  }
  fs::remove_all(older, ignored);
}

} // namespace tern
