#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Shows what the laws change in a model: kernels and bytes of a token, and its speed.

    effect.py BIN MODEL [--pairs=20] [--against=none]

Kernels and bytes of a token that are neither weights nor cache are counted by the plan. Speeds are
ratios of pairs, in which both artefacts take turns with one thread (tern-bench --against).
"""
import argparse
import json
import pathlib
import re
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


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("tools", type=pathlib.Path)
    words.add_argument("model", type=pathlib.Path)
    words.add_argument("--pairs", type=int, default=20)
    words.add_argument("--against", default="none", help="the laws to compare with")
    words = words.parse_args()
    weights = words.model if words.model.is_dir() else words.model.parent
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
        shown = run(words.tools / "tern-bench", artefacts["real"],
                    f"--against={artefacts[words.against]}", f"--weights={weights}",
                    "--threads=1", f"--repeat={words.pairs}", "--prompt=256", "--max-tokens=127",
                    "--output=json")
        for what, ratio in json.loads(shown)["against"].items():
            print(f"{what}: {ratio['median']:.3f} times as fast ({ratio['quartiles'][0]:.3f} to "
                  f"{ratio['quartiles'][1]:.3f}, {words.pairs} pairs)")


if __name__ == "__main__":
    main()
