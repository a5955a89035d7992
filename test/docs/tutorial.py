#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Holds a tutorial to the source that it explains.

    tutorial.py PAGE SOURCE BUILD

Indented lines of PAGE are code: each is a line of SOURCE (`...` stands for any text), or a command of
build/bin, which must succeed in a folder that has BUILD as `build`, and `test`.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def code(text):
    """Indented lines with their numbers."""
    return [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)
            if re.match(r" {4,}\S", line)]


def squeezed(text):
    return re.sub(r"\s+", " ", text)


def is_in(line, source):
    parts = map(re.escape, squeezed(line).split("..."))
    return re.search(".*".join(parts), source) is not None


def run(command, build):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "build").symlink_to(build)
        (pathlib.Path(folder) / "test").symlink_to(ROOT / "test")
        return subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True)


def main():
    page, path = (ROOT / argument for argument in sys.argv[1:3])
    source, problems, commands = squeezed(path.read_text()), [], 0
    for number, line in code(page.read_text()):
        place = f"{page.relative_to(ROOT)}:{number}"
        if line.startswith("build/bin/"):
            commands += 1
            ran = run(line, sys.argv[3])
            if ran.returncode != 0:
                problems.append(f"{place}: the command fails: {ran.stderr.strip()}")
        elif not is_in(line, source):
            problems.append(f"{place}: expected a line of {path.relative_to(ROOT)}, found '{line}'")
    if commands == 0:
        problems.append(f"{page.relative_to(ROOT)}: expected a command to run, found none")
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
