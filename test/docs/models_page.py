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

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = ROOT / "test/data/models"
PAGE = ROOT / "docs/models.md"

HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception -->
<!-- Written by `tools/dev docs` from the tests; the test docs-models keeps it so. -->
# Models that run

A row is a small model with random weights in `test/data/models`, whose logits an established library or a paper's formula
gave. A column is a suite of tests in `test/integration`, a cell what it shows of the model:

- Family Reference and Paper Reference: the model's graph in f64, within 1e-6 and 1e-10 of the largest logit
- Family Same Model: the model as a GGUF file (`test/data/gguf`) is the same as the Hugging Face directory, within 1e-6
- Quantised Model: weights that a directory holds in parts, to the bit by their method's formula; the graph in f64 within 1e-6
- Storage Type: compiled against the graph in f64, both with the roundings of `--numerics=fast` and without
- Decoder Golden: compiled for the processor at hand with `--numerics=exact`, within 2e-4
- Encoder Golden, Encoder Decoder Golden: references within 1e-6 and compiled code within 2e-4, of hidden states too

Real models are checked in full (`test/integration/*/RealModelTest.cpp`): SmolLM2 135M and, on request (`tools/dev gemma`),
Gemma 3 270M by each tensor's bits, logits within 1e-3 of the f64 reference, greedy tokens, the mean loss on a text and all
strings' tokens; MiniLM by its embeddings within 1e-5 and, as a GGUF file, to the bit.
"""


def parameters(program):
    """(suite, test, parameter) of each test that has one."""
    listed = subprocess.run([program, "--gtest_list_tests"], check=True, capture_output=True, text=True)
    suite = ""
    for line in listed.stdout.splitlines():
        if not line.startswith(" "):
            suite = line.strip().rstrip(".").split("/")[-1]
        elif found := re.match(r'\s+(\w+)/\S+\s+# GetParam\(\) = "?([\w.-]+)', line):
            yield suite, found[1], found[2]


def words(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)


def family(model):
    return json.loads((MODELS / model / "config.json").read_text())["model_type"]


def table(head, rows):
    """`rows`: {first cells: {suite: tests}}; a column for each suite."""
    suites = sorted({suite for tests in rows.values() for suite in tests})
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
    return "\n".join([HEAD, table(["model", "family"], models), "", "## Types of weights", "",
                      table(["type", "model"], types), ""])


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
