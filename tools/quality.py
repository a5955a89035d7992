#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/quality.md: what a model loses when its weights are written in each type.

    quality.py BIN MODEL TEXT

BIN is the folder of the tools, MODEL a GGUF file of Llama and TEXT what the loss is measured on. MODEL's
weights are written as f32, and those in each type; the loss is that of `tern-bench --perplexity`.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import calibrated_quality

PAGE = pathlib.Path(__file__).resolve().parents[1] / "docs/quality.md"
TYPES = ["f32", "bf16", "f16", "q8_0", "q6_k", "q5_1", "q5_0", "q5_k", "q4_1", "q4_0", "q4_k",
         "iq4_nl", "mxfp4", "q3_k", "q2_k"]
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


def loss(tools, model, text, numerics):
    found = subprocess.run(
        [tools / "tern-bench", model, f"--numerics={numerics}", f"--perplexity={text}", "--prompt=1",
         "--max-tokens=1", "--repeat=1", "--output=json"], check=True, capture_output=True, text=True)
    return json.loads(found.stdout)["perplexity"]


def quantise(tools, source, spec, target):
    subprocess.run([tools / "tern-compile", source, "--emit=checkpoint", f"--quantize={spec}", "-o",
                    target], check=True)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    tools, model, text = map(pathlib.Path, sys.argv[1:])
    rows, base = [], {}
    with tempfile.TemporaryDirectory() as folder:
        whole, file = pathlib.Path(folder) / "f32.gguf", pathlib.Path(folder) / "typed.gguf"
        quantise(tools, model, "f32", whole)
        for spec in TYPES + MIXED:
            quantise(tools, whole, spec, file)
            cells = [f"`{spec}`", f"{file.stat().st_size / 1e6:.1f}"]
            for numerics in ("exact", "fast"):
                found = loss(tools, file, text, numerics)
                mean = found["mean_nll"]
                cells += [f"{mean:.4f}", f"{mean - base.setdefault(numerics, mean):+.4f}"]
            rows.append(f"| {' | '.join(cells)} |")
            print(rows[-1], flush=True)
    PAGE.write_text(HEAD.format(model=model.stem, tokens=found["tokens"]) + "\n".join(rows) + "\n" +
                    calibrated_quality.section(tools, model, text, base["exact"]))


if __name__ == "__main__":
    main()
