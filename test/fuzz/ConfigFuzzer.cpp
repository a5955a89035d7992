// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Json.h"
#include "test/fuzz/CheckpointUse.h"

using namespace tern::checkpoint;

/// The input is a config.json, and a model.safetensors.index.json as well.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char weights[] = "\2\0\0\0\0\0\0\0{}"; // no tensors
  MappedFile config = MappedFile::borrow("config", std::as_bytes(std::span(data, size)));
  MappedFile model =
      MappedFile::borrow("model", std::as_bytes(std::span(weights, sizeof weights - 1)));
  if (Expected<Checkpoint> checkpoint = Checkpoint::read(std::move(model), config))
    useCheckpoint(*checkpoint);
  (void)bool(readWeightMap(config));
  return 0;
}
