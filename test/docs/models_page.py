#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/models.md from what the test programs say that they test.

    models_page.py [--check] PROGRAM...

A test whose parameter is a folder of test/data/models, or FOLDER.TYPE for a type of weights, fills a
cell in the row of that folder and the column of its suite with its name. --check compares instead.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = ROOT / "test/data/models"
PAGE = ROOT / "docs/models.md"

HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception -->
<!-- Written by `tools/dev docs` from the tests; the test docs-models keeps it so. -->
# Models that run

A row is a small model with random weights in `test/data/models`, whose logits an established library or a paper's formula
gave. `test/data/gguf` has models of the same names as GGUF files, smaller ones: these keep the first 64 tokens of the
vocabulary alone. A column is a suite of tests in `test/integration`, a cell what it shows of the model:

{legend}

Real models are checked in full (`test/integration/*/RealModelTest.cpp`): SmolLM2 135M and, on request (`tools/dev gemma`),
Gemma 3 270M by each tensor's bits, logits within 1e-3 of the f64 reference, greedy tokens, the mean loss on a text and all
strings' tokens; MiniLM by its embeddings within 1e-5 and, as a GGUF file, to the bit.
"""

FILES = """
## What files say

A directory's `quantization_config` says which weights have codes. Of fp8, bitsandbytes, and AWQ with `modules_to_not_convert`,
a plain weight that it does not name is refused where its like in another layer has codes: transformers and vLLM would take it
for codes. A directory of GPTQ, or of AWQ without that list, says so by its tensors alone, as vLLM has it, and a plain weight is
read as it is. Of fp8 with static scales of activations each weight with codes must have one, which is not used: activations
are [not rounded](numerics.md) by it.

The vectors of `tern-run --embed` have length 1 if the model is a GGUF file, as llama.cpp's have, whose files do not say; a
directory's have it if its `modules.json` lists `Normalize`.
"""

TYPES = """
## Types of weights

A type is that of a directory's weights, or of a GGUF file that the build makes of the model (`test/data/make_gguf.py`): in
F32, F16, BF16, Q8_0, Q4_0 and Q4_1 with the model's own weights, in the others with random blocks and four times its widths.

{legend}
"""

# What each suite shows: a column each.
SHOWS = {
    "DecoderEmulator": "compiled for sm_80 with `--numerics=exact` and run on the emulator, within 2e-4: a prompt and four "
                       "tokens",
    "DecoderGolden": "compiled for the processor at hand with `--numerics=exact`, within 2e-4",
    "DecoderKernels": "has no kernel that `tern-dump --remarks` lists, for all are from the best schemas",
    "Emulated": "compiled for sm_80 with `--numerics=fast` and run on the emulator, against the graph in f64 with a GPU's "
                "roundings",
    "EncoderDecoderGolden": "references within 1e-6 and compiled code within 2e-4, of hidden states too",
    "EncoderGolden": "references within 1e-6 and compiled code within 2e-4, of hidden states too",
    "FamilyReference": "the model's graph in f64, of whole layers and of primitives, within 1e-6 of the largest logit",
    "FamilySameModel": "the GGUF file has the Hugging Face directory's settings and, for the tokens that it keeps, its "
                       "logits within 1e-6",
    "GpuRoundings": "compiled with the roundings of `--numerics=fast` on a GPU against the graph in f64 with them",
    "PaperReference": "the model's graph in f64, of whole layers and of primitives, within 1e-10 of the largest logit",
    "QuantisedModel": "weights that a directory holds in parts, to the bit by their method's formula; the graph in f64 "
                      "within 1e-6",
    "StorageType": "compiled against the graph in f64, both with the roundings of `--numerics=fast` and without",
    "StorageTypeKernels": "has no kernel that `tern-dump --remarks` lists, with roundings and without",
}


def parameters(program):
    """(suite, test, parameter) of each test that has one; of several parameters the first."""
    listed = subprocess.run([program, "--gtest_list_tests"], check=True, capture_output=True, text=True)
    suite = ""
    for line in listed.stdout.splitlines():
        if not line.startswith(" "):
            suite = line.strip().rstrip(".").split("/")[-1]
        elif found := re.match(r'\s+(\w+)/\S+\s+# GetParam\(\) = (?:\(\w+ pointing to )?"?([\w.-]+)', line):
            yield suite, found[1], found[2]


def words(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)


def family(model):
    return json.loads((MODELS / model / "config.json").read_text())["model_type"]


def suites_of(rows):
    return sorted({suite for tests in rows.values() for suite in tests})


def legend(rows):
    return "\n".join(textwrap.fill(f"- {words(suite)}: {SHOWS[suite]}", 127, subsequent_indent="  ")
                     for suite in suites_of(rows))


def table(head, rows):
    """`rows`: {first cells: {suite: tests}}; a column for each suite."""
    suites = suites_of(rows)
    lines = [[*head, *map(words, suites)], ["---"] * (len(head) + len(suites))]
    for first, tests in sorted(rows.items()):
        lines.append([*first, *("; ".join(sorted(words(test).lower() for test in tests[suite]))
                                for suite in suites)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page(programs):
    models = collections.defaultdict(lambda: collections.defaultdict(set))
    types = collections.defaultdict(lambda: collections.defaultdict(set))
    for program in programs:
        for suite, test, parameter in parameters(program):
            model, dot, kind = parameter.partition(".")
            if dot and (MODELS / model).is_dir():
                types[f"`{kind}`", model][suite].add(test)
            elif (MODELS / model).is_dir():
                models[model, f"`{family(model)}`"][suite].add(test)
    if found := {*suites_of(models), *suites_of(types)} ^ SHOWS.keys():
        sys.exit("models_page.py: expected in SHOWS a line for each suite of models, found one too many or too "
                 f"few: {', '.join(sorted(found))}")
    return "\n".join([HEAD.format(legend=legend(models)), table(["model", "family"], models), FILES,
                      TYPES.format(legend=legend(types)), table(["type", "model"], types), ""])


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true")
    options.add_argument("programs", nargs="+", metavar="PROGRAM")
    options = options.parse_args()
    text = page(options.programs)
    if not options.check:
        PAGE.write_text(text)
    elif not PAGE.exists() or PAGE.read_text() != text:
        sys.exit(f"{PAGE.relative_to(ROOT)}: expected what the tests say, found other text; "
                 "`tools/dev docs` writes it anew")


if __name__ == "__main__":
    main()
