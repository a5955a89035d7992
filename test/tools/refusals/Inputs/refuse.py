# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Gives a bad file to each tool and shows the one sentence that all of them must say."""
import pathlib
import resource
import subprocess
import sys

SECONDS = 1.0  # of computing until the answer; waiting for other processes of a test run is free


def computed():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def ask(folder, tool, *words):
    """(the sentence without the tool's name, what is wrong with it or None)"""
    cache = folder / "cache"
    words = [tool, *words]
    if tool == "tern-run":
        words.append(f"--cache-dir={cache}")
    if tool == "tern-compile":
        words.append(f"-o{folder / 'made.tern'}")
    before = computed()
    done = subprocess.run(words, capture_output=True, text=True, errors="replace", cwd=folder,
                          timeout=30)
    seconds = computed() - before
    lines = done.stderr.splitlines()
    sentence = done.stderr.strip().removeprefix(f"{tool}: ")
    if done.returncode != 1:
        return sentence, f"exit code {done.returncode}"
    if done.stdout:
        return sentence, "something on stdout"
    if len(lines) != 1 or not lines[0].startswith(f"{tool}: "):
        return sentence, f"{len(lines)} lines"
    if seconds > SECONDS:
        return sentence, f"{seconds:.1f} s"
    if list(cache.glob("artefacts/*")) or (folder / "made.tern").exists():
        return sentence, "something compiled"
    return sentence, None


def refuse(case, folder, *words, tools=("tern-dump", "tern-compile", "tern-run"), prompt="--tokens=1"):
    """Asks each tool about words[0], a path in `folder`, and prints `case: sentence`."""
    said = {}
    for tool in tools:
        extra = [prompt] if tool == "tern-run" else []
        sentence, wrong = ask(pathlib.Path(folder), tool, *words, *extra)
        said.setdefault(sentence, []).append(tool if wrong is None else f"{tool} ({wrong})")
    for sentence, told in said.items():
        bad = len(said) > 1 or any("(" in name for name in told)
        print(f"{case}: {sentence}" + (f" <- {', '.join(told)}" if bad else ""))
    sys.stdout.flush()
