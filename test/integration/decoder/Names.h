// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_INTEGRATION_DECODER_NAMES_H
#define TERN_TEST_INTEGRATION_DECODER_NAMES_H

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

/// The goldens of decoders, as in test/data/models.
namespace tern::test::names {

/// Models of transformers' families.
constexpr const char *families[] = {
    "llama",     "llama-bf16",    "llama-linear", "llama-dynamic", "llama-llama3", "llama-yarn",
    "cohere",    "deepseek_v2",   "deepseek_v3",  "falcon",        "falcon-alibi", "falcon-new",
    "gemma",     "gemma2",        "gemma3_text",  "gpt2",          "gpt2-bf16",    "gpt_neox",
    "granite",   "mistral",       "mixtral",      "olmo2",         "opt",          "opt-post",
    "phi",       "phi3-longrope", "qwen2",        "qwen2-bf16",    "qwen2_moe",    "qwen3",
    "qwen3_moe", "extra-mamba",   "falcon_mamba"};

/// Weights in parts, by their methods' formulas (make_quantised.py).
constexpr const char *quantised[] = {"llama-fp8-block",
                                     "llama-fp8-row",
                                     "llama-fp8-e5m2",
                                     "llama-int8",
                                     "llama-nf4",
                                     "llama-nf4-double",
                                     "llama-fp4",
                                     "llama-fp4-double",
                                     "llama-gptq",
                                     "llama-gptq-sym",
                                     "llama-gptq-order",
                                     "llama-gptq-8bit",
                                     "llama-gptq-8bit-asym",
                                     "llama-gptq-8bit-order",
                                     "llama-awq"};

/// Layers of papers, by their own formulas in f64 (make_papers.py).
constexpr const char *papers[] = {"tokenformer",
                                  "tokenformer-grown",
                                  "tokenformer-softmax",
                                  "tokenformer-gelu",
                                  "pela",
                                  "widenet",
                                  "parscale",
                                  "parscale-single",
                                  "versatileffn",
                                  "versatileffn-deep",
                                  "roast",
                                  "roast-tiles",
                                  "shiftaddllm",
                                  "shiftaddllm-lut",
                                  "high_impact",
                                  "moe_redundancy"};

/// A golden's name as a test's.
inline std::string nameOf(const testing::TestParamInfo<const char *> &info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

} // namespace tern::test::names

#endif
