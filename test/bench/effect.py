#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Shows what the laws change in a model: kernels and bytes of a token, and its speed.

    effect.py BIN MODEL [--pairs=20] [--against=none]

Kernels and bytes of a token that are neither weights nor cache are counted by the plan. Speeds are
medians of pairs: both artefacts are measured in turn, with one thread, and each pair gives a ratio.
"""
import argparse
import json
import pathlib
import re
import statistics
import subprocess
import tempfile

COUNTS = re.compile(r"launches (\d+) copies (\d+) arena bytes of one token (\d+)")


def run(*words):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True,
                          text=True).stdout


def counts(tools, artefact):
    """Launches and copies of a step, and the bytes between them."""
    plan = run(tools / "tern-dump", artefact, "--plan")
    launches, copies, moved = map(int, COUNTS.search(plan[plan.index("\nprogram step\n"):]).groups())
    return launches + copies, moved


def speeds(tools, artefact, model):
    weights = model if model.is_dir() else model.parent
    shown = json.loads(run(tools / "tern-bench", artefact, f"--weights={weights}", "--threads=1",
                           "--repeat=1", "--prompt=256", "--max-tokens=64", "--output=json"))
    return shown["decode"]["tokens_per_s"], shown["prefill"]["tokens_per_s"]


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("tools", type=pathlib.Path)
    words.add_argument("model", type=pathlib.Path)
    words.add_argument("--pairs", type=int, default=20)
    words.add_argument("--against", default="none", help="the laws to compare with")
    words = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        artefacts = {}
        for rules in (words.against, "real"):
            artefacts[rules] = pathlib.Path(folder, f"{rules}.tern")
            run(words.tools / "tern-compile", words.model, f"--rules={rules}", "-o",
                artefacts[rules])
        (launches, moved), (fewer, less) = (counts(words.tools, path)
                                            for path in artefacts.values())
        print(f"kernels of a token {launches} to {fewer}, bytes {moved} to {less} "
              f"({100 * (less / moved - 1):+.1f} %)", flush=True)
        ratios = []
        for pair in range(words.pairs):
            order = list(artefacts) if pair % 2 else list(artefacts)[::-1]
            found = {rules: speeds(words.tools, artefacts[rules], words.model) for rules in order}
            ratios.append([new / old for new, old in zip(found["real"], found[words.against])])
        for what, values in zip(("decoding", "a prompt"), zip(*ratios)):
            quarters = statistics.quantiles(values, n=4)
            print(f"{what}: {statistics.median(values):.3f} times as fast "
                  f"({quarters[0]:.3f} to {quarters[2]:.3f}, {words.pairs} pairs)")


if __name__ == "__main__":
    main()
