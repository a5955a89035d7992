#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each source says its licence first, has at most 600 lines and functions of at most 100, and
leaves nothing to be done later."""

import re

import tree

FILE_LINES = 600
FUNCTION_LINES = 100
SPDX = "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"
LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")  # split, so as not to find itself


def head_of(code, brace):
    """What stands between the last ; { or } and this brace."""
    start = max(code.rfind(mark, 0, brace) for mark in ";{}") + 1
    return code[start:brace]


def is_function(head):
    """True for the head of a function's or a lambda's body, False for types and namespaces."""
    head = head.strip()
    if re.search(r"\b(namespace|class|struct|union|enum|extern)\b[^()]*$", head):
        return False
    return re.search(r"\)[^()=]*$", head) is not None


def functions(code):
    """(first line, last line) of each body that stands outside all others."""
    depth = 0
    outer = None
    for match in re.finditer(r"[{}]", code):
        if match[0] == "{":
            if outer is None and is_function(head_of(code, match.start())):
                outer = depth, code.count("\n", 0, match.start()) + 1
            depth += 1
        else:
            depth -= 1
            if outer is not None and depth == outer[0]:
                yield outer[1], code.count("\n", 0, match.start()) + 1
                outer = None


def main():
    problems = []
    names = tree.files(".td", ".rs", ".py", ".sh", ".toml", ".cmake", ".mlir", ".fbs",
                       "CMakeLists.txt", "dev", *tree.CXX)
    for name in names:
        text = tree.read(name)
        lines = text.splitlines()
        licensed = name.endswith(".mlir") or any(SPDX in line for line in lines[:2])
        if not licensed:
            problems.append(f"{name}:1: expected the line '{SPDX}'")
        if len(lines) > FILE_LINES:
            problems.append(f"{name}: has {len(lines)} lines, expected {FILE_LINES} at most")
        for number, line in enumerate(lines, 1):
            if LATER.search(line):
                problems.append(f"{name}:{number}: leaves work for later: {line.strip()}")
        if not name.endswith(tuple(tree.CXX)):
            continue
        for first, last in functions(tree.code_of(text)):
            if last - first + 1 > FUNCTION_LINES:
                problems.append(f"{name}:{first}: a function of {last - first + 1} lines, "
                                f"expected {FUNCTION_LINES} at most")
    tree.report(problems, f"{len(names)} files")


if __name__ == "__main__":
    main()
