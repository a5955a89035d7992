// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/cache/FileHashes.h"

#include "frontend/checkpoint/MappedFile.h"
#include "runtime/format/Hash.h"
#include "tools/command/CommandLine.h"

#include <fstream>
#include <iterator>

#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace tern {

std::string hashText(const std::string &text) {
  return format::toHex(format::hashBytes(std::as_bytes(std::span(text))));
}

/// What changes when the file does; empty if it can't be said.
static std::string identityOf(const fs::path &file) {
  struct stat facts{};
  std::error_code error;
  fs::path path = fs::canonical(file, error);
  if (error || stat(file.c_str(), &facts) != 0)
    return "";
  return path.string() + "\n" + std::to_string(facts.st_dev) + " " + std::to_string(facts.st_ino) +
         " " + std::to_string(facts.st_size) + " " + std::to_string(facts.st_mtim.tv_sec) + "." +
         std::to_string(facts.st_mtim.tv_nsec) + "\n";
}

/// Aside, then renamed, so that no reader sees a half. A memory that can't be kept is no failure.
static void remember(const fs::path &entry, const std::string &text) {
  fs::path aside = entry;
  aside += "." + std::to_string(getpid());
  std::error_code error;
  fs::create_directories(entry.parent_path(), error);
  std::ofstream(aside, std::ios::binary) << text;
  fs::rename(aside, entry, error);
}

std::string FileHashes::of(const fs::path &file) const {
  std::string identity = identityOf(file);
  fs::path entry = folder / hashText(identity);
  std::string text;
  std::error_code absent;
  if (fs::is_regular_file(entry, absent)) {
    std::ifstream known(entry, std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(known), {});
  }
  constexpr size_t digits = 32;
  if (!identity.empty() && text.size() == identity.size() + digits && text.starts_with(identity))
    return text.substr(identity.size());
  auto mapped = checkpoint::MappedFile::open(file);
  if (!mapped)
    throw command::UserError(mapped.error().message);
  std::string hash = mapped->hash().hex();
  // A file that changed while it was read is not remembered.
  if (!identity.empty() && identityOf(file) == identity)
    remember(entry, identity + hash);
  return hash;
}

} // namespace tern
