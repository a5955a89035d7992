// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/cache/CompileCache.h"

#include "frontend/checkpoint/MappedFile.h"
#include "runtime/format/Container.h"
#include "tools/cache/Compiler.h"
#include "tools/cache/FileHashes.h"
#include "tools/command/CommandLine.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include <cstdlib>

#include <stdlib.h>

namespace fs = std::filesystem;

namespace tern {

using command::UserError;

bool isArtefact(const std::string &path) {
  constexpr std::string_view magic(format::Header::expectedMagic, 8);
  std::string start(magic.size(), '\0');
  std::error_code error;
  if (fs::is_regular_file(path, error)) // reading from a pipe would wait
    std::ifstream(path, std::ios::binary).read(start.data(), static_cast<std::streamsize>(8));
  return start == magic || path.ends_with(".tern");
}

std::string defaultCacheFolder() {
  if (const char *cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
    return std::string(cache) + "/tern";
  if (const char *home = std::getenv("HOME"); home && *home)
    return std::string(home) + "/.cache/tern";
  return "";
}

CompileCache::CompileCache(const std::string &given) : folder(given), isTemporary(given.empty()) {
  std::error_code error;
  if (isTemporary) {
    std::string pattern = (fs::temp_directory_path(error) / "tern-XXXXXX").string();
    if (error || !mkdtemp(pattern.data()))
      throw UserError(pattern + ": expected a folder that can be made");
    folder = pattern;
  }
  fs::create_directories(folder / "artefacts", error);
  if (error)
    throw UserError(folder.string() + ": expected a folder for the cache: " + error.message() +
                    " (--cache-dir names another, --no-cache needs none)");
}

CompileCache::~CompileCache() {
  std::error_code ignored;
  if (isTemporary)
    fs::remove_all(folder, ignored);
}

/// What decides which code `native` means.
static std::string describeProcessor() {
  std::ifstream file("/proc/cpuinfo");
  std::string line, text;
  while (std::getline(file, line) && !line.empty())
    for (const char *field : {"vendor_id", "cpu family", "model\t", "stepping", "flags"})
      if (line.starts_with(field))
        text += line + '\n';
  return text;
}

/// The model's file, or all files of its directory that may be read, by name; of folders in it,
/// such as a sentence encoder's, the config.json.
static std::vector<fs::path> filesOf(const fs::path &model) {
  if (!fs::is_directory(model))
    return {model};
  std::vector<fs::path> files;
  for (const fs::directory_entry &entry : fs::directory_iterator(model)) {
    if (fs::path inner = entry.path() / "config.json"; fs::is_regular_file(inner))
      files.push_back(inner);
    fs::path ending = entry.path().extension();
    if (entry.is_regular_file() &&
        (ending == ".json" || ending == ".safetensors" || ending == ".jinja"))
      files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string CompileCache::keyOf(const std::string &model, const std::vector<std::string> &flags,
                                const std::vector<std::string> &otherFiles) const {
  FileHashes hashes(folder / "hashes");
  std::ostringstream text;
  fs::path beside = fs::is_directory(model) ? fs::path(model) : fs::path(model).parent_path();
  for (const fs::path &file : filesOf(model))
    text << file.lexically_relative(beside).string() << ' ' << hashes.of(file) << '\n';
  for (const std::string &file : otherFiles)
    text << hashes.of(file) << '\n';
  text << hashes.of(compiler::path()) << '\n' << describeProcessor();
  for (const std::string &flag : flags)
    text << flag << '\n';
  return hashText(text.str());
}

void CompileCache::trim(const fs::path &kept) const {
  constexpr uintmax_t limit = uintmax_t(4) << 30;
  struct Entry {
    fs::file_time_type used;
    fs::path path;
    uintmax_t bytes;
  };
  std::error_code error;
  std::vector<Entry> entries;
  uintmax_t total = 0;
  for (const fs::directory_entry &entry : fs::directory_iterator(folder / "artefacts", error)) {
    entries.push_back({entry.last_write_time(error), entry.path(), entry.file_size(error)});
    total += entries.back().bytes;
  }
  std::ranges::sort(entries, {}, &Entry::used);
  for (const Entry &entry : entries)
    if (total > limit && entry.path != kept) {
      total -= entry.bytes;
      fs::remove(entry.path, error);
    }
}

/// Whether the file is an artefact of this version whose program has the bytes that it was written
/// with.
static bool isWhole(const fs::path &path) {
  auto file = checkpoint::MappedFile::open(path);
  format::Container container;
  if (!file || format::Container::read(file->bytes(), container))
    return false;
  std::span<const std::byte> bytes;
  return std::ranges::none_of(
      std::array{format::section::index, format::section::code, format::section::constants},
      [&](std::string_view name) { return bool(container.section(name, bytes)); });
}

fs::path CompileCache::find(const std::string &model, const std::vector<std::string> &flags,
                            const std::vector<std::string> &otherFiles) const {
  std::error_code error;
  if (!fs::exists(model, error))
    throw UserError(model + ": expected an artefact, a GGUF file, a Hugging Face directory or an " +
                    ".mlir file, found nothing");
  std::string key = isTemporary ? "model" : keyOf(model, flags, otherFiles);
  fs::path artefact = folder / "artefacts" / (key + ".tern");
  if (fs::exists(artefact, error) && !isWhole(artefact))
    fs::remove_all(artefact, error);
  if (fs::exists(artefact, error))
    fs::last_write_time(artefact, fs::file_time_type::clock::now(), error);
  return artefact;
}

int CompileCache::compile(const std::string &model, const std::vector<std::string> &flags,
                          const fs::path &artefact) const {
  std::vector<std::string> words{model, "-o" + artefact.string(), "--runs-here"};
  words.insert(words.end(), flags.begin(), flags.end());
  int code = compiler::run(words);
  if (code == command::exitcode::done)
    trim(artefact);
  return code;
}

} // namespace tern
