// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-run/CompileCache.h"

#include "runtime/format/Hash.h"
#include "tools/generate/Options.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace fs = std::filesystem;

namespace tern {

using generate::UserError;

std::string defaultCacheFolder() {
  if (const char *cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
    return std::string(cache) + "/tern";
  if (const char *home = std::getenv("HOME"); home && *home)
    return std::string(home) + "/.cache/tern";
  return "";
}

std::string compilerPath() {
  std::error_code error;
  fs::path beside = fs::read_symlink("/proc/self/exe", error).parent_path() / "tern-compile";
  return !error && fs::exists(beside, error) ? beside.string() : "tern-compile";
}

int runProgram(const std::vector<std::string> &words) {
  std::vector<char *> arguments;
  for (const std::string &word : words)
    arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child;
  if (int error = posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ))
    throw UserError(words[0] + ": expected a program that can be run: " + std::strerror(error));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Path, inode, size and time of the file, or of each file of the folder in order of names.
static void describe(const fs::path &path, std::ostream &out) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    std::vector<fs::path> files;
    for (const fs::directory_entry &entry : fs::directory_iterator(path, error))
      if (entry.is_regular_file(error))
        files.push_back(entry.path());
    std::ranges::sort(files);
    for (const fs::path &file : files)
      describe(file, out);
    return;
  }
  struct stat facts{};
  if (stat(path.c_str(), &facts) == 0)
    out << fs::weakly_canonical(path, error).string() << '\n'
        << facts.st_ino << ' ' << facts.st_size << ' ' << facts.st_mtim.tv_sec << '.'
        << facts.st_mtim.tv_nsec << '\n';
}

static std::string cpuDescription() {
  std::ifstream file("/proc/cpuinfo");
  std::string line, text;
  while (std::getline(file, line) && !line.empty())
    if (line.starts_with("model") || line.starts_with("cpu family") || line.starts_with("flags"))
      text += line + '\n';
  return text;
}

static std::string keyOf(const std::string &model, const std::vector<std::string> &flags,
                         const std::string &compiler) {
  std::ostringstream text;
  describe(model, text);
  describe(compiler, text);
  text << cpuDescription();
  for (const std::string &flag : flags)
    text << flag << '\n';
  std::string all = text.str();
  return format::toHex(format::hashBytes(std::as_bytes(std::span(all))));
}

/// Removes the oldest artefacts until the rest fits.
static void trim(const fs::path &folder, const fs::path &kept) {
  constexpr uintmax_t limit = uintmax_t(4) << 30;
  std::error_code error;
  std::vector<fs::directory_entry> entries;
  uintmax_t total = 0;
  for (const fs::directory_entry &entry : fs::directory_iterator(folder, error)) {
    entries.push_back(entry);
    total += entry.file_size(error);
  }
  std::ranges::sort(entries, {}, [&](const fs::directory_entry &entry) {
    std::error_code ignored;
    return entry.last_write_time(ignored);
  });
  for (const fs::directory_entry &entry : entries)
    if (total > limit && entry.path() != kept) {
      total -= entry.file_size(error);
      fs::remove(entry.path(), error);
    }
}

bool isArtefact(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  char magic[4] = {};
  file.read(magic, 4);
  return std::string_view(magic, 4) == "TERN";
}

std::string compileThroughCache(const std::string &model, const std::vector<std::string> &flags,
                                const std::string &folder) {
  std::string compiler = compilerPath();
  std::error_code error;
  fs::path artefacts = fs::path(folder) / "artefacts";
  fs::create_directories(artefacts, error);
  if (error)
    throw UserError(artefacts.string() +
                    ": the cache folder could not be made: " + error.message());
  fs::path target = artefacts / (keyOf(model, flags, compiler) + ".tern");
  if (fs::exists(target, error))
    return target.string();
  std::vector<std::string> words{compiler, model, "-o", target.string()};
  words.insert(words.end(), flags.begin(), flags.end());
  if (int code = runProgram(words))
    std::exit(code);
  trim(artefacts, target);
  return target.string();
}

} // namespace tern
