// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/fuzz/CheckpointUse.h"

using namespace tern::checkpoint;

/// The input is a GGUF file.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  MappedFile file = MappedFile::borrow("file", std::as_bytes(std::span(data, size)));
  if (!isGguf(file))
    return -1; // not worth keeping
  if (Expected<Checkpoint> checkpoint = Checkpoint::read(std::move(file)))
    useCheckpoint(*checkpoint);
  return 0;
}
