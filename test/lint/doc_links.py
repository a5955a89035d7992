#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Links between pages lead somewhere, and files of the tree that a page names are there."""

import re

import tree

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
# `passes/CPU`, `test/data/fetch_models.sh`; with a * or {, any match will do.
NAMED = re.compile(r"`((?:dialects|passes|runtime|frontend|tools|test|docs)/[\w./*{}-]+)`")


def main():
    problems = []
    pages = sorted(tree.ROOT.glob("*.md")) + sorted((tree.ROOT / "docs").rglob("*.md"))
    for page in pages:
        name = page.relative_to(tree.ROOT)
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
            for target in LINK.findall(line):
                if "://" not in target and not (page.parent / target).exists():
                    problems.append(f"{name}:{number}: links to {target}, which is not there")
            for target in NAMED.findall(line):
                if not any(tree.ROOT.glob(target.rstrip("/"))):
                    problems.append(f"{name}:{number}: names {target}, which is not there")
    tree.report(problems, f"{len(pages)} pages")


if __name__ == "__main__":
    main()
