// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_RUN_COMPILECACHE_H
#define TERN_TOOLS_TERN_RUN_COMPILECACHE_H

#include <string>
#include <vector>

namespace tern {

/// $XDG_CACHE_HOME/tern, or ~/.cache/tern; empty if neither variable is set.
std::string defaultCacheFolder();

/// tern-compile, beside this program or in PATH.
std::string compilerPath();

/// Runs a program and waits; returns its exit code. Throws generate::UserError if it can't be run.
int runProgram(const std::vector<std::string> &words);

/// Whether the file begins as artefacts do; false if there is none.
bool isArtefact(const std::string &path);

/// The artefact of `model` compiled with `flags`: the one in `folder` if there is one made from the
/// same files (by path, inode, size and time) by the same compiler on the same CPU, else a new one.
/// The oldest artefacts go when the folder holds more than 4 GiB. Throws generate::UserError if the
/// compiler refuses the model, which it says itself.
std::string compileThroughCache(const std::string &model, const std::vector<std::string> &flags,
                                const std::string &folder);

} // namespace tern

#endif
