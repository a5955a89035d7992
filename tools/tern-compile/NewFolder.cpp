// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/NewFolder.h"

#include "tools/command/CommandLine.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"

namespace fs = std::filesystem;

namespace tern {

using command::UserError;

[[noreturn]] static void refuse(const std::string &path, const std::string &what,
                                const std::error_code &error) {
  throw UserError(path + ": expected a " + what + " that can be written: " + error.message());
}

NewFolder::NewFolder(const std::string &path) : path(llvm::StringRef(path).rtrim('/').str()) {
  if (fs::exists(this->path))
    throw UserError(path + ": expected no file or folder, for it is to be made, found one");
  llvm::SmallString<128> made;
  llvm::sys::fs::createUniquePath(this->path + ".%%%%%%", made, /*MakeAbsolute=*/false);
  aside = std::string(made);
  if (std::error_code error =
          llvm::sys::fs::create_directory(aside.string(), /*IgnoreExisting=*/false))
    refuse(this->path, "folder", error);
}

NewFolder::~NewFolder() {
  std::error_code ignored;
  fs::remove_all(aside, ignored);
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

void NewFolder::copySettings(const std::string &model) {
  for (const fs::directory_entry &entry : fs::directory_iterator(model)) {
    fs::path name = entry.path().filename(), ending = name.extension();
    if (fs::path inner = entry.path() / "config.json"; fs::is_regular_file(inner))
      copy(inner, name / "config.json");
    bool isText = ending == ".json" || ending == ".jinja" || ending == ".txt" || ending == ".model";
    if (entry.is_regular_file() && isText && name != "config.json" &&
        !name.string().ends_with(".index.json"))
      copy(entry.path(), name);
  }
}

void NewFolder::copy(const fs::path &from, const fs::path &name) {
  std::error_code error;
  fs::create_directories((aside / name).parent_path(), error);
  fs::copy_file(from, aside / name, error);
  if (error)
    refuse(path + "/" + name.string(), "file", error);
}

void NewFolder::keep() {
  std::error_code error;
  fs::rename(aside, path, error);
  if (error)
    refuse(path, "folder", error);
}

} // namespace tern
