#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Includes go where docs/architecture.md lets them, from folder to folder, and nowhere else.

    frontend -> dialects <- passes        passes/Artefact -> runtime/format <- runtime/src
    tools -> all; tests are free; anything may include its own folder and libraries from outside
"""

import re

import tree

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+["<]([^">]+)[">]', re.M)
TOP = ("dialects", "passes", "runtime", "frontend", "tools", "test")

# From the first folder to the second; the longest match of the first decides.
ALLOWED = {
    "dialects": ["dialects"],
    "frontend": ["frontend", "dialects"],
    "passes": ["passes", "dialects"],
    "passes/Artefact": ["passes", "dialects", "runtime/format"],
    "runtime/include": ["runtime/include"],
    "runtime/example": ["runtime/include"],
    "runtime/format": ["runtime/format", "runtime/include"],
    "runtime/src": ["runtime/src", "runtime/format", "runtime/include"],
    "tools": list(TOP[:-1]),
}


def under(name, folder):
    return name == folder or name.startswith(folder + "/")


def rule_of(name):
    return max((folder for folder in ALLOWED if under(name, folder)), key=len, default=None)


def target_of(name, included):
    """The folder of the tree that an include names, or None if it is from outside."""
    if included.startswith("tern/"):
        return "runtime/include/" + included
    if included.split("/")[0] in TOP:
        return included
    beside = (tree.ROOT / name).parent / included
    if beside.exists():
        return beside.resolve().relative_to(tree.ROOT).as_posix()
    return None


def main():
    problems = []
    names = [name for name in tree.files(".td", *tree.CXX) if not under(name, "test")]
    for name in names:
        text = tree.read(name)
        pattern = INCLUDE
        if name.endswith(".td"):
            pattern = re.compile(r'^[ \t]*include[ \t]+"([^"]+)"', re.M)
        rule = rule_of(name)
        if rule is None:
            problems.append(f"{name}: lies in no folder that has a rule for includes")
            continue
        for match in pattern.finditer(text):
            target = target_of(name, match[1])
            if target is None or any(under(target, folder) for folder in ALLOWED[rule]):
                continue
            line = text.count("\n", 0, match.start()) + 1
            problems.append(f"{name}:{line}: {rule} may include {', '.join(ALLOWED[rule])}, "
                            f"found {match[1]}")
    tree.report(problems, f"includes of {len(names)} files")


if __name__ == "__main__":
    main()
