// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/fuzz/ArtefactUse.h"

#include "runtime/format/CodeImage.h"
#include "runtime/format/Encode.h"
#include "runtime/format/Print.h"
#include "runtime/format/Verify.h"

#include <cstdlib>

using namespace tern::format;

/// An index that was accepted can be printed and gives its own bytes again.
static void useIndex(std::span<const std::byte> bytes) {
  CodeImage image;
  image.segments = {{0, 0, 1 << 20, true}};
  Index index, again;
  if (decodeIndex(bytes, index))
    return;
  std::vector<std::byte> encoded = encodeIndex(index);
  if (decodeIndex(encoded, again) || encodeIndex(again) != encoded)
    std::abort();
  if (!verifyIndex(index, image))
    (void)printIndex(index);
}

/// The input is an artefact, a code image or an index, by its first byte.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // FlatBuffers are read where an aligned section lies.
  std::vector<std::byte> bytes(reinterpret_cast<const std::byte *>(data),
                               reinterpret_cast<const std::byte *>(data) + size);
  std::string text;
  CodeImage image;
  if (size > 0 && data[0] == 'T') {
    (void)bool(useArtefact(bytes, text));
    rehash(bytes);
    (void)bool(useArtefact(bytes, text));
  } else if (size > 0 && data[0] == 0x7f) {
    (void)bool(readCodeImage(bytes, image));
  } else {
    useIndex(bytes);
  }
  return 0;
}
