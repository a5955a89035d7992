#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Copies the reference results that the tests need out of a full set of goldens.

  copy_goldens.py GOLDENS

GOLDENS holds the results of established libraries (transformers 5.23.0, llama.cpp and numpy in
float64) on tiny models with random weights and on small real models; its README says how they were
computed and to what precision. Only what the tests read is kept here, byte for byte.
"""
import pathlib
import shutil
import sys

MODELS = ["llama", "llama-bf16", "llama-dynamic", "llama-linear", "llama-llama3", "llama-yarn",
          "cohere", "falcon", "falcon-new", "gemma", "gemma2", "gemma3_text", "gpt2", "gpt2-bf16",
          "gpt_neox", "granite", "mistral", "olmo2", "opt", "phi", "phi3-longrope", "qwen2",
          "qwen2-bf16", "qwen3", "mixtral", "qwen2_moe", "qwen3_moe", "deepseek_v2", "deepseek_v3",
          "bert", "roberta", "extra-t5", "extra-mamba"]
# Some models lie in several files with an index.
MODEL_FILES = ["config.json", "model*.safetensors", "model.safetensors.index.json", "case.json",
               "case.safetensors"]

PATTERNS = [f"models/{model}/{name}" for model in MODELS for name in MODEL_FILES]
PATTERNS += [f"real/smollm2/{name}" for name in (
    "tensors.json", "metadata.json", "prompts.json", "exact.json", "logits/exact-prose.npy",
    "logits/exact-code.npy")]
PATTERNS += [f"real/gemma3-270m/{name}" for name in (
    "tensors.json", "tokens.json", "prompts.json", "exact.json", "logits/exact-prose.npy",
    "logits/exact-code.npy")]
PATTERNS += [f"{folder}/{name}" for folder in ("sampling", "quant/gguf", "quant/bitsandbytes", "quant/casts")
             for name in ("case.json", "case.safetensors")]
PATTERNS += ["real/text.txt"]
PATTERNS += [f"real/minilm/{name}" for name in ("tokens.json", "sentences.json", "embeddings.npy")]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    source = pathlib.Path(sys.argv[1])
    target = pathlib.Path(__file__).parent
    for file in (file for pattern in PATTERNS for file in source.glob(pattern)):
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)


if __name__ == "__main__":
    main()
