#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs RandomGraphs over many seeds, a part of them at a time, and goes on where it was cut off.

    campaign.py --interpreted=1000000 --compiled=20000 BUILD LOG

Seeds are those from 1, or from FIRST for FIRST-LAST. Each part of them meets one engine and one set
of laws, in turn. LOG gets a line a part; parts that it has already are not run again, so a log
belongs to one build. The exit status is 1 if a graph disagrees.
"""
import argparse
import concurrent.futures
import itertools
import os
import pathlib
import re
import subprocess

PART = {"interpreted": 500, "compiled": 100}
KINDS = ["--rules=real", "--rules=bit", "--rules=real --engine=classic",
         "--rules=bit --engine=classic"]
TOTALS = re.compile(r"(\d+) graphs agree, (\d+) have results that are not bounded, (\d+) disagree")


def seeds(text):
    """The first and the last one."""
    first, _, last = text.rpartition("-")
    return int(first or 1), int(last)


def parts(interpreted, compiled, tools):
    for first in range(interpreted[0], interpreted[1] + 1, PART["interpreted"]):
        count = min(PART["interpreted"], interpreted[1] + 1 - first)
        kind = KINDS[first // PART["interpreted"] % len(KINDS)]
        yield f"--graphs={count} --from={first} {kind}"
    for first in range(compiled[0], compiled[1] + 1, PART["compiled"]):
        count = min(PART["compiled"], compiled[1] + 1 - first)
        yield f"--compiled={count} --from={first} --compiler={tools / 'tern-compile'}"


def run(tools, words):
    done = subprocess.run([tools / "RandomGraphs", *words.split()], capture_output=True, text=True)
    lines = done.stdout.splitlines()
    if done.returncode not in (0, 1) or not lines or not TOTALS.fullmatch(lines[-1]):
        return [f"stopped with status {done.returncode}", "0 graphs agree, 0 have results that are "
                "not bounded, 1 disagree"]
    return lines


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("build", type=pathlib.Path)
    words.add_argument("log", type=pathlib.Path)
    words.add_argument("--interpreted", type=seeds, default=(1, 0))
    words.add_argument("--compiled", type=seeds, default=(1, 0))
    words.add_argument("--jobs", type=int, default=os.cpu_count())
    words = words.parse_args()
    tools = words.build.resolve() / "bin"
    words.log.touch()
    known = dict(line.split(": ", 1) for line in words.log.read_text().splitlines() if ": " in line)
    wanted = list(parts(words.interpreted, words.compiled, tools))
    missing = [part for part in wanted if part not in known]
    with (open(words.log, "a", encoding="utf-8") as log,
          concurrent.futures.ThreadPoolExecutor(words.jobs) as pool):
        for part, lines in zip(missing, pool.map(run, itertools.repeat(tools), missing)):
            known[part] = " | ".join(lines)
            print(f"{part}: {known[part]}", file=log, flush=True)
            if len(lines) > 1:
                print(f"{part}: {known[part]}", flush=True)
    totals = [sum(column) for column in
              zip(*(map(int, TOTALS.search(known[part]).groups()) for part in wanted))]
    print("{} graphs agree, {} have results that are not bounded, {} disagree".format(*totals))
    return 1 if totals[2] else 0


if __name__ == "__main__":
    raise SystemExit(main())
