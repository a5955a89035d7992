# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The files that people wrote, and how a check reports what it found."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDERS = ["dialects", "passes", "runtime", "frontend", "tools", "test"]
CXX = {".c", ".cpp", ".h", ".hpp"}
# Made by programs, or data: test/data and corpora of fuzzing.
SKIPPED = ("test/data/", "/corpus/", "/__pycache__/", "/target/", "third_party/")


def files(*endings, folders=FOLDERS):
    """Paths relative to the root, sorted, of the files with one of the endings (or names)."""
    found = []
    for folder in folders:
        for path in (ROOT / folder).rglob("*"):
            name = path.relative_to(ROOT).as_posix()
            wanted = path.suffix in endings or path.name in endings
            if wanted and path.is_file() and not any(part in name for part in SKIPPED):
                found.append(name)
    return sorted(found)


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def blank(match):
    """Spaces in place of the match; its line ends stay, so that lines keep their numbers."""
    return re.sub(r"[^\n]", " ", match[0])


TOKENS = re.compile(
    r"""R"(?P<tag>[^(\s]{0,16})\(.*?\)(?P=tag)"   # raw string
      | "(?:[^"\\\n]|\\.)*"
      | (?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)+'        # a character, not a digit separator
      | //[^\n]*
      | /\*.*?\*/""", re.S | re.X)


def code_of(text):
    """C++ without its comments, strings and characters."""
    return TOKENS.sub(blank, text)


def report(problems, checked):
    """Ends the check: one line a problem, or one that says what was looked at."""
    for problem in problems:
        print(problem)
    print(f"{checked}: {len(problems) or 'no'} problem{'' if len(problems) == 1 else 's'}")
    sys.exit(1 if problems else 0)
