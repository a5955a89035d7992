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
    ["Once upon a time, in a small village by the river,",
     "The expedition left the harbour on the second of May, and",
     "My grandmother kept a notebook of everything that the weather did.",
     "The history of bread begins long before",
     "Dear Anna, I am writing to you from",
     "When the old clock in the town hall stopped,",
     "The mayor looked at the drawings for a long time before he said",
     "In autumn the geese came back to the lake, and the children"],
    ["The first thing that a carpenter learns is",
     "On the train from the coast, a woman in a grey coat",
     "Volcanoes form where",
     "The recipe had been in the family for four generations, and",
     "In the year that the bridge was built,",
     "A good garden starts with",
     "The letter arrived on a Tuesday, and nobody",
     "Long before there were maps of the northern islands,",
     "The doctor put down her bag and asked",
     "To learn a language well, you",
     "The storm came in from the west at noon, and by evening",
     "Economists have argued for years about",
     "The boy who kept bees was",
     "At the bottom of the lake there is",
     "The museum opens at nine, but",
     "When two rivers meet,",
     "The captain's log for that week says only",
     "My brother and I built the boat from",
     "Sleep is one of the things that",
     "The library stood at the end of the street, and",
     "Every winter the road over the pass is closed, so",
     "The painter worked slowly, and",
     "In the market you could buy",
     "The teacher wrote three words on the board:"]]


def write(tools, model):
    texts = []
    for number, beginnings in enumerate(BEGINNINGS):
        found = subprocess.run(
            [tools / "tern-run", model, "--max-tokens=320", "--temperature=0.8", "--top-p=0.95",
             f"--seed={number + 1}", "--ignore-eos", "--output=json",
             *(f"--prompt={beginning}" for beginning in beginnings)],
            check=True, capture_output=True, text=True).stdout
        texts += ["\n\n".join(start + sample["text"]
                              for start, sample in zip(beginnings, json.loads(found))) + "\n"]
    pathlib.Path(__file__).with_name("calibration.txt").write_text("\n".join(texts))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write(*map(pathlib.Path, sys.argv[1:]))
