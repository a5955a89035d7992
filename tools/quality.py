#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/quality.md: what a model loses when its weights are written in each type.

    quality.py BIN MODEL TEXT

BIN is the folder of the tools, MODEL a GGUF file of Llama and TEXT what the loss is measured on. MODEL's
weights are written as f32, and those compiled in each type; the loss is that of `tern-bench
--perplexity`, bits and error are the artefact's own.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import calibrated_quality

PAGE = pathlib.Path(__file__).resolve().parents[1] / "docs/quality.md"
TYPES = ["f32", "bf16", "f16", "q8_0", "int8", "q6_k", "q5_1", "q5_0", "q5_k", "q4_1", "q4_0",
         "q4_k", "iq4_xs", "iq4_nl", "nf4", "nf4-dq", "fp4", "fp4-dq", "mxfp4", "q3_k", "q2_k",
         "binary4", "binary3", "binary2"]
MIXED = ["*.ffn_down.weight=q8_0,token_embd.weight=q8_0,q4_0", "*.ffn_down.weight=q8_0,nf4"]

HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception -->
<!-- Written by `tools/dev quality`. -->
# Quality

What {model} loses when its weights, dequantised to f32, are rounded to another type
(`tern-compile --quantize=SPEC`): the mean loss in nats a token over a text of {tokens} tokens
(`test/data/real/text.txt`), in one window. `exact` rounds nothing but the weights; `fast`, the default, rounds activations
and the cache as well ([numerics](numerics.md)). Bits are those that a rounded weight takes in the artefact, scales included;
the error is the largest of a matrix's ||rounded - W|| / ||W||. Its own matrices are Q4_1, so `q4_1`
meets values that it can hold. Most rows are of 576 elements, which 256 does not divide: of the K-quants and IQ4_XS only
`ffn_down` is in the type itself, the others in the shorter type that stands in for it. `nf4`, `fp4`, `int8` and `binary`
leave the embedding as it is, for bitsandbytes and ShiftAddLLM round linear layers alone. `binary` is without ShiftAddLLM's
error feedback (below), for which it is made: 8 inputs and an eighth of the outputs share their scales. Each 8 signs are stored as a
number of 16 bits.

| `--quantize` | bits a weight | error | mean loss, exact | over f32 | mean loss, fast | over f32 |
|---|---|---|---|---|---|---|
"""


def compiled(tools, model, spec, numerics, target):
    """Writes an artefact; its bits and error."""
    subprocess.run([tools / "tern-compile", model, f"--quantize={spec}", f"--numerics={numerics}",
                    "-o", target], check=True)
    index = subprocess.run([tools / "tern-dump", target], check=True, capture_output=True,
                           text=True).stdout
    return re.search(r" bits (\S+) error (\S+)$", index, re.M).groups()


def loss(tools, artefact, text):
    with tempfile.TemporaryDirectory() as cache:
        found = subprocess.run(
            [tools / "tern-bench", artefact, f"--perplexity={text}", "--prompt=1", "--max-tokens=1",
             "--repeat=1", "--output=json", f"--cache-dir={cache}"], check=True, capture_output=True,
            text=True)
    return json.loads(found.stdout)["perplexity"]


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    tools, model, text = map(pathlib.Path, sys.argv[1:])
    rows, base = [], {}
    with tempfile.TemporaryDirectory() as folder:
        whole, artefact = pathlib.Path(folder) / "f32.gguf", pathlib.Path(folder) / "typed.tern"
        subprocess.run([tools / "tern-compile", model, "--emit=checkpoint", "--quantize=f32", "-o",
                        whole], check=True)
        for spec in TYPES + MIXED:
            cells = [f"`{spec}`"]
            for numerics in ("exact", "fast"):
                figures = compiled(tools, whole, spec, numerics, artefact)
                cells += figures if len(cells) == 1 else ()
                found = loss(tools, artefact, text)
                mean = found["mean_nll"]
                cells += [f"{mean:.4f}", f"{mean - base.setdefault(numerics, mean):+.4f}"]
            rows.append(f"| {' | '.join(cells)} |")
            print(rows[-1], flush=True)
    PAGE.write_text(HEAD.format(model=model.stem, tokens=found["tokens"]) + "\n".join(rows) + "\n" +
                    calibrated_quality.section(tools, model, text, base["exact"]))


if __name__ == "__main__":
    main()
