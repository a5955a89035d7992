// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/runtime/TestModel.h"

#include "runtime/format/Encode.h"

#include <cstdio>

/// Writes the seeds of the artefact fuzzer's corpus: the artefact of the runtime's tests, its
/// index, and its code.
int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make-artefact-seeds DIRECTORY\n");
    return 2;
  }
  std::string folder = argv[1];
  tern::format::Artefact model = tern::test::makeModel();
  if (tern::format::Error error = writeArtefact(model, folder + "/seed-model")) {
    std::fprintf(stderr, "%s\n", error.message().c_str());
    return 1;
  }
  tern::test::writeFile(folder + "/seed-index", encodeIndex(model.index));
  tern::test::writeFile(folder + "/seed-image", model.code);
  return 0;
}
