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

MODELS = ["llama", "llama-bf16", "llama-dynamic", "llama-linear", "llama-llama3", "llama-yarn"]
MODEL_FILES = ["config.json", "model.safetensors", "case.json", "case.safetensors"]

FILES = [f"models/{model}/{name}" for model in MODELS for name in MODEL_FILES]
FILES += [f"real/smollm2/{name}" for name in (
    "tensors.json", "metadata.json", "prompts.json", "exact.json", "logits/exact-prose.npy",
    "logits/exact-code.npy")]
FILES += ["sampling/case.json", "sampling/case.safetensors"]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    source = pathlib.Path(sys.argv[1])
    target = pathlib.Path(__file__).parent
    for name in FILES:
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, copy)


if __name__ == "__main__":
    main()
