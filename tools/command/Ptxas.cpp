// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/command/Ptxas.h"

#include "tools/command/CommandLine.h"
#include "tools/command/Program.h"
#include "tools/command/TextFile.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>

namespace fs = std::filesystem;

namespace tern::command {

static fs::path findInstalled() { return findProgram("ptxas", "../wheels/nvidia-cuda-nvcc/bin"); }

bool Ptxas::isInstalled() { return !findInstalled().empty(); }

static fs::path findPtxas(const std::string &given) {
  fs::path path = given.empty() ? findInstalled() : fs::path(given);
  if (path.empty())
    throw UserError("ptxas: expected it by --ptxas=FILE, in PATH or, by tools/dev setup, beside "
                    "this build, found none");
  return path;
}

Ptxas::Ptxas(const std::string &given) : path(findPtxas(given)) {}

std::string Ptxas::version() const {
  Ended ended = runProgram({path, "--version"});
  std::smatch found;
  static const std::regex version(R"(\bV(\d+\.\d+\.\d+)\b)");
  if (ended.code != 0 || !std::regex_search(ended.output, found, version))
    throw UserError(path.string() + ": expected a ptxas that says its version, found another "
                                    "program");
  return "ptxas " + found[1].str();
}

Ptxas::Assembled Ptxas::assemble(const std::string &ptx, const std::string &chip,
                                 const std::string &file) const {
  TemporaryFolder folder;
  fs::path source = folder.path / "kernels.ptx", made = folder.path / "kernels.cubin";
  writeText(source, ptx);
  Ended ended = runProgram({path, "-v", "-arch=" + chip, "-o", made, source});
  if (ended.code != 0) {
    size_t mistake = std::min(ended.output.find("error"), ended.output.find("fatal"));
    std::string line = ended.output.substr(std::min(mistake, ended.output.size()));
    throw UserError(file + ": expected PTX that " + path.string() + " assembles for " + chip +
                    ", found " + (line.empty() ? "none" : line.substr(0, line.find('\n'))));
  }
  std::ifstream stream(made, std::ios::binary);
  return {std::string(std::istreambuf_iterator<char>(stream), {}), std::move(ended.output)};
}

} // namespace tern::command
