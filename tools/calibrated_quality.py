# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The part of docs/quality.md on weights that a text calibrates."""
import json
import pathlib
import re
import subprocess
import tempfile

import llama_directory

CALIBRATION = pathlib.Path(__file__).resolve().parents[1] / "test/data/real/calibration.txt"
METHODS = ["rtn-4-g64", "gptq-4-g64", "rtn-4-g64-asym", "awq-g64", "binary4",
           "high_impact-g64-r10", "high_impact-g64-r50"]

HEAD = """
## Calibrated

The same f32 weights as a Hugging Face directory (`tools/llama_directory.py`), those of its layers written in 4 bits in groups of
64 that share an f16 scale; the embedding stays as it is. All but `rtn` see the activations of
`--quantize-calibrate=test/data/real/calibration.txt`, {tokens} tokens that the model itself wrote; `rtn` takes the nearest
numbers of the same grid: symmetric as `gptq`'s, or with zero points (`-asym`) as `awq`'s. `binary4` is that of the first
table with error feedback; its signs are 8 in an f16 number. `high_impact-g64-rN` has 4 bits for the
N % of all weights that matter most and 2 for the others; its file keeps code and choice as f16 numbers.

| `--quantize` | file, MB | mean loss, exact | over f32 |
|---|---|---|---|
"""


def quantise(tools, source, method, target):
    """Returns how many tokens it saw, as text; none of rtn."""
    words = [] if method.startswith("rtn") else [f"--quantize-calibrate={CALIBRATION}"]
    said = subprocess.run(
        [tools / "tern-compile", source, "--emit=checkpoint", f"--quantize={method}", "-o", target,
         *words], check=True, capture_output=True, text=True).stderr
    found = re.search(r"by (\d+) tokens", said)
    return found and found[1]


def row(tools, model, method, text, least):
    """A line of the table, with the loss of f32."""
    found = subprocess.run(
        [tools / "tern-bench", model, "--numerics=exact", f"--perplexity={text}", "--prompt=1",
         "--max-tokens=1", "--repeat=1", "--output=json"], check=True, capture_output=True,
        text=True).stdout
    mean = json.loads(found)["perplexity"]["mean_nll"]
    size = (model / "model.safetensors").stat().st_size
    return f"| `{method}` | {size / 1e6:.1f} | {mean:.4f} | {mean - least:+.4f} |\n"


def section(tools, model, text, least):
    """Of a Llama in a GGUF file, whose f32 weights have the loss `least`."""
    rows, tokens = "", None
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        llama_directory.write(tools, model, folder / "f32")
        for method in METHODS:
            tokens = quantise(tools, folder / "f32", method, folder / method) or tokens
            rows += row(tools, folder / method, method, text, least)
    return HEAD.format(tokens=tokens) + rows
