#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the commands of a page, and holds it to what they say.

    tutorial.py PAGE BUILD [SOURCE]

Indented lines of PAGE are code: a command of BUILD/bin, such as `tern-run ...` or `build/bin/tern-run ...`, or else,
if SOURCE is given, a line of it. Commands run one after the other in a folder that has BUILD as `build`, and `test`;
MODEL (or $model), MODEL.gguf, FILE.mlir and TEXT stand for small ones of the tests. Of fenced blocks,

- one after a line that ends with "`NAME`:" is a file of that name in the folder, a program if it begins with #!;
- ```text after a command is what that says: these lines, in that order, among others;
- ```text error is the same of a command that must fail.

In lines of SOURCE and of what is said, `...` stands for any text, and spaces for any number of spaces.
"""

import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
STANDS_FOR = {"MODEL.gguf": "build/test/data/gguf/llama.f32.gguf", "MODEL": "build/test/data/llama-text",
              "FILE.mlir": "test/tools/tern-explain/Inputs/adapter.mlir", "TEXT": "test/data/real/text.txt"}


@dataclasses.dataclass
class Block:
    """Of a page: a line of code, or what is fenced."""
    line: int
    kind: str  # "code", or what follows the opening fence
    text: str
    before: str = ""  # the last line with text before it

    @property
    def is_command(self):
        return self.kind == "code" and re.match(r"(build/bin/)?tern-\w+ ", self.text)


def blocks(text):
    fence, before = None, ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            if fence:
                yield fence
            fence = None if fence else Block(number, line[3:], "", before)
        elif fence:
            fence.text += line + "\n"
        elif re.match(r" {4,}\S", line):
            yield Block(number, "code", line.strip())
        if line.strip() and not fence:
            before = line


def squeezed(text):
    return re.sub(r"\s+", " ", text.strip())


def pattern(line):
    return ".*".join(map(re.escape, squeezed(line).split("...")))


def is_in(line, source):
    return re.search(pattern(line), source) is not None


def missing(expected, said):
    """The first line that is not said after the ones before it; none if all are."""
    lines = iter(said.splitlines())
    for line in filter(str.strip, expected.splitlines()):
        if not any(re.fullmatch(pattern(line), squeezed(own)) for own in lines):
            return line
    return None


def run(command, build, folder):
    environment = dict(os.environ, HOME=str(folder), PATH=f"{build}/bin:{os.environ['PATH']}",
                       model=STANDS_FOR["MODEL"])
    command = re.sub(rf"\b({'|'.join(map(re.escape, STANDS_FOR))})\b", lambda word: STANDS_FOR[word[0]], command)
    return subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True)


def check(page, build, source, folder):
    """What is wrong with the page, line by line, and how many commands it has."""
    problems, commands, said = [], 0, None
    parts = list(blocks(page.read_text()))
    for at, part in enumerate(parts):
        place = f"{page.relative_to(ROOT)}:{part.line}"
        name = re.search(r"`([\w.-]+)`:$", part.before)
        if part.is_command:
            commands += 1
            said = run(part.text, build, folder)
            must_fail = parts[at + 1:] and parts[at + 1].kind == "text error"
            if (said.returncode != 0) != bool(must_fail):
                problems.append(f"{place}: the command {'runs' if must_fail else 'fails'}: {said.stderr.strip()}")
        elif part.kind == "code":
            if source and not is_in(part.text, source):
                problems.append(f"{place}: expected a line of the source, found '{part.text}'")
        elif part.kind.startswith("text"):
            line = missing(part.text, said.stdout + said.stderr)
            if line is not None:
                problems.append(f"{place}: expected '{line}', found\n{said.stdout}{said.stderr}")
        elif name:
            (folder / name[1]).write_text(part.text)
            if part.text.startswith("#!"):
                (folder / name[1]).chmod(0o755)
    if commands == 0:
        problems.append(f"{page.relative_to(ROOT)}: expected a command to run, found none")
    return problems


def main():
    page, build = ROOT / sys.argv[1], sys.argv[2]
    source = squeezed((ROOT / sys.argv[3]).read_text()) if sys.argv[3:] else None
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "build").symlink_to(build)
        (folder / "test").symlink_to(ROOT / "test")
        problems = check(page, build, source, folder)
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
