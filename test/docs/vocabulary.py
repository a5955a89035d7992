#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""docs/vocabulary.md names each word of the laws, no other one, and operations of the dialect."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGE = "docs/vocabulary.md"
OPERATION = re.compile(r"^def Tern_\w+Op\b[^;{]*?<\"(\w+)\"", re.M)
SIDE = re.compile(r"^[ \t]+(?:lhs|rhs)[ \t]+([^;\n]*)", re.M)
LAWS = ("passes/Saturate/rules/*.rules", "test/data/rules/nonlaws.rules")


def words_of_laws():
    words = set()
    for path in (path for pattern in LAWS for path in ROOT.glob(pattern)):
        for side in SIDE.findall(path.read_text(encoding="utf-8")):
            words.update(re.findall(r"\(([^\s()]+)", side))
    return words


def read_page(text):
    """The words, and the operations that they stand for."""
    table = [[cell.strip() for cell in line.split("|")[1:3]]
             for line in text.splitlines() if line.startswith("| `")]
    same = re.search(r"^Words that are the names.*?:(.*?)\n\n", text, re.M | re.S)[1]
    names = re.findall(r"`(\w+)`", same)
    words = names + [word for cell, _ in table for word in re.findall(r"`([^`]+)`", cell)]
    named = re.findall(r"`tern\.(\w+)`", text)
    return words, names + named


def main():
    words, operations = read_page((ROOT / PAGE).read_text(encoding="utf-8"))
    known = {name for path in (ROOT / "dialects/Tern/IR").glob("*.td")
             for name in OPERATION.findall(path.read_text(encoding="utf-8"))}
    used = words_of_laws()
    problems = [f"{PAGE}: lacks the word '{word}' of the laws" for word in sorted(used - set(words))]
    problems += [f"{PAGE}: no law has the word '{word}'" for word in words if word not in used]
    problems += [f"{PAGE}: names '{word}' twice"
                 for word in sorted(set(words)) if words.count(word) > 1]
    problems += [f"{PAGE}: tern.{name} is no operation"
                 for name in operations if name not in known]
    for problem in problems:
        print(problem)
    print(f"{len(words)} words of {len(known)} operations, {len(problems)} problems")
    return 1 if problems or len(used) < 70 else 0


if __name__ == "__main__":
    sys.exit(main())
