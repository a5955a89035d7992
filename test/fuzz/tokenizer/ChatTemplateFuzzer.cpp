// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A chat template from nowhere: it renders, or fails in one sentence.
#include "frontend/tokenizer/Tokenizer.h"

#include <array>

using namespace tern::text;
using tern::checkpoint::TokenizerMetadata;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  TokenizerMetadata metadata;
  metadata.model = "llama";
  metadata.tokens = {"<unk>", "<s>", "</s>"};
  metadata.scores = {0, 0, 0};
  metadata.chatTemplate = {reinterpret_cast<const char *>(data), size};
  Expected<Tokenizer> tokenizer = Tokenizer::fromGguf(metadata);
  if (!tokenizer)
    return 0; // not UTF-8
  constexpr std::array<ChatMessage, 2> kMessages = {
      {{"system", "Be brief."}, {"user", "What is 2 + 2?"}}};
  Expected<std::string> text =
      tokenizer->applyChatTemplate(kMessages, {.addGenerationPrompt = true, .now = 1});
  if (!text && text.error().message.empty())
    __builtin_trap();
  return 0;
}
