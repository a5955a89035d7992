// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Counts.h"

#include <numeric>

namespace tern::runtime::emulator {

std::string_view nameOf(Class kind) {
  constexpr std::string_view names[numClasses] = {
      "integer", "bits",   "half",        "float",      "double", "special", "convert",
      "compare", "move",   "warp",        "barrier",    "branch", "load",    "store",
      "atomic",  "matrix", "load matrix", "async copy", "fence",  "other"};
  return names[static_cast<unsigned>(kind)];
}

uint64_t Counts::warpTotal() const {
  return std::accumulate(warpInstructions.begin(), warpInstructions.end(), uint64_t{0});
}

double Counts::matrixShare() const {
  uint64_t all = matrixOperations + otherOperations;
  return all ? static_cast<double>(matrixOperations) / static_cast<double>(all) : 0;
}

static void add(Traffic &to, const Traffic &from) {
  to.read += from.read;
  to.written += from.written;
}

Counts &Counts::operator+=(const Counts &other) {
  launches += other.launches;
  ctas += other.ctas;
  for (unsigned i = 0; i < numClasses; ++i) {
    warpInstructions[i] += other.warpInstructions[i];
    threadInstructions[i] += other.threadInstructions[i];
  }
  globalSectors += other.globalSectors;
  globalSectorsIdeal += other.globalSectorsIdeal;
  sharedPasses += other.sharedPasses;
  sharedPassesIdeal += other.sharedPassesIdeal;
  branches += other.branches;
  divergentBranches += other.divergentBranches;
  matrixOperations += other.matrixOperations;
  otherOperations += other.otherOperations;
  integerMatrixOperations += other.integerMatrixOperations;
  add(global, other.global);
  add(shared, other.shared);
  add(local, other.local);
  add(constant, other.constant);
  add(parameter, other.parameter);
  return *this;
}

} // namespace tern::runtime::emulator
