// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/fuzz/CheckpointUse.h"

#include <cstdio>

using namespace tern::checkpoint;

/// Opens the checkpoint that is named on the command line and prints what it holds: the least
/// program that mutate.py can drive. Exit codes are those of Tern's tools: 0, 1 if the file is
/// refused, 2 for a wrong call.
int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: read-checkpoint MODEL\n");
    return 2;
  }
  Expected<Checkpoint> checkpoint = Checkpoint::open(argv[1]);
  if (!checkpoint) {
    std::fprintf(stderr, "%s\n", checkpoint.error().message.c_str());
    return 1;
  }
  std::fputs(useCheckpoint(*checkpoint).c_str(), stdout);
  return 0;
}
