// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// ShiftAddLLM (arXiv 2406.05981, github.com/GATECH-EIC/ShiftAddLLM): Llama's graph with weights of
// a few signs each, scaled by sums of powers of two.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

using checkpoint::BinaryForm;

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = kLlama.readHuggingFace(reader, checkpoint);
  BinaryForm form;
  form.bits = reader.integer("wbits", {1, 8});
  form.usesLookup = reader.boolean("lut_eval", false);
  form.omitted = reader.texts("name_omit");
  form.omitted.push_back(config.names.head);
  // Scales of each input have no form here.
  if (reader.boolean("acc", false))
    reader.reject("acc", "false");
  reader.ignore({"lat"});
  for (auto [key, width] :
       {std::pair("hidden_size", config.width), std::pair("intermediate_size", config.ffnWidth),
        std::pair("num_attention_heads", config.heads * config.headWidth),
        std::pair("num_key_value_heads", config.kvHeads * config.headWidth)})
    if (width % BinaryForm::kByte != 0)
      reader.reject(key, "a width that is a multiple of 8", checkpoint::toText(width));
  config.linear = form;
  return config;
}

const Family kShiftAdd{"shiftaddllm", "", readHuggingFace, nullptr};

} // namespace tern::architecture
