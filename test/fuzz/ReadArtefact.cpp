// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/fuzz/ArtefactUse.h"

#include <cstdio>
#include <fstream>
#include <iterator>

using namespace tern::format;

/// Reads the artefact that is named on the command line and prints its index: the least program
/// that mutate.py can drive. What its hashes refuse is read once more with right ones, to reach the
/// checks behind them. Exit codes are those of Tern's tools: 0, 1 if the file is refused, 2 for a
/// wrong call.
int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: read-artefact ARTEFACT\n");
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  std::string content(std::istreambuf_iterator<char>(file), {});
  auto view = std::as_bytes(std::span(content));
  std::vector<std::byte> bytes(view.begin(), view.end());
  std::string text;
  Error error = useArtefact(bytes, text);
  if (!error) {
    std::fputs(text.c_str(), stdout);
    return 0;
  }
  std::fprintf(stderr, "%s: %s\n", argv[1], error.message().c_str());
  rehash(bytes);
  if (Error again = useArtefact(bytes, text))
    std::fprintf(stderr, "behind the hashes: %s\n", again.message().c_str());
  return 1;
}
