// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// PELA (arXiv 2310.10700, github.com/guoyang9/PELA): Llama's graph whose linear maps are two of low
// rank.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = kLlama.readHuggingFace(reader, checkpoint);
  checkpoint::LowRankForm form;
  form.ratio = reader.positive("compress_ratio", 3);
  if (form.ratio < 1) {
    reader.reject("compress_ratio", "a number of 1 or more");
    form.ratio = 1;
  }
  form.omitted = reader.texts("name_omit");
  if (form.rankOf("", config.width, config.width) == 0)
    reader.reject("compress_ratio", "a ratio that leaves a rank of 1 at least");
  config.linear = form;
  return config;
}

const Family kPela{"pela", "", readHuggingFace, nullptr};

} // namespace tern::architecture
