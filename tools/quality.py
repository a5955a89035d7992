#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/quality.md: what a model loses when its weights are written in each type.

    quality.py BIN MODEL TEXT CALIBRATION

BIN is the folder of the tools, MODEL a GGUF file of Llama, TEXT what the loss is measured on and
CALIBRATION what weights are calibrated with. MODEL's weights are written as f32, and those in each
type; the loss is that of `tern-bench --perplexity`.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import llama_directory

PAGE = pathlib.Path(__file__).resolve().parents[1] / "docs/quality.md"
TYPES = ["f32", "bf16", "f16", "q8_0", "q6_k", "q5_1", "q5_0", "q5_k", "q4_1", "q4_0", "q4_k",
         "iq4_nl", "mxfp4", "q3_k", "q2_k"]
METHODS = ["rtn-4-g64", "gptq-4-g64", "rtn-4-g64-asym", "awq-g64"]
MIXED = ["*.ffn_down.weight=q8_0,token_embd.weight=q8_0,q4_0"]

HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception -->
<!-- Written by `tools/dev quality`. -->
# Quality

What {model} loses when its weights, dequantised to f32, are written in another type
(`tern-compile --emit=checkpoint --quantize=SPEC`): the mean loss in nats a token over a text of {tokens} tokens
(`test/data/real/text.txt`), in one window. `exact` rounds nothing but the weights; `fast`, the default, rounds activations
and the cache as well ([numerics](numerics.md)). The file holds scales and norms too. Its own matrices are Q4_1, so `q4_1`
meets values that it can hold. Most rows are of 576 elements, which 256 does not divide: of the K-quants and IQ4_XS only
`ffn_down` is in the type itself, the others in the shorter type that stands in for it.

| `--quantize` | file, MB | mean loss, exact | over f32 | mean loss, fast | over f32 |
|---|---|---|---|---|---|
"""

CALIBRATED = """
## Calibrated

The same f32 weights as a Hugging Face directory (`tools/llama_directory.py`), those of its layers written in groups of 64
that share an f16 scale; the embedding stays as it is. `gptq` and `awq` see the activations of
`--quantize-calibrate=test/data/real/calibration.txt`, texts of 2,600 tokens that the model itself wrote; `rtn` rounds each
weight to the nearest number of the same grid: symmetric as `gptq`'s, or with zero points (`-asym`) as `awq`'s.

| `--quantize` | file, MB | mean loss, exact | over f32 | mean loss, fast | over f32 |
|---|---|---|---|---|---|
"""


def loss(tools, model, text, numerics):
    found = subprocess.run(
        [tools / "tern-bench", model, f"--numerics={numerics}", f"--perplexity={text}", "--prompt=1",
         "--max-tokens=1", "--repeat=1", "--output=json"], check=True, capture_output=True, text=True)
    return json.loads(found.stdout)["perplexity"]


def quantise(tools, source, spec, target, *options):
    subprocess.run([tools / "tern-compile", source, "--emit=checkpoint", f"--quantize={spec}", "-o",
                    target, *options], check=True)


def row(tools, model, size, spec, text, base):
    """A line of a table; the first one's losses become the base of all."""
    cells = [f"`{spec}`", f"{size / 1e6:.1f}"]
    for numerics in ("exact", "fast"):
        mean = loss(tools, model, text, numerics)["mean_nll"]
        cells += [f"{mean:.4f}", f"{mean - base.setdefault(numerics, mean):+.4f}"]
    line = f"| {' | '.join(cells)} |\n"
    print(line, end="", flush=True)
    return line


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    tools, model, text, calibration = map(pathlib.Path, sys.argv[1:])
    base = {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        whole, file = folder / "f32.gguf", folder / "typed.gguf"
        quantise(tools, model, "f32", whole)
        tokens = loss(tools, whole, text, "exact")["tokens"]
        page = HEAD.format(model=model.stem, tokens=tokens)
        for spec in TYPES + MIXED:
            quantise(tools, whole, spec, file)
            page += row(tools, file, file.stat().st_size, spec, text, base)
        llama_directory.write(tools, model, folder / "f32")
        page += CALIBRATED
        for method in METHODS:
            is_calibrated = not method.startswith("rtn")
            options = [f"--quantize-calibrate={calibration}"] if is_calibrated else []
            quantise(tools, folder / "f32", method, folder / method, *options)
            size = (folder / method / "model.safetensors").stat().st_size
            page += row(tools, folder / method, size, method, text, base)
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
