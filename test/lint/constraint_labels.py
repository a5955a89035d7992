#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A constraint's label stands in the operation's description, at the check, and in a test.

In .td a description lists constraints as `- (E1) ...`; the check in .cpp has the comment `// E1`
(several: `// R1, L4`); some test/dialects/X/invalid*.mlir has a function `@<op>_e1` for it, or for a type
or attribute `@<mnemonic>_e1`. Labels that operations share, such as those of a base class, need one
test each.
"""

import re

import tree

DEF = re.compile(r"^(def|class) (\w+)", re.M)
LISTED = re.compile(r"^ *- \(([A-Z]\d+)\)", re.M)
CHECKED = re.compile(r"// ([A-Z]\d+(?:, [A-Z]\d+)*)\s*$", re.M)
TESTED = re.compile(r"^// ([A-Z]\d+(?:, [A-Z]\d+)*):|@\w+?_([a-z]\d+)\b", re.M)


def labels_in(pattern, text):
    found = set()
    for match in pattern.finditer(text):
        for group in match.groups():
            found.update((group or "").upper().replace(" ", "").split(","))
    return found - {""}


def described(text):
    """label -> the definitions whose descriptions list it."""
    owners = {}
    starts = list(DEF.finditer(text))
    for match, following in zip(starts, starts[1:] + [None]):
        part = text[match.start():following.start() if following else len(text)]
        for label in LISTED.findall(part):
            owners.setdefault(label, []).append(match[2])
    return owners


def check(dialect):
    here = f"dialects/{dialect}/IR"
    owners = {}
    for name in tree.files(".td", folders=[here]):
        for label, found in described(tree.read(name)).items():
            owners.setdefault(label, []).extend(found)
    checks = set()
    for name in tree.files(".cpp", ".h", folders=[here]):
        checks |= labels_in(CHECKED, tree.read(name))
    folder = f"test/dialects/{dialect}"
    tests = set()
    for name in tree.files(".mlir", folders=[folder]):
        if "/invalid" in name:
            tests |= labels_in(TESTED, tree.read(name))
    for label in sorted(owners):
        if label not in checks:
            yield f"{here}: ({label}) of {owners[label][0]} stands at no check in a .cpp"
        if label not in tests:
            yield f"{folder}/invalid.mlir: no function for ({label}) of {owners[label][0]}"
    for label in sorted(checks - set(owners)):
        yield f"{here}: a check has the label {label}, which no description lists"
    for label in sorted(tests - set(owners)):
        yield f"{folder}/invalid.mlir: tests the label {label}, which no description lists"


def main():
    dialects = sorted({name.split("/")[1] for name in tree.files(".td", folders=["dialects"])})
    problems = [problem for dialect in dialects for problem in check(dialect)]
    tree.report(problems, f"constraint labels of {', '.join(dialects)}")


if __name__ == "__main__":
    main()
