// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_CACHE_COMPILECACHE_H
#define TERN_TOOLS_CACHE_COMPILECACHE_H

#include <filesystem>
#include <string>
#include <vector>

namespace tern {

/// Whether the file begins as artefacts do, or has their ending.
bool isArtefact(const std::string &path);

/// $XDG_CACHE_HOME/tern, or ~/.cache/tern; empty if neither variable is set.
std::string defaultCacheFolder();

/// Artefacts by what they are made from: the content of the model's files and of files that flags
/// name, the flags, the compiler, the processor.
class CompileCache {
public:
  /// With an empty folder, artefacts live as long as this object.
  explicit CompileCache(const std::string &folder);
  ~CompileCache();
  CompileCache(const CompileCache &) = delete;
  CompileCache &operator=(const CompileCache &) = delete;

  /// The artefact of `model` compiled with `flags`, if there is one here, or else where it is to
  /// be. A damaged one goes. Throws UserError.
  std::filesystem::path find(const std::string &model, const std::vector<std::string> &flags,
                             const std::vector<std::string> &otherFiles) const;

  /// Compiles the model to `artefact`, for a processor that this one can stand for. The artefacts
  /// that were used longest ago go when more than 4 GiB lie here. Returns the exit code of the
  /// compiler, which says itself what is wrong.
  int compile(const std::string &model, const std::vector<std::string> &flags,
              const std::filesystem::path &artefact) const;

private:
  std::string keyOf(const std::string &model, const std::vector<std::string> &flags,
                    const std::vector<std::string> &otherFiles) const;
  void trim(const std::filesystem::path &kept) const;

  std::filesystem::path folder;
  bool isTemporary;
};

} // namespace tern

#endif
