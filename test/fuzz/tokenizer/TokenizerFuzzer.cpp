// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tokenizer.json or a GGUF file from nowhere: refused in one sentence, or a tokenizer that can be
// used.
#include "frontend/checkpoint/Checkpoint.h"
#include "frontend/tokenizer/Tokenizer.h"

using namespace tern::text;

namespace {

void use(const Tokenizer &tokenizer) {
  constexpr std::string_view kText = "Ab, \xC3\xA9\xFF 12<s>\n";
  for (Bos bos : {Bos::Auto, Bos::Yes, Bos::No}) {
    Expected<std::vector<uint32_t>> ids = tokenizer.encode(kText, bos != Bos::No, bos);
    if (!ids)
      continue;
    Stream stream = tokenizer.stream(bos == Bos::Yes);
    for (uint32_t id : *ids)
      if (!stream.push(id))
        break;
    (void)stream.finish();
    (void)tokenizer.decode(*ids);
  }
  for (uint32_t id : {0u, 1u, ~0u})
    (void)tokenizer.piece(id);
  if (Expected<std::string> stored = tokenizer.toJson())
    (void)Tokenizer::fromJson(*stored);
}

Expected<Tokenizer> read(std::span<const uint8_t> bytes) {
  using namespace tern::checkpoint;
  MappedFile file = MappedFile::borrow("file", std::as_bytes(bytes));
  if (!isGguf(file))
    return Tokenizer::fromJson({reinterpret_cast<const char *>(bytes.data()), bytes.size()});
  Expected<Checkpoint> checkpoint = Checkpoint::read(std::move(file));
  if (!checkpoint)
    return checkpoint.error();
  Expected<TokenizerMetadata> metadata = readTokenizerMetadata(*checkpoint);
  if (!metadata)
    return metadata.error();
  return Tokenizer::fromGguf(*metadata);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Expected<Tokenizer> tokenizer = read({data, size});
  if (tokenizer)
    use(*tokenizer);
  else if (tokenizer.error().message.empty())
    __builtin_trap();
  return 0;
}
