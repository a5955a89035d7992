#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes calibration.txt: what SmolLM2 itself writes after these beginnings.

    make_calibration.py BIN MODEL

BIN is the folder of the tools, MODEL the directory that tools/llama_directory.py makes.
"""
import json
import pathlib
import subprocess
import sys

BEGINNINGS = [
    "Once upon a time, in a small village by the river,",
    "The expedition left the harbour on the second of May, and",
    "My grandmother kept a notebook of everything that the weather did.",
    "The history of bread begins long before",
    "Dear Anna, I am writing to you from",
    "When the old clock in the town hall stopped,",
    "The mayor looked at the drawings for a long time before he said",
    "In autumn the geese came back to the lake, and the children"]


def write(tools, model):
    found = subprocess.run(
        [tools / "tern-run", model, "--max-tokens=320", "--temperature=0.8", "--top-p=0.95",
         "--seed=1", "--ignore-eos", "--output=json",
         *(f"--prompt={beginning}" for beginning in BEGINNINGS)],
        check=True, capture_output=True, text=True).stdout
    texts = [beginning + sample["text"] for beginning, sample in zip(BEGINNINGS, json.loads(found))]
    pathlib.Path(__file__).with_name("calibration.txt").write_text("\n\n".join(texts) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write(*map(pathlib.Path, sys.argv[1:]))
